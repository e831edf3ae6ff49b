#include "access/principal.hpp"

#include <gtest/gtest.h>

namespace guanxi::access {
namespace {

TEST(Principal, NobodyMayOnlyCallWhatIsOpen) {
  const Principal nobody;
  for (std::size_t p = 0; p < kPermissions; ++p) {
    const auto permission = static_cast<Permission>(p);
    EXPECT_EQ(nobody.may(permission), permission == Permission::open) << name_of(permission);
  }
  EXPECT_FALSE(nobody.sees_personal());
}

TEST(Principal, NoRoleCanDoWhatIsForSources) {
  for (std::size_t r = 0; r < kRoles; ++r) {
    const auto role = static_cast<Role>(r);
    EXPECT_FALSE(allows(role, Permission::ingest)) << name_of(role);
    EXPECT_FALSE(allows(role, Permission::signed_)) << name_of(role);
    EXPECT_TRUE(allows(role, Permission::look)) << name_of(role);
  }
}

TEST(Principal, OnlyAnAdminManagesErasesAndReadsTheAuditTrail) {
  for (std::size_t r = 0; r < kRoles; ++r) {
    const auto role = static_cast<Role>(r);
    for (const Permission permission : {Permission::manage, Permission::erase, Permission::audit}) {
      EXPECT_EQ(allows(role, permission), role == Role::admin) << name_of(role);
    }
  }
}

TEST(Principal, NamesReadBackAsWhatTheyName) {
  for (std::size_t r = 0; r < kRoles; ++r) {
    EXPECT_EQ(role_named(name_of(static_cast<Role>(r))), static_cast<Role>(r));
  }
  for (std::size_t p = 0; p < kPermissions; ++p) {
    EXPECT_EQ(permission_named(name_of(static_cast<Permission>(p))), static_cast<Permission>(p));
  }
  EXPECT_FALSE(role_named("root"));
}

}  // namespace
}  // namespace guanxi::access
