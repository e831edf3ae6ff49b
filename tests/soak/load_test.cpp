#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "eventlog/faulty_vfs.hpp"
#include "soak/soak.hpp"

namespace guanxi::soak {
namespace {

using std::chrono::steady_clock;

double ms_since(steady_clock::time_point then) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - then).count();
}

std::uint64_t rss_mb() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  statm >> all >> resident;
  return resident * 4096 / 1'000'000;
}

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_soak_load_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

Result<Admitted> answer_to(Engine& engine, Admission admission) {
  std::promise<Result<Admitted>> promise;
  admission.done = [&](const Result<Admitted>& admitted) { promise.set_value(admitted); };
  GUANXI_TRY_VOID(engine.submit(std::move(admission)));
  return promise.get_future().get();
}

std::string digest_of(const Engine& engine) {
  const ReadAccess access = engine.read();
  return to_string(digest(access.image(), access.model(), access.image().as_of()));
}

/// What came of a load.
struct Tally {
  std::atomic<std::uint64_t> acknowledged{0};  ///< requests
  std::atomic<std::uint64_t> unavailable{0};
  std::atomic<std::uint64_t> overloaded{0};
  std::mutex mutex;
  std::vector<double> took_ms;

  double p99() {
    std::sort(took_ms.begin(), took_ms.end());
    return took_ms.empty() ? 0 : took_ms[took_ms.size() * 99 / 100];
  }
};

// Submits at a fixed rate for a while, whatever becomes of it; all are answered on return.
void offer(Engine& engine, std::uint64_t& next, double per_second, double seconds, Tally& tally) {
  const auto began = steady_clock::now();
  std::atomic<std::uint64_t> open{0};
  for (std::uint64_t sent = 0; ms_since(began) < seconds * 1'000; ++sent) {
    const double due_ms = static_cast<double>(sent) * 1'000 / per_second;
    while (ms_since(began) < due_ms) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    Admission admission = numbered_request(next, 20);
    const auto planned = began + std::chrono::microseconds(static_cast<std::int64_t>(due_ms * 1e3));
    ++open;
    admission.done = [&, planned](const Result<Admitted>& admitted) {
      if (admitted) {
        ++tally.acknowledged;
        const std::lock_guard lock(tally.mutex);
        tally.took_ms.push_back(ms_since(planned));
      } else {
        ++tally.unavailable;
      }
      --open;
    };
    const auto submitted = engine.submit(std::move(admission));
    if (submitted) {
      next += 20;
    } else {
      ++(submitted.error().code == ErrorCode::overloaded ? tally.overloaded : tally.unavailable);
      --open;
    }
  }
  while (open > 0) {
    std::this_thread::yield();
  }
}

/// An engine on a disk in memory.
struct Machine {
  FaultyDisk disk;
  FaultyVfs vfs{disk, "soak-load"};
  std::unique_ptr<Engine> engine;
  explicit Machine(std::size_t bytes_most = 64U << 20U) {
    auto opened = Engine::open({.folder = "data",
                                .default_model_toml = model_toml(),
                                .threads = 1,
                                .door_bytes_most = bytes_most,
                                .vfs = vfs.name(),
                                .disk = &disk});
    EXPECT_TRUE(opened) << opened.error().message;
    engine = std::move(opened).value();
  }
};

// A5: while the disk is full nothing is taken and reads go on; afterwards all goes on by itself.
TEST(SoakLoad, AFullDiskIsRefusedAndRecovers) {
  Machine machine;
  Tally tally;
  std::uint64_t next = 0;
  const std::uint64_t rounds = std::min<std::uint64_t>(setting("SOAK_ROUNDS", 4), 50);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    offer(*machine.engine, next, 100, 0.1, tally);
    machine.disk.set({.space_bytes = 0});
    const std::uint64_t before = tally.acknowledged;
    offer(*machine.engine, next, 100, 0.1, tally);
    EXPECT_EQ(tally.acknowledged, before) << "nothing is acknowledged without room";
    EXPECT_GT(machine.engine->read().image().events(), 0U);
    machine.disk.set({});
  }
  EXPECT_TRUE(answer_to(*machine.engine, numbered_request(next, 20)));
  machine.engine->wait_applied();
  EXPECT_EQ((*machine.engine->log()).totals()->events, (tally.acknowledged + 1) * 20);
  EXPECT_TRUE(machine.engine->check()->good());
  std::printf(
      "full disk, %llu times: %llu requests acknowledged, %llu refused as unavailable, 0 "
      "lost, no restart\n",
      static_cast<unsigned long long>(rounds),
      static_cast<unsigned long long>(tally.acknowledged.load()),
      static_cast<unsigned long long>(tally.unavailable.load()));
}

// A8: a slow sync costs throughput; what waits stays bounded.
TEST(SoakLoad, ASlowDiskCostsThroughputOnly) {
  std::vector<unsigned> delays = {10, 100};
  if (setting("SOAK_ROUNDS", 0) > 0) {
    delays.push_back(2'000);
  }
  for (const unsigned sync_ms : delays) {
    Machine machine(1U << 20U);
    Tally tally;
    std::uint64_t next = 0;
    machine.disk.set({.sync_ms = sync_ms});
    const std::uint64_t before_mb = rss_mb();
    offer(*machine.engine, next, 400, sync_ms < 1'000 ? 1 : 4, tally);
    machine.disk.set({});
    machine.engine->wait_applied();
    EXPECT_GT(tally.acknowledged, 0U);
    EXPECT_EQ(tally.unavailable, 0U);
    EXPECT_EQ((*machine.engine->log()).totals()->events, tally.acknowledged * 20);
    std::printf(
        "a sync of %u ms: %llu requests of 20 acknowledged, p99 %.0f ms, %llu told to come "
        "again, memory grew by %llu MB\n",
        sync_ms, static_cast<unsigned long long>(tally.acknowledged.load()), tally.p99(),
        static_cast<unsigned long long>(tally.overloaded.load()),
        static_cast<unsigned long long>(rss_mb() - before_mb));
  }
}

// A9: a backup taken under load is a whole log, and holds all that was acknowledged before it.
TEST(SoakLoad, BackupsTakenUnderLoadRestoreWhole) {
  const std::string folder = fresh_folder("backup");
  auto engine = *Engine::open({.folder = folder, .default_model_toml = model_toml(), .threads = 1});
  const std::uint64_t rounds = std::min<std::uint64_t>(setting("SOAK_ROUNDS", 2), 20);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> acknowledged{0};
  std::jthread load([&] {
    for (std::uint64_t first = 0; !stop; first += 20) {
      acknowledged += answer_to(*engine, numbered_request(first, 20)) ? 20U : 0U;
    }
  });
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::string copy = fresh_folder("backup_" + std::to_string(round));
    std::filesystem::create_directories(copy);
    const std::uint64_t before = acknowledged;
    ASSERT_TRUE(engine->backup(copy + "/backup.db"));
    ASSERT_TRUE(Engine::restore(copy + "/backup.db", copy + "/restored"));
    auto restored = *Engine::open(
        {.folder = copy + "/restored", .default_model_toml = model_toml(), .threads = 1});
    restored->wait_applied();
    EXPECT_GE(restored->read().image().events(), before);
    EXPECT_TRUE(restored->check()->good());
    restored.reset();
    std::filesystem::remove_all(copy);
  }
  stop = true;
  load.join();
  engine->wait_applied();
  EXPECT_EQ(engine->read().image().events(), acknowledged);
  std::printf("%llu backups under load: each restored whole, %llu events by then\n",
              static_cast<unsigned long long>(rounds),
              static_cast<unsigned long long>(acknowledged.load()));
}

// B1: each event one to five times, across requests and restarts, counts once.
TEST(SoakOrder, EachEventOneToFiveTimesCountsOnce) {
  const std::uint64_t rounds = std::min<std::uint64_t>(setting("SOAK_ROUNDS", 3), 100);
  const std::string folder = fresh_folder("repeats");
  constexpr std::uint64_t kARound = 400;
  Random random(setting("SOAK_SEED", 20261122));
  std::uint64_t sent = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    auto engine =
        *Engine::open({.folder = folder, .default_model_toml = model_toml(), .threads = 1});
    std::vector<std::uint64_t> order;
    for (std::uint64_t n = round == 0 ? 0 : (round - 1) * kARound; n < (round + 1) * kARound;
         n += 20) {
      order.insert(order.end(), 1 + random.below(5), n);
    }
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[random.below(i)]);
    }
    for (const std::uint64_t first : order) {
      // Cut otherwise each time, so that requests overlap.
      const std::uint64_t shift = random.below(10);
      ASSERT_TRUE(answer_to(*engine, numbered_request(first, 20 - shift)));
      ASSERT_TRUE(answer_to(*engine, numbered_request(first + 20 - shift, shift)));
      sent += 20;
    }
    engine->wait_applied();
    ASSERT_EQ(engine->read().image().events(), (round + 1) * kARound);
    ASSERT_EQ((*engine->log()).totals()->events, (round + 1) * kARound);
    ASSERT_EQ((*engine->log()).dead_letters_kept().value(), 0U);
  }
  std::printf("%llu events sent %llu times across %llu restarts: each counted once, no error\n",
              static_cast<unsigned long long>(rounds * kARound),
              static_cast<unsigned long long>(sent), static_cast<unsigned long long>(rounds));
}

std::vector<CompactEvent> thirty_days(Random& random) {
  std::vector<CompactEvent> events;
  for (std::uint32_t i = 0; i < 10; ++i) {
    CompactEvent::Fields fields;
    fields.id_hash = random.next();
    fields.occurred_s = 1'700'000'000 + static_cast<std::uint32_t>(random.below(30 * 86'400));
    const EventKind kinds[] = {EventKind::order_line, EventKind::line_returned, EventKind::visit,
                               EventKind::review_posted};
    fields.kind = kinds[random.below(4)];
    fields.order_ref = 1 + static_cast<std::uint32_t>(random.below(4));
    fields.amount_minor = fields.kind == EventKind::line_returned ? -500 : 1'500;
    fields.quantity = static_cast<std::int32_t>(random.below(100));
    events.emplace_back(fields);
  }
  return events;
}

// B3: whatever the order in which thirty days of a person come, they end in one state.
TEST(SoakOrder, AnyPermutationEndsInTheSameState) {
  const std::uint64_t people = std::max<std::uint64_t>(setting("SOAK_ROUNDS", 20), 10) / 10 * 10;
  constexpr int kPermutations = 100;
  const Model model = *Model::parse(model_toml());
  Random random(setting("SOAK_SEED", 20261122));
  for (std::uint64_t person = 0; person < people; ++person) {
    std::vector<CompactEvent> events = thirty_days(random);
    Image image(1);
    image.refold(model, model.zone.day_of(Instant{1'700'000'000 + 31 * 86'400}), 1);
    std::optional<State> first;
    for (int i = 0; i < kPermutations; ++i) {
      const std::string name = std::to_string(i);
      const PersonRef ref = image.find_or_add({IdNamespace::user, name});
      for (std::size_t at = events.size(); at > 1; --at) {
        std::swap(events[at - 1], events[random.below(at)]);
      }
      for (const CompactEvent& event : events) {
        ASSERT_EQ(image.add(ref, event), Added::added);
      }
      first = first ? first : std::optional(image.state(ref));
      ASSERT_EQ(image.state(ref), *first) << "person " << person << ", permutation " << i;
    }
  }
  std::printf("%llu permutations of 30 days: 0 differences\n",
              static_cast<unsigned long long>(people * kPermutations));
}

/// A clock that jumps by an hour, back and forth; its monotonic half does not.
///
/// Place       Here.
/// Threads     Any.
class JumpingClock final : public Clock {
 public:
  explicit JumpingClock(bool jumps) : jumps_(jumps) {}
  Instant now() override {
    const std::int64_t calls = calls_.fetch_add(1);
    const std::int64_t jump = !jumps_              ? 0
                              : calls / 7 % 3 == 0 ? 3'600
                              : calls / 7 % 3 == 1 ? -3'600
                                                   : 0;
    return Instant{1'790'000'000 + jump};
  }
  std::int64_t monotonic_ns() override { return system_clock().monotonic_ns(); }

 private:
  bool jumps_;
  std::atomic<std::int64_t> calls_{0};
};

// B6: the server's clock may jump: nothing is lost, and nothing decays twice or not at all.
TEST(SoakClock, JumpsOfAnHourChangeNothing) {
  std::vector<std::string> digests;
  for (const bool jumps : {false, true}) {
    JumpingClock clock(jumps);
    auto engine = *Engine::open({.folder = fresh_folder(jumps ? "jumps" : "steady"),
                                 .default_model_toml = model_toml(),
                                 .threads = 1,
                                 .clock = &clock});
    for (std::uint64_t first = 0; first < 2'000; first += 20) {
      Admission admission = numbered_request(first, 20);
      for (Event& event : admission.batch.events) {
        event.occurred_at = Instant{1'780'000'000 + static_cast<std::int64_t>(first * 400)};
        event.received_at = Instant{1'790'000'000};
      }
      ASSERT_EQ(answer_to(*engine, std::move(admission))->added, 20U);
    }
    engine->wait_applied();
    EXPECT_TRUE(engine->activate_model(model_toml()));
    digests.push_back(digest_of(*engine));
  }
  EXPECT_EQ(digests[0], digests[1]);
}

// C1, at the engine: far more than it can take, for a while.
TEST(SoakOverload, RefusesTheRestAndStaysBounded) {
  const double seconds = setting("SOAK_ROUNDS", 0) >= 1'000 ? 60 : 2;
  auto engine = *Engine::open({.folder = fresh_folder("overload"),
                               .default_model_toml = model_toml(),
                               .threads = 1,
                               .door_bytes_most = 4U << 20U});
  std::uint64_t next = 0;
  Tally idle;
  offer(*engine, next, 50, 1, idle);
  const std::uint64_t before_mb = rss_mb();
  Tally busy;
  offer(*engine, next, 1e6, seconds, busy);
  const std::uint64_t after_mb = rss_mb();
  engine->wait_applied();
  Tally after;
  offer(*engine, next, 50, 1, after);
  engine->wait_applied();
  EXPECT_EQ(engine->read().image().events(),
            (idle.acknowledged + busy.acknowledged + after.acknowledged) * 20);
  EXPECT_EQ(after.overloaded, 0U);
  std::printf(
      "overload for %.0f s: %.0f events/s acknowledged, %llu of %llu requests told to come "
      "again; p99 of an acknowledgement %.1f ms idle, %.1f ms under overload, %.1f ms "
      "after; memory grew by %llu MB\n",
      seconds, static_cast<double>(busy.acknowledged) * 20 / seconds,
      static_cast<unsigned long long>(busy.overloaded.load()),
      static_cast<unsigned long long>(busy.overloaded + busy.acknowledged), idle.p99(), busy.p99(),
      after.p99(), static_cast<unsigned long long>(after_mb - before_mb));
}

// C3: one person with very many events costs each of them no more, and readers do not wait.
TEST(SoakOverload, AHotPersonIsNoSlowerThanOthers) {
  const std::uint64_t events = setting("SOAK_ROUNDS", 0) >= 1'000 ? 1'000'000 : 10'000;
  auto engine = *Engine::open(
      {.folder = fresh_folder("hot"), .default_model_toml = model_toml(), .threads = 1});
  std::atomic<bool> stop{false};
  std::vector<double> reads_ms;
  std::jthread reader([&] {
    while (!stop) {
      const auto began = steady_clock::now();
      {
        const ReadAccess access = engine->read();
        const auto person = access.image().find({IdNamespace::user, "p-0"});
        static_cast<void>(person ? access.image().state(*person).events : 0U);
      }
      reads_ms.push_back(ms_since(began));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const Instant began_at = system_clock().now();
  const auto began = steady_clock::now();
  double first_half_ms = 0;
  for (std::uint64_t first = 0; first < events; first += 500) {
    if (first == events / 2) {
      engine->wait_applied();
      first_half_ms = ms_since(began);
    }
    Admission admission = numbered_request(first, 500, 1);
    for (std::size_t i = 0; i < 500; ++i) {
      admission.batch.events[i].occurred_at =
          Instant{began_at.seconds - 2'000'000 + static_cast<std::int64_t>(first + i)};
    }
    ASSERT_TRUE(answer_to(*engine, std::move(admission)));
  }
  engine->wait_applied();
  const double second_half_ms = ms_since(began) - first_half_ms;
  stop = true;
  reader.join();
  std::sort(reads_ms.begin(), reads_ms.end());
  EXPECT_EQ(engine->read().image().events(), events);
  std::printf(
      "one person with %llu events: the first half in %.0f ms, the second in %.0f ms; p99 "
      "of a read meanwhile %.1f ms\n",
      static_cast<unsigned long long>(events), first_half_ms, second_half_ms,
      reads_ms.empty() ? 0.0 : reads_ms[reads_ms.size() * 99 / 100]);
}

}  // namespace
}  // namespace guanxi::soak
