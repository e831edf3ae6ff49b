#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "events/event.hpp"
#include "people/warm_people.hpp"
#include "relationship/running_credits.hpp"
#include "relationship/running_fold.hpp"

namespace guanxi {

/// What is kept of a person with a long timeline, so that one more event does not cost its length:
/// which identities stand on it, whether it holds a referral and what that gives, and the fold,
/// left open.
///
/// Place       HotPeople hands them out; Image::place() and the fold of what changed use them.
/// Invariants  Says what the timeline of `size()` events says.
/// Threads     The image's writer.
class HotPerson {
 public:
  explicit HotPerson(std::span<const CompactEvent> events);
  [[nodiscard]] bool knows(std::uint64_t id_hash) const;
  /// After the event has been put on the timeline. `last`: at its end.
  void added(const CompactEvent& event, bool last, const Model* model);
  [[nodiscard]] bool refers() const { return refers_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The room it takes, in slots of eight bytes.
  [[nodiscard]] std::size_t slots() const {
    return ids_.size() + (credits_ ? credits_->orders() * kSlotsAnOrder : 0);
  }
  /// What the orders on this timeline give, watched; kept by whoever takes it, until they put it
  /// back as it is then.
  [[nodiscard]] RunningCredits take_credits(std::span<const CompactEvent> events);
  void put_credits(RunningCredits credits) { credits_ = std::move(credits); }
  /// fold_reading() of the timeline; costs its length only when what came was not the latest.
  [[nodiscard]] Reading reading(std::span<const CompactEvent> events, const Model& model, Day as_of,
                                State& state_out);

 private:
  friend class HotPeople;
  static constexpr std::size_t kSlotsAnOrder = 24;
  void insert(std::uint64_t id_hash);
  void grow();

  std::vector<std::uint64_t> ids_;  ///< open addressing; 0 is free
  std::size_t size_ = 0;
  bool zero_ = false;  ///< the identity 0 is known
  bool refers_ = false;
  bool folded_ = false;
  RunningFold fold_;
  std::optional<RunningCredits> credits_;
  std::uint64_t used_ = 0;   ///< by HotPeople: when it was asked for last
  std::size_t counted_ = 0;  ///< by HotPeople: slots taken into its sum
};

/// The people with long timelines who were heard of last.
///
/// Place       One per Image.
/// Invariants  Bounded: kPeopleMost people, kSlotsMost identities. A person whose timeline has
///             another length than was noted is noted anew; whoever changes a timeline without
///             changing its length forgets the person here.
/// Threads     The image's writer.
class HotPeople {
 public:
  static constexpr std::size_t kFromEvents = 512;
  static constexpr std::size_t kPeopleMost = 512;
  static constexpr std::size_t kSlotsMost = 8U << 20U;

  /// Valid until the next call.
  [[nodiscard]] HotPerson& of(std::uint32_t number, std::span<const CompactEvent> events);
  void forget(std::uint32_t number);
  void clear();
  /// Those with short timelines: forgotten with the others.
  [[nodiscard]] WarmPeople& warm() { return warm_; }

 private:
  void make_room();

  WarmPeople warm_;
  std::unordered_map<std::uint32_t, std::unique_ptr<HotPerson>> people_;
  std::size_t slots_ = 0;
  std::uint64_t clock_ = 0;
};

}  // namespace guanxi
