#include <algorithm>

#include "base/check.hpp"
#include "people/hot_people.hpp"
#include "people/image.hpp"
#include "people/people_classes.hpp"
#include "people/people_values.hpp"
#include "people/sort_cache.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

CompactEvent without_subject(const CompactEvent& event) {
  CompactEvent::Fields fields;
  fields.id_hash = event.id_hash();
  fields.occurred_s = event.occurred_s();
  fields.order_ref = event.order_ref();
  fields.kind = event.kind();
  fields.flags = event.flags();
  fields.quantity = event.quantity();
  fields.amount_minor = event.amount_minor();
  fields.ordinal = event.ordinal();
  return CompactEvent(fields);
}

}  // namespace

// The row of the last person of a shard becomes that of `to`.
void Image::move_row(std::uint32_t from, std::uint32_t to) {
  Shard& source = shards_[from % shards()];
  const std::uint32_t row = from / shards();
  if (from != to) {
    Shard& home = shards_[to % shards()];
    const std::uint32_t target = to / shards();
    home.store.assign(home.timelines[target], source.timelines[row].events());
    home.states[target] = source.states[row];
    source.columns.move_row(row, target, home.columns);
  }
  source.store.release(source.timelines[row]);
  if (values_ != nullptr) {
    from == to ? values_->forget(from) : values_->move(from, to);
  }
  if (classes_ != nullptr) {
    from == to ? classes_->forget(from) : classes_->move(from, to);
  }
}

void Image::take_over(std::uint32_t last, std::uint32_t number) {
  move_row(last, number);
  Shard& from = shards_[last % shards()];
  from.timelines.pop_back();
  from.states.pop_back();
  from.columns.resize(from.timelines.size());
  for (Referral& referral : referrals_) {
    referral.person = referral.person == last ? number : referral.person;
  }
  std::sort(referrals_.begin(), referrals_.end());
  for (std::uint32_t& credited : credited_) {
    credited = credited == last ? number : credited;
  }
  std::sort(credited_.begin(), credited_.end());
}

bool Image::subject_in_use(std::uint32_t subject) const {
  const auto names_it = [&](const CompactEvent& event) { return event.subject() == subject; };
  for (const Shard& shard : shards_) {
    for (const Timeline& timeline : shard.timelines) {
      const std::span<const CompactEvent> events = timeline.events();
      if (std::any_of(events.begin(), events.end(), names_it)) {
        return true;
      }
    }
  }
  return std::any_of(nobody_.begin(), nobody_.end(), [&](const std::vector<CompactEvent>& part) {
    return std::any_of(part.begin(), part.end(), names_it);
  });
}

// Takes the name under which others say that someone brought them off those referrals.
void Image::forget_referrer(std::uint32_t subject) {
  for (const std::uint32_t giver : people_naming(subject)) {
    const std::vector<Gift> given = gifts_of(giver);
    const Timeline& timeline = timeline_of(giver);
    for (CompactEvent& event : std::span(timeline.begin, timeline.size)) {
      if (event.kind() == EventKind::referral_accepted && event.subject() == subject) {
        event = without_subject(event);
      }
    }
    exchange(given, gifts_of(giver));
    if (model_ != nullptr) {
      fold_one(giver, *memory_);
    }
  }
  std::erase_if(referrals_, [&](const Referral& r) { return r.subject == subject; });
  if (!subject_in_use(subject)) {
    subjects_.forget(subject);
  }
}

void Image::erase(PersonRef person) {
  const std::uint32_t number = number_of(person);
  hot_->clear();
  exchange(gifts_of(number), {});
  std::erase_if(referrals_, [&](const Referral& r) { return r.person == number; });
  std::vector<std::uint32_t> names;
  identity_.for_each_id(number, [&](const ExternalId& id) {
    for (const std::uint32_t subject : subjects_naming(id)) {
      if (!people_naming(subject).empty()) {
        names.push_back(subject);
      }
    }
  });
  for (const std::uint32_t subject : names) {
    forget_referrer(subject);
  }
  Timeline& timeline = timeline_of(number);
  for (CompactEvent& event : std::span(timeline.begin, timeline.size)) {
    repeats_.erase(event.id_hash());
    (event.has(kDerived) ? derived_events_ : own_events_) -= 1;
    event = CompactEvent();
  }
  std::erase(credited_, number);
  shards_[number % shards()].store.release(timeline);
  const std::uint32_t last = identity_.people() - 1;
  identity_.erase(number);
  take_over(last, number);
  hot_->clear();
  const Result<Resettled> settled = settle_people({}, model_ != nullptr);
  GUANXI_CHECK(settled.has_value(), "forgetting one person parts no other");
  ++version_;
  ++people_version_;
  sort_cache_->clear();
}

void Image::clear() {
  const std::uint32_t count = shards();
  shards_ = std::vector<Shard>(count);
  values_.reset();
  classes_.reset();
  identity_.clear();
  subjects_.clear();
  referrals_.clear();
  credited_.clear();
  nobody_ = std::vector<std::vector<CompactEvent>>(kNobodyParts);
  repeats_.clear();
  next_needs_.reset();
  own_events_ = 0;
  derived_events_ = 0;
  last_event_s_ = 0;
  hot_->clear();
  ++version_;
  ++people_version_;
  sort_cache_->clear();
}

}  // namespace guanxi
