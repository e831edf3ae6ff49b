#include "statistics/forecasts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "base/random.hpp"
#include "statistics/measures.hpp"

namespace guanxi {
namespace {

// Worked by hand: of 2 x 3 pairs 5 are in order; V10 = {1, 2/3}, V01 = {1, 1/2, 1}.
TEST(BoundedAuc, IsDelongsVariance) {
  const std::vector<double> scores = {5, 2, 1, 3, 0};
  const std::vector<std::uint8_t> did = {1, 1, 0, 0, 0};
  const Bounded found = bounded_auc(scores, did).value();
  EXPECT_DOUBLE_EQ(found.value, 5.0 / 6);
  const double variance = (1.0 / 18) / 2 + (1.0 / 12) / 3;
  const double logit = std::log(5.0);
  const double reach = 1.959963984540054 * std::sqrt(variance) / (5.0 / 36);
  EXPECT_NEAR(found.least, 1 / (1 + std::exp(reach - logit)), 1e-12);
  EXPECT_NEAR(found.most, 1 / (1 + std::exp(-reach - logit)), 1e-12);
}

TEST(BoundedAuc, IsAbsentOfOneClassAndHonestWhenPerfect) {
  const std::vector<double> scores = {1, 2, 3, 4};
  EXPECT_FALSE(bounded_auc(scores, std::vector<std::uint8_t>{1, 1, 1, 1}).has_value());
  const Bounded perfect = bounded_auc(scores, std::vector<std::uint8_t>{0, 0, 1, 1}).value();
  EXPECT_EQ(perfect.value, 1);
  EXPECT_EQ(perfect.most, 1);
  EXPECT_LT(perfect.least, 1);
}

// Two normals one apart: AUC = Phi(1 / sqrt 2). 95 % intervals hold it in 95 % of samples.
TEST(BoundedAuc, HoldsTheTruthNineteenTimesInTwenty) {
  Random random(11);
  const double truth = 0.5 * std::erfc(-0.5);
  int held = 0;
  for (int sample = 0; sample < 400; ++sample) {
    std::vector<double> scores;
    std::vector<std::uint8_t> did;
    for (int i = 0; i < 200; ++i) {
      double normal = -6;
      for (int k = 0; k < 12; ++k) {
        normal += static_cast<double>(random.below(1U << 30U)) / (1U << 30U);
      }
      did.push_back(i % 4 == 0 ? 1 : 0);
      scores.push_back(normal + did.back());
    }
    const Bounded found = bounded_auc(scores, did).value();
    held += found.least <= truth && truth <= found.most ? 1 : 0;
  }
  EXPECT_GE(held, 365);
  EXPECT_LE(held, 395);
}

TEST(BoundedShare, IsWilsons) {
  const Bounded found = bounded_share(5, 20);
  EXPECT_DOUBLE_EQ(found.value, 0.25);
  EXPECT_NEAR(found.least, 0.1118617, 1e-6);
  EXPECT_NEAR(found.most, 0.4687005, 1e-6);
  EXPECT_EQ(bounded_share(0, 10).least, 0);
  EXPECT_EQ(bounded_share(10, 10).most, 1);
  EXPECT_EQ(bounded_share(0, 0).most, 1);
}

TEST(ForecastErrors, AreThoseOfTheTextbook) {
  const ForecastErrors errors =
      forecast_errors(std::vector<double>{1, 2, 3}, std::vector<double>{0, 2, 6});
  EXPECT_DOUBLE_EQ(errors.mean_absolute, 4.0 / 3);
  EXPECT_DOUBLE_EQ(errors.root_mean_square, std::sqrt(10.0 / 3));
  EXPECT_DOUBLE_EQ(errors.bias, -2.0 / 3);
  EXPECT_DOUBLE_EQ(errors.forecast_sum, 6);
  EXPECT_DOUBLE_EQ(errors.actual_sum, 8);
  EXPECT_NEAR(errors.correlation.value(), 0.98198, 1e-5);
  EXPECT_FALSE(forecast_errors(std::vector<double>{1, 1}, std::vector<double>{0, 2})
                   .correlation.has_value());
}

TEST(ChanceErrors, PunishABoldMistakeWithoutEnd) {
  const ChanceErrors errors =
      chance_errors(std::vector<double>{0.8, 0.5}, std::vector<std::uint8_t>{1, 0});
  EXPECT_DOUBLE_EQ(errors.brier, (0.04 + 0.25) / 2);
  EXPECT_DOUBLE_EQ(errors.log_loss, -(std::log(0.8) + std::log(0.5)) / 2);
  EXPECT_NEAR(chance_errors(std::vector<double>{0}, std::vector<std::uint8_t>{1}).log_loss, 27.6,
              0.1);
}

TEST(PartsByScore, KeepEqualScoresTogether) {
  const std::vector<double> scores = {1, 1, 1, 1, 1, 1, 2, 3, 4, 5};
  const std::vector<std::uint8_t> parts = parts_by_score(scores, 5);
  for (int i = 1; i < 6; ++i) {
    EXPECT_EQ(parts[static_cast<std::size_t>(i)], parts[0]);
  }
  EXPECT_LT(parts[0], parts[6]);
  EXPECT_EQ(parts[9], 4);
}

TEST(ForecastParts, SetForecastsBesideWhatCame) {
  const std::vector<std::uint8_t> parts = {0, 0, 0, 3, 3};
  const std::vector<double> forecast = {0.1, 0.2, 0.3, 2, 4};
  const auto found = forecast_parts(parts, forecast, std::vector<double>{0, 1, 2, 5, 5});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].people, 3U);
  EXPECT_DOUBLE_EQ(found[0].forecast, 0.2);
  EXPECT_DOUBLE_EQ(found[0].actual.value, 1);
  EXPECT_NEAR(found[0].actual.most, 1 + 1.959963984540054 / std::sqrt(3), 1e-12);
  EXPECT_EQ(found[1].part, 3);
  EXPECT_DOUBLE_EQ(found[1].actual.least, 5);
  const auto shares = chance_parts(parts, std::vector<double>{0.1, 0.2, 0.3, 0.5, 0.9},
                                   std::vector<std::uint8_t>{1, 0, 0, 1, 1});
  EXPECT_DOUBLE_EQ(shares[0].actual.value, 1.0 / 3);
  EXPECT_LT(shares[1].actual.least, 1);
}

TEST(Catches, EndAtEverything) {
  const std::vector<std::uint8_t> parts = {2, 1, 0, 0};
  const auto found = catches(parts, std::vector<double>{6, 3, 1, 0});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_DOUBLE_EQ(found[0].people_share, 0.25);
  EXPECT_DOUBLE_EQ(found[0].caught_share, 0.6);
  EXPECT_DOUBLE_EQ(found[1].caught_share, 0.9);
  EXPECT_DOUBLE_EQ(found[2].people_share, 1);
  EXPECT_DOUBLE_EQ(found[2].caught_share, 1);
  EXPECT_TRUE(catches(parts, std::vector<double>{0, 0, 0, 0}).empty());
}

}  // namespace
}  // namespace guanxi
