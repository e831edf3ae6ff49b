#pragma once

#include "statistics/customer_value.hpp"

namespace guanxi {

/// Mean and variance alone of what one customer will still pay, of the models as they are found:
/// what sums over people need, at a hundredth of the cost of own_value().
///
/// Place     Brand's sums, and those of the people whom somebody brought.
/// Errors    None: REQUIRES models.spend.has_mean().
/// Threads   A pure function.
struct ValueMoments {
  double mean = 0;
  double variance = 0;
};
[[nodiscard]] ValueMoments value_moments(const ValueModels& models, const PurchaseHistory& history,
                                         const SpendHistory& spend, const ValueSpan& span);

}  // namespace guanxi
