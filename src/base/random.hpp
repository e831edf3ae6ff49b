#pragma once

#include <cstdint>

namespace guanxi {

/// SplitMix64's output function: a good 64-bit mix, the same on every machine.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

/// A seeded stream of random numbers, the same on every machine and compiler.
///
/// Place       Simulation and tests; never the fold.
/// Invariants  The n-th number depends on the seed and n alone.
/// Threads     One owner.
/// Source      Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators".
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t next() {
    const std::uint64_t result = mix64(state_);
    state_ += 0x9E3779B97F4A7C15ULL;
    return result;
  }
  /// In [0, bound); bound > 0. By multiplication (Lemire 2019), bias under 2^-32 for bound < 2^32.
  constexpr std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64U);
  }
  /// True with probability numerator / 65536.
  constexpr bool chance(std::uint32_t numerator) { return (next() >> 48U) < numerator; }

 private:
  std::uint64_t state_;
};

}  // namespace guanxi
