#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace guanxi::doors {

/// The write keys that the headers of a request show, the likeliest first, none twice. SDKs say the
/// same key in many ways: Basic with the key as user (with or without a colon), Bearer,
/// X-Write-Key. A key of two halves, "id:secret", may be meant as a whole or by either half.
///
/// Place       Doors that know their source by a write key; the source is that of the first key
///             that somebody has.
[[nodiscard]] std::vector<std::string> keys_in_headers(const http::Request& request);

/// What base64 stands for, standard or of URLs, padded or not; "" when it is none.
[[nodiscard]] std::string from_base64(std::string_view text);
/// Standard base64 with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);

}  // namespace guanxi::doors
