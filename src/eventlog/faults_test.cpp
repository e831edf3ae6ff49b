#include <gtest/gtest.h>

#include "base/random.hpp"
#include "eventlog/event_log.hpp"
#include "eventlog/faulty_vfs.hpp"

namespace guanxi {
namespace {

const std::string kFolder = "data";

std::string payload_of(std::uint64_t i) {
  std::string text;
  for (std::uint64_t word = 0; word < 600 + i * 300; ++word) {
    append_u64(text, mix64(i * 100'000 + word));
  }
  return text;
}

/// What a run was told is safe.
struct Confirmed {
  std::uint64_t batches = 0;
  std::uint64_t letters = 0;
  bool rewritten = false;
  bool started = false;
};

/// A log's life: opened, appended to, rewritten, closed. Stops at the first error.
Result<void> live(const std::string& vfs, FaultyDisk& disk, Confirmed& confirmed) {
  GUANXI_TRY(log,
             EventLog::open(
                 {.folder = kFolder, .vfs = vfs, .disk = &disk, .background_checkpoints = false}));
  confirmed.started = true;
  for (std::uint64_t i = log->last_seq() + 1; i <= 4; ++i) {
    GUANXI_TRY(packed, pack_batch(BatchKind::columns, payload_of(i), i));
    GUANXI_TRY(seq, log->append(packed));
    EXPECT_EQ(seq, i);
    GUANXI_TRY_VOID(log->add_dead_letter({.source = "s", .line = i}));
    GUANXI_TRY_VOID(log->commit());
    confirmed.batches = i;
    confirmed.letters = i;
  }
  GUANXI_TRY(packed, pack_batch(BatchKind::columns, "gone", 1));
  GUANXI_TRY_VOID(log->rewrite(2, packed));
  GUANXI_TRY_VOID(log->commit());
  confirmed.rewritten = true;
  return log->scrub();
}

/// Empty when everything confirmed is there and nothing is damaged.
std::string what_is_wrong(const std::string& vfs, FaultyDisk& disk, const Confirmed& confirmed) {
  const auto log = EventLog::open(
      {.folder = kFolder, .vfs = vfs, .disk = &disk, .background_checkpoints = false});
  if (!log) {
    return log.error().message;
  }
  const auto found = check_log(LogPaths(kFolder).database, LogPaths(kFolder).mark, disk, {}, vfs);
  if (!found) {
    return found.error().message;
  }
  if (!found->problems.empty()) {
    return found->problems.front();
  }
  if (found->totals.batches < confirmed.batches) {
    return "a confirmed batch is lost";
  }
  auto reader = *(*log)->reader();
  for (std::uint64_t seq = 1; seq <= found->totals.batches; ++seq) {
    const std::string payload = reader.read(seq)->payload;
    const bool rewritten = seq == 2 && payload == "gone";
    if ((!rewritten && payload != payload_of(seq)) ||
        (seq == 2 && confirmed.rewritten && !rewritten)) {
      return "batch " + std::to_string(seq) + " has other content";
    }
  }
  return *reader.dead_letters_kept() < confirmed.letters ? "a confirmed dead letter is lost" : "";
}

// Goal: a write, sync, cut or removal that fails, once or from then on, ends in a clean error, and
// the log opens again with all that was confirmed. Method: fail the 1st, 2nd, ... operation until
// a run meets no fault; afterwards either the disk works again or the power is cut as well.
TEST(EventLogFaults, EveryFailingOperationLeavesAWholeLog) {
  for (const bool fail_on : {false, true}) {
    for (const bool power_cut : {false, true}) {
      std::uint64_t n = 1;
      for (;; ++n) {
        SCOPED_TRACE(::testing::Message() << "operation " << n << (fail_on ? " and later" : "")
                                          << (power_cut ? ", power cut" : ""));
        FaultyDisk disk;
        FaultyVfs vfs(disk, "faulty");
        disk.set({.fail_at = n, .fail_on = fail_on});
        Confirmed confirmed;
        const auto lived = live(vfs.name(), disk, confirmed);
        const bool met = disk.fault_met();
        vfs.forget_locks();
        if (power_cut) {
          Random random(n);
          disk.cut_power(random);
        }
        disk.set({});
        ASSERT_EQ(what_is_wrong(vfs.name(), disk, confirmed), "");
        if (!met) {
          ASSERT_TRUE(lived) << lived.error().message;
          break;
        }
      }
      EXPECT_GT(n, 40U) << "the faults met too few operations to mean anything";
    }
  }
}

// One life cut by the power at operation `n`; returns what is wrong afterwards.
std::string life_cut_at(std::uint64_t n, std::uint64_t seed, bool ignore_syncs) {
  FaultyDisk disk;
  FaultyVfs vfs(disk, "cut");
  Confirmed confirmed;
  {
    // The first half of the life is whole, so that there is something to lose.
    disk.set({.ignore_syncs = ignore_syncs});
    auto log = EventLog::open(
        {.folder = kFolder, .vfs = vfs.name(), .disk = &disk, .background_checkpoints = false});
    EXPECT_TRUE(log);
    for (std::uint64_t i = 1; i <= 3; ++i) {
      auto packed = pack_batch(BatchKind::columns, payload_of(i), i);
      const bool stored = (*log)->append(*packed) && (*log)->commit();
      confirmed.batches = stored ? i : confirmed.batches;
      if (disk.operations() >= n) {
        break;
      }
    }
    disk.set({.frozen = true});
  }
  vfs.forget_locks();
  Random random(seed);
  disk.cut_power(random);
  disk.set({});
  return what_is_wrong(vfs.name(), disk, confirmed);
}

TEST(EventLogFaults, NothingConfirmedIsLostWhenThePowerIsCut) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    ASSERT_EQ(life_cut_at(seed % 40, seed, false), "") << "seed " << seed;
  }
}

// The test above must be able to fail: a disk whose syncs keep nothing loses within 20 rounds.
TEST(EventLogFaults, ADiskThatLiesAboutSyncsIsFoundOut) {
  bool found = false;
  for (std::uint64_t seed = 0; seed < 20 && !found; ++seed) {
    found = !life_cut_at(40, seed, true).empty();
  }
  EXPECT_TRUE(found);
}

TEST(EventLogFaults, AFullDiskRefusesOneCommitAndRecovers) {
  FaultyDisk disk;
  FaultyVfs vfs(disk, "full");
  auto log = *EventLog::open(
      {.folder = kFolder, .vfs = vfs.name(), .disk = &disk, .background_checkpoints = false});
  const auto packed = *pack_batch(BatchKind::columns, payload_of(1), 1);
  ASSERT_TRUE(log->append(packed));
  ASSERT_TRUE(log->commit());
  disk.set({.space_bytes = 1});
  const auto appended = log->append(packed);
  const auto refused = appended ? log->commit() : Result<void>(Unexpected{appended.error()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
  EXPECT_NE(refused.error().message.find("disk is full"), std::string::npos);
  EXPECT_EQ((*log->reader()).read(1)->payload, payload_of(1)) << "reads are still served";
  disk.set({});
  ASSERT_TRUE(log->append(packed));
  ASSERT_TRUE(log->commit());
  EXPECT_EQ(log->last_seq(), 2U);
}

TEST(EventLogFaults, AFailedSyncMakesTheLogReadOnlyForGood) {
  FaultyDisk disk;
  FaultyVfs vfs(disk, "sync");
  auto log = *EventLog::open(
      {.folder = kFolder, .vfs = vfs.name(), .disk = &disk, .background_checkpoints = false});
  const auto packed = *pack_batch(BatchKind::columns, payload_of(1), 1);
  ASSERT_TRUE(log->append(packed));
  ASSERT_TRUE(log->commit());
  ASSERT_TRUE(log->append(packed));
  disk.set({.fail_at = 1, .fail_on = true});
  EXPECT_EQ(log->commit().error().code, ErrorCode::unavailable);
  disk.set({});
  const auto later = log->append(packed);
  ASSERT_FALSE(later) << "nobody retries after a failed sync";
  EXPECT_NE(later.error().message.find("read-only"), std::string::npos);
  EXPECT_TRUE(log->failure().has_value());
  EXPECT_EQ((*log->reader()).read(1)->payload, payload_of(1));
}

}  // namespace
}  // namespace guanxi
