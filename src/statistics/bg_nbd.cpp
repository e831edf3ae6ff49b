#include "statistics/bg_nbd.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/check.hpp"

namespace guanxi {
namespace {

void check_history(const PurchaseHistory& history) {
  GUANXI_CHECK(history.recency_days >= 0 && history.recency_days <= history.age_days &&
                   std::isfinite(history.age_days),
               "0 <= recency <= age");
  GUANXI_CHECK(history.repeat_purchases > 0 || history.recency_days == 0,
               "recency counts from the first purchase to a later one");
}

/// log of (odds of having left), for x > 0: a / (b+x-1) * ((alpha+T) / (alpha+t_x))^(r+x).
double log_odds_left(const BgNbd::Parameters& p, const PurchaseHistory& h) {
  const double x = h.repeat_purchases;
  return std::log(p.a / (p.b + x - 1)) +
         (p.r + x) * std::log1p((h.age_days - h.recency_days) / (p.alpha_days + h.recency_days));
}

/// Means over a negative binomial count M, P(M = m) ~ (shape)_m z^m / m!, of G(M), where G(n) sums
/// the chances of still being there for each of n purchases: (b')_i / (a+b')_i, i < n. All terms
/// are positive. Weights are kept unnormalised and scaled down together, so nothing underflows.
double mean_purchases_while_alive(double shape, double z, double a, double b) {
  double weight = 1;
  double weights = 1;
  double stays = 1;
  double purchases = 0;
  double sum = 0;
  for (double m = 0;; m += 1) {
    purchases += stays;
    stays *= (b + m) / (a + b + m);
    weight *= z * (shape + m) / (m + 1);
    weights += weight;
    sum += weight * purchases;
    const double ratio = std::max(z, z * (shape + m + 1) / (m + 2));
    if (ratio < 1 && weight * ratio * (purchases + 1 / (1 - ratio)) < 1e-16 * (1 - ratio) * sum) {
      return sum / weights;
    }
    if (weights > 1e200) {
      weight *= 1e-200;
      weights *= 1e-200;
      sum *= 1e-200;
    }
  }
}

}  // namespace

Result<BgNbd> BgNbd::create(const Parameters& parameters) {
  const struct {
    const char* name;
    double value;
  } named[] = {{"r", parameters.r},
               {"alpha_days", parameters.alpha_days},
               {"a", parameters.a},
               {"b", parameters.b}};
  for (const auto& parameter : named) {
    if (!std::isfinite(parameter.value) || parameter.value <= 0) {
      return fail(ErrorCode::invalid, std::string("BG/NBD: ") + parameter.name + " is " +
                                          std::to_string(parameter.value) +
                                          ", must be finite and above 0");
    }
  }
  return BgNbd(parameters);
}

double BgNbd::probability_alive(const PurchaseHistory& history) const {
  check_history(history);
  if (history.repeat_purchases == 0) {
    return 1;
  }
  return 1 / (1 + std::exp(log_odds_left(parameters_, history)));
}

double BgNbd::expected_purchases(const PurchaseHistory& history, double horizon_days) const {
  GUANXI_CHECK(horizon_days >= 0 && std::isfinite(horizon_days), "horizon_days >= 0");
  const double alive = probability_alive(history);
  if (horizon_days == 0 || alive == 0) {
    return 0;
  }
  const double x = history.repeat_purchases;
  const double z = horizon_days / (parameters_.alpha_days + history.age_days + horizon_days);
  return alive * mean_purchases_while_alive(parameters_.r + x, z, parameters_.a, parameters_.b + x);
}

double BgNbd::expected_purchases_of_newcomer(double days) const {
  return expected_purchases(PurchaseHistory{}, days);
}

double BgNbd::probability_of(std::uint32_t purchases, double days) const {
  GUANXI_CHECK(days >= 0 && std::isfinite(days), "days >= 0");
  const auto& [r, alpha, a, b] = parameters_;
  const double z = days / (alpha + days);
  const double log_left = -r * std::log1p(days / alpha);  // log P(no arrival)
  // log P(arrivals = n) and log P(stayed after each of n).
  double log_arrivals = log_left;
  double log_stayed = 0;
  for (std::uint32_t i = 0; i < purchases; ++i) {
    log_arrivals += std::log(z * (r + i) / (i + 1.0));
    log_stayed += std::log((b + i) / (a + b + i));
  }
  double probability = std::exp(log_arrivals + log_stayed);
  if (purchases == 0 || z == 0) {
    return purchases == 0 ? probability : 0;
  }
  // They left after the last of n purchases, whatever number n or more would have arrived.
  double term = 1;
  double at_least = 1;
  for (std::uint32_t n = purchases; n < 1'000'000'000; ++n) {
    const double m = n;
    term *= z * (r + m) / (m + 1);
    at_least += term;
    const double ratio = std::max(z, z * (r + m + 1) / (m + 2));
    if (ratio < 1 && term * ratio < 1e-16 * (1 - ratio) * at_least) {
      break;
    }
  }
  const double log_leaves_at_last = log_stayed + std::log(a / (b + purchases - 1));
  probability += std::exp(log_leaves_at_last + log_arrivals + std::log(at_least));
  return probability;
}

double BgNbd::log_likelihood(const PurchaseHistory& history) const {
  check_history(history);
  const auto& [r, alpha, a, b] = parameters_;
  const std::uint32_t x = history.repeat_purchases;
  double result =
      -r * std::log1p(history.age_days / alpha) - x * std::log(alpha + history.age_days);
  for (std::uint32_t i = 0; i < x; ++i) {
    result += std::log((r + i) * ((b + i) / (a + b + i)));
  }
  if (x > 0) {
    const double odds = log_odds_left(parameters_, history);
    result += odds > 0 ? odds + std::log1p(std::exp(-odds)) : std::log1p(std::exp(odds));
  }
  return result;
}

}  // namespace guanxi
