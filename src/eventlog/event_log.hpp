#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "eventlog/batch.hpp"
#include "eventlog/high_water.hpp"
#include "eventlog/records.hpp"
#include "eventlog/sqlite.hpp"
#include "eventlog/wal_space.hpp"
#include "platform/disk.hpp"

namespace guanxi {

/// Where the log of a data folder lies.
struct LogPaths {
  explicit LogPaths(const std::string& folder);
  std::string database, wal, shared_memory, mark, lock;
};

/// Work that takes a while: done of total, in batches or pages. Returning false stops it.
using LogProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Totals of what lies in the log.
struct LogTotals {
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t raw_bytes = 0;
  std::uint64_t stored_bytes = 0;
};

/// Reads committed batches and records, beside the writer and beside other readers.
///
/// Place       One per reading thread, from EventLog::reader() or open_log_reader().
/// Invariants  Every batch handed out has the sum and the place in the chain it was written with.
/// Threads     One at a time.
class LogReader {
 public:
  [[nodiscard]] static Result<LogReader> open(const std::string& database,
                                              const std::string& vfs = {});

  /// Info of every batch, in order, without payloads. O(batches).
  [[nodiscard]] Result<std::vector<BatchInfo>> batches();
  /// Nothing when there is no such batch.
  [[nodiscard]] Result<std::optional<BatchInfo>> info(std::uint64_t seq);
  /// Erasures so far.
  [[nodiscard]] Result<std::uint64_t> epoch();
  struct Batch {
    BatchInfo info;
    std::string payload;  ///< decompressed
  };
  /// Errors: not_found; corrupted, naming the batch.
  [[nodiscard]] Result<Batch> read(std::uint64_t seq);
  /// Every batch in order, until `visit` fails.
  [[nodiscard]] Result<void> for_each(
      const std::function<Result<void>(const BatchInfo&, std::string_view payload)>& visit);

  [[nodiscard]] Result<LogTotals> totals();
  [[nodiscard]] Result<std::optional<std::string>> setting(std::string_view key);
  /// Newest first; `limit` at most 10,000. With `source`, those of this file or door alone,
  /// wherever in its queue they stood.
  [[nodiscard]] Result<std::vector<DeadLetter>> dead_letters(std::uint64_t offset,
                                                             std::uint64_t limit,
                                                             std::string_view source = {});
  [[nodiscard]] Result<std::uint64_t> dead_letters_kept(std::string_view source = {});
  /// Those that were not sent again.
  [[nodiscard]] Result<std::uint64_t> dead_letters_open(std::string_view source);
  [[nodiscard]] Result<std::optional<DeadLetter>> dead_letter(std::uint64_t id);
  [[nodiscard]] Result<std::vector<SourceRecord>> sources();
  /// The oldest first, until they hold `events_most` events; at least one when there is any.
  [[nodiscard]] Result<std::vector<WaitingEvents>> waiting(std::uint64_t events_most);
  [[nodiscard]] Result<std::uint64_t> waiting_rows();
  [[nodiscard]] Result<std::optional<ModelStep>> active_model();
  [[nodiscard]] Result<std::vector<ModelStep>> model_steps();
  /// In the order of deciding; none in a log of an older format.
  [[nodiscard]] Result<std::vector<DecisionRecord>> decisions();
  /// In the order of fitting; none in a log of an older format.
  [[nodiscard]] Result<std::vector<FitRecord>> fits();
  [[nodiscard]] LogConnection& connection() { return connection_; }

 private:
  explicit LogReader(LogConnection connection) : connection_(std::move(connection)) {}
  Result<std::uint64_t> count_letters(std::string_view source, std::string_view besides);

  LogConnection connection_;
};

/// The durable log of events and of everything that belongs in the same transactions.
///
/// Place       One per data folder, owned by the engine, which holds the folder's lock. Format:
///             docs/formats/log.md.
/// Invariants  What commit() has confirmed survives kill -9 and power loss. Batches are numbered
///             1, 2, ... and chained. A failed sync makes the log read-only for good, because
///             nobody knows any more what the disk holds; a full disk refuses only that commit.
/// Threads     Any: one lock around the writer. A transaction begins with the first change after a
///             commit() and belongs to one thread. Readers: reader().
class EventLog {
 public:
  struct Options {
    std::string folder{};
    std::string vfs{};     ///< SQLite's VFS; empty: the system's
    Disk* disk = nullptr;  ///< for the mark; null: real_disk()
    bool background_checkpoints = true;
    /// Written into the WAL ahead of its use, beside whoever writes (WalSpace): for a log that is
    /// written to all day. None of it on a disk that has little left.
    std::int64_t wal_room_bytes = 0;
  };

  /// Opens or makes the log. REQUIRES the folder's lock held by the caller.
  /// Errors: corrupted when the log is shorter than its mark or damaged; invalid when a newer
  /// Guanxi wrote it; unavailable when the disk refuses.
  [[nodiscard]] static Result<std::unique_ptr<EventLog>> open(const Options& options);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  /// Adds a batch to the open transaction; its seq. Not durable before commit().
  [[nodiscard]] Result<std::uint64_t> append(const PackedBatch& batch);
  /// Makes everything since the last commit durable: one sync.
  [[nodiscard]] Result<void> commit();
  /// Forgets everything since the last commit.
  void rollback();

  [[nodiscard]] Result<void> put_setting(std::string_view key, std::string_view value);
  /// Adds to a setting that is a count; one that is not there is 0.
  [[nodiscard]] Result<void> add_to_setting(std::string_view key, std::uint64_t amount);
  /// The same row refused for the same field again is no new letter.
  [[nodiscard]] Result<void> add_dead_letter(const DeadLetter& letter);
  [[nodiscard]] Result<void> mark_resent(std::uint64_t id, Instant at);
  [[nodiscard]] Result<void> remove_dead_letter(std::uint64_t id);
  /// Those that came before `before`; how many they were.
  [[nodiscard]] Result<std::uint64_t> remove_dead_letters(Instant before);
  [[nodiscard]] Result<void> put_source(const SourceRecord& source);
  [[nodiscard]] Result<void> add_model_step(const ModelStep& step);
  /// Its number: larger than that of any decision before.
  [[nodiscard]] Result<std::uint64_t> add_decision(const DecisionRecord& decision);
  [[nodiscard]] Result<void> remove_decision(std::uint64_t number);
  /// Its number: larger than that of any fit before.
  [[nodiscard]] Result<std::uint64_t> add_fit(const FitRecord& fit);

  /// What came in while a work has the log: durable on return, together with whatever the work has
  /// written since its last commit.
  struct Aside {
    std::vector<std::pair<std::string, PackedBatch>> events;  ///< door and columns
    std::vector<DeadLetter> letters;
    std::vector<std::pair<std::string, std::string>> settings;
    std::vector<std::pair<std::string, std::uint64_t>> counts;  ///< as of add_to_setting()
  };
  [[nodiscard]] Result<void> put_aside(const Aside& aside);
  /// Takes waiting events away, in the transaction in which they become a batch.
  [[nodiscard]] Result<void> remove_waiting(std::uint64_t id);

  /// Replaces the payload of a batch (erasure). The chain from there on is made anew at commit().
  [[nodiscard]] Result<void> rewrite(std::uint64_t seq, const PackedBatch& batch);
  /// After rewrites are committed: no byte of what was replaced is left in the database or its WAL.
  [[nodiscard]] Result<void> scrub();

  [[nodiscard]] Result<LogReader> reader() const;
  [[nodiscard]] const LogPaths& paths() const { return paths_; }
  [[nodiscard]] std::uint64_t last_seq() const;
  /// The reason why nothing more can be written, or nothing.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  struct Statements;

  EventLog(const Options& options, LogConnection writer, HighWaterFile high_water);
  Result<void> begin();
  Result<void> commit_begun();
  Result<void> insert_letter(const DeadLetter& letter);
  Result<void> insert_setting(std::string_view key, std::string_view value);
  Result<void> insert_count(std::string_view key, std::uint64_t amount);
  Result<void> insert_aside(const Aside& aside);
  Result<void> fail_write(const Error& error);
  Result<void> rechain();
  Result<void> checkpoint(int mode);
  void tend_wal();
  [[nodiscard]] bool lacks_room() const;
  void make_room(const std::stop_token& stop);
  void checkpoint_in_background(const std::stop_token& stop);

  LogPaths paths_;
  std::string vfs_;
  Disk& disk_;
  std::mutex checkpoint_mutex_;  ///< SQLite refuses a second checkpoint; taken before mutex_
  mutable std::mutex mutex_;
  WalSpace wal_space_;
  LogConnection writer_;
  std::unique_ptr<Statements> statements_;
  HighWaterFile high_water_;
  Mark mark_;     ///< as committed
  Mark pending_;  ///< as it will be after commit()
  bool in_transaction_ = false;
  std::uint64_t rewritten_from_ = 0;
  std::optional<Error> failure_;
  int wal_pages_ = 0;        ///< in the WAL, as the last commit left it
  int moved_pages_ = 0;      ///< of these: in the database already
  bool moved_ = false;       ///< the other thread has just moved some
  std::int64_t room_bytes_;  ///< 0 when the disk has none to spare
  std::condition_variable_any wal_long_;
  bool checkpoint_wanted_ = false;
  std::jthread checkpointer_;
};

/// Whether the log in `folder` reaches its high-water mark, for whoever reads it beside its writer.
/// Errors: corrupted, with the reason.
[[nodiscard]] Result<void> verify_mark(const std::string& folder, Disk& disk,
                                       const std::string& vfs = {});

/// What check_log() found. No problems: every byte is as it was written.
struct LogCheck {
  LogTotals totals;
  std::vector<std::string> problems;
};
/// Reads the whole database: SQLite's own structure, every batch's sum, frame and place in the
/// chain, and the high-water mark when `mark_path` is not empty.
[[nodiscard]] Result<LogCheck> check_log(const std::string& database, const std::string& mark_path,
                                         Disk& disk, const LogProgress& progress = {},
                                         const std::string& vfs = {});

/// Copies the log, while it is being written, into one file that stands alone; the copy is
/// checked before it gets its name. Errors: conflict when `target` exists.
[[nodiscard]] Result<void> backup_log(const std::string& database, const std::string& target,
                                      const LogProgress& progress = {});

/// Puts a backup in the place of the log in `folder` (made if missing). The copy is checked first;
/// a damaged one changes nothing. REQUIRES the folder's lock held and the log closed.
[[nodiscard]] Result<void> restore_log(const std::string& backup, const std::string& folder,
                                       const LogProgress& progress = {});

}  // namespace guanxi
