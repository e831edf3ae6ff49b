#include "statistics/customer_value.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "statistics/value_moments.hpp"

namespace guanxi {
namespace {

ValueModels models(BetaGeometricKind kind = {}) {
  return {
      *BetaGeometric::create({0.8, 40, 0.9, 2.5}, kind), {}, *GammaGamma::create({4, 6, 2500}), {}};
}
constexpr double kUncertain = 0.04;

ValueModels uncertain() {
  ValueModels all = models();
  all.purchases_covariance.assign(16, 0);
  all.spend_covariance.assign(9, 0);
  for (std::size_t i = 0; i < 4; ++i) {
    all.purchases_covariance[i * 5] = kUncertain;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    all.spend_covariance[i * 4] = kUncertain;
  }
  return all;
}

const PurchaseHistory kRegular{.repeat_purchases = 6, .recency_days = 300, .age_days = 320};
const SpendHistory kSpend{.purchases = 6, .mean_spend = 1800};

// Goal: mean and interval are those of the models. Method: many lives drawn from them.
TEST(CustomerValue, AgreesWithDrawnLives) {
  const ValueModels model = models();
  const ValueSpan span{.days = 365, .discount_per_year = 0};
  std::vector<double> chances;
  for (std::uint32_t n = 0; n < 200; ++n) {
    chances.push_back(model.purchases.probability_of(kRegular, n, span.days));
  }
  std::mt19937_64 chance(7);
  std::discrete_distribution<std::uint32_t> count(chances.begin(), chances.end());
  std::gamma_distribution<double> rate(4 * 6 + 6, 1 / (6 * 1800.0 + 2500));
  std::vector<double> lives;
  double sum = 0;
  for (int i = 0; i < 200000; ++i) {
    const std::uint32_t n = count(chance);
    const double nu = rate(chance);
    lives.push_back(n == 0 ? 0 : std::gamma_distribution<double>(4.0 * n, 1 / nu)(chance));
    sum += lives.back();
  }
  std::ranges::sort(lives);
  const OwnValue value = own_value(model, kRegular, kSpend, span);
  EXPECT_NEAR(value.mean, sum / 200000, value.mean * 0.01);
  EXPECT_NEAR(value.most, lives[190000], value.mean * 0.02);
  EXPECT_NEAR(value.least, lives[10000], value.mean * 0.02);
  EXPECT_NEAR(value.none, chances[0], 1e-4);
  EXPECT_NEAR(std::sqrt(value.variance), std::sqrt([&] {
                double square = 0;
                for (const double life : lives) {
                  square += (life - value.mean) * (life - value.mean);
                }
                return square / 200000;
              }()),
              value.mean * 0.02);
}

TEST(CustomerValue, DiscountingTakesLessThanAYearsRate) {
  const BetaGeometric model = models().purchases;
  const double plain = model.expected_purchases(kRegular, 365);
  const double present = present_purchases(model, kRegular, {365, 0.1});
  EXPECT_LT(present, plain);
  EXPECT_GT(present, plain / 1.1);
  EXPECT_DOUBLE_EQ(present_purchases(model, kRegular, {365, 0}), plain);
  EXPECT_NEAR(discount_left(model, kRegular, {365, 0.1}), std::pow(1.1, -0.47), 0.01);
}

TEST(CustomerValue, WhatIsNotKnownOfTheParametersWidensTheInterval) {
  const ValueSpan span;
  const OwnValue known = own_value(models(), kRegular, kSpend, span);
  const OwnValue unknown = own_value(uncertain(), kRegular, kSpend, span);
  EXPECT_EQ(around(models()).size(), 1U);
  EXPECT_EQ(around(uncertain()).size(), 14U);
  EXPECT_DOUBLE_EQ(known.mean, unknown.mean);
  EXPECT_GT(unknown.most, known.most);
  EXPECT_GT(unknown.variance, known.variance);
}

// Goal: a place around the models has their covariance. Method: sums over all places.
TEST(CustomerValue, PlacesAroundHaveTheCovariance) {
  const ValueModels model = uncertain();
  double sum = 0;
  double square = 0;
  for (const ValueModels& place : around(model)) {
    const double moved = std::log(place.purchases.parameters().r / 0.8);
    sum += moved / 14;
    square += moved * moved / 14;
  }
  EXPECT_NEAR(sum, 0, 1e-12);
  EXPECT_NEAR(square, kUncertain, 1e-12);
}

TEST(CustomerValue, SomebodyWhoIsSurelyGoneIsWorthNothing) {
  const PurchaseHistory gone{.repeat_purchases = 40, .recency_days = 100, .age_days = 4000};
  const OwnValue value = own_value(models(), gone, {40, 1800}, {});
  EXPECT_LT(value.mean, 1);
  EXPECT_EQ(value.least, 0);
  EXPECT_EQ(value.most, 0);
  EXPECT_GT(value.none, 0.99);
}

TEST(CustomerValue, ManyPurchasesAreTakenTogetherWithoutLoss) {
  const PurchaseHistory heavy{.repeat_purchases = 700, .recency_days = 720, .age_days = 721};
  const OwnValue value = own_value(models({Dropout::after_every, 2}), heavy, {700, 1800}, {365, 0});
  const double expected =
      models({Dropout::after_every, 2}).purchases.expected_purchases(heavy, 365);
  EXPECT_GT(expected, 200);
  EXPECT_NEAR(value.mean, expected * 1800, expected * 20);
  EXPECT_LT(value.least, value.mean);
  EXPECT_GT(value.most, value.mean);
}

TEST(CustomerValue, MomentsAreThoseOfTheWholeWithoutTheUnknown) {
  const OwnValue whole = own_value(models(), kRegular, kSpend, {});
  const ValueMoments moments = value_moments(models(), kRegular, kSpend, {});
  EXPECT_DOUBLE_EQ(moments.mean, whole.mean);
  EXPECT_NEAR(moments.variance, whole.variance, 1e-9 * whole.variance);
}

TEST(CustomerValue, AnIntervalOfASumClosesWithItsVariance) {
  const SumInterval wide = sum_interval(100, 2500);
  const SumInterval narrow = sum_interval(100, 25);
  EXPECT_LT(wide.least, narrow.least);
  EXPECT_GT(wide.most, narrow.most);
  EXPECT_NEAR(narrow.most, 108.4, 0.1);
  EXPECT_EQ(sum_interval(0, 0).most, 0);
  EXPECT_EQ(sum_interval(5, 0).least, 5);
}

}  // namespace
}  // namespace guanxi
