#include "analytics/time_format.hpp"

#include <array>

#include "base/instant.hpp"
#include "base/money.hpp"

namespace guanxi {
namespace {

constexpr std::int64_t kLastSecond = 4294967295;
constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Between `least` and `most` digits from the front of `text`.
bool take_number(std::string_view& text, std::size_t least, std::size_t most, int& value) {
  std::size_t count = 0;
  value = 0;
  while (count < most && count < text.size() && is_digit(text[count])) {
    value = value * 10 + (text[count] - '0');
    ++count;
  }
  text.remove_prefix(count);
  return count >= least;
}

// A word from `words`, whole or its first three letters, any case; its number from 1, or 0.
template <std::size_t n>
int take_word(std::string_view& text, const std::array<std::string_view, n>& words) {
  std::size_t length = 0;
  while (length < text.size() && is_letter(text[length])) {
    ++length;
  }
  for (std::size_t w = 0; w < n; ++w) {
    if (length != words.at(w).size() && length != 3 && !(length == 4 && words.at(w)[0] == 's')) {
      continue;
    }
    bool same = length <= words.at(w).size();
    for (std::size_t i = 0; same && i < length; ++i) {
      same = static_cast<char>(text[i] | 0x20) == words.at(w)[i];
    }
    if (same) {
      text.remove_prefix(length);
      return static_cast<int>(w) + 1;
    }
  }
  return 0;
}

bool take_zone(std::string_view& text, std::int32_t& offset_seconds) {
  offset_seconds = 0;
  for (const std::string_view name : {"UTC", "GMT", "Z", "z"}) {
    if (text.substr(0, name.size()) == name) {
      text.remove_prefix(name.size());
      return true;
    }
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) {
    return false;
  }
  const bool east = text.front() == '+';
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, 2, hours) || hours > 18) {
    return false;
  }
  if (!text.empty() && text.front() == ':') {
    text.remove_prefix(1);
  }
  if (!text.empty() && (!take_number(text, 2, 2, minutes) || minutes > 59)) {
    return false;
  }
  offset_seconds = (hours * 3600 + minutes * 60) * (east ? 1 : -1);
  return true;
}

bool day_exists(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > 31) {
    return false;
  }
  constexpr std::array<int, 12> kLengths = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int length = month == 2 && !leap ? 28 : kLengths.at(static_cast<std::size_t>(month) - 1);
  return day <= length;
}

std::optional<WrittenTime> in_range(std::int64_t seconds, bool absolute) {
  if (seconds < 0 || seconds > kLastSecond) {
    return std::nullopt;
  }
  return WrittenTime{seconds, absolute};
}

}  // namespace

struct TimeFormat::Fields {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int half_day = -1;  ///< 0 am, 1 pm
  bool zoned = false;
  std::int32_t offset_seconds = 0;
};

std::optional<TimeFormat::Part> TimeFormat::part_of(char letter) {
  switch (letter) {
    case 'Y':
      return Part::year;
    case 'y':
      return Part::short_year;
    case 'm':
      return Part::month;
    case 'd':
      return Part::day;
    case 'b':
    case 'B':
      return Part::month_name;
    case 'a':
    case 'A':
      return Part::weekday;
    case 'H':
      return Part::hour;
    case 'I':
      return Part::hour12;
    case 'M':
      return Part::minute;
    case 'S':
      return Part::second;
    case 'p':
      return Part::half_day;
    case 'z':
      return Part::zone;
    default:
      return std::nullopt;
  }
}

Result<TimeFormat> TimeFormat::compile(std::string_view pattern) {
  TimeFormat format;
  format.pattern_ = std::string(pattern);
  constexpr std::array<std::pair<std::string_view, Whole>, 4> kWholes = {
      {{"epoch_s", Whole::epoch_s},
       {"epoch_ms", Whole::epoch_ms},
       {"epoch_us", Whole::epoch_us},
       {"excel", Whole::excel}}};
  for (const auto& [name, whole] : kWholes) {
    if (pattern == name) {
      format.whole_ = whole;
      return format;
    }
  }
  bool year = false;
  bool month = false;
  bool day = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size()) {
      const auto part = part_of(pattern[++i]);
      if (!part) {
        return fail(ErrorCode::invalid, "'%" + std::string(1, pattern[i]) +
                                            "' is no part of a time; valid: %Y %y %m %d %b %a %H "
                                            "%I %M %S %p %z");
      }
      year = year || *part == Part::year || *part == Part::short_year;
      month = month || *part == Part::month || *part == Part::month_name;
      day = day || *part == Part::day;
      format.steps_.push_back({*part, ""});
    } else if (pattern[i] == ' ') {
      format.steps_.push_back({Part::blank, ""});
    } else if (!format.steps_.empty() && format.steps_.back().part == Part::literal) {
      format.steps_.back().literal += pattern[i];
    } else {
      format.steps_.push_back({Part::literal, std::string(1, pattern[i])});
    }
  }
  if (!year || !month || !day) {
    return fail(ErrorCode::invalid, "'" + std::string(pattern) +
                                        "' is no time format: it needs a year, a month and a day "
                                        "(%Y-%m-%d), or is epoch_s, epoch_ms, epoch_us, excel");
  }
  return format;
}

bool TimeFormat::take(const Step& step, std::string_view& text, Fields& fields) {
  switch (step.part) {
    case Part::literal:
      if (text.substr(0, step.literal.size()) != step.literal) {
        return false;
      }
      text.remove_prefix(step.literal.size());
      return true;
    case Part::blank: {
      const std::size_t length = std::min(text.find_first_not_of(' '), text.size());
      text.remove_prefix(length);
      return length > 0;
    }
    case Part::year:
      return take_number(text, 4, 4, fields.year);
    case Part::short_year:
      if (!take_number(text, 2, 2, fields.year)) {
        return false;
      }
      fields.year += fields.year >= 70 ? 1900 : 2000;
      return true;
    case Part::month:
      return take_number(text, 1, 2, fields.month);
    case Part::day:
      return take_number(text, 1, 2, fields.day);
    case Part::month_name:
      fields.month = take_word(text, kMonths);
      return fields.month != 0;
    case Part::weekday:
      return take_word(text, kDays) != 0;
    case Part::hour:
      return take_number(text, 1, 2, fields.hour) && fields.hour <= 23;
    case Part::hour12:
      return take_number(text, 1, 2, fields.hour) && fields.hour >= 1 && fields.hour <= 12;
    case Part::minute:
      return take_number(text, 2, 2, fields.minute) && fields.minute <= 59;
    case Part::second: {
      if (!take_number(text, 2, 2, fields.second) || fields.second > 60) {
        return false;
      }
      fields.second = std::min(fields.second, 59);
      if (text.size() > 1 && (text[0] == '.' || text[0] == ',') && is_digit(text[1])) {
        text.remove_prefix(1);
        text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
      }
      return true;
    }
    case Part::half_day: {
      const std::string_view two = text.substr(0, 2);
      fields.half_day = two == "AM" || two == "am" ? 0 : two == "PM" || two == "pm" ? 1 : -1;
      text.remove_prefix(two.size());
      return fields.half_day >= 0;
    }
    case Part::zone:
      fields.zoned = true;
      return take_zone(text, fields.offset_seconds);
  }
  return false;
}

std::optional<WrittenTime> TimeFormat::parse(std::string_view text) const {
  if (whole_ != Whole::no) {
    const auto number = parse_decimal(text);
    if (!number || number->digits < 0) {
      return std::nullopt;
    }
    const unsigned shift = whole_ == Whole::epoch_ms ? 3U : whole_ == Whole::epoch_us ? 6U : 0U;
    if (whole_ == Whole::excel) {
      const auto seconds = line_total_minor(*number, kSecondsPerDay, 0);
      return seconds ? in_range(*seconds - std::int64_t{25569} * kSecondsPerDay, false)
                     : std::nullopt;
    }
    std::int64_t divisor = 1;
    for (unsigned i = 0; i < shift + number->scale && divisor < INT64_MAX / 10; ++i) {
      divisor *= 10;
    }
    return in_range(number->digits / divisor, true);
  }
  Fields fields;
  for (const Step& step : steps_) {
    if (!take(step, text, fields)) {
      return std::nullopt;
    }
  }
  if (!text.empty() || !day_exists(fields.year, fields.month, fields.day)) {
    return std::nullopt;
  }
  if (fields.half_day >= 0) {
    fields.hour = fields.hour % 12 + 12 * fields.half_day;
  }
  const std::int64_t days = days_from_civil(fields.year, static_cast<unsigned>(fields.month),
                                            static_cast<unsigned>(fields.day));
  const std::int64_t seconds = days * kSecondsPerDay + std::int64_t{fields.hour} * 3600 +
                               std::int64_t{fields.minute} * 60 +
                               fields.second - fields.offset_seconds;
  return in_range(seconds, fields.zoned);
}

const std::vector<TimeFormat>& common_time_formats() {
  static const std::vector<TimeFormat> formats = [] {
    std::vector<TimeFormat> made;
    const auto add = [&made](const std::string& pattern) {
      auto format = TimeFormat::compile(pattern);
      GUANXI_CHECK(format.has_value(), "the patterns tried by recognition are valid");
      made.push_back(std::move(format).value());
    };
    constexpr std::array<std::string_view, 19> kDates = {
        "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d",    "%Y.%m.%d", "%m/%d/%Y",    "%d/%m/%Y", "%d.%m.%Y",
        "%d-%m-%Y", "%m-%d-%Y", "%m/%d/%y",  "%d/%m/%y", "%d.%m.%y",    "%d-%m-%y", "%d-%b-%Y",
        "%d-%b-%y", "%d %b %Y", "%b %d, %Y", "%d%b%Y",   "%Y年%m月%d日"};
    constexpr std::array<std::string_view, 11> kTimes = {
        "",        " %H:%M:%S",   " %H:%M",       "T%H:%M:%S",    "T%H:%M:%S%z",
        "T%H:%M",  " %H:%M:%S%z", " %H:%M:%S %z", " %I:%M:%S %p", " %I:%M %p",
        "T%H:%M%z"};
    for (const auto date : kDates) {
      for (const auto time : kTimes) {
        add(std::string(date) + std::string(time));
      }
    }
    for (const char* const whole :
         {"%Y%m%d%H%M%S", "%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z", "%d%b%Y:%H:%M:%S",
          "epoch_s", "epoch_ms", "epoch_us", "excel"}) {
      add(whole);
    }
    return made;
  }();
  return formats;
}

}  // namespace guanxi
