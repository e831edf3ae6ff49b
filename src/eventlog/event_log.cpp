#include "eventlog/event_log.hpp"

#include <utility>

#include "base/hash.hpp"
#include "eventlog/checked_vfs.hpp"
#include "eventlog/mark_bytes.hpp"
#include "eventlog/schema.hpp"

namespace guanxi {
namespace {

constexpr int kPageBytes = 8192;
constexpr int kWalPagesToCheckpoint = 2'000;  // 16 MB: moved beside the writer
constexpr int kWalPagesToBeginAnew = 7'000;   // 56 MB: the writer moves the last of them itself
constexpr int kWalPagesLeftMost = 2'000;      // of them, that it does so; all, when it is long
constexpr int kWalPagesLong = 16'000;         // 128 MB
constexpr int kWalPagesMost = 48'000;         // 384 MB: the writer waits until all are moved
constexpr std::uint64_t kFreeShare = 16;      // of the free disk, room takes a sixteenth at most

int remember_wal_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

std::string text_of(const Mark& mark) {
  return "transaction " + std::to_string(mark.commits) + ", batch " + std::to_string(mark.last_seq);
}

Result<void> configure(LogConnection& writer, bool fresh, bool summed) {
  if (fresh && summed) {
    int reserved = kPageSumBytes;
    sqlite3_file_control(writer.handle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  }
  if (fresh) {
    GUANXI_TRY_VOID(writer.execute("PRAGMA page_size=" + std::to_string(kPageBytes)));
  }
  return writer.execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
      "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=0;"
      "PRAGMA trusted_schema=OFF");
}

// Makes the tables, or refuses tables that are not ours or newer. A log of an older format is read
// as it is, and brought to this one by whoever writes it.
Result<void> prepare_schema(LogConnection& writer, bool writes) {
  GUANXI_TRY(application, writer.integer("PRAGMA application_id"));
  GUANXI_TRY(version, writer.integer("PRAGMA user_version"));
  if (application == kLogApplicationId && version == kLogSchemaVersion) {
    return {};
  }
  if (application == kLogApplicationId && version >= 1 && version < kLogSchemaVersion) {
    return !writes ? Result<void>()
                   : writer.execute(
                         "BEGIN IMMEDIATE;" + std::string(version == 1 ? kLogSchemaFrom1 : "") +
                         (version < 3 ? kLogSchemaFrom2 : "") + kLogSchemaFrom3 +
                         "PRAGMA user_version=" + std::to_string(kLogSchemaVersion) + ";COMMIT");
  }
  GUANXI_TRY(tables, writer.integer("SELECT count(*) FROM sqlite_schema"));
  if (application == kLogApplicationId && version > kLogSchemaVersion) {
    return fail(ErrorCode::invalid,
                "the event log has format " + std::to_string(version) +
                    ", written by a newer Guanxi; this one reads up to format " +
                    std::to_string(kLogSchemaVersion) + ": use the newer program");
  }
  if (application != 0 || version != 0 || tables != 0) {
    return fail(ErrorCode::corrupted, "the database in the data folder is not an event log");
  }
  return writer.execute("BEGIN IMMEDIATE;" + std::string(kLogSchema) + kLogSchemaFrom2 +
                        kLogSchemaFrom3 +
                        "PRAGMA application_id=" + std::to_string(kLogApplicationId) +
                        ";PRAGMA user_version=" + std::to_string(kLogSchemaVersion) + ";COMMIT");
}

Result<Mark> mark_in(LogConnection& connection) {
  GUANXI_TRY(commits, connection.integer("SELECT value FROM meta WHERE key = 'commits'"));
  GUANXI_TRY(epoch, connection.integer("SELECT value FROM meta WHERE key = 'epoch'"));
  GUANXI_TRY(last_seq, connection.integer("SELECT max(seq) FROM batches"));
  GUANXI_TRY(row, connection.prepare("SELECT chain FROM chains ORDER BY seq DESC LIMIT 1"));
  GUANXI_TRY(there, row.step());
  return Mark{static_cast<std::uint64_t>(commits), static_cast<std::uint64_t>(epoch),
              static_cast<std::uint64_t>(last_seq),
              there ? hash_from_bytes(row.bytes(0)) : Hash128{}};
}

// The same refusal of the same row is one letter, however often its file is read.
std::int64_t identity_of(const DeadLetter& letter) {
  const std::uint64_t place = hash64(letter.source + '\n' + letter.field, letter.line);
  return static_cast<std::int64_t>(hash64(letter.original, place));
}

Unexpected no_mark(const LogPaths& paths) {
  return fail(ErrorCode::corrupted, "the high-water mark '" + paths.mark +
                                        "' is missing or damaged, so nobody can tell whether the "
                                        "log is whole; check and take over the log itself with: "
                                        "guanxi restore " +
                                        paths.database);
}

// The log may be ahead of its mark (the process ended between the two), never behind it.
Result<void> compare(LogConnection& connection, const Mark& log, const Mark& mark) {
  if (log.commits < mark.commits || log.epoch < mark.epoch || log.last_seq < mark.last_seq) {
    return fail(ErrorCode::corrupted,
                "the event log is shorter than it was: it ends at " + text_of(log) +
                    ", but had come to " + text_of(mark) +
                    "; its end has been cut off or an older file put in its place: restore a "
                    "backup");
  }
  if (log.epoch == mark.epoch && mark.last_seq > 0) {
    GUANXI_TRY(row, connection.prepare("SELECT chain FROM chains WHERE seq = ?1"));
    row.bind(1, static_cast<std::int64_t>(mark.last_seq));
    GUANXI_TRY(there, row.step());
    if (!there || !(hash_from_bytes(row.bytes(0)) == mark.chain)) {
      return fail(ErrorCode::corrupted,
                  "the event log is another one than its mark belongs to: "
                  "the chain differs at batch " +
                      std::to_string(mark.last_seq) + "; restore a backup");
    }
  }
  return {};
}

}  // namespace

Result<void> verify_mark(const std::string& folder, Disk& disk, const std::string& vfs) {
  const LogPaths paths(folder);
  // The mark first: the log may move on between the two, never back.
  std::optional<Mark> mark;
  if (disk.exists(paths.mark)) {
    GUANXI_TRY(bytes, read_file(disk, paths.mark));
    mark = latest_mark(bytes);
  }
  GUANXI_TRY(reader, LogReader::open(paths.database, vfs));
  GUANXI_TRY_VOID(prepare_schema(reader.connection(), false));
  GUANXI_TRY(end, mark_in(reader.connection()));
  if (!mark) {
    return end.commits == 0 ? Result<void>() : no_mark(paths);
  }
  return compare(reader.connection(), end, *mark);
}

struct EventLog::Statements {
  LogStatement append, chain, count, setting, letter, source, model;
  static Result<std::unique_ptr<Statements>> prepare(LogConnection& writer) {
    GUANXI_TRY(append, writer.prepare("INSERT INTO batches VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"));
    GUANXI_TRY(chain, writer.prepare("INSERT OR REPLACE INTO chains VALUES(?1,?2)"));
    GUANXI_TRY(count, writer.prepare("UPDATE meta SET value = ?2 WHERE key = ?1"));
    GUANXI_TRY(setting, writer.prepare("INSERT OR REPLACE INTO settings VALUES(?1,?2)"));
    GUANXI_TRY(letter,
               writer.prepare("INSERT OR IGNORE INTO dead_letters(received_at, source, line, "
                              "field, reason, original, resent_at, identity) "
                              "VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"));
    GUANXI_TRY(source, writer.prepare("INSERT OR REPLACE INTO sources(key, name, rows_read, "
                                      "events, added, repeated, refused, started_at, finished_at) "
                                      "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"));
    GUANXI_TRY(model, writer.prepare("INSERT INTO models(activated_at, name, version, hash, toml, "
                                     "calibration, cause) VALUES(?1,?2,?3,?4,?5,?6,?7)"));
    return std::make_unique<Statements>(
        Statements{std::move(append), std::move(chain), std::move(count), std::move(setting),
                   std::move(letter), std::move(source), std::move(model)});
  }
};

LogPaths::LogPaths(const std::string& folder)
    : database(folder + "/guanxi.db"),
      wal(database + "-wal"),
      shared_memory(database + "-shm"),
      mark(folder + "/guanxi.mark"),
      lock(folder + "/lock") {}

EventLog::EventLog(const Options& options, LogConnection writer, HighWaterFile high_water)
    : paths_(options.folder),
      vfs_(options.vfs),
      disk_(options.disk != nullptr ? *options.disk : real_disk()),
      writer_(std::move(writer)),
      high_water_(std::move(high_water)),
      room_bytes_(options.background_checkpoints ? options.wal_room_bytes : 0) {}

Result<std::unique_ptr<EventLog>> EventLog::open(const Options& options) {
  Disk& disk = options.disk != nullptr ? *options.disk : real_disk();
  const LogPaths paths(options.folder);
  const bool fresh = !disk.exists(paths.database);
  if (fresh && disk.exists(paths.mark)) {
    GUANXI_TRY(left, HighWaterFile::open(disk, paths.mark, false));
    if (left.mark() && left.mark()->commits > 0) {
      return fail(ErrorCode::corrupted, "the event log '" + paths.database +
                                            "' is missing; it had come to " +
                                            text_of(*left.mark()) + ": restore a backup");
    }
  }
  GUANXI_TRY(writer, LogConnection::open(paths.database, LogConnection::Mode::create, options.vfs));
  GUANXI_TRY_VOID(configure(writer, fresh, options.vfs.empty()));
  GUANXI_TRY_VOID(prepare_schema(writer, true));
  GUANXI_TRY(log_mark, mark_in(writer));
  if (!disk.exists(paths.mark) && log_mark.commits > 0) {
    return no_mark(paths);
  }
  GUANXI_TRY_VOID(mend_mark(disk, paths.mark));
  GUANXI_TRY(high_water, HighWaterFile::open(disk, paths.mark, true));
  const bool unmarked = !high_water.mark();
  if (unmarked && log_mark.commits > 0) {
    return no_mark(paths);
  }
  if (!unmarked) {
    GUANXI_TRY_VOID(compare(writer, log_mark, *high_water.mark()));
  }
  GUANXI_TRY_VOID(high_water.write(log_mark));
  if (unmarked) {
    GUANXI_TRY_VOID(high_water.sync());
    GUANXI_TRY_VOID(disk.sync_folder(options.folder));
  }
  std::unique_ptr<EventLog> log(new EventLog(options, std::move(writer), std::move(high_water)));
  GUANXI_TRY(statements, Statements::prepare(log->writer_));
  log->statements_ = std::move(statements);
  log->mark_ = log->pending_ = log_mark;
  sqlite3_wal_hook(log->writer_.handle(), remember_wal_pages, &log->wal_pages_);
  tell_of_wal(log->writer_.handle(), log->wal_space_);
  if (options.background_checkpoints) {
    log->checkpointer_ = std::jthread(
        [raw = log.get()](const std::stop_token& stop) { raw->checkpoint_in_background(stop); });
  }
  return log;
}

EventLog::~EventLog() {
  if (checkpointer_.joinable()) {
    checkpointer_.request_stop();
    wal_long_.notify_all();
    checkpointer_.join();
  }
  rollback();
  if (!failure_) {
    static_cast<void>(checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
    static_cast<void>(high_water_.sync());
  }
}

Result<void> EventLog::begin() {
  if (failure_) {
    return Unexpected{*failure_};
  }
  if (!in_transaction_) {
    if (auto begun = writer_.execute("BEGIN IMMEDIATE"); !begun) {
      return fail_write(begun.error());
    }
    in_transaction_ = true;
    pending_ = mark_;
  }
  return {};
}

// Whatever fails takes the whole transaction back. A full disk or a busy database may pass; after
// any other failure nobody knows what the disk holds, so nothing is written any more.
Result<void> EventLog::fail_write(const Error& error) {
  sqlite3_exec(writer_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  in_transaction_ = false;
  rewritten_from_ = 0;
  if (error.code != ErrorCode::overloaded && error.code != ErrorCode::conflict) {
    failure_ =
        Error{ErrorCode::unavailable,
              "the event log is read-only since a write failed (" + error.message +
                  "); what was confirmed before is safe: look at the disk, then start again"};
  }
  return Unexpected{error};
}

void EventLog::rollback() {
  const std::lock_guard lock(mutex_);
  if (in_transaction_) {
    sqlite3_exec(writer_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    in_transaction_ = false;
    rewritten_from_ = 0;
  }
}

Result<std::uint64_t> EventLog::append(const PackedBatch& batch) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_CHECK(rewritten_from_ == 0, "erasures and appends do not share a transaction");
  BatchInfo info = batch.info;
  info.seq = pending_.last_seq + 1;
  info.chain = chain_of(pending_.chain, info);
  const auto seq = static_cast<std::int64_t>(info.seq);
  statements_->append.bind(1, seq)
      .bind(2, static_cast<std::int64_t>(info.kind))
      .bind(3, static_cast<std::int64_t>(info.events))
      .bind(4, info.first_at.seconds)
      .bind(5, info.last_at.seconds)
      .bind(6, static_cast<std::int64_t>(info.raw_bytes))
      .bind(7, info.crc32)
      .bind_blob(8, batch.payload);
  if (auto done = statements_->append.run(); !done) {
    GUANXI_TRY_VOID(fail_write(done.error()));
  }
  const std::string chain = to_bytes(info.chain);
  statements_->chain.bind(1, seq).bind_blob(2, chain);
  if (auto done = statements_->chain.run(); !done) {
    GUANXI_TRY_VOID(fail_write(done.error()));
  }
  pending_.last_seq = info.seq;
  pending_.chain = info.chain;
  return info.seq;
}

Result<void> EventLog::commit() {
  const std::lock_guard lock(mutex_);
  if (failure_) {
    return Unexpected{*failure_};
  }
  return commit_begun();
}

Result<void> EventLog::commit_begun() {
  if (!in_transaction_) {
    return {};
  }
  if (rewritten_from_ != 0) {
    if (auto chained = rechain(); !chained) {
      return fail_write(chained.error());
    }
  }
  ++pending_.commits;
  statements_->count.bind_text(1, "commits").bind(2, static_cast<std::int64_t>(pending_.commits));
  if (auto counted = statements_->count.run(); !counted) {
    return fail_write(counted.error());
  }
  if (auto done = writer_.execute("COMMIT"); !done) {
    return fail_write(done.error());
  }
  in_transaction_ = false;
  rewritten_from_ = 0;
  mark_ = pending_;
  // Committed and durable; a mark that cannot be written only stops what would come after.
  if (auto marked = high_water_.write(mark_); !marked) {
    failure_ =
        Error{ErrorCode::unavailable, "the event log is read-only: " + marked.error().message};
  }
  tend_wal();
  return {};
}

// The other thread moves nearly everything into the database, but SQLite begins the WAL anew only
// when everything has been moved and nothing has come meanwhile: that little is moved here.
void EventLog::tend_wal() {
  if (wal_pages_ < moved_pages_) {
    moved_pages_ = 0;  // the WAL has begun anew
  }
  const int left = wal_pages_ - moved_pages_;
  const bool just_moved = std::exchange(moved_, false);
  if (wal_pages_ >= kWalPagesMost ||
      (!checkpointer_.joinable() && wal_pages_ >= kWalPagesToCheckpoint)) {
    static_cast<void>(checkpoint(SQLITE_CHECKPOINT_RESTART));
  } else if (just_moved && wal_pages_ >= kWalPagesToBeginAnew &&
             (left <= kWalPagesLeftMost || wal_pages_ >= kWalPagesLong)) {
    static_cast<void>(checkpoint(SQLITE_CHECKPOINT_PASSIVE));
  } else if (left >= kWalPagesToCheckpoint || lacks_room()) {
    checkpoint_wanted_ = true;
    wal_long_.notify_one();
  }
}

bool EventLog::lacks_room() const { return wal_space_.ready_bytes() < room_bytes_; }

void EventLog::make_room(const std::stop_token& stop) {
  std::int64_t until = 0;
  {
    const std::lock_guard lock(mutex_);
    until = lacks_room() ? room_bytes_ : 0;
  }
  if (until == 0) {
    return;
  }
  const auto free = disk_.free_bytes(folder_of(paths_.wal));
  const bool may = free && *free / kFreeShare > static_cast<std::uint64_t>(until);
  if (!may || !wal_space_.extend(disk_, paths_.wal, until, stop)) {
    const std::lock_guard lock(mutex_);
    room_bytes_ = 0;
  }
}

Result<void> EventLog::put_setting(std::string_view key, std::string_view value) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  auto done = insert_setting(key, value);
  return done ? done : fail_write(done.error());
}

Result<void> EventLog::insert_setting(std::string_view key, std::string_view value) {
  statements_->setting.bind_text(1, key).bind_text(2, value);
  return statements_->setting.run();
}

Result<void> EventLog::add_to_setting(std::string_view key, std::uint64_t amount) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  auto done = insert_count(key, amount);
  return done ? done : fail_write(done.error());
}

Result<void> EventLog::insert_count(std::string_view key, std::uint64_t amount) {
  GUANXI_TRY(change, writer_.prepare("INSERT INTO settings(key, value) VALUES(?1, ?2) "
                                     "ON CONFLICT(key) DO UPDATE SET "
                                     "value = CAST(CAST(value AS INTEGER) + ?2 AS TEXT)"));
  change.bind_text(1, key).bind(2, static_cast<std::int64_t>(amount));
  return change.run();
}

Result<void> EventLog::add_dead_letter(const DeadLetter& letter) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  auto done = insert_letter(letter);
  return done ? done : fail_write(done.error());
}

Result<void> EventLog::insert_letter(const DeadLetter& letter) {
  statements_->letter.bind(1, letter.received_at.seconds)
      .bind_text(2, letter.source)
      .bind(3, static_cast<std::int64_t>(letter.line))
      .bind_text(4, letter.field)
      .bind_text(5, letter.reason)
      .bind_text(6, letter.original)
      .bind(7, letter.resent_at.seconds)
      .bind(8, identity_of(letter));
  return statements_->letter.run();
}

Result<void> EventLog::put_aside(const Aside& aside) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  if (auto done = insert_aside(aside); !done) {
    return fail_write(done.error());
  }
  return commit_begun();
}

Result<void> EventLog::insert_aside(const Aside& aside) {
  GUANXI_TRY(insert, writer_.prepare("INSERT INTO waiting(door, events, raw_bytes, crc32, payload) "
                                     "VALUES(?1,?2,?3,?4,?5)"));
  for (const auto& [door, packed] : aside.events) {
    insert.bind_text(1, door)
        .bind(2, static_cast<std::int64_t>(packed.info.events))
        .bind(3, static_cast<std::int64_t>(packed.info.raw_bytes))
        .bind(4, packed.info.crc32)
        .bind_blob(5, packed.payload);
    GUANXI_TRY_VOID(insert.run());
  }
  for (const DeadLetter& letter : aside.letters) {
    GUANXI_TRY_VOID(insert_letter(letter));
  }
  for (const auto& [key, value] : aside.settings) {
    GUANXI_TRY_VOID(insert_setting(key, value));
  }
  for (const auto& [key, amount] : aside.counts) {
    GUANXI_TRY_VOID(insert_count(key, amount));
  }
  return {};
}

Result<void> EventLog::remove_waiting(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_TRY(change, writer_.prepare("DELETE FROM waiting WHERE id = ?1"));
  change.bind(1, static_cast<std::int64_t>(id));
  auto done = change.run();
  return done ? done : fail_write(done.error());
}

Result<void> EventLog::mark_resent(std::uint64_t id, Instant at) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_TRY(change, writer_.prepare("UPDATE dead_letters SET resent_at = ?2 WHERE id = ?1"));
  change.bind(1, static_cast<std::int64_t>(id)).bind(2, at.seconds);
  auto done = change.run();
  return done ? done : fail_write(done.error());
}

Result<void> EventLog::remove_dead_letter(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_TRY(change, writer_.prepare("DELETE FROM dead_letters WHERE id = ?1"));
  change.bind(1, static_cast<std::int64_t>(id));
  auto done = change.run();
  return done ? done : fail_write(done.error());
}

Result<std::uint64_t> EventLog::remove_dead_letters(Instant before) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_TRY(change, writer_.prepare("DELETE FROM dead_letters WHERE received_at < ?1"));
  change.bind(1, before.seconds);
  if (auto done = change.run(); !done) {
    return Unexpected{fail_write(done.error()).error()};
  }
  return static_cast<std::uint64_t>(sqlite3_changes64(writer_.handle()));
}

Result<void> EventLog::put_source(const SourceRecord& source) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  const auto whole = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  statements_->source.bind_text(1, source.key)
      .bind_text(2, source.name)
      .bind(3, whole(source.rows))
      .bind(4, whole(source.events))
      .bind(5, whole(source.added))
      .bind(6, whole(source.repeated))
      .bind(7, whole(source.refused))
      .bind(8, source.started_at.seconds)
      .bind(9, source.finished_at.seconds);
  auto done = statements_->source.run();
  return done ? done : fail_write(done.error());
}

Result<void> EventLog::add_model_step(const ModelStep& step) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  statements_->model.bind(1, step.activated_at.seconds)
      .bind_text(2, step.name)
      .bind_text(3, step.version)
      .bind_text(4, step.hash)
      .bind_text(5, step.toml)
      .bind_text(6, step.calibration)
      .bind_text(7, step.cause);
  auto done = statements_->model.run();
  return done ? done : fail_write(done.error());
}

Result<std::uint64_t> EventLog::add_decision(const DecisionRecord& decision) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_TRY(add, writer_.prepare("INSERT INTO decisions(decided_at, kind, first_id, second_id, "
                                  "actor, note) VALUES(?1,?2,?3,?4,?5,?6)"));
  add.bind(1, decision.decided_at.seconds)
      .bind_text(2, decision.kind)
      .bind_text(3, decision.first_id)
      .bind_text(4, decision.second_id)
      .bind_text(5, decision.actor)
      .bind_text(6, decision.note);
  if (auto done = add.run(); !done) {
    GUANXI_TRY_VOID(fail_write(done.error()));
  }
  return static_cast<std::uint64_t>(sqlite3_last_insert_rowid(writer_.handle()));
}

Result<std::uint64_t> EventLog::add_fit(const FitRecord& fit) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_TRY(add, writer_.prepare("INSERT INTO fits(fitted_at, as_of, used, cause, actor, "
                                  "data_hash, parameters) VALUES(?1,?2,?3,?4,?5,?6,?7)"));
  add.bind(1, fit.fitted_at.seconds)
      .bind(2, fit.as_of.number)
      .bind(3, fit.used ? 1 : 0)
      .bind_text(4, fit.cause)
      .bind_text(5, fit.actor)
      .bind_text(6, fit.data_hash)
      .bind_text(7, fit.parameters);
  if (auto done = add.run(); !done) {
    GUANXI_TRY_VOID(fail_write(done.error()));
  }
  return static_cast<std::uint64_t>(sqlite3_last_insert_rowid(writer_.handle()));
}

Result<void> EventLog::remove_decision(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_TRY(change, writer_.prepare("DELETE FROM decisions WHERE number = ?1"));
  change.bind(1, static_cast<std::int64_t>(number));
  auto done = change.run();
  return done ? done : fail_write(done.error());
}

Result<void> EventLog::rewrite(std::uint64_t seq, const PackedBatch& batch) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(begin());
  GUANXI_CHECK(pending_.last_seq == mark_.last_seq,
               "erasures and appends do not share a transaction");
  if (seq == 0 || seq > mark_.last_seq) {
    return fail(ErrorCode::not_found, "the event log has no batch " + std::to_string(seq));
  }
  GUANXI_TRY(change, writer_.prepare("UPDATE batches SET kind = ?2, events = ?3, first_at = ?4, "
                                     "last_at = ?5, raw_bytes = ?6, crc32 = ?7, payload = ?8 "
                                     "WHERE seq = ?1"));
  change.bind(1, static_cast<std::int64_t>(seq))
      .bind(2, static_cast<std::int64_t>(batch.info.kind))
      .bind(3, static_cast<std::int64_t>(batch.info.events))
      .bind(4, batch.info.first_at.seconds)
      .bind(5, batch.info.last_at.seconds)
      .bind(6, static_cast<std::int64_t>(batch.info.raw_bytes))
      .bind(7, batch.info.crc32)
      .bind_blob(8, batch.payload);
  if (auto done = change.run(); !done) {
    return fail_write(done.error());
  }
  rewritten_from_ = rewritten_from_ == 0 ? seq : std::min(rewritten_from_, seq);
  return {};
}

Result<void> EventLog::rechain() {
  GUANXI_TRY(before, writer_.prepare("SELECT chain FROM chains WHERE seq = ?1"));
  before.bind(1, static_cast<std::int64_t>(rewritten_from_) - 1);
  GUANXI_TRY(has_before, before.step());
  Hash128 chain = has_before ? hash_from_bytes(before.bytes(0)) : Hash128{};
  GUANXI_TRY(rows, writer_.prepare("SELECT seq, kind, events, first_at, last_at, raw_bytes, "
                                   "length(payload), crc32 FROM batches WHERE seq >= ?1 "
                                   "ORDER BY seq"));
  rows.bind(1, static_cast<std::int64_t>(rewritten_from_));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      break;
    }
    BatchInfo info;
    info.seq = static_cast<std::uint64_t>(rows.integer(0));
    info.kind = static_cast<BatchKind>(rows.integer(1));
    info.events = static_cast<std::uint64_t>(rows.integer(2));
    info.first_at = Instant{rows.integer(3)};
    info.last_at = Instant{rows.integer(4)};
    info.raw_bytes = static_cast<std::uint64_t>(rows.integer(5));
    info.stored_bytes = static_cast<std::uint64_t>(rows.integer(6));
    info.crc32 = static_cast<std::uint32_t>(rows.integer(7));
    chain = chain_of(chain, info);
    const std::string bytes = to_bytes(chain);
    statements_->chain.bind(1, rows.integer(0)).bind_blob(2, bytes);
    GUANXI_TRY_VOID(statements_->chain.run());
  }
  pending_.chain = chain;
  ++pending_.epoch;
  statements_->count.bind_text(1, "epoch").bind(2, static_cast<std::int64_t>(pending_.epoch));
  return statements_->count.run();
}

Result<void> EventLog::scrub() {
  const std::lock_guard alone(checkpoint_mutex_);
  const std::lock_guard lock(mutex_);
  GUANXI_CHECK(!in_transaction_, "scrub() comes after commit()");
  if (failure_) {
    return Unexpected{*failure_};
  }
  const Result<void> moved = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  if (lacks_room()) {
    checkpoint_wanted_ = true;
    wal_long_.notify_one();
  }
  return moved;
}

Result<void> EventLog::checkpoint(int mode) {
  const int code = sqlite3_wal_checkpoint_v2(writer_.handle(), nullptr, mode, nullptr, nullptr);
  if (code == SQLITE_OK) {
    wal_pages_ = mode == SQLITE_CHECKPOINT_PASSIVE ? wal_pages_ : 0;
    moved_pages_ = wal_pages_;
    return {};
  }
  const Unexpected error =
      sqlite_error(writer_.handle(), sqlite3_extended_errcode(writer_.handle()),
                   "move its WAL into the database");
  if ((code & 0xFF) == SQLITE_IOERR) {
    failure_ = error.error;
  }
  return error;
}

// Readers and the writer go on meanwhile: a passive checkpoint waits for nobody.
void EventLog::checkpoint_in_background(const std::stop_token& stop) {
  auto opened = LogConnection::open(paths_.database, LogConnection::Mode::read_write, vfs_);
  // A connection that has read nothing does not know that there is a WAL, and moves nothing.
  bool knows_of_wal = opened && opened->integer("PRAGMA user_version");
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      // What is still wanted when the log closes is left: room cannot be made any more.
      if (!wal_long_.wait(lock, stop, [this] { return checkpoint_wanted_; }) ||
          stop.stop_requested()) {
        return;
      }
      checkpoint_wanted_ = false;
    }
    make_room(stop);
    knows_of_wal = knows_of_wal || (opened && opened->integer("PRAGMA user_version"));
    if (!knows_of_wal) {
      continue;
    }
    const std::lock_guard alone(checkpoint_mutex_);
    int pages = 0;
    int moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(opened->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                               &pages, &moved);
    const std::lock_guard lock(mutex_);
    checkpoint_wanted_ = lacks_room();  // commits ask again if that was not enough
    moved_ = code == SQLITE_OK;
    moved_pages_ = moved_ ? moved : moved_pages_;
    if ((code & 0xFF) == SQLITE_IOERR) {
      failure_ = sqlite_error(opened->handle(), code, "move its WAL into the database").error;
    }
  }
}

Result<LogReader> EventLog::reader() const { return LogReader::open(paths_.database, vfs_); }

std::uint64_t EventLog::last_seq() const {
  const std::lock_guard lock(mutex_);
  return mark_.last_seq;
}

std::optional<Error> EventLog::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace guanxi
