#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include "engine/engine.hpp"
#include "engine/shop_source.hpp"
#include "eventlog/faulty_vfs.hpp"
#include "events/batch_codec.hpp"

namespace guanxi {
namespace {

std::string model_toml() { return *read_file(real_disk(), "models/retail.toml"); }

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_door_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

std::unique_ptr<Engine> open_engine(const std::string& folder,
                                    std::size_t bytes_most = 64U << 20U) {
  auto engine = Engine::open({.folder = folder,
                              .default_model_toml = model_toml(),
                              .threads = 2,
                              .door_bytes_most = bytes_most});
  EXPECT_TRUE(engine) << engine.error().message;
  return std::move(engine).value();
}

std::string digest_of(const Engine& engine) {
  const ReadAccess access = engine.read();
  return to_string(digest(access.image(), access.model(), access.image().as_of()));
}

// The rows [first, end) of a shop as one request.
Admission request(std::uint64_t first, std::uint64_t end) {
  Admission admission;
  ShopSource source({.first = first, .end = end, .rows_a_run = end - first});
  EXPECT_TRUE(source.next(admission.batch, admission.refused));
  admission.door = "segment:shop";
  return admission;
}

// A request larger than all the room that the door has (on a slow disk that is little) must not be
// told to come again for ever: it is taken when nothing else waits.
TEST(Door, TakesARequestLargerThanItself) {
  auto engine = open_engine(fresh_folder("larger"), 1'000);
  for (std::uint64_t first = 0; first < 1'000; first += 500) {
    std::promise<Result<Admitted>> promise;
    Admission large = request(first, first + 500);
    large.done = [&](const Result<Admitted>& admitted) { promise.set_value(admitted); };
    ASSERT_TRUE(engine->submit(std::move(large)));
    ASSERT_TRUE(promise.get_future().get());
    engine->wait_applied();
  }
}

Event visit(EventBatch& batch, const std::string& id, const std::string& person,
            const std::string& page) {
  Event event;
  event.kind = EventKind::visit;
  event.id_hash = identity_of_message({}, id, 0);
  event.message_id = batch.keep(id);
  event.received_at = system_clock().now();
  event.occurred_at = Instant{event.received_at.seconds - 100};
  event.person = {IdNamespace::user, batch.keep(person)};
  event.subject = batch.keep(page);
  return event;
}

Admission one_visit(const std::string& id, const std::string& person, const std::string& page,
                    std::int64_t seconds_later = 0) {
  Admission admission;
  Event event = visit(admission.batch, id, person, page);
  event.occurred_at.seconds += seconds_later;
  admission.batch.events.push_back(event);
  admission.door = "segment:shop";
  return admission;
}

Result<Admitted> answer_to(Engine& engine, Admission admission) {
  std::promise<Result<Admitted>> promise;
  admission.done = [&](const Result<Admitted>& admitted) { promise.set_value(admitted); };
  GUANXI_TRY_VOID(engine.submit(std::move(admission)));
  return promise.get_future().get();
}

// Sends all rows in requests of 20, each one to three times, from several threads.
void send_rows(Engine& engine, std::uint64_t rows, unsigned threads) {
  std::atomic<std::uint64_t> next{0};
  std::vector<std::jthread> senders;
  for (unsigned i = 0; i < threads; ++i) {
    senders.emplace_back([&] {
      for (std::uint64_t first = next.fetch_add(20); first < rows; first = next.fetch_add(20)) {
        for (std::uint64_t times = 0; times <= first / 20 % 3; ++times) {
          EXPECT_TRUE(answer_to(engine, request(first, std::min(rows, first + 20))));
        }
      }
    });
  }
}

TEST(Door, WhatCameInPiecesIsWhatAnImportWouldHaveMade) {
  const std::string folder = fresh_folder("pieces");
  std::string live;
  {
    auto engine = open_engine(folder);
    send_rows(*engine, 5'000, 4);
    engine->wait_applied();
    EXPECT_EQ((*engine->log()).totals()->events, 5'000U) << "each event stands in the log once";
    EXPECT_TRUE(engine->check()->good());
    live = digest_of(*engine);
  }
  EXPECT_EQ(digest_of(*open_engine(folder)), live);
  auto imported = open_engine(fresh_folder("imported"));
  ShopSource source({});
  ASSERT_TRUE(imported->import(source, {.name = "shop"}));
  auto again = open_engine(folder);
  ASSERT_TRUE(again->activate_model(model_toml())) << "calibrated on all there is, as an import is";
  EXPECT_EQ(digest_of(*again), digest_of(*imported));
}

TEST(Door, KnowsRetriesAndKeepsConflictsAsLetters) {
  const std::string folder = fresh_folder("retries");
  auto engine = open_engine(folder);
  EXPECT_EQ(answer_to(*engine, one_visit("m-1", "ada", "home"))->added, 1U);
  engine->wait_applied();  // nobody else works from here on
  EXPECT_EQ(answer_to(*engine, one_visit("m-1", "ada", "home", 5))->repeated, 1U);
  EXPECT_EQ(answer_to(*engine, one_visit("m-1", "ada", "shoes"))->conflicting, 1U);
  EXPECT_EQ(answer_to(*engine, one_visit("m-1", "bob", "home"))->conflicting, 1U);
  engine->wait_applied();
  EXPECT_EQ(engine->read().image().events(), 1U);
  const auto letters = *(*engine->log()).dead_letters(0, 10);
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].field, "messageId");
  EXPECT_EQ(letters[0].source, "segment:shop");
  engine.reset();
  engine = open_engine(folder);
  EXPECT_EQ(answer_to(*engine, one_visit("m-1", "ada", "home", 9))->repeated, 1U) << "restarted";
}

// An event older than what the door remembers is met in the image: it counts once all the same.
TEST(Door, TheImageKnowsWhatTheDoorHasForgotten) {
  auto opened = Engine::open({.folder = fresh_folder("forgotten"),
                              .default_model_toml = model_toml(),
                              .recent_ids_most = 64});
  Engine& engine = **opened;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(answer_to(engine, one_visit("m-" + std::to_string(i), "ada", "home", round)));
    }
  }
  ASSERT_TRUE(answer_to(engine, one_visit("m-3", "ada", "other")));
  engine.wait_applied();
  EXPECT_EQ(engine.read().image().events(), 200U);
  ASSERT_TRUE(answer_to(engine, one_visit("m-900", "ada", "home")));
  engine.wait_applied();
  EXPECT_EQ((*engine.log()).dead_letters_kept().value(), 1U);
  EXPECT_TRUE(engine.check()->good());
}

// Goal: the model is calibrated though nobody waits for it and requests go on; what stands in the
// image then is what a restart makes of the log.
TEST(Door, IsCalibratedWhileRequestsGoOn) {
  const std::string folder = fresh_folder("calibrated");
  std::string live;
  {
    auto engine = open_engine(folder);
    std::uint64_t kinds = 0;
    for (std::uint64_t first = 0; kinds == 0 && first < 100'000; first += 20) {
      ASSERT_TRUE(answer_to(*engine, request(first, first + 20)));
      kinds = engine->read().model().calibration.observed_kinds;
    }
    EXPECT_NE(kinds, 0U);
    engine->wait_applied();
    EXPECT_TRUE(engine->check()->good());
    live = digest_of(*engine);
  }
  EXPECT_EQ(digest_of(*open_engine(folder)), live);
}

TEST(Door, TellsWhatEachEventChanged) {
  auto engine = open_engine(fresh_folder("notes"));
  ASSERT_TRUE(answer_to(*engine, request(100, 2'000)));
  engine->wait_applied();
  const auto watcher = engine->feed().watch(100, false);
  ASSERT_TRUE(answer_to(*engine, request(0, 20)));
  ASSERT_TRUE(answer_to(*engine, request(0, 1)));
  engine->wait_applied();
  std::uint64_t missed = 0;
  const auto notes = watcher->take(1'000, missed);
  ASSERT_EQ(notes.size(), 21U);
  EXPECT_EQ(notes[0]->door, "segment:shop");
  EXPECT_EQ(notes[20]->outcome, LiveNote::Outcome::repeated);
  EXPECT_TRUE(std::any_of(notes.begin(), notes.end(), [](const auto& note) {
    return note->moved && note->after.index_milli != note->before.index_milli;
  }));
}

TEST(Door, RefusesWhatWouldNotFit) {
  auto engine = open_engine(fresh_folder("full"), 64U << 10U);
  std::atomic<int> taken{0};
  std::atomic<int> answered{0};
  int refused = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    Admission admission = request(i * 20, i * 20 + 20);
    admission.done = [&](const Result<Admitted>& admitted) {
      EXPECT_TRUE(admitted);
      ++answered;
    };
    const auto submitted = engine->submit(std::move(admission));
    if (submitted) {
      ++taken;
    } else {
      EXPECT_EQ(submitted.error().code, ErrorCode::overloaded);
      ++refused;
    }
  }
  engine->wait_applied();
  EXPECT_GT(refused, 0);
  EXPECT_EQ(answered, taken);
  EXPECT_EQ((*engine->log()).totals()->events, static_cast<std::uint64_t>(taken) * 20);
}

TEST(Door, ImportsGoFirstAndBothEndInTheLog) {
  auto engine = open_engine(fresh_folder("both"));
  std::jthread sending([&] { send_rows(*engine, 3'000, 2); });
  ShopSource source({.first = 2'000});
  ASSERT_TRUE(engine->import(source, {.name = "shop"}));
  sending.join();
  engine->wait_applied();
  const auto people = engine->read().image().events() + engine->read().image().nobody_events();
  EXPECT_EQ(people, 5'000U);
  EXPECT_TRUE(engine->check()->good());
}

// Goal: what comes while the log is replayed, or a work has it, is durable at once and counts once.
TEST(Door, IsOpenBeforeTheLogIsRead) {
  const std::string folder = fresh_folder("early");
  {
    auto engine = open_engine(folder);
    ShopSource source({.end = 60'000, .rows_a_run = 5'000});
    ASSERT_TRUE(engine->import(source, {.name = "shop"}));
  }
  std::string digest_then;
  {
    auto opened = Engine::open_live({.folder = folder, .default_model_toml = model_toml()});
    ASSERT_TRUE(opened) << opened.error().message;
    Engine& engine = **opened;
    int early = 0;
    for (std::uint64_t first = 59'900; first < 60'500; first += 20) {
      ASSERT_TRUE(answer_to(engine, request(first, first + 20)));
      early += engine.ready() ? 0 : 1;
    }
    EXPECT_GT(early, 0) << "the image was there too soon to mean anything";
    ASSERT_TRUE(engine.wait_ready());
    engine.wait_applied();
    EXPECT_EQ(engine.read().image().events() + engine.read().image().nobody_events(), 60'500U);
    EXPECT_EQ((*engine.log()).waiting_rows().value(), 0U);
    EXPECT_TRUE(engine.check()->good());
    digest_then = digest_of(engine);
  }
  EXPECT_EQ(digest_of(*open_engine(folder)), digest_then);
}

// A process that ends while events wait leaves them to the next one.
TEST(Door, WhatWaitsOutlivesTheProcess) {
  const std::string folder = fresh_folder("outlives");
  {
    auto log = EventLog::open({.folder = (open_engine(folder), folder)});
    ASSERT_TRUE(log) << log.error().message;
    const Admission admission = request(0, 500);
    EventLog::Aside aside;
    aside.events.emplace_back("segment:shop",
                              *pack_batch(BatchKind::columns, encode_batch(admission.batch), 500));
    ASSERT_TRUE((*log)->put_aside(aside));
  }
  auto engine = open_engine(folder);
  ASSERT_TRUE(answer_to(*engine, request(480, 520)));
  engine->wait_applied();
  EXPECT_EQ((*engine->log()).totals()->events, 520U);
  EXPECT_TRUE(engine->check()->good());
}

/// An engine on a disk in memory.
struct FaultyEngine {
  FaultyDisk disk;
  FaultyVfs vfs{disk, "door-faults"};
  std::unique_ptr<Engine> engine;
  FaultyEngine() {
    auto opened = Engine::open({.folder = "data",
                                .default_model_toml = model_toml(),
                                .threads = 1,
                                .vfs = vfs.name(),
                                .disk = &disk});
    EXPECT_TRUE(opened) << opened.error().message;
    engine = std::move(opened).value();
  }
};

TEST(Door, AFailedSyncTurnsItReadOnlyAtOnce) {
  FaultyEngine faulty;
  ASSERT_TRUE(answer_to(*faulty.engine, request(0, 20)));
  faulty.engine->wait_applied();
  faulty.disk.set({.frozen = true});
  EXPECT_EQ(answer_to(*faulty.engine, request(20, 40)).error().code, ErrorCode::unavailable);
  faulty.disk.set({});
  EXPECT_EQ(answer_to(*faulty.engine, request(20, 40)).error().code, ErrorCode::unavailable)
      << "nobody tries a sync again";
  EXPECT_TRUE(faulty.engine->read_only_because());
  EXPECT_GT(faulty.engine->read().image().events(), 0U) << "reads go on";
}

TEST(Door, AFullDiskIsTemporary) {
  FaultyEngine faulty;
  ASSERT_TRUE(answer_to(*faulty.engine, request(0, 20)));
  faulty.disk.set({.space_bytes = 0});
  const auto refused = answer_to(*faulty.engine, request(20, 40));
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable) << refused.error().message;
  faulty.disk.set({});
  const auto admitted = answer_to(*faulty.engine, request(20, 40));
  ASSERT_TRUE(admitted) << admitted.error().message;
  EXPECT_EQ(admitted->added, 20U) << "what was not written is not taken for a repeat";
  faulty.engine->wait_applied();
  EXPECT_TRUE(faulty.engine->check()->good());
}

}  // namespace
}  // namespace guanxi
