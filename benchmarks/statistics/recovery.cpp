// Are the fits right? Parameters of made-up populations are found again: bias, spread, and how
// often the 95 % interval holds the truth. benchmarks/statistics/recovery.sh;
// docs/statistics/recovery.md.
//
//   statistics_recovery [SEEDS] [CUSTOMERS]        default: 200 4000
//
// Times are those of the models, not rounded to days: the models say nothing of days.

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "made_up.hpp"

namespace {

using namespace guanxi;
using made_up::Maker;
using made_up::World;

/// A fit's logs of parameters, with their standard errors.
struct Found {
  std::vector<double> logs;
  std::vector<double> errors;
};
using Fit = std::function<Result<Found>(Maker&, std::size_t customers)>;

struct Case {
  const char* model;
  std::vector<const char*> names;
  std::vector<double> truth;
  Fit fit;
};

Found found_of(std::span<const double> values, const FitReport& report) {
  Found found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    found.logs.push_back(std::log(values[i]));
    found.errors.push_back(report.standard_error(i));
  }
  return found;
}

Case beta_geometric(const char* model, BetaGeometricKind kind, BetaGeometric::Parameters truth) {
  const BetaGeometric story = BetaGeometric::create(truth, kind).value();
  return {model,
          {"r", "alpha", "a", "b"},
          {truth.r, truth.alpha_days, truth.a, truth.b},
          [story, kind](Maker& maker, std::size_t customers) -> Result<Found> {
            const World world = maker.beta_geometric(story, customers);
            GUANXI_TRY(fit, fit_beta_geometric(collapse(world.histories), kind));
            const auto& [r, alpha, a, b] = fit.model.parameters();
            return found_of(std::array{r, alpha, a, b}, fit.report);
          }};
}

Case pareto(ParetoNbd::Parameters truth) {
  const ParetoNbd story = ParetoNbd::create(truth).value();
  return {"Pareto/NBD",
          {"r", "alpha", "s", "beta"},
          {truth.r, truth.alpha_days, truth.s, truth.beta_days},
          [story](Maker& maker, std::size_t customers) -> Result<Found> {
            const World world = maker.pareto(story, customers);
            GUANXI_TRY(fit, fit_pareto_nbd(collapse(world.histories)));
            const auto& [r, alpha, s, beta] = fit.model.parameters();
            return found_of(std::array{r, alpha, s, beta}, fit.report);
          }};
}

Case gamma_gamma() {
  return {"Gamma-Gamma",
          {"p", "q", "v"},
          {6.25, 3.74, 15.44},
          [](Maker& maker, std::size_t customers) -> Result<Found> {
            const BetaGeometric story =
                BetaGeometric::create({.8, 30, .8, 2.5}, BetaGeometricKind{}).value();
            const World world = maker.beta_geometric(story, customers);
            GUANXI_TRY(fit, fit_gamma_gamma(world.spends));
            const auto& [p, q, v] = fit.model.parameters();
            return found_of(std::array{p, q, v}, fit.report);
          }};
}

struct Sum {
  double bias = 0;
  double squares = 0;
  double error = 0;
  int covered = 0;
};

void run(const Case& one, int seeds, std::size_t customers) {
  std::vector<Sum> sums(one.truth.size());
  int fitted = 0;
  int with_errors = 0;
  std::string refusal;
  for (int seed = 1; seed <= seeds; ++seed) {
    Maker maker(static_cast<std::uint64_t>(seed) * 7919, made_up::Times::as_they_fall);
    const Result<Found> found = one.fit(maker, customers);
    if (!found) {
      refusal = found.error().message;
      continue;
    }
    ++fitted;
    with_errors += std::isfinite(found->errors[0]) ? 1 : 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const double miss = found->logs[i] - std::log(one.truth[i]);
      sums[i].bias += miss;
      sums[i].squares += miss * miss;
      if (std::isfinite(found->errors[i])) {
        sums[i].error += found->errors[i];
        sums[i].covered += std::abs(miss) <= 1.959963984540054 * found->errors[i] ? 1 : 0;
      }
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double n = fitted;
    const double mean = sums[i].bias / n;
    std::printf("| %s | %s | %.4g | %+.4f | %.4f | %.4f | %.1f %% | %d of %d |\n", one.model,
                one.names[i], one.truth[i], mean, std::sqrt(sums[i].squares / n - mean * mean),
                sums[i].error / with_errors, 100.0 * sums[i].covered / with_errors, fitted, seeds);
  }
  if (!refusal.empty()) {
    std::printf("| | | | last refusal: %s | | | | |\n", refusal.c_str());
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 200;
  const std::size_t customers = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 4000;
  std::printf("%d populations of %zu customers, T 4 to 104 weeks\n\n", seeds, customers);
  std::puts(
      "| model | parameter | truth | bias of its log | spread of its log | mean standard error "
      "| 95 % interval holds it | fitted |");
  std::puts("|---|---|---|---|---|---|---|---|");
  run(beta_geometric("BG/NBD", {}, {.243, 4.414 * 7, .793, 2.426}), seeds, customers);
  run(beta_geometric("MBG/NBD", {Dropout::after_every, 1}, {.525, 6.183 * 7, .891, 1.614}), seeds,
      customers);
  run(beta_geometric("BG/CNBD-2", {Dropout::after_repeat, 2}, {.359, 1.129 * 7, .523, 2.785}),
      seeds, customers);
  run(beta_geometric("MBG/CNBD-2", {Dropout::after_every, 2}, {1.329, 2.813 * 7, .425, .790}),
      seeds, customers);
  run(pareto({.553, 10.578 * 7, .606, 11.669 * 7}), seeds, customers);
  run(gamma_gamma(), seeds, customers);
}
