#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "base/result.hpp"
#include "platform/disk.hpp"

namespace guanxi {

/// How far the log had come: written beside it after each commit, so that a log that has lost its
/// end (a WAL cut off, an older file put back) is recognised.
struct Mark {
  std::uint64_t commits = 0;   ///< transactions committed since the log was made
  std::uint64_t epoch = 0;     ///< rewrites (erasures) since; the chain changes with each
  std::uint64_t last_seq = 0;  ///< the last batch
  Hash128 chain;               ///< and its chain value
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// The newer whole slot in the bytes of a mark's file, if any is whole.
[[nodiscard]] std::optional<Mark> latest_mark(std::string_view bytes);

/// The file that holds the mark: two slots written in turn, so that a torn write leaves the other.
///
/// Place       Owned by EventLog.
/// Invariants  Never ahead of the log: written only after a commit that succeeded. It is not
///             synced at each commit, so a power cut may leave it behind, never ahead.
/// Threads     One owner.
class HighWaterFile {
 public:
  /// Opens, or makes when `create`. Errors: not_found, unavailable.
  [[nodiscard]] static Result<HighWaterFile> open(Disk& disk, const std::string& path, bool create);

  /// Nothing when neither slot is whole.
  [[nodiscard]] const std::optional<Mark>& mark() const { return mark_; }
  [[nodiscard]] Result<void> write(const Mark& mark);
  [[nodiscard]] Result<void> sync();

 private:
  explicit HighWaterFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  std::unique_ptr<File> file_;
  std::optional<Mark> mark_;
  unsigned next_slot_ = 0;
};

}  // namespace guanxi
