#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "base/instant.hpp"
#include "engine/live.hpp"
#include "platform/meters.hpp"

namespace guanxi {

/// What went through the live door since the engine was opened.
///
/// Place       In Door, whose logging thread adds; operations shows it.
/// Threads     Any.
class DoorFigures {
 public:
  Histogram group_events{kSizeBounds};     ///< new events written with one sync
  Histogram sync_seconds{kSecondsBounds};  ///< of a commit: write and fsync
  Meter groups_failed;                     ///< not written: their requests were told so

  using ByDoor = std::map<std::string, Admitted>;
  void count(const std::string& door, const Admitted& admitted, Day today) {
    const std::lock_guard lock(mutex_);
    if (today_ != today) {
      today_ = today;
      of_today_.clear();
    }
    add(by_door_[door], admitted);
    add(of_today_[door], admitted);
  }
  [[nodiscard]] ByDoor by_door() const {
    const std::lock_guard lock(mutex_);
    return by_door_;
  }
  /// Of that day alone, as far as it came since the engine was opened.
  [[nodiscard]] ByDoor by_door_on(Day today) const {
    const std::lock_guard lock(mutex_);
    return today_ == today ? of_today_ : ByDoor();
  }

 private:
  static void add(Admitted& sum, const Admitted& admitted) {
    sum.added += admitted.added;
    sum.repeated += admitted.repeated;
    sum.conflicting += admitted.conflicting;
    sum.erased += admitted.erased;
    sum.refused += admitted.refused;
  }

  mutable std::mutex mutex_;
  ByDoor by_door_;
  Day today_ = kNoDay;
  ByDoor of_today_;  ///< of today_
};

}  // namespace guanxi
