#include "base/fixed.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace guanxi {
namespace {

constexpr double kWhole = 4294967296.0;  // 2^32

TEST(IntegerSqrt, IsTheLargestRootThatFits) {
  EXPECT_EQ(integer_sqrt(0), 0U);
  EXPECT_EQ(integer_sqrt(1), 1U);
  EXPECT_EQ(integer_sqrt(3), 1U);
  EXPECT_EQ(integer_sqrt(4), 2U);
  for (std::uint64_t root : {3ULL, 65535ULL, 1ULL << 32U, 0xFFFFFFFFFFFFFFFFULL}) {
    const Uint128 square = static_cast<Uint128>(root) * root;
    EXPECT_EQ(integer_sqrt(square), root);
    EXPECT_EQ(integer_sqrt(square - 1), root - 1);
    EXPECT_EQ(integer_sqrt(square + 1), root);
  }
}

TEST(HalfPower, AgreesWithTheRealPowersOfTwo) {
  for (std::uint32_t part = 0; part < 65536; part += 7) {
    const double exact = std::exp2(-static_cast<double>(part) / 65536.0) * kWhole;
    EXPECT_NEAR(half_power(part), exact, 4.0) << part;
  }
  EXPECT_EQ(half_power(32768), 3037000499U);  // 2^32 / sqrt(2)
}

TEST(HalfPower, FallsWithEveryStep) {
  for (std::uint32_t part = 1; part < 65536; ++part) {
    ASSERT_LT(half_power(part), half_power(part - 1)) << part;
  }
}

TEST(DecayFactor, HalfIsLeftAtTheHalfLife) {
  for (const std::uint32_t half_life : {1U, 7U, 30U, 90U, 365U, 1461U}) {
    EXPECT_EQ(decay_factor(0, half_life), 0xFFFFFFFFU);
    EXPECT_NEAR(decay_factor(half_life, half_life), 1U << 31U, 1.0) << half_life;
    EXPECT_NEAR(decay_factor(2 * half_life, half_life), 1U << 30U, 1.0) << half_life;
    EXPECT_NEAR(decay_factor(31 * half_life, half_life), 2, 1.0) << half_life;
    EXPECT_EQ(decay_factor(32 * half_life, half_life), 0U);
    EXPECT_EQ(decay_factor(4'000'000'000U, half_life), 0U);
  }
}

TEST(DecayFactor, FollowsTheExponentialAndNeverRises) {
  for (std::uint32_t days = 1; days < 6000; ++days) {
    ASSERT_LE(decay_factor(days, 180), decay_factor(days - 1, 180)) << days;
    const double exact = std::exp2(-static_cast<double>(days) / 180.0) * kWhole;
    // The exponent is cut to 1/65536 of a half-life: at most one part in 90,000 too much.
    ASSERT_NEAR(decay_factor(days, 180), exact, exact * 1.1e-5 + 1.0) << days;
  }
}

}  // namespace
}  // namespace guanxi
