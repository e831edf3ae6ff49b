#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>

#include "statistics/hidden_passes.hpp"
#include "statistics/maximum.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kRoundsMost = 2'000;
/// Of the mean log-likelihood of a period: below this a round changes nothing.
constexpr double kSettled = 1e-9;
constexpr double kRateLeast = 1e-9;
constexpr double kThresholdMost = 15;  // a chance of 3e-7
/// Weight of a faint belief that pushes are 0: without it a step never seen has no finite push.
constexpr double kFaint = 1e-3;

}  // namespace

/// One climb of EM.
class HiddenStates::Learner {
 public:
  Learner(const Shape& shape, std::span<const PeriodSequence> sequences)
      : shape_(shape), sequences_(sequences) {
    for (const PeriodSequence& sequence : sequences) {
      periods_ += sequence.counts.size() / shape.emissions;
      for (std::size_t i = 0; i < sequence.counts.size(); i += shape.emissions) {
        mean_ += sequence.counts[i];
      }
    }
    mean_ = std::max(mean_ / static_cast<double>(periods_), 1e-3);
  }

  /// Rates apart by a factor that differs by start; steps mostly to the same state.
  [[nodiscard]] Parameters start(std::uint32_t number) const {
    const std::size_t states = shape_.states;
    const double factor = 2.0 + number;
    Parameters p;
    p.start.assign(states, 1 / static_cast<double>(states));
    for (std::size_t state = 0; state < states; ++state) {
      const double away = static_cast<double>(state) - static_cast<double>(states - 1) / 2;
      for (std::size_t e = 0; e < shape_.emissions; ++e) {
        p.rates.push_back(mean_ * std::pow(factor, away));
      }
      for (std::size_t j = 0; j + 1 < states; ++j) {
        p.thresholds.push_back(j < state ? -2.0 - static_cast<double>(state - j)
                                         : 2.0 + static_cast<double>(j - state));
      }
    }
    p.effects.assign(states * shape_.kinds, 0);
    return p;
  }

  [[nodiscard]] std::optional<Fit> climb(Parameters parameters) {
    double before = -HUGE_VAL;
    for (std::uint32_t round = 1; round <= kRoundsMost; ++round) {
      HiddenStates model(shape_, parameters);
      const double log_likelihood = expect(model);
      if (!std::isfinite(log_likelihood)) {
        return std::nullopt;
      }
      if (log_likelihood - before < kSettled * static_cast<double>(periods_)) {
        return finish(std::move(model), log_likelihood, round);
      }
      before = log_likelihood;
      if (!improve(parameters)) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  /// What everybody's states and steps come to under the model.
  double expect(const HiddenStates& model) {
    const std::size_t states = shape_.states;
    first_.assign(states, 0);
    visits_.assign(states, 0);
    counts_.assign(states * shape_.emissions, 0);
    moves_.assign(states * states, 0);
    observed_.assign(states, {});
    HiddenPasses passes(model);
    double log_likelihood = 0;
    for (const PeriodSequence& sequence : sequences_) {
      log_likelihood += passes.forward(sequence);
      passes.backward();
      add(sequence, passes);
    }
    return log_likelihood;
  }

  void add(const PeriodSequence& sequence, const HiddenPasses& passes) {
    const std::size_t states = shape_.states;
    for (std::size_t t = 0; t < passes.periods(); ++t) {
      const auto now = passes.smoothed(t);
      for (std::size_t state = 0; state < states; ++state) {
        first_[state] += t == 0 ? now[state] : 0;
        visits_[state] += now[state];
        for (std::size_t e = 0; e < shape_.emissions; ++e) {
          counts_[state * shape_.emissions + e] +=
              now[state] * sequence.counts[t * shape_.emissions + e];
        }
      }
      if (t + 1 < passes.periods()) {
        const auto steps = passes.steps(t);
        for (std::size_t i = 0; i < states * states; ++i) {
          moves_[i] += steps[i];
        }
        remember(sequence, t, steps);
      }
    }
  }

  /// With encounters, the steps are learned from each of them.
  struct Observed {
    const float* encounters = nullptr;
    std::array<double, kStatesMost> weights{};
  };
  void remember(const PeriodSequence& sequence, std::size_t t, std::span<const double> steps) {
    if (shape_.kinds == 0) {
      return;
    }
    for (std::size_t state = 0; state < shape_.states; ++state) {
      Observed one{.encounters = sequence.encounters.data() + t * shape_.kinds};
      std::copy_n(steps.begin() + static_cast<std::ptrdiff_t>(state * shape_.states), shape_.states,
                  one.weights.begin());
      observed_[state].push_back(one);
    }
  }

  bool improve(Parameters& p) {
    const std::size_t states = shape_.states;
    const auto sequences = static_cast<double>(sequences_.size());
    for (std::size_t state = 0; state < states; ++state) {
      p.start[state] = first_[state] / sequences;
      for (std::size_t e = 0; e < shape_.emissions; ++e) {
        const std::size_t i = state * shape_.emissions + e;
        p.rates[i] = std::max(counts_[i] / std::max(visits_[state], 1e-12), kRateLeast);
      }
    }
    const double sum = std::accumulate(p.start.begin(), p.start.end(), 0.0);
    for (double& chance : p.start) {
      chance /= sum;
    }
    for (std::size_t state = 0; state < states && states > 1; ++state) {
      if (shape_.kinds == 0) {
        count_steps(p, state);
      } else if (!learn_steps(p, state)) {
        return false;
      }
    }
    return true;
  }

  /// Without encounters the best thresholds are the logits of the shares of steps.
  void count_steps(Parameters& p, std::size_t state) const {
    const std::size_t states = shape_.states;
    double all = 0;
    for (std::size_t to = 0; to < states; ++to) {
      all += moves_[state * states + to];
    }
    double above = all;
    double least = -kThresholdMost;
    for (std::size_t j = 0; j + 1 < states; ++j) {
      above -= moves_[state * states + j];
      const double below = std::max(all - above, 0.0);
      const double logit = std::log(std::max(below, 1e-300)) - std::log(std::max(above, 1e-300));
      least = std::clamp(logit, least, kThresholdMost);
      p.thresholds[state * (states - 1) + j] = least;
    }
  }

  /// Weighted ordered logit of one state: the first threshold, logs of the distances to the next,
  /// and the pushes.
  bool learn_steps(Parameters& p, std::size_t state) const {
    const std::size_t rungs = shape_.states - 1;
    std::vector<double> place(rungs + shape_.kinds);
    double* thresholds = p.thresholds.data() + state * rungs;
    double* effects = p.effects.data() + state * shape_.kinds;
    place[0] = thresholds[0];
    for (std::size_t j = 1; j < rungs; ++j) {
      place[j] = std::log(std::max(thresholds[j] - thresholds[j - 1], 1e-4));
    }
    std::copy_n(effects, shape_.kinds, place.begin() + static_cast<std::ptrdiff_t>(rungs));
    const std::vector<double> lower(place.size(), -2 * kThresholdMost);
    const std::vector<double> upper(place.size(), 2 * kThresholdMost);
    const auto top =
        maximize([&](std::span<const double> at,
                     std::span<double> slope) { return steps_likelihood(state, at, slope); },
                 place, lower, upper, 1e-7);
    if (!top) {
      return false;
    }
    thresholds[0] = top->place[0];
    for (std::size_t j = 1; j < rungs; ++j) {
      thresholds[j] = thresholds[j - 1] + std::exp(top->place[j]);
    }
    std::copy_n(top->place.begin() + static_cast<std::ptrdiff_t>(rungs), shape_.kinds, effects);
    return true;
  }

  [[nodiscard]] double steps_likelihood(std::size_t state, std::span<const double> at,
                                        std::span<double> slope) const;

  [[nodiscard]] Fit finish(HiddenStates model, double log_likelihood, std::uint32_t rounds) const {
    const auto states = static_cast<double>(shape_.states);
    const double free = states - 1 + states * static_cast<double>(shape_.emissions) +
                        states * (states - 1) + states * static_cast<double>(shape_.kinds);
    return Fit{
        .model = std::move(model),
        .log_likelihood = log_likelihood,
        .customers = sequences_.size(),
        .periods = periods_,
        .rounds = rounds,
        .bic = -2 * log_likelihood + free * std::log(static_cast<double>(sequences_.size()))};
  }

  Shape shape_;
  std::span<const PeriodSequence> sequences_;
  std::uint64_t periods_ = 0;
  double mean_ = 0;  ///< of the first emission
  std::vector<double> first_, visits_, counts_, moves_;
  std::vector<std::vector<Observed>> observed_;  ///< by state
};

// Mean over the weight of the state's steps, so that slopes do not grow with the crowd.
double HiddenStates::Learner::steps_likelihood(std::size_t state, std::span<const double> at,
                                               std::span<double> slope) const {
  const std::size_t rungs = shape_.states - 1;
  std::array<double, kStatesMost> threshold{};
  std::array<double, kStatesMost> of_threshold{};
  threshold[0] = at[0];
  for (std::size_t j = 1; j < rungs; ++j) {
    threshold[j] = threshold[j - 1] + std::exp(at[j]);
  }
  std::ranges::fill(slope, 0);
  double value = 0;
  double weight = 1e-12;
  for (const Observed& one : observed_[state]) {
    double push = 0;
    for (std::size_t i = 0; i < shape_.kinds; ++i) {
      push += at[rungs + i] * static_cast<double>(one.encounters[i]);
    }
    double above = 1;
    double steep_above = 0;
    double of_push = 0;
    for (std::size_t j = 0; j <= rungs; ++j) {
      const double next = j < rungs ? logistic(push - threshold[j]) : 0;
      const double steep = next * (1 - next);
      const double chance = std::max(above - next, 1e-300);
      const double share = one.weights[j] / chance;
      value += one.weights[j] * std::log(chance);
      weight += one.weights[j];
      of_push += share * (steep_above - steep);
      if (j < rungs) {
        of_threshold[j] += share * steep;
      }
      if (j > 0) {
        of_threshold[j - 1] -= share * steep_above;
      }
      above = next;
      steep_above = steep;
    }
    for (std::size_t i = 0; i < shape_.kinds; ++i) {
      slope[rungs + i] += of_push * static_cast<double>(one.encounters[i]);
    }
  }
  // Every threshold carries those after it along.
  double carried = 0;
  for (std::size_t j = rungs; j-- > 0;) {
    carried += of_threshold[j];
    slope[j] = carried * (j == 0 ? 1 : std::exp(at[j]));
  }
  for (std::size_t i = 0; i < at.size(); ++i) {
    value -= kFaint * at[i] * at[i] / 2;
    slope[i] = (slope[i] - kFaint * at[i]) / weight;
  }
  return value / weight;
}

Result<HiddenStates::Fit> HiddenStates::fit(const Shape& shape,
                                            std::span<const PeriodSequence> sequences,
                                            std::uint32_t starts) {
  if (shape.states < 1 || shape.states > kStatesMost || shape.emissions < 1) {
    return fail(ErrorCode::invalid, "hidden states: 1 to 8 states, at least one count");
  }
  std::uint64_t periods = 0;
  for (const PeriodSequence& sequence : sequences) {
    const std::size_t own = sequence.counts.size() / shape.emissions;
    if (own * shape.emissions != sequence.counts.size() ||
        (shape.kinds > 0 && sequence.encounters.size() != own * shape.kinds)) {
      return fail(ErrorCode::invalid, "hidden states: a sequence has no whole periods");
    }
    periods += own;
  }
  if (periods == 0) {
    return fail(ErrorCode::invalid, "hidden states: there are no periods");
  }
  Learner learner(shape, sequences);
  std::optional<Fit> best;
  for (std::uint32_t number = 0; number < starts; ++number) {
    std::optional<Fit> found = learner.climb(learner.start(number));
    if (found && (!best || found->log_likelihood > best->log_likelihood)) {
      best = std::move(found);
    }
  }
  if (!best) {
    return fail(ErrorCode::unavailable,
                "hidden states: the likelihood did not settle from any of " +
                    std::to_string(starts) + " starts");
  }
  return std::move(*best);
}

}  // namespace guanxi
