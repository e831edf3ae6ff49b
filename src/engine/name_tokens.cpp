#include "engine/name_tokens.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace guanxi {
namespace {

constexpr std::size_t kShortestQuoted = 4;
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kWordsMost = 10;  // of one name

using Test = std::function<bool(std::string_view)>;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool joins_words(char c) { return std::string_view(".@+%-~!").find(c) != std::string_view::npos; }

bool holds(std::string_view name, const Test& test) {
  if (name.size() > kLongestName) {
    return false;
  }
  if (test(name)) {
    return true;
  }
  if (std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return false;
  }
  std::string lower(name);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return test(lower);
}

// Every stretch of whole words in a run of words and what joins them.
bool any_in_run(std::string_view run, const Test& test) {
  std::array<std::size_t, kWordsMost> starts{};
  std::size_t words = 0;
  for (std::size_t at = 0; at < run.size();) {
    if (!is_word(run[at])) {
      ++at;
      continue;
    }
    starts[words % kWordsMost] = at;
    ++words;
    while (at < run.size() && is_word(run[at])) {
      ++at;
    }
    for (std::size_t back = 1; back <= std::min(words, kWordsMost); ++back) {
      const std::size_t start = starts[(words - back) % kWordsMost];
      const bool plus = start > 0 && run[start - 1] == '+';
      if (at - start >= kShortestName && holds(run.substr(start, at - start), test)) {
        return true;
      }
      if (plus && at - start + 1 >= kShortestName &&
          holds(run.substr(start - 1, at - start + 1), test)) {
        return true;
      }
    }
  }
  return false;
}

bool any_in_words(std::string_view text, const Test& test) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && (is_word(text[end]) || joins_words(text[end]))) {
      ++end;
    }
    if (end - at >= kShortestName && any_in_run(text.substr(at, end - at), test)) {
      return true;
    }
    at = std::max(end, at + 1);
  }
  return false;
}

bool any_in_quotes(std::string_view text, const Test& test) {
  for (std::size_t open = text.find('"'); open != std::string_view::npos;) {
    const std::size_t close = text.find('"', open + 1);
    if (close == std::string_view::npos) {
      return false;
    }
    if (close - open - 1 >= kShortestQuoted &&
        holds(text.substr(open + 1, close - open - 1), test)) {
      return true;
    }
    open = close;
  }
  return false;
}

int hex_of(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = text[at] == '%' && at + 2 < text.size() ? hex_of(text[at + 1]) : -1;
    const int low = high < 0 ? -1 : hex_of(text[at + 2]);
    if (low < 0) {
      out += text[at];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return out;
}

}  // namespace

bool any_name(std::string_view text, const Test& test) {
  if (any_in_quotes(text, test) || any_in_words(text, test)) {
    return true;
  }
  return text.find('%') != std::string_view::npos && any_in_words(percent_decoded(text), test);
}

}  // namespace guanxi
