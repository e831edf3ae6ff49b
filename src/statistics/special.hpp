#pragma once

#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace guanxi {

/// Small functions that several models need, each stable where its formula is not.
///
/// Place       The models of this room.
/// Threads     Functions of their arguments.

/// log(1 + exp(x)).
[[nodiscard]] inline double softplus(double x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

/// 1 / (1 + exp(-x)).
[[nodiscard]] inline double logistic(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

/// The share of a standard normal below z.
[[nodiscard]] inline double normal_below(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

/// Its inverse. REQUIRES 0 < share < 1.
[[nodiscard]] inline double normal_quantile(double share) {
  return -std::sqrt(2.0) * boost::math::erfc_inv(2 * share);
}

/// What a gamma variable of this shape and rate 1 exceeds with probability `tail`, in (0, 1).
[[nodiscard]] inline double gamma_exceeded(double shape, double tail) {
  return boost::math::gamma_q_inv(shape, tail);
}

}  // namespace guanxi
