#include "statistics/repurchase.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace guanxi {
namespace {

struct Shop {
  std::vector<Gaps> gaps;
  std::vector<std::uint32_t> category_of;
};

/// Categories around a month, products around their category, customers around the product.
Shop made_up(std::uint64_t seed, std::uint32_t products, int customers) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Shop shop;
  std::vector<double> category_mean(20);
  for (double& mean : category_mean) {
    mean = std::log(30.0) + 0.5 * normal(random);
  }
  for (std::uint32_t product = 0; product < products; ++product) {
    shop.category_of.push_back(product % 20);
    const double mean = category_mean[product % 20] + 0.4 * normal(random);
    for (int customer = 0; customer < customers; ++customer) {
      const double own = mean + 0.3 * normal(random);
      Gaps gaps{.product = product, .category = product % 20, .days = {}};
      for (std::uint64_t i = 0; i <= random() % 5; ++i) {
        gaps.days.push_back(std::exp(own + 0.6 * normal(random)));
      }
      shop.gaps.push_back(std::move(gaps));
    }
  }
  return shop;
}

TEST(Repurchase, FindsTheSpreadsOfAMadeUpShopInAnyOrder) {
  Shop shop = made_up(1, 400, 30);
  const auto model = RepurchaseModel::fit(shop.gaps, shop.category_of);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_NEAR(model->spread().mean, std::log(30.0), 0.35);
  EXPECT_NEAR(std::sqrt(model->spread().categories), 0.5, 0.25);
  EXPECT_NEAR(std::sqrt(model->spread().products), 0.4, 0.05);
  EXPECT_NEAR(std::sqrt(model->spread().customers), 0.3, 0.03);
  EXPECT_NEAR(std::sqrt(model->spread().within), 0.6, 0.02);
  std::ranges::reverse(shop.gaps);
  const auto again = RepurchaseModel::fit(shop.gaps, shop.category_of);
  EXPECT_EQ(again->spread().within, model->spread().within);
}

// Gaps of others, seen from nothing and from half of the wait: eight in ten fall inside.
TEST(Repurchase, IntervalsHoldAsOftenAsTheySay) {
  const Shop shop = made_up(2, 100, 40);
  const auto model = RepurchaseModel::fit(shop.gaps, shop.category_of);
  ASSERT_TRUE(model.has_value());
  int asked = 0;
  int inside = 0;
  int below_median = 0;
  double said = 0;
  int came = 0;
  for (const Gaps& gaps : made_up(2, 100, 40).gaps) {
    if (gaps.days.size() < 2) {
      continue;
    }
    const auto known = std::span(gaps.days).first(gaps.days.size() - 1);
    const double next = gaps.days.back();
    const DueForecast due = model->forecast(gaps.product, known, 0, 21);
    ++asked;
    inside += next >= due.least_days && next <= due.most_days ? 1 : 0;
    below_median += next < due.median_days ? 1 : 0;
    said += due.probability;
    came += next <= 21 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(inside) / asked, 0.8, 0.025);
  EXPECT_NEAR(static_cast<double>(below_median) / asked, 0.5, 0.03);
  EXPECT_NEAR(said / asked, static_cast<double>(came) / asked, 0.03);
}

TEST(Repurchase, WhatIsKnownOfACustomerDrawsThemFromTheProduct) {
  const Shop shop = made_up(3, 100, 30);
  const auto model = RepurchaseModel::fit(shop.gaps, shop.category_of);
  ASSERT_TRUE(model.has_value());
  const double plain = model->forecast(0, {}, 0, 30).median_days;
  const std::vector<double> long_gaps(12, plain * 3);
  const double one = model->forecast(0, std::span(long_gaps).first(1), 0, 30).median_days;
  const double many = model->forecast(0, long_gaps, 0, 30).median_days;
  EXPECT_GT(one, plain);
  EXPECT_GT(many, one);
  EXPECT_LT(many, plain * 3);
  EXPECT_GT(many, plain * 2);
}

TEST(Repurchase, WaitingOnMakesItLater) {
  const Shop shop = made_up(3, 100, 30);
  const auto model = RepurchaseModel::fit(shop.gaps, shop.category_of);
  ASSERT_TRUE(model.has_value());
  double before = 0;
  for (const double waited : {0.0, 5.0, 50.0, 500.0, 1e6}) {
    const DueForecast due = model->forecast(1, {}, waited, 30);
    EXPECT_GE(due.least_days, waited);
    EXPECT_GE(due.median_days, std::max(before, due.least_days));
    EXPECT_GE(due.most_days, due.median_days);
    EXPECT_TRUE(due.probability >= 0 && due.probability <= 1);
    before = due.median_days;
  }
}

TEST(Repurchase, RefusesWhatItCannotKnow) {
  const std::vector<std::uint32_t> categories{0};
  EXPECT_EQ(RepurchaseModel::fit({}, categories).error().code, ErrorCode::invalid);
  const std::vector<Gaps> bad{{.product = 0, .category = 0, .days = {0.0}}};
  EXPECT_EQ(RepurchaseModel::fit(bad, categories).error().code, ErrorCode::invalid);
  const std::vector<Gaps> constant{
      {.product = 0, .category = 0, .days = std::vector<double>(20, 7.0)}};
  const auto model = RepurchaseModel::fit(constant, categories);
  ASSERT_TRUE(model.has_value());
  EXPECT_NEAR(model->forecast(0, {}, 0, 30).median_days, 7, 0.1);
}

}  // namespace
}  // namespace guanxi
