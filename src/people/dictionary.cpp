#include "people/dictionary.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "base/check.hpp"
#include "base/hash.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kBlockBytes = 1U << 18U;
constexpr std::size_t kLongestText = 65535;
constexpr std::size_t kFirstSlots = 64;

}  // namespace

Dictionary::Dictionary() : slots_(kFirstSlots) {}

std::string_view Dictionary::text_unlocked(std::uint32_t number) const {
  if (number == 0) {
    return {};
  }
  GUANXI_CHECK(number <= places_.size(), "a subject's number that was never given");
  const char* place = places_[number - 1];
  if (place == nullptr) {
    return {};
  }
  std::uint16_t length = 0;
  std::memcpy(&length, place, sizeof length);
  return {place + sizeof length, length};
}

std::size_t Dictionary::probe(std::string_view text, std::uint64_t hash) const {
  const auto tag = static_cast<std::uint32_t>(hash >> 32U);
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot].number != 0) {
    if (slots_[slot].tag == tag && text_unlocked(slots_[slot].number) == text) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

void Dictionary::rehash(std::size_t slots) {
  slots_.assign(slots, Slot{});
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t number = 1; number <= places_.size(); ++number) {
    if (places_[number - 1] == nullptr) {
      continue;
    }
    const std::uint64_t hash = hash64(text_unlocked(number));
    std::size_t slot = hash & mask;
    while (slots_[slot].number != 0) {
      slot = (slot + 1) & mask;
    }
    slots_[slot] = Slot{static_cast<std::uint32_t>(hash >> 32U), number};
  }
}

std::uint32_t Dictionary::find(std::string_view text) const {
  if (text.empty()) {
    return 0;
  }
  const std::string_view kept = text.substr(0, kLongestText);
  const std::shared_lock lock(mutex_);
  return slots_[probe(kept, hash64(kept))].number;
}

std::uint32_t Dictionary::intern(std::string_view text) {
  if (const std::uint32_t known = find(text); known != 0 || text.empty()) {
    return known;
  }
  const std::string_view kept = text.substr(0, kLongestText);
  const std::uint64_t hash = hash64(kept);
  const std::unique_lock lock(mutex_);
  if ((places_.size() + 1) * 3 > slots_.size() * 2) {
    rehash(slots_.size() * 2);
  }
  const std::size_t slot = probe(kept, hash);
  if (slots_[slot].number != 0 || places_.size() >= kMost) {
    return slots_[slot].number;
  }
  const auto length = static_cast<std::uint16_t>(kept.size());
  const std::size_t bytes = sizeof length + kept.size();
  if (block_used_ + bytes > block_bytes_) {
    block_bytes_ = std::max(kBlockBytes, bytes);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_bytes_));
    text_bytes_ += block_bytes_;
    block_used_ = 0;
  }
  char* place = blocks_.back().get() + block_used_;
  std::memcpy(place, &length, sizeof length);
  std::memcpy(place + sizeof length, kept.data(), kept.size());
  block_used_ += bytes;
  places_.push_back(place);
  const auto number = static_cast<std::uint32_t>(places_.size());
  slots_[slot] = Slot{static_cast<std::uint32_t>(hash >> 32U), number};
  return number;
}

std::string_view Dictionary::text(std::uint32_t number) const {
  const std::shared_lock lock(mutex_);
  return text_unlocked(number);
}

void Dictionary::forget(std::uint32_t number) {
  const std::unique_lock lock(mutex_);
  const std::string_view old = text_unlocked(number);
  if (old.empty()) {
    return;
  }
  char* place = places_[number - 1];
  places_[number - 1] = nullptr;
  std::memset(place, 0, sizeof(std::uint16_t) + old.size());
  rehash(slots_.size());
}

bool Dictionary::fill(std::span<const std::uint32_t> lengths, std::string_view texts) {
  std::uint64_t held = 0;
  std::uint64_t bytes = 0;
  for (const std::uint32_t length : lengths) {
    if (length != kForgotten && (length == 0 || length > kLongestText)) {
      return false;
    }
    held += length == kForgotten ? 0 : length;
    bytes += length == kForgotten ? 0 : sizeof(std::uint16_t) + length;
  }
  if (held != texts.size() || lengths.size() > kMost) {
    return false;
  }
  const std::unique_lock lock(mutex_);
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
  block_used_ = block_bytes_ = text_bytes_ = bytes;
  places_.reserve(lengths.size());
  char* place = blocks_.back().get();
  for (const std::uint32_t length : lengths) {
    places_.push_back(length == kForgotten ? nullptr : place);
    if (length != kForgotten) {
      const auto short_length = static_cast<std::uint16_t>(length);
      std::memcpy(place, &short_length, sizeof short_length);
      std::memcpy(place + sizeof short_length, texts.data(), length);
      place += sizeof short_length + length;
      texts.remove_prefix(length);
    }
  }
  std::size_t slots = kFirstSlots;
  while ((places_.size() + 1) * 3 > slots * 2) {
    slots *= 2;
  }
  rehash(slots);
  return true;
}

void Dictionary::clear() {
  const std::unique_lock lock(mutex_);
  slots_.assign(kFirstSlots, Slot{});
  places_.clear();
  blocks_.clear();
  block_used_ = 0;
  block_bytes_ = 0;
  text_bytes_ = 0;
}

std::size_t Dictionary::size() const {
  const std::shared_lock lock(mutex_);
  return places_.size();
}

std::size_t Dictionary::bytes() const {
  const std::shared_lock lock(mutex_);
  return slots_.capacity() * sizeof(Slot) + places_.capacity() * sizeof(char*) + text_bytes_;
}

}  // namespace guanxi
