#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "events/event.hpp"
#include "platform/disk.hpp"

namespace guanxi {

/// Who has been erased and must not come back by a later import or an older backup: salted hashes
/// of their ids, in a file of its own beside the log, so that restoring a backup does not bring an
/// older list.
///
/// Place       Owned by the engine; asked for every event on its way in.
/// Invariants  Holds no id in the clear. Written before the log is.
/// Threads     One writer; readers when nobody writes.
class ErasedIds {
 public:
  /// Reads the folder's list; a missing file is an empty list.
  [[nodiscard]] static Result<ErasedIds> load(Disk& disk, const std::string& folder);
  [[nodiscard]] bool empty() const { return hashes_.empty(); }
  [[nodiscard]] std::size_t size() const { return hashes_.size(); }
  /// Also by the same name in another namespace: an alias does not say of which a name is. Names
  /// too short to be told from chance are taken in their own namespace alone.
  [[nodiscard]] bool contains(const ExternalId& id) const;
  /// Whether the event is of someone erased: it names them as its person, or is an alias, which
  /// says of somebody that they are the one erased. One that names them beside its own person stays
  /// that person's: blank() takes the second name out.
  [[nodiscard]] bool concerns(const Event& event) const;
  /// Whether a text names someone erased, in any namespace. A name too short to be told from
  /// chance (name_tokens.hpp) is not found.
  [[nodiscard]] bool named_in(std::string_view text) const;
  /// Whether a value is the id of someone erased, in any namespace.
  [[nodiscard]] bool has_value(std::string_view value) const;
  /// Empties what names someone erased in an event of somebody else; how many fields that were.
  std::uint64_t blank(Event& event) const;
  /// Differs for every other list; empty for none.
  [[nodiscard]] std::string mark() const;
  /// Adds and makes durable.
  [[nodiscard]] Result<void> add(Disk& disk, const std::vector<std::string>& ids);

 private:
  using Hash = std::pair<std::uint64_t, std::uint64_t>;
  [[nodiscard]] Hash hash_of(std::string_view name_space, std::string_view value) const;
  [[nodiscard]] bool holds(const Hash& hash) const;
  void insert(const Hash& hash);

  std::string path_;
  std::string salt_;
  std::set<Hash> hashes_;
  std::vector<std::uint64_t> filter_;  ///< bits of hashes that are there: most names are nobody's
};

}  // namespace guanxi
