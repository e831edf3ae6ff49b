#include "statistics/uplift.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "statistics/uplift_learner.hpp"

namespace guanxi {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Uplift, DifferenceAndItsErrorByHand) {
  const std::vector<double> outcome{1, 3, 2, 6};
  const Bytes treated{0, 0, 1, 1};
  const auto difference = difference_in_means(outcome, treated);
  ASSERT_TRUE(difference.has_value());
  EXPECT_DOUBLE_EQ(difference->difference, 2);
  EXPECT_DOUBLE_EQ(difference->standard_error, std::sqrt(2.0 / 2 + 8.0 / 2));
  EXPECT_FALSE(difference_in_means(outcome, Bytes{1, 1, 1, 1}).has_value());
}

TEST(Uplift, CurvesByHandWithTiesTogether) {
  const Bytes outcome{1, 0, 1, 0, 1, 0};
  const std::vector<double> score{3, 3, 2, 2, 1, 0};
  const Bytes treated{1, 0, 1, 0, 0, 1};
  const auto qini = uplift_curve(UpliftCurve::qini, outcome, score, treated);
  ASSERT_EQ(qini.size(), 5U);
  EXPECT_EQ(qini[1].people, 2);
  EXPECT_EQ(qini[1].gain, 1);
  EXPECT_EQ(qini[2].gain, 2);
  EXPECT_DOUBLE_EQ(qini[3].gain, 2 - 1.0 * 2 / 3);
  EXPECT_DOUBLE_EQ(qini[4].gain, 1);
  const auto uplift = uplift_curve(UpliftCurve::uplift, outcome, score, treated);
  EXPECT_DOUBLE_EQ(uplift[2].gain, 4);
  EXPECT_NEAR(uplift[4].gain, (2.0 / 3 - 1.0 / 3) * 6, 1e-12);
}

TEST(Uplift, ThePerfectScoreHasCoefficientOneAndNoScoreZero) {
  std::mt19937_64 random(3);
  Bytes outcome;
  Bytes treated;
  std::vector<double> best;
  std::vector<double> constant;
  for (int i = 0; i < 2000; ++i) {
    treated.push_back(static_cast<std::uint8_t>(random() % 2));
    outcome.push_back(static_cast<std::uint8_t>(random() % 10 < 2U + treated.back() ? 1 : 0));
    best.push_back(outcome.back() == 0 ? 0 : (treated.back() == 1 ? 1 : -1));
    constant.push_back(7);
  }
  EXPECT_NEAR(*uplift_coefficient(UpliftCurve::qini, outcome, best, treated), 1, 1e-12);
  EXPECT_NEAR(*uplift_coefficient(UpliftCurve::qini, outcome, constant, treated), 0, 1e-12);
  EXPECT_FALSE(uplift_coefficient(UpliftCurve::qini, outcome, best, Bytes(2000, 1)).has_value());
}

TEST(Uplift, WhatWasKnownBeforeMakesTheErrorSmaller) {
  std::mt19937_64 random(4);
  std::normal_distribution<double> noise;
  std::vector<double> outcome;
  std::vector<double> before;
  Bytes treated;
  for (int i = 0; i < 4000; ++i) {
    treated.push_back(static_cast<std::uint8_t>(random() % 2));
    before.push_back(noise(random));
    outcome.push_back(2 * before.back() + noise(random) + 0.3 * treated.back());
  }
  const auto cuped = cuped_difference(outcome, treated, before);
  ASSERT_TRUE(cuped.has_value());
  EXPECT_NEAR(cuped->theta, 2, 0.1);
  EXPECT_NEAR(cuped->variance_ratio, 1.0 / 5, 0.03);
  EXPECT_NEAR(cuped->adjusted.difference, 0.3, 4 * cuped->adjusted.standard_error);
  EXPECT_FALSE(cuped_difference(outcome, treated, std::vector<double>(4000, 1)).has_value());
}

// An effect of nothing, looked at after each ten people: the fixed interval misses it again and
// again, the sequence in no more than alpha of the runs.
TEST(Uplift, LookingOftenDoesNotFoolTheAlwaysValidInterval) {
  constexpr int kRuns = 120;
  int fooled = 0;
  int fixed_fooled = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::mt19937_64 random(static_cast<std::uint64_t>(run));
    std::exponential_distribution<double> spend;
    std::vector<double> outcome;
    Bytes treated;
    bool missed = false;
    bool fixed_missed = false;
    for (int people = 0; people < 1000; ++people) {
      outcome.push_back(spend(random));
      treated.push_back(static_cast<std::uint8_t>(random() % 2));
      if (people >= 100 && people % 25 == 0) {
        const auto difference = *difference_in_means(outcome, treated);
        const auto interval = *always_valid_interval(difference, 0.05, 500);
        missed |= interval.least > 0 || interval.most < 0;
        fixed_missed |= std::abs(difference.difference) > 1.96 * difference.standard_error;
      }
    }
    fooled += missed ? 1 : 0;
    fixed_fooled += fixed_missed ? 1 : 0;
  }
  EXPECT_LE(fooled, kRuns * 5 / 100);
  EXPECT_GT(fixed_fooled, kRuns * 15 / 100);
}

// People with x > 0.5 are moved by 1, others by nothing.
TEST(UpliftLearner, FindsWhomTheTreatmentMoves) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> noise;
  std::uniform_real_distribution<float> uniform;
  Features features{.columns = 2, .values = {}};
  std::vector<double> outcome;
  Bytes treated;
  for (int i = 0; i < 6000; ++i) {
    const float x = uniform(random);
    const float y = uniform(random);
    features.values.insert(features.values.end(), {x, y});
    treated.push_back(static_cast<std::uint8_t>(random() % 4 == 0));
    const double effect = x > 0.5F ? 1 : 0;
    outcome.push_back(3.0 * static_cast<double>(y) + treated.back() * effect + noise(random) / 2);
  }
  const Features asked{.columns = 2, .values = {0.1F, 0.5F, 0.9F, 0.5F}};
  for (const UpliftMethod method : {UpliftMethod::two_models, UpliftMethod::crossed}) {
    for (const RegressionBase base : {RegressionBase::linear, RegressionBase::boosted_trees}) {
      const auto learner = UpliftLearner::fit(method, base, features, outcome, treated);
      ASSERT_TRUE(learner.has_value()) << learner.error().message;
      const auto effect = *learner->predict(asked);
      EXPECT_NEAR(effect[0], base == RegressionBase::linear ? -0.1 : 0, 0.15);
      EXPECT_NEAR(effect[1], base == RegressionBase::linear ? 1.1 : 1, 0.15);
      EXPECT_EQ(*learner->predict(asked), effect);
    }
  }
  const Bytes few(6000, 0);
  EXPECT_EQ(
      UpliftLearner::fit(UpliftMethod::crossed, RegressionBase::linear, features, outcome, few)
          .error()
          .code,
      ErrorCode::invalid);
}

}  // namespace
}  // namespace guanxi
