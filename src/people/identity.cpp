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
constexpr std::size_t kHeaderBytes = 6;  // place of the next id of the person, namespace, length
constexpr std::size_t kAhead = 32;       // ids looked up together

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

ExternalId Identity::id_at(std::uint32_t place) const {
  const char* record = at(place);
  return ExternalId{static_cast<IdNamespace>(record[4]),
                    std::string_view(record + kHeaderBytes, static_cast<std::uint8_t>(record[5]))};
}

std::uint32_t Identity::keep(const ExternalId& id, std::uint32_t next) {
  GUANXI_CHECK(id.value.size() <= 255, "an admitted id has at most 255 bytes");
  const std::size_t bytes = (kHeaderBytes + id.value.size() + kUnit - 1) / kUnit * kUnit;
  if (block_used_ + bytes > kBlockBytes) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
    block_used_ = 0;
  }
  const std::size_t byte = (blocks_.size() - 1) * kBlockBytes + block_used_;
  GUANXI_CHECK(byte / kUnit < kEnd, "ids fill sixteen gigabytes at most");
  const auto place = static_cast<std::uint32_t>(byte / kUnit);
  block_used_ += bytes;
  char* record = at(place);
  std::memcpy(record, &next, sizeof next);
  record[4] = static_cast<char>(id.name_space);
  record[5] = static_cast<char>(id.value.size());
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

void Identity::find(std::span<const ExternalId> ids, std::span<std::uint32_t> persons) const {
  GUANXI_CHECK(ids.size() == persons.size(), "a place for each answer");
  if (slots_.empty()) {
    std::fill(persons.begin(), persons.end(), kNobody);
    return;
  }
  std::array<std::uint64_t, kAhead> hashes{};
  for (std::size_t begin = 0; begin < ids.size(); begin += kAhead) {
    const std::size_t count = std::min(kAhead, ids.size() - begin);
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = hash_of(ids[begin + i]);
      __builtin_prefetch(&slots_[home_of(hashes[i])]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Slot& slot = slots_[home_of(hashes[i])];
      if (slot.place != kEnd && slot.hash == hashes[i]) {
        __builtin_prefetch(at(slot.place));
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t slot = slot_of(ids[begin + i], hashes[i]);
      persons[begin + i] = slot < slots_.size() ? slots_[slot].person : kNobody;
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
  slots_[slot] = Slot{hash, keep(id, kEnd), person};
  ++used_;
  return slot;
}

std::uint32_t Identity::find_or_add(const ExternalId& id) {
  const std::uint64_t hash = hash_of(id);
  if (const std::size_t slot = slot_of(id, hash); slot < slots_.size()) {
    return slots_[slot].person;
  }
  const auto person = static_cast<std::uint32_t>(first_.size());
  GUANXI_CHECK(person != kNobody, "more people than numbers");
  first_.push_back(kEnd);
  first_[person] = slots_[insert(id, hash, person)].place;
  return person;
}

void Identity::prepend(std::uint32_t person, std::uint32_t place) {
  std::uint32_t& first = first_[person];
  std::uint32_t before = first;
  std::uint32_t after = next_of(first);
  if (is_before(id_at(place), id_at(first))) {
    after = first;
    first = place;
    before = place;
  } else {
    std::memcpy(at(before), &place, sizeof place);
    before = place;
  }
  std::memcpy(at(before), &after, sizeof after);
}

Linked Identity::link(const ExternalId& known, const ExternalId& id, const LinkEvidence& evidence) {
  const std::uint32_t person = find(known);
  GUANXI_CHECK(person != kNobody, "ids are linked to people who are there");
  const std::uint64_t hash = hash_of(id);
  const std::size_t found = slot_of(id, hash);
  if (found >= slots_.size()) {
    prepend(person, slots_[insert(id, hash, person)].place);
    return Linked::linked;
  }
  if (slots_[found].person == person) {
    return Linked::same;
  }
  std::pair<std::string, std::string> key(to_string(known), to_string(id));
  if (key.second < key.first) {
    std::swap(key.first, key.second);
  }
  LinkEvidence& kept = pending_[key];
  const std::uint64_t times = kept.times + 1;
  const bool earlier =
      kept.times == 0 || evidence.occurred_s < kept.occurred_s ||
      (evidence.occurred_s == kept.occurred_s && evidence.event_id_hash < kept.event_id_hash);
  if (earlier) {
    kept = evidence;
  }
  kept.times = times;
  return Linked::pending;
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
  const std::vector<std::string> gone = ids(person);
  std::erase_if(pending_, [&](const auto& entry) {
    return std::find(gone.begin(), gone.end(), entry.first.first) != gone.end() ||
           std::find(gone.begin(), gone.end(), entry.first.second) != gone.end();
  });
  for (std::uint32_t place = first_[person]; place != kEnd;) {
    const ExternalId id = id_at(place);
    const std::uint32_t next = next_of(place);
    free_slot(slot_of(id, hash_of(id)));
    std::memset(at(place), 0, kHeaderBytes + id.value.size());
    place = next;
  }
  const auto last = static_cast<std::uint32_t>(first_.size() - 1);
  if (person != last) {
    for (std::uint32_t place = first_[last]; place != kEnd; place = next_of(place)) {
      const ExternalId id = id_at(place);
      slots_[slot_of(id, hash_of(id))].person = person;
    }
    first_[person] = first_[last];
  }
  first_.pop_back();
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
}

void Identity::clear() {
  slots_ = {};
  used_ = 0;
  first_ = {};
  blocks_.clear();
  block_used_ = kBlockBytes;
  pending_.clear();
}

std::size_t Identity::bytes() const {
  return slots_.capacity() * sizeof(Slot) + first_.capacity() * sizeof(std::uint32_t) +
         blocks_.size() * kBlockBytes;
}

}  // namespace guanxi
