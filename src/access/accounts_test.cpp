#include <gtest/gtest.h>

#include "access/access_testing.hpp"
#include "access/password_rules.hpp"

namespace guanxi::access {
namespace {

constexpr std::uint32_t kLook = 1U << static_cast<unsigned>(Permission::look);
constexpr std::uint32_t kManage = 1U << static_cast<unsigned>(Permission::manage);

class AccountsTest : public AccessTest {
 protected:
  AccountBook& accounts() { return store_->accounts(); }
};

TEST_F(AccountsTest, TheFirstAdminComesInOnceByTheLinkOfTheConsole) {
  EXPECT_TRUE(accounts().nobody_yet());
  const std::string old = accounts().invite_first().value();
  const std::string link = accounts().invite_first().value();
  EXPECT_GE(link.size() * 4, 128U);
  EXPECT_FALSE(accounts().accept(old, "eve", kPassword, {})) << "a newer link ends the older one";
  EXPECT_FALSE(accounts().accept(link, "Ada!", kPassword, {}));
  EXPECT_FALSE(accounts().accept(link, "ada", "short", {}));
  ASSERT_TRUE(accounts().accept(link, "ada", kPassword, {}));
  EXPECT_EQ(accounts().user("ada")->role, Role::admin);
  EXPECT_FALSE(accounts().accept(link, "eve", kPassword, {}));
  EXPECT_EQ(accounts().invite_first().error().code, ErrorCode::conflict);
  EXPECT_EQ(accounts().users().size(), 1U);
}

TEST_F(AccountsTest, TheFirstLinkIsWorthlessOnceThereIsAUserOrTooLate) {
  const std::string link = accounts().invite_first().value();
  clock_.advance(accounts().limits().invitation_seconds);
  EXPECT_FALSE(accounts().accept(link, "ada", kPassword, {}));
  const std::string next = accounts().invite_first().value();
  add_user("ada", Role::admin);
  EXPECT_FALSE(accounts().accept(next, "eve", kPassword, {}));
  EXPECT_EQ(accounts().users().size(), 1U);
}

TEST_F(AccountsTest, AnInvitedUserSetsTheirOwnPassword) {
  add_user("ada", Role::admin);
  const std::string link = accounts().add("ben", Role::analyst, {"ada", "", ""}).value();
  EXPECT_TRUE(accounts().password_of("ben").empty());
  EXPECT_FALSE(accounts().accept(link, "ada", kPassword, {})) << "the link is ben's";
  EXPECT_EQ(accounts().accept(link, "", kPassword, {}).value(), "ben");
  EXPECT_TRUE(password_matches(accounts().password_of("ben"), kPassword));
  EXPECT_FALSE(password_matches(accounts().password_of("ben"), "another password"));
  open();
  EXPECT_TRUE(password_matches(accounts().password_of("ben"), kPassword));
}

TEST_F(AccountsTest, SecretsAreInNoByteOfTheFolder) {
  const std::string link = accounts().invite_first().value();
  ASSERT_TRUE(accounts().accept(link, "ada", kPassword, {}));
  const std::string session = log_in("ada");
  const std::string device = accounts().remember_device("ada").value();
  const auto token = accounts().add_token("ada", {"script", kLook, 60}, {}).value();
  const std::string bytes = every_byte();
  for (const std::string& secret : {link, session, device, token.secret, std::string(kPassword)}) {
    EXPECT_EQ(bytes.find(secret), std::string::npos);
  }
}

TEST_F(AccountsTest, EachLoginIsANewSessionOf256Bits) {
  add_user("ada", Role::admin);
  const std::string first = log_in("ada");
  const std::string second = log_in("ada");
  EXPECT_EQ(first.size(), 64U);
  EXPECT_NE(first, second);
  EXPECT_EQ(accounts().of_session(first).user, "ada");
  EXPECT_EQ(accounts().of_session(second).role, Role::admin);
  EXPECT_NE(accounts().of_session(first).session, accounts().of_session(second).session);
  EXPECT_EQ(accounts().of_session("guessed").by, Principal::By::nobody);
  EXPECT_EQ(accounts().of_session("").by, Principal::By::nobody);
}

TEST_F(AccountsTest, ASessionEndsAtLogout) {
  add_user("ada", Role::admin);
  const std::string session = log_in("ada");
  ASSERT_TRUE(accounts().end_session(accounts().of_session(session).session, {"ada", "", ""}));
  EXPECT_EQ(accounts().of_session(session).by, Principal::By::nobody);
  open();
  EXPECT_EQ(accounts().of_session(session).by, Principal::By::nobody);
}

TEST_F(AccountsTest, ASessionEndsWhenIdleAndWhenOldAlsoAcrossRestarts) {
  add_user("ada", Role::admin);
  const AccessLimits limits = accounts().limits();
  const std::string idle = log_in("ada");
  clock_.advance(limits.session_idle_seconds - 1);
  EXPECT_EQ(accounts().of_session(idle).user, "ada");
  clock_.advance(limits.session_idle_seconds);
  EXPECT_EQ(accounts().of_session(idle).by, Principal::By::nobody);

  const std::string busy = log_in("ada");
  const std::int64_t step = limits.session_idle_seconds / 2;
  for (std::int64_t used = step; used < limits.session_seconds; used += step) {
    clock_.advance(step);
    EXPECT_EQ(accounts().of_session(busy).user, "ada") << used;
    ASSERT_TRUE(store_->tick());
    open();
  }
  clock_.advance(step);
  EXPECT_EQ(accounts().of_session(busy).by, Principal::By::nobody);
  ASSERT_TRUE(store_->tick());
  EXPECT_TRUE(accounts().sessions_of("ada").empty());
}

TEST_F(AccountsTest, ChangingThePasswordEndsTheOtherSessions) {
  add_user("ada", Role::admin);
  add_user("ben", Role::viewer);
  const std::string here = log_in("ada");
  const std::string elsewhere = log_in("ada");
  const std::string bens = log_in("ben");
  const std::string device = accounts().remember_device("ada").value();
  ASSERT_TRUE(accounts().set_password("ada", "wholly different words",
                                      accounts().of_session(here).session, {}));
  EXPECT_EQ(accounts().of_session(here).user, "ada");
  EXPECT_EQ(accounts().of_session(elsewhere).by, Principal::By::nobody);
  EXPECT_EQ(accounts().of_session(bens).user, "ben");
  EXPECT_FALSE(accounts().knows_device("ada", device));
  EXPECT_TRUE(password_matches(accounts().password_of("ada"), "wholly different words"));
}

TEST_F(AccountsTest, ARightThatIsTakenAwayIsGoneAtOnce) {
  add_user("ada", Role::admin);
  add_user("ben", Role::admin);
  const std::string session = log_in("ben");
  const auto token = accounts().add_token("ben", {"script", kLook | kManage, 600}, {}).value();
  EXPECT_TRUE(accounts().of_session(session).may(Permission::manage));
  ASSERT_TRUE(accounts().set_role("ben", Role::viewer, {}));
  EXPECT_FALSE(accounts().of_session(session).may(Permission::manage));
  EXPECT_FALSE(accounts().of_token(token.secret).may(Permission::manage));
  EXPECT_TRUE(accounts().of_token(token.secret).may(Permission::look));
  ASSERT_TRUE(accounts().set_user_disabled("ben", true, {}));
  EXPECT_EQ(accounts().of_session(session).by, Principal::By::nobody);
  EXPECT_EQ(accounts().of_token(token.secret).by, Principal::By::nobody);
  ASSERT_TRUE(accounts().set_user_disabled("ben", false, {}));
  EXPECT_EQ(accounts().of_session(session).by, Principal::By::nobody)
      << "sessions do not come back";
  EXPECT_EQ(accounts().of_token(token.secret).by, Principal::By::nobody);
}

TEST_F(AccountsTest, BeingInvitedAgainEndsEverythingThatWas) {
  add_user("ada", Role::admin);
  const std::string session = log_in("ada");
  const auto token = accounts().add_token("ada", {"script", kLook, 600}, {}).value();
  const std::string link = accounts().invite_again("ada", {}).value();
  EXPECT_TRUE(accounts().password_of("ada").empty());
  EXPECT_EQ(accounts().of_session(session).by, Principal::By::nobody);
  EXPECT_EQ(accounts().of_token(token.secret).by, Principal::By::nobody);
  EXPECT_TRUE(accounts().accept(link, "", kPassword, {}));
}

TEST_F(AccountsTest, OneAdminStays) {
  add_user("ada", Role::admin);
  EXPECT_EQ(accounts().set_role("ada", Role::viewer, {}).error().code, ErrorCode::conflict);
  EXPECT_EQ(accounts().set_user_disabled("ada", true, {}).error().code, ErrorCode::conflict);
  EXPECT_EQ(accounts().user("ada")->role, Role::admin);
  ASSERT_TRUE(accounts().add("ben", Role::admin, {}));
  EXPECT_FALSE(accounts().set_role("ada", Role::viewer, {})) << "ben has no password yet";
  add_user("cleo", Role::admin);
  EXPECT_TRUE(accounts().set_role("ada", Role::viewer, {}));
}

TEST_F(AccountsTest, ATokenHasAPartOfItsUsersRights) {
  add_user("ada", Role::admin);
  add_user("ben", Role::viewer);
  const auto made = accounts().add_token("ada", {"nightly export", kLook, 3600}, {}).value();
  EXPECT_EQ(made.secret.rfind("gxp_", 0), 0U);
  const Principal principal = accounts().of_token(made.secret);
  EXPECT_EQ(principal.by, Principal::By::token);
  EXPECT_TRUE(principal.may(Permission::look));
  EXPECT_FALSE(principal.may(Permission::manage));
  EXPECT_FALSE(principal.may(Permission::session)) << "a token makes no other tokens";
  EXPECT_FALSE(accounts().add_token("ben", {"more", kLook | kManage, 60}, {}));
  EXPECT_FALSE(accounts().add_token("ben", {"none", 0, 60}, {}));
  EXPECT_FALSE(accounts().add_token("ben", {"for ever", kLook, INT64_MAX}, {}));
  EXPECT_FALSE(accounts().add_token("ben", {"a\nb", kLook, 60}, {}));
  EXPECT_FALSE(accounts().add_token("nobody", {"x", kLook, 60}, {}));
  clock_.advance(3600);
  EXPECT_EQ(accounts().of_token(made.secret).by, Principal::By::nobody);
}

TEST_F(AccountsTest, ARevokedTokenIsNobody) {
  add_user("ada", Role::admin);
  const auto made = accounts().add_token("ada", {"script", kLook, 3600}, {}).value();
  ASSERT_TRUE(accounts().end_token(made.info.id, {}));
  EXPECT_EQ(accounts().of_token(made.secret).by, Principal::By::nobody);
  EXPECT_EQ(accounts().end_token(made.info.id, {}).error().code, ErrorCode::not_found);
}

TEST_F(AccountsTest, ACommandEndsNoLoginThatTheServerBesideItStillTakes) {
  AccessLimits long_ones = cheap_limits();
  long_ones.session_idle_seconds = 10 * long_ones.session_seconds;
  long_ones.session_seconds = 10 * long_ones.session_seconds;
  store_.reset();
  store_ = AccessStore::open(folder_.string(), clock_, {false, long_ones}).value();
  add_user("ada", Role::admin);
  const std::string session = log_in("ada");
  clock_.advance(2 * cheap_limits().session_seconds);
  AccessStore::open(folder_.string(), clock_, {.ticks = false}).value().reset();
  ASSERT_TRUE(store_->tick());
  EXPECT_EQ(accounts().of_session(session).user, "ada");
  ASSERT_TRUE(store_->tick()) << "and it is in the file";
  EXPECT_EQ(accounts().sessions_of("ada").size(), 1U);
}

TEST_F(AccountsTest, AUserHasSoManySessionsAndDevicesAtMost) {
  add_user("ada", Role::admin);
  const std::string first = log_in("ada");
  const std::string device = accounts().remember_device("ada").value();
  for (std::size_t i = 0; i <= accounts().limits().sessions_most; ++i) {
    clock_.advance(1);
    log_in("ada");
    ASSERT_TRUE(accounts().remember_device("ada"));
  }
  EXPECT_EQ(accounts().sessions_of("ada").size(), accounts().limits().sessions_most);
  EXPECT_EQ(accounts().of_session(first).by, Principal::By::nobody);
  EXPECT_FALSE(accounts().knows_device("ada", device));
}

TEST_F(AccountsTest, LoginsWithinOneSecondKeepToTheMostAndTheNewestStays) {
  add_user("ada", Role::admin);
  for (std::size_t i = 0; i < 3 * accounts().limits().sessions_most; ++i) {
    const std::string session = log_in("ada");
    ASSERT_EQ(accounts().of_session(session).user, "ada") << "login " << i;
    ASSERT_LE(accounts().sessions_of("ada").size(), accounts().limits().sessions_most);
  }
}

TEST_F(AccountsTest, NamesThatCouldConfuseAreRefused) {
  for (const char* name : {"", "Ada", "a b", "a/b", "ada\n", "ädä", "<b>", "a'--"}) {
    EXPECT_FALSE(accounts().add(name, Role::viewer, {})) << name;
  }
  EXPECT_TRUE(accounts().add("ada.l-1+x@example.org", Role::viewer, {}));
  EXPECT_EQ(accounts().add("ada.l-1+x@example.org", Role::viewer, {}).error().code,
            ErrorCode::conflict);
}

TEST(PasswordRules, RefuseWhatIsTriedFirstAndNothingElse) {
  for (const char* bad : {"", "short", "elevenchars", "passwordpassword", "Password12345",
                          "qwertyuiop123456", "aaaaaaaaaaaaaaaa", "123456789012", "adaadaadaada",
                          "ada.lovelace1234", "guanxi-admin-123", "abcabcabcabc", "P@ssw0rd2024",
                          "iloveyou5201314", "\xFF\xFE\xFF\xFE\xFF\xFE\xFF\xFE\xFF\xFE\xFF\xFE"}) {
    EXPECT_FALSE(check_password("ada.lovelace", bad)) << bad;
  }
  for (const char* good :
       {"correct horse battery", "tea at four, twice", "春眠不觉晓处处闻啼鸟夜来风雨声",
        "w7Kq-pL2m-Zx9v", "longlonglong enough to be fine"}) {
    EXPECT_TRUE(check_password("ada.lovelace", good)) << good;
  }
  EXPECT_TRUE(check_password("ada", std::string(64, 'x') + "a long tail of words, and so on"));
  EXPECT_FALSE(check_password("ada", std::string(600, 'x') + " some words and so on"));
}

}  // namespace
}  // namespace guanxi::access
