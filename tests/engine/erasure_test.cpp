#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/engine.hpp"
#include "engine/leftovers.hpp"
#include "engine/shop_source.hpp"
#include "events/decode.hpp"

namespace guanxi {
namespace {

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_erasure_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

std::unique_ptr<Engine> open_engine(const std::string& folder) {
  auto engine = Engine::open({.folder = folder,
                              .default_model_toml = *read_file(real_disk(), "models/retail.toml"),
                              .threads = 2});
  EXPECT_TRUE(engine) << engine.error().message;
  return std::move(engine).value();
}

ImportReport import_file(Engine& engine, const ShopFile& file) {
  ShopSource source(file);
  return engine.import(source, {.name = "shop"}).value();
}

Result<ImportReport> send(Engine& engine, std::string_view json) {
  EventBatch batch;
  std::vector<Refusal> refused;
  Decoder decoder;
  DecodeContext context;
  context.source = "door";
  context.received_at = Instant{1'800'000'000};
  decoder.decode_json(json, context, batch, refused);
  return engine.admit(std::move(batch), std::move(refused));
}

void resend_all(Engine& engine) {
  const auto letters = *(*engine.log()).dead_letters(0, 1000);
  for (const DeadLetter& letter : letters) {
    static_cast<void>(
        engine.resend(letter.id, [](std::string_view) { return std::string(); }).has_value());
  }
}

std::string digest_of(const Engine& engine) {
  const ReadAccess access = engine.read();
  return to_string(digest(access.image(), access.model(), access.image().as_of()));
}

LeftoverReport search(const std::string& folder, const std::vector<std::string>& ids) {
  auto found = find_leftovers(folder, ids);
  EXPECT_TRUE(found) << found.error().message;
  return *found;
}

void expect_none(const LeftoverReport& report) {
  EXPECT_EQ(report.hits, 0U) << (report.found.empty() ? ""
                                                      : report.found.front().file + " " +
                                                            report.found.front().place);
}

/// How many people the test erases: GUANXI_ERASE_PEOPLE=1000 for the figure in docs/privacy.md.
std::uint64_t people_to_erase() {
  const char* asked = std::getenv("GUANXI_ERASE_PEOPLE");
  return asked == nullptr ? 40 : std::strtoull(asked, nullptr, 10);
}

struct Names {
  std::vector<std::string> asked;
  std::vector<std::string> all;
};
// Those of the upper half of a shop's people: all have as many digits, so that no name is the
// beginning of somebody else's.
Names names_of_half(std::uint64_t people) {
  Names names;
  for (std::uint64_t i = people; i < people * 2; ++i) {
    names.asked.push_back("user:customer-" + std::to_string(i));
    names.all.push_back(names.asked.back());
    names.all.push_back("email:c" + std::to_string(i) + "@example.org");
  }
  return names;
}

// The number of the first person from `first` on who is known by an address too.
std::uint64_t with_address(const Engine& engine, std::uint64_t first) {
  const ReadAccess access = engine.read();
  while (!access.image().find({IdNamespace::email, "c" + std::to_string(first) + "@example.org"})) {
    ++first;
  }
  return first;
}

// Goal (G1): whatever comes afterwards, nobody erased is in any byte of the folder. Method: erase
// half of a shop's people, then offer them again in every way there is, and search all bytes.
TEST(Erasure, NothingBringsTheErasedBack) {
  const std::uint64_t gone = people_to_erase();
  const ShopFile shop{.end = gone * 40, .people = gone * 2};
  const std::string folder = fresh_folder("all_ways");
  const std::string backup = fresh_folder("all_ways.backup");
  const auto [asked, ids] = names_of_half(gone);
  auto engine = open_engine(folder);
  import_file(*engine, shop);
  const std::string note =
      R"({"type":"track","event":"Review Posted","messageId":"n1","userId":"customer-0","properties":{"rating":4,"review_body":"thanks to c)" +
      std::to_string(with_address(*engine, gone)) +
      R"(@example.org"},"timestamp":"2011-05-01T00:00:00Z"})";
  ASSERT_TRUE(send(*engine, note));
  const std::string refused =
      R"({"type":"track","event":"Order Completed","messageId":"n2","userId":"customer-)" +
      std::to_string(gone) + R"(","properties":{"total":"x"},"timestamp":"no"})";
  ASSERT_TRUE(send(*engine, refused));
  ASSERT_TRUE(engine->backup(backup));
  EXPECT_GT(search(folder, ids).hits, gone);

  const auto report = engine->erase_all(asked);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GE(report->people, gone * 9 / 10);
  EXPECT_GT(report->dead_letters, 0U);
  expect_none(search(folder, ids));
  const std::string after = digest_of(*engine);

  // The same file again, late duplicates, refused events, mentions.
  EXPECT_EQ(import_file(*engine, shop).added, 0U);
  ASSERT_TRUE(send(*engine, note));
  ASSERT_TRUE(send(*engine, refused));
  EXPECT_EQ(digest_of(*engine), after);
  expect_none(search(folder, ids));

  // An alias from a new id, and to one.
  const std::string old = "customer-" + std::to_string(gone);
  const std::string alias =
      R"({"type":"alias","messageId":"a1","userId":"fresh-1","previousId":")" + old +
      R"(","timestamp":"2011-05-02T00:00:00Z"})";
  EXPECT_EQ(send(*engine, alias)->erased, 1U);
  EXPECT_FALSE(engine->read().image().find({IdNamespace::user, old}));
  expect_none(search(folder, ids));

  // Opened again, rebuilt, and an older backup put back.
  engine.reset();
  engine = open_engine(folder);
  EXPECT_EQ(digest_of(*engine), after);
  EXPECT_TRUE(engine->check()->good());
  engine.reset();
  ASSERT_TRUE(Engine::restore(backup, folder));
  std::filesystem::remove(backup);
  engine = open_engine(folder);
  EXPECT_EQ(digest_of(*engine), after);
  expect_none(search(folder, ids));
  resend_all(*engine);
  EXPECT_EQ(digest_of(*engine), after);
  expect_none(search(folder, ids));
}

TEST(Erasure, ABackupThatOnlyMentionsThemIsCleanedToo) {
  const std::string folder = fresh_folder("mention");
  const std::string backup = fresh_folder("mention.backup");
  auto engine = open_engine(folder);
  const std::string note =
      R"({"type":"track","event":"Review Posted","messageId":"n1","userId":"u-friend","properties":{"rating":4,"review_body":"thanks to ada@lovelace.example"},"timestamp":"2011-05-01T00:00:00Z"})";
  ASSERT_TRUE(send(*engine, note));
  ASSERT_TRUE(engine->backup(backup));
  ASSERT_TRUE(send(
      *engine,
      R"({"type":"identify","messageId":"i1","userId":"ada@lovelace.example","timestamp":"2011-05-02T00:00:00Z","traits":{"email":"ada@lovelace.example"}})"));
  ASSERT_TRUE(engine->erase("email:ada@lovelace.example"));
  engine.reset();
  ASSERT_TRUE(Engine::restore(backup, folder));
  std::filesystem::remove(backup);
  engine = open_engine(folder);
  expect_none(search(folder, {"email:ada@lovelace.example"}));
}

// Two customers of one address: events that name both ids stay with the one who is left.
TEST(Erasure, WhoSharedAnIdKeepsTheirEvents) {
  const std::string folder = fresh_folder("shared");
  const std::string backup = fresh_folder("shared.backup");
  auto engine = open_engine(folder);
  const auto identify = [](const std::string& who, const std::string& id, int day) {
    return R"({"type":"identify","messageId":")" + id + R"(","userId":")" + who +
           R"(","timestamp":"2011-05-0)" + std::to_string(day) +
           R"(T00:00:00Z","traits":{"email":"family@lovelace.example"}})";
  };
  ASSERT_TRUE(send(*engine, identify("ada-lovelace", "i1", 1)));
  ASSERT_TRUE(send(*engine, identify("anne-milbanke", "i2", 2)));
  ASSERT_TRUE(engine->backup(backup));
  const ExternalId left{IdNamespace::user, "anne-milbanke"};
  const auto expect_left = [&](std::size_t events) {
    const ReadAccess access = engine->read();
    ASSERT_TRUE(access.image().find(left));
    EXPECT_EQ(access.image().timeline(*access.image().find(left)).size(), events);
    EXPECT_EQ(access.image().people(), 1U);
  };
  const std::vector<std::string> gone = {"user:ada-lovelace", "email:family@lovelace.example"};

  const auto report = engine->erase("user:ada-lovelace");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->events, 1U);
  EXPECT_EQ(report->mentions, 2U) << "the second id, and the traits that hold it";
  expect_left(1);
  expect_none(search(folder, gone));
  EXPECT_EQ(send(*engine, identify("anne-milbanke", "i2", 2))->repeated, 1U);
  EXPECT_EQ(send(*engine, identify("anne-milbanke", "i3", 3))->added, 1U);
  EXPECT_EQ(send(*engine, identify("ada-lovelace", "i4", 3))->erased, 1U);
  expect_left(2);
  expect_none(search(folder, gone));
  const std::string after = digest_of(*engine);
  engine.reset();
  engine = open_engine(folder);
  EXPECT_EQ(digest_of(*engine), after);

  engine.reset();
  ASSERT_TRUE(Engine::restore(backup, folder));
  std::filesystem::remove(backup);
  engine = open_engine(folder);
  expect_left(1);
  expect_none(search(folder, gone));
}

TEST(Retention, LettersOlderThanADayAreForgotten) {
  const std::string folder = fresh_folder("letters");
  ManualClock clock(Instant{1'700'000'000});
  auto engine = *Engine::open({.folder = folder,
                               .default_model_toml = *read_file(real_disk(), "models/retail.toml"),
                               .threads = 2,
                               .clock = &clock});
  const auto refuse = [&](const std::string& id) {
    return send(*engine, R"({"type":"track","event":"Order Completed","messageId":")" + id +
                             R"(","userId":"u-)" + id + R"(","timestamp":"no"})");
  };
  ASSERT_TRUE(refuse("long-ago"));
  clock.advance(1000);
  ASSERT_TRUE(refuse("of-late"));
  const std::string before = digest_of(*engine);
  EXPECT_EQ(engine->forget_letters(Instant{1'700'000'500}).value(), 1U);
  EXPECT_EQ(engine->forget_letters(Instant{1'700'000'500}).value(), 0U);
  const auto letters = *(*engine->log()).dead_letters(0, 10);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_NE(letters.front().original.find("of-late"), std::string::npos);
  EXPECT_EQ(digest_of(*engine), before);
  EXPECT_EQ(search(folder, {"user:u-long-ago"}).hits, 0U) << "no byte of it stays";
  EXPECT_TRUE(engine->check()->good());
}

TEST(Erasure, TheSearchFindsWhatIsLeftAnywhere) {
  const std::string folder = fresh_folder("planted");
  auto engine = open_engine(folder);
  import_file(*engine, {.end = 2000, .people = 20});
  ASSERT_TRUE(engine->erase("user:customer-11"));
  expect_none(search(folder, {"user:customer-11"}));
  std::filesystem::create_directories(folder + "/exports/old");
  std::ofstream(folder + "/exports/old/people.csv")
      << std::string((4U << 20U) - 5, '.') << " user:customer-11, more";
  for (const std::vector<std::string>& ids : {std::vector<std::string>{}, {"user:customer-11"}}) {
    const LeftoverReport report = search(folder, ids);
    ASSERT_GE(report.hits, 1U) << ids.size();
    EXPECT_EQ(report.found.front().file, "exports/old/people.csv");
    EXPECT_EQ(report.found.front().place, "byte 4194305");
  }
  std::ofstream(folder + "/exports/old/people.csv") << "a=1&m=C11%40Example.org&b";
  EXPECT_EQ(search(folder, {}).hits, 1U) << "by the list, in a web address, in other letters";
}

// Goal (G3): who was brought by somebody erased keeps their own figures; those of others stay.
TEST(Erasure, ErasingAHubChangesNobodyElse) {
  const std::string folder = fresh_folder("hub");
  auto engine = open_engine(folder);
  ASSERT_TRUE(send(
      *engine,
      R"({"type":"identify","messageId":"h","userId":"the-hub","timestamp":"2011-01-01T00:00:00Z"})"));
  std::string events;
  for (int i = 0; i < 100; ++i) {
    const std::string who = "\"userId\":\"friend-" + std::to_string(i) + "\"";
    const std::string day =
        "\"timestamp\":\"2011-02-0" + std::to_string(1 + i % 9) + "T00:00:00Z\"";
    ASSERT_TRUE(send(*engine,
                     "{\"type\":\"batch\",\"batch\":[{\"type\":\"track\",\"event\":\"Referral "
                     "Accepted\",\"messageId\":\"r" +
                         std::to_string(i) + "\"," + who + "," + day +
                         ",\"properties\":{\"referrer_id\":\"user:the-hub\"}},{\"type\":\"track\","
                         "\"event\":\"Order Completed\",\"messageId\":\"o" +
                         std::to_string(i) + "\"," + who + "," + day +
                         ",\"properties\":{\"order_id\":\"o" + std::to_string(i) +
                         "\",\"total\":20,\"currency\":\"EUR\"}}]}"));
  }
  const auto readings = [&] {
    std::vector<std::uint32_t> all;
    const ReadAccess access = engine->read();
    for (int i = 0; i < 100; ++i) {
      const auto person = access.image().find({IdNamespace::user, "friend-" + std::to_string(i)});
      EXPECT_TRUE(person);
      all.push_back(access.image().columns(person->shard).index_milli[person->index]);
      all.push_back(access.image().state(*person).orders);
    }
    return all;
  };
  const auto before = readings();
  const auto report = engine->erase("the-hub");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->mentions, 100U);
  EXPECT_EQ(readings(), before);
  EXPECT_EQ(engine->read().image().derived_events(), 0U) << "credits go with whom they were given";
  expect_none(search(folder, {"user:the-hub"}));
}

}  // namespace
}  // namespace guanxi
