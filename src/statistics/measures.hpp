#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace guanxi {

/// How well a score orders people by what they did afterwards. Every measure depends on the pairs
/// (score, outcome) as a set: equal scores share their midrank, so the order of people is no
/// matter.
///
/// Units   Ranks run from 1 (smallest). AUC and shares are 0..1, Spearman -1..1.
/// Errors  A measure that is not defined (one class only, a constant) is absent, never 0 or NaN.
///         Spans of different lengths or values that are not finite are the caller's bug.
/// Source  Midranks: Lehmann (1975), Nonparametrics. AUC as the Mann-Whitney statistic: Hanley &
///         McNeil (1982), Radiology 143(1), 29-36. Quantiles: Hyndman & Fan (1996), The American
///         Statistician 50(4), definition 7.

/// Rank of each value among all; equal values share the mean of their ranks. O(n log n).
[[nodiscard]] std::vector<double> midranks(std::span<const double> values);

/// The chance that somebody who did has a higher score than somebody who did not; a tie is half.
[[nodiscard]] std::optional<double> auc(std::span<const double> scores,
                                        std::span<const std::uint8_t> happened);

/// Correlation of midranks.
[[nodiscard]] std::optional<double> spearman(std::span<const double> a, std::span<const double> b);

/// What people around us use: midrank by newness of the last order, plus that by number of orders,
/// plus that by money. Higher is better in all three.
[[nodiscard]] std::vector<double> rfm_rank_sums(std::span<const double> last_order_day,
                                                std::span<const double> orders,
                                                std::span<const double> money);

/// The value below which `share` of the values lie, interpolated. REQUIRES values, 0 <= share <= 1.
[[nodiscard]] double quantile(std::span<const double> values, double share);

/// Some of the people, next to each other by score, and what became of them.
struct CalibrationBin {
  std::uint64_t people = 0;
  double score_least = 0;
  double score_most = 0;
  double score_mean = 0;
  double share_happened = 0;
};

/// People cut by score into `bins` parts as equal as ties allow: equal scores stay together. From
/// lowest to highest; empty parts are left out.
[[nodiscard]] std::vector<CalibrationBin> calibration_bins(std::span<const double> scores,
                                                           std::span<const std::uint8_t> happened,
                                                           std::uint32_t bins = 10);

}  // namespace guanxi
