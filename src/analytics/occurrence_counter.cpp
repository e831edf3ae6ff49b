#include "analytics/occurrence_counter.hpp"

namespace guanxi {

std::uint64_t* OccurrenceCounter::find(Part& part, std::uint64_t hash) {
  const std::size_t mask = part.slots.size() - 1;
  std::size_t at = (hash >> 8U) & mask;
  while (part.slots[at] != 0 && part.slots[at] != hash) {
    at = (at + 1) & mask;
  }
  return &part.slots[at];
}

void OccurrenceCounter::grow(Part& part) {
  Part larger;
  larger.slots.resize(part.slots.empty() ? 64 : part.slots.size() * 2);
  larger.used = part.used;
  for (const std::uint64_t hash : part.slots) {
    if (hash != 0) {
      *find(larger, hash) = hash;
    }
  }
  part = std::move(larger);
}

std::uint32_t OccurrenceCounter::next(std::uint64_t hash) {
  hash = hash == 0 ? 1 : hash;
  Part& part = parts_[hash & (kParts - 1)];
  if (part.used * 8 >= part.slots.size() * 7) {
    grow(part);
  }
  std::uint64_t* slot = find(part, hash);
  if (*slot == 0) {
    *slot = hash;
    ++part.used;
    return 0;
  }
  return ++repeats_[hash];
}

void OccurrenceCounter::clear() {
  for (Part& part : parts_) {
    part = Part{};
  }
  repeats_.clear();
}

std::size_t OccurrenceCounter::bytes() const {
  std::size_t bytes = repeats_.size() * 48;
  for (const Part& part : parts_) {
    bytes += part.slots.capacity() * sizeof(std::uint64_t);
  }
  return bytes;
}

}  // namespace guanxi
