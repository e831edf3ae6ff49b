#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "engine/engine.hpp"
#include "engine/shop_source.hpp"

namespace guanxi {
namespace {

constexpr std::uint64_t kRows = 60'000;

ShopFile shop() { return {.end = kRows, .people = 2'000, .rows_a_run = 500}; }

Result<std::unique_ptr<Engine>> open_engine(const std::string& folder) {
  return Engine::open({.folder = folder,
                       .default_model_toml = *read_file(real_disk(), "models/retail.toml"),
                       .threads = 2,
                       .run_events = 1'000});  // sixty runs, so that commits lie within
}

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_kill_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

std::string digest_of(const Engine& engine) {
  const ReadAccess access = engine.read();
  return to_string(digest(access.image(), access.model(), access.image().as_of()));
}

// Imports in a process of its own, killed after `after_us`; whether it was killed before the end.
bool import_and_kill(const std::string& folder, unsigned after_us) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto engine = open_engine(folder);
    ShopSource source(shop());
    const bool done = engine && (*engine)->import(source, {.name = "shop"});
    _exit(done ? 0 : 2);
  }
  ::usleep(after_us);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "the import failed by itself";
  return WIFSIGNALED(status);
}

std::string digest_after_another_run(const std::string& folder) {
  auto engine = open_engine(folder);
  EXPECT_TRUE(engine) << engine.error().message;
  ShopSource source(shop());
  const auto report = (*engine)->import(source, {.name = "shop"});
  EXPECT_TRUE(report) << report.error().message;
  EXPECT_EQ((*(*engine)->log()).totals()->events, kRows) << "each event stands in the log once";
  return digest_of(**engine);
}

// Goal: an import that was killed and is run again ends as if it had run through. Method: a real
// process, killed at moments spread over the time that a whole import takes.
TEST(EngineKill, AnInterruptedImportRunAgainGivesTheSameDigest) {
  const auto began = std::chrono::steady_clock::now();
  const std::string whole = digest_after_another_run(fresh_folder("whole"));
  const auto took_us = std::chrono::duration_cast<std::chrono::microseconds>(
                           std::chrono::steady_clock::now() - began)
                           .count();
  int killed = 0;
  int partly = 0;
  Random random(20261122);
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(::testing::Message() << "round " << round);
    const std::string folder = fresh_folder("cut");
    const auto after_us = static_cast<unsigned>((round * 2 + 1) * took_us / 12 +
                                                static_cast<long>(random.below(20'000)));
    killed += import_and_kill(folder, after_us) ? 1 : 0;
    if (auto reader = LogReader::open(LogPaths(folder).database)) {
      const auto totals = reader->totals();
      partly += totals && totals->events > 0 && totals->events < kRows ? 1 : 0;
    }
    ASSERT_EQ(digest_after_another_run(folder), whole);
  }
  EXPECT_GE(killed, 3) << "the rounds killed too rarely to mean anything";
  RecordProperty("killed_with_part_of_the_log_written", partly);
}

// An erasure that is killed at any moment is ended when the folder is opened again.
TEST(EngineKill, AnInterruptedErasureIsEndedAtTheNextOpening) {
  const ShopFile small{.end = 4'000, .people = 50};
  const std::string source_folder = fresh_folder("erase_source");
  {
    auto engine = open_engine(source_folder);
    ShopSource source(small);
    ASSERT_TRUE((*engine)->import(source, {.name = "shop"}));
  }
  std::string whole;
  for (int round = 0; round < 10; ++round) {
    SCOPED_TRACE(::testing::Message() << "round " << round);
    const std::string folder = fresh_folder("erase");
    std::filesystem::copy(source_folder, folder);
    int ready[2] = {-1, -1};
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto engine = open_engine(folder);
      const char go = 'g';
      const bool told = ::write(ready[1], &go, 1) == 1;
      const bool erased = told && (*engine)->erase("customer-9").has_value();
      _exit(erased ? 0 : 2);
    }
    char go = 0;
    ASSERT_EQ(::read(ready[0], &go, 1), 1);
    if (round > 0) {
      ::usleep(static_cast<unsigned>(round - 1) * 8'000);
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    auto engine = open_engine(folder);
    ASSERT_TRUE(engine) << engine.error().message;
    if ((*engine)->read().image().find({IdNamespace::user, "customer-9"})) {
      // Killed before the erasure had begun.
      ASSERT_TRUE((*engine)->erase("customer-9"));
    }
    if (round == 0) {
      whole = digest_of(**engine);
    }
    EXPECT_EQ(digest_of(**engine), whole);
    EXPECT_TRUE((*engine)->check()->good());
  }
}

// A6: a process that takes in and writes snapshots over and over is killed; what it leaves is a
// snapshot of before or of after, or none, and with the log behind it the same people.
TEST(EngineKill, ASnapshotThatWasBeingWrittenIsTheOldOneOrTheNewOneOrNone) {
  const std::string folder = fresh_folder("snapshot");
  const std::string image = folder + "/guanxi.image";
  {
    auto engine = open_engine(folder);
    ShopSource source({.end = 10'000, .people = 500});
    ASSERT_TRUE((*engine)->import(source, {.name = "shop"}));
  }
  Random random(20261123);
  int resumed = 0;
  int cut_short = 0;
  for (std::uint64_t round = 0; round < 10; ++round) {
    SCOPED_TRACE(::testing::Message() << "round " << round);
    const pid_t child = ::fork();
    if (child == 0) {
      auto engine = open_engine(folder);
      for (std::uint64_t row = 10'000 + round * 1'000; engine; row += 2) {
        ShopSource more({.first = row, .end = row + 2, .people = 500});
        static_cast<void>((*engine)->import(more, {.name = std::to_string(row)}));
        static_cast<void>((*engine)->write_snapshot());
      }
      _exit(2);
    }
    ::usleep(static_cast<unsigned>(300'000 + random.below(400'000)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    cut_short += std::filesystem::exists(image + ".new") ? 1 : 0;
    std::string with;
    {
      auto engine = open_engine(folder);
      ASSERT_TRUE(engine) << engine.error().message;
      resumed += (*engine)->resumed_events() > 0 ? 1 : 0;
      EXPECT_FALSE(std::filesystem::exists(image + ".new"));
      with = digest_of(**engine);
    }
    const std::string aside = folder + "/aside";
    if (std::filesystem::exists(image)) {
      std::filesystem::rename(image, aside);
    }
    EXPECT_EQ(digest_of(**open_engine(folder)), with);
    if (std::filesystem::exists(aside)) {
      std::filesystem::rename(aside, image);
    }
  }
  EXPECT_GE(resumed, 5) << "snapshots were used too rarely to mean anything";
  RecordProperty("killed_while_writing", cut_short);
}

}  // namespace
}  // namespace guanxi
