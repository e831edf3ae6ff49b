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

#include "base/result.hpp"
#include "engine/work_board.hpp"
#include "eventlog/event_log.hpp"
#include "people/people_classes.hpp"
#include "people/purchase_fit.hpp"

namespace guanxi {

struct EngineCore;

/// A fit as the log has it: the event `Parameters Fitted`.
struct LoggedFit {
  std::uint64_t number = 0;
  Instant fitted_at;
  std::string cause;  ///< "daily", "asked"
  std::string actor;  ///< empty: the server itself
  PurchaseFit fit;
};
using SharedFit = std::shared_ptr<const LoggedFit>;

struct FitRequest {
  PurchaseChoice choice = PurchaseChoice::likeliest;
  std::string cause = "asked";
  std::string actor{};
};

/// Fits the models that predict, beside the door: gathers histories as a reader of the image,
/// climbs on a thread of its own, logs what was found, and shows everyone's values by it.
///
/// Place       One per EngineCore. API, command line and page ask it.
/// Invariants  What is shown comes from the last used fit in the log: a restart reads it and fits
///             nothing. A fit that is stopped leaves nothing. One fit runs at a time.
/// Threads     Any, but for what says otherwise. A thread of its own after begin().
class FitDesk {
 public:
  explicit FitDesk(EngineCore& core);
  ~FitDesk();
  FitDesk(const FitDesk&) = delete;
  FitDesk& operator=(const FitDesk&) = delete;

  /// Reads what was fitted. REQUIRES nobody else there yet. Errors: corrupted.
  [[nodiscard]] Result<void> load(LogReader& reader);
  /// From now on takes requests, and fits by itself when a day has closed, as the options say.
  void begin();

  /// Fits and waits. Errors: conflict while another fit runs, or when it was stopped; invalid when
  /// nobody has bought yet; those of the log. REQUIRES core.writer not held.
  [[nodiscard]] Result<SharedFit> fit_now(const FitRequest& request);
  /// Has it done in the background. Errors: conflict while one runs or waits.
  [[nodiscard]] Result<void> ask(const FitRequest& request);
  /// Stops the one that runs; false when none does.
  bool cancel();

  /// Why there are no classes, when the last attempt found none; empty otherwise.
  [[nodiscard]] std::string no_classes() const;

  /// Everyone's values anew, by the last used fit, and their classes, by the last model of these.
  /// REQUIRES core.writer held, or nobody else there yet; image_mutex free.
  void refresh();

  [[nodiscard]] WorkBoard& board() { return board_; }
  /// All of them, the oldest first; the last used one, or null.
  [[nodiscard]] std::vector<SharedFit> fits() const;
  [[nodiscard]] SharedFit used() const;
  /// What it says of own rhythms; nothing fitted without one.
  [[nodiscard]] Rhythm rhythm() const;

 private:
  [[nodiscard]] Result<SharedFit> work(const FitRequest& request);
  [[nodiscard]] Result<PurchaseFit> fit(const FitRequest& request);
  [[nodiscard]] Result<SharedFit> keep(const FitRequest& request, PurchaseFit fit);
  [[nodiscard]] Result<void> classify();
  void classify_when_due();
  void show_classes();
  [[nodiscard]] bool due() const;
  void keep_fitting(const std::stop_token& stop);

  EngineCore& core_;
  WorkBoard board_;
  std::atomic<bool> working_{false};
  std::atomic<bool> closing_{false};
  std::atomic<std::int64_t> took_ns_{0};   ///< the last fit
  std::atomic<std::int64_t> ended_ns_{0};  ///< and when
  mutable std::mutex mutex_;
  std::vector<SharedFit> fits_;        ///< under mutex_
  SharedFit used_;                     ///< under mutex_
  std::optional<FitRequest> request_;  ///< under mutex_
  Day tried_ = kNoDay;                 ///< under mutex_: not again by itself for that day
  Day classified_ = kNoDay;            ///< under mutex_: likewise
  std::string no_classes_;             ///< under mutex_
  std::shared_ptr<const ClassModel> class_model_;  ///< under mutex_
  std::condition_variable_any wake_;
  std::jthread fitting_;  ///< goes first
};

}  // namespace guanxi
