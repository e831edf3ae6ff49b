#include "people/identity.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.hpp"
#include "base/fixed.hpp"
#include "base/hash.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kFirstSlots = 64;
// Place of the next id of the person, first link, namespace and whether it is named, length.
constexpr std::size_t kLinkByte = 4;
constexpr std::size_t kSpaceByte = 8;
constexpr std::size_t kLengthByte = 9;
constexpr std::size_t kHeaderBytes = 10;
constexpr unsigned kNamedBit = 0x80;
constexpr std::size_t kAhead = 32;  // ids looked up together

bool is_before(const ExternalId& a, const ExternalId& b) {
  return a.name_space != b.name_space ? a.name_space < b.name_space : a.value < b.value;
}

}  // namespace

std::uint64_t Identity::hash_of(const ExternalId& id) {
  return hash64(id.value, static_cast<std::uint64_t>(id.name_space) + 1);
}

std::size_t Identity::home_of(std::uint64_t hash) const {
  return static_cast<std::size_t>((static_cast<Uint128>(hash) * slots_.size()) >> 64U);
}

const char* Identity::at(std::uint32_t place) const {
  const std::size_t byte = std::size_t{place} * kUnit;
  return blocks_[byte / kBlockBytes].get() + byte % kBlockBytes;
}

char* Identity::at(std::uint32_t place) {
  const std::size_t byte = std::size_t{place} * kUnit;
  return blocks_[byte / kBlockBytes].get() + byte % kBlockBytes;
}

std::uint32_t Identity::next_of(std::uint32_t place) const {
  std::uint32_t next = kEnd;
  std::memcpy(&next, at(place), sizeof next);
  return next;
}

void Identity::set_next(std::uint32_t place, std::uint32_t next) {
  std::memcpy(at(place), &next, sizeof next);
}

std::uint32_t Identity::first_link(std::uint32_t place) const {
  std::uint32_t link = kEnd;
  std::memcpy(&link, at(place) + kLinkByte, sizeof link);
  return link;
}

void Identity::set_first_link(std::uint32_t place, std::uint32_t link) {
  std::memcpy(at(place) + kLinkByte, &link, sizeof link);
}

IdNamespace Identity::space_at(std::uint32_t place) const {
  return static_cast<IdNamespace>(static_cast<std::uint8_t>(at(place)[kSpaceByte]) & ~kNamedBit);
}

bool Identity::is_named(std::uint32_t place) const {
  return (static_cast<std::uint8_t>(at(place)[kSpaceByte]) & kNamedBit) != 0;
}

void Identity::set_named(std::uint32_t place) {
  if (!is_named(place)) {
    char* record = at(place);
    record[kSpaceByte] =
        static_cast<char>(static_cast<std::uint8_t>(record[kSpaceByte]) | kNamedBit);
  }
}

// An event is of the id: what was said of it before may mean more now.
void Identity::note_named(std::uint32_t place, std::uint32_t person) {
  if (!is_named(place)) {
    set_named(place);
    if (contested_[person]) {
      dirty_ids_.push_back(place);
    }
  }
}

ExternalId Identity::id_at(std::uint32_t place) const {
  const char* record = at(place);
  return ExternalId{
      space_at(place),
      std::string_view(record + kHeaderBytes, static_cast<std::uint8_t>(record[kLengthByte]))};
}

std::uint32_t Identity::keep(const ExternalId& id) {
  GUANXI_CHECK(id.value.size() <= 255, "an admitted id has at most 255 bytes");
  const std::size_t bytes = (kHeaderBytes + id.value.size() + kUnit - 1) / kUnit * kUnit;
  if (block_used_ + bytes > kBlockBytes) {
    if (!blocks_.empty()) {  // what is never written to is written into snapshots
      std::memset(blocks_.back().get() + block_used_, 0, kBlockBytes - block_used_);
    }
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
    block_used_ = 0;
  }
  const std::size_t byte = (blocks_.size() - 1) * kBlockBytes + block_used_;
  GUANXI_CHECK(byte / kUnit < kEnd, "ids fill sixteen gigabytes at most");
  const auto place = static_cast<std::uint32_t>(byte / kUnit);
  block_used_ += bytes;
  char* record = at(place);
  set_next(place, kEnd);
  set_first_link(place, kEnd);
  record[kSpaceByte] = static_cast<char>(id.name_space);
  record[kLengthByte] = static_cast<char>(id.value.size());
  std::memcpy(record + kHeaderBytes, id.value.data(), id.value.size());
  return place;
}

std::size_t Identity::slot_of(const ExternalId& id, std::uint64_t hash) const {
  if (slots_.empty()) {
    return 0;
  }
  std::size_t slot = home_of(hash);
  while (slots_[slot].place != kEnd) {
    if (slots_[slot].hash == hash && id_at(slots_[slot].place) == id) {
      return slot;
    }
    slot = slot + 1 == slots_.size() ? 0 : slot + 1;
  }
  return slots_.size();
}

std::uint32_t Identity::find(const ExternalId& id) const {
  const std::size_t slot = slot_of(id, hash_of(id));
  return slot < slots_.size() ? slots_[slot].person : kNobody;
}

// slots_.size() for an id that is not there. REQUIRES some slots, at most kAhead ids.
void Identity::look_up(std::span<const ExternalId> ids, std::span<std::size_t> slots) const {
  std::array<std::uint64_t, kAhead> hashes{};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    hashes[i] = hash_of(ids[i]);
    __builtin_prefetch(&slots_[home_of(hashes[i])]);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Slot& slot = slots_[home_of(hashes[i])];
    if (slot.place != kEnd && slot.hash == hashes[i]) {
      __builtin_prefetch(at(slot.place));
    }
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    slots[i] = slot_of(ids[i], hashes[i]);
  }
}

void Identity::find(std::span<const ExternalId> ids, std::span<std::uint32_t> persons) const {
  GUANXI_CHECK(ids.size() == persons.size(), "a place for each answer");
  std::fill(persons.begin(), persons.end(), kNobody);
  std::array<std::size_t, kAhead> slots{};
  for (std::size_t begin = 0; begin < ids.size() && !slots_.empty(); begin += kAhead) {
    const std::size_t count = std::min(kAhead, ids.size() - begin);
    look_up(ids.subspan(begin, count), std::span(slots).first(count));
    for (std::size_t i = 0; i < count; ++i) {
      persons[begin + i] = slots[i] < slots_.size() ? slots_[slots[i]].person : kNobody;
    }
  }
}

void Identity::find_named(std::span<const ExternalId> ids, std::span<std::uint32_t> persons) {
  GUANXI_CHECK(ids.size() == persons.size(), "a place for each answer");
  std::fill(persons.begin(), persons.end(), kNobody);
  std::array<std::size_t, kAhead> slots{};
  for (std::size_t begin = 0; begin < ids.size() && !slots_.empty(); begin += kAhead) {
    const std::size_t count = std::min(kAhead, ids.size() - begin);
    look_up(ids.subspan(begin, count), std::span(slots).first(count));
    for (std::size_t i = 0; i < count; ++i) {
      if (slots[i] < slots_.size() && slots_[slots[i]].person != kNobody) {
        persons[begin + i] = slots_[slots[i]].person;
        note_named(slots_[slots[i]].place, persons[begin + i]);
      }
    }
  }
}

std::size_t Identity::insert(const ExternalId& id, std::uint64_t hash, std::uint32_t person) {
  if ((used_ + 1) * 5 > slots_.size() * 4) {
    rehash(std::max(kFirstSlots, slots_.size() / 2 * 3));
  }
  std::size_t slot = home_of(hash);
  while (slots_[slot].place != kEnd) {
    slot = slot + 1 == slots_.size() ? 0 : slot + 1;
  }
  slots_[slot] = Slot{hash, keep(id), person};
  ++used_;
  return slot;
}

std::uint32_t Identity::person_at(std::uint32_t place) const {
  const ExternalId id = id_at(place);
  return slots_[slot_of(id, hash_of(id))].person;
}

void Identity::set_person(std::uint32_t place, std::uint32_t person) {
  const ExternalId id = id_at(place);
  slots_[slot_of(id, hash_of(id))].person = person;
}

// The place of an id that may be nobody's.
std::uint32_t Identity::place_or_add(const ExternalId& id) {
  const std::uint64_t hash = hash_of(id);
  const std::size_t slot = slot_of(id, hash);
  return slots_[slot < slots_.size() ? slot : insert(id, hash, kNobody)].place;
}

// A new person, of an id that is nobody's.
std::uint32_t Identity::add_person(std::uint32_t place) {
  const auto person = static_cast<std::uint32_t>(first_.size());
  GUANXI_CHECK(person != kNobody, "more people than numbers");
  first_.push_back(place);
  const bool talked_of = first_link(place) != kEnd || trust_.count(place) != 0;
  contested_.push_back(talked_of);
  set_next(place, kEnd);
  set_person(place, person);
  set_named(place);
  if (talked_of) {
    dirty_ids_.push_back(place);
  }
  return person;
}

std::uint32_t Identity::find_or_add(const ExternalId& id) {
  const std::uint64_t hash = hash_of(id);
  std::size_t slot = slot_of(id, hash);
  if (slot >= slots_.size()) {
    slot = insert(id, hash, kNobody);
  }
  const Slot found = slots_[slot];
  if (found.person == kNobody) {
    return add_person(found.place);
  }
  note_named(found.place, found.person);
  return found.person;
}

void Identity::prepend(std::uint32_t person, std::uint32_t place) {
  std::uint32_t& first = first_[person];
  if (first == kEnd || is_before(id_at(place), id_at(first))) {
    set_next(place, first);
    first = place;
  } else {
    set_next(place, next_of(first));
    set_next(first, place);
  }
}

ExternalId Identity::primary(std::uint32_t person) const { return id_at(first_[person]); }

std::vector<std::string> Identity::ids(std::uint32_t person) const {
  std::vector<std::string> texts;
  for_each_id(person, [&](const ExternalId& id) { texts.push_back(to_string(id)); });
  std::sort(texts.begin(), texts.end());
  return texts;
}

// Closes the gap that a removed id leaves in its run, so that probing needs no tombstones.
void Identity::free_slot(std::size_t slot) {
  const std::size_t size = slots_.size();
  std::size_t gap = slot;
  for (std::size_t next = (gap + 1) % size; slots_[next].place != kEnd; next = (next + 1) % size) {
    const std::size_t home = home_of(slots_[next].hash);
    const std::size_t from_home = (next + size - home) % size;
    const std::size_t from_gap = (next + size - gap) % size;
    if (from_home >= from_gap) {
      slots_[gap] = slots_[next];
      gap = next;
    }
  }
  slots_[gap] = Slot{};
  --used_;
}

void Identity::erase(std::uint32_t person) {
  GUANXI_CHECK(person < people(), "only people who are there are forgotten");
  GUANXI_CHECK(!unsettled(), "people are forgotten once their links are settled");
  for (std::uint32_t place = first_[person]; place != kEnd; place = next_of(place)) {
    for (std::uint32_t link = first_link(place); link != kEnd; link = first_link(place)) {
      const std::uint32_t other = other_end(link, place);
      remove_link(link, other);
      remove_link(link, place);
      if (person_at(other) != person) {
        dirty_ids_.push_back(other);
      }
    }
    crowded_.erase(place);
    trust_.erase(place);
  }
  for (std::uint32_t place = first_[person]; place != kEnd;) {
    const ExternalId id = id_at(place);
    const std::uint32_t next = next_of(place);
    free_slot(slot_of(id, hash_of(id)));
    std::memset(at(place), 0, kHeaderBytes + id.value.size());
    place = next;
  }
  first_[person] = kEnd;
  (void)close_gaps({person});
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> Identity::close_gaps(
    const std::vector<std::uint32_t>& emptied) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> moved;
  for (const std::uint32_t gap : emptied) {
    while (!first_.empty() && first_.back() == kEnd) {
      first_.pop_back();
    }
    if (gap >= first_.size()) {
      break;
    }
    const auto last = static_cast<std::uint32_t>(first_.size() - 1);
    for (std::uint32_t place = first_[last]; place != kEnd; place = next_of(place)) {
      set_person(place, gap);
    }
    first_[gap] = first_[last];
    contested_[gap] = contested_[last];
    first_.pop_back();
    moved.emplace_back(last, gap);
  }
  while (!first_.empty() && first_.back() == kEnd) {
    first_.pop_back();
  }
  contested_.resize(first_.size());
  return moved;
}

void Identity::rehash(std::size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  for (const Slot& taken : old) {
    if (taken.place == kEnd) {
      continue;
    }
    std::size_t slot = home_of(taken.hash);
    while (slots_[slot].place != kEnd) {
      slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    }
    slots_[slot] = taken;
  }
}

void Identity::reserve(std::size_t ids) {
  if (ids * 5 / 4 + 1 > slots_.size()) {
    rehash(std::max(kFirstSlots, ids * 5 / 4 + 1));
  }
}

void Identity::fit() {
  const std::size_t wanted = std::max(kFirstSlots, used_ * 5 / 4 + 1);
  if (wanted * 10 < slots_.size() * 9) {
    rehash(wanted);
  }
  first_.shrink_to_fit();
  contested_.shrink_to_fit();
  if (links_.capacity() > links_.size() + links_.size() / 8) {
    links_.shrink_to_fit();
  }
}

void Identity::clear() {
  slots_ = {};
  used_ = 0;
  first_ = {};
  contested_ = {};
  blocks_.clear();
  block_used_ = kBlockBytes;
  links_ = {};
  free_links_ = {};
  dirty_links_ = {};
  dirty_ids_ = {};
  crowded_.clear();
  trust_.clear();
  decisions_.clear();
}

std::size_t Identity::bytes() const {
  constexpr std::size_t kNode = 32;  // of a hash table, roughly
  return slots_.capacity() * sizeof(Slot) + first_.capacity() * sizeof(std::uint32_t) +
         contested_.capacity() / 8 + blocks_.size() * kBlockBytes +
         links_.capacity() * sizeof(Link) +
         (free_links_.capacity() + dirty_links_.capacity() + dirty_ids_.capacity()) *
             sizeof(std::uint32_t) +
         (crowded_.size() + trust_.size() + decisions_.size()) * kNode;
}

}  // namespace guanxi
