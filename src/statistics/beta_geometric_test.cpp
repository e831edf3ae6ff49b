#include "statistics/beta_geometric.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.hpp"
#include "statistics/weekly_testing.hpp"

namespace guanxi {
namespace {

/// A model whose alpha is given in weeks, as the papers do.
BetaGeometric weekly(double r, double alpha_weeks, double a, double b,
                     BetaGeometricKind kind = {}) {
  return BetaGeometric::create({.r = r, .alpha_days = alpha_weeks * kWeek, .a = a, .b = b}, kind)
      .value();
}
/// The published parameters of CDNOW (Fader, Hardie & Lee 2005).
BetaGeometric cdnow() { return weekly(.243, 4.414, .793, 2.426); }

// The CDNOW example of the authors' spreadsheet: weeks there, days here.
TEST(BetaGeometric, ReproducesThePublishedCdnowExample) {
  EXPECT_NEAR(cdnow().expected_purchases(weeks(2, 30.43, 38.86), 39 * kWeek), 1.226, 0.0005);
}

// Computed in 40-digit arithmetic from the formulas.
TEST(BetaGeometric, ReproducesExactExpectations) {
  const BetaGeometric model = cdnow();
  expect_close(model.expected_purchases(weeks(2, 30.43, 38.86), 39 * kWeek), 1.226028174767144);
  expect_close(model.expected_purchases(weeks(26, 216.0 / 7, 31), 52 * kWeek), 25.75649221537806);
  expect_close(model.expected_purchases(weeks(10, 20, 39), 52 * kWeek), .3473997627085592);
  expect_close(model.expected_purchases(weeks(25, 20, 39), 52 * kWeek), .0003583324619112166);
  expect_close(model.expected_purchases({}, 1 * kWeek), .05326789117165828);
  expect_close(model.expected_purchases({}, 52 * kWeek), 1.446050595396404);
  expect_close(model.expected_purchases({}, 78 * kWeek), 1.860519057942769);
}

TEST(BetaGeometric, ReproducesExactProbabilities) {
  const BetaGeometric model = cdnow();
  expect_close(model.probability_alive(weeks(2, 30.43, 38.86)), .7265785700806729);
  expect_close(model.probability_alive(weeks(26, 216.0 / 7, 31)), .9688515628518959);
  expect_close(model.probability_of({}, 10, 2 * kWeek), 1.078689640369147e-7);
  expect_close(model.probability_of({}, 0, 39 * kWeek), .5737863520960094);
  expect_close(model.probability_of({}, 11, 30 * kWeek), .001999521447478876);
}

TEST(BetaGeometric, ReproducesExactLogLikelihoods) {
  const BetaGeometric model = cdnow();
  expect_close(weekly_log_likelihood(model, weeks(2, 30.43, 38.86)), -9.458606307066271);
  expect_close(weekly_log_likelihood(model, weeks(26, 216.0 / 7, 31)), -37.72651332833301);
  // pymc-marketing tests/clv/models/test_beta_geo.py: 200 purchases in 40 weeks overflow a naive
  // form.
  const BetaGeometric frequent = weekly(.25, 4, .80, 2.5);
  expect_close(weekly_log_likelihood(frequent, weeks(0, 0, 40)), -0.5994738181995926);
  expect_close(weekly_log_likelihood(frequent, weeks(200, 38, 40)), 100.7956930927065);
}

TEST(BetaGeometric, ReproducesExactFiguresOfMbgNbd) {
  const BetaGeometric model = weekly(.525, 6.183, .891, 1.614, {Dropout::after_every, 1});
  expect_close(model.expected_purchases(weeks(2, 30.43, 38.86), 39 * kWeek), 1.262960623267366);
  expect_close(model.probability_alive(weeks(2, 30.43, 38.86)), .7062022651184873);
  expect_close(model.expected_purchases(weeks(0, 0, 38.86), 39 * kWeek), .1540127466751467);
  expect_close(model.probability_alive(weeks(0, 0, 38.86)), .3897350809187629);
}

// a = 1: the closed form is 0/0 there, and a peer gives NaN for 40 % of customers.
// The package of the model's authors says 1.456 here; 24 million simulated customers 1.051 +- 0.011.
TEST(BetaGeometric, IsExactForRegularRhythmsWhereItsAuthorsPackageIsNot) {
  const BetaGeometric model = weekly(1.329, 2.813, .425, .790, {Dropout::after_every, 2});
  EXPECT_NEAR(model.expected_purchases(weeks(1, 50.29, 52), 52 * 7), 1.0498, 0.005);
}

TEST(BetaGeometric, ReproducesTheSingularCase) {
  const BetaGeometric model = weekly(.5, 6, 1, 1.6, {Dropout::after_every, 1});
  expect_close(model.expected_purchases(weeks(3, 20, 39), 39 * kWeek), .9631740271106759);
  expect_close(model.probability_alive(weeks(3, 20, 39)), .4027729086375268);
}

TEST(BetaGeometric, ReproducesExactFiguresOfRegularRhythms) {
  const BetaGeometric model = weekly(.359, 1.129, .523, 2.785, {Dropout::after_repeat, 2});
  expect_close(model.expected_purchases(weeks(1, 12, 52), 52 * kWeek), .4976582499167529);
  expect_close(model.probability_alive(weeks(1, 12, 52)), .3533851471153022);
  expect_close(model.expected_purchases(weeks(19, 340.0 / 7, 52), 52 * kWeek), 14.73762678133289);
  expect_close(model.probability_alive(weeks(19, 340.0 / 7, 52)), .9144495624463091);
}

// Every member of the family: probabilities sum to one, and their mean is the expectation, for a
// newcomer and for somebody with a history.
TEST(BetaGeometric, AllKindsAgreeWithThemselves) {
  for (const Dropout dropout : {Dropout::after_repeat, Dropout::after_every}) {
    for (const std::uint32_t stages : {1U, 2U, 3U, 5U}) {
      const BetaGeometric model = weekly(.9, 2.0, .6, 1.7, {dropout, stages});
      SCOPED_TRACE(name_of(model.kind()));
      for (const PurchaseHistory& history :
           {PurchaseHistory{}, weeks(0, 0, 20), weeks(3, 15, 20), weeks(40, 19, 20)}) {
        double sum = 0;
        double mean = 0;
        for (std::uint32_t n = 0; n < 300; ++n) {
          const double p = model.probability_of(history, n, 10 * kWeek);
          sum += p;
          mean += n * p;
        }
        EXPECT_NEAR(sum, 1, 1e-10);
        EXPECT_NEAR(mean, model.expected_purchases(history, 10 * kWeek), 1e-8 * (1 + mean));
      }
    }
  }
}

TEST(BetaGeometric, ProbabilitiesOfPurchasesSumToOneAndTheirMeanIsTheExpectation) {
  const BetaGeometric model = cdnow();
  double sum = 0;
  double mean = 0;
  for (std::uint32_t n = 0; n < 500; ++n) {
    const double p = model.probability_of({}, n, 39 * kWeek);
    sum += p;
    mean += n * p;
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_NEAR(mean, model.expected_purchases({}, 39 * kWeek), 1e-10);
}

TEST(BetaGeometric, StaysFiniteForExtremeHistories) {
  const BetaGeometric model = cdnow();
  for (const PurchaseHistory& history : {weeks(10000, 500, 501), weeks(10000, 1, 501),
                                         weeks(1, 0, 0), weeks(0, 0, 5000), weeks(3000, 2, 2)}) {
    SCOPED_TRACE(::testing::Message() << history.repeat_purchases << " " << history.age_days);
    const double alive = model.probability_alive(history);
    EXPECT_GE(alive, 0);
    EXPECT_LE(alive, 1);
    EXPECT_TRUE(std::isfinite(model.log_likelihood(history)));
    const double expected = model.expected_purchases(history, 52 * kWeek);
    EXPECT_TRUE(std::isfinite(expected));
    EXPECT_GE(expected, 0);
  }
  EXPECT_EQ(model.probability_alive(weeks(0, 0, 30)), 1);
  EXPECT_EQ(model.expected_purchases(weeks(2, 3, 4), 0), 0);
}

// The closed form divides by a - 1; here a = 1 lies between its neighbours.
TEST(BetaGeometric, HasNoHoleWhereAIsOne) {
  const PurchaseHistory history = weeks(3, 20, 39);
  const auto at = [&](double a) {
    return weekly(.5, 6, a, 1.6).expected_purchases(history, 39 * kWeek);
  };
  EXPECT_TRUE(std::isfinite(at(1)));
  EXPECT_NEAR(at(1), (at(1 - 1e-5) + at(1 + 1e-5)) / 2, 1e-9);
  EXPECT_GT(at(0.9), at(1));
  EXPECT_GT(at(1), at(1.1));
}

TEST(BetaGeometric, RefusesParametersThatAreNoNumbersAboveZero) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -1.0, nan, infinite}) {
    EXPECT_FALSE(BetaGeometric::create({bad, 30, 1, 2}).has_value());
    EXPECT_FALSE(BetaGeometric::create({1, bad, 1, 2}).has_value());
    EXPECT_FALSE(BetaGeometric::create({1, 30, bad, 2}).has_value());
    EXPECT_FALSE(BetaGeometric::create({1, 30, 1, bad}).has_value());
  }
  EXPECT_FALSE(BetaGeometric::create({1, 30, 1, 2}, {.stages = 0}).has_value());
  EXPECT_FALSE(BetaGeometric::create({1, 30, 1, 2}, {.stages = 13}).has_value());
  EXPECT_NE(BetaGeometric::create({1, 30, 0, 2}).error().message.find("a is"), std::string::npos);
}

double unit(Random& random) { return (static_cast<double>(random.next() >> 11U) + 0.5) * 0x1p-53; }

/// Gamma of shape 1/2 times k halves: a sum of k squared normals over two; Beta from two of them.
double gamma_halves(Random& random, int halves) {
  double sum = 0;
  for (int i = 0; i < halves; ++i) {
    const double normal =
        std::sqrt(-2 * std::log(unit(random))) * std::cos(2 * M_PI * unit(random));
    sum += normal * normal / 2;
  }
  return sum;
}

/// Customers of a BG/NBD world with r = 1/2, alpha = 21 days, a = 1/2, b = 3/2.
std::vector<PurchaseHistory> world(std::uint64_t seed, int customers) {
  Random random(seed);
  std::vector<PurchaseHistory> histories;
  for (int c = 0; c < customers; ++c) {
    const double rate = gamma_halves(random, 1) / 21;
    const double left = gamma_halves(random, 1);
    const double leave = left / (left + gamma_halves(random, 3));
    PurchaseHistory history{.age_days = 200 + static_cast<double>(random.below(165))};
    for (double day = 0;;) {
      day += -std::log(unit(random)) / rate;
      if (day > history.age_days) {
        break;
      }
      history.repeat_purchases += 1;
      history.recency_days = std::floor(day);
      if (unit(random) < leave) {
        break;
      }
    }
    histories.push_back(history);
  }
  return histories;
}

TEST(BetaGeometricFit, FindsTheParametersOfAMadeUpWorld) {
  const auto fit = fit_beta_geometric(collapse(world(7, 20000)));
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const BetaGeometric::Parameters& p = fit->model.parameters();
  EXPECT_NEAR(p.r, 0.5, 0.03);
  EXPECT_NEAR(p.alpha_days, 21, 2);
  EXPECT_NEAR(p.a, 0.5, 0.06);
  EXPECT_NEAR(p.b, 1.5, 0.25);
  EXPECT_EQ(fit->report.customers, 20000U);
  EXPECT_LT(fit->report.distinct, 20000U);
  EXPECT_LE(fit->report.steepness, 1e-6);
}

TEST(BetaGeometricFit, IsTheTopOfTheSameLikelihoodAndForgetsTheOrder) {
  std::vector<PurchaseHistory> histories = world(8, 2000);
  const auto fit = fit_beta_geometric(std::span<const PurchaseHistory>(histories));
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const auto total = [&](const BetaGeometric& model) {
    double sum = 0;
    for (const PurchaseHistory& history : histories) {
      sum += model.log_likelihood(history);
    }
    return sum;
  };
  EXPECT_NEAR(total(fit->model), fit->report.log_likelihood,
              std::abs(fit->report.log_likelihood) * 1e-12);
  for (const double factor : {0.98, 1.02}) {
    BetaGeometric::Parameters p = fit->model.parameters();
    p.r *= factor;
    EXPECT_LT(total(BetaGeometric::create(p).value()), fit->report.log_likelihood);
    p = fit->model.parameters();
    p.alpha_days *= factor;
    EXPECT_LT(total(BetaGeometric::create(p).value()), fit->report.log_likelihood);
    p = fit->model.parameters();
    p.a *= factor;
    EXPECT_LT(total(BetaGeometric::create(p).value()), fit->report.log_likelihood);
    p = fit->model.parameters();
    p.b *= factor;
    EXPECT_LT(total(BetaGeometric::create(p).value()), fit->report.log_likelihood);
  }
  std::ranges::reverse(histories);
  const auto again = fit_beta_geometric(std::span<const PurchaseHistory>(histories));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->model.parameters().alpha_days, fit->model.parameters().alpha_days);
  EXPECT_EQ(again->report.log_likelihood, fit->report.log_likelihood);
}

TEST(BetaGeometricFit, RefusesWhatItCannotKnow) {
  EXPECT_EQ(fit_beta_geometric(std::span<const PurchaseHistory>()).error().code,
            ErrorCode::invalid);
  const std::vector<PurchaseHistory> once(50, PurchaseHistory{.age_days = 100});
  EXPECT_EQ(fit_beta_geometric(std::span<const PurchaseHistory>(once)).error().code,
            ErrorCode::invalid);
}

}  // namespace
}  // namespace guanxi
