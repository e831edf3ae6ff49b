#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.hpp"
#include "engine/work_board.hpp"
#include "people/need_model.hpp"

namespace guanxi {

/// What was worked out last of everyone's needs, with names for people to read.
struct NeedReport {
  std::shared_ptr<const NeedModel> model;
  std::vector<std::string>
      titles;  ///< by product, as the latest event about it has it; may be empty
  Instant built_at;
  double seconds = 0;
};

/// The names of products as their latest events have them, read from the log in order. What cannot
/// be read stays empty. `stop` is asked now and then.
[[nodiscard]] std::vector<std::string> titles_of(const Engine& engine, const NeedModel& model,
                                                 const std::function<bool()>& stop = {});

/// Works out the needs of everyone beside all else: at start, when a day has passed, and when
/// asked. The image is held still shard by shard, so that the door waits for a shard at most.
///
/// Place       One per server; the API asks it.
/// Invariants  latest() is whole: a work that was stopped or failed leaves the one before.
/// Errors      rebuild: conflict while it works.
/// Threads     Any; one of its own, with `threads` more while it works.
class NeedDesk {
 public:
  struct Options {
    NeedOptions needs{};
    bool by_itself = true;  ///< at start and daily; else only when asked
  };
  /// REQUIRES an engine that is ready, and outlives this.
  NeedDesk(std::shared_ptr<Engine> engine, const Options& options, Clock& clock = system_clock());
  ~NeedDesk();
  NeedDesk(const NeedDesk&) = delete;
  NeedDesk& operator=(const NeedDesk&) = delete;

  /// Null until the first one is done.
  [[nodiscard]] std::shared_ptr<const NeedReport> latest() const;
  [[nodiscard]] std::optional<Work> current() const { return board_.current(); }
  [[nodiscard]] std::optional<Work> last() const { return board_.last(); }
  /// Begins anew, with another horizon from then on when one is given. Errors: invalid, conflict.
  [[nodiscard]] Result<void> rebuild(std::optional<std::uint32_t> horizon_days = {});
  /// Stops what runs; false when nothing does.
  bool cancel();
  /// Ends its thread.
  void stop();

 private:
  void run(const std::stop_token& stop);
  void build(const std::stop_token& stop);
  [[nodiscard]] Result<std::shared_ptr<const NeedReport>> work(const std::stop_token& stop);
  [[nodiscard]] bool wanted();

  std::shared_ptr<Engine> engine_;
  Options options_;  ///< under mutex_
  Clock& clock_;
  WorkBoard board_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool asked_ = false;  ///< under mutex_
  bool busy_ = false;   ///< under mutex_
  Day tried_ = kNoDay;  ///< the day for which it was tried by itself; own thread
  std::atomic<bool> cancelled_{false};
  std::shared_ptr<const NeedReport> latest_;  ///< under mutex_
  std::jthread thread_;                       ///< goes first
};

}  // namespace guanxi
