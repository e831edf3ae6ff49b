#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace guanxi {

/// Bytes of the well-formed UTF-8 sequence at `text[at]` (1 to 4), or 0 when there is none there:
/// overlong forms, surrogates and code points above U+10FFFF are not well-formed.
/// REQUIRES at < text.size().
[[nodiscard]] std::size_t utf8_sequence(std::string_view text, std::size_t at);

/// Every byte of `text` belongs to a well-formed sequence.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace guanxi
