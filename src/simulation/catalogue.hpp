#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "events/kind.hpp"

namespace guanxi {

/// One product of the made-up brand: a house of tea, with everything that belongs to it.
struct Product {
  std::string_view id;
  std::string_view title;  ///< English and Chinese
  std::int64_t price_minor = 0;
  std::uint32_t released_on = 0;  ///< days after the brand's first; 0: always there
};
/// In order of how much they are asked for.
[[nodiscard]] std::span<const Product> products();

/// Something that events of a kind are about, and words for people to read.
struct Topic {
  std::string_view subject;
  std::string_view title;
};
/// Staff, campaigns, pages, causes ...: what Event::subject and title of `kind` can be. Empty for
/// kinds that are about a product or nothing.
[[nodiscard]] std::span<const Topic> topics_of(EventKind kind);
[[nodiscard]] std::span<const Topic> staff();

/// What somebody writes who gives so many stars (1 to 5).
[[nodiscard]] std::span<const std::string_view> review_words(std::uint32_t stars);

}  // namespace guanxi
