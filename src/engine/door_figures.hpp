#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

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

  void count(const std::string& door, const Admitted& admitted) {
    const std::lock_guard lock(mutex_);
    Admitted& sum = by_door_[door];
    sum.added += admitted.added;
    sum.repeated += admitted.repeated;
    sum.conflicting += admitted.conflicting;
    sum.erased += admitted.erased;
    sum.refused += admitted.refused;
  }
  [[nodiscard]] std::map<std::string, Admitted> by_door() const {
    const std::lock_guard lock(mutex_);
    return by_door_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Admitted> by_door_;
};

}  // namespace guanxi
