#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "statistics/hidden_states.hpp"

namespace guanxi {

/// Forward and backward over one sequence, scaled in each period so that nothing underflows.
///
/// Place       hidden_states*.cpp. One is used for many sequences: it keeps its room.
/// Invariants  After forward(): filtered. After backward(): smoothed states and steps.
/// Threads     One owner.
class HiddenPasses {
 public:
  explicit HiddenPasses(const HiddenStates& model) : model_(model) {}

  /// Returns the log-likelihood of the sequence. REQUIRES lengths that fit the shape.
  double forward(const PeriodSequence& sequence);
  /// REQUIRES forward() of the same sequence just before.
  void backward();

  [[nodiscard]] std::vector<double> last_filtered() const;
  [[nodiscard]] std::size_t periods() const { return periods_; }
  /// P(state in the period | all), after backward().
  [[nodiscard]] std::span<const double> smoothed(std::size_t period) const;
  /// P(state, next state | all) of the step after `period`, states * states.
  [[nodiscard]] std::span<const double> steps(std::size_t period) const;

 private:
  [[nodiscard]] double weigh_counts(std::span<const std::uint32_t> counts,
                                    std::span<double> weights) const;

  const HiddenStates& model_;
  std::size_t periods_ = 0;
  std::vector<double> weights_;   ///< periods * states: chance of the counts, scaled
  std::vector<double> filtered_;  ///< periods * states
  std::vector<double> smoothed_;
  std::vector<double> moves_;  ///< (periods - 1) * states * states: of step(), then of steps()
  std::vector<double> scales_;
};

}  // namespace guanxi
