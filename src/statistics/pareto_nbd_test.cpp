#include "statistics/pareto_nbd.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "statistics/weekly_testing.hpp"

namespace guanxi {
namespace {

ParetoNbd weekly(double r, double alpha_weeks, double s, double beta_weeks) {
  return ParetoNbd::create(
             {.r = r, .alpha_days = alpha_weeks * kWeek, .s = s, .beta_days = beta_weeks * kWeek})
      .value();
}
/// The published parameters of CDNOW (Fader, Hardie & Lee 2005).
ParetoNbd cdnow() { return weekly(.553, 10.578, .606, 11.669); }

// Computed in 40-digit arithmetic from the integrals.
TEST(ParetoNbd, ReproducesExactFigures) {
  const ParetoNbd model = cdnow();
  const PurchaseHistory loyal = weeks(26, 216.0 / 7, 31);
  expect_close(model.expected_purchases(loyal, 52 * kWeek), 25.45733844057988);
  expect_close(model.probability_alive(loyal), .9978742606099414);
  expect_close(weekly_log_likelihood(model, loyal), -39.1316269761166);
  expect_close(model.expected_purchases(weeks(10, 20, 39), 52 * kWeek), .7063443426411654);
  // The reference list gives .003092530515...; 40-digit 2F1 gives this.
  expect_close(model.expected_purchases(weeks(25, 20, 39), 52 * kWeek), .0030925303642996976);
}

TEST(ParetoNbd, ReproducesThePublishedGrowthOfANewcomer) {
  const ParetoNbd model = weekly(.55, 10.56, .61, 11.64);
  const double published[] = {.0507782062, .0991608842, .145425065, .189799299};
  for (int week = 1; week <= 4; ++week) {
    expect_close(model.expected_purchases({}, week * kWeek), published[week - 1], 5e-9);
  }
}

TEST(ParetoNbd, ReproducesDiscountedExpectedResidualTransactions) {
  const ParetoNbd model = weekly(.5629966, 12.5590370, .4081095, 10.5148048);
  const double rate_per_day = .0027 / kWeek;
  expect_close(model.discounted_purchases(weeks(7, 35, 77.86), rate_per_day), 1.86418332807133);
  expect_close(model.discounted_purchases(weeks(1, 30, 77.86), rate_per_day), 2.199155449704961);
}

// CLVTools#100: hundreds of purchases, where BTYD gives NaN.
TEST(ParetoNbd, StaysExactForHundredsOfPurchases) {
  const ParetoNbd model = weekly(.5143, 2.8845, .2856, 14.1087);
  const PurchaseHistory daily = weeks(221, 103.42857, 103.57143);
  expect_close(model.probability_alive(daily), .9995960523179383);
  expect_close(weekly_log_likelihood(model, daily), -61.58464856172921);
  expect_close(model.probability_alive(weeks(161, 94.71429, 98)), .7494877517041015);
}

TEST(ParetoNbd, StaysFiniteForExtremeHistories) {
  for (const ParetoNbd& model : {cdnow(), weekly(.5, 5, 1, 5), weekly(1e-3, 1e4, 30, 1e-2)}) {
    for (const PurchaseHistory& history :
         {weeks(10000, 500, 501), weeks(10000, 1, 501), weeks(1, 0, 0), weeks(0, 0, 5000),
          weeks(0, 0, 0), weeks(3000, 2, 2)}) {
      SCOPED_TRACE(::testing::Message() << history.repeat_purchases << " " << history.age_days);
      const double alive = model.probability_alive(history);
      EXPECT_GE(alive, 0);
      EXPECT_LE(alive, 1);
      EXPECT_TRUE(std::isfinite(model.log_likelihood(history)));
      const double expected = model.expected_purchases(history, 52 * kWeek);
      EXPECT_TRUE(std::isfinite(expected));
      EXPECT_GE(expected, 0);
    }
  }
}

TEST(ParetoNbd, ProbabilitiesSumToOneAndTheirMeanIsTheExpectation) {
  const ParetoNbd model = cdnow();
  for (const PurchaseHistory& history : {PurchaseHistory{}, weeks(2, 30, 38)}) {
    double sum = 0;
    double mean = 0;
    for (std::uint32_t n = 0; n < 300; ++n) {
      const double p = model.probability_of(history, n, 39 * kWeek);
      sum += p;
      mean += n * p;
    }
    EXPECT_NEAR(sum, 1, 1e-9);
    EXPECT_NEAR(mean, model.expected_purchases(history, 39 * kWeek), 1e-8);
  }
}

TEST(ParetoNbd, HasNoHoleWhereSIsOneOrTheRatesAreEqual) {
  const PurchaseHistory history = weeks(3, 20, 39);
  const auto at = [&](double s, double beta) {
    return weekly(.5, 6, s, beta).expected_purchases(history, 39 * kWeek);
  };
  EXPECT_NEAR(at(1, 6), (at(1 - 1e-5, 6) + at(1 + 1e-5, 6)) / 2, 1e-9);
  EXPECT_NEAR(at(1, 6), (at(1, 6 - 1e-5) + at(1, 6 + 1e-5)) / 2, 1e-9);
}

TEST(ParetoNbd, RefusesParametersThatAreNoNumbersAboveZero) {
  for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_FALSE(ParetoNbd::create({bad, 30, 1, 20}).has_value());
    EXPECT_FALSE(ParetoNbd::create({1, bad, 1, 20}).has_value());
    EXPECT_FALSE(ParetoNbd::create({1, 30, bad, 20}).has_value());
    EXPECT_FALSE(ParetoNbd::create({1, 30, 1, bad}).has_value());
  }
}

}  // namespace
}  // namespace guanxi
