#include "people/warm_people.hpp"

#include <algorithm>
#include <utility>

#include "base/random.hpp"
#include "relationship/encounter.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kLineBytes = 64;

// Identities are hashes, but those of a sender's own making need not be even.
template <typename Visit>
void for_each_bit(std::uint64_t id_hash, Visit&& visit) {
  const std::uint64_t mixed = mix64(id_hash);
  for (const unsigned shift : {0U, 9U, 18U}) {
    const std::uint64_t bit = mixed >> shift & 511U;
    visit(bit / 64, std::uint64_t{1} << bit % 64);
  }
}

}  // namespace

bool WarmPerson::may_know(std::uint64_t id_hash) const {
  bool all = true;
  for_each_bit(id_hash,
               [&](std::size_t word, std::uint64_t bit) { all = all && (seen_[word] & bit) != 0; });
  return all;
}

void WarmPerson::note(const CompactEvent& event) {
  for_each_bit(event.id_hash(), [&](std::size_t word, std::uint64_t bit) { seen_[word] |= bit; });
  refers_ = refers_ || is_referral(event);
}

void WarmPerson::note(std::uint32_t number, std::span<const CompactEvent> events) {
  *this = WarmPerson();
  number_ = number;
  size_ = static_cast<std::uint32_t>(events.size());
  for (const CompactEvent& event : events) {
    note(event);
  }
}

void WarmPerson::added(const CompactEvent& event, std::size_t place) {
  note(event);
  ++size_;
  if (place < fold_.events()) {
    fold_.forget();
  }
}

WarmPerson& WarmPeople::of(std::uint32_t number, std::span<const CompactEvent> events) {
  const std::size_t place = number % kPlaces;
  std::unique_ptr<Block>& block = blocks_[place / kBlockPlaces];
  if (block == nullptr) {
    block = std::make_unique<Block>();
  }
  WarmPerson& person = (*block)[place % kBlockPlaces];
  if (person.number_ != number || person.round_ != round_ || person.size_ != events.size()) {
    person.note(number, events);
    person.round_ = round_;
  }
  return person;
}

void WarmPeople::prefetch(std::uint32_t number) const {
  const std::size_t place = number % kPlaces;
  const std::unique_ptr<Block>& block = blocks_[place / kBlockPlaces];
  if (block == nullptr) {
    return;
  }
  const auto* const begin = reinterpret_cast<const char*>(&(*block)[place % kBlockPlaces]);
  for (std::size_t at = 0; at < sizeof(WarmPerson); at += kLineBytes) {
    __builtin_prefetch(begin + at);
  }
}

void WarmPeople::forget(std::uint32_t number) {
  const std::size_t place = number % kPlaces;
  if (const std::unique_ptr<Block>& block = blocks_[place / kBlockPlaces]; block != nullptr) {
    (*block)[place % kBlockPlaces].round_ = 0;
  }
}

std::size_t WarmPeople::bytes() const {
  const auto there = std::count_if(blocks_.begin(), blocks_.end(),
                                   [](const auto& block) { return block != nullptr; });
  return static_cast<std::size_t>(there) * sizeof(Block);
}

}  // namespace guanxi
