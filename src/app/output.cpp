#include "app/output.hpp"

#include <algorithm>
#include <cstdio>

#include "base/json_writer.hpp"
#include "base/utf8.hpp"

namespace guanxi::app {
namespace {

// East Asian wide characters, by the blocks that matter here.
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

void append_cell(std::string& line, const std::string& cell, std::size_t width, bool right) {
  const std::size_t filled = width_of(cell);
  const std::string pad(width > filled ? width - filled : 0, ' ');
  line += right ? pad + cell : cell + pad;
}

}  // namespace

Exit exit_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
    case ErrorCode::conflict:
      return Exit::refused;
    case ErrorCode::not_found:
      return Exit::not_found;
    case ErrorCode::overloaded:
    case ErrorCode::unavailable:
      return Exit::unavailable;
    case ErrorCode::corrupted:
      return Exit::corrupted;
  }
  return Exit::failed;
}

int report(const Error& error, bool json) {
  if (json) {
    JsonWriter out;
    out.begin_object().key("error").begin_object();
    out.field("code", std::string_view(name_of(error.code)));
    out.field("message", std::string_view(error.message)).end_object().end_object();
    print(out.text() + "\n");
  } else {
    static_cast<void>(std::fprintf(stderr, "guanxi: %s\n", plain(error.message).c_str()));
  }
  return static_cast<int>(exit_of(error.code));
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if ((lead & 0xC0U) == 0x80U) {
      continue;
    }
    char32_t c = lead;
    if (lead >= 0xE0U && i + 2 < text.size()) {
      c = ((lead & 0x0FU) << 12U) | ((static_cast<unsigned char>(text[i + 1]) & 0x3FU) << 6U) |
          (static_cast<unsigned char>(text[i + 2]) & 0x3FU);
      c = lead >= 0xF0U ? 0x1F300U : c;
    }
    width += is_wide(c) ? 2U : 1U;
  }
  return width;
}

void Table::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  std::transform(cells.begin(), cells.end(), cells.begin(),
                 [](const std::string& cell) { return plain(cell); });
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = width_of(columns_[c].title);
    for (const auto& row : rows_) {
      width = std::max(width, width_of(row[c]));
    }
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      line += c == 0 ? "" : "  ";
      append_cell(line, cell_of(c), widths[c], columns_[c].right);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  add_line([&](std::size_t c) { return columns_[c].title; });
  for (const auto& row : rows_) {
    add_line([&](std::size_t c) { return row[c]; });
  }
  return text;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

std::string decimal(std::int64_t value, unsigned digits) { return minor_to_text(value, digits); }

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0
             ? "-"
             : decimal(static_cast<std::int64_t>((part * 1000 + whole / 2) / whole), 1) + " %";
}

std::string money(std::int64_t amount_minor, Currency currency) {
  const std::string plain_text = minor_to_text(amount_minor, currency.minor_digits());
  const std::size_t point = std::min(plain_text.find('.'), plain_text.size());
  const bool negative = plain_text[0] == '-';
  std::string whole = plain_text.substr(negative ? 1 : 0, point - (negative ? 1 : 0));
  whole = (negative ? "-" : "") + grouped(std::stoull(whole)) + plain_text.substr(point);
  return currency.named() ? whole + " " + std::string(currency.text()) : whole;
}

std::string day_text(Day day) { return day == kNoDay ? "-" : to_string(day); }

std::string plain(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = utf8_sequence(text, at);
    // C1 controls are two bytes in UTF-8: 0xC2 0x80..0x9F.
    const bool control =
        (lead < 0x20 && lead != '\n') || lead == 0x7F ||
        (lead == 0xC2 && bytes == 2 && static_cast<unsigned char>(text[at + 1]) <= 0x9F);
    if (bytes == 0 || control) {
      clean += '?';
    } else {
      clean += text.substr(at, bytes);
    }
    at += std::max<std::size_t>(bytes, 1);
  }
  return clean;
}

void print(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stdout));
}

}  // namespace guanxi::app
