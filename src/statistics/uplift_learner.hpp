#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "statistics/regression.hpp"

namespace guanxi {

/// How the effect of a treatment on one person is learned from people treated by chance.
enum class UpliftMethod : std::uint8_t {
  two_models,  ///< T-learner: a mean of the treated, a mean of the others, their difference
  crossed      ///< X-learner: effects imputed by the other group's mean, learned, and weighed
};

/// Whom does a contact move, by features?
///
/// Place       Who is worth a contact; the truth page compares the two.
/// Assumes     Treatment by chance with one share for everybody.
/// Errors      fit: invalid when a group has fewer than 50 people; those of Regression.
/// Source      Kuenzel, Sekhon, Bickel & Yu (2019), "Metalearners for estimating heterogeneous
///             treatment effects using machine learning", PNAS 116(10), 4156-4165.
/// Threads     One owner.
class UpliftLearner {
 public:
  [[nodiscard]] static Result<UpliftLearner> fit(UpliftMethod method, RegressionBase base,
                                                 const Features& features,
                                                 std::span<const double> outcome,
                                                 std::span<const std::uint8_t> treated);
  /// The change of the outcome by the treatment, one number a row.
  [[nodiscard]] Result<std::vector<double>> predict(const Features& features) const;

 private:
  UpliftLearner(Regression of_treated, Regression of_untreated, double weight_treated,
                double weight_untreated)
      : of_treated_(std::move(of_treated)),
        of_untreated_(std::move(of_untreated)),
        weight_treated_(weight_treated),
        weight_untreated_(weight_untreated) {}
  Regression of_treated_;
  Regression of_untreated_;
  double weight_treated_;
  double weight_untreated_;
};

}  // namespace guanxi
