#include "statistics/hidden_states.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace guanxi {
namespace {

/// Two states, one count, no encounters; chances to stay .9 and .8.
HiddenStates two_states() {
  return HiddenStates::create({.states = 2, .emissions = 1, .kinds = 0},
                              {.start = {.7, .3},
                               .rates = {.2, 2},
                               .thresholds = {std::log(.9 / .1), std::log(.2 / .8)},
                               .effects = {}})
      .value();
}

double poisson(double rate, unsigned count) {
  return std::exp(count * std::log(rate) - rate - std::lgamma(count + 1.0));
}

// Every path of states, summed by hand.
TEST(HiddenStates, LikelihoodAndFilterAreSumsOverAllPaths) {
  const HiddenStates model = two_states();
  const PeriodSequence sequence{.counts = {0, 3, 1, 0}, .encounters = {}};
  const double stay[2][2] = {{.9, .1}, {.2, .8}};
  const double start[2] = {.7, .3};
  const double rate[2] = {.2, 2};
  double all = 0;
  double ends[2] = {0, 0};
  for (unsigned path = 0; path < 16; ++path) {
    double chance = 1;
    for (unsigned t = 0; t < 4; ++t) {
      const unsigned now = path >> t & 1U;
      chance *= t == 0 ? start[now] : stay[path >> (t - 1) & 1U][now];
      chance *= poisson(rate[now], sequence.counts[t]);
    }
    all += chance;
    ends[path >> 3U & 1U] += chance;
  }
  EXPECT_NEAR(model.log_likelihood(sequence), std::log(all), 1e-12);
  EXPECT_NEAR(model.filtered(sequence)[1], ends[1] / all, 1e-12);
  const auto next = model.predicted(sequence);
  EXPECT_NEAR(next[1], ends[0] / all * .1 + ends[1] / all * .8, 1e-12);
  EXPECT_NEAR(model.expected_count(sequence, 0, 1), next[0] * .2 + next[1] * 2, 1e-12);
}

TEST(HiddenStates, LongSilenceDoesNotUnderflow) {
  const PeriodSequence sequence{.counts = std::vector<std::uint32_t>(20'000, 1), .encounters = {}};
  EXPECT_TRUE(std::isfinite(two_states().log_likelihood(sequence)));
  EXPECT_TRUE(
      std::isfinite(two_states().log_likelihood({.counts = {4'000'000'000U}, .encounters = {}})));
}

std::vector<PeriodSequence> lived(const HiddenStates& model, std::uint64_t seed, int people,
                                  std::size_t periods) {
  std::mt19937_64 random(seed);
  const auto& shape = model.shape();
  std::vector<PeriodSequence> sequences;
  std::vector<double> row(shape.states);
  for (int person = 0; person < people; ++person) {
    PeriodSequence sequence;
    const auto& start = model.parameters().start;
    std::size_t state = std::discrete_distribution<std::size_t>(start.begin(), start.end())(random);
    for (std::size_t t = 0; t < periods; ++t) {
      for (std::size_t e = 0; e < shape.emissions; ++e) {
        sequence.counts.push_back(std::poisson_distribution<std::uint32_t>(
            model.parameters().rates[state * shape.emissions + e])(random));
      }
      for (std::size_t i = 0; i < shape.kinds; ++i) {
        sequence.encounters.push_back(random() % 3 == 0 ? 1.0F : 0.0F);
      }
      const std::size_t at = t * shape.kinds;
      model.step(state, std::span(sequence.encounters).subspan(at), row);
      state = std::discrete_distribution<std::size_t>(row.begin(), row.end())(random);
    }
    sequences.push_back(std::move(sequence));
  }
  return sequences;
}

TEST(HiddenStates, FindsStatesAgain) {
  const auto sequences = lived(two_states(), 1, 800, 15);
  const auto fit = HiddenStates::fit({.states = 2, .emissions = 1, .kinds = 0}, sequences);
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const auto& p = fit->model.parameters();
  EXPECT_NEAR(p.rates[0], .2, .03);
  EXPECT_NEAR(p.rates[1], 2, .1);
  EXPECT_NEAR(p.start[0], .7, .06);
  EXPECT_NEAR(1 / (1 + std::exp(-p.thresholds[0])), .9, .03);
  EXPECT_NEAR(1 / (1 + std::exp(-p.thresholds[1])), .2, .04);
  double truth = 0;
  for (const PeriodSequence& sequence : sequences) {
    truth += two_states().log_likelihood(sequence);
  }
  EXPECT_GT(fit->log_likelihood, truth);
  EXPECT_LT(fit->log_likelihood, truth + 15);
  EXPECT_NEAR(fit->bic, -2 * fit->log_likelihood + 5 * std::log(800), 1e-6);
}

// One kind of encounter lifts, another pushes down; what counts is found with its sign and size.
TEST(HiddenStates, FindsWhichEncountersMovePeople) {
  const HiddenStates world = HiddenStates::create({.states = 3, .emissions = 2, .kinds = 2},
                                                  {.start = {.6, .3, .1},
                                                   .rates = {.1, .3, 1, 1, 4, 2},
                                                   .thresholds = {2, 5, -2, 2, -5, -2},
                                                   .effects = {1.5, -1.0, 1.5, -2.0, 1.0, -1.5}})
                                 .value();
  const auto sequences = lived(world, 2, 400, 12);
  const auto fit = HiddenStates::fit(world.shape(), sequences, 1);
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const auto& p = fit->model.parameters();
  for (std::size_t state = 0; state < 3; ++state) {
    EXPECT_NEAR(p.rates[state * 2], world.parameters().rates[state * 2],
                .1 + .05 * world.parameters().rates[state * 2]);
    EXPECT_NEAR(p.effects[state * 2], world.parameters().effects[state * 2], .8);
    EXPECT_NEAR(p.effects[state * 2 + 1], world.parameters().effects[state * 2 + 1], .9);
  }
}

TEST(HiddenStates, RefusesWhatDoesNotFit) {
  EXPECT_EQ(HiddenStates::fit({}, {}).error().code, ErrorCode::invalid);
  const std::vector<PeriodSequence> half{{.counts = {1}, .encounters = {}}};
  EXPECT_EQ(HiddenStates::fit({.states = 2, .emissions = 2, .kinds = 0}, half).error().code,
            ErrorCode::invalid);
  EXPECT_FALSE(HiddenStates::create({.states = 2, .emissions = 1, .kinds = 0}, {}).has_value());
}

}  // namespace
}  // namespace guanxi
