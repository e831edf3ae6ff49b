#pragma once

#include <cstdint>

#include "base/instant.hpp"

namespace guanxi {

/// What time it is. Nothing of a relationship depends on it: it stamps when things were received
/// and measures how long work takes.
///
/// Place       system_clock() in the product, ManualClock in tests.
/// Invariants  monotonic_ns() never goes back, whatever happens to now().
/// Threads     Any.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Instant now() = 0;
  [[nodiscard]] virtual std::int64_t monotonic_ns() = 0;
};

[[nodiscard]] Clock& system_clock();

/// A clock that stands still until it is moved.
///
/// Place       Tests.
/// Threads     One owner.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : now_(start) {}
  [[nodiscard]] Instant now() override { return now_; }
  [[nodiscard]] std::int64_t monotonic_ns() override { return monotonic_ns_; }
  /// Moves both readings on. REQUIRES seconds >= 0.
  void advance(std::int64_t seconds) {
    now_.seconds += seconds;
    monotonic_ns_ += seconds * 1'000'000'000;
  }

 private:
  Instant now_;
  std::int64_t monotonic_ns_ = 0;
};

}  // namespace guanxi
