#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// The chance that something happens, as a function of features: a logistic regression.
///
/// Place       How likely each line of a person's needs is, learned from what people did before.
/// Assumes     The logarithm of the odds is linear in the features; rows do not depend on each
///             other.
/// Method      Newton's steps, halved where the likelihood would fall, on features brought to mean
/// 0
///             and deviation 1, with a ridge of 1 on each weight (so that a feature that tells all
///             alone has a finite one).
/// Invariants  Same rows in the same order: the same weights.
/// Errors      fit: invalid when it never happened, or always, or a feature is not finite; or when
///             50 steps do not settle it.
/// Source      Hastie, Tibshirani & Friedman (2009), "The Elements of Statistical Learning", 4.4.1.
/// Threads     A value.
class ChanceModel {
 public:
  /// `rows`: one after the other, `columns` numbers each.
  [[nodiscard]] static Result<ChanceModel> fit(std::span<const double> rows, std::size_t columns,
                                               std::span<const std::uint8_t> happened);
  /// REQUIRES as many numbers as there were columns.
  [[nodiscard]] double chance(std::span<const double> row) const;
  /// By column, for features as they are.
  [[nodiscard]] std::span<const double> weights() const { return weights_; }
  [[nodiscard]] double constant() const { return constant_; }

 private:
  std::vector<double> weights_;
  double constant_ = 0;
};

/// What is expected of a count, and how far it may be off.
struct CountForecast {
  double mean = 0;
  double variance = 0;
  double least = 0;  ///< the interval holds with the chance asked for
  double most = 0;
};
/// With an interval of the gamma law of that mean and variance, which is never below 0 and leans as
/// counts do. REQUIRES mean >= 0, variance >= 0, 0 < within < 1.
[[nodiscard]] CountForecast count_forecast(double mean, double variance, double within = 0.8);

/// The sum of the next `weeks_ahead` weeks from those before, oldest first: a mean whose weights
/// halve every `half_life_weeks`; the spread is that of the weeks around it, at least that of
/// counts, and the mean's own doubt. No season, no trend beyond the halving. Without weeks: 0.
[[nodiscard]] CountForecast next_weeks(std::span<const double> weeks, double weeks_ahead,
                                       double half_life_weeks = 4);

}  // namespace guanxi
