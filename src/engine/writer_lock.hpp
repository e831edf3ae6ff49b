#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

namespace guanxi {

/// The right to change log and image. A work (an import, an erasure ...) takes it for as long as it
/// lasts; the live door takes it group by group and lets works go first.
///
/// Place       EngineCore::writer.
/// Invariants  When lock() returns, everything that the door has logged stands in the image.
/// Threads     Any.
class WriterLock {
 public:
  /// For works. Not on the door's own threads.
  void lock() {
    wanted_.fetch_add(1);
    mutex_.lock();
    wanted_.fetch_sub(1);
    if (settle_door_) {
      settle_door_();
    }
    works_.fetch_add(1);
  }
  void unlock() { mutex_.unlock(); }

  /// For the door: false while a work runs or waits.
  [[nodiscard]] bool try_lock_for_group() { return wanted_.load() == 0 && mutex_.try_lock(); }
  /// For the door's own work, before which it settles itself; `wanted` is asked for beforehand.
  [[nodiscard]] bool try_lock_for_upkeep() {
    if (!mutex_.try_lock()) {
      return false;
    }
    works_.fetch_add(1);
    return true;
  }
  /// For a step in the log that leaves the image alone; asked for and unlocked likewise.
  [[nodiscard]] bool try_lock_for_step() { return mutex_.try_lock(); }
  void want(bool wanted) { wanted_.fetch_add(wanted ? 1 : -1); }

  /// Rises with every work: what was remembered about the image from before may be wrong.
  [[nodiscard]] std::uint64_t works() const { return works_.load(); }
  /// `settle` waits until everything logged is applied. Set once, before threads begin.
  void settle_with(std::function<void()> settle) { settle_door_ = std::move(settle); }

 private:
  std::mutex mutex_;
  std::atomic<int> wanted_{0};
  std::atomic<std::uint64_t> works_{0};
  std::function<void()> settle_door_;
};

}  // namespace guanxi
