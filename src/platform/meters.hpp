#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace guanxi {

/// How often something happened.
///
/// Place       A member of whatever does it; operations/ shows it under a name.
/// Threads     Any; never waits.
class Meter {
 public:
  void add(std::uint64_t more = 1) noexcept { value_.fetch_add(more, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// How many of what was measured lay at or under each bound, and their sum.
///
/// Place       As Meter: seconds of an fsync, events in a group.
/// Invariants  At most kBoundsMost bounds, ascending; what lies above all counts too.
/// Threads     Any; never waits. A reading may hold a measure in its count and not yet in its sum.
class Histogram {
 public:
  static constexpr std::size_t kBoundsMost = 20;
  /// REQUIRES that `bounds` lives as long as this: a constexpr array.
  explicit Histogram(std::span<const double> bounds)
      : bounds_(bounds.first(within(bounds.size()))) {}

  void observe(double value) noexcept {
    std::size_t place = 0;
    while (place < bounds_.size() && value > bounds_[place]) {
      ++place;
    }
    counts_[place].fetch_add(1, std::memory_order_relaxed);
    sum_millionths_.fetch_add(static_cast<std::uint64_t>(value > 0 ? value * 1e6 + 0.5 : 0),
                              std::memory_order_relaxed);
  }

  [[nodiscard]] std::span<const double> bounds() const noexcept { return bounds_; }
  /// Measures above bounds()[place - 1] and at or under bounds()[place].
  [[nodiscard]] std::uint64_t count_at(std::size_t place) const noexcept {
    return counts_[place].load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t total = 0;
    for (std::size_t place = 0; place <= bounds_.size(); ++place) {
      total += count_at(place);
    }
    return total;
  }
  [[nodiscard]] double sum() const noexcept {
    return static_cast<double>(sum_millionths_.load(std::memory_order_relaxed)) / 1e6;
  }

 private:
  [[nodiscard]] static constexpr std::size_t within(std::size_t bounds) {
    return bounds < kBoundsMost ? bounds : kBoundsMost;
  }

  std::span<const double> bounds_;
  std::array<std::atomic<std::uint64_t>, kBoundsMost + 1> counts_{};
  std::atomic<std::uint64_t> sum_millionths_{0};
};

/// Bounds for what takes from a tenth of a millisecond to ten seconds.
inline constexpr std::array<double, 16> kSecondsBounds{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
/// Bounds for sizes of groups: powers of four.
inline constexpr std::array<double, 10> kSizeBounds{1,    4,    16,    64,    256,
                                                    1024, 4096, 16384, 65536, 262144};

}  // namespace guanxi
