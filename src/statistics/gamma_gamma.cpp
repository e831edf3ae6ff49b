#include "statistics/gamma_gamma.hpp"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/digamma.hpp>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "base/check.hpp"
#include "statistics/parameters.hpp"

namespace guanxi {
namespace {

using boost::math::digamma;

struct SpendCell {
  std::uint32_t purchases = 0;
  double mean_spend = 0;
  double log_spend = 0;
  double customers = 0;
};

std::vector<SpendCell> collapse_spends(std::span<const SpendHistory> histories) {
  std::vector<SpendHistory> sorted;
  sorted.reserve(histories.size());
  for (const SpendHistory& history : histories) {
    GUANXI_CHECK(std::isfinite(history.mean_spend), "spends are finite");
    if (history.purchases > 0 && history.mean_spend > 0) {
      sorted.push_back(history);
    }
  }
  std::ranges::sort(sorted, [](const SpendHistory& a, const SpendHistory& b) {
    return std::tie(a.purchases, a.mean_spend) < std::tie(b.purchases, b.mean_spend);
  });
  std::vector<SpendCell> cells;
  for (const SpendHistory& history : sorted) {
    if (cells.empty() || cells.back().purchases != history.purchases ||
        cells.back().mean_spend != history.mean_spend) {
      cells.push_back({history.purchases, history.mean_spend, std::log(history.mean_spend), 0});
    }
    cells.back().customers += 1;
  }
  return cells;
}

/// What depends on x alone; cells come sorted by x.
struct OfPurchases {
  std::uint32_t purchases = 0;
  double log_x = 0;
  double constant = 0;  ///< log G(px+q) - log G(px) - log G(q)
  double of_p = 0;      ///< its slopes
  double of_q = 0;

  OfPurchases(const GammaGamma::Parameters& g, std::uint32_t x) : purchases(x) {
    const double px = g.p * x;
    log_x = std::log(x);
    constant = std::lgamma(px + g.q) - std::lgamma(px) - std::lgamma(g.q);
    of_p = x * (digamma(px + g.q) - digamma(px));
    of_q = digamma(px + g.q) - digamma(g.q);
  }
};

class MeanLogLikelihood {
 public:
  explicit MeanLogLikelihood(std::span<const SpendCell> cells) : cells_(cells) {}

  double operator()(std::span<const double> logs, std::size_t stride,
                    std::span<double> slope) const {
    const GammaGamma::Parameters g{std::exp(logs[0]), std::exp(logs[1]), std::exp(logs[2])};
    OfPurchases of_x(g, 1);
    double value = 0;
    double customers = 0;
    std::array<double, 3> sums{};
    for (std::size_t i = 0; i < cells_.size(); i += stride) {
      const SpendCell& cell = cells_[i];
      if (cell.purchases != of_x.purchases) {
        of_x = OfPurchases(g, cell.purchases);
      }
      const double x = cell.purchases;
      const double n = cell.customers;
      const double whole = x * cell.mean_spend + g.v;
      const double log_whole = std::log(whole);
      const double px = g.p * x;
      value += n * (of_x.constant + g.q * logs[2] + (px - 1) * cell.log_spend + px * of_x.log_x -
                    (px + g.q) * log_whole);
      customers += n;
      sums[0] += n * (of_x.of_p + x * (cell.log_spend + of_x.log_x - log_whole));
      sums[1] += n * (of_x.of_q + logs[2] - log_whole);
      sums[2] += n * (g.q / g.v - (px + g.q) / whole);
    }
    const std::array<double, 3> scale{g.p, g.q, g.v};
    for (std::size_t i = 0; i < scale.size(); ++i) {
      slope[i] = sums[i] * scale[i] / customers;
    }
    return value / customers;
  }

 private:
  std::span<const SpendCell> cells_;
};

constexpr double kBox = 12;

}  // namespace

Result<GammaGamma> GammaGamma::create(const Parameters& parameters) {
  GUANXI_TRY_VOID(all_above_zero("Gamma-Gamma",
                                 {{"p", parameters.p}, {"q", parameters.q}, {"v", parameters.v}}));
  return GammaGamma(parameters);
}

double GammaGamma::expected_spend(const SpendHistory& history) const {
  const auto& [p, q, v] = parameters_;
  const double px = p * history.purchases;
  const double below = px + q - 1;
  if (below <= 0) {
    return std::numeric_limits<double>::infinity();
  }
  return p * (v + history.purchases * history.mean_spend) / below;
}

double GammaGamma::log_likelihood(const SpendHistory& history) const {
  GUANXI_CHECK(history.purchases > 0 && history.mean_spend > 0, "somebody who bought");
  const auto& [p, q, v] = parameters_;
  const double x = history.purchases;
  const double px = p * x;
  return std::lgamma(px + q) - std::lgamma(px) - std::lgamma(q) + q * std::log(v) +
         (px - 1) * std::log(history.mean_spend) + px * std::log(x) -
         (px + q) * std::log(x * history.mean_spend + v);
}

Result<GammaGammaFit> fit_gamma_gamma(std::span<const SpendHistory> histories) {
  const std::vector<SpendCell> cells = collapse_spends(histories);
  double customers = 0;
  double log_sum = 0;
  for (const SpendCell& cell : cells) {
    customers += cell.customers;
    log_sum += cell.customers * cell.log_spend;
  }
  if (customers < 10) {
    return fail(ErrorCode::invalid,
                "Gamma-Gamma needs at least 10 customers who bought again and paid, not " +
                    std::to_string(static_cast<std::uint64_t>(customers)));
  }
  const double log_mean = log_sum / customers;
  const LikelihoodProblem problem{.name = "Gamma-Gamma",
                                  .mean = MeanLogLikelihood(cells),
                                  .cells = cells.size(),
                                  .customers = customers,
                                  .starts = {{std::log(2.0), std::log(3.0), log_mean},
                                             {std::log(6.0), std::log(4.0), log_mean - 1},
                                             {0, 0, log_mean}},
                                  .lower = {-kBox, -kBox, log_mean - kBox},
                                  .upper = {kBox, kBox, log_mean + kBox}};
  GUANXI_TRY(top, climb(problem));
  GUANXI_TRY(model, GammaGamma::create(
                        {std::exp(top.place[0]), std::exp(top.place[1]), std::exp(top.place[2])}));
  return GammaGammaFit{.model = model, .report = std::move(top.report)};
}

}  // namespace guanxi
