#include "analytics/cell.hpp"

#include <algorithm>
#include <array>

namespace guanxi {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

// A plain number, the common case, without any allocation. False when it is something else.
bool read_plain(std::string_view text, Decimal& value) {
  const bool negative = !text.empty() && text.front() == '-';
  text.remove_prefix(negative ? 1 : 0);
  if (text.empty() || text.size() > 18) {
    return false;
  }
  std::int64_t digits = 0;
  unsigned scale = 0;
  bool point = false;
  bool any = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') {
      return false;
    }
    any = true;
    digits = digits * 10 + (c - '0');
    scale += point ? 1U : 0U;
  }
  while (scale > 0 && digits % 10 == 0) {
    digits /= 10;
    --scale;
  }
  value = Decimal{negative ? -digits : digits, scale};
  return any;
}

// Takes signs of money off both ends.
std::string_view without_currency(std::string_view text) {
  constexpr std::array<std::string_view, 9> kSigns = {
      "R$",           "US$",          "$",           "\xC2\xA3", "\xE2\x82\xAC", "\xC2\xA5",
      "\xEF\xBF\xA5", "\xE2\x82\xB9", "\xE5\x85\x83"};
  for (const std::string_view sign : kSigns) {
    if (text.substr(0, sign.size()) == sign) {
      return trimmed(text.substr(sign.size()));
    }
    if (text.size() > sign.size() && text.substr(text.size() - sign.size()) == sign) {
      return trimmed(text.substr(0, text.size() - sign.size()));
    }
  }
  return text;
}

// Marks between thousands stand before groups of three digits; they go.
bool take_thousands_out(std::string_view text, char decimal_mark, std::string& plain) {
  const char thousands = decimal_mark == ',' ? '.' : ',';
  const std::string_view whole = text.substr(0, text.find(decimal_mark));
  std::size_t since_mark = 0;
  bool marked = false;
  for (const char c : whole) {
    if (c == thousands || c == ' ' || c == '\'') {
      if (marked && since_mark != 3) {
        return false;
      }
      marked = true;
      since_mark = 0;
      continue;
    }
    ++since_mark;
    plain += c;
  }
  if (marked && since_mark != 3) {
    return false;
  }
  if (whole.size() < text.size()) {
    plain += '.';
    plain += text.substr(whole.size() + 1);
  }
  return true;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    if (text.front() == ' ' || text.front() == '\t' || text.front() == '\r') {
      text.remove_prefix(1);
    } else if (text.back() == ' ' || text.back() == '\t' || text.back() == '\r') {
      text.remove_suffix(1);
    } else if (text.substr(0, 2) == kNoBreakSpace) {
      text.remove_prefix(2);
    } else if (text.size() >= 2 && text.substr(text.size() - 2) == kNoBreakSpace) {
      text.remove_suffix(2);
    } else {
      break;
    }
  }
  return text;
}

std::optional<Decimal> read_number(std::string_view text, char decimal_mark) {
  text = trimmed(text);
  Decimal value;
  if (decimal_mark == '.' && read_plain(text, value)) {
    return value;
  }
  bool negative = false;
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    negative = true;
    text = trimmed(text.substr(1, text.size() - 2));
  } else if (text.size() > 1 && text.back() == '-') {
    negative = true;
    text = trimmed(text.substr(0, text.size() - 1));
  } else if (text.size() > 1 && text.front() == '-') {
    negative = true;
    text = trimmed(text.substr(1));
  }
  text = without_currency(text);
  if (text.empty() || text.size() > 40 || text.front() == '+' || text.front() == '-') {
    return std::nullopt;
  }
  std::string plain;
  if (!take_thousands_out(text, decimal_mark, plain)) {
    return std::nullopt;
  }
  const auto parsed = parse_decimal(plain);
  if (!parsed) {
    return std::nullopt;
  }
  return Decimal{negative ? -parsed->digits : parsed->digits, parsed->scale};
}

bool is_missing(std::string_view text) {
  if (text.empty()) {
    return true;
  }
  if (text.size() > 9) {
    return false;
  }
  constexpr std::array<std::string_view, 8> kWords = {"null", "nan", "none",      "n/a",
                                                      "na",   "\\n", "undefined", "<na>"};
  const std::string lower = lower_ascii(text);
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
        (static_cast<unsigned char>(c) & 0x80U) != 0) {
      plain += c;
    } else if (c >= 'A' && c <= 'Z') {
      plain += static_cast<char>(c | 0x20);
    }
  }
  return plain;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  return lower;
}

}  // namespace guanxi
