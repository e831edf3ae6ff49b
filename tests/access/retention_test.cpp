// How long dead letters and the audit trail are kept: what the settings say, and no day longer.
#include "app/retention.hpp"

#include <gtest/gtest.h>

#include "access/access_testing.hpp"
#include "events/decode.hpp"
#include "platform/disk.hpp"

namespace guanxi {
namespace {

constexpr std::int64_t kSecondsOfDay = 86'400;

class RetentionTest : public access::AccessTest {
 protected:
  void SetUp() override {
    auto opened = Engine::open({.folder = folder_.string(),
                                .default_model_toml = *read_file(real_disk(), "models/retail.toml"),
                                .threads = 2,
                                .clock = &clock_});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = std::move(*opened);
  }
  void TearDown() override { engine_.reset(); }

  /// Ada looks at somebody, asks a question, and an event comes that is refused.
  void live_a_day(const std::string& name) {
    const access::Actor ada{"ada", "s1", "192.0.2.1"};
    access::AuditTrail& trail = store_->audit();
    ASSERT_TRUE(trail.note(ada, "GET /api/v1/people/{id}", trail.code_of("user:" + name)));
    ASSERT_TRUE(trail.write(ada, "sql", name));
    EventBatch batch;
    std::vector<Refusal> refused;
    Decoder decoder;
    DecodeContext context;
    context.source = "door";
    context.received_at = clock_.now();
    decoder.decode_json(R"({"type":"track","event":"Order Completed","messageId":")" + name +
                            R"(","userId":")" + name + R"(","timestamp":"no"})",
                        context, batch, refused);
    ASSERT_TRUE(engine_->admit(std::move(batch), std::move(refused)));
    ASSERT_TRUE(store_->tick());
    clock_.advance(kSecondsOfDay);
  }
  std::size_t letters() { return (*engine_->log()).dead_letters(0, 100)->size(); }
  std::uint64_t looks() {
    return store_->audit().page({.action = "GET /api/v1/people/{id}"}).value().total;
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(RetentionTest, NothingGoesUnlessItIsSet) {
  live_a_day("one");
  clock_.advance(36'500 * kSecondsOfDay);
  const app::Forgotten gone = app::forget_old({}, *engine_, *store_, clock_.now()).value();
  EXPECT_EQ(gone.letters + gone.audit_entries, 0U);
  ASSERT_TRUE(store_->audit().flush());
  EXPECT_EQ(letters(), 1U);
  EXPECT_EQ(looks(), 1U);
}

TEST_F(RetentionTest, WhatIsOlderGoesAndTheRestStays) {
  for (const char* day : {"one", "two", "three"}) {
    live_a_day(day);
  }
  operations::Settings settings;
  settings.retention_dead_letter_days = 1;
  settings.retention_audit_days = 2;
  const app::Forgotten gone = app::forget_old(settings, *engine_, *store_, clock_.now()).value();
  EXPECT_EQ(gone.letters, 2U);
  EXPECT_EQ(gone.audit_entries, 2U) << "a look and a question";
  EXPECT_EQ(letters(), 1U) << "one that is exactly a day old stays";
  EXPECT_EQ(looks(), 2U);
  EXPECT_TRUE(store_->audit().verify());
  EXPECT_EQ(store_->audit().page({}).value().entries.front().action, "audit.cut");
  const app::Forgotten again = app::forget_old(settings, *engine_, *store_, clock_.now()).value();
  EXPECT_EQ(again.letters + again.audit_entries, 0U);
}

}  // namespace
}  // namespace guanxi
