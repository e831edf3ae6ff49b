#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace guanxi {

__extension__ using Int128 = __int128;

/// Whole numbers that sum to exactly `total`, in proportion to `exact`: each is rounded down in
/// size, what is left over goes one by one to the positive ones with the largest remainders,
/// earlier ones first (largest remainder rule). All zero where `exact` sums to nothing.
/// REQUIRES total >= 0, |exact[i]| < 2^80, total < 2^40.
[[nodiscard]] std::vector<std::int64_t> apportion(std::int64_t total,
                                                  std::span<const Int128> exact);

}  // namespace guanxi
