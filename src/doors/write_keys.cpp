#include "doors/write_keys.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace guanxi::doors {
namespace {

constexpr std::size_t kKeyBytesMost = 512;
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int digit_of(char c) {
  if (c == '-' || c == '_') {
    return c == '-' ? 62 : 63;
  }
  const std::size_t digit = kDigits.find(c);
  return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() > word.size() && text[word.size()] == ' ' &&
         std::equal(word.begin(), word.end(), text.begin(), [](char lower, char c) {
           return lower == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
         });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void add(std::vector<std::string>& keys, std::string_view key) {
  if (!key.empty() && key.size() <= kKeyBytesMost &&
      std::find(keys.begin(), keys.end(), key) == keys.end()) {
    keys.emplace_back(key);
  }
}

// "key", "key:" and the halves of "id:secret".
void add_all_forms(std::vector<std::string>& keys, std::string_view shown) {
  const std::size_t colon = shown.find(':');
  if (colon == std::string_view::npos || colon + 1 == shown.size()) {
    add(keys, shown.substr(0, colon));
    return;
  }
  add(keys, shown);
  add(keys, shown.substr(colon + 1));
  add(keys, shown.substr(0, colon));
}

}  // namespace

std::string from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') {
    text.remove_suffix(1);
  }
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : text) {
    const int digit = digit_of(c);
    if (digit < 0) {
      return {};
    }
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(static_cast<std::uint8_t>(bits >> have));
    }
  }
  return text.size() % 4 == 1 ? std::string() : out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool there = at + i < bytes.size();
      group = group << 8U | (there ? static_cast<std::uint8_t>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool there = at + i <= bytes.size();
      out += there ? kDigits[group >> (18U - 6U * i) & 63U] : '=';
    }
  }
  return out;
}

std::vector<std::string> keys_in_headers(const http::Request& request) {
  std::vector<std::string> keys;
  const std::string_view authorization = trimmed(request.header("authorization"));
  if (starts_with_word(authorization, "basic")) {
    add_all_forms(keys, from_base64(trimmed(authorization.substr(6))));
  } else if (starts_with_word(authorization, "bearer")) {
    add_all_forms(keys, trimmed(authorization.substr(7)));
  }
  add_all_forms(keys, trimmed(request.header("x-write-key")));
  return keys;
}

}  // namespace guanxi::doors
