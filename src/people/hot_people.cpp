#include "people/hot_people.hpp"

#include <algorithm>
#include <bit>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "relationship/encounter.hpp"

namespace guanxi {

HotPerson::HotPerson(std::span<const CompactEvent> events)
    : ids_(std::bit_ceil(events.size() * 2 + 16)) {
  for (const CompactEvent& event : events) {
    insert(event.id_hash());
    ++size_;
    refers_ = refers_ || is_referral(event);
  }
}

bool HotPerson::knows(std::uint64_t id_hash) const {
  if (id_hash == 0) {
    return zero_;
  }
  const std::size_t mask = ids_.size() - 1;
  for (std::size_t at = mix64(id_hash) & mask; ids_[at] != 0; at = (at + 1) & mask) {
    if (ids_[at] == id_hash) {
      return true;
    }
  }
  return false;
}

void HotPerson::insert(std::uint64_t id_hash) {
  if (id_hash == 0) {
    zero_ = true;
    return;
  }
  const std::size_t mask = ids_.size() - 1;
  std::size_t at = mix64(id_hash) & mask;
  while (ids_[at] != 0) {
    at = (at + 1) & mask;
  }
  ids_[at] = id_hash;
}

void HotPerson::grow() {
  std::vector<std::uint64_t> old(ids_.size() * 2);
  old.swap(ids_);
  for (const std::uint64_t id_hash : old) {
    if (id_hash != 0) {
      insert(id_hash);
    }
  }
}

void HotPerson::added(const CompactEvent& event, bool last, const Model* model) {
  if ((size_ + 1) * 2 > ids_.size()) {
    grow();
  }
  insert(event.id_hash());
  ++size_;
  refers_ = refers_ || is_referral(event);
  if (folded_ && last && model != nullptr && fold_.can_take(event, *model)) {
    fold_.take(event, *model);
  } else {
    folded_ = false;
  }
}

RunningCredits HotPerson::take_credits(std::span<const CompactEvent> events) {
  if (credits_) {
    return *std::exchange(credits_, std::nullopt);
  }
  RunningCredits credits;
  for (const CompactEvent& event : events) {
    credits.take(event);
  }
  credits.watch();
  return credits;
}

Reading HotPerson::reading(std::span<const CompactEvent> events, const Model& model, Day as_of,
                           State& state_out) {
  if (!folded_ || fold_.through() != as_of) {
    fold_.begin(events, model, as_of);
    folded_ = true;
  }
  return fold_.reading(model, state_out);
}

HotPerson& HotPeople::of(std::uint32_t number, std::span<const CompactEvent> events) {
  auto& person = people_[number];
  if (person == nullptr || person->size() != events.size()) {
    slots_ -= person != nullptr ? person->counted_ : 0;
    person = std::make_unique<HotPerson>(events);
  }
  slots_ += person->slots() - person->counted_;
  person->counted_ = person->slots();
  person->used_ = ++clock_;
  HotPerson& found = *person;
  if (people_.size() > kPeopleMost || slots_ > kSlotsMost) {
    make_room();
  }
  return found;
}

// The half that was heard of least lately goes; who was heard of just now stays.
void HotPeople::make_room() {
  std::vector<std::uint64_t> used;
  for (const auto& [number, person] : people_) {
    used.push_back(person->used_);
  }
  std::nth_element(used.begin(), used.begin() + static_cast<std::ptrdiff_t>(used.size() / 2),
                   used.end());
  const std::uint64_t bar = std::min(used[used.size() / 2], clock_ - 1);
  std::erase_if(people_, [&](const auto& entry) { return entry.second->used_ <= bar; });
  slots_ = 0;
  for (const auto& [number, person] : people_) {
    slots_ += person->counted_;
  }
}

void HotPeople::forget(std::uint32_t number) {
  warm_.forget(number);
  const auto found = people_.find(number);
  if (found != people_.end()) {
    slots_ -= found->second->counted_;
    people_.erase(found);
  }
}

void HotPeople::clear() {
  warm_.clear();
  people_.clear();
  slots_ = 0;
}

}  // namespace guanxi
