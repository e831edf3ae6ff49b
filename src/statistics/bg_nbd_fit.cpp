#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/check.hpp"
#include "statistics/bg_nbd.hpp"
#include "statistics/maximum.hpp"

namespace guanxi {
namespace {

/// Equal histories counted together, and what of them the parameters cannot change.
struct Row {
  PurchaseHistory history;
  double customers;
};

std::vector<Row> collapse(std::span<const PurchaseHistory> histories) {
  std::vector<PurchaseHistory> sorted(histories.begin(), histories.end());
  std::ranges::sort(sorted, [](const PurchaseHistory& a, const PurchaseHistory& b) {
    return std::tie(a.repeat_purchases, a.recency_days, a.age_days) <
           std::tie(b.repeat_purchases, b.recency_days, b.age_days);
  });
  std::vector<Row> rows;
  for (const PurchaseHistory& history : sorted) {
    GUANXI_CHECK(history.recency_days >= 0 && history.recency_days <= history.age_days &&
                     std::isfinite(history.age_days) &&
                     (history.repeat_purchases > 0 || history.recency_days == 0),
                 "0 <= recency <= age");
    if (!rows.empty() && rows.back().history == history) {
      rows.back().customers += 1;
    } else {
      rows.push_back({history, 1});
    }
  }
  return rows;
}

/// Mean log-likelihood of the rows and its slope in (log r, log alpha, log a, log b). Gamma and
/// beta functions of x whole steps are sums of x logarithms; since the rows come sorted by x, the
/// sums grow along with them and are never computed twice.
class MeanLogLikelihood {
 public:
  MeanLogLikelihood(std::span<const Row> rows, double customers)
      : rows_(rows), customers_(customers) {}

  double operator()(std::span<const double> logs, std::span<double> slope) const {
    const BgNbd::Parameters p{std::exp(logs[0]), std::exp(logs[1]), std::exp(logs[2]),
                              std::exp(logs[3])};
    Steps steps;
    double value = 0;
    std::array<double, 4> sums{};
    for (const Row& row : rows_) {
      steps.advance(p, row.history.repeat_purchases);
      value += row.customers * add_row(p, steps, row, sums);
    }
    const std::array<double, 4> scale{p.r, p.alpha_days, p.a, p.b};
    for (std::size_t i = 0; i < sums.size(); ++i) {
      slope[i] = sums[i] * scale[i] / customers_;
    }
    return value / customers_;
  }

 private:
  /// Sums over i < x.
  struct Steps {
    std::uint32_t x = 0;
    double log_value = 0;  ///< log((r+i) (b+i) / (a+b+i))
    double of_r = 0;       ///< 1 / (r+i)
    double of_b = 0;       ///< 1 / (b+i)
    double of_ab = 0;      ///< 1 / (a+b+i)

    void advance(const BgNbd::Parameters& p, std::uint32_t to) {
      for (; x < to; ++x) {
        log_value += std::log((p.r + x) * ((p.b + x) / (p.a + p.b + x)));
        of_r += 1 / (p.r + x);
        of_b += 1 / (p.b + x);
        of_ab += 1 / (p.a + p.b + x);
      }
    }
  };

  static double add_row(const BgNbd::Parameters& p, const Steps& steps, const Row& row,
                        std::array<double, 4>& sums) {
    const double x = row.history.repeat_purchases;
    const double now = p.alpha_days + row.history.age_days;
    const double last = p.alpha_days + row.history.recency_days;
    const double log_share_now = -std::log1p(row.history.age_days / p.alpha_days);
    double value = steps.log_value + p.r * log_share_now - x * std::log(now);
    double left = 0;  // P(has left | history)
    double log_silence = 0;
    if (x > 0) {
      log_silence = std::log(now / last);
      const double odds = std::log(p.a / (p.b + x - 1)) + (p.r + x) * log_silence;
      value += odds > 0 ? odds + std::log1p(std::exp(-odds)) : std::log1p(std::exp(odds));
      left = 1 / (1 + std::exp(-odds));
    }
    const double n = row.customers;
    sums[0] += n * (steps.of_r + log_share_now + left * log_silence);
    sums[1] += n * (p.r / p.alpha_days - (p.r + x) * ((1 - left) / now + left / last));
    sums[2] += n * (left / p.a - steps.of_ab);
    sums[3] += n * (steps.of_b - steps.of_ab - (x > 0 ? left / (p.b + x - 1) : 0));
    return value;
  }

  std::span<const Row> rows_;
  double customers_;
};

/// A slope of the mean log-likelihood per unit of log parameter that counts as flat: moving a
/// parameter by one per cent then changes the mean by less than 1e-8.
constexpr double kFlat = 1e-6;
/// r, alpha in mean ages, a, b: where the climbs start. The box is e^-9 .. e^9 around 1.
constexpr std::array<std::array<double, 4>, 4> kStarts{
    {{0.5, 0.3, 1.0, 2.5}, {1.0, 1.0, 0.3, 3.0}, {0.25, 0.1, 0.8, 2.5}, {2.0, 0.5, 0.1, 1.0}}};
constexpr double kBox = 9;

}  // namespace

Result<BgNbdFit> fit_bg_nbd(std::span<const PurchaseHistory> histories) {
  const std::vector<Row> rows = collapse(histories);
  const auto customers = static_cast<double>(histories.size());
  if (histories.size() < 10 || rows.back().history.repeat_purchases == 0) {
    return fail(ErrorCode::invalid,
                "BG/NBD needs at least 10 customers and one who bought on two days, not " +
                    std::to_string(histories.size()) + " customers");
  }
  double age_sum = 0;
  for (const Row& row : rows) {
    age_sum += row.customers * row.history.age_days;
  }
  const double log_age = std::log(std::max(age_sum / customers, 1.0));
  const std::vector<double> lower{-kBox, log_age - kBox, -kBox, -kBox};
  const std::vector<double> upper{kBox, log_age + kBox, kBox, kBox};
  const MeanLogLikelihood likelihood(rows, customers);
  std::optional<Maximum> best;
  std::string refusal;
  std::uint32_t evaluations = 0;
  for (const std::array<double, 4>& from : kStarts) {
    const std::vector<double> start{std::log(from[0]), log_age + std::log(from[1]),
                                    std::log(from[2]), std::log(from[3])};
    Result<Maximum> top = maximize(likelihood, start, lower, upper, kFlat);
    if (!top) {
      refusal = top.error().message;
      continue;
    }
    evaluations += top->evaluations;
    if (!best || top->value > best->value) {
      best = std::move(top).value();
    }
  }
  if (!best) {
    return fail(ErrorCode::unavailable, "BG/NBD is not determined by these " +
                                            std::to_string(histories.size()) +
                                            " histories: " + refusal);
  }
  GUANXI_TRY(model, BgNbd::create({std::exp(best->place[0]), std::exp(best->place[1]),
                                   std::exp(best->place[2]), std::exp(best->place[3])}));
  return BgNbdFit{.model = model,
                  .log_likelihood = best->value * customers,
                  .customers = histories.size(),
                  .distinct = rows.size(),
                  .evaluations = evaluations,
                  .steepness = best->steepness};
}

}  // namespace guanxi
