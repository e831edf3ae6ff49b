#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "platform/clock.hpp"

namespace guanxi::operations {

/// One backup that was asked for.
struct BackupRun {
  enum class State : std::uint8_t { running, done, failed };
  std::string file;  ///< its name in the backup folder
  State state = State::running;
  std::uint64_t pages_done = 0;
  std::uint64_t pages_total = 0;
  Instant started_at;
  std::optional<Instant> finished_at;
  std::string message;  ///< why it failed
};
[[nodiscard]] std::string_view name_of(BackupRun::State state);

/// A backup that lies in the folder.
struct BackupFile {
  std::string file;
  std::uint64_t bytes = 0;
};

/// Copies the log of a running server, one backup at a time, beside everything else: events are
/// taken meanwhile, and the copy is the log of the moment at which it began.
///
/// Place       One per server; its API asks it.
/// Invariants  A file gets its name after it was checked. A run ends with this.
/// Threads     Any; one of its own while a backup runs.
class BackupDesk {
 public:
  BackupDesk(std::string database, std::string folder, Clock& clock = system_clock());
  BackupDesk(const BackupDesk&) = delete;
  BackupDesk& operator=(const BackupDesk&) = delete;
  ~BackupDesk();

  /// Begins one. Errors: conflict while one runs; unavailable when the folder cannot be made.
  [[nodiscard]] Result<BackupRun> start();
  /// The one that runs, or the last one.
  [[nodiscard]] std::optional<BackupRun> last() const;
  /// By name, which is by time.
  [[nodiscard]] std::vector<BackupFile> files() const;

 private:
  void copy(const std::string& target);

  std::string database_;
  std::string folder_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::optional<BackupRun> run_;  ///< under mutex_
  std::atomic<bool> stopping_{false};
  std::jthread thread_;
};

}  // namespace guanxi::operations
