#include <gtest/gtest.h>

#include "access/access_testing.hpp"

namespace guanxi::access {
namespace {

using Kind = LoginDesk::Answer::Kind;

class LoginTest : public AccessTest {
 protected:
  LoginTest() {
    add_user("ada", Role::admin);
    add_user("ben", Role::viewer);
  }
  LoginDesk::Answer try_it(const std::string& name, const std::string& password,
                           const std::string& peer = "192.0.2.1", const std::string& device = "") {
    return store_->desk().login({name, password, device, peer}).value();
  }
  std::string address(int n) {
    return "10.0." + std::to_string(n / 256) + "." + std::to_string(n % 256);
  }
};

TEST_F(LoginTest, TheRightPasswordOpensASession) {
  const LoginDesk::Answer answer = try_it("ada", kPassword);
  ASSERT_EQ(answer.kind, Kind::welcome);
  EXPECT_EQ(store_->accounts().of_session(answer.session).user, "ada");
  EXPECT_TRUE(store_->accounts().knows_device("ada", answer.device));
  EXPECT_FALSE(store_->accounts().knows_device("ben", answer.device));
  EXPECT_EQ(try_it("ada", "wrong").kind, Kind::wrong);
  EXPECT_EQ(try_it("nobody", kPassword).kind, Kind::wrong);
  EXPECT_EQ(try_it("", "").kind, Kind::wrong);
}

TEST_F(LoginTest, TenThousandGuessesAtOneNameFromManyAddressesAreTenInFifteenMinutes) {
  int looked_at = 0;
  for (int i = 0; i < 10'000; ++i) {
    looked_at += try_it("ada", "guess", address(i)).kind == Kind::wrong ? 1 : 0;
  }
  EXPECT_EQ(looked_at, 10);
  EXPECT_EQ(try_it("ada", kPassword, "198.51.100.7").kind, Kind::too_often);
  clock_.advance(AttemptLimits::kWindowSeconds);
  EXPECT_EQ(try_it("ada", kPassword, "198.51.100.7").kind, Kind::welcome);
}

TEST_F(LoginTest, TenThousandGuessesSpreadOverNamesFromOneAddressAreTenInFifteenMinutes) {
  int looked_at = 0;
  for (int i = 0; i < 10'000; ++i) {
    looked_at += try_it("name" + std::to_string(i), "guess").kind == Kind::wrong ? 1 : 0;
  }
  EXPECT_EQ(looked_at, 10);
  EXPECT_EQ(try_it("ben", kPassword, "198.51.100.7").kind, Kind::welcome) << "others may come in";
}

TEST_F(LoginTest, TheOwnerIsNotLockedOutInABrowserThatIsKnown) {
  const std::string device = try_it("ada", kPassword).device;
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(try_it("ada", "guess", address(i)));
  }
  const LoginDesk::Answer answer = try_it("ada", kPassword, "192.0.2.1", device);
  EXPECT_EQ(answer.kind, Kind::welcome);
  EXPECT_TRUE(answer.device.empty()) << "it is known already";
  int looked_at = 0;
  for (int i = 0; i < 100; ++i) {
    looked_at += try_it("ada", "guess", "192.0.2.1", device).kind == Kind::wrong ? 1 : 0;
  }
  EXPECT_EQ(looked_at, 10) << "a browser that was stolen is limited too";
}

TEST_F(LoginTest, WaitingIsToldAndRefusalsDoNotProlongIt) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(try_it("ada", "guess").kind, Kind::wrong);
  }
  EXPECT_EQ(try_it("ada", kPassword).wait_seconds, AttemptLimits::kWindowSeconds);
  clock_.advance(AttemptLimits::kWindowSeconds - 5);
  EXPECT_EQ(try_it("ada", kPassword).wait_seconds, 5);
  clock_.advance(5);
  EXPECT_EQ(try_it("ada", kPassword).kind, Kind::welcome);
}

TEST_F(LoginTest, SuccessesAreNotCounted) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(try_it("ada", kPassword).kind, Kind::welcome) << i;
  }
}

TEST_F(LoginTest, ThousandsOfRefusalsAreTwoKindsOfLinesInTheTrail) {
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(try_it("ada", "guess"));
    static_cast<void>(try_it("my secret pass", "guess"));
  }
  const AuditTrail::Page page = store_->audit().page({.action = "login", .limit = 500}).value();
  EXPECT_LE(page.total, 13U);
  for (const AuditEntry& entry : page.entries) {
    EXPECT_TRUE(entry.subject == "ada" || entry.subject == "unknown") << entry.subject;
    EXPECT_EQ(entry.by.peer, "192.0.2.1");
  }
}

TEST_F(LoginTest, DisabledAndInvitedUsersAreAsUnknownOnes) {
  ASSERT_TRUE(store_->accounts().set_user_disabled("ben", true, {}));
  ASSERT_TRUE(store_->accounts().add("cleo", Role::viewer, {}));
  EXPECT_EQ(try_it("ben", kPassword).kind, Kind::wrong);
  EXPECT_EQ(try_it("cleo", "").kind, Kind::wrong);
}

TEST_F(LoginTest, AddressesOfOneHouseholdCountTogether) {
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), network_of("2001:db8:1:2::9"));
  EXPECT_NE(network_of("2001:db8:1:2::9"), network_of("2001:db8:1:3::9"));
  EXPECT_EQ(network_of("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
  EXPECT_EQ(network_of("::1"), "::");
}

TEST(AttemptLimits, HoldSoManyNamesAtMost) {
  AttemptLimits limits;
  for (std::size_t i = 0; i < AttemptLimits::kKeysMost + 100; ++i) {
    ASSERT_TRUE(limits.begin({std::to_string(i)}, static_cast<std::int64_t>(i)).allowed());
  }
  EXPECT_TRUE(limits.would_allow("1", 5));
}

}  // namespace
}  // namespace guanxi::access
