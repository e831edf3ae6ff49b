#include "access/principal.hpp"

namespace guanxi::access {
namespace {

constexpr std::array<std::string_view, kRoles> kRoleNames{"viewer", "service", "operator",
                                                          "analyst", "admin"};
constexpr std::array<std::string_view, kPermissions> kPermissionNames{
    "open",   "session", "look",   "query", "export", "speak", "correct",
    "decide", "erase",   "manage", "audit", "ingest", "signed"};

constexpr std::uint32_t bit(Permission permission) {
  return 1U << static_cast<unsigned>(permission);
}

constexpr std::uint32_t kEveryone =
    bit(Permission::open) | bit(Permission::session) | bit(Permission::look);

// By Role.
constexpr std::array<std::uint32_t, kRoles> kGranted{
    kEveryone, kEveryone | bit(Permission::speak),
    kEveryone | bit(Permission::speak) | bit(Permission::correct),
    kEveryone | bit(Permission::query) | bit(Permission::export_) | bit(Permission::decide),
    kEveryone | bit(Permission::query) | bit(Permission::export_) | bit(Permission::speak) |
        bit(Permission::correct) | bit(Permission::decide) | bit(Permission::erase) |
        bit(Permission::manage) | bit(Permission::audit)};

}  // namespace

std::string_view name_of(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> role_named(std::string_view name) {
  for (std::size_t i = 0; i < kRoles; ++i) {
    if (kRoleNames[i] == name) {
      return static_cast<Role>(i);
    }
  }
  return std::nullopt;
}

std::string_view name_of(Permission permission) {
  return kPermissionNames[static_cast<std::size_t>(permission)];
}

std::optional<Permission> permission_named(std::string_view name) {
  for (std::size_t i = 0; i < kPermissions; ++i) {
    if (kPermissionNames[i] == name) {
      return static_cast<Permission>(i);
    }
  }
  return std::nullopt;
}

std::uint32_t granted_to(Role role) { return kGranted[static_cast<std::size_t>(role)]; }

bool allows(Role role, Permission permission) { return (granted_to(role) & bit(permission)) != 0; }

bool sees_personal_data(Role role) {
  return role == Role::service || role == Role::operator_ || role == Role::admin;
}

}  // namespace guanxi::access
