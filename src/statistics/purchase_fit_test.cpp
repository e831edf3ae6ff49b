#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/quadrature/exp_sinh.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "statistics/beta_geometric.hpp"
#include "statistics/pareto_nbd.hpp"
#include "statistics/worlds_testing.hpp"

namespace guanxi {
namespace {

const BetaGeometric::Parameters kBgTruth{.r = 0.7, .alpha_days = 20, .a = 0.6, .b = 2};
const ParetoNbd::Parameters kParetoTruth{.r = 0.7, .alpha_days = 30, .s = 0.8, .beta_days = 60};

TEST(PurchaseFit, SlopesAreThoseOfTheLikelihood) {
  const ParetoNbd pareto = ParetoNbd::create(kParetoTruth).value();
  expect_slopes_are_differences(problem_of(collapse(pareto_world(pareto, 1, 300))));
  for (const Dropout dropout : {Dropout::after_repeat, Dropout::after_every}) {
    for (const std::uint32_t stages : {1U, 2U, 4U}) {
      const BetaGeometricKind kind{dropout, stages};
      const BetaGeometric model = BetaGeometric::create(kBgTruth, kind).value();
      const CollapsedHistories histories = collapse(bg_world(model, 2, 300));
      expect_slopes_are_differences(problem_of(histories, kind));
    }
  }
}

TEST(PurchaseFit, TheCollapsedMeanIsTheMeanOfEverybody) {
  const BetaGeometricKind kind{Dropout::after_every, 3};
  const BetaGeometric model = BetaGeometric::create(kBgTruth, kind).value();
  std::vector<PurchaseHistory> histories = bg_world(model, 3, 500);
  for (PurchaseHistory& history : histories) {
    history.recency_days = std::floor(history.recency_days);
  }
  histories.insert(histories.end(), histories.begin(), histories.begin() + 200);
  const auto fit = fit_beta_geometric(collapse(histories), kind);
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  double sum = 0;
  for (const PurchaseHistory& history : histories) {
    sum += fit->model.log_likelihood(history);
  }
  EXPECT_NEAR(fit->report.log_likelihood, sum, std::abs(sum) * 1e-12);
  EXPECT_EQ(fit->report.customers, 700U);
  const auto pareto = fit_pareto_nbd(collapse(histories));
  ASSERT_TRUE(pareto.has_value()) << pareto.error().message;
  sum = 0;
  for (const PurchaseHistory& history : histories) {
    sum += pareto->model.log_likelihood(history);
  }
  EXPECT_NEAR(pareto->report.log_likelihood, sum, std::abs(sum) * 1e-10);
}

/// The likelihood as the story tells it: over all rates and chances of leaving.
double brute_force_likelihood(const BetaGeometric& model, const PurchaseHistory& h) {
  const double r = model.parameters().r;
  const double alpha = model.parameters().alpha_days;
  const double a = model.parameters().a;
  const double b = model.parameters().b;
  const double k = model.kind().stages;
  const double x = h.repeat_purchases;
  const double draws = x + (model.kind().dropout == Dropout::after_every ? 1 : 0);
  const double silence = h.age_days - h.recency_days;
  boost::math::quadrature::exp_sinh<double> over_rates;
  const auto mean_over_rates = [&](bool is_alive) {
    return over_rates.integrate([&](double rate) {
      double still = 1;
      if (is_alive) {
        double term = 1;
        still = 0;
        for (double j = 0; j < k; j += 1) {
          still += term;
          term *= rate * silence / (j + 1);
        }
        still *= std::exp(-rate * silence);
      }
      const double density =
          std::exp(r * std::log(alpha) + (r - 1) * std::log(rate) - alpha * rate - std::lgamma(r));
      return density * still *
             std::exp(k * x * std::log(rate) - rate * h.recency_days - x * std::lgamma(k) +
                      (k - 1) * h.log_interval_sum);
    });
  };
  const double stays = boost::math::beta(a, b + draws) / boost::math::beta(a, b);
  const double leaves =
      draws > 0 ? boost::math::beta(a + 1, b + draws - 1) / boost::math::beta(a, b) : 0;
  return stays * mean_over_rates(true) + leaves * mean_over_rates(false);
}

TEST(PurchaseFit, LikelihoodsAreThoseOfBruteForce) {
  for (const Dropout dropout : {Dropout::after_repeat, Dropout::after_every}) {
    for (const std::uint32_t stages : {1U, 2U, 3U}) {
      const BetaGeometric model =
          BetaGeometric::create({.r = 1.4, .alpha_days = 20, .a = 0.6, .b = 2}, {dropout, stages})
              .value();
      for (const PurchaseHistory& history :
           {PurchaseHistory{0, 0, 40, 0}, PurchaseHistory{1, 12, 40, std::log(12.0)},
            PurchaseHistory{3, 30, 33, 2 * std::log(5.0) + std::log(20.0)}}) {
        EXPECT_NEAR(model.log_likelihood(history), std::log(brute_force_likelihood(model, history)),
                    1e-9);
      }
    }
  }
}

// 24 made-up populations each, at two standard errors or so: the long run over 200 seeds stands in
// docs/statistics/purchases.md with its command.
TEST(PurchaseFit, FindsParametersAgainWithinTheirErrors) {
  int inside = 0;
  int asked = 0;
  const auto count = [&](const FitReport& report, std::span<const double> found,
                         std::span<const double> truth) {
    for (std::size_t i = 0; i < truth.size(); ++i) {
      ++asked;
      inside += std::abs(std::log(found[i] / truth[i])) < 1.96 * report.standard_error(i) ? 1 : 0;
    }
  };
  for (std::uint32_t seed = 0; seed < 6; ++seed) {
    for (const BetaGeometricKind kind :
         {BetaGeometricKind{}, BetaGeometricKind{Dropout::after_every, 2}}) {
      const BetaGeometric model = BetaGeometric::create(kBgTruth, kind).value();
      const auto fit = fit_beta_geometric(collapse(bg_world(model, 100 + seed, 3000)), kind);
      ASSERT_TRUE(fit.has_value()) << fit.error().message;
      const auto& p = fit->model.parameters();
      count(fit->report, std::array{p.r, p.alpha_days, p.a, p.b},
            std::array{kBgTruth.r, kBgTruth.alpha_days, kBgTruth.a, kBgTruth.b});
    }
    const ParetoNbd model = ParetoNbd::create(kParetoTruth).value();
    const auto fit = fit_pareto_nbd(collapse(pareto_world(model, 200 + seed, 3000)));
    ASSERT_TRUE(fit.has_value()) << fit.error().message;
    const auto& p = fit->model.parameters();
    count(fit->report, std::array{p.r, p.alpha_days, p.s, p.beta_days},
          std::array{kParetoTruth.r, kParetoTruth.alpha_days, kParetoTruth.s,
                     kParetoTruth.beta_days});
  }
  EXPECT_EQ(asked, 72);
  EXPECT_GE(inside, 62);
}

TEST(PurchaseFit, ChoosesTheRhythm) {
  for (const std::uint32_t stages : {1U, 3U}) {
    const BetaGeometric model =
        BetaGeometric::create(kBgTruth, {Dropout::after_every, stages}).value();
    const auto fit =
        fit_regular_beta_geometric(collapse(bg_world(model, 9, 3000)), Dropout::after_every);
    ASSERT_TRUE(fit.has_value()) << fit.error().message;
    EXPECT_EQ(fit->model.kind().stages, stages);
  }
}

// Many distinct histories: the sample leads, and the top is that of all.
TEST(PurchaseFit, ASampleLeadsToTheSameTop) {
  const BetaGeometric model = BetaGeometric::create(kBgTruth).value();
  const CollapsedHistories histories = collapse(bg_world(model, 4, 30'000));
  ASSERT_GT(histories.cells.size(), 15'000U);
  const LikelihoodProblem problem = problem_of(histories, {});
  const auto fit = fit_beta_geometric(histories);
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  EXPECT_LE(fit->report.steepness, 1e-6);
  std::vector<double> slope(4);
  const auto& p = fit->model.parameters();
  const std::vector<double> place{std::log(p.r), std::log(p.alpha_days), std::log(p.a),
                                  std::log(p.b)};
  problem.mean(place, 1, slope);
  for (const double each : slope) {
    EXPECT_LE(std::abs(each), 1.1e-6);
  }
}

}  // namespace
}  // namespace guanxi
