#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "statistics/beta_geometric.hpp"

namespace guanxi {
namespace {

/// Functions of one time, for every time there is: logarithms cost more than all else.
struct OfTime {
  std::vector<double> log;      ///< log(alpha + days)
  std::vector<double> inverse;  ///< 1 / (alpha + days)
  OfTime(std::span<const double> days, double alpha) {
    log.reserve(days.size());
    inverse.reserve(days.size());
    for (const double day : days) {
      log.push_back(std::log(alpha + day));
      inverse.push_back(1 / (alpha + day));
    }
  }
};

/// Gamma and beta functions of whole steps are sums of logarithms; since cells come sorted by x,
/// the sums grow along with them and are never computed twice.
struct Steps {
  double x = 0;
  double log_arrivals = 0;  ///< sum of log(r+i), i < k x
  double of_r = 0;          ///< of 1 / (r+i)
  double draws = 0;         ///< s
  double log_stays = 0;     ///< sum of log((b+i) / (a+b+i)), i < s
  double of_b = 0;          ///< of 1 / (b+i)
  double of_ab = 0;         ///< of 1 / (a+b+i)
  double arrivals = 0;      ///< k x

  void advance(const BetaGeometric::Parameters& p, const BetaGeometricKind& kind,
               std::uint32_t to) {
    x = to;
    for (const double end = static_cast<double>(kind.stages) * to; arrivals < end; arrivals += 1) {
      log_arrivals += std::log(p.r + arrivals);
      of_r += 1 / (p.r + arrivals);
    }
    for (const auto end = static_cast<double>(kind.draws_after(to)); draws < end; draws += 1) {
      log_stays += std::log((p.b + draws) / (p.a + p.b + draws));
      of_b += 1 / (p.b + draws);
      of_ab += 1 / (p.a + p.b + draws);
    }
  }
};

/// The sum of the weights of "alive with j stages done", and its slopes, relative to j = 0.
struct Alive {
  double sum = 1;
  double of_count = 0;    ///< d sum / d n0
  double of_silence = 0;  ///< d sum / d u, u = (T - t_x) / (alpha + T)
  Alive(double count, double silence, std::uint32_t stages) {
    double weight = 1;
    double inverses = 0;
    double weight_over_silence = 0;  // weight / u, finite at u = 0
    for (std::uint32_t j = 1; j < stages; ++j) {
      weight_over_silence = weight * (count + j - 1) / j;
      weight = weight_over_silence * silence;
      inverses += 1 / (count + j - 1);
      sum += weight;
      of_count += weight * inverses;
      of_silence += j * weight_over_silence;
    }
  }
};

/// Mean log-likelihood of cells and its slope in (log r, log alpha, log a, log b).
class MeanLogLikelihood {
 public:
  MeanLogLikelihood(const CollapsedHistories& histories, BetaGeometricKind kind)
      : histories_(histories), kind_(kind) {}

  double operator()(std::span<const double> logs, std::size_t stride,
                    std::span<double> slope) const {
    const BetaGeometric::Parameters p{std::exp(logs[0]), std::exp(logs[1]), std::exp(logs[2]),
                                      std::exp(logs[3])};
    const OfTime now(histories_.ages_days, p.alpha_days);
    const OfTime last(histories_.recencies_days, p.alpha_days);
    Steps steps;
    Sums sums;
    const auto& cells = histories_.cells;
    for (std::size_t i = 0; i < cells.size(); i += stride) {
      const HistoryCell& cell = cells[i];
      steps.advance(p, kind_, cell.repeat_purchases);
      const Moments moments{
          now.log[cell.age], now.inverse[cell.age], last.log[cell.recency],
          last.inverse[cell.recency],
          histories_.ages_days[cell.age] - histories_.recencies_days[cell.recency]};
      add(p, steps, moments, cell.customers, sums);
    }
    const std::array<double, 4> scale{p.r, p.alpha_days, p.a, p.b};
    for (std::size_t i = 0; i < scale.size(); ++i) {
      slope[i] = sums.slope[i] * scale[i] / sums.customers;
    }
    return sums.value / sums.customers;
  }

 private:
  struct Sums {
    double value = 0;
    double customers = 0;
    std::array<double, 4> slope{};
  };
  struct Moments {
    double log_now, inverse_now, log_last, inverse_last, silence_days;
  };

  void add(const BetaGeometric::Parameters& p, const Steps& steps, const Moments& m, double n,
           Sums& sums) const {
    const double count = p.r + steps.arrivals;
    const double log_alpha_share = std::log(p.alpha_days);
    const double log_silence = m.log_now - m.log_last;
    const double silence = m.silence_days * m.inverse_now;
    const Alive alive(count, silence, kind_.stages);
    double value = steps.log_arrivals + steps.log_stays + p.r * log_alpha_share - count * m.log_now;
    double left = 0;  // P(has left | history)
    if (steps.draws > 0) {
      const double odds = p.a / (p.b + steps.draws - 1) * std::exp(count * log_silence);
      if (odds < 1e280) {
        value += std::log(alive.sum + odds);
        left = odds / (alive.sum + odds);
      } else {
        value += std::log(p.a / (p.b + steps.draws - 1)) + count * log_silence;
        left = 1;
      }
      sums.slope[3] -= n * left / (p.b + steps.draws - 1);
    } else {
      value += std::log(alive.sum);
    }
    const double of_count = (1 - left) * alive.of_count / alive.sum;
    const double of_silence = (1 - left) * alive.of_silence / alive.sum;
    sums.value += n * value;
    sums.customers += n;
    sums.slope[0] += n * (steps.of_r + log_alpha_share - m.log_now + of_count + left * log_silence);
    sums.slope[1] +=
        n * (p.r / p.alpha_days - count * m.inverse_now - of_silence * silence * m.inverse_now +
             left * count * (m.inverse_now - m.inverse_last));
    sums.slope[2] += n * (left / p.a - steps.of_ab);
    sums.slope[3] += n * (steps.of_b - steps.of_ab);
  }

  const CollapsedHistories& histories_;
  BetaGeometricKind kind_;
};

/// r, alpha in mean ages, a, b: where the climbs start. The box is e^-9 .. e^9 around 1.
constexpr std::array<std::array<double, 4>, 4> kStarts{
    {{0.5, 0.3, 1.0, 2.5}, {1.0, 1.0, 0.3, 3.0}, {0.25, 0.1, 0.8, 2.5}, {2.0, 0.5, 0.1, 1.0}}};
constexpr double kBox = 9;

}  // namespace

LikelihoodProblem problem_of(const CollapsedHistories& histories, BetaGeometricKind kind) {
  const double log_age =
      std::log(std::max(histories.mean_age_days, 1.0)) - std::log(static_cast<double>(kind.stages));
  LikelihoodProblem problem{.name = name_of(kind),
                            .mean = MeanLogLikelihood(histories, kind),
                            .cells = histories.cells.size(),
                            .customers = histories.customers,
                            .starts = {},
                            .lower = {-kBox, log_age - kBox, -kBox, -kBox},
                            .upper = {kBox, log_age + kBox, kBox, kBox}};
  for (const std::array<double, 4>& from : kStarts) {
    problem.starts.push_back(
        {std::log(from[0]), log_age + std::log(from[1]), std::log(from[2]), std::log(from[3])});
  }
  return problem;
}

Result<BetaGeometricFit> fit_beta_geometric(const CollapsedHistories& histories,
                                            BetaGeometricKind kind) {
  GUANXI_TRY_VOID(enough_to_fit(histories, name_of(kind)));
  GUANXI_TRY(top, climb(problem_of(histories, kind)));
  GUANXI_TRY(model, BetaGeometric::create({std::exp(top.place[0]), std::exp(top.place[1]),
                                           std::exp(top.place[2]), std::exp(top.place[3])},
                                          kind));
  const double k = kind.stages;
  top.report.log_likelihood +=
      (k - 1) * histories.log_interval_sum - histories.purchases * std::lgamma(k);
  return BetaGeometricFit{.model = model, .report = std::move(top.report)};
}

Result<BetaGeometricFit> fit_beta_geometric(std::span<const PurchaseHistory> histories,
                                            BetaGeometricKind kind) {
  return fit_beta_geometric(collapse(histories), kind);
}

Result<BetaGeometricFit> fit_regular_beta_geometric(const CollapsedHistories& histories,
                                                    Dropout dropout) {
  GUANXI_TRY(best, fit_beta_geometric(histories, {dropout, 1}));
  for (std::uint32_t stages = 2; stages <= BetaGeometric::kStagesMost; ++stages) {
    Result<BetaGeometricFit> next = fit_beta_geometric(histories, {dropout, stages});
    if (!next || next->report.log_likelihood <= best.report.log_likelihood) {
      break;
    }
    best = std::move(next).value();
  }
  return best;
}

}  // namespace guanxi
