#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/event.hpp"

namespace guanxi {

/// What linking a second id to a person came to.
enum class Linked : std::uint8_t {
  same,    ///< it was theirs already
  linked,  ///< it was nobody's and is theirs now
  pending  ///< it belongs to someone else: kept as a pending link, nothing merged
};

/// Where a link between two ids was seen: the earliest event in canonical order, and how often.
struct LinkEvidence {
  std::uint64_t event_id_hash = 0;
  std::uint32_t occurred_s = 0;
  std::uint64_t times = 0;
};

/// Which person an external id names. Persons are numbered 0, 1, 2 ... without gaps.
///
/// Place       Inside Image, which turns numbers into PersonRefs; written by the one writer.
/// Invariants  An id names at most one person; a person has at least one id, of at most 255 bytes.
///             Two ids that came to name two persons and were then seen together are a pending
///             link, never a merge: merging and its undo need all of the evidence.
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
  /// The id's person, or a new one.
  std::uint32_t find_or_add(const ExternalId& id);
  /// Links `id` to the person whom `known` names. REQUIRES known is someone's.
  Linked link(const ExternalId& known, const ExternalId& id, const LinkEvidence& evidence);

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

  [[nodiscard]] std::uint32_t people() const { return static_cast<std::uint32_t>(first_.size()); }
  [[nodiscard]] std::size_t ids() const { return used_; }
  /// By the two ids' texts, the smaller first.
  [[nodiscard]] const std::map<std::pair<std::string, std::string>, LinkEvidence>& pending_links()
      const {
    return pending_;
  }

  /// Forgets a person: ids are wiped, and the person with the last number takes theirs over.
  /// REQUIRES person < people().
  void erase(std::uint32_t person);
  /// Makes room for so many ids at once.
  void reserve(std::size_t ids);
  /// Forgets everyone.
  void clear();
  /// Gives back what growth keeps in hand.
  void fit();
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t place = kEnd;  ///< kEnd: free
    std::uint32_t person = 0;
  };
  static_assert(sizeof(Slot) == 16);
  static constexpr std::uint32_t kEnd = UINT32_MAX;
  static constexpr std::size_t kBlockBytes = 1U << 20U;
  static constexpr std::size_t kUnit = 4;  ///< places count in fours of bytes

  [[nodiscard]] static std::uint64_t hash_of(const ExternalId& id);
  [[nodiscard]] std::size_t home_of(std::uint64_t hash) const;
  [[nodiscard]] std::size_t slot_of(const ExternalId& id, std::uint64_t hash) const;
  [[nodiscard]] const char* at(std::uint32_t place) const;
  [[nodiscard]] char* at(std::uint32_t place);
  [[nodiscard]] ExternalId id_at(std::uint32_t place) const;
  [[nodiscard]] std::uint32_t next_of(std::uint32_t place) const;
  [[nodiscard]] std::uint32_t keep(const ExternalId& id, std::uint32_t next);
  std::size_t insert(const ExternalId& id, std::uint64_t hash, std::uint32_t person);
  void prepend(std::uint32_t person, std::uint32_t place);
  void free_slot(std::size_t slot);
  void rehash(std::size_t slots);

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::vector<std::uint32_t> first_;  ///< by person: place of the primary id, then the others
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_used_ = kBlockBytes;
  std::map<std::pair<std::string, std::string>, LinkEvidence> pending_;
};

}  // namespace guanxi
