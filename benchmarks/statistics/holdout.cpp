// What each model foretells of CDNOW's last 39 weeks, fitted on the first 39:
// docs/statistics/holdout.md.
//
//   gzip -dc CDNOW_sample.txt.gz | statistics_holdout sample
//   gzip -dc CDNOW_master.txt.gz | statistics_holdout master [--weeks]
//
//   gzip -dc CDNOW_sample.txt.gz | statistics_holdout sample --time
//
// With --weeks: repeat purchases by week beside what each model expects, as comma separated values.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "statistics/beta_geometric.hpp"
#include "statistics/forecasts.hpp"
#include "statistics/pareto_nbd.hpp"

namespace {

using namespace guanxi;

constexpr double kWeek = 7;
constexpr int kHoldoutDays = 39 * 7;

struct Shop {
  std::vector<PurchaseHistory> histories;
  std::vector<double> later;
  std::vector<std::uint8_t> bought;
  std::vector<int> first_days;        ///< counted from the first day of all
  std::map<int, int> repeats_by_day;  ///< of all, the holdout included
  double repeats = 0;
};

Shop read_shop(bool sample) {
  std::map<int, std::map<int, int>> days;
  char line[256];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    int customer = 0;
    int other = 0;
    int date = 0;
    const int found = sample ? std::sscanf(line, "%d %d %d", &other, &customer, &date)
                             : std::sscanf(line, "%d %d", &customer, &date);
    if (found == (sample ? 3 : 2) && date > 19'000'000) {
      days[customer][days_from_civil(date / 10000, static_cast<unsigned>(date / 100 % 100),
                                     static_cast<unsigned>(date % 100))] = 1;
    }
  }
  const int origin = days_from_civil(1997, 1, 1);
  const int cut = days_from_civil(1997, 9, 30);
  Shop shop;
  for (const auto& [customer, bought] : days) {
    const int first = bought.begin()->first;
    PurchaseHistory history{.age_days = static_cast<double>(cut - first)};
    double after = 0;
    for (const auto& [day, once] : bought) {
      shop.repeats_by_day[day - origin] += day > first ? once : 0;
      if (day > cut) {
        after += 1;
      } else if (day > first) {
        history.log_interval_sum += std::log(day - first - history.recency_days);
        history.repeat_purchases += 1;
        history.recency_days = day - first;
      }
    }
    shop.repeats += history.repeat_purchases;
    shop.histories.push_back(history);
    shop.later.push_back(after);
    shop.bought.push_back(after > 0 ? 1 : 0);
    shop.first_days.push_back(first - origin);
  }
  return shop;
}

struct Told {
  std::string name;
  double log_likelihood = 0;
  std::function<double(const PurchaseHistory&, double)> expected;
  std::function<double(const PurchaseHistory&)> none;
};

template <class Fit>
void add(std::vector<Told>& all, std::string name, const Result<Fit>& fit) {
  if (!fit) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), fit.error().message.c_str());
    return;
  }
  const auto model = fit->model;
  all.push_back({std::move(name), fit->report.log_likelihood,
                 [model](const PurchaseHistory& history, double days) {
                   return model.expected_purchases(history, days);
                 },
                 [model](const PurchaseHistory& history) {
                   return model.probability_of(history, 0, kHoldoutDays);
                 }});
}

std::vector<Told> fitted(const Shop& shop) {
  const CollapsedHistories collapsed = collapse(shop.histories);
  std::vector<Told> all;
  add(all, "BG/NBD", fit_beta_geometric(collapsed));
  add(all, "MBG/NBD", fit_beta_geometric(collapsed, {Dropout::after_every, 1}));
  add(all, "BG/CNBD-2", fit_beta_geometric(collapsed, {Dropout::after_repeat, 2}));
  add(all, "MBG/CNBD-2", fit_beta_geometric(collapsed, {Dropout::after_every, 2}));
  add(all, "Pareto/NBD", fit_pareto_nbd(collapsed));
  return all;
}

void print_table(const Shop& shop, const std::vector<Told>& all) {
  std::puts(
      "| model | log-likelihood (weeks) | purchases foretold | MAE | RMSE | r | chance to "
      "buy: log loss | AUC |");
  std::puts("|---|---|---|---|---|---|---|---|");
  for (const Told& told : all) {
    std::vector<double> expected;
    std::vector<double> chance;
    for (const PurchaseHistory& history : shop.histories) {
      expected.push_back(told.expected(history, kHoldoutDays));
      chance.push_back(1 - told.none(history));
    }
    const ForecastErrors errors = forecast_errors(expected, shop.later);
    const Bounded auc = bounded_auc(expected, shop.bought).value();
    std::printf("| %s | %.5f | %.2f of %.0f | %.5f | %.5f | %.5f | %.5f | %.4f (%.4f-%.4f) |\n",
                told.name.c_str(), told.log_likelihood + shop.repeats * std::log(kWeek),
                errors.forecast_sum, errors.actual_sum, errors.mean_absolute,
                errors.root_mean_square, errors.correlation.value_or(0),
                chance_errors(chance, shop.bought).log_loss, auc.value, auc.least, auc.most);
  }
}

void print_weeks(const Shop& shop, const std::vector<Told>& all) {
  std::printf("week,came");
  for (const Told& told : all) {
    std::printf(",%s", told.name.c_str());
  }
  std::puts("");
  std::vector<double> before(all.size());
  for (int week = 1; week <= 78; ++week) {
    int came = 0;
    for (int day = 7 * (week - 1); day < 7 * week; ++day) {
      const auto found = shop.repeats_by_day.find(day);
      came += found == shop.repeats_by_day.end() ? 0 : found->second;
    }
    std::printf("%d,%d", week, came);
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::map<int, double> of_age;
      double through = 0;
      for (const int first : shop.first_days) {
        const int age = 7 * week - 1 - first;
        if (age > 0) {
          auto [place, is_new] = of_age.try_emplace(age, 0);
          place->second = is_new ? all[i].expected({}, age) : place->second;
          through += place->second;
        }
      }
      std::printf(",%.2f", through - before[i]);
      before[i] = through;
    }
    std::puts("");
  }
}

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// CPU milliseconds of a fit with its standard errors, collapsing included: the median of 11.
void print_time(const char* name, const Shop& shop,
                const std::function<bool(const CollapsedHistories&)>& fit) {
  std::vector<double> times;
  for (int run = 0; run < 11; ++run) {
    const double began = cpu_seconds();
    if (!fit(collapse(shop.histories))) {
      std::printf("%-12s not determined\n", name);
      return;
    }
    times.push_back(1000 * (cpu_seconds() - began));
  }
  std::sort(times.begin(), times.end());
  std::printf("%-12s %8.2f ms\n", name, times[times.size() / 2]);
}

void print_times(const Shop& shop) {
  print_time("BG/NBD", shop, [](const CollapsedHistories& histories) {
    return fit_beta_geometric(histories).has_value();
  });
  print_time("MBG/NBD", shop, [](const CollapsedHistories& histories) {
    return fit_beta_geometric(histories, {Dropout::after_every, 1}).has_value();
  });
  print_time("Pareto/NBD", shop, [](const CollapsedHistories& histories) {
    return fit_pareto_nbd(histories).has_value();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bool sample = argc > 1 && std::strcmp(argv[1], "sample") == 0;
  const Shop shop = read_shop(sample);
  if (shop.histories.empty()) {
    std::fputs("no customers on standard input\n", stderr);
    return 1;
  }
  if (argc > 2 && std::strcmp(argv[2], "--time") == 0) {
    print_times(shop);
    return 0;
  }
  const std::vector<Told> all = fitted(shop);
  if (argc > 2 && std::strcmp(argv[2], "--weeks") == 0) {
    print_weeks(shop, all);
  } else {
    std::printf("%zu customers, %.0f repeat purchases known\n\n", shop.histories.size(),
                shop.repeats);
    print_table(shop, all);
  }
}
