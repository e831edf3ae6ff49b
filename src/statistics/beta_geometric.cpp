#include "statistics/beta_geometric.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.hpp"
#include "statistics/parameters.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

/// A negative binomial count M, P(M = m) ~ (shape)_m z^m / m!, walked upwards from m = `first`.
/// Weights are relative to the first; who sums many scales them down together with the sum, so
/// nothing overflows.
class Arrivals {
 public:
  Arrivals(double shape, double z, double first = 0) : shape_(shape), z_(z), m_(first) {}
  [[nodiscard]] double weight() const { return weight_; }
  void next() {
    weight_ *= z_ * (shape_ + m_) / (m_ + 1);
    m_ += 1;
  }
  /// The next weight over this one, or what later such ratios stay below.
  [[nodiscard]] double ratio() const { return std::max(z_, z_ * (shape_ + m_) / (m_ + 1)); }
  void scale(double factor) { weight_ *= factor; }

 private:
  double shape_;
  double z_;
  double m_;
  double weight_ = 1;
};

/// E[G(floor((j + M) / k))], where G(n) sums the chances of still being there for each of n
/// purchases: (b)_i / (a+b)_i, i < n. All terms are positive.
double mean_purchases_while_alive(Arrivals arrivals, std::uint32_t done, std::uint32_t stages,
                                  double a, double b) {
  double weights = 0;
  double stays = 1;
  double purchases = 0;
  double sum = 0;
  double bought = 0;
  for (std::uint32_t stage = done;;) {
    weights += arrivals.weight();
    sum += arrivals.weight() * purchases;
    const double ratio = arrivals.ratio();
    if (ratio < 1 && purchases > 0 &&
        arrivals.weight() * ratio * (purchases + 1 / (1 - ratio)) < 1e-16 * (1 - ratio) * sum) {
      return sum / weights;
    }
    arrivals.next();
    if (++stage == stages) {
      stage = 0;
      purchases += stays;
      stays *= (b + bought) / (a + b + bought);
      bought += 1;
    }
    if (arrivals.weight() == 0) {
      return sum / weights;
    }
    if (weights > 1e200) {
      arrivals.scale(1e-200);
      weights *= 1e-200;
      sum *= 1e-200;
    }
  }
}

/// log P(first <= M <= last); `last` may be kNoEnd.
constexpr std::uint64_t kNoEnd = UINT64_MAX;
double log_probability_between(double shape, double z, std::uint64_t first, std::uint64_t last) {
  double log_first = shape * std::log1p(-z);
  for (std::uint64_t i = 0; i < first; ++i) {
    const auto m = static_cast<double>(i);
    log_first += std::log(z * (shape + m) / (m + 1));
  }
  Arrivals arrivals(shape, z, static_cast<double>(first));
  double sum = 1;
  for (std::uint64_t i = first; i < last; ++i) {
    arrivals.next();
    sum += arrivals.weight();
    const double ratio = arrivals.ratio();
    if (ratio < 1 && arrivals.weight() * ratio < 1e-16 * (1 - ratio) * sum) {
      break;
    }
  }
  return log_first + std::log(sum);
}

}  // namespace

std::string name_of(const BetaGeometricKind& kind) {
  std::string name = kind.dropout == Dropout::after_every ? "MBG" : "BG";
  return kind.stages == 1 ? name + "/NBD" : name + "/CNBD-" + std::to_string(kind.stages);
}

/// What a history says: odds by 1.4 of docs/models/purchases.md, all relative to "alive with no
/// stage of the next interval done".
struct BetaGeometric::Standing {
  double count = 0;                            ///< n0 = r + k x
  double draws = 0;                            ///< s: times they could have left
  std::array<double, kStagesMost> by_stage{};  ///< weight of j stages done
  double alive = 1;                            ///< their sum
  double log_odds_left = 0;                    ///< of having left, relative to the same
  bool could_leave = false;

  [[nodiscard]] double probability_alive() const {
    return could_leave ? 1 / (1 + std::exp(log_odds_left - std::log(alive))) : 1;
  }
};

BetaGeometric::Standing BetaGeometric::standing_of(const PurchaseHistory& history) const {
  check_history(history);
  const auto& [r, alpha, a, b] = parameters_;
  const double x = history.repeat_purchases;
  Standing standing;
  standing.count = r + kind_.stages * x;
  standing.draws = static_cast<double>(kind_.draws_after(history.repeat_purchases));
  const double silence = (history.age_days - history.recency_days) / (alpha + history.age_days);
  double weight = 1;
  standing.alive = 0;
  for (std::uint32_t j = 0; j < kind_.stages; ++j) {
    standing.by_stage[j] = weight;
    standing.alive += weight;
    weight *= (standing.count + j) * silence / (j + 1.0);
  }
  standing.could_leave = standing.draws > 0;
  if (standing.could_leave) {
    standing.log_odds_left = std::log(a / (b + standing.draws - 1)) +
                             standing.count * std::log1p((history.age_days - history.recency_days) /
                                                         (alpha + history.recency_days));
  }
  return standing;
}

Result<BetaGeometric> BetaGeometric::create(const Parameters& parameters, BetaGeometricKind kind) {
  GUANXI_TRY_VOID(all_above_zero(name_of(kind), {{"r", parameters.r},
                                                 {"alpha_days", parameters.alpha_days},
                                                 {"a", parameters.a},
                                                 {"b", parameters.b}}));
  if (kind.stages < 1 || kind.stages > kStagesMost) {
    return fail(ErrorCode::invalid, "k is " + std::to_string(kind.stages) + ", must be 1 to " +
                                        std::to_string(kStagesMost));
  }
  return BetaGeometric(parameters, kind);
}

double BetaGeometric::probability_alive(const PurchaseHistory& history) const {
  return standing_of(history).probability_alive();
}

double BetaGeometric::expected_purchases(const PurchaseHistory& history,
                                         double horizon_days) const {
  GUANXI_CHECK(horizon_days >= 0 && std::isfinite(horizon_days), "horizon_days >= 0");
  const Standing standing = standing_of(history);
  const double alive = standing.probability_alive();
  if (horizon_days == 0 || alive == 0) {
    return 0;
  }
  const auto& [r, alpha, a, b] = parameters_;
  const double z = horizon_days / (alpha + history.age_days + horizon_days);
  double mean = 0;
  for (std::uint32_t j = 0; j < kind_.stages && standing.by_stage[j] > 0; ++j) {
    mean += standing.by_stage[j] / standing.alive *
            mean_purchases_while_alive(Arrivals(standing.count + j, z), j, kind_.stages, a,
                                       b + standing.draws);
  }
  return alive * mean;
}

double BetaGeometric::probability_of(const PurchaseHistory& history, std::uint32_t purchases,
                                     double horizon_days) const {
  GUANXI_CHECK(horizon_days >= 0 && std::isfinite(horizon_days), "horizon_days >= 0");
  const Standing standing = standing_of(history);
  const double alive = standing.probability_alive();
  const double gone = purchases == 0 ? 1 - alive : 0;
  if (horizon_days == 0 || alive == 0) {
    return purchases == 0 ? 1 : 0;
  }
  const auto& [r, alpha, a, b0] = parameters_;
  const double b = b0 + standing.draws;
  const double z = horizon_days / (alpha + history.age_days + horizon_days);
  double log_stayed = 0;  // after each but the last of `purchases`
  for (std::uint32_t i = 0; i + 1 < purchases; ++i) {
    log_stayed += std::log((b + i) / (a + b + i));
  }
  const double last = purchases > 0 ? purchases - 1.0 : 0;
  const double log_stays = purchases > 0 ? std::log((b + last) / (a + b + last)) : 0;
  const double log_leaves = std::log(a / (a + b + last));
  double probability = 0;
  for (std::uint32_t j = 0; j < kind_.stages && standing.by_stage[j] > 0; ++j) {
    const double share = standing.by_stage[j] / standing.alive;
    const std::uint64_t need = std::uint64_t{purchases} * kind_.stages;
    const std::uint64_t first = need > j ? need - j : 0;
    const double shape = standing.count + j;
    const double exactly = log_probability_between(shape, z, first, need + kind_.stages - 1 - j);
    probability += share * std::exp(log_stayed + log_stays + exactly);
    if (purchases > 0) {
      const double at_least = log_probability_between(shape, z, first, kNoEnd);
      probability += share * std::exp(log_stayed + log_leaves + at_least);
    }
  }
  return gone + alive * probability;
}

double BetaGeometric::log_likelihood(const PurchaseHistory& history) const {
  const Standing standing = standing_of(history);
  const auto& [r, alpha, a, b] = parameters_;
  const std::uint32_t x = history.repeat_purchases;
  const double k = kind_.stages;
  double result = -r * std::log1p(history.age_days / alpha) -
                  k * x * std::log(alpha + history.age_days) + (k - 1) * history.log_interval_sum -
                  x * std::lgamma(k);
  for (std::uint64_t i = 0; i < std::uint64_t{x} * kind_.stages; ++i) {
    result += std::log(r + static_cast<double>(i));
  }
  for (std::uint64_t i = 0; i < kind_.draws_after(x); ++i) {
    const auto drawn = static_cast<double>(i);
    result += std::log((b + drawn) / (a + b + drawn));
  }
  const double log_alive = std::log(standing.alive);
  return result + log_alive +
         (standing.could_leave ? softplus(standing.log_odds_left - log_alive) : 0);
}

}  // namespace guanxi
