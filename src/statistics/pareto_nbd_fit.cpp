#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "statistics/leaving_integral.hpp"
#include "statistics/pareto_nbd.hpp"

namespace guanxi {
namespace {

/// Nodes of the integral while climbing: 1e-10 relative for silences of a thousand times alpha.
constexpr unsigned kNodes = 20;

struct Sums {
  double value = 0;
  double customers = 0;
  std::array<double, 4> slope{};
};

/// Mean log-likelihood of cells and its slope in (log r, log alpha, log s, log beta).
class MeanLogLikelihood {
 public:
  explicit MeanLogLikelihood(const CollapsedHistories& histories) : histories_(histories) {}

  double operator()(std::span<const double> logs, std::size_t stride,
                    std::span<double> slope) const {
    const ParetoNbd::Parameters p{std::exp(logs[0]), std::exp(logs[1]), std::exp(logs[2]),
                                  std::exp(logs[3])};
    Sums sums;
    double steps_log = 0;  // sum of log(r+i), i < x: cells come sorted by x
    double steps_of_r = 0;
    std::uint32_t x = 0;
    const auto& cells = histories_.cells;
    for (std::size_t i = 0; i < cells.size(); i += stride) {
      for (; x < cells[i].repeat_purchases; ++x) {
        steps_log += std::log(p.r + x);
        steps_of_r += 1 / (p.r + x);
      }
      const double constant = steps_log + p.r * logs[1] + p.s * logs[3];
      add(p, cells[i], constant, sums);
      sums.slope[0] += cells[i].customers * (steps_of_r + logs[1]);
    }
    sums.slope[1] += sums.customers * p.r / p.alpha_days;
    sums.slope[2] += sums.customers * logs[3];
    sums.slope[3] += sums.customers * p.s / p.beta_days;
    const std::array<double, 4> scale{p.r, p.alpha_days, p.s, p.beta_days};
    for (std::size_t i = 0; i < scale.size(); ++i) {
      slope[i] = sums.slope[i] * scale[i] / sums.customers;
    }
    return sums.value / sums.customers;
  }

 private:
  void add(const ParetoNbd::Parameters& p, const HistoryCell& cell, double constant,
           Sums& sums) const {
    const double age = histories_.ages_days[cell.age];
    const double recency = histories_.recencies_days[cell.recency];
    const double count = p.r + cell.repeat_purchases;
    const double log_alpha_now = std::log(p.alpha_days + age);
    const double log_beta_now = std::log(p.beta_days + age);
    const double log_alpha_last = std::log(p.alpha_days + recency);
    const double log_beta_last = std::log(p.beta_days + recency);
    const LeavingTimes times{.alpha_last = p.alpha_days + recency,
                             .beta_last = p.beta_days + recency,
                             .log_silence = log_alpha_now - log_alpha_last};
    const LeavingIntegral gone = integrate_leaving<kNodes>(count, p.s, times);
    const double log_alive = -count * log_alpha_now - p.s * log_beta_now;
    const double log_odds =
        std::log(gone.value) + count * times.log_silence + p.s * (log_beta_now - log_beta_last);
    const double odds = std::exp(-std::abs(log_odds));
    const double left = (log_odds > 0 ? 1 : odds) / (1 + odds);
    const double n = cell.customers;
    sums.value += n * (constant + log_alive + std::max(log_odds, 0.0) + std::log1p(odds));
    sums.customers += n;
    sums.slope[0] -= n * ((1 - left) * log_alpha_now + left * (log_alpha_last + gone.mean_y));
    sums.slope[1] -=
        n * count * ((1 - left) / (p.alpha_days + age) + left * gone.mean_inverse_alpha);
    sums.slope[2] -=
        n * ((1 - left) * log_beta_now + left * (log_beta_last + gone.mean_log_q - 1 / p.s));
    sums.slope[3] -=
        n * ((1 - left) * p.s / (p.beta_days + age) + left * (p.s + 1) * gone.mean_inverse_beta);
  }

  const CollapsedHistories& histories_;
};

/// r, alpha in mean ages, s, beta in mean ages. The box is e^-9 .. e^9 around 1.
constexpr std::array<std::array<double, 4>, 3> kStarts{
    {{0.5, 0.3, 0.6, 0.4}, {1.0, 1.0, 1.0, 1.0}, {2.0, 0.5, 0.3, 2.0}}};
constexpr double kBox = 9;

}  // namespace

LikelihoodProblem problem_of(const CollapsedHistories& histories) {
  const double log_age = std::log(std::max(histories.mean_age_days, 1.0));
  LikelihoodProblem problem{.name = "Pareto/NBD",
                            .mean = MeanLogLikelihood(histories),
                            .cells = histories.cells.size(),
                            .customers = histories.customers,
                            .starts = {},
                            .lower = {-kBox, log_age - kBox, -kBox, log_age - kBox},
                            .upper = {kBox, log_age + kBox, kBox, log_age + kBox}};
  for (const std::array<double, 4>& from : kStarts) {
    problem.starts.push_back({std::log(from[0]), log_age + std::log(from[1]), std::log(from[2]),
                              log_age + std::log(from[3])});
  }
  return problem;
}

Result<ParetoNbdFit> fit_pareto_nbd(const CollapsedHistories& histories) {
  GUANXI_TRY_VOID(enough_to_fit(histories, "Pareto/NBD"));
  GUANXI_TRY(top, climb(problem_of(histories)));
  GUANXI_TRY(model, ParetoNbd::create({std::exp(top.place[0]), std::exp(top.place[1]),
                                       std::exp(top.place[2]), std::exp(top.place[3])}));
  return ParetoNbdFit{.model = model, .report = std::move(top.report)};
}

Result<ParetoNbdFit> fit_pareto_nbd(std::span<const PurchaseHistory> histories) {
  return fit_pareto_nbd(collapse(histories));
}

}  // namespace guanxi
