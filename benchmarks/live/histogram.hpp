#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace guanxi::bench {

/// Counts durations in microseconds, each to within 1.6 %, from 1 us to over an hour.
///
/// Place       The load generator.
/// Threads     One owner.
class Histogram {
 public:
  void add(std::uint64_t micros) {
    ++counts_[bucket_of(micros)];
    ++total_;
    most_ = micros > most_ ? micros : most_;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }
  /// The duration that this share (0.99) of all does not exceed.
  [[nodiscard]] std::uint64_t quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) {
        return upper_of(i);
      }
    }
    return most_;
  }

 private:
  static constexpr unsigned kFineBits = 6;
  static constexpr std::size_t kFine = 1U << kFineBits;

  static std::size_t bucket_of(std::uint64_t micros) {
    if (micros < kFine) {
      return micros;
    }
    const auto shift = static_cast<unsigned>(std::bit_width(micros)) - kFineBits - 1;
    return ((shift + 1) << kFineBits) + ((micros >> shift) & (kFine - 1));
  }
  static std::uint64_t upper_of(std::size_t bucket) {
    if (bucket < kFine) {
      return bucket;
    }
    const std::size_t shift = (bucket >> kFineBits) - 1;
    return (((bucket & (kFine - 1)) + kFine + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (40U << kFineBits)> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace guanxi::bench
