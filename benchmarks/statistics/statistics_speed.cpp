// What fitting and predicting cost, in CPU seconds of one core: benchmarks/statistics/run.sh.
//
// Customers are made up from CDNOW-like parameters, T 4 to 104 weeks, times on whole days. With
// --write FILE they are written for the rival instead (x, t_x, T, mean spend), of the same seed.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "made_up.hpp"
#include "statistics/lifetime_value.hpp"

namespace {

using namespace guanxi;
using made_up::Maker;
using made_up::World;

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

BetaGeometric cdnow(BetaGeometricKind kind) {
  const bool every = kind.dropout == Dropout::after_every;
  return BetaGeometric::create(
             every ? BetaGeometric::Parameters{.525, 6.183 * 7 / kind.stages, .891, 1.614}
                   : BetaGeometric::Parameters{.243, 4.414 * 7, .793, 2.426},
             kind)
      .value();
}

double median_cpu(int runs, const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const double began = cpu_seconds();
    work();
    times.push_back(cpu_seconds() - began);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void row(const char* name, std::size_t people, double seconds, const std::string& note) {
  std::printf("%-34s %10zu %9.4f  %s\n", name, people, seconds, note.c_str());
  std::fflush(stdout);
}

std::string told(const FitReport& report) {
  char text[160];
  std::snprintf(text, sizeof text, "LL %.4f, %lu distinct, %u evaluations, slope left %.1e",
                report.log_likelihood, static_cast<unsigned long>(report.distinct),
                report.evaluations, report.steepness);
  return text;
}

void fit_kind(const char* name, const World& world, BetaGeometricKind kind, int runs) {
  std::string note;
  const double seconds = median_cpu(runs, [&] {
    const auto fit = fit_beta_geometric(world.histories, kind);
    note = fit ? told(fit->report) : fit.error().message;
  });
  row(name, world.histories.size(), seconds, note);
}

void expectations(const World& bg, const World& pareto, const ParetoNbd& pareto_model, int runs) {
  const std::size_t people = bg.histories.size();
  const BetaGeometric model = cdnow({});
  double sum = 0;
  row("BG/NBD expected, 39 weeks", people,
      median_cpu(runs,
                 [&] {
                   for (const PurchaseHistory& history : bg.histories) {
                     sum += model.expected_purchases(history, 39 * 7);
                   }
                 }),
      "");
  row("BG/NBD expected, equal ones once", people,
      median_cpu(runs,
                 [&] {
                   const CollapsedHistories collapsed = collapse(bg.histories);
                   for (const HistoryCell& cell : collapsed.cells) {
                     const PurchaseHistory history{
                         .repeat_purchases = cell.repeat_purchases,
                         .recency_days = collapsed.recencies_days[cell.recency],
                         .age_days = collapsed.ages_days[cell.age]};
                     sum += cell.customers * model.expected_purchases(history, 39 * 7);
                   }
                 }),
      "");
  const GammaGamma spend = GammaGamma::create({6.25, 3.74, 15.44}).value();
  row("CLV, 12 months (BG/NBD)", people,
      median_cpu(runs,
                 [&] {
                   for (std::size_t i = 0; i < bg.histories.size(); ++i) {
                     const auto expected = [&](double days) {
                       return model.expected_purchases(bg.histories[i], days);
                     };
                     sum += discounted_purchases(expected, {}) * spend.expected_spend(bg.spends[i]);
                   }
                 }),
      "");
  row("Pareto/NBD expected, 39 weeks", people,
      median_cpu(runs,
                 [&] {
                   for (const PurchaseHistory& history : pareto.histories) {
                     sum += pareto_model.expected_purchases(history, 39 * 7);
                   }
                 }),
      "");
  std::printf("# check %.6f\n", sum);
}

void run(std::size_t people, int runs, bool only_bg) {
  Maker maker(7);
  const World bg = maker.beta_geometric(cdnow({}), people);
  row("collapse", people, median_cpu(runs, [&] { (void)collapse(bg.histories); }), "");
  fit_kind("BG/NBD fit", bg, {}, runs);
  if (only_bg) {
    return;
  }
  const World mbg = maker.beta_geometric(cdnow({Dropout::after_every, 2}), people);
  fit_kind("MBG/NBD fit", mbg, {Dropout::after_every, 1}, runs);
  std::string note;
  row("MBG/CNBD-k fit, k chosen", people,
      median_cpu(runs,
                 [&] {
                   const auto fit =
                       fit_regular_beta_geometric(collapse(mbg.histories), Dropout::after_every);
                   note = fit ? name_of(fit->model.kind()) + ", " + told(fit->report)
                              : fit.error().message;
                 }),
      note);
  const ParetoNbd pareto_model = ParetoNbd::create({.553, 10.578 * 7, .606, 11.669 * 7}).value();
  const World pareto = maker.pareto(pareto_model, people);
  row("Pareto/NBD fit", people,
      median_cpu(runs,
                 [&] {
                   const auto fit = fit_pareto_nbd(pareto.histories);
                   note = fit ? told(fit->report) : fit.error().message;
                 }),
      note);
  row("Gamma-Gamma fit", people,
      median_cpu(runs,
                 [&] {
                   const auto fit = fit_gamma_gamma(bg.spends);
                   note = fit ? told(fit->report) : fit.error().message;
                 }),
      note);
  expectations(bg, pareto, pareto_model, runs);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t people = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  if (argc == 4 && std::strcmp(argv[2], "--write") == 0) {
    std::FILE* file = std::fopen(argv[3], "w");
    if (file == nullptr) {
      std::perror(argv[3]);
      return 1;
    }
    const World world = Maker(7).beta_geometric(cdnow({}), people);
    std::fputs("frequency,recency,T,monetary_value\n", file);
    for (std::size_t i = 0; i < people; ++i) {
      const PurchaseHistory& h = world.histories[i];
      std::fprintf(file, "%u,%.9g,%.9g,%.2f\n", h.repeat_purchases, h.recency_days / 7,
                   h.age_days / 7, world.spends[i].mean_spend);
    }
    return std::fclose(file) == 0 ? 0 : 1;
  }
  run(people, argc > 2 ? std::atoi(argv[2]) : 3, argc > 3 && std::strcmp(argv[3], "bg") == 0);
}
