#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "events/event.hpp"

namespace guanxi {

/// What became of the link between two ids.
enum class LinkVerdict : std::uint8_t {
  accepted,     ///< both ids are of one person
  unknown_id,   ///< an alias may mean a user id that nothing else has named
  kept_apart,   ///< somebody decided so, about these two or about two that they would join
  key_refused,  ///< one of the two names several people, or nobody in particular
  two_users     ///< it would join two different user ids, which only an alias or a person may
};
/// "two_users": the word in the API.
[[nodiscard]] std::string_view name_of(LinkVerdict verdict);

/// An id, as the rules see it.
struct LinkedId {
  IdNamespace name_space = IdNamespace::user;
  bool known = true;        ///< an event is of it, or a link other than a guess names it
  bool distrusted = false;  ///< decided: never a key
  bool trusted = false;     ///< decided: a key, however many people it is seen with
  bool crowded = false;     ///< already known to be seen with too many people
};

/// Everything that says that two ids are of one person, or are not.
struct IdLink {
  std::uint32_t a = 0;  ///< places of the two ids
  std::uint32_t b = 0;
  std::uint32_t occurred_s = 0;  ///< of the first event that says so; with id_hash: the order
  std::uint64_t id_hash = 0;
  std::uint64_t tie = 0;           ///< orders links of one event; depends on the ids alone
  std::uint64_t decided_same = 0;  ///< number of the decision that they are one; 0: none
  bool decided_apart = false;
  bool seen = true;    ///< an event says so, not a decision alone
  bool alias = false;  ///< said by an alias, in so many words
  bool guess = false;  ///< of an alias that does not say whether it names a user
};

/// What somebody decided about two ids, or about one. The latest about the same ids counts.
struct IdDecision {
  enum class Kind : std::uint8_t {
    same = 1,      ///< the two are one person
    apart = 2,     ///< they are not
    open = 3,      ///< what the links say: takes back any of the others
    distrust = 4,  ///< the id is no key: it joins nobody
    trust = 5      ///< the id is a key, however many people it is seen with
  };
  std::uint64_t number = 0;  ///< in the order of deciding
  Kind kind = Kind::open;
  ExternalId a;
  ExternalId b;  ///< empty for decisions about one id
};
[[nodiscard]] std::string_view name_of(IdDecision::Kind kind);

/// Who is one: by id the smallest place of an id of the same person, and by link what became of it.
struct PeopleOfLinks {
  std::vector<std::uint32_t> group;
  std::vector<LinkVerdict> verdicts;
  std::vector<bool> crowded;  ///< by id: refused as a key for the people it is seen with
};

inline constexpr std::uint32_t kCrowd = 3;  ///< user ids that make an anonymous id a shared device

/// Ids that never join people: they name several (a household), or no customer (staff).
[[nodiscard]] constexpr bool names_one_person(IdNamespace name_space) {
  return name_space != IdNamespace::household && name_space != IdNamespace::staff;
}
/// Ids of devices, which several people may use.
[[nodiscard]] constexpr bool names_a_device(IdNamespace name_space) {
  return name_space == IdNamespace::anonymous || name_space == IdNamespace::device;
}
/// Whether the link stands above all others: decided, or an alias that names two user ids.
[[nodiscard]] bool is_agreed(const IdLink& link, IdNamespace a, IdNamespace b);

/// Which ids are one person. A pure function of the set of links: their order changes nothing.
///
/// 1. Agreed links, decisions first by number, then aliases of two user ids by time.
/// 2. A device's id linked to kCrowd or more different people by then is no key.
/// 3. All other links by time (occurred_s, id_hash), each unless a rule refuses it.
/// No link joins two ids decided apart.
[[nodiscard]] PeopleOfLinks resolve_people(std::span<const LinkedId> ids,
                                           std::span<const IdLink> links);

}  // namespace guanxi
