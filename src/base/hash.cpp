#include "base/hash.hpp"

#include <xxhash.h>

namespace guanxi {

std::uint64_t hash64(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

Hash128 hash128(std::string_view text, std::uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(text.data(), text.size(), seed);
  return Hash128{.low = hash.low64, .high = hash.high64};
}

}  // namespace guanxi
