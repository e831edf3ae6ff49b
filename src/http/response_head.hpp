#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace guanxi::http {

/// What decides how an answer is framed and which headers the server adds.
struct HeadOptions {
  bool door = false;  ///< an answer of a door: data for programs of any origin
  bool keep_alive = true;
  bool http10 = false;            ///< knows no chunks
  bool secure = false;            ///< came over TLS
  std::string_view date;          ///< as in Date
  std::string_view request_id{};  ///< empty: not said
};

/// True for a status that has a body at all.
[[nodiscard]] bool may_have_body(unsigned status);

/// Appends status line and headers of `response`, with the empty line. A streamed body comes in
/// chunks, or until the end of the connection for HTTP/1.0.
void append_head(std::string& out, const Response& response, const HeadOptions& options);

/// Appends `piece` as one chunk; an empty piece appends nothing.
void append_chunk(std::string& out, std::string_view piece);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// The time of day as in the header Date.
[[nodiscard]] std::string date_text(std::int64_t seconds);

}  // namespace guanxi::http
