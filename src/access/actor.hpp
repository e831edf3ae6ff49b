#pragma once

#include <string>

namespace guanxi::access {

/// Who changes something, as it will stand in the audit trail.
///
/// Place       Made by api/ from the Principal of a request, by app/ for its commands.
/// Invariants  The default is whoever has a shell on the machine.
/// Threads     A value.
struct Actor {
  std::string user = "console";
  std::string session{};  ///< id of the session or token, never its secret
  std::string peer{};     ///< address
};

}  // namespace guanxi::access
