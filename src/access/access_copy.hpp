#pragma once

#include <string>

#include "base/result.hpp"
#include "platform/clock.hpp"

namespace guanxi::access {

/// Copies a folder's users, tokens, sources and audit trail, as they are at one moment, into one
/// file that only its owner may read. A server may run meanwhile.
///
/// Place       `guanxi backup --access`.
/// Errors      not_found without an access file; conflict when `target` exists.
[[nodiscard]] Result<void> backup_access(const std::string& folder, const std::string& target);

/// Puts such a copy in the place of what the folder has. Users, passwords, tokens and keys are then
/// those of the copy, also where they were ended since; sessions, links and known browsers of the
/// copy are not taken. The trail is that of the copy, with an entry that says so.
///
/// Place       `guanxi restore --access`; never part of restoring a log.
/// Errors      not_found; corrupted when the copy or its trail is damaged, and invalid when it is
///             something else: then nothing is changed; conflict while a server runs.
[[nodiscard]] Result<void> restore_access(const std::string& backup, const std::string& folder,
                                          Clock& clock);

}  // namespace guanxi::access
