#pragma once

#include <cstdint>

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

/// What `days` whole days leave of an amount, as a fraction of 2^32; 2^32-1 for no days at all.
[[nodiscard]] std::uint32_t decay_factor(std::uint32_t days, std::uint32_t half_life_days);

}  // namespace guanxi
