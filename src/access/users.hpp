#pragma once

#include <cstdint>
#include <string>

#include "access/principal.hpp"
#include "base/instant.hpp"

namespace guanxi::access {

/// Someone who works with Guanxi.
struct User {
  std::string name;
  Role role = Role::viewer;
  bool disabled = false;
  bool has_password = false;  ///< false: has not used the invitation yet
  Instant created_at;
  Instant last_login_at;  ///< 0: never
};

/// A place where a user is logged in.
struct SessionInfo {
  std::string id;
  std::string user;
  Instant created_at;
  Instant last_used_at;
};

/// A key of a user's own for programs, as it can be shown: never the token itself.
struct TokenInfo {
  std::string id;
  std::string user;
  std::string name;
  std::uint32_t granted = 0;  ///< bit p: permission p, as far as the user's role has it
  Instant created_at;
  Instant valid_until;
  Instant last_used_at;  ///< 0: never
};

/// How long things are valid, and what a password costs.
struct AccessLimits {
  std::int64_t session_idle_seconds = 2 * 3600;
  std::int64_t session_seconds = 12 * 3600;
  std::size_t sessions_most = 20;  ///< of one user; beyond, the one unused longest ends
  std::int64_t invitation_seconds = 24 * 3600;
  std::size_t login_tries_most = 10;  ///< of one name or address, in a window
  std::int64_t login_window_seconds = 15 * 60;
  std::int64_t token_seconds_most = 366 * 86400;
  std::size_t tokens_most = 50;  ///< of one user
  std::int64_t device_seconds = 180 * 86400;
  std::size_t devices_most = 10;  ///< of one user
  std::uint64_t password_passes = 2;
  std::size_t password_memory_bytes = std::size_t{64} << 20U;
};

}  // namespace guanxi::access
