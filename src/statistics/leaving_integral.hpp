#pragma once

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>

namespace guanxi {

/// The one integral of the Pareto/NBD likelihood:
///
///   s * int_{t_x}^{T} ((alpha+t_x)/(alpha+u))^(r+x) ((beta+t_x)/(beta+u))^(s+1) du / (beta+t_x)
///
/// as J, with means over it that give the slopes. With v = (alpha+t_x)/(alpha+u) = exp(-y) and
/// m = r+x+s it is s (alpha+t_x)^... int exp(-m y) q(y)^-(s+1) dy, q(y) = (alpha+t_x + (beta-alpha)
/// v)/(beta+t_x): smooth in y, with its nearest singularity at distance pi from the real line, and
/// gone beyond m y = 40. So one Gauss-Legendre rule over [0, min(Y, 40/m)] is exact to rounding.
///
/// Place       Only pareto_nbd*.cpp include this.
/// Invariants  All terms are positive.
/// Threads     Functions of their arguments.
struct LeavingIntegral {
  double value = 0;               ///< J
  double mean_y = 0;              ///< of y = log((alpha+u)/(alpha+t_x)) over the integrand
  double mean_log_q = 0;          ///< of log((beta+u)/(beta+t_x))
  double mean_inverse_alpha = 0;  ///< of 1/(alpha+u)
  double mean_inverse_beta = 0;   ///< of 1/(beta+u)
};

struct LeavingTimes {
  double alpha_last = 0;   ///< alpha + t_x
  double beta_last = 0;    ///< beta + t_x
  double log_silence = 0;  ///< Y = log((alpha+T)/(alpha+t_x))
};

template <unsigned kNodes>
[[nodiscard]] LeavingIntegral integrate_leaving(double count, double s, const LeavingTimes& t) {
  using Rule = boost::math::quadrature::gauss<double, kNodes>;
  const double m = count + s;
  const double half = std::min(t.log_silence, 40 / m) / 2;
  const double difference = t.beta_last - t.alpha_last;  // beta - alpha
  const double inverse_beta_last = 1 / t.beta_last;
  LeavingIntegral sums;
  const auto add = [&](double y, double weight) {
    const double v = std::exp(-y);
    const double q = (t.alpha_last + difference * v) * inverse_beta_last;
    const double log_q = std::log(q);
    const double term = weight * std::exp(-m * y - (s + 1) * log_q);
    sums.value += term;
    sums.mean_y += term * y;
    sums.mean_log_q += term * (log_q + y);
    sums.mean_inverse_alpha += term * v;
    sums.mean_inverse_beta += term * v / q;
  };
  for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
    const double x = Rule::abscissa()[i];
    add(half * (1 + x), Rule::weights()[i]);
    if (x != 0) {
      add(half * (1 - x), Rule::weights()[i]);
    }
  }
  const double inverse = sums.value > 0 ? 1 / sums.value : 0;
  sums.mean_y *= inverse;
  sums.mean_log_q *= inverse;
  sums.mean_inverse_alpha *= inverse / t.alpha_last;
  sums.mean_inverse_beta *= inverse * inverse_beta_last;
  sums.value *= half * s * t.alpha_last * inverse_beta_last;
  return sums;
}

}  // namespace guanxi
