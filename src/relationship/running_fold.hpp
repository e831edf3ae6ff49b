#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "relationship/fold.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {

/// A fold that is kept open behind the last event, so that the next one costs one event and not the
/// whole timeline.
///
/// Place       people/ keeps one for each person with a long timeline who is heard of often.
/// Invariants  reading() is fold_reading() of the events begun with and those taken since, through
///             the same day, bit for bit.
/// Threads     One owner.
class RunningFold {
 public:
  /// Folds everything up to the close of `through`. REQUIRES events in canonical order.
  void begin(std::span<const CompactEvent> events, const Model& model, Day through);
  /// Whether take() may follow: the event is the latest so far, not after `through`, too recent to
  /// change what stood a month before it, and no consent that changes the person's stance.
  [[nodiscard]] bool can_take(const CompactEvent& event, const Model& model) const;
  /// REQUIRES can_take().
  void take(const CompactEvent& event, const Model& model);
  [[nodiscard]] Reading reading(const Model& model, State& state_out) const;
  [[nodiscard]] Day through() const { return through_; }

 private:
  State state_;  ///< its last day still open
  FoldMemory memory_;
  std::array<std::int32_t, 2> marked_{};  ///< the index 90 and 30 days before `through_`
  CompactEvent last_;
  bool any_ = false;
  std::uint8_t stance_ = 0;
  Day through_ = kNoDay;
};

}  // namespace guanxi
