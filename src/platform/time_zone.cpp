#include "platform/time_zone.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "platform/disk.hpp"

namespace guanxi {
namespace {

constexpr int kLastYear = 2106;

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

struct Header {
  std::size_t utc_flags, standard_flags, leaps, times, types, chars;
  [[nodiscard]] std::size_t body_bytes(std::size_t time_width) const {
    return times * time_width + times + types * 6 + chars + leaps * (time_width + 4) +
           standard_flags + utc_flags;
  }
};
constexpr std::size_t kHeaderBytes = 44;

std::optional<Header> read_header(std::string_view bytes, std::size_t at) {
  if (bytes.size() < at + kHeaderBytes || bytes.substr(at, 4) != "TZif") {
    return std::nullopt;
  }
  const auto count = [&](std::size_t i) {
    return static_cast<std::size_t>(big_endian(bytes, at + 20 + i * 4, 4));
  };
  const Header header{count(0), count(1), count(2), count(3), count(4), count(5)};
  constexpr std::size_t kMost = 100'000;
  if (header.times > kMost || header.types > 256 || header.chars > kMost || header.leaps > kMost ||
      header.standard_flags > kMost || header.utc_flags > kMost || header.types == 0) {
    return std::nullopt;
  }
  return header;
}

// The rule after the last transition, as POSIX writes it: "GMT0BST,M3.5.0/1,M10.5.0".
class PosixRule {
 public:
  static std::optional<PosixRule> parse(std::string_view text) {
    PosixRule rule;
    rule.text_ = text;
    std::optional<std::int32_t> west;
    if (!rule.skip_name() || !(west = rule.take_offset())) {
      return std::nullopt;
    }
    rule.standard_seconds_ = -*west;
    if (rule.text_.empty()) {
      return rule;
    }
    if (!rule.skip_name()) {
      return std::nullopt;
    }
    rule.summer_seconds_ = rule.standard_seconds_ + 3600;
    if (!rule.text_.empty() && rule.text_.front() != ',') {
      const auto summer_west = rule.take_offset();
      if (!summer_west) {
        return std::nullopt;
      }
      rule.summer_seconds_ = -*summer_west;
    }
    if (!rule.take_change(rule.start_) || !rule.take_change(rule.end_)) {
      return std::nullopt;
    }
    rule.has_summer_ = true;
    return rule;
  }

  void append(int year, std::vector<Zone::Transition>& transitions) const {
    if (!has_summer_) {
      return;
    }
    Zone::Transition start{start_.local_seconds(year) - standard_seconds_, summer_seconds_};
    Zone::Transition end{end_.local_seconds(year) - summer_seconds_, standard_seconds_};
    if (end.from_seconds < start.from_seconds) {
      std::swap(start, end);
    }
    for (const Zone::Transition& transition : {start, end}) {
      if (transitions.empty() || transitions.back().from_seconds < transition.from_seconds) {
        transitions.push_back(transition);
      }
    }
  }

 private:
  struct Change {
    int month = 1, week = 1, weekday = 0;
    std::int32_t at_seconds = 7200;
    [[nodiscard]] std::int64_t local_seconds(int year) const {
      const auto first = days_from_civil(year, static_cast<unsigned>(month), 1);
      const auto next = month == 12 ? days_from_civil(year + 1, 1, 1)
                                    : days_from_civil(year, static_cast<unsigned>(month) + 1, 1);
      const int first_weekday = ((first + 4) % 7 + 7) % 7;
      std::int32_t day = first + (weekday - first_weekday + 7) % 7 + (week - 1) * 7;
      while (day >= next) {
        day -= 7;
      }
      return std::int64_t{day} * kSecondsPerDay + at_seconds;
    }
  };

  bool take(char wanted) {
    if (text_.empty() || text_.front() != wanted) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }
  bool skip_name() {
    if (take('<')) {
      const std::size_t close = text_.find('>');
      if (close == std::string_view::npos) {
        return false;
      }
      text_.remove_prefix(close + 1);
      return true;
    }
    std::size_t letters = 0;
    while (letters < text_.size() && ((text_[letters] >= 'A' && text_[letters] <= 'Z') ||
                                      (text_[letters] >= 'a' && text_[letters] <= 'z'))) {
      ++letters;
    }
    text_.remove_prefix(letters);
    return letters >= 3;
  }
  std::optional<int> take_number() {
    std::size_t digits = 0;
    int value = 0;
    while (digits < text_.size() && digits < 4 && text_[digits] >= '0' && text_[digits] <= '9') {
      value = value * 10 + (text_[digits++] - '0');
    }
    text_.remove_prefix(digits);
    return digits == 0 ? std::nullopt : std::optional<int>(value);
  }
  std::optional<std::int32_t> take_offset() {
    const bool negative = take('-');
    static_cast<void>(!negative && take('+'));
    const auto hours = take_number();
    if (!hours) {
      return std::nullopt;
    }
    std::int32_t seconds = *hours * 3600;
    for (const std::int32_t unit : {60, 1}) {
      if (take(':')) {
        const auto part = take_number();
        if (!part) {
          return std::nullopt;
        }
        seconds += *part * unit;
      }
    }
    return negative ? -seconds : seconds;
  }
  bool take_change(Change& change) {
    if (!take(',') || !take('M')) {
      return false;
    }
    const auto month = take_number();
    const bool dot = take('.');
    const auto week = take_number();
    const bool second_dot = take('.');
    const auto weekday = take_number();
    if (!month || !dot || !week || !second_dot || !weekday || *month < 1 || *month > 12 ||
        *week < 1 || *week > 5 || *weekday > 6) {
      return false;
    }
    change.month = *month;
    change.week = *week;
    change.weekday = *weekday;
    if (take('/')) {
      const auto at = take_offset();
      if (!at) {
        return false;
      }
      change.at_seconds = *at;
    }
    return true;
  }

  std::string_view text_;
  std::int32_t standard_seconds_ = 0;
  std::int32_t summer_seconds_ = 0;
  bool has_summer_ = false;
  Change start_, end_;
};

Unexpected no_tzif(std::string_view name) {
  return fail(ErrorCode::corrupted,
              "the system's time zone file for '" + std::string(name) + "' is no TZif version 2");
}

bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' ||
      name.find("..") != std::string_view::npos) {
    return false;
  }
  for (const char c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '+' && c != '-' && c != '/') {
      return false;
    }
  }
  return true;
}

int year_of(std::int64_t seconds) { return static_cast<int>(1970 + seconds / 31'556'952); }

}  // namespace

Result<Zone> parse_tzif(std::string_view name, std::string_view bytes) {
  const auto first = read_header(bytes, 0);
  if (!first || bytes[4] < '2') {
    return no_tzif(name);
  }
  const std::size_t second_at = kHeaderBytes + first->body_bytes(4);
  const auto header = read_header(bytes, second_at);
  const std::size_t body = second_at + kHeaderBytes;
  if (!header || bytes.size() < body + header->body_bytes(8)) {
    return no_tzif(name);
  }
  const std::size_t kinds_at = body + header->times * 8;
  const std::size_t types_at = kinds_at + header->times;
  const auto offset_of = [&](std::size_t type) {
    return static_cast<std::int32_t>(
        static_cast<std::uint32_t>(big_endian(bytes, types_at + type * 6, 4)));
  };
  std::vector<Zone::Transition> transitions;
  for (std::size_t i = 0; i < header->times; ++i) {
    const auto type = static_cast<unsigned char>(bytes[kinds_at + i]);
    const auto from = static_cast<std::int64_t>(big_endian(bytes, body + i * 8, 8));
    if (type >= header->types ||
        (!transitions.empty() && transitions.back().from_seconds >= from)) {
      return no_tzif(name);
    }
    transitions.push_back({from, offset_of(type)});
  }
  std::string_view footer = bytes.substr(body + header->body_bytes(8));
  if (footer.size() >= 2 && footer.front() == '\n' && footer.back() == '\n') {
    footer = footer.substr(1, footer.size() - 2);
    if (const auto rule = PosixRule::parse(footer)) {
      int year = transitions.empty() ? 1970 : year_of(transitions.back().from_seconds);
      for (year = year < 1970 ? 1970 : year; year <= kLastYear; ++year) {
        rule->append(year, transitions);
      }
    }
  }
  return Zone(std::string(name), offset_of(0), std::move(transitions));
}

Result<Zone> load_zone(std::string_view iana_or_fixed) {
  if (auto fixed = Zone::fixed(iana_or_fixed)) {
    return fixed;
  }
  if (!is_zone_name(iana_or_fixed)) {
    return fail(ErrorCode::invalid, "'" + std::string(iana_or_fixed.substr(0, 64)) +
                                        "' is no time zone; valid: UTC, +08:00, Asia/Shanghai");
  }
  const std::string path = "/usr/share/zoneinfo/" + std::string(iana_or_fixed);
  auto bytes = read_file(real_disk(), path, 1U << 20U);
  if (!bytes) {
    return fail(ErrorCode::not_found, "the system knows no time zone '" +
                                          std::string(iana_or_fixed) +
                                          "'; valid: UTC, +08:00, Asia/Shanghai, Europe/London");
  }
  return parse_tzif(iana_or_fixed, *bytes);
}

}  // namespace guanxi
