#include "statistics/pareto_nbd.hpp"

#include <boost/math/quadrature/exp_sinh.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <string>

#include "base/check.hpp"
#include "statistics/leaving_integral.hpp"
#include "statistics/parameters.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

constexpr unsigned kNodes = 36;

/// (1 - exp(-y)) / y, 1 at y = 0.
double mean_decay(double y) { return y == 0 ? 1 : -std::expm1(-y) / y; }

/// log P(M = n), M negative binomial: log (shape)_n/n! + n log z + shape log(1-z).
double log_negative_binomial(std::uint32_t n, double shape, double log_z, double log_not_z) {
  return std::lgamma(shape + n) - std::lgamma(shape) - std::lgamma(n + 1.0) + n * log_z +
         shape * log_not_z;
}

}  // namespace

Result<ParetoNbd> ParetoNbd::create(const Parameters& parameters) {
  GUANXI_TRY_VOID(all_above_zero("Pareto/NBD", {{"r", parameters.r},
                                                {"alpha_days", parameters.alpha_days},
                                                {"s", parameters.s},
                                                {"beta_days", parameters.beta_days}}));
  return ParetoNbd(parameters);
}

double ParetoNbd::log_odds_left(const PurchaseHistory& history) const {
  const auto& [r, alpha, s, beta] = parameters_;
  const double count = r + history.repeat_purchases;
  const double silence = history.age_days - history.recency_days;
  const double log_silence = std::log1p(silence / (alpha + history.recency_days));
  const LeavingTimes times{.alpha_last = alpha + history.recency_days,
                           .beta_last = beta + history.recency_days,
                           .log_silence = log_silence};
  return std::log(integrate_leaving<kNodes>(count, s, times).value) + count * log_silence +
         s * std::log1p(silence / times.beta_last);
}

double ParetoNbd::probability_alive(const PurchaseHistory& history) const {
  check_history(history);
  return 1 / (1 + std::exp(log_odds_left(history)));
}

double ParetoNbd::expected_purchases(const PurchaseHistory& history, double horizon_days) const {
  GUANXI_CHECK(horizon_days >= 0 && std::isfinite(horizon_days), "horizon_days >= 0");
  const auto& [r, alpha, s, beta] = parameters_;
  const double log_growth = std::log1p(horizon_days / (beta + history.age_days));
  const double days_alive =
      (beta + history.age_days) * log_growth * mean_decay((s - 1) * log_growth);
  return probability_alive(history) * (r + history.repeat_purchases) / (alpha + history.age_days) *
         days_alive;
}

double ParetoNbd::probability_of(const PurchaseHistory& history, std::uint32_t purchases,
                                 double horizon_days) const {
  GUANXI_CHECK(horizon_days >= 0 && std::isfinite(horizon_days), "horizon_days >= 0");
  const double alive = probability_alive(history);
  if (horizon_days == 0) {
    return purchases == 0 ? 1 : 0;
  }
  const double shape = parameters_.r + history.repeat_purchases;
  const double alpha = parameters_.alpha_days + history.age_days;
  const double beta = parameters_.beta_days + history.age_days;
  const double s = parameters_.s;
  const auto bought_by = [&](double days) {
    return log_negative_binomial(purchases, shape, std::log(days / (alpha + days)),
                                 -std::log1p(days / alpha));
  };
  const auto leaves_at = [&](double days) {
    return days <= 0 ? (purchases == 0 ? s / beta : 0)
                     : std::exp(bought_by(days) - (s + 1) * std::log1p(days / beta)) * s / beta;
  };
  const double stays = std::exp(bought_by(horizon_days) - s * std::log1p(horizon_days / beta));
  const double leaves = boost::math::quadrature::gauss_kronrod<double, 31>::integrate(
      leaves_at, 0.0, horizon_days, 12, 1e-12);
  return (purchases == 0 ? 1 - alive : 0) + alive * (stays + leaves);
}

double ParetoNbd::discounted_purchases(const PurchaseHistory& history, double rate_per_day) const {
  GUANXI_CHECK(rate_per_day > 0 && std::isfinite(rate_per_day), "rate_per_day > 0");
  const double s = parameters_.s;
  const double unit_days = parameters_.beta_days + history.age_days;
  const double decay = rate_per_day * unit_days;
  boost::math::quadrature::exp_sinh<double> integrator;
  const double days = unit_days * integrator.integrate([&](double y) {
    return std::exp(-decay * y - s * std::log1p(y));
  });
  return probability_alive(history) * (parameters_.r + history.repeat_purchases) /
         (parameters_.alpha_days + history.age_days) * days;
}

double ParetoNbd::log_likelihood(const PurchaseHistory& history) const {
  check_history(history);
  const auto& [r, alpha, s, beta] = parameters_;
  const std::uint32_t x = history.repeat_purchases;
  double result = -r * std::log1p(history.age_days / alpha) -
                  x * std::log(alpha + history.age_days) - s * std::log1p(history.age_days / beta) +
                  softplus(log_odds_left(history));
  for (std::uint32_t i = 0; i < x; ++i) {
    result += std::log(r + i);
  }
  return result;
}

}  // namespace guanxi
