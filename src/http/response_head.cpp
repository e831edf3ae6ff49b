#include "http/response_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "http/site.hpp"

namespace guanxi::http {
namespace {

std::string_view reason_of(unsigned status) {
  constexpr std::array<std::pair<unsigned, std::string_view>, 27> kReasons{
      {{200, "OK"},
       {201, "Created"},
       {202, "Accepted"},
       {204, "No Content"},
       {206, "Partial Content"},
       {301, "Moved Permanently"},
       {302, "Found"},
       {303, "See Other"},
       {304, "Not Modified"},
       {400, "Bad Request"},
       {401, "Unauthorized"},
       {403, "Forbidden"},
       {404, "Not Found"},
       {405, "Method Not Allowed"},
       {408, "Request Timeout"},
       {409, "Conflict"},
       {410, "Gone"},
       {413, "Content Too Large"},
       {414, "URI Too Long"},
       {415, "Unsupported Media Type"},
       {421, "Misdirected Request"},
       {422, "Unprocessable Content"},
       {429, "Too Many Requests"},
       {431, "Request Header Fields Too Large"},
       {500, "Internal Server Error"},
       {501, "Not Implemented"},
       {503, "Service Unavailable"}}};
  for (const auto& [known, reason] : kReasons) {
    if (known == status) {
      return reason;
    }
  }
  return "Other";
}

template <typename Number>
void append_number(std::string& out, Number number, int base = 10) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

/// A header's text cannot begin another header, whatever a handler put into it.
void append_safely(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out.append(text);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

}  // namespace

bool may_have_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

void append_head(std::string& out, const Response& response, const HeadOptions& options) {
  out.append("HTTP/1.1 ");
  append_number(out, response.status);
  out.append(" ").append(reason_of(response.status));
  out.append("\r\nDate: ").append(options.date).append("\r\n");
  out.append(options.door ? door_headers() : security_headers());
  if (!options.request_id.empty()) {
    out.append("X-Request-Id: ").append(options.request_id).append("\r\n");
  }
  if (options.secure && !options.door) {
    out.append("Strict-Transport-Security: max-age=31536000\r\n");
  }
  const bool body = may_have_body(response.status);
  if (body && !response.content_type.empty()) {
    out.append("Content-Type: ");
    append_safely(out, response.content_type);
    out.append("\r\n");
  }
  for (const auto& [name, value] : response.headers) {
    append_safely(out, name);
    out.append(": ");
    append_safely(out, value);
    out.append("\r\n");
  }
  if (body && response.stream != nullptr) {
    out.append(options.http10 ? "" : "Transfer-Encoding: chunked\r\n");
  } else if (body) {
    out.append("Content-Length: ");
    append_number(out, response.content().size());
    out.append("\r\n");
  }
  out.append(options.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

void append_chunk(std::string& out, std::string_view piece) {
  if (!piece.empty()) {
    append_number(out, piece.size(), 16);
    out.append("\r\n").append(piece).append("\r\n");
  }
}

std::string date_text(std::int64_t seconds) {
  const std::time_t now = seconds;
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

}  // namespace guanxi::http
