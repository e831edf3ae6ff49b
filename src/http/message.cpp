#include "http/message.hpp"

#include "base/check.hpp"
#include "base/utf8.hpp"

namespace guanxi::http {
namespace {

constexpr std::size_t kQueryPairsMost = 64;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

Result<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return fail(ErrorCode::invalid, "a '%' in the address is not followed by two hex digits");
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return fail(ErrorCode::invalid, "the address holds a control character");
    }
    out.push_back(c);
  }
  if (!is_utf8(out)) {
    return fail(ErrorCode::invalid, "the address is not UTF-8");
  }
  return out;
}

Result<std::vector<std::string>> decode_path(std::string_view path) {
  std::vector<std::string> segments;
  std::size_t at = 1;
  while (true) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    GUANXI_TRY(segment, decode(path.substr(at, end - at), false));
    const bool last = end == path.size();
    if (segment == "." || segment == ".." || (segment.empty() && !last)) {
      return fail(ErrorCode::invalid, "the path holds an empty, '.' or '..' segment");
    }
    segments.push_back(std::move(segment));
    if (last) {
      return segments;
    }
    at = end + 1;
  }
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "other";
  }
  return "other";
}

Result<Target> parse_target(std::string_view text) {
  if (text.empty() || text.front() != '/' || text.find('#') != std::string_view::npos) {
    return fail(ErrorCode::invalid, "the address is no path that begins with '/'");
  }
  const std::size_t mark = std::min(text.find('?'), text.size());
  Target target;
  GUANXI_TRY(segments, decode_path(text.substr(0, mark)));
  target.segments = std::move(segments);
  std::string_view query = mark < text.size() ? text.substr(mark + 1) : std::string_view();
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    GUANXI_TRY(name, decode(pair.substr(0, equals), true));
    GUANXI_TRY(value, decode(pair.substr(std::min(equals + 1, pair.size())), true));
    target.query.emplace_back(std::move(name), std::move(value));
    if (target.query.size() > kQueryPairsMost) {
      return fail(ErrorCode::invalid, "the address has more than 64 parameters");
    }
  }
  return target;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [there, value] : headers) {
    if (there == name) {
      return value;
    }
  }
  return {};
}

const std::string& Request::path_argument(std::string_view name) const {
  for (const auto& [known, value] : path_arguments) {
    if (known == name) {
      return value;
    }
  }
  check_failed("path_argument", "the route's pattern has no such name", __FILE__, __LINE__);
}

}  // namespace guanxi::http
