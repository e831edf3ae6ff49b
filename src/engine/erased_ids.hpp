#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

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
  [[nodiscard]] bool contains(const ExternalId& id) const;
  /// Whether the event is of someone erased.
  [[nodiscard]] bool concerns(const Event& event) const;
  /// Adds and makes durable.
  [[nodiscard]] Result<void> add(Disk& disk, const std::vector<std::string>& ids);

 private:
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> hash_of(std::string_view id_text) const;

  std::string path_;
  std::string salt_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> hashes_;
};

}  // namespace guanxi
