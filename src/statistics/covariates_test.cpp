#include "statistics/covariates.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "statistics/worlds_testing.hpp"

namespace guanxi {
namespace {

constexpr double kBuying = 0.6;
constexpr double kLeaving = -0.8;

/// Customers of two origins, each a world of its own, with the trait that tells them apart.
struct Brand {
  std::vector<PurchaseHistory> histories;
  CustomerTraits traits{{"came by a friend"}, {}};
  void add(const std::vector<PurchaseHistory>& more, double trait) {
    histories.insert(histories.end(), more.begin(), more.end());
    traits.numbers.resize(histories.size(), trait);
  }
};

ParetoNbd pareto(double buying, double leaving) {
  return ParetoNbd::create({.r = .8,
                            .alpha_days = 30 / std::exp(buying),
                            .s = .7,
                            .beta_days = 90 / std::exp(leaving)})
      .value();
}
BetaGeometric geometric(double buying, double leaving, BetaGeometricKind kind) {
  return BetaGeometric::create(
             {.r = .8, .alpha_days = 30 / std::exp(buying), .a = .8 * std::exp(leaving), .b = 2.5},
             kind)
      .value();
}

void expect_within(double value, double expected, double error) {
  EXPECT_LT(error, 0.2) << "the fit knows it well enough to be tested";
  EXPECT_NEAR(value, expected, 3.5 * error);
}

// Two worlds that differ only as the trait says: the fit finds by how much, within its own errors.
TEST(Covariates, ParetoNbdFindsWhatATraitDoes) {
  Brand brand;
  brand.add(pareto_world(pareto(0, 0), 11, 6000), 0);
  brand.add(pareto_world(pareto(kBuying, kLeaving), 12, 6000), 1);
  const auto fit = fit_pareto_nbd(brand.histories, brand.traits);
  ASSERT_TRUE(fit) << fit.error().message;
  expect_within(fit->effects.buying[0], kBuying, fit->effects.buying_errors[0]);
  expect_within(fit->effects.leaving[0], kLeaving, fit->effects.leaving_errors[0]);
  const double with[] = {1.0};
  EXPECT_DOUBLE_EQ(fit->model_of(with).parameters().alpha_days,
                   fit->base.parameters().alpha_days / std::exp(fit->effects.buying[0]));
  const auto without = fit_pareto_nbd(brand.histories);
  ASSERT_TRUE(without);
  EXPECT_GT(fit->report.log_likelihood, without->report.log_likelihood + 20);
}

TEST(Covariates, BetaGeometricFindsWhatATraitDoes) {
  for (const BetaGeometricKind kind :
       {BetaGeometricKind{Dropout::after_repeat, 1}, BetaGeometricKind{Dropout::after_every, 2}}) {
    Brand brand;
    brand.add(bg_world(geometric(0, 0, kind), 21, 6000), 0);
    brand.add(bg_world(geometric(kBuying, kLeaving, kind), 22, 6000), 1);
    const auto fit = fit_beta_geometric(brand.histories, brand.traits, kind);
    ASSERT_TRUE(fit) << fit.error().message;
    expect_within(fit->effects.buying[0], kBuying, fit->effects.buying_errors[0]);
    expect_within(fit->effects.leaving[0], kLeaving, fit->effects.leaving_errors[0]);
    double sum = 0;
    for (std::size_t i = 0; i < brand.histories.size(); ++i) {
      sum += fit->model_of(brand.traits.of(i)).log_likelihood(brand.histories[i]);
    }
    EXPECT_NEAR(sum, fit->report.log_likelihood, 1e-6 * std::abs(sum))
        << "what is climbed is what each customer's own model says";
  }
}

// A trait that does nothing: no effect beyond its error, and the model without it.
TEST(Covariates, ATraitThatDoesNothingIsFoundToDoNothing) {
  Brand brand;
  brand.add(pareto_world(pareto(0, 0), 31, 8000), 0);
  for (std::size_t i = 0; i < brand.histories.size(); i += 2) {
    brand.traits.numbers[i] = 1;
  }
  const auto fit = fit_pareto_nbd(brand.histories, brand.traits);
  ASSERT_TRUE(fit) << fit.error().message;
  EXPECT_LT(std::abs(fit->effects.buying[0]), 3 * fit->effects.buying_errors[0]);
  const auto without = fit_pareto_nbd(brand.histories);
  ASSERT_TRUE(without);
  EXPECT_GE(fit->report.log_likelihood, without->report.log_likelihood - 1e-6);
  EXPECT_LT(fit->report.log_likelihood, without->report.log_likelihood + 8);
}

TEST(Covariates, TheOrderOfCustomersChangesNothing) {
  Brand brand;
  brand.add(bg_world(geometric(0, 0, {}), 41, 500), 0);
  brand.add(bg_world(geometric(kBuying, kLeaving, {}), 42, 500), 1);
  Brand turned;
  turned.add({brand.histories.rbegin(), brand.histories.rend()}, 0);
  turned.traits.numbers = {brand.traits.numbers.rbegin(), brand.traits.numbers.rend()};
  const auto one = fit_beta_geometric(brand.histories, brand.traits);
  const auto other = fit_beta_geometric(turned.histories, turned.traits);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->effects.buying, other->effects.buying);
  EXPECT_EQ(one->report.log_likelihood, other->report.log_likelihood);
}

TEST(Covariates, TraitsThatTellNothingAreRefused) {
  Brand brand;
  brand.add(bg_world(geometric(0, 0, {}), 51, 200), 1);
  EXPECT_EQ(fit_beta_geometric(brand.histories, brand.traits).error().code, ErrorCode::unavailable);
  brand.traits.numbers[3] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(fit_pareto_nbd(brand.histories, brand.traits).error().code, ErrorCode::invalid);
  brand.traits.numbers.pop_back();
  EXPECT_EQ(fit_pareto_nbd(brand.histories, brand.traits).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace guanxi
