#include "statistics/maximum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace guanxi {
namespace {

TEST(Maximize, ClimbsRosenbrocksRidgeToItsTop) {
  const SmoothFunction ridge = [](std::span<const double> at, std::span<double> slope) {
    const double u = at[1] - at[0] * at[0];
    slope[0] = 2 * (1 - at[0]) + 400 * at[0] * u;
    slope[1] = -200 * u;
    return -(1 - at[0]) * (1 - at[0]) - 100 * u * u;
  };
  const auto top = maximize(ridge, {-1.2, 1}, {-5, -5}, {5, 5}, 1e-6);
  ASSERT_TRUE(top.has_value());
  EXPECT_NEAR(top->place[0], 1, 1e-5);
  EXPECT_NEAR(top->place[1], 1, 1e-5);
  EXPECT_LE(top->steepness, 1e-6);
  EXPECT_GT(top->evaluations, 0U);
}

TEST(Maximize, RefusesATopAtTheEdgeOfTheBox) {
  const SmoothFunction rising = [](std::span<const double> at, std::span<double> slope) {
    slope[0] = 1;
    return at[0];
  };
  const auto top = maximize(rising, {0}, {-1}, {1}, 1e-6);
  ASSERT_FALSE(top.has_value());
  EXPECT_EQ(top.error().code, ErrorCode::unavailable);
}

TEST(Maximize, RefusesWhatIsNotFinite) {
  const SmoothFunction nowhere = [](std::span<const double>, std::span<double> slope) {
    slope[0] = std::numeric_limits<double>::quiet_NaN();
    return std::numeric_limits<double>::quiet_NaN();
  };
  EXPECT_FALSE(maximize(nowhere, {0}, {-1}, {1}, 1e-6).has_value());
}

TEST(Maximize, GivesTheSameBitsTwice) {
  const SmoothFunction hill = [](std::span<const double> at, std::span<double> slope) {
    slope[0] = -std::sinh(at[0] - 0.3);
    return -std::cosh(at[0] - 0.3);
  };
  const auto first = maximize(hill, {2}, {-5}, {5}, 1e-6);
  const auto second = maximize(hill, {2}, {-5}, {5}, 1e-6);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->place, second->place);
  EXPECT_NEAR(first->place[0], 0.3, 1e-6);
}

// A ridge so long and flat that values stop telling places apart while there is slope left.
TEST(Maximize, FollowsARidgeThatLineSearchesLeave) {
  const SmoothFunction ridge = [](std::span<const double> at, std::span<double> slope) {
    const double across = at[0] + at[1];
    const double along = at[0] - at[1] - 3;
    slope[0] = -2 * across - 4e-7 * along * along * along;
    slope[1] = -2 * across + 4e-7 * along * along * along;
    return 1000 - across * across - 1e-7 * along * along * along * along;
  };
  const auto top = maximize(ridge, {-4, 4.5}, {-9, -9}, {9, 9}, 1e-9);
  ASSERT_TRUE(top.has_value()) << top.error().message;
  EXPECT_NEAR(top->place[0] - top->place[1], 3, 0.2);
  EXPECT_LE(top->steepness, 1e-9);
}

}  // namespace
}  // namespace guanxi
