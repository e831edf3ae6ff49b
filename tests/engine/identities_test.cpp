#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/random.hpp"
#include "engine/engine.hpp"
#include "events/identity.hpp"

// Who is who through the whole engine: log, image, restart, decisions, erasure.
namespace guanxi {
namespace {

using Kind = IdDecision::Kind;

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_identities_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

std::unique_ptr<Engine> open_engine(const std::string& folder) {
  auto engine = Engine::open({.folder = folder,
                              .default_model_toml = *read_file(real_disk(), "models/retail.toml"),
                              .shards = 4,
                              .threads = 2});
  EXPECT_TRUE(engine) << engine.error().message;
  return std::move(engine).value();
}

/// One thing that happened, as a door would give it.
struct Deed {
  EventKind kind = EventKind::visit;
  std::string person;
  std::string also;
  std::int64_t at_s = 0;
  std::string id;
  std::int64_t amount_minor = 0;
  bool alias = false;
};

constexpr std::int64_t kNoon = 1'767'268'800;  // 2026-01-01T12:00:00Z

Event event_of(EventBatch& batch, const Deed& deed) {
  const auto id_of = [&](const std::string& text) {
    const ExternalId id = parse_external_id(text);
    return text.empty() ? ExternalId{} : ExternalId{id.name_space, batch.keep(id.value)};
  };
  Event event;
  event.kind = deed.kind;
  event.message_id = batch.keep(deed.id);
  event.id_hash = identity_of_message({}, deed.id, 0);
  event.occurred_at = Instant{kNoon + deed.at_s};
  event.received_at = Instant{kNoon + 400 * 86'400};
  event.person = id_of(deed.person);
  event.also_known_as = id_of(deed.also);
  event.order_id = deed.amount_minor == 0 ? std::string_view() : batch.keep("o-1");
  event.amount_minor = deed.amount_minor;
  event.name = deed.alias ? kAliasName : std::string_view();
  return event;
}

void admit(Engine& engine, std::span<const Deed> deeds) {
  EventBatch batch;
  for (const Deed& deed : deeds) {
    batch.events.push_back(event_of(batch, deed));
  }
  const auto report = engine.admit(std::move(batch));
  ASSERT_TRUE(report) << report.error().message;
}

std::string digest_of(const Engine& engine) {
  const ReadAccess access = engine.read();
  return to_string(digest(access.image(), access.model(), access.image().as_of()));
}

std::vector<std::string> ids_of(const Engine& engine, const std::string& id) {
  const ReadAccess access = engine.read();
  const auto person = access.image().find(parse_external_id(id));
  return person ? access.image().ids(*person) : std::vector<std::string>{};
}

State state_of(const Engine& engine, const std::string& id) {
  const ReadAccess access = engine.read();
  return access.image().state(*access.image().find(parse_external_id(id)));
}

DecisionReport decide(Engine& engine, Kind kind, const std::string& a, const std::string& b = "") {
  const auto report = engine.decide({.kind = kind, .first_id = a, .second_id = b, .actor = "kim"});
  EXPECT_TRUE(report) << report.error().message;
  return report ? *report : DecisionReport{};
}

// B4: the refund comes first, of another id than the order; what joins the two comes in between.
TEST(Identities, ARefundBeforeItsOrderAcrossIdsConverges) {
  std::vector<Deed> deeds = {
      {EventKind::order_completed, "anonymous:web", "", 100, "order", 5000},
      {EventKind::order_refunded, "user:ada", "", 90'000, "refund", -5000},
      {EventKind::identified, "user:ada", "anonymous:web", 200, "identify"},
      {EventKind::identified, "user:ada", "email:ada@example.org", 300, "mail"},
      {EventKind::review_posted, "email:ada@example.org", "", 100'000, "review"}};
  std::sort(deeds.begin(), deeds.end(), [](const Deed& a, const Deed& b) { return a.id < b.id; });
  std::string expected;
  int number = 0;
  do {
    const std::string folder = fresh_folder("refund");
    auto engine = open_engine(folder);
    const auto cut = static_cast<std::size_t>(number % 5);
    admit(*engine, std::span(deeds).first(cut));
    admit(*engine, std::span(deeds).subspan(cut));
    ASSERT_EQ(engine->read().image().people(), 1U);
    ASSERT_EQ(state_of(*engine, "ada").orders_returned, 1U);
    expected = number == 0 ? digest_of(*engine) : expected;
    ASSERT_EQ(digest_of(*engine), expected) << "permutation " << number;
    number += 1;
    for (int skip = 0; skip < 10; ++skip) {  // every eleventh of the 120
      std::next_permutation(deeds.begin(), deeds.end(),
                            [](const Deed& a, const Deed& b) { return a.id < b.id; });
    }
  } while (number < 12);
}

// B4: PostHog's rule. Logging in on a browser whose person is identified already joins nobody.
TEST(Identities, TwoIdentifiedPeopleAreNotMergedByALink) {
  const std::string folder = fresh_folder("refused");
  auto engine = open_engine(folder);
  admit(*engine, std::vector<Deed>{{EventKind::visit, "anonymous:web", "", 1, "v1"},
                                   {EventKind::identified, "user:ada", "anonymous:web", 10, "i1"},
                                   {EventKind::identified, "user:eve", "anonymous:web", 20, "i2"},
                                   {EventKind::visit, "anonymous:web", "", 30, "v2"}});
  EXPECT_EQ(ids_of(*engine, "ada"), (std::vector<std::string>{"anonymous:web", "user:ada"}));
  EXPECT_EQ(ids_of(*engine, "eve"), std::vector<std::string>{"user:eve"});
  admit(*engine,
        std::vector<Deed>{{EventKind::identified, "user:eve", "anonymous:ada", 40, "a1", 0, true}});
  EXPECT_EQ(engine->read().image().people(), 1U) << "an alias says it in so many words";
}

std::vector<Deed> random_deeds(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  const auto id = [&random]() {
    constexpr std::array<const char*, 4> kSpaces = {"user:", "anonymous:", "email:", "device:"};
    return kSpaces.at(random.below(4)) + std::to_string(random.below(40));
  };
  std::vector<Deed> deeds;
  for (std::size_t i = 0; i < count; ++i) {
    Deed deed;
    deed.kind = random.below(3) == 0 ? EventKind::order_completed : EventKind::visit;
    deed.person = id();
    deed.also = random.below(2) == 0 ? id() : "";
    deed.at_s = static_cast<std::int64_t>(random.below(200 * 86'400));
    deed.id = "m-" + std::to_string(i);
    deed.amount_minor = deed.kind == EventKind::order_completed ? 2500 : 0;
    if (random.below(10) == 0) {
      deed.kind = EventKind::identified;
      deed.alias = true;
      deed.amount_minor = 0;
    }
    deeds.push_back(deed);
  }
  return deeds;
}

TEST(Identities, LiveDoorImportAndRestartGiveTheSamePeople) {
  std::vector<Deed> deeds = random_deeds(11, 600);
  const std::string folder = fresh_folder("live");
  std::string live;
  {
    auto engine = open_engine(folder);
    for (std::size_t at = 0; at < deeds.size(); at += 7) {
      admit(*engine, std::span(deeds).subspan(at, std::min<std::size_t>(7, deeds.size() - at)));
    }
    live = digest_of(*engine);
    const auto check = engine->check();
    ASSERT_TRUE(check);
    EXPECT_TRUE(check->good());
  }
  EXPECT_EQ(digest_of(*open_engine(folder)), live);
  std::reverse(deeds.begin(), deeds.end());
  auto whole = open_engine(fresh_folder("whole"));
  admit(*whole, deeds);
  EXPECT_EQ(digest_of(*whole), live);
}

TEST(Identities, DecisionsAreDurableAndUndoingLeavesNothing) {
  const std::string folder = fresh_folder("decisions");
  const std::string backup = ::testing::TempDir() + "guanxi_identities.backup";
  std::filesystem::remove(backup);
  std::string before;
  std::string decided;
  {
    auto engine = open_engine(folder);
    admit(*engine, random_deeds(5, 300));
    before = digest_of(*engine);
    admit(*engine, std::vector<Deed>{{EventKind::order_completed, "user:ada", "", 50, "o", 900},
                                     {EventKind::visit, "user:eve", "", 60, "v"}});
    before = digest_of(*engine);
    const DecisionReport merged = decide(*engine, Kind::same, "user:ada", "user:eve");
    EXPECT_EQ(merged.before.size(), 2U);
    ASSERT_EQ(merged.after.size(), 1U);
    EXPECT_EQ(merged.after[0], (std::vector<std::string>{"user:ada", "user:eve"}));
    decide(*engine, Kind::distrust, "device:7");
    decided = digest_of(*engine);
    ASSERT_TRUE(engine->backup(backup));
  }
  {
    auto engine = open_engine(folder);
    EXPECT_EQ(digest_of(*engine), decided) << "after a restart";
    decide(*engine, Kind::open, "device:7");
    decide(*engine, Kind::apart, "user:eve", "user:ada");
    EXPECT_EQ(digest_of(*engine), before);
    EXPECT_TRUE(engine->check()->good());
    const auto refused = engine->decide({.kind = Kind::same, .first_id = "ada", .second_id = "?"});
    EXPECT_EQ(refused.error().code, ErrorCode::not_found);
    EXPECT_EQ(engine->decide({.kind = Kind::same, .first_id = "ada"}).error().code,
              ErrorCode::invalid);
  }
  const std::string restored = fresh_folder("restored");
  ASSERT_TRUE(Engine::restore(backup, restored));
  EXPECT_EQ(digest_of(*open_engine(restored)), decided) << "decisions are in the backup";
}

TEST(Identities, WhatWasDecidedToBeKeptApartIsNotJoinedUnasked) {
  auto engine = open_engine(fresh_folder("apart"));
  admit(*engine, std::vector<Deed>{{EventKind::visit, "user:ada", "email:a@x.org", 1, "1"},
                                   {EventKind::visit, "user:eve", "email:e@x.org", 2, "2"}});
  decide(*engine, Kind::apart, "email:a@x.org", "email:e@x.org");
  const auto refused =
      engine->decide({.kind = Kind::same, .first_id = "user:ada", .second_id = "user:eve"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find("email:e@x.org"), std::string::npos);
}

TEST(Identities, AnErasedPersonIsInNoDecision) {
  const std::string folder = fresh_folder("erased");
  auto engine = open_engine(folder);
  admit(*engine, std::vector<Deed>{{EventKind::visit, "user:ada-lovelace", "", 1, "1"},
                                   {EventKind::visit, "user:eve", "", 2, "2"},
                                   {EventKind::visit, "user:zoe", "", 3, "3"}});
  decide(*engine, Kind::apart, "user:ada-lovelace", "user:eve");
  decide(*engine, Kind::same, "user:eve", "user:zoe");
  ASSERT_TRUE(engine->erase("user:ada-lovelace"));
  const auto decisions = (*engine->log()).decisions();
  ASSERT_TRUE(decisions);
  ASSERT_EQ(decisions->size(), 1U);
  EXPECT_EQ(decisions->front().first_id, "user:eve");
  EXPECT_EQ(ids_of(*engine, "zoe"), (std::vector<std::string>{"user:eve", "user:zoe"}));
}

}  // namespace
}  // namespace guanxi
