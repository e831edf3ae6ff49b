#include "base/fixed.hpp"

#include <array>

#include "base/check.hpp"

namespace guanxi {
namespace {

// roots[i] = 2^(-1/2^(i+1)) as a fraction of 2^63, each the square root of the one before.
constexpr std::array<std::uint64_t, 16> half_power_roots() {
  std::array<std::uint64_t, 16> roots{};
  Uint128 previous = static_cast<Uint128>(1) << 62U;  // one half, of 2^63
  for (auto& root : roots) {
    root = integer_sqrt(previous << 63U);
    previous = root;
  }
  return roots;
}

constexpr auto kRoots = half_power_roots();

}  // namespace

std::uint32_t half_power(std::uint32_t part) {
  GUANXI_CHECK(part < 65536, "a part is a fraction of one half-life");
  std::uint64_t product = std::uint64_t{1} << 63U;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if ((part >> (15U - bit)) & 1U) {
      product = static_cast<std::uint64_t>((static_cast<Uint128>(product) * kRoots.at(bit)) >> 63U);
    }
  }
  const std::uint64_t shortened = product >> 31U;
  return static_cast<std::uint32_t>(shortened > UINT32_MAX ? UINT32_MAX : shortened);
}

std::uint32_t decay_factor(std::uint32_t days, std::uint32_t half_life_days) {
  GUANXI_CHECK(half_life_days > 0, "a half-life is at least a day");
  const std::uint64_t parts = std::uint64_t{days} * 65536U / half_life_days;
  const std::uint64_t halvings = parts >> 16U;
  return halvings >= 32 ? 0U : half_power(static_cast<std::uint32_t>(parts & 0xFFFFU)) >> halvings;
}

}  // namespace guanxi
