#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/instant.hpp"
#include "platform/clock.hpp"

namespace guanxi {

/// A long piece of work, as it is shown while it runs and afterwards.
struct Work {
  std::string name;    ///< "open", "import", "erase", "backup", "check", "activate"
  std::string phase;   ///< "read", "place", "fold", "write" ...
  std::string detail;  ///< a file's name ...; may be empty
  std::string unit;    ///< what `done` counts: "rows", "events", "people", "pages"
  std::uint64_t done = 0;
  std::uint64_t total = 0;                    ///< 0: not known
  std::uint64_t per_second = 0;               ///< in this phase so far
  std::optional<std::uint64_t> seconds_left;  ///< of this phase
  Instant started_at;
  std::optional<Instant> finished_at;
  std::optional<bool> ok;
  std::string message;  ///< how it ended
};

/// What the engine is busy with, for whoever asks.
///
/// Place       One per engine, or handed to it so that it can be asked while the engine opens.
/// Invariants  At most one work runs at a time: the engine's writer does one after the other.
/// Threads     Any.
class WorkBoard {
 public:
  explicit WorkBoard(Clock& clock = system_clock()) : clock_(clock) {}

  [[nodiscard]] std::optional<Work> current() const;
  [[nodiscard]] std::optional<Work> last() const;
  /// Called after each change, from the thread that works; for progress on a terminal.
  void listen(std::function<void(const Work&)> listener);

  void begin(std::string name, std::string detail);
  void phase(std::string phase, std::string unit, std::uint64_t total);
  void update(std::uint64_t done, std::uint64_t total, const std::string& detail = {});
  void end(bool ok, std::string message);

  /// Asks the work that runs to stop, where it can; begin() forgets it.
  void ask_cancel() { cancel_.store(true); }
  [[nodiscard]] bool cancel_asked() const { return cancel_.load(); }

 private:
  void refresh_rates(Work& work) const;

  Clock& clock_;
  mutable std::mutex mutex_;
  std::optional<Work> current_;
  std::optional<Work> last_;
  std::function<void(const Work&)> listener_;
  std::int64_t phase_began_ns_ = 0;
  std::atomic<bool> cancel_{false};
};

}  // namespace guanxi
