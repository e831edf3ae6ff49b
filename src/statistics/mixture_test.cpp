#include "statistics/mixture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kWidth = 3;

double normal(Random& random) {
  return normal_quantile((static_cast<double>(random.below(1'000'000)) + 0.5) / 1'000'000);
}

struct Made {
  std::vector<double> numbers;
  std::vector<std::uint32_t> from;
};
/// Rows of three known classes with shares of 50, 30 and 20 percent.
Made made(std::size_t rows, std::uint64_t seed) {
  constexpr double kMeans[3][kWidth] = {{0, 0, 0}, {3, -2, 0}, {-3, 0, 4}};
  constexpr double kDeviations[3][kWidth] = {{1, 0.5, 1}, {0.7, 1, 0.4}, {0.5, 0.5, 1}};
  Random random(seed);
  Made made;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t draw = random.below(10);
    const std::uint32_t c = draw < 5 ? 0 : draw < 8 ? 1 : 2;
    made.from.push_back(c);
    for (std::size_t d = 0; d < kWidth; ++d) {
      made.numbers.push_back(kMeans[c][d] + kDeviations[c][d] * normal(random));
    }
  }
  return made;
}

TEST(Mixture, FindsTheClassesThatMadeTheRows) {
  const Made rows = made(4000, 3);
  const auto mixture = Mixture::fit({rows.numbers, kWidth});
  ASSERT_TRUE(mixture) << mixture.error().message;
  ASSERT_EQ(mixture->classes().size(), 3U) << "chosen from 2 to 8";
  const auto& classes = mixture->classes();
  EXPECT_NEAR(classes[0].weight, 0.5, 0.03);
  EXPECT_NEAR(classes[1].weight, 0.3, 0.03);
  EXPECT_NEAR(classes[2].weight, 0.2, 0.03);
  EXPECT_NEAR(classes[1].mean[0], 3, 0.1);
  EXPECT_NEAR(classes[1].mean[1], -2, 0.1);
  EXPECT_NEAR(classes[2].deviation[1], 0.5, 0.1);
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows.from.size(); ++i) {
    right += mixture->class_of(Rows{rows.numbers, kWidth}.at(i)) == rows.from[i] ? 1U : 0U;
  }
  EXPECT_GT(right, rows.from.size() * 98 / 100);
}

TEST(Mixture, IsTheSameEachTime) {
  const Made rows = made(1500, 9);
  const auto one = Mixture::fit({rows.numbers, kWidth});
  const auto other = Mixture::fit({rows.numbers, kWidth});
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->information_criterion(), other->information_criterion());
  for (std::size_t c = 0; c < one->classes().size(); ++c) {
    EXPECT_EQ(one->classes()[c].mean, other->classes()[c].mean);
  }
}

TEST(Mixture, SharesAreAProbability) {
  const Made rows = made(1000, 5);
  const auto mixture = Mixture::fit({rows.numbers, kWidth});
  ASSERT_TRUE(mixture);
  for (const std::vector<double>& row :
       {std::vector<double>{0, 0, 0}, std::vector<double>{1e6, -1e6, 3}}) {
    double sum = 0;
    for (const double share : mixture->shares_of(row)) {
      EXPECT_GE(share, 0);
      sum += share;
    }
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

TEST(Mixture, OfEqualRowsFewRowsOrNoNumbersIsRefused) {
  const std::vector<double> few(30 * kWidth, 1.0);
  EXPECT_EQ(Mixture::fit({few, kWidth}).error().code, ErrorCode::invalid);
  std::vector<double> odd(300 * kWidth, 1.0);
  odd[7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Mixture::fit({odd, kWidth}).error().code, ErrorCode::invalid);
  const std::vector<double> equal(300 * kWidth, 1.0);
  const auto one = Mixture::fit({equal, kWidth});
  EXPECT_TRUE(!one || one->classes().size() == 2) << "no more classes than are asked for at least";
}

}  // namespace
}  // namespace guanxi
