#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/instant.hpp"
#include "events/event.hpp"
#include "relationship/facts.hpp"
#include "relationship/model.hpp"

namespace guanxi {

/// Scratch of one fold: which orders, products and members of staff were met, and when.
///
/// Place       One per thread that folds; reused from person to person through reset().
/// Invariants  What it holds is a function of the events folded since reset().
/// Threads     One owner.
class FoldMemory {
 public:
  struct Order {
    std::uint32_t ref = 0;
    std::uint32_t epoch = 0;
    std::int64_t bought_minor = 0;
    std::int64_t returned_minor = 0;  ///< positive
    bool completed = false;           ///< counted as an order
    bool returned = false;            ///< wholly taken back
  };
  struct Subject {
    std::uint32_t key = 0;
    std::uint32_t epoch = 0;
    Day last_day = kNoDay;
    std::uint32_t occasions = 0;  ///< days on which it was met
  };
  enum class SubjectRole : std::uint32_t { product = 0, staff = 1 };

  FoldMemory();

  /// Forgets everything; O(1).
  void reset();

  /// The order's entry, made when it is not there. Valid until the next call.
  [[nodiscard]] Order& order(std::uint32_t ref);
  /// The entry of a product or member of staff, made when it is not there. Valid until the next
  /// call.
  [[nodiscard]] Subject& subject(SubjectRole role, std::uint32_t subject);
  /// The most occasions of any product. O(capacity).
  [[nodiscard]] std::uint32_t most_occasions(SubjectRole role) const;

  /// The day on which the rules sharing a slot last counted.
  [[nodiscard]] Day& day_slot(std::uint8_t slot) { return day_slots_[slot]; }

  /// Trust and depth of the state under way.
  [[nodiscard]] Figures& figures() { return figures_; }

 private:
  std::vector<Order> orders_;
  std::vector<Subject> subjects_;
  std::uint32_t order_count_ = 0;
  std::uint32_t subject_count_ = 0;
  std::uint32_t epoch_ = 1;
  std::array<Day, Model::kDaySlots> day_slots_{};
  Figures figures_;
};

}  // namespace guanxi
