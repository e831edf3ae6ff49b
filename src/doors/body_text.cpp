#include "doors/body_text.hpp"

#include <algorithm>
#include <utility>

#include "doors/write_keys.hpp"
#include "http/gzip.hpp"

namespace guanxi::doors {
namespace {

constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::size_t kOriginalMost = 32UL * 1024;
constexpr int kWrappingsMost = 3;

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

BodyText unreadable(std::string_view bytes, std::string problem) {
  BodyText body;
  body.state = BodyText::State::unreadable;
  body.problem = std::move(problem);
  body.original = to_base64(bytes.substr(0, kOriginalMost));
  return body;
}

std::string of_form(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size()) {
      const std::string_view hex = text.substr(at + 1, 2);
      const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : ((c | 0x20) - 'a' + 10) & 15;
      };
      plain += static_cast<char>(digit(hex[0]) * 16 + digit(hex[1]));
      at += 2;
    } else {
      plain += text[at] == '+' ? ' ' : text[at];
    }
  }
  return plain;
}

// The member "data" of a form, as text or packed.
std::string form_data(std::string_view body) {
  const std::string plain = of_form(body.substr(5, body.find('&') - 5));
  if (looks_like_json(plain)) {
    return plain;
  }
  std::string base64 = plain;
  std::replace(base64.begin(), base64.end(), ' ', '+');
  return from_base64(base64);
}

}  // namespace

BodyText text_of_body(http::Request& request, std::size_t bytes_most) {
  if (request.body_fault == http::BodyFault::unpacks_large) {
    return {BodyText::State::too_large, {}, {}, {}};
  }
  if (request.body_fault != http::BodyFault::none && !looks_like_json(request.body)) {
    return unreadable(request.body,
                      request.body_fault == http::BodyFault::damaged
                          ? "the body is said to be gzip and cannot be unpacked; valid: gzip, or "
                            "plain JSON"
                          : "the body is packed in a way that is not read here; valid: gzip, or "
                            "plain JSON");
  }
  BodyText body;
  body.text = std::move(request.body);
  for (int i = 0; i < kWrappingsMost; ++i) {
    if (body.text.starts_with("data=")) {
      body.text = form_data(body.text);
    } else if (body.text.starts_with(kGzipMagic)) {
      std::string plain;
      const http::Unpacked unpacked = http::gunzip(body.text, bytes_most, plain);
      if (unpacked == http::Unpacked::too_large) {
        return {BodyText::State::too_large, {}, {}, {}};
      }
      if (unpacked == http::Unpacked::damaged) {
        return unreadable(body.text, "the body is gzip that ends early or is damaged");
      }
      body.text = std::move(plain);
    } else {
      break;
    }
  }
  return body;
}

}  // namespace guanxi::doors
