#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "events/event.hpp"
#include "people/link_rules.hpp"

namespace guanxi {

class ImageParts;

/// Where a link between two ids was seen: the earliest event in canonical order, and how often.
struct LinkEvidence {
  std::uint64_t event_id_hash = 0;
  std::uint32_t occurred_s = 0;
  std::uint64_t times = 0;
  bool alias = false;  ///< the event is an alias: it says so in so many words
};

/// A link between two ids and what became of it. Views are valid until the next change.
struct KnownLink {
  ExternalId a;
  ExternalId b;
  LinkEvidence evidence;       ///< times 0: only decided
  std::uint64_t decision = 0;  ///< number of the decision about the two; 0: none
  bool decided_same = false;
  bool decided_apart = false;
  LinkVerdict verdict = LinkVerdict::accepted;
};

/// Who became whom when links were settled, by the numbers that people had before.
struct Regrouping {
  struct Move {
    std::uint32_t from = 0;
    std::uint32_t to = 0;   ///< all their events are this person's now
    bool by_event = false;  ///< or each event's, by the id that it names itself
  };
  std::vector<Move> moves;             ///< one for each person concerned
  std::vector<std::uint32_t> emptied;  ///< numbers that are nobody's now, sorted
  [[nodiscard]] bool empty() const { return moves.empty() && emptied.empty(); }
};

/// Which person an external id names. Persons are numbered 0, 1, 2 ... without gaps.
///
/// Place       Inside Image, which turns numbers into PersonRefs; written by the one writer.
/// Invariants  After settle() and close_gaps(), people are those of resolve_people() over all links
///             and decisions, whatever order they came in; before, some may still be apart that
///             are to be one, or the other way round. An id that no event is of, and that nothing
///             joins to one, names nobody. An id has at most 255 bytes.
///             A person is plain while every link at their ids is inside them and nothing was
///             decided about them; then a new link is judged without looking at the others.
///             Nothing that can be seen from outside depends on the order of the index.
/// Threads     Readers together, or one writer alone.
class Identity {
 public:
  static constexpr std::uint32_t kNobody = UINT32_MAX;

  Identity() = default;
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  /// kNobody when the id is unknown.
  [[nodiscard]] std::uint32_t find(const ExternalId& id) const;
  /// Finds many at once; memory is fetched ahead, so it is several times faster than one by one.
  void find(std::span<const ExternalId> ids, std::span<std::uint32_t> persons) const;
  /// The same, for ids that events are of.
  void find_named(std::span<const ExternalId> ids, std::span<std::uint32_t> persons);
  /// The person of an id that an event is of, or a new one.
  std::uint32_t find_or_add(const ExternalId& id);
  /// The person of `id`, of which an event is that also names `also_known_as`. Joins an id met for
  /// the first time at once; what else the link means is seen by settle().
  std::uint32_t identify(const ExternalId& id, const ExternalId& also_known_as,
                         const LinkEvidence& evidence);
  /// Takes a decision in; settle() carries it out.
  void decide(const IdDecision& decision);
  [[nodiscard]] bool unsettled() const { return !dirty_links_.empty() || !dirty_ids_.empty(); }
  /// Makes people what links and decisions say. Numbers in `emptied` name nobody until
  /// close_gaps(); new people get numbers above all others.
  [[nodiscard]] Regrouping settle();
  /// Moves the last people into numbers that are nobody's; from where to where. `emptied` sorted.
  [[nodiscard]] std::vector<std::pair<std::uint32_t, std::uint32_t>> close_gaps(
      const std::vector<std::uint32_t>& emptied);

  /// The id shown: of the smallest namespace, then the first in byte order.
  /// Valid until the next change.
  [[nodiscard]] ExternalId primary(std::uint32_t person) const;
  /// Calls visit(ExternalId) for each id of the person, in no stated order.
  template <typename Visit>
  void for_each_id(std::uint32_t person, Visit&& visit) const {
    for (std::uint32_t place = first_[person]; place != kEnd; place = next_of(place)) {
      visit(id_at(place));
    }
  }
  /// The ids as text, sorted.
  [[nodiscard]] std::vector<std::string> ids(std::uint32_t person) const;
  [[nodiscard]] bool has_several_ids(std::uint32_t person) const {
    return next_of(first_[person]) != kEnd;
  }
  /// Every link at the person's ids, in no stated order. REQUIRES settled.
  void for_each_link(std::uint32_t person,
                     const std::function<void(const KnownLink&)>& visit) const;
  /// Whether some link at the person's ids is refused, or something was decided about them.
  [[nodiscard]] bool is_contested(std::uint32_t person) const { return contested_[person]; }
  /// Whether the id is no key, because of the people it is seen with or by decision.
  [[nodiscard]] bool is_distrusted(const ExternalId& id) const;

  [[nodiscard]] std::uint32_t people() const { return static_cast<std::uint32_t>(first_.size()); }
  /// Ids met, those of nobody included.
  [[nodiscard]] std::size_t ids() const { return used_; }
  [[nodiscard]] std::size_t links() const { return links_.size() - free_links_.size(); }

  /// Forgets a person: ids are wiped with their links, and the person with the last number takes
  /// theirs over. REQUIRES person < people(), settled. What the links meant to others is seen by
  /// settle().
  void erase(std::uint32_t person);
  /// Makes room for so many ids at once.
  void reserve(std::size_t ids);
  /// Forgets everyone.
  void clear();
  /// Gives back what growth keeps in hand.
  void fit();
  [[nodiscard]] std::size_t bytes() const;

 private:
  friend class ImageParts;  // lists every member: a new one stands in image_parts.cpp too
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t place = kEnd;  ///< kEnd: free
    std::uint32_t person = 0;
  };
  static_assert(sizeof(Slot) == 16);
  /// A link between the ids at two places, in the lists of both.
  struct Link {
    std::uint32_t a = kEnd;  ///< kEnd: free
    std::uint32_t b = kEnd;
    std::uint32_t next_a = kEnd;
    std::uint32_t next_b = kEnd;
    std::uint32_t occurred_s = UINT32_MAX;
    std::uint32_t times_and_flags = 0;
    std::uint64_t id_hash = UINT64_MAX;
  };
  static_assert(sizeof(Link) == 32);
  struct Region;
  static constexpr std::uint32_t kEnd = UINT32_MAX;
  static constexpr std::size_t kBlockBytes = 1U << 20U;
  static constexpr std::size_t kUnit = 4;  ///< places count in fours of bytes

  [[nodiscard]] static std::uint64_t hash_of(const ExternalId& id);
  [[nodiscard]] std::size_t home_of(std::uint64_t hash) const;
  [[nodiscard]] std::size_t slot_of(const ExternalId& id, std::uint64_t hash) const;
  [[nodiscard]] const char* at(std::uint32_t place) const;
  [[nodiscard]] char* at(std::uint32_t place);
  [[nodiscard]] ExternalId id_at(std::uint32_t place) const;
  [[nodiscard]] IdNamespace space_at(std::uint32_t place) const;
  [[nodiscard]] std::uint32_t next_of(std::uint32_t place) const;
  void set_next(std::uint32_t place, std::uint32_t next);
  [[nodiscard]] bool is_named(std::uint32_t place) const;
  void set_named(std::uint32_t place);
  void note_named(std::uint32_t place, std::uint32_t person);
  [[nodiscard]] std::uint32_t keep(const ExternalId& id);
  std::size_t insert(const ExternalId& id, std::uint64_t hash, std::uint32_t person);
  void prepend(std::uint32_t person, std::uint32_t place);
  void free_slot(std::size_t slot);
  void rehash(std::size_t slots);
  void look_up(std::span<const ExternalId> ids, std::span<std::size_t> slots) const;
  [[nodiscard]] std::uint32_t person_at(std::uint32_t place) const;
  void set_person(std::uint32_t place, std::uint32_t person);
  [[nodiscard]] std::uint32_t add_person(std::uint32_t place);
  [[nodiscard]] std::uint32_t place_or_add(const ExternalId& id);

  // Links.
  [[nodiscard]] std::uint32_t first_link(std::uint32_t place) const;
  void set_first_link(std::uint32_t place, std::uint32_t link);
  [[nodiscard]] std::uint32_t next_link(std::uint32_t link, std::uint32_t place) const;
  [[nodiscard]] std::uint32_t other_end(std::uint32_t link, std::uint32_t place) const;
  [[nodiscard]] std::uint32_t find_link(std::uint32_t a, std::uint32_t b) const;
  std::uint32_t add_link(std::uint32_t a, std::uint32_t b);
  void remove_link(std::uint32_t link, std::uint32_t place);
  void note_link(std::uint32_t a, std::uint32_t b, const LinkEvidence& evidence, bool plain,
                 bool joined);
  void make_dirty(std::uint32_t link);
  [[nodiscard]] bool is_known(std::uint32_t place) const;
  [[nodiscard]] bool counts(const Link& link) const;
  [[nodiscard]] bool agreed(const Link& link) const;
  [[nodiscard]] bool may_join(std::uint32_t known, std::uint32_t person, IdNamespace fresh,
                              bool alias) const;
  [[nodiscard]] bool has_user(std::uint32_t person) const;
  [[nodiscard]] bool joins_plainly(const Link& link, std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] bool is_settled_non_key(std::uint32_t place) const;
  [[nodiscard]] LinkVerdict verdict_of(const Link& link) const;
  [[nodiscard]] KnownLink shown(std::uint32_t link) const;

  // Settling.
  void join_plain(std::vector<std::pair<std::uint32_t, std::uint32_t>>& joined, Region& region);
  void unite(std::uint32_t kept, std::uint32_t gone);
  [[nodiscard]] std::uint32_t agreed_group(Region& region, std::uint32_t place) const;
  [[nodiscard]] bool looks_crowded(Region& region, std::uint32_t place) const;
  void explore(Region& region) const;
  void visit(Region& region, std::uint32_t place) const;
  [[nodiscard]] PeopleOfLinks resolve(Region& region) const;
  void regroup(Region& region, const PeopleOfLinks& people);
  void judge(const Region& region, const PeopleOfLinks& people);

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::vector<std::uint32_t> first_;  ///< by person: place of the primary id, then the others
  std::vector<bool> contested_;       ///< by person: not plain
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_used_ = kBlockBytes;
  std::vector<Link> links_;
  std::vector<std::uint32_t> free_links_;
  std::vector<std::uint32_t> dirty_links_;
  std::vector<std::uint32_t> dirty_ids_;
  std::unordered_set<std::uint32_t> crowded_;  ///< places of device ids refused as keys
  std::unordered_map<std::uint32_t, IdDecision::Kind> trust_;   ///< by place: decided about it
  std::unordered_map<std::uint32_t, std::uint64_t> decisions_;  ///< by link: number
};

}  // namespace guanxi
