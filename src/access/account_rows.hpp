#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "eventlog/sqlite.hpp"

namespace guanxi::access {

/// Runs one statement with texts bound to its places in order.
[[nodiscard]] Result<void> run_with(LogConnection& connection, std::string_view sql,
                                    std::initializer_list<std::string_view> texts);
/// The integer that a statement gives, with texts bound to its places; 0 without a row.
[[nodiscard]] Result<std::int64_t> ask_with(LogConnection& connection, std::string_view sql,
                                            std::initializer_list<std::string_view> texts);

/// Ends the sessions, devices, invitations and tokens of a user.
[[nodiscard]] Result<void> shut_out(LogConnection& connection, std::string_view user);
/// Errors: conflict when no enabled admin with a password is left.
[[nodiscard]] Result<void> need_an_admin(LogConnection& connection);

}  // namespace guanxi::access
