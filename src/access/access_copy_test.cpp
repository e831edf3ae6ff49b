#include "access/access_copy.hpp"

#include "access/access_testing.hpp"

namespace guanxi::access {
namespace {

class AccessCopyTest : public AccessTest {
 protected:
  [[nodiscard]] std::string copy() const { return (folder_ / "kept").string(); }
  Result<void> restore() {
    store_.reset();
    auto done = restore_access(copy(), folder_.string(), clock_);
    open();
    return done;
  }
};

TEST_F(AccessCopyTest, UsersKeysAndTrailComeBackAndLoginsDoNot) {
  add_user("ada", Role::admin);
  const NewSource shop = store_->add_source({.name = "shop", .kind = SourceKind::sdk}).value();
  const std::string session = log_in("ada");
  ASSERT_TRUE(backup_access(folder_.string(), copy()));
  EXPECT_EQ(backup_access(folder_.string(), copy()).error().code, ErrorCode::conflict);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(copy()).permissions(), perms::owner_read | perms::owner_write);
  add_user("eve", Role::viewer);
  ASSERT_TRUE(store_->set_disabled(shop.source.id, true));
  const auto before = store_->audit().verify().value();

  ASSERT_TRUE(restore());
  EXPECT_TRUE(store_->accounts().user("ada"));
  EXPECT_FALSE(store_->accounts().user("eve"));
  ASSERT_NE(store_->source_of_key(shop.write_key), nullptr);
  EXPECT_FALSE(store_->source_of_key(shop.write_key)->disabled) << "as it was then";
  EXPECT_TRUE(store_->accounts().sessions_of("ada").empty()) << "nobody is logged in";
  EXPECT_TRUE(store_->accounts().of_session(session).user.empty());
  EXPECT_FALSE(store_->audit().verify(before)) << "a head that was kept shows what is missing";
  const auto page = store_->audit().page({}).value();
  EXPECT_EQ(page.entries.front().action, "access.restored");
}

TEST_F(AccessCopyTest, WhatIsNoSoundCopyChangesNothing) {
  add_user("ada", Role::admin);
  EXPECT_EQ(restore().error().code, ErrorCode::not_found);
  std::ofstream(copy()) << std::string(9000, 'x');
  EXPECT_FALSE(restore());
  std::filesystem::remove(copy());
  ASSERT_TRUE(backup_access(folder_.string(), copy()));
  const auto size = std::filesystem::file_size(copy());
  std::filesystem::resize_file(copy(), size / 2);
  EXPECT_FALSE(restore());
  EXPECT_TRUE(store_->accounts().user("ada"));
  EXPECT_TRUE(store_->audit().verify());
}

}  // namespace
}  // namespace guanxi::access
