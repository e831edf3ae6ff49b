// Hillstrom's e-mail experiment against numbers of scikit-uplift 0.5.1 (../shared/data/hillstrom).
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "statistics/uplift.hpp"
#include "statistics/uplift_learner.hpp"

namespace guanxi {
namespace {

struct Experiment {
  std::vector<double> recency, history, womens, spend;
  std::vector<std::uint8_t> visit, treated;
  Features features{.columns = 5, .values = {}};
};

/// Those who got the e-mail for men, and those who got none.
Experiment mens_pair() {
  const char* folder = std::getenv("GUANXI_REAL_DATA");
  const std::string file =
      std::string(folder != nullptr ? folder : "../shared/data") + "/hillstrom/hillstrom.csv.gz";
  Experiment experiment;
  std::FILE* pipe = popen(("gzip -dc '" + file + "' 2>/dev/null | tail -n +2").c_str(), "r");
  std::array<char, 512> line{};
  while (pipe != nullptr && std::fgets(line.data(), line.size(), pipe) != nullptr) {
    int recency = 0, mens = 0, womens = 0, newbie = 0, visit = 0, conversion = 0;
    double history = 0, spend = 0;
    std::array<char, 64> zip{}, channel{}, arm{};
    const std::string text = line.data();
    // The segment of history is in quotes when it holds a comma: it ends before the plain number.
    const std::size_t quote = text.rfind('"');
    const std::size_t rest =
        quote != std::string::npos ? quote + 2 : text.find(',', text.find(',') + 1) + 1;
    if (std::sscanf(text.c_str(), "%d,", &recency) != 1 ||
        std::sscanf(text.c_str() + rest, "%lf,%d,%d,%63[^,],%d,%63[^,],%63[^,],%d,%d,%lf", &history,
                    &mens, &womens, zip.data(), &newbie, channel.data(), arm.data(), &visit,
                    &conversion, &spend) != 10) {
      ADD_FAILURE() << text;
      break;
    }
    const std::string name = arm.data();
    if (name == "Womens E-Mail") {
      continue;
    }
    experiment.recency.push_back(-recency);
    experiment.history.push_back(history);
    experiment.womens.push_back(womens);
    experiment.spend.push_back(spend);
    experiment.visit.push_back(static_cast<std::uint8_t>(visit));
    experiment.treated.push_back(name == "Mens E-Mail" ? 1 : 0);
    experiment.features.values.insert(
        experiment.features.values.end(),
        {static_cast<float>(recency), static_cast<float>(history), static_cast<float>(mens),
         static_cast<float>(womens), static_cast<float>(newbie)});
  }
  if (pipe != nullptr) {
    pclose(pipe);
  }
  return experiment;
}

class Hillstrom : public ::testing::Test {
 protected:
  void SetUp() override {
    pair_ = mens_pair();
    if (pair_.visit.empty()) {
      GTEST_SKIP() << "REAL DATA: hillstrom is not there, so uplift was not checked";
    }
    ASSERT_EQ(pair_.visit.size(), 42'613U);
  }
  void expect_coefficients(const std::vector<double>& score, double qini, double uplift) {
    EXPECT_NEAR(*uplift_coefficient(UpliftCurve::qini, pair_.visit, score, pair_.treated), qini,
                5e-9);
    EXPECT_NEAR(*uplift_coefficient(UpliftCurve::uplift, pair_.visit, score, pair_.treated), uplift,
                5e-9);
  }
  Experiment pair_;
};

TEST_F(Hillstrom, CoefficientsAreThoseOfScikitUplift) {
  expect_coefficients(pair_.history, .01843340, .00957842);
  expect_coefficients(pair_.recency, .01184893, .00638117);
  expect_coefficients(pair_.womens, .01288783, .00634295);
}

TEST_F(Hillstrom, DifferencesAndCupedAreThoseMeasured) {
  const std::vector<double> visit(pair_.visit.begin(), pair_.visit.end());
  const auto visits = difference_in_means(visit, pair_.treated);
  EXPECT_NEAR(visits->difference, .076590, 5e-7);
  EXPECT_NEAR(visits->standard_error, .003386, 5e-7);
  const auto spends = cuped_difference(pair_.spend, pair_.treated, pair_.history);
  EXPECT_NEAR(spends->theta, .00122290, 5e-8);
  EXPECT_NEAR(spends->variance_ratio, .999566, 5e-6);
  EXPECT_NEAR(spends->adjusted.difference, .767438, 5e-6);
  EXPECT_NEAR(spends->adjusted.standard_error, .145215, 5e-6);
}

// Learned on even rows, looked at on odd ones: better than chance.
TEST_F(Hillstrom, LearnersFindSomethingOnRowsNotSeen) {
  Features learn{.columns = 5, .values = {}};
  Features test = learn;
  std::vector<double> outcome;
  std::vector<std::uint8_t> treated, test_visit, test_treated;
  for (std::size_t i = 0; i < pair_.visit.size(); ++i) {
    const auto row = pair_.features.row(i);
    Features& into = i % 2 == 0 ? learn : test;
    into.values.insert(into.values.end(), row.begin(), row.end());
    if (i % 2 == 0) {
      outcome.push_back(pair_.visit[i]);
      treated.push_back(pair_.treated[i]);
    } else {
      test_visit.push_back(pair_.visit[i]);
      test_treated.push_back(pair_.treated[i]);
    }
  }
  for (const UpliftMethod method : {UpliftMethod::two_models, UpliftMethod::crossed}) {
    for (const RegressionBase base : {RegressionBase::linear, RegressionBase::boosted_trees}) {
      const auto learner = UpliftLearner::fit(method, base, learn, outcome, treated);
      ASSERT_TRUE(learner.has_value()) << learner.error().message;
      const auto score = *learner->predict(test);
      const double qini = *uplift_coefficient(UpliftCurve::qini, test_visit, score, test_treated);
      EXPECT_GT(qini, 0);
      std::printf("qini of %s, %s: %.8f\n",
                  method == UpliftMethod::crossed ? "X-learner" : "T-learner",
                  base == RegressionBase::linear ? "linear" : "boosted trees", qini);
    }
  }
}

}  // namespace
}  // namespace guanxi
