#pragma once

#include <cstdint>
#include <span>

namespace guanxi {

/// Clears mask[i] where values[i], counted from `low` up with wrap-around, is not within `width`
/// steps (within: when `outside`); leaves the rest of the mask as it is. Without branches, in
/// vector instructions: AVX2 where the processor has it, what every x86-64 has elsewhere; same
/// result.
///
/// Place       expression.cpp, for conditions on columns.
/// Threads     Pure functions.
template <typename T>
struct Scan {
  const T* values;
  T low;
  T width;
  bool outside;
};
void keep_within(const Scan<std::uint8_t>& scan, std::span<std::uint8_t> mask);
void keep_within(const Scan<std::uint16_t>& scan, std::span<std::uint8_t> mask);
void keep_within(const Scan<std::uint32_t>& scan, std::span<std::uint8_t> mask);
void keep_within(const Scan<std::uint64_t>& scan, std::span<std::uint8_t> mask);

}  // namespace guanxi
