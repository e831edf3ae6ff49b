// The published BG/NBD fit of CDNOW, from the purchases themselves (../shared/data/cdnow).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "base/instant.hpp"
#include "statistics/bg_nbd.hpp"

namespace guanxi {
namespace {

constexpr double kWeek = 7;

/// Purchase days by customer; empty when the file is not there.
std::map<int, std::set<int>> purchase_days() {
  const char* folder = std::getenv("GUANXI_REAL_DATA");
  const std::string file =
      std::string(folder != nullptr ? folder : "../shared/data") + "/cdnow/CDNOW_sample.txt.gz";
  std::map<int, std::set<int>> days;
  std::FILE* pipe = popen(("gzip -dc '" + file + "' 2>/dev/null").c_str(), "r");
  int master = 0;
  int customer = 0;
  int date = 0;
  int discs = 0;
  double dollars = 0;
  while (pipe != nullptr &&
         std::fscanf(pipe, "%d %d %d %d %lf", &master, &customer, &date, &discs, &dollars) == 5) {
    days[customer].insert(days_from_civil(date / 10000, static_cast<unsigned>(date / 100 % 100),
                                          static_cast<unsigned>(date % 100)));
  }
  if (pipe != nullptr) {
    pclose(pipe);
  }
  return days;
}

TEST(CdnowFit, EqualsThePublishedFitAndHoldout) {
  const auto customers = purchase_days();
  if (customers.empty()) {
    GTEST_SKIP() << "REAL DATA: cdnow is not there, so the published fit was not checked";
  }
  ASSERT_EQ(customers.size(), 2357U);
  const int cut = days_from_civil(1997, 9, 30);
  std::vector<PurchaseHistory> histories;
  std::vector<double> later;
  double repeats = 0;
  for (const auto& [id, days] : customers) {
    PurchaseHistory history{.age_days = static_cast<double>(cut - *days.begin())};
    double after = 0;
    for (const int day : days) {
      if (day > cut) {
        after += 1;
      } else if (day > *days.begin()) {
        history.repeat_purchases += 1;
        history.recency_days = day - *days.begin();
      }
    }
    repeats += history.repeat_purchases;
    histories.push_back(history);
    later.push_back(after);
  }
  EXPECT_EQ(repeats, 2457);

  const auto fit = fit_bg_nbd(histories);
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const BgNbd::Parameters& p = fit->model.parameters();
  EXPECT_GE(fit->log_likelihood + repeats * std::log(kWeek), -9582.42921 - 1e-4);
  EXPECT_NEAR(p.r, .2425945, .2425945e-3);
  EXPECT_NEAR(p.alpha_days / kWeek, 4.4136019, 4.4136019e-3);
  EXPECT_NEAR(p.a, .7929199, .7929199e-3);
  EXPECT_NEAR(p.b, 2.4258881, 2.4258881e-3);

  double expected = 0;
  double error = 0;
  for (std::size_t i = 0; i < histories.size(); ++i) {
    const double purchases = fit->model.expected_purchases(histories[i], 39 * kWeek);
    expected += purchases;
    error += std::abs(purchases - later[i]);
  }
  EXPECT_NEAR(expected, 1653.41, 0.3);
  EXPECT_NEAR(error / 2357, .78545, 0.0001);
}

}  // namespace
}  // namespace guanxi
