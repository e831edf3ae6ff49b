#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "engine/door_applier.hpp"
#include "engine/door_figures.hpp"
#include "engine/live.hpp"
#include "engine/recent_ids.hpp"
#include "eventlog/records.hpp"

namespace guanxi {

struct EngineCore;

/// The live door: requests wait in a bounded queue, one thread logs all that wait as one group with
/// one sync, another puts logged groups into the image meanwhile.
///
/// Place       One per engine that can write; Engine::submit(), admit() and resend() come here.
///
///             While a work has the log (an import, an erasure, the replay at opening) requests are
///             put aside in it, durable and answered; they are admitted when the work is over.
/// Invariants  A request is answered after its group is on the disk, or with the reason why it is
///             not; then nothing of it is left behind. Groups stand in log and image in one order.
///             What waits, logged or not, holds at most Engine::Options::door_bytes_most.
/// Threads     Any. Two threads of its own.
class Door {
 public:
  /// `waiting`: how many rows the log has put aside.
  Door(EngineCore& core, std::uint64_t waiting);
  /// Logs, answers and applies what still waits.
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// Never waits for the disk. Errors: overloaded when too much waits; unavailable when nothing can
  /// be written. `limited` false: the engine's own, taken however much waits.
  [[nodiscard]] Result<void> submit(DoorTicket ticket, bool limited);
  /// Nothing can be taken any more, for this reason.
  void refuse(const Error& error);
  /// Waits until everything logged so far stands in the image. Not on the door's threads.
  void settle();
  /// Waits until everything submitted so far does, days are closed and the model is calibrated.
  void wait_applied();
  [[nodiscard]] const DoorFigures& figures() const { return figures_; }
  /// Bytes of what waits, logged or not.
  [[nodiscard]] std::size_t held_bytes() const {
    const std::lock_guard lock(mutex_);
    return held_bytes_;
  }

 private:
  static constexpr std::size_t kQueuedAtFirst = std::size_t{8} << 20U;
  void log_groups();
  void apply_groups();
  bool wait_for_groups();
  [[nodiscard]] DoorGroup take_group(std::vector<DoorTicket>& queue);
  void log_held(DoorGroup group);
  void learn_rate(std::size_t bytes, std::int64_t took_ns);
  void log_patient();
  void log(DoorGroup group);
  [[nodiscard]] bool try_lock();
  void put_aside(DoorGroup group);
  [[nodiscard]] Result<void> write_aside(const DoorGroup& group);
  void bring_back();
  [[nodiscard]] Result<DoorGroup> read_waiting();
  void fail_group(DoorGroup group, const Error& error);
  void sort_out(DoorGroup& group);
  [[nodiscard]] Result<void> write(DoorGroup& group);
  [[nodiscard]] Result<void> write_events(const DoorGroup& group);
  [[nodiscard]] Result<void> write_letters(const DoorGroup& group);
  void logged(DoorGroup group);
  void not_logged(DoorGroup group, const Error& error);
  bool apply_one(std::vector<DoorGroup>& applied);
  void keep_up(bool urgent, std::vector<DoorGroup>& applied);
  [[nodiscard]] bool take_writer(const std::function<bool()>& attempt);
  [[nodiscard]] bool keep_up_beside();
  void keep_up_alone(bool urgent, std::vector<DoorGroup>& applied);
  void finish(DoorGroup& group);
  void release(const DoorGroup& group);

  EngineCore& core_;
  std::size_t bytes_most_;

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<DoorTicket> queue_;                   ///< under mutex_
  std::vector<DoorTicket> patient_;                 ///< under mutex_: awaited until readable
  std::vector<DeadLetter> letters_;                 ///< under mutex_: found while applying
  std::size_t queued_bytes_ = 0;                    ///< under mutex_: of queue_
  std::size_t queued_bytes_most_ = kQueuedAtFirst;  ///< under mutex_
  double bytes_per_ms_ = 0;                         ///< the logging thread's: written lately
  double least_ms_ = 0;            ///< the logging thread's: that a group took lately
  std::size_t held_bytes_ = 0;     ///< under mutex_
  std::optional<Error> refusing_;  ///< under mutex_: nothing can be written
  bool stopping_ = false;          ///< under mutex_
  std::uint64_t submitted_ = 0;    ///< under mutex_: tickets
  std::uint64_t finished_ = 0;     ///< under mutex_: applied, or not logged
  std::condition_variable finished_more_;

  std::mutex groups_mutex_;
  std::condition_variable groups_filled_;
  std::condition_variable groups_idle_;
  std::deque<DoorGroup> groups_;  ///< under groups_mutex_
  bool applying_ = false;         ///< under groups_mutex_
  bool no_more_groups_ = false;   ///< under groups_mutex_
  bool upkeep_due_ = false;       ///< under groups_mutex_: as the applier said last
  int impatient_ = 0;             ///< under groups_mutex_: who waits for days to be closed

  DoorFigures figures_;
  DoorApplier applier_;                      ///< the applying thread's
  std::atomic<std::uint64_t> waiting_rows_;  ///< put aside in the log
  bool work_is_long_ = false;                ///< the logging thread's: patience was in vain
  std::vector<DeadLetter> found_;            ///< the logging thread's: letters of this group
  std::vector<DeadLetter> carried_;  ///< the logging thread's: of groups before, not logged yet
  std::jthread logging_;
  std::jthread applying_thread_;
};

}  // namespace guanxi
