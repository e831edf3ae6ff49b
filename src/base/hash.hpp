#pragma once

#include <cstdint>
#include <string_view>

namespace guanxi {

/// 64 bits of a text, the same on every machine (XXH3). Identities of messages and orders.
[[nodiscard]] std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0);

/// 128 bits (XXH3); `low` and `high` are independent.
struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};
[[nodiscard]] Hash128 hash128(std::string_view text, std::uint64_t seed = 0);

}  // namespace guanxi
