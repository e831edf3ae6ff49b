#include "statistics/lifetime_value.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <functional>

#include "base/check.hpp"
#include "statistics/special.hpp"

namespace guanxi {

Concentration concentration(std::span<const double> values, std::uint32_t points) {
  GUANXI_CHECK(points > 0, "a curve has points");
  std::vector<double> sorted;
  sorted.reserve(values.size());
  for (const double value : values) {
    GUANXI_CHECK(std::isfinite(value), "values are finite");
    sorted.push_back(std::max(value, 0.0));
  }
  std::ranges::sort(sorted, std::greater<>());
  std::vector<double> held{0};
  for (const double value : sorted) {
    held.push_back(held.back() + value);
  }
  Concentration result;
  const double all = held.back();
  const auto people = static_cast<double>(sorted.size());
  double area = 0;
  for (std::size_t i = 1; i < held.size(); ++i) {
    area += (held[i] + held[i - 1]) / 2;
  }
  for (std::uint32_t point = 0; point <= points; ++point) {
    const double share = static_cast<double>(point) / points;
    const double at = share * people;
    const auto below = std::min(static_cast<std::size_t>(at), sorted.size());
    const double rest = below < sorted.size() ? (at - std::floor(at)) * sorted[below] : 0;
    result.value_share.push_back(all > 0 ? (held[below] + rest) / all : share);
  }
  result.gini = all > 0 ? 2 * area / (all * people) - 1 : 0;
  return result;
}

Newsvendor newsvendor(double mean, double deviation, double margin, double loss) {
  GUANXI_CHECK(margin > 0 && loss > 0 && mean >= 0 && deviation >= 0, "a margin and a loss");
  Newsvendor result{.critical_ratio = margin / (margin + loss), .quantity = mean};
  if (deviation > 0) {
    result.quantity = std::max(0.0, mean + deviation * normal_quantile(result.critical_ratio));
  }
  return result;
}

SharePosterior share_posterior(double successes, double trials, double a, double b, double within) {
  GUANXI_CHECK(successes >= 0 && successes <= trials && a > 0 && b > 0 && within > 0 && within < 1,
               "a share of trials");
  const double left = a + successes;
  const double right = b + trials - successes;
  return {.mean = left / (left + right),
          .least = boost::math::ibeta_inv(left, right, (1 - within) / 2),
          .most = boost::math::ibeta_inv(left, right, (1 + within) / 2)};
}

}  // namespace guanxi
