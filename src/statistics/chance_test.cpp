#include "statistics/chance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "statistics/affinity.hpp"
#include "statistics/repurchase.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

// A thousand people with and without something: 300 of 400 against 120 of 600.
TEST(Chance, FindsTheOddsOfATableOfFour) {
  std::vector<double> rows;
  std::vector<std::uint8_t> happened;
  for (int i = 0; i < 1000; ++i) {
    rows.push_back(i < 400 ? 1 : 0);
    happened.push_back((i < 300 || (i >= 400 && i < 520)) ? 1 : 0);
  }
  const auto model = ChanceModel::fit(rows, 1, happened);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const double with = 1;
  const double without = 0;
  EXPECT_NEAR(model->chance(std::span(&with, 1)), 0.75, 0.002);  // the ridge pulls a little
  EXPECT_NEAR(model->chance(std::span(&without, 1)), 0.2, 0.002);
}

TEST(Chance, RecoversWeightsAndIsCalibrated) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> even;
  std::vector<double> rows;
  std::vector<std::uint8_t> happened;
  for (int i = 0; i < 40'000; ++i) {
    const double a = 3 + 2 * normal(random);
    const double b = normal(random) / 10;
    rows.insert(rows.end(), {a, b, 7.0});
    happened.push_back(even(random) < logistic(-4 + 0.7 * a - 5 * b) ? 1 : 0);
  }
  const auto model = ChanceModel::fit(rows, 3, happened);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_NEAR(model->weights()[0], 0.7, 0.03);
  EXPECT_NEAR(model->weights()[1], -5, 0.4);
  EXPECT_EQ(model->weights()[2], 0) << "what is the same everywhere tells nothing";
  double said = 0;
  double came = 0;
  for (std::size_t i = 0; i < happened.size(); ++i) {
    said += model->chance(std::span(rows).subspan(3 * i, 3));
    came += happened[i];
  }
  EXPECT_NEAR(said, came, 0.01 * came) << "what is expected in sum is what came";
}

TEST(Chance, RefusesWhatCannotBeLearnedAndBearsWhatTellsAll) {
  const std::vector<double> rows{1, 2, 3, 4};
  EXPECT_FALSE(ChanceModel::fit(rows, 1, std::vector<std::uint8_t>{0, 0, 0, 0}).has_value());
  EXPECT_FALSE(ChanceModel::fit(rows, 1, std::vector<std::uint8_t>{1, 1, 1, 1}).has_value());
  const std::vector<double> wild{1, 2, 3, HUGE_VAL};
  EXPECT_FALSE(ChanceModel::fit(wild, 1, std::vector<std::uint8_t>{0, 0, 1, 1}).has_value());
  const auto parted = ChanceModel::fit(rows, 1, std::vector<std::uint8_t>{0, 0, 1, 1});
  ASSERT_TRUE(parted.has_value());
  EXPECT_TRUE(std::isfinite(parted->weights()[0]));
  EXPECT_GT(parted->weights()[0], 0);
}

TEST(CountForecast, IntervalsAreThoseOfTheGammaLaw) {
  const CountForecast forecast = count_forecast(10, 10);
  EXPECT_NEAR(forecast.least, 6.2213, 0.0005);
  EXPECT_NEAR(forecast.most, 14.2060, 0.0005);
  EXPECT_EQ(count_forecast(0, 4).most, 0);
  EXPECT_EQ(count_forecast(3, 0).least, 3);
  EXPECT_GE(count_forecast(0.2, 0.2).least, 0);
}

TEST(NextWeeks, FollowsWhatCameLast) {
  const std::vector<double> steady(26, 20.0);
  const CountForecast four = next_weeks(steady, 4);
  EXPECT_NEAR(four.mean, 80, 1e-9);
  EXPECT_GE(four.variance, 80) << "counts vary by themselves";
  std::vector<double> rising(26, 0.0);
  rising.back() = 40;
  EXPECT_GT(next_weeks(rising, 1).mean, 5);
  EXPECT_LT(next_weeks(rising, 1).mean, 8);
  EXPECT_EQ(next_weeks({}, 4).mean, 0);
}

TEST(PairCounts, JudgesPairsAsTheListOfAllPairsDoes) {
  std::mt19937_64 random(3);
  std::vector<Basket> baskets;
  std::vector<std::uint64_t> customers(30);
  for (std::uint32_t i = 0; i < 400; ++i) {
    Basket basket;
    for (std::uint32_t product = 0; product < 30; ++product) {
      if (random() % 6 == 0 || (product % 10 == i % 10)) {
        basket.push_back(product);
        ++customers[product];
      }
    }
    baskets.push_back(basket);
  }
  PairCounts counts(customers, 30);
  for (const Basket& basket : baskets) {
    counts.add(basket);
  }
  for (const ProductPair& pair : pairs_together(baskets)) {
    const PairEvidence found = counts.evidence(pair.with, pair.product);
    EXPECT_EQ(found.together, pair.evidence.together);
    EXPECT_DOUBLE_EQ(found.likelihood_ratio, pair.evidence.likelihood_ratio);
  }
  const auto best = counts.best_of(4, 3);
  ASSERT_GE(best.size(), 2U);
  EXPECT_EQ(best[0].with % 10, 4U);
  EXPECT_EQ(best[1].with % 10, 4U);
  PairCounts few(customers, 2);
  few.add({0, 1, 2});
  EXPECT_EQ(few.evidence(28, 29).together, 0U) << "what is left out is in no pair";
}

}  // namespace
}  // namespace guanxi
