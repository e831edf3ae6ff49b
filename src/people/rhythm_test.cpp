#include "people/rhythm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/fixed.hpp"
#include "relationship/facts.hpp"
#include "relationship/shipped_models.hpp"

namespace guanxi {
namespace {

BetaGeometric buying(double r, double alpha_days, std::uint32_t stages) {
  return BetaGeometric::create({.r = r, .alpha_days = alpha_days, .a = .8, .b = 2.4},
                               {Dropout::after_every, stages})
      .value();
}

Model retail(const std::string& rhythm, const Calibration& calibration) {
  std::string text(shipped_model("retail"));
  const std::string table = "[velocity]\n";
  text.insert(text.find(table) + table.size(), "rhythm = \"" + rhythm + "\"\n");
  const auto model = Model::parse(text);
  EXPECT_TRUE(model) << model.error().message;
  return model->with(calibration);
}

State weekly(std::int32_t weeks) {
  State state;
  state.first_order_day = Day{20000};
  state.last_order_day = Day{20000 + 7 * weeks * 4};
  state.order_days = static_cast<std::uint32_t>(weeks) + 1;
  state.orders = state.order_days;
  state.day = state.last_order_day;
  return state;
}

double rhythms(const Model& model, const State& state, std::int32_t days) {
  return static_cast<double>(
             silence_rhythms_16(state, model, Day{state.last_order_day.number + days})) /
         kOne16;
}

TEST(Rhythm, OfBuyersAtRandomIsTheMeanGapThatTheModelExpects) {
  const Rhythm rhythm = rhythm_of(buying(2, 90, 1));
  EXPECT_EQ(rhythm.prior_days, 90U);
  EXPECT_EQ(rhythm.prior_gaps_16, 2 * kOne16);
  EXPECT_EQ(rhythm.surprise_16, kOne16);
  const Model model = retail("fitted", Calibration{.rhythm = rhythm});
  const State state = weekly(10);  // 10 gaps in 280 days
  EXPECT_NEAR(rhythms(model, state, 100), 100 / ((90.0 + 280) / (2 + 10)), 1e-3);
}

// Ten days more of silence are as surprising for a regular buyer as many more for an irregular one.
TEST(Rhythm, SilenceOfRegularBuyersCountsForMore) {
  double before = 1;
  for (const std::uint32_t stages : {2U, 3U, 6U, 12U}) {
    const Rhythm rhythm = rhythm_of(buying(2, 30, stages));
    const double surprise = static_cast<double>(rhythm.surprise_16) / kOne16;
    EXPECT_LT(surprise, before);
    EXPECT_GT(surprise, 1.0 / 3) << "a silence shorter than the mean gap is never rare";
    // P(Erlang(k) gap > 3 surprise means) = sum of k Poisson terms.
    const double at = 3 * surprise * stages;
    double term = std::exp(-at);
    double sum = 0;
    for (std::uint32_t i = 0; i < stages; ++i) {
      sum += term;
      term *= at / (i + 1);
    }
    EXPECT_NEAR(sum, std::exp(-3.0), 1e-4);
    before = surprise;
  }
}

TEST(Rhythm, IsUsedOnlyWhereTheModelAsksForItAndSurvivesItsText) {
  Calibration calibration{.observed_kinds = 6, .typical_gap_days = 30};
  const Model mean = retail("mean", calibration);
  calibration.rhythm = rhythm_of(buying(1.5, 45, 2));
  const Model ignored = retail("mean", calibration);
  const Model fitted = retail("fitted", calibration);
  const State state = weekly(6);
  EXPECT_EQ(rhythms(mean, state, 50), rhythms(ignored, state, 50));
  EXPECT_GT(rhythms(fitted, state, 50), rhythms(mean, state, 50));
  const auto read = calibration_from_json(to_json(calibration));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, calibration);
  EXPECT_EQ(to_json(Calibration{}).find("rhythm"), std::string::npos);
  const auto wrong = Model::parse("[velocity]\nrhythm = \"none\"\n");
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace guanxi
