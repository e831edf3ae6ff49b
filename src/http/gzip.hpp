#pragma once

#include <string>
#include <string_view>

namespace guanxi::http {

/// `text` as a gzip stream, the same bytes for the same text. Empty when zlib has no memory.
[[nodiscard]] std::string gzip(std::string_view text, int level);

}  // namespace guanxi::http
