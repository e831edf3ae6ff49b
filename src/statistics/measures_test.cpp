#include "statistics/measures.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"

namespace guanxi {
namespace {

using Flags = std::vector<std::uint8_t>;
using Values = std::vector<double>;

TEST(Midranks, EqualValuesShareTheMeanOfTheirRanks) {
  EXPECT_EQ(midranks(Values{30, 10, 20, 10}), (Values{4, 1.5, 3, 1.5}));
  EXPECT_EQ(midranks(Values{7, 7, 7}), (Values{2, 2, 2}));
  EXPECT_TRUE(midranks({}).empty());
}

// Hanley & McNeil (1982), table I: 58 normal and 51 abnormal images rated 1..5; the area under the
// curve by trapezoids, which is Mann-Whitney with midranks, is 0.893.
TEST(Auc, ReproducesThePublishedImageRatings) {
  const int normal[] = {33, 6, 6, 11, 2};
  const int abnormal[] = {3, 2, 2, 11, 33};
  Values scores;
  Flags happened;
  for (int rating = 0; rating < 5; ++rating) {
    for (int i = 0; i < normal[rating] + abnormal[rating]; ++i) {
      scores.push_back(rating + 1);
      happened.push_back(i < normal[rating] ? 0 : 1);
    }
  }
  EXPECT_NEAR(auc(scores, happened).value(), 0.893, 0.0005);
}

TEST(Auc, IsOneHalfForTiesAndAbsentForOneClass) {
  EXPECT_EQ(auc(Values{1, 1, 1, 1}, Flags{0, 1, 0, 1}), 0.5);
  EXPECT_EQ(auc(Values{1, 2, 3, 4}, Flags{0, 0, 1, 1}), 1.0);
  EXPECT_EQ(auc(Values{4, 3, 2, 1}, Flags{0, 0, 1, 1}), 0.0);
  EXPECT_EQ(auc(Values{1, 2, 3, 3}, Flags{0, 1, 0, 1}), 0.625);
  EXPECT_EQ(auc(Values{1, 2}, Flags{1, 1}), std::nullopt);
  EXPECT_EQ(auc({}, {}), std::nullopt);
}

// Goal: the fast AUC is the plain definition. Method: all pairs, random scores with many ties.
TEST(AucProperty, EqualsTheCountOverAllPairs) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    Values scores;
    Flags happened;
    for (int i = 0; i < 60; ++i) {
      scores.push_back(static_cast<double>(random.next() % 10));
      happened.push_back(static_cast<std::uint8_t>(random.next() % 2));
    }
    double wins = 0;
    double pairs = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      for (std::size_t j = 0; j < scores.size(); ++j) {
        if (happened[i] != 0 && happened[j] == 0) {
          pairs += 1;
          wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
      }
    }
    EXPECT_DOUBLE_EQ(auc(scores, happened).value(), wins / pairs);
  }
}

// Without ties Spearman is 1 - 6 sum d^2 / (n (n^2 - 1)); with ties it is Pearson's r of midranks.
TEST(Spearman, FollowsTheFormulaAndTheTies) {
  const Values iq{106, 100, 86, 101, 99, 103, 97, 113, 112, 110};
  const Values hours{7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
  EXPECT_NEAR(spearman(iq, hours).value(), -29.0 / 165.0, 1e-15);
  EXPECT_NEAR(spearman(Values{1, 2, 2, 4}, Values{1, 2, 3, 4}).value(), 4.5 / std::sqrt(22.5),
              1e-15);
  EXPECT_EQ(spearman(Values{1, 1}, Values{1, 2}), std::nullopt);
  EXPECT_EQ(spearman({}, {}), std::nullopt);
}

TEST(Rfm, AddsThreeRanks) {
  const Values sums = rfm_rank_sums(Values{5, 9, 9}, Values{1, 1, 4}, Values{10, 20, 5});
  EXPECT_EQ(sums, (Values{1 + 1.5 + 2, 2.5 + 1.5 + 3, 2.5 + 3 + 1}));
}

TEST(Quantile, InterpolatesBetweenNeighbours) {
  const Values values{4, 1, 3, 2};
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 1), 4);
  EXPECT_EQ(quantile(values, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0.1), 1.3);
  EXPECT_EQ(quantile(Values{8}, 0.3), 8);
}

TEST(Calibration, CutsIntoEqualPartsAndKeepsTiesTogether) {
  Values scores;
  Flags happened;
  for (int i = 0; i < 100; ++i) {
    scores.push_back(99 - i);
    happened.push_back(i < 50 ? 1 : 0);
  }
  const auto deciles = calibration_bins(scores, happened);
  ASSERT_EQ(deciles.size(), 10U);
  EXPECT_EQ(deciles[0].people, 10U);
  EXPECT_EQ(deciles[0].score_mean, 4.5);
  EXPECT_EQ(deciles[0].share_happened, 0);
  EXPECT_EQ(deciles[9].score_least, 90);
  EXPECT_EQ(deciles[9].score_most, 99);
  EXPECT_EQ(deciles[9].share_happened, 1);

  const auto tied =
      calibration_bins(Values{1, 1, 1, 1, 1, 1, 2, 3}, Flags{1, 0, 0, 1, 0, 0, 1, 1}, 4);
  ASSERT_EQ(tied.size(), 2U);
  EXPECT_EQ(tied[0].people, 6U);
  EXPECT_DOUBLE_EQ(tied[0].share_happened, 1.0 / 3);
  EXPECT_EQ(tied[1].people, 2U);
  EXPECT_TRUE(calibration_bins({}, {}).empty());
}

}  // namespace
}  // namespace guanxi
