#include <gtest/gtest.h>
#include <sqlite3.h>

#include "access/access_testing.hpp"

namespace guanxi::access {
namespace {

class AuditTest : public AccessTest {
 protected:
  /// What SQLite says to `sql` run on the file by somebody else.
  int meddle(const std::string& sql) {
    sqlite3* other = nullptr;
    EXPECT_EQ(sqlite3_open((folder_ / "guanxi.access").c_str(), &other), SQLITE_OK);
    const int code = sqlite3_exec(other, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(other);
    return code;
  }
  void fill() {
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(store_->audit().write({"ada", "s1", "192.0.2.1"}, "sql",
                                        "question " + std::to_string(i)));
    }
  }
  std::string fault() {
    const auto head = store_->audit().verify();
    return head ? std::string() : head.error().message;
  }
};

TEST_F(AuditTest, EntriesAreChainedAndVerified) {
  fill();
  const AuditTrail::Head head = store_->audit().verify().value();
  EXPECT_EQ(head.entries, 10);
  EXPECT_EQ(head.chain.size(), 64U);
  open();
  EXPECT_EQ(store_->audit().verify().value().chain, head.chain);
  fill();
  EXPECT_TRUE(store_->audit().verify(head)) << "a head that was kept is still part of the chain";
}

TEST_F(AuditTest, TheFileItselfRefusesToChangeOrCutTheTrail) {
  fill();
  EXPECT_EQ(meddle("UPDATE audit SET user = 'eve'"), SQLITE_CONSTRAINT);
  EXPECT_EQ(meddle("DELETE FROM audit WHERE seq = 3"), SQLITE_CONSTRAINT);
  EXPECT_EQ(fault(), "");
}

TEST_F(AuditTest, WhatIsOlderIsCutOffAndTheChainGoesOn) {
  fill();
  const AuditTrail::Head old = store_->audit().verify().value();
  clock_.advance(100);
  fill();
  const AuditTrail::Head head = store_->audit().verify().value();
  EXPECT_EQ(store_->audit().cut(Instant{1'700'000'000}).value(), 0U) << "nothing is older";
  EXPECT_EQ(store_->audit().cut(Instant{1'700'000'050}).value(), 10U);
  EXPECT_EQ(fault(), "");
  EXPECT_TRUE(store_->audit().verify(head));
  EXPECT_TRUE(store_->audit().verify(old)) << "where the trail begins";
  EXPECT_EQ(store_->audit().verify(AuditTrail::Head{5, old.chain}).error().code,
            ErrorCode::invalid);
  auto page = store_->audit().page({}).value();
  EXPECT_EQ(page.total, 11U);
  EXPECT_EQ(page.entries.front().action, "audit.cut");
  EXPECT_EQ(page.entries.front().subject, "entries up to 10");
  open();
  fill();
  EXPECT_EQ(fault(), "");
  EXPECT_EQ(store_->audit().cut(Instant{1'800'000'000}).value(), 20U) << "but for the last";
  EXPECT_EQ(fault(), "");
  EXPECT_EQ(meddle("DELETE FROM audit"), SQLITE_CONSTRAINT) << "the file refuses again";
}

TEST_F(AuditTest, EveryFieldThatIsChangedIsFound) {
  fill();
  ASSERT_EQ(meddle("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_cut"), SQLITE_OK);
  for (const char* field : {"user", "session", "peer", "action", "subject", "outcome"}) {
    const std::string name = field;
    ASSERT_EQ(meddle("CREATE TABLE kept AS SELECT * FROM audit; UPDATE audit SET " + name +
                     " = 'x' WHERE seq = 4"),
              SQLITE_OK);
    EXPECT_NE(fault().find("at entry 4"), std::string::npos) << field << fault();
    ASSERT_EQ(meddle("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept"),
              SQLITE_OK);
    EXPECT_EQ(fault(), "");
  }
  ASSERT_EQ(meddle("UPDATE audit SET at = at + 1 WHERE seq = 10"), SQLITE_OK);
  EXPECT_NE(fault().find("at entry 10"), std::string::npos);
}

TEST_F(AuditTest, WhatIsCutOutOrOffIsFound) {
  fill();
  const AuditTrail::Head head = store_->audit().verify().value();
  ASSERT_EQ(meddle("DROP TRIGGER audit_is_not_cut"), SQLITE_OK);
  ASSERT_EQ(meddle("DELETE FROM audit WHERE seq > 8"), SQLITE_OK);
  EXPECT_NE(fault().find("missing at the end"), std::string::npos) << fault();
  ASSERT_EQ(meddle("DELETE FROM settings WHERE name = 'audit head'"), SQLITE_OK);
  EXPECT_EQ(fault(), "");
  EXPECT_FALSE(store_->audit().verify(head)) << "only a head kept elsewhere shows this";
  ASSERT_EQ(meddle("DELETE FROM audit WHERE seq = 5"), SQLITE_OK);
  EXPECT_NE(fault().find("at entry 5"), std::string::npos) << fault();
}

TEST_F(AuditTest, LooksAreNotedOnceAMinute) {
  AuditTrail& audit = store_->audit();
  const Actor ada{"ada", "s1", "192.0.2.1"};
  for (int i = 0; i < 30; ++i) {
    EXPECT_TRUE(audit.note(ada, "look", audit.code_of("user:u-1")));
    clock_.advance(4);
  }
  EXPECT_EQ(audit.page({.action = "look"}).value().total, 2U);
}

TEST_F(AuditTest, CustomersStandInItAsCodesThatOnlyThisFileMakes) {
  AuditTrail& audit = store_->audit();
  const std::string code = audit.code_of("email:ada@example.org");
  EXPECT_EQ(code, audit.code_of("email:ada@example.org"));
  EXPECT_NE(code, audit.code_of("email:bob@example.org"));
  ASSERT_TRUE(audit.write({}, "look", code));
  EXPECT_EQ(audit.page({.subjects = {code}}).value().total, 1U);
  EXPECT_EQ(every_byte().find("ada@example"), std::string::npos);
}

TEST_F(AuditTest, ChangesOfUsersKeysAndSourcesWriteThemselves) {
  add_user("ada", Role::admin);
  const auto source = store_->add_source({.name = "shop"}, {"ada", "s1", "192.0.2.1"}).value();
  ASSERT_TRUE(store_->rotate_key(source.source.id, 60, {"ada", "s1", "192.0.2.1"}));
  const auto page = store_->audit().page({.user = "ada", .action = "source."}).value();
  ASSERT_EQ(page.total, 2U);
  EXPECT_EQ(page.entries[0].action, "source.rotate");
  EXPECT_EQ(page.entries[0].subject, "sdk:shop");
  EXPECT_FALSE(store_->add_source({.name = "shop"}, {"ada", "s1", "192.0.2.1"}));
  EXPECT_EQ(store_->audit().page({.action = "source."}).value().total, 2U);
}

TEST_F(AuditTest, FiltersNarrow) {
  fill();
  clock_.advance(100);
  ASSERT_TRUE(store_->audit().write({"ben", "s2", ""}, "export", "people"));
  AuditTrail& audit = store_->audit();
  EXPECT_EQ(audit.page({.user = "ben"}).value().total, 1U);
  EXPECT_EQ(audit.page({.action = "ex%"}).value().total, 0U);
  EXPECT_EQ(audit.page({.to = Instant{1'700'000'100}}).value().total, 10U);
  EXPECT_EQ(audit.page({.from = Instant{1'700'000'100}}).value().total, 1U);
  const auto page = audit.page({.offset = 9, .limit = 5}).value();
  EXPECT_EQ(page.entries.size(), 2U);
  EXPECT_EQ(page.entries.back().seq, 1);
}

}  // namespace
}  // namespace guanxi::access
