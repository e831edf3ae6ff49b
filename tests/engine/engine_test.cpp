#include "engine/engine.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/shop_source.hpp"
#include "eventlog/faulty_vfs.hpp"
#include "events/decode.hpp"

namespace guanxi {
namespace {

std::string model_toml() { return *read_file(real_disk(), "models/retail.toml"); }

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_engine_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

// As if every letter came from a file.
std::string files_only(std::string_view /*door*/) { return {}; }

std::unique_ptr<Engine> open_engine(const std::string& folder, unsigned shards = 16,
                                    unsigned threads = 2) {
  auto engine = Engine::open(
      {.folder = folder, .default_model_toml = model_toml(), .shards = shards, .threads = threads});
  EXPECT_TRUE(engine) << engine.error().message;
  return std::move(engine).value();
}

ImportReport import_file(Engine& engine, const ShopFile& file) {
  ShopSource source(file);
  auto report = engine.import(source, {.name = "shop-" + std::to_string(file.first)});
  EXPECT_TRUE(report) << report.error().message;
  return *report;
}

std::string digest_of(const Engine& engine) {
  const ReadAccess access = engine.read();
  return to_string(digest(access.image(), access.model(), access.image().as_of()));
}

std::string digest_of_files(const std::string& name, const std::vector<ShopFile>& files,
                            unsigned shards = 16, unsigned threads = 2) {
  auto engine = open_engine(fresh_folder(name), shards, threads);
  for (const ShopFile& file : files) {
    import_file(*engine, file);
  }
  return digest_of(*engine);
}

TEST(Engine, ImportsAndFindsTheSameAfterOpeningAgain) {
  const std::string folder = fresh_folder("reopen");
  std::string before;
  {
    auto engine = open_engine(folder);
    const ImportReport report = import_file(*engine, {});
    EXPECT_EQ(report.rows, 5000U);
    EXPECT_EQ(report.added, 5000U);
    EXPECT_EQ(report.nobody, engine->read().image().nobody_events());
    EXPECT_GT(report.nobody, 50U);
    EXPECT_TRUE(report.model_changed);
    EXPECT_NE(std::find(report.newly_observed.begin(), report.newly_observed.end(), "order_line"),
              report.newly_observed.end());
    const ReadAccess access = engine->read();
    EXPECT_EQ(access.image().people(), 300U);
    EXPECT_GT(access.image().derived_events(), 0U);
    EXPECT_GT(access.model().calibration.typical_order_minor, 0);
    EXPECT_EQ(engine->currency().text(), "GBP");
    before = to_string(digest(access.image(), access.model(), access.image().as_of()));
  }
  for (const unsigned threads : {1U, 3U}) {
    auto engine = open_engine(folder, 5, threads);
    EXPECT_EQ(digest_of(*engine), before) << threads << " threads";
    EXPECT_EQ((*engine->log()).model_steps()->size(), 1U) << "opening activates nothing";
  }
}

TEST(Engine, TheSameFileTwiceOverlapsAndOrdersGiveTheSameDigest) {
  const std::string once = digest_of_files("once", {{}});
  EXPECT_EQ(digest_of_files("twice", {{}, {}}), once);
  EXPECT_EQ(digest_of_files("shuffled", {{.shuffle_seed = 7}}), once);
  EXPECT_EQ(digest_of_files("parts", {{.end = 3000}, {.first = 2000}}), once);
  EXPECT_EQ(digest_of_files("parts_back", {{.first = 2000, .shuffle_seed = 9}, {.end = 3000}}),
            once);
  EXPECT_EQ(digest_of_files("small_runs", {{.rows_a_run = 1}}, 1, 1), once);
  EXPECT_NE(digest_of_files("other", {{.seed = 2}}), once);
}

TEST(Engine, CountsWhatWasThereAlready) {
  auto engine = open_engine(fresh_folder("counts"));
  import_file(*engine, {.end = 3000});
  const ImportReport report = import_file(*engine, {.first = 2000});
  EXPECT_EQ(report.repeated, 1000U);
  EXPECT_EQ(report.added, 2000U);
  EXPECT_EQ((*engine->log()).totals()->events, 5000U) << "the log keeps each event once";
}

TEST(Engine, TheMainCurrencyDoesNotDependOnTheOrderOfFiles) {
  const ShopFile mostly_pounds{.end = 2000, .foreign = true};
  const ShopFile early{.end = 1, .foreign = true};  // row 0 alone is in euros
  EXPECT_EQ(digest_of_files("euro_first", {early, mostly_pounds}),
            digest_of_files("euro_last", {mostly_pounds, early}));
}

TEST(Engine, KeepsRefusedRowsAndCountsThemExactly) {
  const std::string folder = fresh_folder("refused");
  auto engine = open_engine(folder);
  const ImportReport report = import_file(*engine, {.refused_every = 100});
  EXPECT_EQ(report.refused, 50U);
  EXPECT_EQ(report.refused_kept, 50U);
  EXPECT_EQ(report.first_refused.size(), 20U);
  EXPECT_EQ(*engine->refused_total(), 50U);
  import_file(*engine, {.refused_every = 100});
  const auto letters = *(*engine->log()).dead_letters(0, 100);
  EXPECT_EQ(letters.size(), 50U) << "the same refusals again are no new letters";
  EXPECT_EQ(letters[0].field, "price");
  EXPECT_EQ(*engine->refused_total(), 50U);
}

TEST(Engine, SendsDeadLettersAgain) {
  auto engine = open_engine(fresh_folder("resend"));
  import_file(*engine, {.end = 1000});
  const std::string good =
      R"({"type":"track","event":"Order Completed","messageId":"m-1","userId":"customer-3",)"
      R"("timestamp":"2013-01-05T10:00:00Z","properties":{"order_id":"o-x","total":19.99}})";
  const std::string bad = good.substr(0, good.find("19.99")) + R"("much"}})";
  ASSERT_TRUE(engine->admit(
      {},
      {Refusal{
           .source = "door", .field = "properties.total", .reason = "no amount", .original = bad},
       Refusal{.source = "shop.csv",
               .line = 3,
               .field = "price",
               .reason = "no amount",
               .original = "a,b"}}));
  EXPECT_EQ(*engine->refused_total(), 2U);
  auto reader = *engine->log();
  const auto letters = *reader.dead_letters(0, 10);
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(engine->resend(letters[1].id, files_only).error().code, ErrorCode::invalid);
  EXPECT_EQ(engine->resend(letters[0].id, files_only).error().code, ErrorCode::invalid)
      << "a row of a file";
  EXPECT_EQ(engine->resend(99, files_only).error().code, ErrorCode::not_found);
  const auto sent = engine->resend(letters[1].id, files_only, good);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->added, 1U);
  EXPECT_GT((*reader.dead_letter(letters[1].id))->resent_at.seconds, 0);
  EXPECT_EQ(engine->resend(letters[1].id, files_only, good)->repeated, 1U);
  const ReadAccess access = engine->read();
  const auto person = *access.image().find({IdNamespace::user, "customer-3"});
  EXPECT_EQ(access.image().timeline(person).back().amount_minor(), 1999);
}

TEST(Engine, ALetterSentAgainCountsAsItsSourcesOwnEvent) {
  auto engine = open_engine(fresh_folder("resend_of_source"));
  import_file(*engine, {.end = 1000});
  const std::string good =
      R"({"type":"track","event":"Order Completed","messageId":"m-1","userId":"customer-3",)"
      R"("timestamp":"2013-01-05T10:00:00Z","properties":{"order_id":"o-x","total":19.99}})";
  Refusal of_shop;
  of_shop.source = "sdk:shop";
  of_shop.original = "{}";
  Refusal of_other = of_shop;
  of_other.source = "sdk:other";
  ASSERT_TRUE(engine->admit({}, {of_shop, of_other}));
  EventBatch batch;
  std::vector<Refusal> refused;
  DecodeContext context;
  context.source = "sdk:shop";
  context.source_key = "key of sdk:shop";
  context.default_currency = engine->currency();
  Decoder().decode_json(good, context, batch, refused);
  ASSERT_EQ(engine->admit(std::move(batch), std::move(refused))->added, 1U);
  const Engine::KeyOfDoor key = [](std::string_view door) { return "key of " + std::string(door); };
  EXPECT_EQ(engine->resend(1, key, good)->repeated, 1U) << "the source has sent it meanwhile";
  EXPECT_EQ(engine->resend(2, key, good)->added, 1U) << "message ids of sources never meet";
  EXPECT_EQ(engine->resend(2, key, good)->repeated, 1U);
}

TEST(Engine, GivesTheOriginalBehindATimeline) {
  auto engine = open_engine(fresh_folder("original"));
  import_file(*engine, {.end = 2500});
  import_file(*engine, {.first = 2000, .end = 4000});
  const ReadAccess access = engine->read();
  const auto person = *access.image().find({IdNamespace::user, "customer-9"});
  std::size_t seen = 0;
  for (const CompactEvent& event : access.image().timeline(person)) {
    if (event.has(kDerived)) {
      continue;
    }
    ASSERT_TRUE(engine->original(event.ordinal(), [&](const Event& original) {
      EXPECT_EQ(original.id_hash, event.id_hash());
      EXPECT_EQ(original.person.value, "customer-9");
      EXPECT_EQ(original.kind, event.kind());
      ++seen;
    }));
  }
  EXPECT_GT(seen, 3U);
  EXPECT_EQ(engine->original(4'000'000, [](const Event&) {}).error().code, ErrorCode::not_found);
}

bool anywhere_in(const std::string& folder, const std::string& bytes) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(in)), {});
    if (content.find(bytes) != std::string::npos) {
      return true;
    }
  }
  return false;
}

bool in_any_batch(Engine& engine, const std::string& bytes) {
  bool found = false;
  auto reader = *engine.log();
  EXPECT_TRUE(reader.for_each([&](const BatchInfo&, std::string_view payload) -> Result<void> {
    // Not "customer-90": digits may not follow.
    for (std::size_t at = payload.find(bytes); at != std::string_view::npos;
         at = payload.find(bytes, at + 1)) {
      const bool longer = at + bytes.size() < payload.size() &&
                          std::isdigit(static_cast<unsigned char>(payload[at + bytes.size()])) != 0;
      found = found || !longer;
    }
    return {};
  }));
  return found;
}

TEST(Engine, ErasesAPersonFromEverything) {
  const std::string folder = fresh_folder("erase");
  auto engine = open_engine(folder);
  import_file(*engine, {.people = 40, .refused_every = 100});
  ASSERT_TRUE(in_any_batch(*engine, "c9@example.org"));
  ASSERT_TRUE(in_any_batch(*engine, "customer-9"));
  const auto report = engine->erase("email:c9@example.org");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(report->events, 50U);
  EXPECT_GT(report->mentions, 0U) << "they had brought others";
  EXPECT_EQ(report->ids, (std::vector<std::string>{"email:c9@example.org", "user:customer-9"}));
  for (const std::string name : {"c9@example.org", "customer-9"}) {
    EXPECT_FALSE(in_any_batch(*engine, name)) << name;
    EXPECT_FALSE(engine->read().image().find(parse_external_id(name)));
  }
  EXPECT_FALSE(anywhere_in(folder, "c9@example.org"));
  EXPECT_TRUE(engine->check()->good());
  EXPECT_EQ(engine->erase("customer-9").error().code, ErrorCode::not_found);

  const std::string after = digest_of(*engine);
  const ImportReport again = import_file(*engine, {.people = 40, .refused_every = 100});
  EXPECT_EQ(again.added, 0U);
  EXPECT_EQ(again.erased, report->events);
  EXPECT_EQ(digest_of(*engine), after) << "an import does not bring them back";
  engine.reset();
  EXPECT_EQ(digest_of(*open_engine(folder)), after);
}

TEST(Engine, AnOlderBackupDoesNotBringTheErasedBack) {
  const std::string folder = fresh_folder("old_backup");
  const std::string copy = ::testing::TempDir() + "guanxi_engine_old.backup";
  std::filesystem::remove(copy);
  std::string after;
  {
    auto engine = open_engine(folder);
    import_file(*engine, {.people = 40});
    ASSERT_TRUE(engine->backup(copy));
    ASSERT_TRUE(engine->erase("customer-9"));
    after = digest_of(*engine);
  }
  ASSERT_TRUE(Engine::restore(copy, folder));
  auto engine = open_engine(folder);
  EXPECT_EQ(digest_of(*engine), after);
  EXPECT_FALSE(in_any_batch(*engine, "customer-9"));
}

TEST(Engine, BacksUpAndRestoresToTheSameDigest) {
  const std::string folder = fresh_folder("backup");
  const std::string elsewhere = fresh_folder("elsewhere");
  const std::string copy = ::testing::TempDir() + "guanxi_engine.backup";
  std::filesystem::remove(copy);
  auto engine = open_engine(folder);
  import_file(*engine, {});
  ASSERT_TRUE(engine->backup(copy));
  EXPECT_EQ(Engine::restore(copy, folder).error().code, ErrorCode::conflict) << "it is in use";
  ASSERT_TRUE(Engine::restore(copy, elsewhere));
  EXPECT_EQ(digest_of(*open_engine(elsewhere)), digest_of(*engine));
  EXPECT_TRUE(engine->board().last()->ok.value());
}

TEST(Engine, ChecksTheLogAgainstTheImage) {
  auto engine = open_engine(fresh_folder("check"));
  import_file(*engine, {});
  const auto report = engine->check();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->good());
  EXPECT_EQ(report->log.totals.events, 5000U);
  EXPECT_EQ(report->live.people, 300U);
}

TEST(Engine, ActivatesAModelAsALoggedStep) {
  const std::string folder = fresh_folder("activate");
  auto engine = open_engine(folder);
  import_file(*engine, {});
  const std::string before = digest_of(*engine);
  EXPECT_EQ(engine->activate_model("name = 3").error().code, ErrorCode::invalid);
  EXPECT_EQ(digest_of(*engine), before);
  const std::string other = *read_file(real_disk(), "models/subscription.toml");
  ASSERT_TRUE(engine->activate_model(other));
  const std::string after = digest_of(*engine);
  EXPECT_NE(after, before);
  EXPECT_EQ((*engine->log()).model_steps()->size(), 2U);
  engine.reset();
  EXPECT_EQ(digest_of(*open_engine(folder)), after);
}

TEST(Engine, OneProcessAtATimeButReadersBeside) {
  const std::string folder = fresh_folder("lock");
  EXPECT_EQ(Engine::open({.folder = folder, .default_model_toml = model_toml(), .read_only = true})
                .error()
                .code,
            ErrorCode::not_found);
  auto engine = open_engine(folder);
  import_file(*engine, {});
  EXPECT_EQ(Engine::open({.folder = folder, .default_model_toml = model_toml()}).error().code,
            ErrorCode::conflict);
  auto beside =
      Engine::open({.folder = folder, .default_model_toml = model_toml(), .read_only = true});
  ASSERT_TRUE(beside) << beside.error().message;
  EXPECT_EQ(digest_of(**beside), digest_of(*engine));
  ShopSource source({});
  EXPECT_EQ((*beside)->import(source, {.name = "x"}).error().code, ErrorCode::unavailable);
}

class FaultyEngine : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Engine>> open() {
    return Engine::open({.folder = "data",
                         .default_model_toml = model_toml(),
                         .threads = 1,
                         .vfs = vfs_.name(),
                         .disk = &disk_});
  }
  FaultyDisk disk_;
  FaultyVfs vfs_{disk_, "engine_faults"};
};

TEST_F(FaultyEngine, AFailedSyncLeavesAReadOnlyEngineThatShowsTheTruth) {
  auto engine = *open();
  import_file(*engine, {.end = 1000});
  const std::string before = digest_of(*engine);
  disk_.set({.fail_at = 3, .fail_on = true});
  ShopSource more({.first = 1000, .end = 3000});
  const auto failed = engine->import(more, {.name = "more"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(digest_of(*engine), before) << "nothing unconfirmed is shown";
  disk_.set({});
  ShopSource again({.first = 1000, .end = 3000});
  const auto refused = engine->import(again, {.name = "more"});
  ASSERT_FALSE(refused) << "nobody retries after a failed sync";
  EXPECT_NE(refused.error().message.find("read-only"), std::string::npos);
  EXPECT_TRUE(engine->read_only_because().has_value());
  engine.reset();
  vfs_.forget_locks();
  auto reopened = *open();
  import_file(*reopened, {.first = 1000, .end = 3000});
  EXPECT_EQ(digest_of(*reopened), digest_of_files("whole_3000", {{.end = 3000}}));
}

TEST_F(FaultyEngine, AFullDiskRefusesAndRecoversWithoutRestart) {
  auto engine = *open();
  import_file(*engine, {.end = 1000});
  disk_.set({.space_bytes = 1});
  ShopSource more({.first = 1000, .end = 3000});
  const auto failed = engine->import(more, {.name = "more"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::overloaded);
  EXPECT_NE(failed.error().message.find("disk is full"), std::string::npos);
  EXPECT_TRUE(engine->check()->good()) << "what is shown is what the log says";
  disk_.set({});
  import_file(*engine, {.first = 1000, .end = 3000});
  EXPECT_EQ(digest_of(*engine), digest_of_files("whole_full", {{.end = 3000}}));
}

}  // namespace
}  // namespace guanxi
