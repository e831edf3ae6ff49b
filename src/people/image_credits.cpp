#include <algorithm>

#include "base/sorted.hpp"
#include "people/hot_people.hpp"
#include "people/image.hpp"
#include "relationship/encounter.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kGiversPerItem = 1024;
constexpr std::size_t kInsertedOneByOne = 32;

bool has_referral(std::span<const CompactEvent> events) {
  return std::any_of(events.begin(), events.end(),
                     [](const CompactEvent& event) { return is_referral(event); });
}

}  // namespace

// The subjects, if interned, that read as this id: "user:u-1" and plain "u-1" are one.
std::vector<std::uint32_t> Image::subjects_naming(const ExternalId& id) const {
  std::vector<std::uint32_t> subjects;
  if (const std::uint32_t full = subjects_.find(to_string(id)); full != 0) {
    subjects.push_back(full);
  }
  if (parse_external_id(id.value) == id) {
    if (const std::uint32_t bare = subjects_.find(id.value); bare != 0) {
      subjects.push_back(bare);
    }
  }
  return subjects;
}

std::vector<std::uint32_t> Image::people_naming(std::uint32_t subject) const {
  std::vector<std::uint32_t> people;
  for (auto it = std::lower_bound(referrals_.begin(), referrals_.end(), Referral{subject, 0});
       it != referrals_.end() && it->subject == subject; ++it) {
    people.push_back(it->person);
  }
  return people;
}

void Image::note_referrals(std::vector<Referral> referrals) {
  if (referrals.size() <= kInsertedOneByOne) {
    for (const Referral& referral : referrals) {
      const auto at = std::lower_bound(referrals_.begin(), referrals_.end(), referral);
      if (at == referrals_.end() || !(*at == referral)) {
        referrals_.insert(at, referral);
      }
    }
    return;
  }
  std::sort(referrals.begin(), referrals.end());
  const auto middle = static_cast<std::ptrdiff_t>(referrals_.size());
  referrals_.insert(referrals_.end(), referrals.begin(), referrals.end());
  std::inplace_merge(referrals_.begin(), referrals_.begin() + middle, referrals_.end());
  referrals_.erase(std::unique(referrals_.begin(), referrals_.end()), referrals_.end());
}

std::vector<Image::Gift> Image::gifts_of(std::uint32_t giver) const {
  const std::span<const CompactEvent> events = timeline_of(giver).events();
  if (model_ == nullptr || !has_referral(events)) {
    return {};
  }
  const Credits credits = referral_credits(events);
  return gifts_to(credits.referrer_subject, giver, credits.events);
}

// These credits, as gifts to whoever is called so; none when that is nobody, or the giver.
std::vector<Image::Gift> Image::gifts_to(std::uint32_t subject, std::uint32_t giver,
                                         std::span<const CompactEvent> events) const {
  std::vector<Gift> gifts;
  if (subject == 0 || events.empty()) {
    return gifts;
  }
  const std::uint32_t receiver = identity_.find(parse_external_id(subjects_.text(subject)));
  if (receiver == Identity::kNobody || receiver == giver) {
    return gifts;
  }
  gifts.reserve(events.size());
  for (const CompactEvent& event : events) {
    gifts.push_back(Gift{receiver, event});
  }
  return gifts;
}

std::optional<PersonRef> Image::referrer_of(PersonRef person) const {
  for (const CompactEvent& event : timeline(person)) {
    if (is_referral(event)) {
      return find(parse_external_id(subjects_.text(event.subject())));
    }
  }
  return std::nullopt;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> Image::bringers() const {
  std::vector<std::uint32_t> people;
  people.reserve(referrals_.size());
  for (const Referral& referral : referrals_) {
    people.push_back(referral.person);
  }
  std::sort(people.begin(), people.end());
  people.erase(std::unique(people.begin(), people.end()), people.end());
  std::vector<std::pair<std::uint32_t, std::uint32_t>> brought;
  for (const std::uint32_t person : people) {
    if (const auto by = referrer_of(ref_of(person)); by && number_of(*by) != person) {
      brought.emplace_back(person, number_of(*by));
    }
  }
  return brought;
}

std::vector<PersonRef> Image::referred_by(PersonRef person) const {
  std::vector<std::uint32_t> numbers;
  identity_.for_each_id(number_of(person), [&](const ExternalId& id) {
    for (const std::uint32_t subject : subjects_naming(id)) {
      for (const std::uint32_t number : people_naming(subject)) {
        if (referrer_of(ref_of(number)) == person) {
          numbers.push_back(number);
        }
      }
    }
  });
  std::sort(numbers.begin(), numbers.end(), [&](std::uint32_t a, std::uint32_t b) {
    return to_string(identity_.primary(a)) < to_string(identity_.primary(b));
  });
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<PersonRef> people;
  for (const std::uint32_t number : numbers) {
    people.push_back(ref_of(number));
  }
  return people;
}

// A new id may be the one by which people said they were brought.
void Image::greet_id(const ExternalId& id) {
  if (model_ == nullptr || referrals_.empty()) {
    return;
  }
  std::vector<Gift> all;
  for (const std::uint32_t subject : subjects_naming(id)) {
    for (const std::uint32_t giver : people_naming(subject)) {
      if (referrer_of(ref_of(giver)) == find(id)) {
        const std::vector<Gift> gifts = gifts_of(giver);
        all.insert(all.end(), gifts.begin(), gifts.end());
      }
    }
  }
  exchange({}, all);
}

void Image::place_gift(const Gift& gift) {
  if (place(gift.receiver, gift.event) == Added::added) {
    ++derived_events_;
    const auto at = std::lower_bound(credited_.begin(), credited_.end(), gift.receiver);
    if (at == credited_.end() || *at != gift.receiver) {
      credited_.insert(at, gift.receiver);
    }
  }
}

void Image::take_gift(const Gift& gift) {
  Timeline& timeline = timeline_of(gift.receiver);
  const std::span<const CompactEvent> events = timeline.events();
  const auto at =
      std::lower_bound(events.begin(), events.end(), gift.event,
                       [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); });
  if (at != events.end() && at->id_hash() == gift.event.id_hash() && at->has(kDerived)) {
    shards_[gift.receiver % shards()].store.remove(timeline,
                                                   static_cast<std::uint32_t>(at - events.begin()));
    --derived_events_;
    hot_->forget(gift.receiver);
  }
}

// Makes the receivers' timelines say what the giver's say now, and folds those that change.
void Image::exchange(const std::vector<Gift>& before, const std::vector<Gift>& after) {
  std::vector<std::uint32_t> changed;
  exchange(before, after, changed);
  sort_unique(changed);
  for (const std::uint32_t receiver : changed) {
    fold_changed(receiver);
  }
}

void Image::exchange(const std::vector<Gift>& before, const std::vector<Gift>& after,
                     std::vector<std::uint32_t>& changed) {
  const auto in_order = [](const Gift& a, const Gift& b) {
    return a.receiver != b.receiver ? a.receiver < b.receiver
                                    : a.event.id_hash() < b.event.id_hash();
  };
  const auto sorted = [&](std::vector<Gift> gifts) {
    std::sort(gifts.begin(), gifts.end(), in_order);
    return gifts;
  };
  const std::vector<Gift> had = sorted(before);
  const std::vector<Gift> has = sorted(after);
  const auto holds = [&](const std::vector<Gift>& gifts, const Gift& gift) {
    const auto same = std::equal_range(gifts.begin(), gifts.end(), gift, in_order);
    return std::any_of(same.first, same.second,
                       [&](const Gift& other) { return same_content(other.event, gift.event); });
  };
  for (const Gift& gift : before) {
    if (!holds(has, gift)) {
      take_gift(gift);
      changed.push_back(gift.receiver);
    }
  }
  for (const Gift& gift : after) {
    if (!holds(had, gift)) {
      place_gift(gift);
      changed.push_back(gift.receiver);
    }
  }
}

void Image::replace_derived(std::uint32_t number, std::span<const Gift> gifts) {
  Timeline& timeline = timeline_of(number);
  std::vector<CompactEvent> own;
  std::vector<CompactEvent> derived;
  for (const CompactEvent& event : timeline.events()) {
    (event.has(kDerived) ? derived : own).push_back(event);
  }
  const bool same = std::equal(
      derived.begin(), derived.end(), gifts.begin(), gifts.end(),
      [](const CompactEvent& event, const Gift& gift) { return same_content(event, gift.event); });
  if (same) {
    return;
  }
  derived.clear();
  for (const Gift& gift : gifts) {
    derived.push_back(gift.event);
  }
  std::vector<CompactEvent> all(own.size() + derived.size());
  std::merge(own.begin(), own.end(), derived.begin(), derived.end(), all.begin(),
             [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); });
  shards_[number % shards()].store.assign(timeline, all);
}

// What everyone who was brought gives now, by receiver, in canonical order.
std::vector<Image::Gift> Image::all_gifts(unsigned threads) const {
  std::vector<std::uint32_t> givers;
  for (const Referral& referral : referrals_) {
    givers.push_back(referral.person);
  }
  sort_unique(givers);
  const std::size_t items = (givers.size() + kGiversPerItem - 1) / kGiversPerItem;
  std::vector<std::vector<Gift>> found(items);
  for_each_item(items, threads, [&](unsigned, std::size_t item) {
    const std::size_t end = std::min(givers.size(), (item + 1) * kGiversPerItem);
    for (std::size_t i = item * kGiversPerItem; i < end; ++i) {
      const std::vector<Gift> gifts = gifts_of(givers[i]);
      found[item].insert(found[item].end(), gifts.begin(), gifts.end());
    }
  });
  std::vector<Gift> all;
  for (std::vector<Gift>& part : found) {
    all.insert(all.end(), part.begin(), part.end());
    part = {};
  }
  std::sort(all.begin(), all.end(), [](const Gift& a, const Gift& b) {
    return a.receiver != b.receiver ? a.receiver < b.receiver : before(a.event, b.event);
  });
  return all;
}

void Image::renew_gifts(unsigned threads) {
  const std::vector<Gift> gifts = all_gifts(threads);
  std::vector<std::uint32_t> now;
  for (const Gift& gift : gifts) {
    if (now.empty() || now.back() != gift.receiver) {
      now.push_back(gift.receiver);
    }
  }
  std::vector<std::uint32_t> touched;
  std::set_union(now.begin(), now.end(), credited_.begin(), credited_.end(),
                 std::back_inserter(touched));
  for_each_item(shards(), threads, [&](unsigned, std::size_t shard) {
    for (const std::uint32_t number : touched) {
      if (number % shards() != shard) {
        continue;
      }
      const auto first = std::lower_bound(
          gifts.begin(), gifts.end(), number,
          [](const Gift& gift, std::uint32_t receiver) { return gift.receiver < receiver; });
      const auto last = std::find_if(first, gifts.end(),
                                     [&](const Gift& gift) { return gift.receiver != number; });
      replace_derived(number, std::span(first, last));
    }
  });
  credited_ = std::move(now);
  derived_events_ = gifts.size();
}

}  // namespace guanxi
