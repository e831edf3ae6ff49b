#include <algorithm>
#include <array>
#include <tuple>

#include "base/check.hpp"
#include "base/random.hpp"
#include "people/identity.hpp"

namespace guanxi {
namespace {

// What a link carries above the count of its events.
constexpr std::uint32_t kAlias = 1U << 27U;  // an alias says so
constexpr std::uint32_t kPlain = 1U << 28U;  // an event says so, not just a guess
constexpr std::uint32_t kSame = 1U << 29U;   // decided
constexpr std::uint32_t kApart = 1U << 30U;  // decided
constexpr std::uint32_t kDirty = 1U << 31U;  // waits in dirty_links_
constexpr std::uint32_t kTimes = kAlias - 1;

}  // namespace

/// The ids among which a change may matter, while it is looked at.
///
/// Place       Identity::settle().
/// Invariants  Holds whole people, and whatever a usable link leads to.
/// Threads     One owner.
struct Identity::Region {
  std::vector<std::uint32_t> places;
  std::unordered_map<std::uint32_t, std::uint32_t> index;   ///< by place
  std::unordered_map<std::uint32_t, bool> looks_crowded;    ///< by place of a device id
  std::unordered_map<std::uint32_t, std::uint32_t> agreed;  ///< by place: group of agreed links
  std::vector<std::uint32_t> persons;                       ///< who were there before
  std::unordered_set<std::uint32_t> met;                    ///< the same
  std::vector<IdLink> links;
  std::vector<Regrouping::Move> moves;
  std::vector<std::uint32_t> emptied;
  std::unordered_set<std::uint32_t> receivers;  ///< of events of people who part

  void add(std::uint32_t place) {
    if (index.try_emplace(place, static_cast<std::uint32_t>(places.size())).second) {
      places.push_back(place);
    }
  }
};

// Links and their lists.

std::uint32_t Identity::next_link(std::uint32_t link, std::uint32_t place) const {
  const Link& it = links_[link];
  return it.a == place ? it.next_a : it.next_b;
}

std::uint32_t Identity::other_end(std::uint32_t link, std::uint32_t place) const {
  const Link& it = links_[link];
  return it.a == place ? it.b : it.a;
}

// Walks both lists at once, so the cost is that of the shorter.
std::uint32_t Identity::find_link(std::uint32_t a, std::uint32_t b) const {
  std::uint32_t of_a = first_link(a);
  std::uint32_t of_b = first_link(b);
  while (of_a != kEnd && of_b != kEnd) {
    if (other_end(of_a, a) == b) {
      return of_a;
    }
    if (other_end(of_b, b) == a) {
      return of_b;
    }
    of_a = next_link(of_a, a);
    of_b = next_link(of_b, b);
  }
  return kEnd;
}

std::uint32_t Identity::add_link(std::uint32_t a, std::uint32_t b) {
  std::uint32_t link = 0;
  if (free_links_.empty()) {
    link = static_cast<std::uint32_t>(links_.size());
    GUANXI_CHECK(link != kEnd, "more links than numbers");
    links_.emplace_back();
  } else {
    link = free_links_.back();
    free_links_.pop_back();
  }
  Link& fresh = links_[link];
  fresh = Link{};
  fresh.a = a;
  fresh.b = b;
  fresh.next_a = first_link(a);
  fresh.next_b = first_link(b);
  set_first_link(a, link);
  set_first_link(b, link);
  return link;
}

// Takes a link out of the list of one end; once it is in no list, it is free.
void Identity::remove_link(std::uint32_t link, std::uint32_t place) {
  const std::uint32_t after = next_link(link, place);
  std::uint32_t at_link = first_link(place);
  if (at_link == link) {
    set_first_link(place, after);
  } else {
    while (next_link(at_link, place) != link) {
      at_link = next_link(at_link, place);
    }
    Link& before = links_[at_link];
    (before.a == place ? before.next_a : before.next_b) = after;
  }
  Link& gone = links_[link];
  (gone.a == place ? gone.a : gone.b) = kEnd;
  if (gone.a == kEnd && gone.b == kEnd) {
    gone = Link{};
    decisions_.erase(link);
    free_links_.push_back(link);
  }
}

bool Identity::is_known(std::uint32_t place) const {
  if (is_named(place)) {
    return true;
  }
  for (std::uint32_t link = first_link(place); link != kEnd; link = next_link(link, place)) {
    if ((links_[link].times_and_flags & kPlain) != 0) {
      return true;
    }
  }
  return false;
}

// Whether the link says anything at all.
bool Identity::counts(const Link& link) const {
  const std::uint32_t flags = link.times_and_flags;
  if ((flags & kApart) != 0) {
    return false;
  }
  return (flags & (kPlain | kSame)) != 0 || (is_known(link.a) && is_known(link.b));
}

bool Identity::agreed(const Link& link) const {
  return (link.times_and_flags & kSame) != 0 ||
         ((link.times_and_flags & kAlias) != 0 && space_at(link.a) == IdNamespace::user &&
          space_at(link.b) == IdNamespace::user);
}

bool Identity::has_user(std::uint32_t person) const {
  return space_at(first_[person]) == IdNamespace::user;
}

// Whether the id is known to be no key. A device id that has become one since is not seen here.
bool Identity::is_settled_non_key(std::uint32_t place) const {
  if (!names_one_person(space_at(place)) || crowded_.count(place) != 0) {
    return true;
  }
  const auto decided = trust_.find(place);
  return decided != trust_.end() && decided->second == IdDecision::Kind::distrust;
}

bool Identity::is_distrusted(const ExternalId& id) const {
  const std::size_t slot = slot_of(id, hash_of(id));
  return slot < slots_.size() && is_settled_non_key(slots_[slot].place);
}

// Whether an id met for the first time is the person's, beyond doubt: nothing else is known of it,
// so only the rules about this one link can be in the way.
bool Identity::may_join(std::uint32_t known, std::uint32_t person, IdNamespace fresh,
                        bool alias) const {
  if (!names_one_person(fresh) || is_settled_non_key(known)) {
    return false;
  }
  if (fresh != IdNamespace::user) {
    return true;
  }
  return !contested_[person] &&
         (!has_user(person) || (alias && space_at(known) == IdNamespace::user));
}

std::uint32_t Identity::identify(const ExternalId& id, const ExternalId& also_known_as,
                                 const LinkEvidence& evidence) {
  const std::uint64_t hash = hash_of(id);
  const std::uint64_t other_hash = hash_of(also_known_as);
  std::size_t slot = slot_of(id, hash);
  std::size_t other = slot_of(also_known_as, other_hash);
  const bool fresh = slot >= slots_.size();
  bool joined = false;
  if (fresh && other < slots_.size() && slots_[other].person != kNobody &&
      may_join(slots_[other].place, slots_[other].person, id.name_space, evidence.alias)) {
    const std::uint32_t person = slots_[other].person;
    slot = insert(id, hash, person);
    prepend(person, slots_[slot].place);
    set_named(slots_[slot].place);
    joined = true;
  } else {
    (void)find_or_add(id);
  }
  slot = slot_of(id, hash);
  other = slot_of(also_known_as, other_hash);
  const Slot mine = slots_[slot];
  if (other >= slots_.size()) {
    joined = may_join(mine.place, mine.person, also_known_as.name_space, evidence.alias);
    other = insert(also_known_as, other_hash, joined ? mine.person : kNobody);
    if (joined) {
      prepend(mine.person, slots_[other].place);
    }
  }
  note_link(mine.place, slots_[other].place, evidence, true, joined);
  if (evidence.alias && id.name_space == IdNamespace::user &&
      also_known_as.name_space == IdNamespace::anonymous && also_known_as.value != id.value) {
    // The earlier id may have been a user's: an alias does not say.
    note_link(mine.place, place_or_add({IdNamespace::user, also_known_as.value}), evidence, false,
              false);
  }
  return mine.person;
}

void Identity::make_dirty(std::uint32_t link) {
  if ((links_[link].times_and_flags & kDirty) == 0) {
    links_[link].times_and_flags |= kDirty;
    dirty_links_.push_back(link);
  }
}

void Identity::note_link(std::uint32_t a, std::uint32_t b, const LinkEvidence& evidence, bool plain,
                         bool joined) {
  if (plain) {
    // What was a guess about an id that nothing had named says something from now on.
    for (const std::uint32_t end : {a, b}) {
      if (space_at(end) == IdNamespace::user && first_link(end) != kEnd && !is_known(end)) {
        dirty_ids_.push_back(end);
      }
    }
  }
  std::uint32_t link = find_link(a, b);
  if (link == kEnd) {
    link = add_link(a, b);
  }
  Link& it = links_[link];
  const std::uint32_t said = (plain ? kPlain : 0U) | (evidence.alias ? kAlias : 0U);
  const bool earlier =
      std::tie(evidence.occurred_s, evidence.event_id_hash) < std::tie(it.occurred_s, it.id_hash);
  const bool says_more = (it.times_and_flags & said) != said;
  if ((it.times_and_flags & kTimes) < kTimes) {
    ++it.times_and_flags;
  }
  if (!earlier && !says_more) {
    return;
  }
  if (earlier) {
    it.occurred_s = evidence.occurred_s;
    it.id_hash = evidence.event_id_hash;
  }
  it.times_and_flags |= said;
  const std::uint32_t one = person_at(a);
  const std::uint32_t other = person_at(b);
  if (joined || (one == other && (one == kNobody || !contested_[one]))) {
    return;
  }
  const bool settled_a = crowded_.count(a) != 0 && other != kNobody;
  const bool settled_b = crowded_.count(b) != 0 && one != kNobody;
  if (!agreed(it) && (settled_a || settled_b)) {
    // Refused before and after: seen with one more, a crowded id stays crowded.
    for (const std::uint32_t person : {one, other}) {
      if (person != kNobody) {
        contested_[person] = true;
      }
    }
    return;
  }
  make_dirty(link);
}

void Identity::decide(const IdDecision& decision) {
  using Kind = IdDecision::Kind;
  const std::uint32_t a = place_or_add(decision.a);
  dirty_ids_.push_back(a);
  if (decision.b.value.empty()) {
    trust_.erase(a);
    if (decision.kind == Kind::distrust || decision.kind == Kind::trust) {
      trust_[a] = decision.kind;
    }
    for (std::uint32_t link = first_link(a); link != kEnd; link = next_link(link, a)) {
      dirty_ids_.push_back(other_end(link, a));
    }
    return;
  }
  const std::uint32_t b = place_or_add(decision.b);
  if (a == b) {
    return;
  }
  dirty_ids_.push_back(b);
  std::uint32_t link = find_link(a, b);
  if (link == kEnd) {
    link = add_link(a, b);
  }
  Link& it = links_[link];
  it.times_and_flags &= ~(kSame | kApart);
  if (decision.kind == Kind::same || decision.kind == Kind::apart) {
    it.times_and_flags |= decision.kind == Kind::same ? kSame : kApart;
    decisions_[link] = decision.number;
    return;
  }
  decisions_.erase(link);
  if ((it.times_and_flags & (kTimes | kDirty)) == 0) {
    remove_link(link, b);
    remove_link(link, a);
  }
}

// What became of links.

LinkVerdict Identity::verdict_of(const Link& link) const {
  const std::uint32_t one = person_at(link.a);
  const std::uint32_t other = person_at(link.b);
  if (one == other && one != kNobody) {
    return LinkVerdict::accepted;
  }
  if ((link.times_and_flags & kApart) != 0) {
    return LinkVerdict::kept_apart;
  }
  if (!counts(link)) {
    return LinkVerdict::unknown_id;
  }
  if (!agreed(link)) {
    if (is_settled_non_key(link.a) || is_settled_non_key(link.b)) {
      return LinkVerdict::key_refused;
    }
    const auto of_user = [&](std::uint32_t place, std::uint32_t person) {
      return person == kNobody ? space_at(place) == IdNamespace::user : has_user(person);
    };
    if (of_user(link.a, one) && of_user(link.b, other)) {
      return LinkVerdict::two_users;
    }
  }
  return LinkVerdict::kept_apart;
}

KnownLink Identity::shown(std::uint32_t link) const {
  const Link& it = links_[link];
  const auto decided = decisions_.find(link);
  KnownLink known;
  known.a = id_at(it.a);
  known.b = id_at(it.b);
  known.evidence = LinkEvidence{it.id_hash, it.occurred_s, it.times_and_flags & kTimes,
                                (it.times_and_flags & kAlias) != 0};
  known.decision = decided == decisions_.end() ? 0 : decided->second;
  known.decided_same = (it.times_and_flags & kSame) != 0;
  known.decided_apart = (it.times_and_flags & kApart) != 0;
  known.verdict = verdict_of(it);
  return known;
}

void Identity::for_each_link(std::uint32_t person,
                             const std::function<void(const KnownLink&)>& visit) const {
  for (std::uint32_t place = first_[person]; place != kEnd; place = next_of(place)) {
    for (std::uint32_t link = first_link(place); link != kEnd; link = next_link(link, place)) {
      const std::uint32_t other = other_end(link, place);
      if (links_[link].a == place || person_at(other) != person) {
        visit(shown(link));
      }
    }
  }
}

// Settling.

bool Identity::joins_plainly(const Link& link, std::uint32_t a, std::uint32_t b) const {
  if (a == kNobody || b == kNobody || contested_[a] || contested_[b] ||
      (link.times_and_flags & (kSame | kApart)) != 0 || !names_one_person(space_at(link.a)) ||
      !names_one_person(space_at(link.b))) {
    return false;
  }
  return !(has_user(a) && has_user(b)) || agreed(link);
}

// Gives the smaller one's ids to the other.
void Identity::unite(std::uint32_t kept, std::uint32_t gone) {
  std::uint32_t place = first_[gone];
  while (place != kEnd) {
    const std::uint32_t next = next_of(place);
    set_person(place, kept);
    prepend(kept, place);
    place = next;
  }
  first_[gone] = kEnd;
}

// First what no rule can touch, in canonical order; the rest is left to be looked at with all that
// it touches.
void Identity::join_plain(std::vector<std::pair<std::uint32_t, std::uint32_t>>& joined,
                          Region& region) {
  std::sort(dirty_links_.begin(), dirty_links_.end(), [&](std::uint32_t x, std::uint32_t y) {
    return std::tie(links_[x].occurred_s, links_[x].id_hash, x) <
           std::tie(links_[y].occurred_s, links_[y].id_hash, y);
  });
  for (const std::uint32_t link : dirty_links_) {
    Link& it = links_[link];
    it.times_and_flags &= ~kDirty;
    std::uint32_t a = person_at(it.a);
    std::uint32_t b = person_at(it.b);
    if (a == b && a != kNobody && !contested_[a]) {
      continue;
    }
    if (!joins_plainly(it, a, b)) {
      region.add(it.a);
      region.add(it.b);
      continue;
    }
    std::uint32_t left = first_[a];
    std::uint32_t right = first_[b];
    while (left != kEnd && right != kEnd) {
      left = next_of(left);
      right = next_of(right);
    }
    if (left == kEnd && right != kEnd) {
      std::swap(a, b);
    }
    unite(a, b);
    joined.emplace_back(b, a);
  }
  dirty_links_.clear();
  for (const std::uint32_t place : dirty_ids_) {
    region.add(place);
  }
  dirty_ids_.clear();
}

// Labels the ids that agreed links join to the one at `place`; the label.
std::uint32_t Identity::agreed_group(Region& region, std::uint32_t place) const {
  const auto known = region.agreed.find(place);
  if (known != region.agreed.end()) {
    return known->second;
  }
  std::vector<std::uint32_t> waiting(1, place);
  region.agreed[place] = place;
  while (!waiting.empty()) {
    const std::uint32_t one = waiting.back();
    waiting.pop_back();
    for (std::uint32_t link = first_link(one); link != kEnd; link = next_link(link, one)) {
      const std::uint32_t other = other_end(link, one);
      if (agreed(links_[link]) && counts(links_[link]) &&
          region.agreed.try_emplace(other, place).second) {
        waiting.push_back(other);
      }
    }
  }
  return place;
}

// Whether the device id is seen with the user ids of a crowd, as far as can be told without
// weighing decisions to keep people apart.
bool Identity::looks_crowded(Region& region, std::uint32_t place) const {
  const auto decided = trust_.find(place);
  if (decided != trust_.end() && decided->second == IdDecision::Kind::trust) {
    return false;
  }
  std::array<std::uint32_t, kCrowd> groups{};
  std::size_t met = 0;
  for (std::uint32_t link = first_link(place); link != kEnd; link = next_link(link, place)) {
    const std::uint32_t user = other_end(link, place);
    if ((links_[link].times_and_flags & kTimes) == 0 || space_at(user) != IdNamespace::user ||
        !counts(links_[link])) {
      continue;
    }
    const std::uint32_t group = agreed_group(region, user);
    const auto end = groups.begin() + static_cast<std::ptrdiff_t>(met);
    if (std::find(groups.begin(), end, group) == end) {
      groups[met++] = group;
      if (met == kCrowd) {
        return true;
      }
    }
  }
  return false;
}

// Adds to the region what the id at `place` leads to.
void Identity::visit(Region& region, std::uint32_t place) const {
  const auto crowd = [&](std::uint32_t id) {
    const auto [at, fresh] = region.looks_crowded.try_emplace(id, false);
    if (fresh) {
      at->second = looks_crowded(region, id);
    }
    return at->second;
  };
  // A device id whose standing may change is looked at with all whom it is seen with.
  const auto no_key = [&](std::uint32_t id) {
    const auto decided = trust_.find(id);
    if (!names_one_person(space_at(id)) ||
        (decided != trust_.end() && decided->second == IdDecision::Kind::distrust)) {
      return true;
    }
    return names_a_device(space_at(id)) && crowd(id) && crowded_.count(id) != 0;
  };
  if (const std::uint32_t person = person_at(place); person != kNobody) {
    if (region.met.insert(person).second) {
      region.persons.push_back(person);
      for (std::uint32_t id = first_[person]; id != kEnd; id = next_of(id)) {
        region.add(id);
      }
    }
  }
  const bool closed = no_key(place);
  for (std::uint32_t link = first_link(place); link != kEnd; link = next_link(link, place)) {
    const std::uint32_t other = other_end(link, place);
    if (counts(links_[link]) && (agreed(links_[link]) || (!closed && !no_key(other)))) {
      region.add(other);
    }
  }
}

void Identity::explore(Region& region) const {
  for (std::size_t next = 0; next < region.places.size(); ++next) {
    visit(region, region.places[next]);
  }
}

PeopleOfLinks Identity::resolve(Region& region) const {
  std::vector<LinkedId> ids;
  std::vector<std::uint64_t> hashes;
  for (const std::uint32_t place : region.places) {
    const auto decided = trust_.find(place);
    const auto looks = region.looks_crowded.find(place);
    LinkedId id;
    id.name_space = space_at(place);
    id.known = is_known(place);
    id.distrusted = decided != trust_.end() && decided->second == IdDecision::Kind::distrust;
    id.trusted = decided != trust_.end() && decided->second == IdDecision::Kind::trust;
    id.crowded = looks != region.looks_crowded.end() && looks->second;
    ids.push_back(id);
    hashes.push_back(hash_of(id_at(place)));
  }
  for (std::uint32_t i = 0; i < region.places.size(); ++i) {
    const std::uint32_t place = region.places[i];
    for (std::uint32_t at_link = first_link(place); at_link != kEnd;
         at_link = next_link(at_link, place)) {
      const Link& it = links_[at_link];
      const auto other = region.index.find(it.b);
      if (it.a != place || other == region.index.end()) {
        continue;
      }
      const auto [low, high] = std::minmax(hashes[i], hashes[other->second]);
      const auto decided = decisions_.find(at_link);
      IdLink link;
      link.a = i;
      link.b = other->second;
      link.occurred_s = it.occurred_s;
      link.id_hash = it.id_hash;
      link.tie = mix64(low ^ mix64(high));
      link.decided_same = (it.times_and_flags & kSame) != 0 ? decided->second : 0;
      link.decided_apart = (it.times_and_flags & kApart) != 0;
      link.seen = (it.times_and_flags & kTimes) != 0;
      link.alias = (it.times_and_flags & kAlias) != 0;
      link.guess = link.seen && (it.times_and_flags & kPlain) == 0;
      region.links.push_back(link);
    }
  }
  return resolve_people(ids, region.links);
}

// Gives every group that an event names a number: that of the person whose shown id is in it, where
// there is one.
void Identity::regroup(Region& region, const PeopleOfLinks& people) {
  const std::size_t size = region.places.size();
  std::vector<std::uint32_t> number(size, kNobody);  // by group
  std::vector<bool> alive(size, false);
  for (std::size_t i = 0; i < size; ++i) {
    alive[people.group[i]] = alive[people.group[i]] || is_named(region.places[i]);
  }
  std::vector<std::uint32_t> gone;
  for (const std::uint32_t person : region.persons) {
    const std::uint32_t group = people.group[region.index.at(first_[person])];
    if (alive[group] && number[group] == kNobody) {
      number[group] = person;
    } else {
      gone.push_back(person);
    }
  }
  for (std::size_t group = 0; group < size; ++group) {
    if (alive[group] && number[group] == kNobody) {
      number[group] = static_cast<std::uint32_t>(first_.size());
      first_.push_back(kEnd);
      contested_.push_back(false);
    }
  }
  for (const std::uint32_t person : region.persons) {
    Regrouping::Move move{person, kNobody, false};
    std::vector<std::uint32_t> receivers;
    for (std::uint32_t place = first_[person]; place != kEnd; place = next_of(place)) {
      const std::uint32_t to = number[people.group[region.index.at(place)]];
      if (is_named(place)) {
        move.by_event = move.by_event || (move.to != kNobody && move.to != to);
        move.to = to;
        receivers.push_back(to);
      }
    }
    if (move.by_event) {
      region.receivers.insert(receivers.begin(), receivers.end());
    }
    region.moves.push_back(move);
  }
  for (const std::uint32_t person : region.persons) {
    first_[person] = kEnd;
  }
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint32_t person = number[people.group[i]];
    set_person(region.places[i], person);
    set_next(region.places[i], kEnd);
    if (person != kNobody) {
      prepend(person, region.places[i]);
    }
  }
  region.emptied = std::move(gone);
}

// Notes who is plain and which device ids are no keys.
void Identity::judge(const Region& region, const PeopleOfLinks& people) {
  for (std::size_t i = 0; i < region.places.size(); ++i) {
    if (people.crowded[i]) {
      crowded_.insert(region.places[i]);
    } else {
      crowded_.erase(region.places[i]);
    }
    if (const std::uint32_t person = person_at(region.places[i]); person != kNobody) {
      contested_[person] = false;
    }
  }
  for (const std::uint32_t place : region.places) {
    const std::uint32_t person = person_at(place);
    if (person == kNobody) {
      continue;
    }
    bool plain = trust_.count(place) == 0;
    for (std::uint32_t link = first_link(place); plain && link != kEnd;
         link = next_link(link, place)) {
      plain = (links_[link].times_and_flags & (kSame | kApart)) == 0 &&
              (!counts(links_[link]) || person_at(other_end(link, place)) == person);
    }
    contested_[person] = contested_[person] || !plain;
  }
}

Regrouping Identity::settle() {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> joined;
  Region region;
  join_plain(joined, region);
  explore(region);
  if (!region.places.empty()) {
    const PeopleOfLinks people = resolve(region);
    regroup(region, people);
    judge(region, people);
  }
  std::unordered_map<std::uint32_t, Regrouping::Move> then;
  for (const Regrouping::Move& move : region.moves) {
    then.emplace(move.from, move);
  }
  Regrouping regrouping;
  std::unordered_map<std::uint32_t, std::uint32_t> into(joined.begin(), joined.end());
  for (const auto& [gone, kept] : joined) {
    std::uint32_t last = kept;
    for (auto next = into.find(last); next != into.end(); next = into.find(last)) {
      last = next->second;
    }
    into[gone] = last;
    const auto further = then.find(last);
    regrouping.moves.push_back(further == then.end() ? Regrouping::Move{gone, last, false}
                                                     : Regrouping::Move{gone, further->second.to,
                                                                        further->second.by_event});
    regrouping.emptied.push_back(gone);
  }
  for (const Regrouping::Move& move : region.moves) {
    if (move.by_event || move.to != move.from || region.receivers.count(move.from) != 0) {
      regrouping.moves.push_back(move);
    }
  }
  regrouping.emptied.insert(regrouping.emptied.end(), region.emptied.begin(), region.emptied.end());
  std::sort(regrouping.emptied.begin(), regrouping.emptied.end());
  return regrouping;
}

}  // namespace guanxi
