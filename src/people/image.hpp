#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "events/event.hpp"
#include "relationship/fold.hpp"

namespace guanxi {

/// A person's place in the image. Not stable across restarts and never shown; external ids are.
struct PersonRef {
  std::uint32_t shard = 0;
  std::uint32_t index = 0;
  friend auto operator<=>(const PersonRef&, const PersonRef&) = default;
};

/// Columns over the people of one shard, as of one day (Image::as_of): what lists, counts, segments
/// and SQL read. Row i is the person with index i.
struct Columns {
  std::vector<std::uint8_t> tier;
  std::vector<std::uint8_t> velocity;
  std::vector<std::uint32_t> index_milli;     ///< 0..100,000
  std::vector<std::uint16_t> trust;           ///< ten-thousandths
  std::vector<std::uint16_t> uncertainty;     ///< ten-thousandths
  std::vector<std::uint16_t> depth;           ///< ten-thousandths
};

}  // namespace guanxi
