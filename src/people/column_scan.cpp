#include "people/column_scan.hpp"

#include <cstddef>

namespace guanxi {
namespace {

template <typename T>
[[gnu::always_inline]] inline void keep_each(const Scan<T>& scan, std::span<std::uint8_t> mask) {
  const T* values = scan.values;
  const T low = scan.low;
  const T width = scan.width;
  const auto flip = static_cast<std::uint8_t>(scan.outside ? 1 : 0);
  std::uint8_t* keep = mask.data();
  const std::size_t size = mask.size();
  for (std::size_t i = 0; i < size; ++i) {
    const auto from_low = static_cast<T>(values[i] - low);
    const auto within = static_cast<std::uint8_t>(from_low <= width ? 1 : 0);
    keep[i] = static_cast<std::uint8_t>(keep[i] & (within ^ flip));
  }
}

#if defined(__x86_64__)
template <typename T>
[[gnu::target("avx2")]] void keep_wide(const Scan<T>& scan, std::span<std::uint8_t> mask) {
  keep_each(scan, mask);
}

template <typename T>
void keep_best(const Scan<T>& scan, std::span<std::uint8_t> mask) {
  static const bool kWide = __builtin_cpu_supports("avx2") != 0;
  if (kWide) {
    keep_wide(scan, mask);
  } else {
    keep_each(scan, mask);
  }
}
#else
template <typename T>
void keep_best(const Scan<T>& scan, std::span<std::uint8_t> mask) {
  keep_each(scan, mask);
}
#endif

}  // namespace

void keep_within(const Scan<std::uint8_t>& scan, std::span<std::uint8_t> mask) {
  keep_best(scan, mask);
}
void keep_within(const Scan<std::uint16_t>& scan, std::span<std::uint8_t> mask) {
  keep_best(scan, mask);
}
void keep_within(const Scan<std::uint32_t>& scan, std::span<std::uint8_t> mask) {
  keep_best(scan, mask);
}
void keep_within(const Scan<std::uint64_t>& scan, std::span<std::uint8_t> mask) {
  keep_best(scan, mask);
}

}  // namespace guanxi
