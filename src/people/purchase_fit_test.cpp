#include "people/purchase_fit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace guanxi {
namespace {

constexpr std::int32_t kToday = 16000;

// Customers of a world that MBG/NBD and Gamma-Gamma describe.
std::vector<PersonPurchases> world(std::uint64_t seed, std::size_t people) {
  std::mt19937_64 chance(seed);
  const auto gamma = [&](double shape, double rate) {
    return std::gamma_distribution<double>(shape, 1 / rate)(chance);
  };
  std::vector<PersonPurchases> all;
  for (std::size_t i = 0; i < people; ++i) {
    const double rate = gamma(0.9, 45);
    const double toward = gamma(1.0, 1);
    const double leaves = toward / (toward + gamma(2.5, 1));
    const double spends = gamma(6, 14000);
    const auto stays = [&] { return std::uniform_real_distribution<double>()(chance) >= leaves; };
    PersonPurchases one;
    one.person = static_cast<std::uint32_t>(i);
    one.first = one.last = Day{kToday - 100 - static_cast<std::int32_t>(chance() % 600)};
    one.days = 1;
    double day = one.first.number;
    bool alive = stays();
    while (alive && (day += std::max(1.0, std::round(gamma(1, rate)))) <= kToday) {
      one.log_interval_sum += std::log(day - one.last.number);
      one.last = Day{static_cast<std::int32_t>(day)};
      ++one.days;
      ++one.money_days;
      one.repeat_minor += 1 + static_cast<std::int64_t>(gamma(5, spends));
      alive = stays();
    }
    all.push_back(one);
  }
  return all;
}

PurchaseFit fitted(const std::vector<PersonPurchases>& people,
                   const PurchaseFitOptions& options = {}) {
  return fit_purchases(people, Day{kToday}, options).value();
}

TEST(PurchaseFit, ChoosesTheLikeliestAndSaysWhatItTried) {
  const PurchaseFit fit = fitted(world(1, 4000));
  ASSERT_TRUE(fit.used());
  ASSERT_TRUE(fit.spending);
  EXPECT_EQ(fit.buying->model.kind().dropout, Dropout::after_every);
  ASSERT_GE(fit.candidates.size(), 2U);
  for (const PurchaseFit::Candidate& candidate : fit.candidates) {
    EXPECT_LE(candidate.log_likelihood.value(), fit.buying->report.log_likelihood);
  }
  for (const KnownParameter& parameter : parameters_of(*fit.buying)) {
    EXPECT_GT(parameter.standard_error.value(), 0) << parameter.name;
  }
  EXPECT_NEAR(fit.spending->model.parameters().p, 5, 0.6);
  EXPECT_GT(fit.totals.value().next_365, fit.totals->next_90);
  EXPECT_FALSE(fit.totals_before);
  EXPECT_LT(std::abs(fit.spend_correlation.value()), 0.1);
}

TEST(PurchaseFit, DoesNotDependOnTheOrderOfPeopleNorOnThreads) {
  std::vector<PersonPurchases> people = world(2, 1500);
  const std::string once = to_json(fitted(people, {.threads = 1}));
  std::ranges::reverse(people);
  EXPECT_EQ(once, to_json(fitted(people, {.threads = 3})));
}

TEST(PurchaseFit, ComesBackFromTheLogBitForBit) {
  const PurchaseFit before = fitted(world(3, 800));
  const PurchaseFit fit = fitted(world(4, 800), {.before = &before});
  const std::string json = to_json(fit);
  const PurchaseFit back = purchase_fit_from_json(json).value();
  EXPECT_EQ(to_json(back), json);
  EXPECT_EQ(back.buying->model.parameters().r, fit.buying->model.parameters().r);
  EXPECT_TRUE(back.totals_before);
  EXPECT_EQ(purchase_fit_from_json("{}").error().code, ErrorCode::corrupted);
  EXPECT_EQ(purchase_fit_from_json("[1").error().code, ErrorCode::corrupted);
}

TEST(PurchaseFit, OneModelCanBeAskedFor) {
  const PurchaseFit fit = fitted(world(5, 1500), {.choice = PurchaseChoice::bg_nbd});
  EXPECT_EQ(name_of(fit.buying->model.kind()), "BG/NBD");
  EXPECT_EQ(fit.candidates.size(), 1U);
  for (const std::string_view name :
       {"likeliest", "bg_nbd", "mbg_nbd", "bg_cnbd_k", "mbg_cnbd_k"}) {
    EXPECT_EQ(name_of(purchase_choice_named(name).value()), name);
  }
  EXPECT_FALSE(purchase_choice_named("magic"));
}

TEST(PurchaseFit, TooFewPeopleSayWhyAndAreNotUsed) {
  const PurchaseFit fit = fitted(world(6, 5));
  EXPECT_FALSE(fit.used());
  EXPECT_NE(fit.buying_refused.find("10 customers"), std::string::npos) << fit.buying_refused;
  EXPECT_NE(fit.spending_refused, "");
  const PurchaseFit back = purchase_fit_from_json(to_json(fit)).value();
  EXPECT_FALSE(back.used());
  EXPECT_EQ(back.buying_refused, fit.buying_refused);
}

TEST(PurchaseFit, CanBeStoppedAtAnyStep) {
  const std::vector<PersonPurchases> people = world(7, 300);
  std::uint64_t steps = 0;
  const auto count = [&](std::string_view, std::uint64_t, std::uint64_t) { return ++steps > 0; };
  static_cast<void>(fitted(people, {.go_on = count}));
  for (std::uint64_t stop = 1; stop <= steps; ++stop) {
    std::uint64_t now = 0;
    const auto go_on = [&](std::string_view, std::uint64_t, std::uint64_t) {
      return ++now != stop;
    };
    const auto stopped = fit_purchases(people, Day{kToday}, {.go_on = go_on});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::conflict);
  }
}

TEST(PurchaseFit, DriftIsToldInStandardErrors) {
  const PurchaseFit before = fitted(world(8, 1500), {.choice = PurchaseChoice::mbg_nbd});
  const PurchaseFit now =
      fitted(world(9, 1500), {.choice = PurchaseChoice::mbg_nbd, .before = &before});
  const std::vector<ParameterDrift> drift = drift_of(before, now);
  ASSERT_EQ(drift.size(), 7U);
  for (const ParameterDrift& one : drift) {
    EXPECT_LT(std::abs(one.standard_errors.value()), 4) << one.name;
  }
  EXPECT_NEAR(now.totals->next_365 / now.totals_before->next_365, 1, 0.2);
  const PurchaseFit other = fitted(world(9, 1500), {.choice = PurchaseChoice::bg_nbd});
  EXPECT_EQ(drift_of(before, other).size(), 3U);
}

}  // namespace
}  // namespace guanxi
