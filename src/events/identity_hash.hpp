#pragma once

#include <cstdint>
#include <string_view>

#include "base/hash.hpp"
#include "base/random.hpp"

namespace guanxi {

// Which two events are the same one: Event::id_hash, for every decoder and importer alike.

/// Of an event that its source names; `line` tells apart what one message gave.
[[nodiscard]] inline std::uint64_t id_hash_of_message(std::string_view message_id,
                                                      std::uint32_t line) {
  const std::uint64_t hash = hash64(message_id, 0x6775616E7869ULL);
  return line == 0 ? hash : mix64(hash + line);
}

/// Of an event without a name: known by its content (a hash of it) and by being the k-th of this
/// content, from 0, in its file.
[[nodiscard]] constexpr std::uint64_t id_hash_of_content(std::uint64_t content_hash,
                                                         std::uint32_t k) {
  return mix64(content_hash ^ (std::uint64_t{k} << 32U));
}

}  // namespace guanxi
