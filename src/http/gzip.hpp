#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace guanxi::http {

/// `text` as a gzip stream, the same bytes for the same text. Empty when zlib has no memory.
[[nodiscard]] std::string gzip(std::string_view text, int level);

/// What came of unpacking.
enum class Unpacked : std::uint8_t { whole, damaged, too_large };

/// Unpacks gzip (one member or several) or zlib ("deflate") from `packed` into `out`, never more
/// than `most` bytes. What was unpacked before a fault stays in `out`.
[[nodiscard]] Unpacked gunzip(std::string_view packed, std::size_t most, std::string& out);

}  // namespace guanxi::http
