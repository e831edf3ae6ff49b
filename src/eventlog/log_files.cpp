#include <algorithm>

#include "eventlog/checked_vfs.hpp"
#include "eventlog/event_log.hpp"
#include "eventlog/schema.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kProblemsMost = 100;
constexpr int kPagesAStep = 2048;

Unexpected stopped() { return fail(ErrorCode::unavailable, "stopped on request"); }

bool goes_on(const LogProgress& progress, std::uint64_t done, std::uint64_t total) {
  return !progress || progress(done, total);
}

Result<void> check_structure(LogConnection& connection, std::vector<std::string>& problems) {
  GUANXI_TRY(application, connection.integer("PRAGMA application_id"));
  GUANXI_TRY(version, connection.integer("PRAGMA user_version"));
  if (application != kLogApplicationId) {
    return fail(ErrorCode::corrupted, "this file is not an event log");
  }
  if (version < 1 || version > kLogSchemaVersion) {
    return fail(ErrorCode::invalid, "this event log has format " + std::to_string(version) +
                                        "; this Guanxi reads formats 1 to " +
                                        std::to_string(kLogSchemaVersion));
  }
  GUANXI_TRY(rows, connection.prepare("PRAGMA integrity_check(20)"));
  for (;;) {
    const auto more = rows.step();
    if (!more && more.error().code == ErrorCode::corrupted) {
      problems.push_back("database: " + more.error().message);
      return {};
    }
    if (!more || !*more) {
      return more ? Result<void>() : Unexpected{more.error()};
    }
    if (rows.bytes(0) != "ok") {
      problems.push_back("database: " + rows.text(0));
    }
  }
}

Result<void> check_batches(LogReader& reader, LogCheck& found, const LogProgress& progress) {
  auto listed = reader.batches();
  if (!listed && listed.error().code == ErrorCode::corrupted) {
    found.problems.push_back("batches: " + listed.error().message);
    return {};
  }
  GUANXI_TRY(infos, std::move(listed));
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (found.problems.size() >= kProblemsMost) {
      found.problems.emplace_back("and more");
      return {};
    }
    if (infos[i].seq != i + 1) {
      found.problems.push_back("batch " + std::to_string(i + 1) + " is missing");
      return {};
    }
    if (auto batch = reader.read(infos[i].seq); !batch) {
      found.problems.push_back("batch " + std::to_string(infos[i].seq) + ": " +
                               batch.error().message);
    }
    ++found.totals.batches;
    found.totals.events += infos[i].events;
    found.totals.raw_bytes += infos[i].raw_bytes;
    found.totals.stored_bytes += infos[i].stored_bytes;
    if (!goes_on(progress, i + 1, infos.size())) {
      return stopped();
    }
  }
  return {};
}

Result<Mark> end_of(LogReader& reader) {
  LogConnection& connection = reader.connection();
  GUANXI_TRY(commits, connection.integer("SELECT value FROM meta WHERE key = 'commits'"));
  GUANXI_TRY(epoch, connection.integer("SELECT value FROM meta WHERE key = 'epoch'"));
  GUANXI_TRY(infos, reader.batches());
  return Mark{static_cast<std::uint64_t>(commits), static_cast<std::uint64_t>(epoch),
              infos.empty() ? 0 : infos.back().seq, infos.empty() ? Hash128{} : infos.back().chain};
}

// Everything that must be true of a copy before it may get a name of its own.
Result<void> verify_copy(const std::string& path) {
  GUANXI_TRY(found, check_log(path, {}, real_disk()));
  if (!found.problems.empty()) {
    return fail(ErrorCode::corrupted, "'" + path + "' is damaged: " + found.problems.front());
  }
  return {};
}

Result<void> sync_path(const std::string& path) {
  GUANXI_TRY(file, real_disk().open(path, OpenMode::read_write));
  return file->sync();
}

Result<void> remove_database(const std::string& path) {
  for (const char* suffix : {"-wal", "-shm", "-journal", ""}) {
    GUANXI_TRY_VOID(real_disk().remove(path + suffix));
  }
  return {};
}

// Gives the copy the first page that its pages are summed by: of a large copy SQLite writes others
// before it, and those would go without a sum.
Result<void> begin_like(LogConnection& source, LogConnection& target) {
  int reserved = -1;
  sqlite3_file_control(source.handle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  if (reserved != kPageSumBytes) {
    return {};
  }
  GUANXI_TRY(page_bytes, source.integer("PRAGMA page_size"));
  GUANXI_TRY_VOID(target.execute("PRAGMA page_size=" + std::to_string(page_bytes)));
  sqlite3_file_control(target.handle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  return target.execute("PRAGMA user_version=1");
}

// SQLite's online backup: one snapshot, whatever the writer does meanwhile.
Result<void> copy_database(const std::string& from, const std::string& to,
                           const LogProgress& progress) {
  GUANXI_TRY(source, LogConnection::open(from, LogConnection::Mode::read_write, {}));
  GUANXI_TRY_VOID(source.execute("PRAGMA query_only=ON; BEGIN"));
  GUANXI_TRY(tables, source.integer("SELECT count(*) FROM sqlite_schema"));
  static_cast<void>(tables);
  GUANXI_TRY(target, LogConnection::open(to, LogConnection::Mode::create, {}));
  GUANXI_TRY_VOID(begin_like(source, target));
  sqlite3_backup* backup = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
  if (backup == nullptr) {
    return sqlite_error(target.handle(), sqlite3_errcode(target.handle()), "be copied");
  }
  int code = SQLITE_OK;
  bool on = true;
  while (code == SQLITE_OK && on) {
    code = sqlite3_backup_step(backup, kPagesAStep);
    const auto total = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup));
    on = goes_on(progress, total - static_cast<std::uint64_t>(sqlite3_backup_remaining(backup)),
                 total);
  }
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) {
    return on ? sqlite_error(target.handle(), code, "be copied") : stopped();
  }
  return target.execute("PRAGMA journal_mode=DELETE");
}

}  // namespace

Result<LogCheck> check_log(const std::string& database, const std::string& mark_path, Disk& disk,
                           const LogProgress& progress, const std::string& vfs) {
  GUANXI_TRY(reader, LogReader::open(database, vfs));
  LogCheck found;
  GUANXI_TRY_VOID(check_structure(reader.connection(), found.problems));
  GUANXI_TRY_VOID(check_batches(reader, found, progress));
  if (!mark_path.empty() && found.problems.empty()) {
    GUANXI_TRY(high_water, HighWaterFile::open(disk, mark_path, false));
    GUANXI_TRY(end, end_of(reader));
    const auto& mark = high_water.mark();
    if (!mark || end.commits < mark->commits || end.last_seq < mark->last_seq ||
        (end.epoch == mark->epoch && end.last_seq == mark->last_seq &&
         !(end.chain == mark->chain))) {
      found.problems.emplace_back("the log does not reach its high-water mark");
    }
  }
  return found;
}

Result<void> backup_log(const std::string& database, const std::string& target,
                        const LogProgress& progress) {
  if (real_disk().exists(target)) {
    return fail(ErrorCode::conflict, "'" + target + "' exists; a backup overwrites nothing");
  }
  const std::string partial = target + ".partial";
  GUANXI_TRY_VOID(remove_database(partial));
  if (auto copied = copy_database(database, partial, progress); !copied) {
    static_cast<void>(remove_database(partial));
    return copied;
  }
  if (auto verified = verify_copy(partial); !verified) {
    static_cast<void>(remove_database(partial));
    return verified;
  }
  GUANXI_TRY_VOID(sync_path(partial));
  GUANXI_TRY_VOID(real_disk().rename(partial, target));
  return real_disk().sync_folder(folder_of(target));
}

Result<void> restore_log(const std::string& backup, const std::string& folder,
                         const LogProgress& progress) {
  if (!real_disk().exists(backup)) {
    return fail(ErrorCode::not_found, "there is no backup '" + backup + "'");
  }
  Disk& disk = real_disk();
  GUANXI_TRY_VOID(disk.make_folder(folder));
  const LogPaths paths(folder);
  const std::string incoming = paths.database + ".restoring";
  GUANXI_TRY_VOID(remove_database(incoming));
  if (auto copied = copy_database(backup, incoming, progress); !copied) {
    static_cast<void>(remove_database(incoming));
    return copied;
  }
  if (auto verified = verify_copy(incoming); !verified) {
    static_cast<void>(remove_database(incoming));
    return verified;
  }
  GUANXI_TRY_VOID(sync_path(incoming));
  Mark end;
  {
    GUANXI_TRY(reader, LogReader::open(incoming));
    GUANXI_TRY(found, end_of(reader));
    end = found;
  }
  // From here on the old log is given up. Without a mark nothing opens, so a crash in between
  // cannot pass for a whole log; running restore again ends it.
  GUANXI_TRY_VOID(disk.remove(paths.mark));
  GUANXI_TRY_VOID(disk.remove(paths.wal));
  GUANXI_TRY_VOID(disk.remove(paths.shared_memory));
  GUANXI_TRY_VOID(disk.rename(incoming, paths.database));
  GUANXI_TRY_VOID(disk.sync_folder(folder));
  GUANXI_TRY(high_water, HighWaterFile::open(disk, paths.mark, true));
  GUANXI_TRY_VOID(high_water.write(end));
  GUANXI_TRY_VOID(high_water.sync());
  return disk.sync_folder(folder);
}

}  // namespace guanxi
