#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "access/secrets.hpp"
#include "base/result.hpp"
#include "eventlog/sqlite.hpp"
#include "platform/clock.hpp"

namespace guanxi::access {

/// Where the file of a data folder lies.
[[nodiscard]] std::string access_path(const std::string& folder);

/// The file `guanxi.access` of a data folder: users, sessions, tokens, sources, audit trail. It is
/// not part of the event log, so restoring an old log never brings back an old key or user.
///
/// Place       Opened by AccessStore; its books read and change it.
/// Invariants  Only its owner may read the file (mode 0600). What change() returned from is on
///             disk. No secret that was shown to somebody stands in it, only fingerprints; secrets
///             of webhooks, which are needed to check signatures, do.
/// Errors      As LogConnection; invalid when a newer version wrote the file.
/// Threads     Any. Several processes may have it open.
class AccessFile {
 public:
  [[nodiscard]] static Result<std::unique_ptr<AccessFile>> open(const std::string& folder,
                                                                Clock& clock);

  using Work = std::function<Result<void>(LogConnection&)>;
  /// Runs `work` as one transaction: all of it is on disk, or nothing.
  [[nodiscard]] Result<void> change(const Work& work);
  [[nodiscard]] Result<void> read(const Work& work);
  /// A number that differs when another process has changed the file.
  [[nodiscard]] Result<std::int64_t> foreign_version();

  [[nodiscard]] const Fingerprinter& fingerprints() const { return *fingerprints_; }
  [[nodiscard]] Instant now() const { return clock_.now(); }

 private:
  AccessFile(LogConnection connection, Clock& clock)
      : connection_(std::move(connection)), clock_(clock) {}
  [[nodiscard]] Result<void> prepare();

  std::mutex mutex_;
  LogConnection connection_;
  Clock& clock_;
  std::unique_ptr<const Fingerprinter> fingerprints_;
};

}  // namespace guanxi::access
