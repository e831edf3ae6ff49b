#include "statistics/lifetime_value.hpp"

#include <gtest/gtest.h>

#include "statistics/beta_geometric.hpp"
#include "statistics/gamma_gamma.hpp"

namespace guanxi {
namespace {

// 12 months of 4.345 weeks at 1 % a month, as `lifetimes` counts; computed in 40-digit arithmetic.
TEST(LifetimeValue, IsThatOfThePackagesConvention) {
  const BetaGeometric buying = BetaGeometric::create({.243, 4.414 * 7, .793, 2.426}).value();
  const GammaGamma spend = GammaGamma::create({6.25, 3.74, 15.44}).value();
  const PurchaseHistory history{
      .repeat_purchases = 2, .recency_days = 30.43 * 7, .age_days = 38.86 * 7};
  const double purchases =
      discounted_purchases([&](double days) { return buying.expected_purchases(history, days); },
                           {.periods = 12, .period_days = 4.345 * 7, .rate_per_period = 0.01});
  EXPECT_NEAR(purchases * spend.expected_spend({2, 22.35}), 36.28921112559922, 1e-8);
}

TEST(Concentration, ReadsTheLorenzCurveFromAbove) {
  const std::vector<double> values{1, 1, 1, 1, 6, -5};
  const Concentration held = concentration(values, 6);
  EXPECT_NEAR(held.value_share[1], 0.6, 1e-12);
  EXPECT_NEAR(held.value_share[5], 1, 1e-12);
  EXPECT_NEAR(held.value_share[6], 1, 1e-12);
  const std::vector<double> alike(7, 3);
  EXPECT_NEAR(concentration(alike).gini, 0, 1e-12);
  EXPECT_NEAR(concentration(alike).value_share[20], 0.2, 1e-12);
  EXPECT_NEAR(concentration({}).value_share[50], 0.5, 1e-12);
  std::vector<double> one(1000, 0);
  one[3] = 1;
  EXPECT_NEAR(concentration(one).gini, 0.999, 1e-9);
}

// The textbook's case: margin 3, loss 1, demand 100 +- 20: the 75 % quantile.
TEST(Newsvendor, TakesTheCriticalRatiosQuantile) {
  const Newsvendor make = newsvendor(100, 20, 3, 1);
  EXPECT_DOUBLE_EQ(make.critical_ratio, 0.75);
  EXPECT_NEAR(make.quantity, 113.4898, 1e-4);
  EXPECT_EQ(newsvendor(100, 0, 3, 1).quantity, 100);
  EXPECT_EQ(newsvendor(1, 100, 1, 9).quantity, 0);
}

TEST(SharePosterior, IsBetaByTheBook) {
  const SharePosterior share = share_posterior(3, 10, 1, 1);
  EXPECT_NEAR(share.mean, 4.0 / 12, 1e-12);
  EXPECT_NEAR(share.least, 0.10926344, 1e-7);
  EXPECT_NEAR(share.most, 0.60974256, 1e-7);
}

}  // namespace
}  // namespace guanxi
