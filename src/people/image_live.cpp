#include <algorithm>

#include "base/check.hpp"
#include "base/sorted.hpp"
#include "people/givers.hpp"
#include "people/hot_people.hpp"
#include "people/image.hpp"
#include "relationship/encounter.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kFoldsAhead = 6;
constexpr std::size_t kLineBytes = 64;

std::uint32_t place_of(std::span<const CompactEvent> events, const CompactEvent& event) {
  // What comes is nearly always the latest.
  if (events.empty() || before(events.back(), event)) {
    return static_cast<std::uint32_t>(events.size());
  }
  const auto found =
      std::lower_bound(events.begin(), events.end(), event,
                       [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); });
  return static_cast<std::uint32_t>(found - events.begin());
}

std::span<const CompactEvent>::iterator of_identity(std::span<const CompactEvent> events,
                                                    std::uint64_t id_hash) {
  return std::find_if(events.begin(), events.end(),
                      [&](const CompactEvent& event) { return event.id_hash() == id_hash; });
}

}  // namespace

Added Image::place(std::uint32_t number, const CompactEvent& event) {
  Timeline& timeline = timeline_of(number);
  const std::span<const CompactEvent> there = timeline.events();
  const bool long_one = there.size() >= HotPeople::kFromEvents;
  HotPerson* hot = long_one ? &hot_->of(number, there) : nullptr;
  WarmPerson* warm = long_one ? nullptr : &hot_->warm().of(number, there);
  if (hot != nullptr ? hot->knows(event.id_hash()) : warm->may_know(event.id_hash())) {
    const auto known = of_identity(there, event.id_hash());
    if (known != there.end()) {
      return same_message(*known, event) ? Added::duplicate : Added::conflict;
    }
  }
  const std::uint32_t at = place_of(there, event);
  const bool last = at == there.size();
  shards_[number % shards()].store.insert(timeline, at, event);
  if (hot != nullptr) {
    hot->added(event, last, model_.get());
  } else {
    warm->added(event, at);
  }
  return Added::added;
}

bool Image::may_refer(std::uint32_t number) {
  const std::span<const CompactEvent> events = timeline_of(number).events();
  return events.size() >= HotPeople::kFromEvents ? hot_->of(number, events).refers()
                                                 : hot_->warm().of(number, events).refers();
}

void Image::fold_changed(std::uint32_t number) {
  const std::span<const CompactEvent> events = timeline_of(number).events();
  Shard& shard = shards_[number % shards()];
  const std::uint32_t row = number / shards();
  State& state = shard.states[row];
  if (events.size() >= HotPeople::kFromEvents) {
    const Reading reading = hot_->of(number, events).reading(events, *model_, as_of_, state);
    shard.columns.set(row, reading, state);
    return;
  }
  WarmPerson& warm = hot_->warm().of(number, events);
  const State was = state;
  const Reading reading = warm.fold().reading(events, *model_, as_of_, *memory_, state);
  if (const auto& shown = warm.shown()) {
    shard.columns.change(row, reading, state, *shown, was);
  } else {
    shard.columns.set(row, reading, state);
  }
  warm.show(reading);
}

// What a fold writes to.
void Image::Shard::prefetch(std::size_t row) const {
  const auto* const state = reinterpret_cast<const char*>(&states[row]);
  for (std::size_t at = 0; at < sizeof(State); at += kLineBytes) {
    __builtin_prefetch(state + at, 1);
  }
}

// What add_all() looks at is scattered over memory: asked for ahead, it comes while others are
// worked on.
void Image::prefetch(std::span<const std::uint32_t> numbers) const {
  for (const std::uint32_t number : numbers) {
    __builtin_prefetch(&timeline_of(number), 1);
    hot_->warm().prefetch(number);
  }
  for (const std::uint32_t number : numbers) {
    const Timeline& timeline = timeline_of(number);
    if (timeline.size > 0) {
      __builtin_prefetch(timeline.begin + timeline.size - 1);
    }
    if (timeline.size < timeline.capacity) {
      __builtin_prefetch(timeline.begin + timeline.size, 1);
    }
  }
}

Added Image::add(PersonRef person, const CompactEvent& event) {
  Added outcome = Added::added;
  add_all({&person, 1}, {&event, 1}, {&outcome, 1});
  return outcome;
}

void Image::add_all(std::span<const PersonRef> people, std::span<const CompactEvent> events,
                    std::span<Added> outcomes) {
  std::vector<std::uint32_t> concerned;
  for (const PersonRef person : people) {
    concerned.push_back(number_of(person));
  }
  sort_unique(concerned);
  prefetch(concerned);
  Givers givers(*this, people, events);
  std::vector<Referral> referrals;
  bool any = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    GUANXI_CHECK(!events[i].has(kDerived), "derived events come from the image itself");
    const std::uint32_t number = number_of(people[i]);
    outcomes[i] = place(number, events[i]);
    if (outcomes[i] != Added::added) {
      if (identity_.has_several_ids(number)) {
        repeats_.emplace(events[i].id_hash(), events[i]);
      }
      continue;
    }
    any = true;
    ++own_events_;
    last_event_s_ = std::max(last_event_s_, events[i].occurred_s());
    givers.added(number, events[i]);
    if (is_referral(events[i])) {
      referrals.push_back(Referral{events[i].subject(), number});
    }
  }
  if (!any) {
    return;
  }
  ++version_;
  if (!referrals.empty()) {
    note_referrals(std::move(referrals));
  }
  if (model_ == nullptr) {
    return;
  }
  std::vector<std::uint32_t> changed = concerned;
  givers.exchange(changed);
  if (changed.size() > concerned.size()) {
    sort_unique(changed);
  }
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (i + kFoldsAhead < changed.size()) {
      const std::uint32_t ahead = changed[i + kFoldsAhead];
      shards_[ahead % shards()].prefetch(ahead / shards());
    }
    fold_changed(changed[i]);
  }
}

}  // namespace guanxi
