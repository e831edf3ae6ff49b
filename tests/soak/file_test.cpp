#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "eventlog/mark_bytes.hpp"
#include "soak/soak.hpp"

namespace guanxi::soak {
namespace {

const std::vector<std::string> kTables = {"batches", "chains", "dead_letters", "settings",
                                          "sources", "models", "waiting",      "meta"};

std::string folder_named(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_soak_file_" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

Result<void> fill(EventLog& log, std::uint64_t first) {
  const Admission admission = numbered_request(first, 40, 10);
  GUANXI_TRY(packed, pack_batch(BatchKind::columns, encode_batch(admission.batch), 40));
  GUANXI_TRY(seq, log.append(packed));
  GUANXI_TRY_VOID(log.put_setting("k" + std::to_string(seq), std::string(100, 'v')));
  GUANXI_TRY_VOID(log.add_dead_letter({.source = "door",
                                       .line = seq,
                                       .field = "f",
                                       .reason = "r",
                                       .original = std::string(900, 'o')}));
  GUANXI_TRY_VOID(log.put_source({.name = "s", .key = "key" + std::to_string(seq)}));
  GUANXI_TRY_VOID(log.add_model_step({.name = "m", .toml = std::string(3'000, 't')}));
  GUANXI_TRY_VOID(log.commit());
  EventLog::Aside aside;
  aside.events.emplace_back("door", packed);
  return log.put_aside(aside);
}

/// The files of a log at one moment.
struct Files {
  std::string database, wal, mark;
};

Files files_in(const std::string& folder) {
  const LogPaths paths(folder);
  const auto content = [](const std::string& path) {
    return real_disk().exists(path) ? *read_file(real_disk(), path) : std::string();
  };
  return {content(paths.database), content(paths.wal), content(paths.mark)};
}

/// A log as it lies while it is open, its latest part in the WAL; or closed, without one.
Files files_of_a_log(const std::string& folder, bool open) {
  auto log = EventLog::open({.folder = folder, .background_checkpoints = false});
  EXPECT_TRUE(log) << log.error().message;
  for (std::uint64_t i = 0; i < 6; ++i) {
    EXPECT_TRUE(fill(**log, i * 40));
    if (i == 4) {
      EXPECT_TRUE((*log)->scrub());
    }
  }
  if (!open) {
    log->reset();
  }
  return files_in(folder);
}

/// Every row of every table; or the error that says what is wrong.
Result<std::string> content_of(const std::string& folder) {
  const LogPaths paths(folder);
  if (real_disk().exists(paths.mark)) {
    // Opening tells of it in the log lines, and goes on with the other slot.
    GUANXI_TRY(mark, read_file(real_disk(), paths.mark));
    if (!is_mark_as_written(mark)) {
      return fail(ErrorCode::corrupted, "the mark is damaged");
    }
  }
  {
    GUANXI_TRY(log, EventLog::open({.folder = folder, .background_checkpoints = false}));
    GUANXI_TRY(found, check_log(paths.database, paths.mark, real_disk()));
    if (!found.problems.empty()) {
      return fail(ErrorCode::corrupted, found.problems.front());
    }
  }
  GUANXI_TRY(reader, LogReader::open(paths.database));
  std::string all;
  for (const std::string& table : kTables) {
    GUANXI_TRY(rows, reader.connection().prepare("SELECT * FROM " + table));
    for (;;) {
      GUANXI_TRY(more, rows.step());
      if (!more) {
        break;
      }
      for (int column = 0; column < rows.columns(); ++column) {
        all += rows.text(column) + "|";
      }
    }
  }
  return all;
}

struct Tally {
  std::uint64_t found = 0;
  std::uint64_t harmless = 0;  // nothing that counts was touched: all rows read as before
};

void put(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void lay_out(const std::string& folder, const Files& files) {
  const LogPaths paths(folder);
  std::filesystem::remove(paths.shared_memory);
  put(paths.database, files.database);
  put(paths.wal, files.wal);
  put(paths.mark, files.mark);
}

void look(const std::string& folder, const Files& files, const std::string& whole, Tally& tally,
          const std::string& what) {
  lay_out(folder, files);
  const auto content = content_of(folder);
  if (!content) {
    ++tally.found;
    return;
  }
  EXPECT_EQ(*content == whole, true) << what << " passed in silence";
  ++tally.harmless;
}

/// One kind of spoiling of one file: which byte is flipped, or how many bytes are left.
struct Spoiling {
  std::string Files::*member;
  bool flips;
  std::size_t step;
  const char* name;
};

// Every `lanes`-th place from the first on.
Tally spoil_lane(const std::string& folder, const Files& files, const std::string& whole,
                 const Spoiling& spoiling, std::size_t first, std::size_t lanes) {
  Tally tally;
  Files spoilt = files;
  std::string& bytes = spoilt.*spoiling.member;
  const std::string& intact = files.*spoiling.member;
  for (std::size_t at = first * spoiling.step; at < intact.size(); at += lanes * spoiling.step) {
    if (spoiling.flips) {
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    } else {
      bytes.resize(at);
    }
    look(folder, spoilt, whole, tally, std::string(spoiling.name) + " at " + std::to_string(at));
    bytes = intact;
  }
  return tally;
}

// Goal: every flipped byte and every shortened file is found. Method: each byte in turn (in the
// short run, some of them) of database, WAL and mark is changed, each file cut at places; the log
// is then opened and checked. Whatever is not found must have changed nothing that can be read.
void spoil_each(const std::string& state, const Files& files) {
  const bool all = setting("SOAK_ROUNDS", 0) >= 1'000;
  const std::size_t lanes = all ? 4 : 1;
  const std::string folder = folder_named("spoilt_" + state);
  std::vector<std::string> folders;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    folders.push_back(folder + "/" + std::to_string(lane));
    std::filesystem::create_directories(folders.back());
  }
  lay_out(folders.front(), files);
  const auto whole = content_of(folders.front());
  ASSERT_TRUE(whole) << whole.error().message;
  const Spoiling kinds[] = {{&Files::database, true, all ? 1U : 977U, "database, flips"},
                            {&Files::database, false, all ? 512U : 8'192U, "database, cuts"},
                            {&Files::wal, true, all ? 1U : 977U, "WAL, flips"},
                            {&Files::wal, false, all ? 512U : 8'192U, "WAL, cuts"},
                            {&Files::mark, true, all ? 1U : 37U, "mark, flips"},
                            {&Files::mark, false, all ? 1U : 512U, "mark, cuts"}};
  for (const Spoiling& kind : kinds) {
    std::vector<Tally> tallies(lanes);
    {
      std::vector<std::jthread> threads;
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        threads.emplace_back([&, lane] {
          tallies[lane] = spoil_lane(folders[lane], files, *whole, kind, lane, lanes);
        });
      }
    }
    Tally sum;
    for (const Tally& tally : tallies) {
      sum.found += tally.found;
      sum.harmless += tally.harmless;
    }
    std::printf("%s log, %s (%zu bytes): %llu of %llu found, the others changed nothing read\n",
                state.c_str(), kind.name, (files.*kind.member).size(),
                static_cast<unsigned long long>(sum.found),
                static_cast<unsigned long long>(sum.found + sum.harmless));
    std::fflush(stdout);
  }
}

TEST(SoakFile, EveryFlippedByteAndShortenedFileOfAnOpenLogIsFound) {
  spoil_each("open", files_of_a_log(folder_named("open"), true));
}

TEST(SoakFile, EveryFlippedByteAndShortenedFileOfAClosedLogIsFound) {
  spoil_each("closed", files_of_a_log(folder_named("closed"), false));
}

}  // namespace
}  // namespace guanxi::soak
