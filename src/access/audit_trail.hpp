#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access/access_file.hpp"
#include "access/actor.hpp"

namespace guanxi::access {

/// One thing that somebody did, or was refused.
///
/// Invariants  No personal data of customers, no secret: a customer stands in it as the code of
///             AuditTrail::code_of().
struct AuditEntry {
  std::int64_t seq = 0;
  Instant at;
  Actor by;
  std::string action;   ///< "source.add", "login", "people.look" ...
  std::string subject;  ///< what it was done to
  std::string outcome = "done";
  std::string chain{};  ///< 32 bytes over this entry and the chain before it
};

/// Writes `entry` as the next one of the trail, in the transaction that `connection` is in.
[[nodiscard]] Result<void> append_audit(LogConnection& connection, const AccessFile& file,
                                        const Actor& by, std::string_view action,
                                        std::string_view subject,
                                        std::string_view outcome = "done");

}  // namespace guanxi::access
