#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "events/event.hpp"
#include "platform/pages.hpp"

namespace guanxi {

/// Room for a number of events, not written to before they come. Large rooms are pages of their
/// own, given back to the system at once.
///
/// Place       Slabs and blocks of TimelineStore; a bulk load's scratch.
/// Invariants  get() has room for as many events as asked for.
/// Threads     One owner.
class EventMemory {
 public:
  EventMemory() = default;
  explicit EventMemory(std::size_t events);
  [[nodiscard]] CompactEvent* get() const { return events_; }

 private:
  std::unique_ptr<std::byte[]> heap_;
  Pages pages_;
  CompactEvent* events_ = nullptr;
};

/// Where one person's events stand. 16 bytes.
struct Timeline {
  CompactEvent* begin = nullptr;
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;  ///< 0: placed exactly, in a slab
  [[nodiscard]] std::span<const CompactEvent> events() const { return {begin, size}; }
};

/// Memory for the timelines of one shard: exact slabs after a bulk load, size-classed blocks for
/// timelines that grow live.
///
/// Place       One per shard in Image.
/// Invariants  A timeline's events are contiguous. A block given back is used again for another
///             timeline of its class; slab room left behind by a timeline that moved is given back
///             with its slab.
/// Threads     One writer; readers of timelines not being written.
/// Ownership   Owns every event of its shard; Timelines point into it.
class TimelineStore {
 public:
  static constexpr std::uint32_t kPeoplePerSlab = 16384;

  /// Puts `event` in at `position`. REQUIRES position <= timeline.size.
  void insert(Timeline& timeline, std::uint32_t position, const CompactEvent& event);
  /// Replaces the whole content. REQUIRES events do not overlap the timeline's memory.
  void assign(Timeline& timeline, std::span<const CompactEvent> events);
  /// Takes `position` out. REQUIRES position < timeline.size.
  void remove(Timeline& timeline, std::uint32_t position);
  /// Gives the memory back.
  void release(Timeline& timeline);
  /// Moves out of a slab, so that the slab may go.
  void unslab(Timeline& timeline);
  /// Makes `slab` the exact home of the people [number * kPeoplePerSlab, ...); the old one goes.
  /// REQUIRES no timeline but those being replaced points into the old slab.
  void set_slab(std::uint32_t number, EventMemory slab, std::size_t events);
  /// Places all timelines of the shard exactly again, when more than a fiftieth of its events has
  /// been scattered. Needs room for the shard's events twice while it works.
  void settle(std::span<Timeline> timelines);

  [[nodiscard]] std::size_t bytes() const { return slab_bytes_ + block_bytes_; }

 private:
  static constexpr unsigned kClasses = 56;
  [[nodiscard]] CompactEvent* take(unsigned size_class);
  void reserve(Timeline& timeline, std::uint32_t events);

  struct Slab {
    EventMemory events;
    std::size_t count = 0;
  };
  std::vector<Slab> slabs_;
  std::vector<EventMemory> chunks_;
  std::vector<EventMemory> large_;
  std::size_t chunk_used_ = 0;
  std::array<std::vector<CompactEvent*>, kClasses> free_;  ///< by size class
  std::size_t slab_bytes_ = 0;
  std::size_t block_bytes_ = 0;
};

}  // namespace guanxi
