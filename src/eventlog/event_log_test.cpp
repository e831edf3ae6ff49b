#include "eventlog/event_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/random.hpp"
#include "eventlog/mark_bytes.hpp"
#include "eventlog/schema.hpp"

namespace guanxi {
namespace {

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_log_" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

std::unique_ptr<EventLog> open_log(const std::string& folder) {
  auto log = EventLog::open({.folder = folder});
  EXPECT_TRUE(log) << log.error().message;
  return std::move(log).value();
}

// Lines that do not compress away, so that each batch has bytes of its own.
std::string payload_of(int i) {
  std::string text;
  for (std::uint64_t line = 0; line < 200; ++line) {
    const std::uint64_t user = mix64(static_cast<std::uint64_t>(i) * 1000 + line);
    text +=
        "{\"userId\":\"" + std::to_string(user) + "\",\"total\":" + std::to_string(line) + "}\n";
  }
  return text;
}

PackedBatch batch_of(int i) {
  auto packed = pack_batch(BatchKind::json_lines, payload_of(i), 200);
  EXPECT_TRUE(packed);
  packed->info.first_at = Instant{1000 + i};
  packed->info.last_at = Instant{2000 + i};
  return *packed;
}

void append_committed(EventLog& log, int first, int last) {
  for (int i = first; i <= last; ++i) {
    const auto seq = log.append(batch_of(i));
    ASSERT_TRUE(seq) << seq.error().message;
    EXPECT_EQ(*seq, static_cast<std::uint64_t>(i));
    ASSERT_TRUE(log.commit());
  }
}

TEST(EventLog, KeepsBatchesAcrossOpening) {
  const std::string folder = fresh_folder("keeps");
  {
    auto log = open_log(folder);
    append_committed(*log, 1, 5);
    ASSERT_TRUE(log->append(batch_of(6)));
  }  // never committed
  auto log = open_log(folder);
  EXPECT_EQ(log->last_seq(), 5U);
  auto reader = *log->reader();
  int visited = 0;
  ASSERT_TRUE(reader.for_each([&](const BatchInfo& info, std::string_view payload) -> Result<void> {
    ++visited;
    EXPECT_EQ(payload, payload_of(visited));
    EXPECT_EQ(info.first_at.seconds, 1000 + visited);
    return {};
  }));
  EXPECT_EQ(visited, 5);
  EXPECT_EQ(reader.totals()->events, 1000U);
  EXPECT_EQ(reader.read(6).error().code, ErrorCode::not_found);
}

TEST(EventLog, KeepsRecordsInTheSameTransactionAsBatches) {
  const std::string folder = fresh_folder("records");
  auto log = open_log(folder);
  ASSERT_TRUE(log->put_setting("a", "1"));
  log->rollback();
  ASSERT_TRUE(log->append(batch_of(1)));
  ASSERT_TRUE(log->add_dead_letter(
      {.source = "f.csv", .line = 7, .field = "price", .reason = "no number", .original = "a,b"}));
  ASSERT_TRUE(log->put_source({.name = "f.csv", .key = "k", .rows = 10, .refused = 1}));
  ASSERT_TRUE(log->add_model_step({.name = "retail", .version = "1", .toml = "x", .cause = "use"}));
  ASSERT_TRUE(log->put_setting("b", "2"));
  ASSERT_TRUE(log->add_to_setting("count", 5));
  ASSERT_TRUE(log->commit());
  EventLog::Aside aside;
  aside.counts.emplace_back("count", 37);
  ASSERT_TRUE(log->put_aside(aside));
  auto reader = *log->reader();
  EXPECT_EQ(*reader.setting("a"), std::nullopt);
  EXPECT_EQ(*reader.setting("b"), "2");
  EXPECT_EQ(*reader.setting("count"), "42");
  const auto letters = *reader.dead_letters(0, 10);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].line, 7U);
  EXPECT_EQ(letters[0].original, "a,b");
  EXPECT_EQ((*reader.sources()).at(0).rows, 10U);
  EXPECT_EQ((*reader.active_model())->name, "retail");
  ASSERT_TRUE(log->mark_resent(letters[0].id, Instant{5}));
  ASSERT_TRUE(log->commit());
  EXPECT_EQ((*reader.dead_letter(letters[0].id))->resent_at.seconds, 5);
  ASSERT_TRUE(log->remove_dead_letter(letters[0].id));
  ASSERT_TRUE(log->commit());
  EXPECT_EQ(*reader.dead_letters_kept(), 0U);
}

TEST(EventLog, FindsFlippedBytesInEveryBatch) {
  const std::string folder = fresh_folder("flips");
  {
    auto log = open_log(folder);
    append_committed(*log, 1, 3);
  }
  const LogPaths paths(folder);
  std::ifstream in(paths.database, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  int flipped = 0;
  for (int i = 1; i <= 3; ++i) {
    const std::string payload = batch_of(i).payload;
    // The payload lies in pages; look for a run in its middle that is in one piece.
    const std::size_t at = whole.find(payload.substr(payload.size() / 3, 64));
    ASSERT_NE(at, std::string::npos);
    std::string spoiled = whole;
    spoiled[at + 5] = static_cast<char>(spoiled[at + 5] ^ 0x10);
    std::ofstream(paths.database, std::ios::binary | std::ios::trunc) << spoiled;
    const auto found = check_log(paths.database, paths.mark, real_disk());
    ASSERT_TRUE(found);
    ASSERT_FALSE(found->problems.empty());
    EXPECT_NE(found->problems.back().find("batch"), std::string::npos) << found->problems.back();
    auto reader = *LogReader::open(paths.database);
    EXPECT_EQ(reader.read(static_cast<std::uint64_t>(i)).error().code, ErrorCode::corrupted);
    ++flipped;
  }
  EXPECT_EQ(flipped, 3);
}

// Copies a log whose WAL has not been moved into the database yet, as a crash leaves it.
std::string crashed_copy(const std::string& name) {
  const std::string folder = fresh_folder(name + "_live");
  const std::string copy = fresh_folder(name);
  auto log = open_log(folder);
  for (int i = 1; i <= 4; ++i) {
    EXPECT_TRUE(log->append(batch_of(i)));
    EXPECT_TRUE(log->commit());
  }
  for (const char* file : {"guanxi.db", "guanxi.db-wal", "guanxi.mark"}) {
    std::filesystem::copy(folder + "/" + file, copy + "/" + file);
  }
  return copy;
}

TEST(EventLog, RefusesAWalThatWasCutOff) {
  const std::string folder = crashed_copy("cut");
  const LogPaths paths(folder);
  const auto bytes = std::filesystem::file_size(paths.wal);
  std::filesystem::resize_file(paths.wal, bytes - 4096);
  EXPECT_EQ(verify_mark(folder, real_disk()).error().code, ErrorCode::corrupted);
  const auto log = EventLog::open({.folder = folder});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::corrupted);
  EXPECT_NE(log.error().message.find("ends at transaction 3, batch 3, but had come to "
                                     "transaction 4, batch 4"),
            std::string::npos)
      << log.error().message;
}

// What stands in `folder` is either refused or found whole: never silently less than four batches.
bool refused_or_whole(const std::string& folder) {
  const LogPaths paths(folder);
  auto log = EventLog::open({.folder = folder});
  if (!log) {
    return true;
  }
  const auto found = check_log(paths.database, paths.mark, real_disk());
  if (!found || !found->problems.empty()) {
    return true;
  }
  auto reader = *(*log)->reader();
  for (int i = 1; i <= 4; ++i) {
    const auto batch = reader.read(static_cast<std::uint64_t>(i));
    if (!batch || batch->payload != payload_of(i)) {
      return false;
    }
  }
  return true;
}

// Goal: a flipped bit anywhere, in database or WAL, is found or does no harm.
TEST(EventLog, AFlippedBitAnywhereIsFoundOrDoesNoHarm) {
  const std::string whole = crashed_copy("bits_whole");
  const std::string moved = crashed_copy("bits_moved");
  { auto log = open_log(moved); }  // closing moves the WAL into the database
  Random random(7);
  int refused = 0;
  for (int round = 0; round < 120; ++round) {
    const bool in_wal = round % 2 == 0;
    const std::string folder = fresh_folder("bits");
    std::filesystem::copy(in_wal ? whole : moved, folder, std::filesystem::copy_options::recursive);
    const std::string path = in_wal ? LogPaths(folder).wal : LogPaths(folder).database;
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    const auto at = static_cast<std::streamoff>(random.below(std::filesystem::file_size(path)));
    file.seekg(at);
    const int byte = file.get();
    file.seekp(at);
    file.put(static_cast<char>(byte ^ (1 << random.below(8))));
    file.close();
    EXPECT_TRUE(refused_or_whole(folder)) << "round " << round << ", byte " << at << " of " << path;
    const auto opened = EventLog::open({.folder = folder});
    refused += opened ? 0 : 1;
  }
  EXPECT_GT(refused, 20) << "most of a WAL is what was written";
}

TEST(EventLog, BacksUpOneMomentWhileBatchesKeepComing) {
  const std::string folder = fresh_folder("moment");
  const std::string copy = fresh_folder("moment_copy") + "/backup.db";
  auto log = open_log(folder);
  append_committed(*log, 1, 20);
  std::atomic<bool> stop{false};
  std::jthread writer([&] {
    for (int i = 21; i <= 400 && !stop.load(); ++i) {
      if (!log->append(batch_of(i)) || !log->commit()) {
        return;
      }
    }
  });
  const auto backed_up = backup_log(log->paths().database, copy);
  stop.store(true);
  writer.join();
  ASSERT_TRUE(backed_up) << backed_up.error().message;
  const auto found = check_log(copy, {}, real_disk());
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->problems.empty());
  EXPECT_GE(found->totals.batches, 20U);
}

TEST(EventLog, OpensAfterACrashAndRefusesAMissingLogOrMark) {
  const std::string whole = crashed_copy("whole");
  EXPECT_TRUE(verify_mark(whole, real_disk()));
  EXPECT_EQ(open_log(whole)->last_seq(), 4U);

  const std::string unmarked = crashed_copy("unmarked");
  std::filesystem::remove(LogPaths(unmarked).mark);
  EXPECT_EQ(verify_mark(unmarked, real_disk()).error().code, ErrorCode::corrupted);
  EXPECT_EQ(EventLog::open({.folder = unmarked}).error().code, ErrorCode::corrupted);

  const std::string missing = crashed_copy("missing");
  std::filesystem::remove(LogPaths(missing).database);
  std::filesystem::remove(LogPaths(missing).wal);
  const auto log = EventLog::open({.folder = missing});
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().message.find("missing"), std::string::npos);
}

// A WAL that grows is moved into the database beside the writer, who never has to wait for it; else
// it would come to 384 MB before anybody did.
TEST(EventLog, ALongWalIsMovedIntoTheDatabaseMeanwhile) {
  const std::string folder = fresh_folder("long_wal");
  auto log = *EventLog::open({.folder = folder});
  const LogPaths paths(folder);
  const auto bytes_before = std::filesystem::file_size(paths.database);
  Random random(1);
  std::string raw(200'000, ' ');
  for (int batch = 0; batch < 200; ++batch) {
    std::generate(raw.begin(), raw.end(), [&] { return static_cast<char>(random.next()); });
    ASSERT_TRUE(log->append(*pack_batch(BatchKind::columns, raw, 1)));
    ASSERT_TRUE(log->commit());
  }
  for (int tries = 0; tries < 3'000 && std::filesystem::file_size(paths.database) == bytes_before;
       ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(std::filesystem::file_size(paths.database), bytes_before);
}

// Goal: the WAL of a log that is written to without a rest is used again, and does not just grow.
// Method: its header counts how often it began anew.
TEST(EventLog, ALongWalBeginsAnewWhileItIsWrittenTo) {
  const std::string folder = fresh_folder("anew_wal");
  auto log = *EventLog::open({.folder = folder});
  const LogPaths paths(folder);
  const auto beginnings = [&] { return read_file(real_disk(), paths.wal)->substr(12, 4); };
  Random random(1);
  std::string raw(400'000, ' ');
  std::generate(raw.begin(), raw.end(), [&] { return static_cast<char>(random.next()); });
  const PackedBatch packed = *pack_batch(BatchKind::columns, raw, 1);
  const auto append = [&] {
    ASSERT_TRUE(log->append(packed));
    ASSERT_TRUE(log->commit());
  };
  append();
  const std::string first = beginnings();
  std::uint64_t batches = 1;
  for (bool anew = false; !anew && batches < 900; anew = beginnings() != first) {
    for (int i = 0; i < 30; ++i, ++batches) {
      append();
    }
  }
  EXPECT_NE(beginnings(), first);
  EXPECT_EQ((*log->reader()).totals()->batches, batches);
}

// A log that closes before there is room does not wait for it: closed at once, again and again.
TEST(EventLog, ClosesWhileItsRoomIsStillBeingMade) {
  constexpr std::int64_t kRoom = std::int64_t{256} << 20;
  const std::string folder = fresh_folder("wal_room_closing");
  for (int i = 1; i <= 20; ++i) {
    auto log = EventLog::open({.folder = folder, .wal_room_bytes = kRoom});
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_TRUE((*log)->put_setting("round", std::to_string(i)));
    ASSERT_TRUE((*log)->commit());
  }
  auto log = *EventLog::open({.folder = folder});
  EXPECT_EQ(log->reader()->setting("round").value(), "20");
}

// Goal: room that was written beforehand changes nothing of what the log holds, also when the
// process ends without closing it, and comes again after the WAL was cut.
TEST(EventLog, RoomInTheWalMeansNothing) {
  constexpr std::uint64_t kRoom = 9U << 20U;
  const std::string folder = fresh_folder("wal_room");
  const LogPaths paths(folder);
  auto log = *EventLog::open({.folder = folder, .wal_room_bytes = kRoom});
  const auto wait_for_room = [&] {
    for (int tries = 0; tries < 3'000 && std::filesystem::file_size(paths.wal) < kRoom; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return std::filesystem::file_size(paths.wal);
  };
  append_committed(*log, 1, 2);
  EXPECT_EQ(wait_for_room(), kRoom);
  append_committed(*log, 3, 6);
  ASSERT_TRUE(log->scrub());
  EXPECT_EQ(wait_for_room(), kRoom);
  append_committed(*log, 7, 9);
  const std::string killed = fresh_folder("wal_room_killed");
  std::filesystem::remove_all(killed);
  std::filesystem::copy(folder, killed);
  auto again = *EventLog::open({.folder = killed});
  EXPECT_EQ(again->last_seq(), 9U);
  const LogPaths killed_paths(killed);
  EXPECT_TRUE(check_log(killed_paths.database, killed_paths.mark, real_disk())->problems.empty());
}

// The mark's two slots stand in for each other; a damaged one is told, and written anew.
TEST(EventLog, TellsOfADamagedSlotOfItsMark) {
  const std::string folder = fresh_folder("slots");
  const LogPaths paths(folder);
  const auto opened_and_written = [&] {
    auto log = open_log(folder);
    append_committed(*log, static_cast<int>(log->last_seq()) + 1,
                     static_cast<int>(log->last_seq()) + 2);
  };
  opened_and_written();
  for (const std::size_t at : {std::size_t{9}, std::size_t{60}, std::size_t{70}, std::size_t{4'095},
                               std::size_t{4'096 + 9}, std::size_t{4'159}, std::size_t{4'160}}) {
    EXPECT_TRUE(is_mark_as_written(*read_file(real_disk(), paths.mark)));
    {
      std::fstream file(paths.mark, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(at));
      file.put('x');
    }
    EXPECT_FALSE(is_mark_as_written(*read_file(real_disk(), paths.mark))) << at;
    opened_and_written();
  }
  std::filesystem::resize_file(paths.mark, 4'100);
  EXPECT_FALSE(is_mark_as_written(*read_file(real_disk(), paths.mark)));
  opened_and_written();
  EXPECT_TRUE(is_mark_as_written(*read_file(real_disk(), paths.mark)));
}

TEST(EventLog, RefusesAFormatThatIsNewerOrForeign) {
  const std::string newer = fresh_folder("newer");
  { auto log = open_log(newer); }
  {
    auto connection =
        *LogConnection::open(LogPaths(newer).database, LogConnection::Mode::read_write, {});
    ASSERT_TRUE(connection.execute("PRAGMA user_version=" + std::to_string(kLogSchemaVersion + 1)));
  }
  const auto refused = EventLog::open({.folder = newer});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_NE(refused.error().message.find("newer"), std::string::npos);

  const std::string foreign = fresh_folder("foreign");
  {
    auto connection =
        *LogConnection::open(LogPaths(foreign).database, LogConnection::Mode::create, {});
    ASSERT_TRUE(connection.execute("CREATE TABLE t(x)"));
  }
  EXPECT_EQ(EventLog::open({.folder = foreign}).error().code, ErrorCode::corrupted);
}

TEST(EventLog, AFolderOfFormatOneIsCarriedOverAndReadAsItIs) {
  const std::string folder = fresh_folder("format_one");
  {
    auto log = open_log(folder);
    ASSERT_TRUE(log->put_setting("kept", "yes"));
    ASSERT_TRUE(log->commit());
  }
  const std::string database = LogPaths(folder).database;
  {
    auto connection = *LogConnection::open(database, LogConnection::Mode::read_write, {});
    ASSERT_TRUE(
        connection.execute("DROP TABLE fits; DROP TABLE decisions; DROP TABLE waiting;"
                           "PRAGMA user_version=1"));
  }
  EXPECT_TRUE(verify_mark(folder, real_disk()));
  auto before = *LogReader::open(database);
  EXPECT_TRUE(before.decisions()->empty());
  EXPECT_TRUE(before.fits()->empty());
  EXPECT_TRUE(check_log(database, LogPaths(folder).mark, real_disk())->problems.empty());

  auto log = open_log(folder);
  const auto number = log->add_decision({.decided_at = Instant{1000},
                                         .kind = "same",
                                         .first_id = "user:ada",
                                         .second_id = "email:a@x",
                                         .actor = "kim",
                                         .note = "she said so"});
  ASSERT_TRUE(number);
  ASSERT_TRUE(log->commit());
  auto reader = *log->reader();
  EXPECT_EQ(*reader.setting("kept"), "yes");
  const auto decisions = *reader.decisions();
  ASSERT_EQ(decisions.size(), 1U);
  EXPECT_EQ(decisions[0].number, *number);
  EXPECT_EQ(decisions[0].kind, "same");
  EXPECT_EQ(decisions[0].second_id, "email:a@x");
  EXPECT_EQ(decisions[0].note, "she said so");
  ASSERT_TRUE(log->add_fit({.fitted_at = Instant{2000},
                            .as_of = Day{15000},
                            .used = true,
                            .cause = "asked",
                            .actor = "kim",
                            .data_hash = "00ff",
                            .parameters = R"({"r":0.25})"}));
  ASSERT_TRUE(log->commit());
  const auto fits = *reader.fits();
  ASSERT_EQ(fits.size(), 1U);
  EXPECT_EQ(fits[0].number, 1U);
  EXPECT_EQ(fits[0].as_of, Day{15000});
  EXPECT_TRUE(fits[0].used);
  EXPECT_EQ(fits[0].actor + fits[0].cause, "kimasked");
  EXPECT_EQ(fits[0].parameters, R"({"r":0.25})");
  ASSERT_TRUE(log->remove_decision(*number));
  ASSERT_TRUE(log->commit());
  EXPECT_TRUE(reader.decisions()->empty());
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

TEST(EventLog, RewritesBatchesSoThatTheOldBytesAreGone) {
  const std::string folder = fresh_folder("rewrite");
  auto log = open_log(folder);
  append_committed(*log, 1, 4);
  ASSERT_TRUE(log->add_dead_letter({.source = "f", .original = "erase-me-in-letters"}));
  ASSERT_TRUE(log->commit());
  const std::string old_payload = batch_of(2).payload;
  const std::string run = old_payload.substr(old_payload.size() / 3, 64);
  ASSERT_TRUE(anywhere_in(folder, run));
  auto smaller = pack_batch(BatchKind::json_lines, "{}\n", 1);
  ASSERT_TRUE(log->rewrite(2, *smaller));
  ASSERT_TRUE(log->remove_dead_letter(1));
  ASSERT_TRUE(log->commit());
  ASSERT_TRUE(log->scrub());
  EXPECT_FALSE(anywhere_in(folder, run));
  EXPECT_FALSE(anywhere_in(folder, "erase-me-in-letters"));
  auto reader = *log->reader();
  EXPECT_EQ(reader.read(2)->payload, "{}\n");
  EXPECT_EQ(reader.read(4)->payload, payload_of(4));
  EXPECT_TRUE(check_log(log->paths().database, log->paths().mark, real_disk())->problems.empty());
  ASSERT_TRUE(log->append(batch_of(5)));
  ASSERT_TRUE(log->commit());
  log.reset();
  EXPECT_EQ(open_log(folder)->last_seq(), 5U);
}

TEST(EventLog, BacksUpWhileOpenAndRestoresElsewhere) {
  const std::string folder = fresh_folder("backup");
  const std::string elsewhere = fresh_folder("restored");
  const std::string copy = fresh_folder("copy") + "/backup.db";
  auto log = open_log(folder);
  append_committed(*log, 1, 8);
  std::uint64_t told = 0;
  ASSERT_TRUE(backup_log(log->paths().database, copy, [&](std::uint64_t done, std::uint64_t total) {
    told = done;
    return done <= total;
  }));
  EXPECT_GT(told, 0U);
  EXPECT_EQ(backup_log(log->paths().database, copy).error().code, ErrorCode::conflict);
  append_committed(*log, 9, 9);
  ASSERT_TRUE(restore_log(copy, elsewhere));
  auto restored = open_log(elsewhere);
  EXPECT_EQ(restored->last_seq(), 8U);
  EXPECT_EQ((*restored->reader()).read(8)->payload, payload_of(8));
  // A backup over a longer log is an intended step back: it opens.
  log.reset();
  ASSERT_TRUE(restore_log(copy, folder));
  EXPECT_EQ(open_log(folder)->last_seq(), 8U);
}

TEST(EventLog, RefusesADamagedBackupAndLeavesTheLogAsItIs) {
  const std::string folder = fresh_folder("bad_backup");
  const std::string copy = fresh_folder("bad_copy") + "/backup.db";
  {
    auto log = open_log(folder);
    append_committed(*log, 1, 3);
    ASSERT_TRUE(backup_log(log->paths().database, copy));
    append_committed(*log, 4, 4);
  }
  const std::string payload = batch_of(2).payload;
  std::ifstream in(copy, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(in)), {});
  const std::size_t at = content.find(payload.substr(payload.size() / 3, 64));
  ASSERT_NE(at, std::string::npos);
  content[at] = static_cast<char>(content[at] ^ 1);
  std::ofstream(copy, std::ios::binary | std::ios::trunc) << content;
  const auto restored = restore_log(copy, folder);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::corrupted);
  EXPECT_EQ(restore_log(folder + "/nothing", folder).error().code, ErrorCode::not_found);
  EXPECT_EQ(open_log(folder)->last_seq(), 4U);
}

// The worked example of docs/formats/log.md.
TEST(Batch, WritesTheBytesOfTheFormatPage) {
  auto batch = *pack_batch(BatchKind::json_lines, "{\"event\":\"Order Completed\"}\n", 1);
  batch.info.seq = 1;
  batch.info.first_at = batch.info.last_at = parse_instant("2026-01-01T00:00:00Z")->instant;
  EXPECT_EQ(batch.payload.size(), 37U);
  EXPECT_EQ(batch.info.crc32, 1938828502U);
  EXPECT_EQ(to_bytes(chain_of({}, batch.info)),
            "\x34\xb9\x92\x1c\xfa\xe8\x93\xa1\x5f\x7a\x3b\x9f\x07\xb9\x43\x52");
}

TEST(Batch, RefusesAPayloadThatIsNotTheOneSummed) {
  const PackedBatch batch = batch_of(1);
  EXPECT_EQ(*unpack_payload(batch.info, batch.payload), payload_of(1));
  EXPECT_FALSE(unpack_payload(batch.info, batch.payload.substr(1)));
  BatchInfo lying = batch.info;
  lying.raw_bytes = std::uint64_t{1} << 40U;
  EXPECT_EQ(unpack_payload(lying, batch.payload).error().code, ErrorCode::corrupted);
  EXPECT_EQ(crc32_of("123456789"), 0xCBF43926U);
}

// Goal: a log larger than SQLite's cache is copied whole while its writer has it open.
TEST(Backup, ALargeLogIsCopiedWithEverySum) {
  const std::string folder = fresh_folder("large_backup");
  auto log = EventLog::open({.folder = folder});
  ASSERT_TRUE(log);
  Random random(7);
  for (int i = 0; i < 24; ++i) {
    std::string noise(1U << 20U, ' ');
    for (char& c : noise) {
      c = static_cast<char>('!' + random.below(90));
    }
    auto packed = pack_batch(BatchKind::json_lines, noise, 200);
    ASSERT_TRUE(packed);
    ASSERT_TRUE((*log)->append(*packed));
    ASSERT_TRUE((*log)->commit());
  }
  const std::string copy = fresh_folder("large_copy") + "/backup.db";
  const auto copied = backup_log((*log)->paths().database, copy);
  EXPECT_TRUE(copied) << copied.error().message;
}

}  // namespace
}  // namespace guanxi
