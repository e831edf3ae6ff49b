#include "people/timeline_store.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/check.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kChunkEvents = 8192;
constexpr std::uint32_t kLargestInChunk = 2048;
constexpr std::size_t kPagesFromBytes = 1U << 20U;

/// Classes grow by a half or a third: 4, 6, 8, 12, 16, 24 ...
constexpr std::uint32_t capacity_of(unsigned size_class) {
  return (size_class % 2 == 0 ? 4U : 6U) << (size_class / 2);
}

unsigned class_for(std::uint32_t events) {
  unsigned size_class = 0;
  while (capacity_of(size_class) < events) {
    ++size_class;
  }
  return size_class;
}

}  // namespace

EventMemory::EventMemory(std::size_t events) {
  const std::size_t bytes = events * sizeof(CompactEvent);
  void* memory = nullptr;
  if (bytes >= kPagesFromBytes) {
    pages_ = Pages(bytes, true);
    memory = pages_.bytes().data();
  } else {
    heap_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
    memory = heap_.get();
  }
  events_ = static_cast<CompactEvent*>(memory);
}

CompactEvent* TimelineStore::take(unsigned size_class) {
  std::vector<CompactEvent*>& spare = free_[size_class];
  if (!spare.empty()) {
    CompactEvent* block = spare.back();
    spare.pop_back();
    return block;
  }
  const std::uint32_t capacity = capacity_of(size_class);
  if (capacity > kLargestInChunk) {
    large_.emplace_back(capacity);
    block_bytes_ += capacity * sizeof(CompactEvent);
    return large_.back().get();
  }
  if (chunks_.empty() || chunk_used_ + capacity > kChunkEvents) {
    chunks_.emplace_back(kChunkEvents);
    chunk_used_ = 0;
    block_bytes_ += kChunkEvents * sizeof(CompactEvent);
  }
  CompactEvent* block = chunks_.back().get() + chunk_used_;
  chunk_used_ += capacity;
  return block;
}

void TimelineStore::release(Timeline& timeline) {
  if (timeline.capacity > 0) {
    free_[class_for(timeline.capacity)].push_back(timeline.begin);
  }
  timeline = Timeline{};
}

void TimelineStore::reserve(Timeline& timeline, std::uint32_t events) {
  if (timeline.capacity >= events && timeline.capacity > 0) {
    return;
  }
  const unsigned size_class = class_for(events);
  CompactEvent* block = take(size_class);
  if (timeline.size > 0) {
    std::memcpy(static_cast<void*>(block), timeline.begin, timeline.size * sizeof(CompactEvent));
  }
  const std::uint32_t size = timeline.size;
  release(timeline);
  timeline = Timeline{block, size, capacity_of(size_class)};
}

void TimelineStore::insert(Timeline& timeline, std::uint32_t position, const CompactEvent& event) {
  GUANXI_CHECK(position <= timeline.size, "an event is put inside its timeline");
  reserve(timeline, timeline.size + 1);
  CompactEvent* place = timeline.begin + position;
  std::memmove(static_cast<void*>(place + 1), place,
               (timeline.size - position) * sizeof(CompactEvent));
  *place = event;
  ++timeline.size;
}

void TimelineStore::assign(Timeline& timeline, std::span<const CompactEvent> events) {
  timeline.size = 0;
  if (events.empty()) {
    release(timeline);
    return;
  }
  reserve(timeline, static_cast<std::uint32_t>(events.size()));
  std::memcpy(static_cast<void*>(timeline.begin), events.data(), events.size_bytes());
  timeline.size = static_cast<std::uint32_t>(events.size());
}

void TimelineStore::remove(Timeline& timeline, std::uint32_t position) {
  GUANXI_CHECK(position < timeline.size, "an event is taken out of its timeline");
  CompactEvent* place = timeline.begin + position;
  std::memmove(static_cast<void*>(place), place + 1,
               (timeline.size - position - 1) * sizeof(CompactEvent));
  --timeline.size;
}

void TimelineStore::unslab(Timeline& timeline) {
  if (timeline.size > 0) {
    reserve(timeline, timeline.size);
  }
}

void TimelineStore::set_slab(std::uint32_t number, EventMemory slab, std::size_t events) {
  if (slabs_.size() <= number) {
    slabs_.resize(number + 1);
  }
  slab_bytes_ += events * sizeof(CompactEvent);
  slab_bytes_ -= slabs_[number].count * sizeof(CompactEvent);
  slabs_[number] = Slab{std::move(slab), events};
}

void TimelineStore::settle(std::span<Timeline> timelines) {
  if (block_bytes_ * 50 < slab_bytes_ || timelines.empty()) {
    return;
  }
  TimelineStore settled;
  for (std::size_t first = 0; first < timelines.size(); first += kPeoplePerSlab) {
    const std::span<Timeline> people =
        timelines.subspan(first, std::min<std::size_t>(kPeoplePerSlab, timelines.size() - first));
    std::size_t events = 0;
    for (const Timeline& timeline : people) {
      events += timeline.size;
    }
    EventMemory slab(events);
    CompactEvent* place = slab.get();
    for (Timeline& timeline : people) {
      if (timeline.size > 0) {
        std::memcpy(static_cast<void*>(place), timeline.begin,
                    timeline.size * sizeof(CompactEvent));
      }
      timeline = Timeline{timeline.size > 0 ? place : nullptr, timeline.size, 0};
      place += timeline.size;
    }
    settled.set_slab(static_cast<std::uint32_t>(first / kPeoplePerSlab), std::move(slab), events);
  }
  *this = std::move(settled);
}

}  // namespace guanxi
