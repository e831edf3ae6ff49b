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
#include <random>
#include <string>
#include <vector>

#include "statistics/beta_geometric.hpp"
#include "statistics/gamma_gamma.hpp"
#include "statistics/pareto_nbd.hpp"

namespace {

using namespace guanxi;

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct World {
  std::vector<PurchaseHistory> histories;
  std::vector<SpendHistory> spends;
};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  World beta_geometric(const BetaGeometric& model, std::size_t people) {
    const auto& [r, alpha, a, b] = model.parameters();
    World world;
    for (std::size_t i = 0; i < people; ++i) {
      const double rate = gamma(r) / alpha;
      const double left = gamma(a);
      std::bernoulli_distribution leaves(left / (left + gamma(b)));
      PurchaseHistory history = newcomer();
      bool alive = model.kind().dropout == Dropout::after_repeat || !leaves(random_);
      for (double day = 0; alive;) {
        day += gamma(model.kind().stages) / rate;
        if (!buys(history, day)) {
          break;
        }
        alive = !leaves(random_);
      }
      add(world, history);
    }
    return world;
  }

  World pareto(const ParetoNbd& model, std::size_t people) {
    const auto& [r, alpha, s, beta] = model.parameters();
    World world;
    for (std::size_t i = 0; i < people; ++i) {
      const double rate = gamma(r) / alpha;
      const double end = gamma(1) / (gamma(s) / beta);
      PurchaseHistory history = newcomer();
      for (double day = 0;;) {
        day += gamma(1) / rate;
        if (day > end || !buys(history, day)) {
          break;
        }
      }
      add(world, history);
    }
    return world;
  }

 private:
  double gamma(double shape) { return std::gamma_distribution<double>(shape)(random_); }

  PurchaseHistory newcomer() {
    return {.age_days = static_cast<double>(28 + random_() % (100 * 7 + 1))};
  }

  static bool buys(PurchaseHistory& history, double day) {
    if (!(day <= history.age_days)) {
      return false;
    }
    const double whole = std::ceil(day);
    if (whole > history.recency_days && whole <= history.age_days) {
      history.log_interval_sum += std::log(whole - history.recency_days);
      history.recency_days = whole;
      history.repeat_purchases += 1;
    }
    return true;
  }

  void add(World& world, const PurchaseHistory& history) {
    world.histories.push_back(history);
    const std::uint32_t x = history.repeat_purchases;
    const double spend = x == 0 ? 0 : gamma(6.25 * x) / (gamma(3.74) / 15.44) / x;
    world.spends.push_back({x, std::round(spend * 100) / 100});
  }

  std::mt19937_64 random_;
};

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

void run(std::size_t people, int runs) {
  Maker maker(7);
  const World bg = maker.beta_geometric(cdnow({}), people);
  row("collapse", people, median_cpu(runs, [&] { (void)collapse(bg.histories); }), "");
  fit_kind("BG/NBD fit", bg, {}, runs);
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
  run(people, argc > 2 ? std::atoi(argv[2]) : 3);
}
