#include "statistics/affinity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace guanxi {
namespace {

// The table of Dunning's paper's kind, by hand: 10 of 100 bought a, 20 bought b, 8 bought both.
TEST(PairEvidence, IsTheLikelihoodRatioByHand) {
  const PairEvidence evidence = pair_evidence(10, 20, 8, 100);
  EXPECT_DOUBLE_EQ(evidence.lift, 4);
  const double expected = 2 * (8 * std::log(8 / 2.0) + 2 * std::log(2 / 8.0) +
                               12 * std::log(12 / 18.0) + 78 * std::log(78 / 72.0));
  EXPECT_NEAR(evidence.likelihood_ratio, expected, 1e-12);
  EXPECT_NEAR(pair_evidence(10, 20, 2, 100).likelihood_ratio, 0, 1e-12);
  EXPECT_EQ(pair_evidence(0, 20, 0, 100).likelihood_ratio, 0);
}

// Three products: the inverse of a 3 x 3 matrix by hand, up to float.
TEST(Affinity, IsTheClosedForm) {
  const std::vector<Basket> baskets{{0, 1}, {0, 1}, {0}, {1, 2}, {2}, {2, 2}};
  const auto model = AffinityModel::fit(baskets, 3, 10, 1);
  ASSERT_TRUE(model.has_value());
  // G + I = [[4,2,0],[2,4,1],[0,1,4+... ]]: counts 3, 3, 3; together(0,1)=2, (1,2)=1.
  const auto wants = model->recommend({0}, 5);
  ASSERT_EQ(wants.size(), 1U);
  EXPECT_EQ(wants[0].product, 1U);
  EXPECT_EQ(wants[0].because_of, 0U);
  // P = adj(A)/det, A = [[4,2,0],[2,4,1],[0,1,4]]: P(0,1) = -8/44, P(1,1) = 16/44.
  EXPECT_NEAR(wants[0].score, 0.5, 1e-6);
}

TEST(Affinity, FindsWhatBelongsTogether) {
  std::mt19937_64 random(2);
  std::vector<Basket> baskets;
  for (int i = 0; i < 4000; ++i) {
    const auto taste = static_cast<std::uint32_t>(random() % 5);
    Basket basket;
    for (int k = 0; k < 4; ++k) {
      basket.push_back(taste * 10 + static_cast<std::uint32_t>(random() % 10));
    }
    basket.push_back(static_cast<std::uint32_t>(random() % 50));
    baskets.push_back(basket);
  }
  const auto model = AffinityModel::fit(baskets, 50);
  ASSERT_TRUE(model.has_value());
  for (const Affinity& one : model->recommend({20, 21}, 5)) {
    EXPECT_EQ(one.product / 10, 2U);
    EXPECT_TRUE(one.because_of == 20 || one.because_of == 21);
    EXPECT_NE(one.product, 20U);
  }
  const auto pairs = pairs_together(baskets);
  ASSERT_GT(pairs.size(), 100U);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(pairs[i].product / 10, pairs[i].with / 10);
  }
}

TEST(Affinity, KeepsTheMostBoughtWithinItsLimitAndRefusesNothing) {
  const std::vector<Basket> baskets{{0, 3}, {0, 3}, {0, 1}, {3, 1}, {0, 2}};
  const auto model = AffinityModel::fit(baskets, 4, 2, 1);
  ASSERT_TRUE(model.has_value());
  for (const Affinity& one : model->recommend({0, 2}, 5)) {
    EXPECT_EQ(one.product, 3U);
  }
  EXPECT_TRUE(model->recommend({}, 5).empty());
  EXPECT_EQ(AffinityModel::fit(std::vector<Basket>{{1}}, 2).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace guanxi
