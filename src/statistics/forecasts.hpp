#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace guanxi {

/// How good a forecast was, against what came: errors, calibration, and what a ranking catches.
///
/// Units   Those of the forecast: purchases, money, or chances.
/// Errors  Spans of different lengths and values that are not finite are the caller's bug. What is
///         not defined is absent, never 0 or NaN.
/// Place   people/validation, docs/statistics.
/// Threads Pure functions.
/// Source  Interval of an AUC: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837-845,
///         on the logit scale. Interval of a share: Wilson (1927), JASA 22(158), 209-212. Score of
///         a chance: Brier (1950), Monthly Weather Review 78(1), 1-3.

/// A figure and its 95 % interval.
struct Bounded {
  double value = 0;
  double least = 0;
  double most = 0;
};

/// The AUC of a score. Absent when all or none did. Where nobody is out of order the interval is
/// that of the rule of three: 1 down to 1 - 3/n of the smaller class.
[[nodiscard]] std::optional<Bounded> bounded_auc(std::span<const double> scores,
                                                 std::span<const std::uint8_t> happened);

/// Wilson's interval of a share. Nobody: 0, from 0 to 1.
[[nodiscard]] Bounded bounded_share(double happened, double of);

/// A forecast of an amount beside the amounts that came.
struct ForecastErrors {
  double mean_absolute = 0;
  double root_mean_square = 0;
  double bias = 0;  ///< mean of forecast minus what came
  double forecast_sum = 0;
  double actual_sum = 0;
  std::optional<double> correlation;  ///< Pearson's; absent when either is constant
};
/// Nobody: all 0.
[[nodiscard]] ForecastErrors forecast_errors(std::span<const double> forecast,
                                             std::span<const double> actual);

/// A chance beside whether it happened.
struct ChanceErrors {
  double brier = 0;     ///< mean squared difference: 0 is perfect
  double log_loss = 0;  ///< mean of -log of the chance given to what came; chances kept 1e-12 off
                        ///< 0 and 1, so that one bold mistake counts 27.6 and not everything
};
[[nodiscard]] ChanceErrors chance_errors(std::span<const double> chances,
                                         std::span<const std::uint8_t> happened);

/// The part of `parts`, 0 for the lowest, that each falls in when all are cut by score into parts
/// as equal as ties allow: equal scores stay together. REQUIRES 0 < parts <= 255.
[[nodiscard]] std::vector<std::uint8_t> parts_by_score(std::span<const double> scores,
                                                       std::uint32_t parts);

/// One part of the people: what was foretold of them and what came.
struct ForecastPart {
  std::uint8_t part = 0;
  std::uint64_t people = 0;
  double forecast = 0;  ///< mean
  Bounded actual;       ///< mean; the interval from their own spread
};
/// Parts that have people, lowest first. REQUIRES spans of one length.
[[nodiscard]] std::vector<ForecastPart> forecast_parts(std::span<const std::uint8_t> parts,
                                                       std::span<const double> forecast,
                                                       std::span<const double> actual);
/// The same for chances: `actual` is a share with Wilson's interval.
[[nodiscard]] std::vector<ForecastPart> chance_parts(std::span<const std::uint8_t> parts,
                                                     std::span<const double> chances,
                                                     std::span<const std::uint8_t> happened);

/// What the best by score hold of an amount.
struct Catch {
  std::uint8_t part = 0;    ///< this part and all above it
  double people_share = 0;  ///< of all people
  double caught_share = 0;  ///< of the whole amount; lift is caught_share / people_share
};
/// From the highest part down to all of them. Empty when there is nothing to catch.
[[nodiscard]] std::vector<Catch> catches(std::span<const std::uint8_t> parts,
                                         std::span<const double> amounts);

}  // namespace guanxi
