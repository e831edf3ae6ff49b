#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "events/event.hpp"
#include "relationship/fold_point.hpp"

namespace guanxi {

/// What is kept of a person heard of lately, so that one more event does not cost the length of
/// their timeline: what surely does not stand on it, whether it may hold a referral, where its fold
/// was and what it showed.
///
/// Place       WarmPeople hands them out.
/// Invariants  Says what the timeline of size() events says.
/// Threads     The image's writer.
class WarmPerson {
 public:
  /// False only when no event of this identity stands on the timeline.
  [[nodiscard]] bool may_know(std::uint64_t id_hash) const;
  /// Whether a referral stands on it.
  [[nodiscard]] bool refers() const { return refers_; }
  /// After the event was put on the timeline, at `place`.
  void added(const CompactEvent& event, std::size_t place);
  [[nodiscard]] FoldPoint& fold() { return fold_; }
  /// What stands in the columns of this person, when that is known.
  [[nodiscard]] const std::optional<Reading>& shown() const { return shown_; }
  void show(const Reading& reading) { shown_ = reading; }

 private:
  friend class WarmPeople;
  void note(std::uint32_t number, std::span<const CompactEvent> events);
  void note(const CompactEvent& event);

  std::array<std::uint64_t, 8> seen_{};  ///< three bits an identity
  std::uint64_t round_ = 0;              ///< by WarmPeople: of another round than its own is void
  std::uint32_t number_ = 0;
  std::uint32_t size_ = 0;
  bool refers_ = false;
  FoldPoint fold_;
  std::optional<Reading> shown_;
};

/// The people who were heard of last, and whose timelines are short enough to be looked through
/// when something else came.
///
/// Place       In HotPeople, which has the others.
/// Invariants  At most kPlaces people, about 350 bytes each; the table comes block by block, with
/// the
///             people, so that nobody waits for it to grow. A person whose timeline has another
///             length than was noted is noted anew; whoever changes a timeline without changing its
///             length forgets the person.
/// Threads     The image's writer.
class WarmPeople {
 public:
  static constexpr std::size_t kPlaces = std::size_t{1} << 17U;

  /// Valid until the next call.
  [[nodiscard]] WarmPerson& of(std::uint32_t number, std::span<const CompactEvent> events);
  /// Asks for the memory that of() will look at.
  void prefetch(std::uint32_t number) const;
  void forget(std::uint32_t number);
  void clear() { ++round_; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  static constexpr std::size_t kBlockPlaces = 256;
  using Block = std::array<WarmPerson, kBlockPlaces>;

  /// By the last bits of a person's number; null before somebody belongs there.
  std::array<std::unique_ptr<Block>, kPlaces / kBlockPlaces> blocks_;
  std::uint64_t round_ = 1;
};

}  // namespace guanxi
