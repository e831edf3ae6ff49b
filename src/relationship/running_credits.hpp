#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "events/event.hpp"
#include "relationship/fold.hpp"

namespace guanxi {

/// What one person's orders give to whoever brought them, kept open: one more event costs its own
/// order and not all of them.
///
/// Place       referral_credits() takes a whole timeline; HotPerson keeps one for a long timeline.
/// Invariants  credits() is what referral_credits() says of the events taken.
/// Threads     One owner.
class RunningCredits {
 public:
  /// Whether an event of this kind can change what is given.
  [[nodiscard]] static bool concerned_by(const CompactEvent& event);
  /// REQUIRES canonical order.
  void take(const CompactEvent& event);
  /// The last event taken that concerned it, if any did.
  [[nodiscard]] const std::optional<CompactEvent>& last() const { return last_; }

  /// As in Credits; 0: nobody brought them.
  [[nodiscard]] std::uint32_t referrer_subject() const { return referrer_subject_; }
  [[nodiscard]] Credits credits() const;
  [[nodiscard]] std::size_t orders() const { return orders_.size(); }

  /// From now on, what the orders touched gave before is kept for take_change().
  void watch() { watched_ = true; }
  /// What the orders that were touched since watch() or the last call gave before and give now.
  /// What stayed may stand in both.
  struct Change {
    std::vector<CompactEvent> before;
    std::vector<CompactEvent> now;
  };
  [[nodiscard]] Change take_change();

 private:
  struct BroughtOrder {
    CompactEvent first;
    std::int64_t bought_minor = 0;
    std::int64_t returned_minor = 0;
    bool returned = false;
    CompactEvent return_event;
  };
  static void give(const BroughtOrder& order, std::vector<CompactEvent>& to);
  static void take_back(BroughtOrder& order, const CompactEvent& event);
  /// The order of this event, noted as touched; made when it is new.
  BroughtOrder& touch(std::uint64_t key);

  std::uint32_t referrer_subject_ = 0;
  std::optional<CompactEvent> last_;
  std::map<std::uint64_t, BroughtOrder> orders_;
  bool watched_ = false;
  std::map<std::uint64_t, std::optional<BroughtOrder>> touched_;  ///< as they were
};

}  // namespace guanxi
