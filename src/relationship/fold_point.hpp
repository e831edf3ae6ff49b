#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "relationship/fold.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {

/// Where a fold of a timeline was before its newest second, so that what comes at its end, in any
/// order within that second, costs those few events and not the whole timeline.
///
/// Place       people/ keeps one for each person heard of lately. Without the memory of a
///             RunningFold: where orders, products or staff were met, they are recalled.
/// Invariants  reading() is fold_reading() of the same events, bit for bit.
/// Threads     One owner.
class FoldPoint {
 public:
  /// fold_reading() of `events` through `through`. REQUIRES the first events() of them, the model
  /// and `through` as they were the last time, or forget() since.
  Reading reading(std::span<const CompactEvent> events, const Model& model, Day through,
                  FoldMemory& memory, State& state_out);
  /// How many events stand before the point: when these change, forget().
  [[nodiscard]] std::size_t events() const { return events_; }
  void forget() { *this = FoldPoint(); }

 private:
  void remind(std::span<const CompactEvent> before, const Model& model, FoldMemory& memory) const;

  State state_;  ///< its last day still open
  std::array<std::int32_t, 2> marked_{};
  std::uint32_t events_ = 0;
  std::uint32_t slots_ = 0;  ///< the day slots that counted on the state's day
  std::uint8_t marks_passed_ = 0;
  std::uint8_t stance_ = 0;
  bool recalls_ = false;  ///< some event before the point left more than day slots in the memory
};

}  // namespace guanxi
