// The published fits of CDNOW, from the purchases themselves (../shared/data/cdnow).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "statistics/beta_geometric.hpp"
#include "statistics/gamma_gamma.hpp"
#include "statistics/pareto_nbd.hpp"

namespace guanxi {
namespace {

constexpr double kWeek = 7;
constexpr double kHoldoutDays = 39 * kWeek;

/// Dollars by purchase day by customer; empty when the file is not there.
std::map<int, std::map<int, double>> purchases() {
  const char* folder = std::getenv("GUANXI_REAL_DATA");
  const std::string file =
      std::string(folder != nullptr ? folder : "../shared/data") + "/cdnow/CDNOW_sample.txt.gz";
  std::map<int, std::map<int, double>> days;
  std::FILE* pipe = popen(("gzip -dc '" + file + "' 2>/dev/null").c_str(), "r");
  int master = 0;
  int customer = 0;
  int date = 0;
  int discs = 0;
  double dollars = 0;
  while (pipe != nullptr &&
         std::fscanf(pipe, "%d %d %d %d %lf", &master, &customer, &date, &discs, &dollars) == 5) {
    const int day = days_from_civil(date / 10000, static_cast<unsigned>(date / 100 % 100),
                                    static_cast<unsigned>(date % 100));
    days[customer][day] += dollars;
  }
  if (pipe != nullptr) {
    pclose(pipe);
  }
  return days;
}

/// The 39 weeks known, and the purchases of the 39 weeks after.
struct Known {
  std::vector<PurchaseHistory> histories;
  std::vector<SpendHistory> spends;
  std::vector<double> later;
  double repeats = 0;
};

Known known_of(const std::map<int, std::map<int, double>>& customers) {
  const int cut = days_from_civil(1997, 9, 30);
  Known known;
  for (const auto& [id, days] : customers) {
    const int first = days.begin()->first;
    PurchaseHistory history{.age_days = static_cast<double>(cut - first)};
    double after = 0;
    double dollars = 0;
    for (const auto& [day, spent] : days) {
      if (day > cut) {
        after += 1;
      } else if (day > first) {
        history.log_interval_sum += std::log(day - first - history.recency_days);
        history.repeat_purchases += 1;
        history.recency_days = day - first;
        dollars += spent;
      }
    }
    known.repeats += history.repeat_purchases;
    known.histories.push_back(history);
    known.spends.push_back({history.repeat_purchases,
                            history.repeat_purchases > 0 ? dollars / history.repeat_purchases : 0});
    known.later.push_back(after);
  }
  return known;
}

class CdnowFit : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto customers = purchases();
    if (customers.empty()) {
      GTEST_SKIP() << "REAL DATA: cdnow is not there, so the published fits were not checked";
    }
    ASSERT_EQ(customers.size(), 2357U);
    known_ = known_of(customers);
    ASSERT_EQ(known_.repeats, 2457);
  }

  /// Within a promille of what is published.
  static void expect_published(double value, double published) {
    EXPECT_NEAR(value, published, published * 1e-3);
  }
  [[nodiscard]] double weekly(const FitReport& report) const {
    return report.log_likelihood + known_.repeats * std::log(kWeek);
  }
  template <class Model>
  void expect_holdout(const Model& model, double total, double mean_absolute_error) {
    double expected = 0;
    double error = 0;
    for (std::size_t i = 0; i < known_.histories.size(); ++i) {
      const double purchases = model.expected_purchases(known_.histories[i], kHoldoutDays);
      expected += purchases;
      error += std::abs(purchases - known_.later[i]);
    }
    EXPECT_NEAR(expected, total, 0.3);
    EXPECT_NEAR(error / 2357, mean_absolute_error, 0.0001);
  }

  Known known_;
};

TEST_F(CdnowFit, BgNbdEqualsThePublishedFitAndHoldout) {
  const auto fit = fit_beta_geometric(collapse(known_.histories));
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const auto& p = fit->model.parameters();
  EXPECT_GE(weekly(fit->report), -9582.42921 - 1e-4);
  expect_published(p.r, .2425945);
  expect_published(p.alpha_days / kWeek, 4.4136019);
  expect_published(p.a, .7929199);
  expect_published(p.b, 2.4258881);
  expect_holdout(fit->model, 1653.41, .78545);
}

TEST_F(CdnowFit, MbgNbdEqualsThePublishedFit) {
  const auto fit = fit_beta_geometric(collapse(known_.histories), {Dropout::after_every, 1});
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const auto& p = fit->model.parameters();
  EXPECT_GE(weekly(fit->report), -9582.13572 - 1e-4);
  expect_published(p.r, .525);
  expect_published(p.alpha_days / kWeek, 6.183);
  expect_published(p.a, .891);
  expect_published(p.b, 1.614);
}

TEST_F(CdnowFit, ParetoNbdEqualsThePublishedFitAndErrors) {
  const auto fit = fit_pareto_nbd(collapse(known_.histories));
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const auto& p = fit->model.parameters();
  EXPECT_GE(weekly(fit->report), -9594.97618 - 1e-4);
  expect_published(p.r, .55315);
  expect_published(p.alpha_days / kWeek, 10.57633);
  expect_published(p.s, .60625);
  expect_published(p.beta_days / kWeek, 11.67150);
  const auto error = [&](std::size_t i, double parameter) {
    return fit->report.standard_error(i) * parameter;
  };
  // CLVTools' own, from its numeric Hessian.
  EXPECT_NEAR(error(0, p.r), .0476264, .0005);
  EXPECT_NEAR(error(1, p.alpha_days / kWeek), .8427222, .005);
  EXPECT_NEAR(error(2, p.s), .1872594, .002);
  EXPECT_NEAR(error(3, p.beta_days / kWeek), 6.2105448, .06);
}

TEST_F(CdnowFit, GammaGammaEqualsThePublishedFit) {
  const auto fit = fit_gamma_gamma(known_.spends);
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const auto& [p, q, v] = fit->model.parameters();
  EXPECT_EQ(fit->report.customers, 946U);
  EXPECT_GE(fit->report.log_likelihood, -4055.9177 - 1e-3);
  EXPECT_NEAR(p, 6.25, 0.01);
  EXPECT_NEAR(q, 3.74, 0.01);
  EXPECT_NEAR(v, 15.44, 0.05);
}

// There is no rhythm in CDNOW: k stops at 1.
TEST_F(CdnowFit, NoRhythmIsFoundWhereThereIsNone) {
  const auto fit = fit_regular_beta_geometric(collapse(known_.histories), Dropout::after_every);
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  EXPECT_EQ(fit->model.kind().stages, 1U);
}

}  // namespace
}  // namespace guanxi
