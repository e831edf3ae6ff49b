#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// One customer's periods, oldest first: what was counted in each, and what happened in it that may
/// move them.
struct PeriodSequence {
  std::vector<std::uint32_t> counts;  ///< periods * emissions, row by row: purchases, encounters
  std::vector<float> encounters;      ///< periods * kinds: what acts on the step to the next period
};

/// States a relationship goes through, learned from what customers did: a hidden Markov model with
/// ordered states, whose steps encounters push up or down.
///
/// Place       Checks the tiers against states learned from data; shows which encounters move
///             people up.
/// Assumes     In state k each count is Poisson with a rate of that state; states are ordered by
/// the
///             rate of the first count. From state k, the next is above j with probability
///             logistic(effect_k . encounters - threshold_kj), thresholds rising in j (ordered
///             logit). Everybody shares the parameters: customers who differ for other reasons than
///             their state are not told apart.
/// Errors      fit: invalid for no periods, lengths that do not fit, or more states than 8;
///             unavailable when the likelihood did not settle.
/// Source      Netzer, Lattin & Srinivasan (2008), Marketing Science 27(2), 185-204, in its
///             maximum-likelihood form; EM: Rabiner (1989), Proceedings of the IEEE 77(2), 257-286.
/// Threads     A value.
class HiddenStates {
 public:
  static constexpr std::size_t kStatesMost = 8;
  struct Shape {
    std::size_t states = 5;
    std::size_t emissions = 1;
    std::size_t kinds = 0;  ///< of encounters
  };
  struct Parameters {
    std::vector<double> start;       ///< states
    std::vector<double> rates;       ///< states * emissions
    std::vector<double> thresholds;  ///< states * (states - 1), rising along a row
    std::vector<double> effects;     ///< states * kinds
  };
  struct Fit;

  /// EM from `starts` fixed starts; the best top wins. Sums follow the order of the sequences, so a
  /// caller who wants the same bits sorts them.
  [[nodiscard]] static Result<Fit> fit(const Shape& shape,
                                       std::span<const PeriodSequence> sequences,
                                       std::uint32_t starts = 4);
  [[nodiscard]] static Result<HiddenStates> create(const Shape& shape, Parameters parameters);

  /// P(state in the last period | all periods): the forward filter. By state.
  [[nodiscard]] std::vector<double> filtered(const PeriodSequence& sequence) const;
  /// The same one step on, given the encounters of the last period.
  [[nodiscard]] std::vector<double> predicted(const PeriodSequence& sequence) const;
  /// E[count of emission e over the next `periods`], no encounters assumed after the last.
  [[nodiscard]] double expected_count(const PeriodSequence& sequence, std::size_t emission,
                                      std::size_t periods) const;
  [[nodiscard]] double log_likelihood(const PeriodSequence& sequence) const;
  /// P(next state | state, encounters), into `row`.
  void step(std::size_t state, std::span<const float> encounters, std::span<double> row) const;

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] const Parameters& parameters() const { return parameters_; }

 private:
  HiddenStates(const Shape& shape, Parameters parameters)
      : shape_(shape), parameters_(std::move(parameters)) {}
  class Learner;
  Shape shape_;
  Parameters parameters_;
};

/// States found, and how.
struct HiddenStates::Fit {
  HiddenStates model;
  double log_likelihood = 0;
  std::uint64_t customers = 0;
  std::uint64_t periods = 0;
  std::uint32_t rounds = 0;  ///< of the best start
  double bic = 0;            ///< -2 LL + free parameters * log(customers)
};

}  // namespace guanxi
