#include "relationship/fold_memory.hpp"

#include <algorithm>

namespace guanxi {
namespace {

constexpr std::size_t kFirstSlots = 64;

std::size_t slot_of(std::uint32_t key, std::size_t slots) {
  return (std::uint64_t{key} * 0x9E3779B97F4A7C15ULL >> 40U) & (slots - 1);
}

// The slot that holds `key` in this epoch, or the free one where it belongs.
template <typename Entry, typename Key>
std::size_t probe(const std::vector<Entry>& entries, Key Entry::*key_of, std::uint32_t key,
                  std::uint32_t epoch) {
  std::size_t at = slot_of(key, entries.size());
  while (entries[at].epoch == epoch && entries[at].*key_of != key) {
    at = (at + 1) & (entries.size() - 1);
  }
  return at;
}

template <typename Entry, typename Key>
void grow(std::vector<Entry>& entries, Key Entry::*key_of, std::uint32_t epoch) {
  std::vector<Entry> larger(entries.size() * 2);
  for (const Entry& entry : entries) {
    if (entry.epoch == epoch) {
      larger[probe(larger, key_of, entry.*key_of, epoch)] = entry;
    }
  }
  entries.swap(larger);
}

}  // namespace

FoldMemory::FoldMemory() : orders_(kFirstSlots), subjects_(kFirstSlots) { day_slots_.fill(kNoDay); }

void FoldMemory::reset() {
  figures_ = Figures();
  // One person with very many orders must not make every later person's table cold.
  if (orders_.size() > kFirstSlots * 64 || subjects_.size() > kFirstSlots * 64) {
    *this = FoldMemory();
    return;
  }
  ++epoch_;
  if (epoch_ == 0) {
    *this = FoldMemory();
    return;
  }
  order_count_ = 0;
  subject_count_ = 0;
  day_slots_.fill(kNoDay);
}

FoldMemory::Order& FoldMemory::order(std::uint32_t ref) {
  std::size_t at = probe(orders_, &Order::ref, ref, epoch_);
  if (orders_[at].epoch != epoch_) {
    if ((std::size_t{order_count_} + 1) * 2 > orders_.size()) {
      grow(orders_, &Order::ref, epoch_);
      at = probe(orders_, &Order::ref, ref, epoch_);
    }
    ++order_count_;
    orders_[at] = Order{};
    orders_[at].ref = ref;
    orders_[at].epoch = epoch_;
  }
  return orders_[at];
}

FoldMemory::Subject& FoldMemory::subject(SubjectRole role, std::uint32_t subject) {
  const std::uint32_t key = subject | (static_cast<std::uint32_t>(role) << 26U);
  std::size_t at = probe(subjects_, &Subject::key, key, epoch_);
  if (subjects_[at].epoch != epoch_) {
    if ((std::size_t{subject_count_} + 1) * 2 > subjects_.size()) {
      grow(subjects_, &Subject::key, epoch_);
      at = probe(subjects_, &Subject::key, key, epoch_);
    }
    ++subject_count_;
    subjects_[at] = Subject{};
    subjects_[at].key = key;
    subjects_[at].epoch = epoch_;
  }
  return subjects_[at];
}

std::uint32_t FoldMemory::most_occasions(SubjectRole role) const {
  std::uint32_t most = 0;
  for (const Subject& entry : subjects_) {
    if (entry.epoch == epoch_ && entry.key >> 26U == static_cast<std::uint32_t>(role)) {
      most = std::max(most, entry.occasions);
    }
  }
  return most;
}

}  // namespace guanxi
