#include "statistics/gamma_gamma.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.hpp"

namespace guanxi {
namespace {

// Computed in 40-digit arithmetic; published counterparts 24.65, 18.91, 35.17 at the fit.
TEST(GammaGamma, ReproducesExactExpectations) {
  const GammaGamma model = GammaGamma::create({6.25, 3.74, 15.44}).value();
  EXPECT_NEAR(model.expected_spend({2, 22.35}), 24.66371391076115, 1e-11);
  EXPECT_NEAR(model.expected_spend({1, 11.77}), 18.91685205784205, 1e-11);
  EXPECT_NEAR(model.expected_spend({0, 0}), 35.21897810218978, 1e-11);
  EXPECT_NEAR(model.expected_spend({3, 35}), 35.02791996277338, 1e-11);
}

// q < 1 gives other packages negative values of a lifetime.
TEST(GammaGamma, HasNoMeanRatherThanANegativeOne) {
  const GammaGamma model = GammaGamma::create({2, 0.5, 10}).value();
  EXPECT_FALSE(model.has_mean());
  EXPECT_TRUE(std::isinf(model.expected_spend({0, 0})));
  EXPECT_GT(model.expected_spend({1, 20}), 0);
}

double unit(Random& random) { return (static_cast<double>(random.next() >> 11U) + 0.5) * 0x1p-53; }

/// Gamma of whole shape: a sum of exponentials.
double gamma_whole(Random& random, int shape) {
  double sum = 0;
  for (int i = 0; i < shape; ++i) {
    sum -= std::log(unit(random));
  }
  return sum;
}

TEST(GammaGammaFit, FindsTheParametersOfAMadeUpWorldInAnyOrder) {
  Random random(5);
  std::vector<SpendHistory> histories;
  for (int i = 0; i < 30'000; ++i) {
    const double rate = gamma_whole(random, 4) / 15;
    const auto purchases = static_cast<std::uint32_t>(random.below(5));
    double sum = 0;
    for (std::uint32_t j = 0; j < purchases; ++j) {
      sum += gamma_whole(random, 6) / rate;
    }
    histories.push_back({purchases, purchases == 0 ? 0 : sum / purchases});
  }
  const auto fit = fit_gamma_gamma(histories);
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const auto& [p, q, v] = fit->model.parameters();
  EXPECT_NEAR(p, 6, 4 * 6 * fit->report.standard_error(0));
  EXPECT_NEAR(q, 4, 4 * 4 * fit->report.standard_error(1));
  EXPECT_NEAR(v, 15, 4 * 15 * fit->report.standard_error(2));
  EXPECT_LT(fit->report.standard_error(0), 0.05);
  double sum = 0;
  for (const SpendHistory& history : histories) {
    sum += history.purchases > 0 ? fit->model.log_likelihood(history) : 0;
  }
  EXPECT_NEAR(fit->report.log_likelihood, sum, std::abs(sum) * 1e-10);
  std::reverse(histories.begin(), histories.end());
  EXPECT_EQ(fit_gamma_gamma(histories)->model.parameters().v, v);
  EXPECT_EQ(fit_gamma_gamma({}).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace guanxi
