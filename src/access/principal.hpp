#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace guanxi::access {

/// What a person who works with Guanxi may be. Each can do what the table in principal.cpp says,
/// and nothing follows from the order.
enum class Role : std::uint8_t {
  viewer,     ///< sees figures and people, their personal data masked
  service,    ///< talks with customers: sees who they are, states what they said
  operator_,  ///< runs sources, identities, dead letters
  analyst,    ///< asks SQL, exports, tries and activates models; personal data masked
  admin       ///< everything, users and keys included
};
inline constexpr std::size_t kRoles = 5;

/// What a route asks of whoever calls it. Every route has exactly one.
enum class Permission : std::uint8_t {
  open,     ///< anyone: health, the login, the page's own files
  session,  ///< anyone who is logged in: their own account
  look,     ///< figures and people; personal data as the role may see them
  query,    ///< read-only SQL
  export_,  ///< takes data out: lists, files, a person's own data
  speak,    ///< states what a customer said: consent, preference
  correct,  ///< links and unlinks identities, sends dead letters again, watches the doors
  decide,   ///< tries and activates models
  erase,    ///< restricts and erases people
  manage,   ///< users, tokens of others, sources, keys, settings
  audit,    ///< reads the audit trail
  ingest,   ///< a source, by its write key; never by cookie
  signed_   ///< a source, by a signature that its door checks itself
};
inline constexpr std::size_t kPermissions = 13;

[[nodiscard]] std::string_view name_of(Role role);
[[nodiscard]] std::optional<Role> role_named(std::string_view name);
[[nodiscard]] std::string_view name_of(Permission permission);
[[nodiscard]] std::optional<Permission> permission_named(std::string_view name);

/// Whether a role may do what `permission` stands for. `open` and `session` are for every role;
/// `ingest` and `signed_` for none.
[[nodiscard]] bool allows(Role role, Permission permission);
/// Whether a role sees names, addresses and numbers of people in full.
[[nodiscard]] bool sees_personal_data(Role role);

/// Who is calling, as the server found out.
///
/// Place       Set by the server before a handler runs; handlers and the audit trail read it.
/// Invariants  Nobody (the default) has no role and may call what is open.
/// Threads     A value.
struct Principal {
  enum class By : std::uint8_t { nobody, session, token, local };
  By by = By::nobody;
  std::string user;     ///< name of the user; empty for nobody
  std::string session;  ///< id of the session or token, never its secret
  Role role = Role::viewer;
  /// Bit p: permission p is granted. A token may have fewer than its user's role.
  std::uint32_t granted = 0;
  [[nodiscard]] bool may(Permission permission) const {
    return permission == Permission::open ||
           (granted >> static_cast<unsigned>(permission) & 1U) != 0;
  }
  [[nodiscard]] bool sees_personal() const { return by != By::nobody && sees_personal_data(role); }
};

/// Everything that a role grants, as bits of Principal::granted.
[[nodiscard]] std::uint32_t granted_to(Role role);

}  // namespace guanxi::access
