#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace guanxi {

__extension__ using Uint128 = unsigned __int128;

/// Fixed point with 16 fractional bits: 65536 is 1.
inline constexpr std::uint32_t kOne16 = 65536;

/// The largest integer whose square is at most `value`.
[[nodiscard]] constexpr std::uint64_t integer_sqrt(Uint128 value) {
  std::uint64_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t candidate = root | (std::uint64_t{1} << static_cast<unsigned>(bit));
    if (static_cast<Uint128>(candidate) * candidate <= value) {
      root = candidate;
    }
  }
  return root;
}

/// 2^(-part/2^16) for part in [0, 65536), as a fraction of 2^32, by integer arithmetic alone.
/// Relative error below 2^-30.
[[nodiscard]] std::uint32_t half_power(std::uint32_t part);

/// How much of an amount is left after k days: a table over days for one half-life.
///
/// Place       Compiled once with the relationship model; read by the fold for every event.
/// Invariants  factor(0) == kWhole; factor never rises with days; 0 beyond 32 half-lives.
/// Threads     Immutable after construction.
class DecayTable {
 public:
  static constexpr std::uint32_t kDays = 4096;           ///< days held in the table
  static constexpr std::uint64_t kWhole = 0xFFFFFFFFULL; ///< the factor that means "all of it"

  explicit DecayTable(std::uint32_t half_life_days);

  /// What `days` whole days leave, as a fraction of 2^32.
  [[nodiscard]] std::uint32_t factor(std::uint32_t days) const {
    return days < kDays ? factors_[days] : compute(days);
  }
  /// `amount` after `days` days; `days` == 0 leaves it exactly.
  [[nodiscard]] std::uint32_t decayed(std::uint32_t amount, std::uint32_t days) const {
    return days == 0 ? amount
                     : static_cast<std::uint32_t>((std::uint64_t{amount} * factor(days)) >> 32U);
  }
  [[nodiscard]] std::uint32_t half_life_days() const { return half_life_days_; }

 private:
  [[nodiscard]] std::uint32_t compute(std::uint32_t days) const;

  std::uint32_t half_life_days_;
  std::vector<std::uint32_t> factors_;
};

/// log2(value) in 1/65536 by integer arithmetic; value >= 1. Truncated, exact for powers of two.
[[nodiscard]] std::uint32_t log2_16(std::uint64_t value);

}  // namespace guanxi
