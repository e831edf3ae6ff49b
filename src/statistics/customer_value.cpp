#include "statistics/customer_value.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "base/check.hpp"
#include "statistics/value_moments.hpp"

namespace guanxi {
namespace {

constexpr double kDaysPerYear = 365.25;
constexpr double kQuarterDays = kDaysPerYear / 4;
constexpr std::uint32_t kPurchasesMost = 20000;
constexpr std::size_t kBinsMost = 96;

/// A number of purchases (or some neighbouring ones together) and its chance.
struct Count {
  double purchases = 0;
  double chance = 0;
};

std::vector<Count> counts_of(const BetaGeometric& model, const PurchaseHistory& history,
                             double days) {
  std::vector<Count> counts;
  double sum = 0;
  for (std::uint32_t n = 0; n < kPurchasesMost; ++n) {
    const double chance = model.probability_of(history, n, days);
    counts.push_back({static_cast<double>(n), chance});
    sum += chance;
    if (1 - sum < 1e-5 && n > 0) {
      break;
    }
  }
  for (Count& count : counts) {
    count.chance /= sum;
  }
  if (counts.size() <= kBinsMost) {
    return counts;
  }
  std::vector<Count> bins{counts.front()};
  const std::size_t width = (counts.size() + kBinsMost - 1) / kBinsMost;
  for (std::size_t first = 1; first < counts.size(); first += width) {
    Count bin;
    for (std::size_t i = first; i < std::min(first + width, counts.size()); ++i) {
      bin.chance += counts[i].chance;
      bin.purchases += counts[i].chance * counts[i].purchases;
    }
    if (bin.chance > 0) {
      bin.purchases /= bin.chance;
      bins.push_back(bin);
    }
  }
  return bins;
}

/// What one customer will pay under one pair of models: a mixture over the number of purchases of
/// sums of Gamma spends whose rate is Gamma itself, so that sum / (sum + rest) is Beta.
struct Mixture {
  std::vector<Count> counts;
  double p = 0;
  double shape = 0;  ///< of the belief about the rate: p x + q
  double rest = 0;   ///< its rate: x m + v
  double left = 1;   ///< after discounting

  [[nodiscard]] double below(double value) const {
    const double sum = value / left;
    double chance = 0;
    for (const Count& count : counts) {
      chance +=
          count.chance * (count.purchases == 0
                              ? 1
                              : boost::math::ibeta(p * count.purchases, shape, sum / (sum + rest)));
    }
    return chance;
  }
  /// Means of the value and of its square. The latter is finite for shape > 2 only.
  [[nodiscard]] double mean() const {
    double purchases = 0;
    for (const Count& count : counts) {
      purchases += count.chance * count.purchases;
    }
    return left * purchases * p * rest / (shape - 1);
  }
  [[nodiscard]] double mean_square() const {
    double sum = 0;
    for (const Count& count : counts) {
      const double shape_of_sum = p * count.purchases;
      sum += count.chance * shape_of_sum * (shape_of_sum + 1);
    }
    const double heavy = std::max(shape - 2, 0.05);
    return left * left * sum * rest * rest / ((shape - 1) * heavy);
  }
};

Mixture mixture_of(const ValueModels& models, const PurchaseHistory& history,
                   const SpendHistory& spend, const ValueSpan& span) {
  const auto& [p, q, v] = models.spend.parameters();
  return {counts_of(models.purchases, history, span.days), p, p * spend.purchases + q,
          spend.purchases * spend.mean_spend + v, discount_left(models.purchases, history, span)};
}

bool same_purchases(const ValueModels& a, const ValueModels& b) {
  const BetaGeometric::Parameters& left = a.purchases.parameters();
  const BetaGeometric::Parameters& right = b.purchases.parameters();
  return left.r == right.r && left.alpha_days == right.alpha_days && left.a == right.a &&
         left.b == right.b;
}

// The same numbers of purchases at other spends.
Mixture with_spend(const Mixture& mixture, const ValueModels& models, const SpendHistory& spend) {
  const auto& [p, q, v] = models.spend.parameters();
  return {mixture.counts, p, p * spend.purchases + q, spend.purchases * spend.mean_spend + v,
          mixture.left};
}

double below(const std::vector<Mixture>& mixtures, double value) {
  double sum = 0;
  for (const Mixture& mixture : mixtures) {
    sum += mixture.below(value);
  }
  return sum / static_cast<double>(mixtures.size());
}

double quantile(const std::vector<Mixture>& mixtures, double share, double scale) {
  if (below(mixtures, 0) >= share) {
    return 0;
  }
  double low = 0;
  double high = std::max(scale, 1e-9);
  for (int i = 0; i < 200 && below(mixtures, high) < share; ++i) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-4 * high) {
    const double middle = (low + high) / 2;
    (below(mixtures, middle) < share ? low : high) = middle;
  }
  return high;
}

/// Columns of the root of a covariance, each stretched so that all dimensions together have it.
Eigen::MatrixXd root_of(const std::vector<double>& covariance, Eigen::Index size, double stretch) {
  const Eigen::Map<const Eigen::MatrixXd> matrix(covariance.data(), size, size);
  const Eigen::LLT<Eigen::MatrixXd> root(matrix);
  return root.info() == Eigen::Success ? Eigen::MatrixXd(root.matrixL()) * std::sqrt(stretch)
                                       : Eigen::MatrixXd();
}

}  // namespace

double present_purchases(const BetaGeometric& model, const PurchaseHistory& history,
                         const ValueSpan& span) {
  const int steps = std::max(1, static_cast<int>(std::lround(span.days / kQuarterDays)));
  const double step_days = span.days / steps;
  double sum = 0;
  double before = 0;
  for (int step = 1; step <= steps; ++step) {
    const double until = model.expected_purchases(history, step * step_days);
    const double years = (step - 0.5) * step_days / kDaysPerYear;
    sum += (until - before) * std::pow(1 + span.discount_per_year, -years);
    before = until;
  }
  return sum;
}

double discount_left(const BetaGeometric& model, const PurchaseHistory& history,
                     const ValueSpan& span) {
  const double plain = model.expected_purchases(history, span.days);
  return plain > 0 ? present_purchases(model, history, span) / plain : 1;
}

std::vector<ValueModels> around(const ValueModels& models) {
  constexpr Eigen::Index kBuying = 4;
  constexpr Eigen::Index kSpending = 3;
  constexpr double kAll = kBuying + kSpending;
  if (models.purchases_covariance.size() != kBuying * kBuying ||
      models.spend_covariance.size() != kSpending * kSpending) {
    return {models};
  }
  const Eigen::MatrixXd buying = root_of(models.purchases_covariance, kBuying, kAll);
  const Eigen::MatrixXd spending = root_of(models.spend_covariance, kSpending, kAll);
  if (buying.size() == 0 || spending.size() == 0) {
    return {models};
  }
  std::vector<ValueModels> places;
  for (const double sign : {1.0, -1.0}) {
    for (Eigen::Index i = 0; i < kBuying + kSpending; ++i) {
      ValueModels place = models;
      if (i < kBuying) {
        auto [r, alpha, a, b] = models.purchases.parameters();
        const auto moved = BetaGeometric::create(
            {r * std::exp(sign * buying(0, i)), alpha * std::exp(sign * buying(1, i)),
             a * std::exp(sign * buying(2, i)), b * std::exp(sign * buying(3, i))},
            models.purchases.kind());
        if (moved) {
          place.purchases = *moved;
        }
      } else {
        auto [p, q, v] = models.spend.parameters();
        const Eigen::Index j = i - kBuying;
        const auto moved = GammaGamma::create({p * std::exp(sign * spending(0, j)),
                                               q * std::exp(sign * spending(1, j)),
                                               v * std::exp(sign * spending(2, j))});
        if (moved && moved->has_mean()) {
          place.spend = *moved;
        }
      }
      places.push_back(std::move(place));
    }
  }
  return places;
}

ValueMoments value_moments(const ValueModels& models, const PurchaseHistory& history,
                           const SpendHistory& spend, const ValueSpan& span) {
  GUANXI_CHECK(models.spend.has_mean(), "a mean");
  const Mixture mixture = mixture_of(models, history, spend, span);
  const double mean = mixture.mean();
  return {present_purchases(models.purchases, history, span) * models.spend.expected_spend(spend),
          std::max(0.0, mixture.mean_square() - mean * mean)};
}

OwnValue own_value(const ValueModels& models, const PurchaseHistory& history,
                   const SpendHistory& spend, const ValueSpan& span, double within) {
  GUANXI_CHECK(models.spend.has_mean() && within > 0 && within < 1, "a mean and an interval");
  OwnValue value;
  value.mean =
      present_purchases(models.purchases, history, span) * models.spend.expected_spend(spend);
  std::vector<Mixture> mixtures;
  double mean = 0;
  double square = 0;
  Mixture centre;  // of the buying model as it was found: the places of the spending one share it
  bool centre_known = false;
  for (const ValueModels& place : around(models)) {
    const bool same_buying = centre_known && same_purchases(place, models);
    Mixture made =
        same_buying ? with_spend(centre, place, spend) : mixture_of(place, history, spend, span);
    if (!centre_known && same_purchases(place, models)) {
      centre = made;
      centre_known = true;
    }
    const Mixture& mixture = mixtures.emplace_back(std::move(made));
    mean += mixture.mean();
    square += mixture.mean_square();
  }
  const auto places = static_cast<double>(mixtures.size());
  value.variance = std::max(0.0, square / places - mean / places * (mean / places));
  value.none = below(mixtures, 0);
  value.least = quantile(mixtures, (1 - within) / 2, value.mean);
  value.most = quantile(mixtures, (1 + within) / 2, value.mean);
  return value;
}

SumInterval sum_interval(double mean, double variance, double within) {
  if (!(mean > 0) || !(variance > 0)) {
    return {std::max(mean, 0.0), std::max(mean, 0.0)};
  }
  const double shape = mean * mean / variance;
  const double scale = variance / mean;
  return {scale * boost::math::gamma_p_inv(shape, (1 - within) / 2),
          scale * boost::math::gamma_p_inv(shape, (1 + within) / 2)};
}

}  // namespace guanxi
