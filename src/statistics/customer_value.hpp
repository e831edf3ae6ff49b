#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "statistics/beta_geometric.hpp"
#include "statistics/gamma_gamma.hpp"

namespace guanxi {

/// How far ahead purchases count, and what a year takes off them.
struct ValueSpan {
  double days = 365;
  double discount_per_year = 0.1;
};

/// Purchases expected in the next `span.days`, each quarter's discounted from its middle.
[[nodiscard]] double present_purchases(const BetaGeometric& model, const PurchaseHistory& history,
                                       const ValueSpan& span);
/// What discounting leaves of the purchases expected: in (0, 1].
[[nodiscard]] double discount_left(const BetaGeometric& model, const PurchaseHistory& history,
                                   const ValueSpan& span);

/// A buying and a spending model together, as they were found: with what is not known of them.
struct ValueModels {
  BetaGeometric purchases;
  std::vector<double> purchases_covariance;  ///< of log r, log alpha, log a, log b; may be empty
  GammaGamma spend;
  std::vector<double> spend_covariance;  ///< of log p, log q, log v; may be empty
};

/// The models at places around the ones found, of equal weight, that have the mean and the
/// covariance of what was found: averages over them contain what is not known of the parameters.
/// One place, the models themselves, when a covariance is not known.
/// Source  Julier & Uhlmann (2004), Proceedings of the IEEE 92(3), 401-422: sigma points.
[[nodiscard]] std::vector<ValueModels> around(const ValueModels& models);

/// What one customer will still pay, discounted.
struct OwnValue {
  double mean = 0;      ///< expected purchases, discounted, times expected spend
  double variance = 0;  ///< of the customer themselves and of the parameters
  double least = 0;     ///< of the equal-tailed interval
  double most = 0;
  double none = 0;  ///< the chance of not a single purchase
};

/// Place     The value panel of a person.
/// Assumes   Purchases by `models.purchases`; their spends by `models.spend`, independent of them.
/// Units     Money in the unit of the spend; times in days.
/// Accuracy  The interval holds `within` of the predictive mixture over the number of purchases and
///           the spend of each (exact for the models; discounting enters as one factor), averaged
///           over around(models). Beyond 96 purchases neighbouring numbers are taken together.
/// Errors    None: REQUIRES models.spend.has_mean() and 0 < within < 1.
[[nodiscard]] OwnValue own_value(const ValueModels& models, const PurchaseHistory& history,
                                 const SpendHistory& spend, const ValueSpan& span,
                                 double within = 0.9);

/// An interval of a sum of independent values of this mean and variance: that of the Gamma
/// of these two, which like them is never below 0.
struct SumInterval {
  double least = 0;
  double most = 0;
};
[[nodiscard]] SumInterval sum_interval(double mean, double variance, double within = 0.9);

}  // namespace guanxi
