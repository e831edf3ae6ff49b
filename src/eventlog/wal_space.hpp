#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "platform/disk.hpp"

namespace guanxi {

/// Room in the WAL that was written before it is needed. To sync bytes in blocks that the file has
/// already is one write; at the growing end of a file the file system commits its journal besides,
/// with whatever others have written: several times as long, and at the worst far longer.
///
/// Place       EventLog's: its checkpointing thread extends it while the writer writes.
/// Invariants  Zeros are written only where nobody has written yet. Bytes behind the last frame
/// mean
///             nothing to SQLite: the room spares time and is never relied on.
/// Threads     Any.
class WalSpace {
 public:
  /// Makes room up to `until` bytes. Ends early when the WAL is cut meanwhile, or when asked to
  /// stop. Errors: those of the disk.
  [[nodiscard]] Result<void> extend(Disk& disk, const std::string& wal, std::int64_t until,
                                    const std::stop_token& stop);
  /// Bytes that are there.
  [[nodiscard]] std::int64_t ready_bytes() const { return ready_.load(); }

  // For checked_vfs(), which tells what happens to the file; `change` does it.
  void begin_with(std::int64_t bytes) { ready_ = bytes; }
  template <typename Change>
  int write(std::int64_t end, const Change& change) {
    if (end <= ready_.load()) {
      return change();
    }
    const std::lock_guard lock(mutex_);
    if (end > ready_.load()) {
      ready_ = end;
    }
    return change();
  }
  template <typename Change>
  int cut(std::int64_t bytes, const Change& change) {
    const std::lock_guard lock(mutex_);
    ready_ = bytes;
    ++cuts_;
    return change();
  }

 private:
  std::mutex mutex_;
  std::atomic<std::int64_t> ready_{0};  ///< changed under mutex_
  std::uint64_t cuts_ = 0;              ///< under mutex_
};

}  // namespace guanxi
