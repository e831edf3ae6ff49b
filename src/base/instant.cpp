#include "base/instant.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace guanxi {
namespace {

constexpr std::int64_t kLastSecond = 4294967295;  // 2106-02-07: what the compact event can hold

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
Civil civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

unsigned days_in_month(int year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29U : kDays.at(month - 1);
}

// The two digits at `at`, or 100.
unsigned two_digits(std::string_view text, std::size_t at) {
  const auto tens = static_cast<unsigned>(text[at] - '0');
  const auto ones = static_cast<unsigned>(text[at + 1] - '0');
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

// "2026-05-01T09:30:00Z" and "2026-05-01T09:30:00.123Z", the forms that programs write; nothing for
// any other, which take_date() and its sisters read.
std::optional<Instant> plain_utc(std::string_view text) {
  const bool shaped = (text.size() == 20 || (text.size() == 24 && text[19] == '.')) &&
                      text.back() == 'Z' && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                      text[13] == ':' && text[16] == ':';
  if (!shaped) {
    return std::nullopt;
  }
  const unsigned century = two_digits(text, 0);
  const unsigned year = century * 100 + two_digits(text, 2);
  const unsigned month = two_digits(text, 5);
  const unsigned day = two_digits(text, 8);
  const unsigned hour = two_digits(text, 11);
  const unsigned minute = two_digits(text, 14);
  const unsigned second = two_digits(text, 17);
  const bool fraction =
      text.size() == 20 || (two_digits(text, 20) <= 99 && text[22] >= '0' && text[22] <= '9');
  if (year < 1970 || year > 2099 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 ||
      minute > 59 || second > 59 || !fraction) {
    return std::nullopt;
  }
  return Instant{days_from_civil(static_cast<int>(year), month, day) * kSecondsPerDay +
                 std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second};
}

// Takes exactly `count` digits from the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take_char(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<std::int32_t> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take_char(text, '-')) {
    return std::nullopt;
  }
  const auto month = take_digits(text, 2);
  if (!month || *month < 1 || *month > 12 || !take_char(text, '-')) {
    return std::nullopt;
  }
  const auto day = take_digits(text, 2);
  if (!day || *day < 1 ||
      static_cast<unsigned>(*day) > days_in_month(*year, static_cast<unsigned>(*month))) {
    return std::nullopt;
  }
  return days_from_civil(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
}

// A leap second (":60") counts as the second before it.
std::optional<std::int64_t> take_time(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take_char(text, ':')) {
    return std::nullopt;
  }
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  if (take_char(text, ':')) {
    const auto second = take_digits(text, 2);
    if (!second || *second > 60) {
      return std::nullopt;
    }
    seconds = std::min(*second, 59);
    if (take_char(text, '.') || take_char(text, ',')) {
      if (!take_digits(text, 1)) {
        return std::nullopt;
      }
      while (take_digits(text, 1)) {
      }
    }
  }
  return *hour * std::int64_t{3600} + *minute * std::int64_t{60} + seconds;
}

struct TakenZone {
  bool present = false;
  std::int32_t offset_seconds = 0;
};

std::optional<TakenZone> take_zone(std::string_view& text) {
  if (text.empty()) {
    return TakenZone{};
  }
  if (take_char(text, 'Z') || take_char(text, 'z')) {
    return TakenZone{true, 0};
  }
  const bool east = text.front() == '+';
  if (!east && text.front() != '-') {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  static_cast<void>(take_char(text, ':'));
  const auto minutes = text.empty() ? std::optional<int>(0) : take_digits(text, 2);
  if (!hours || !minutes || *hours > 18 || *minutes > 59) {
    return std::nullopt;
  }
  const std::int32_t offset = *hours * 3600 + *minutes * 60;
  return TakenZone{true, east ? offset : -offset};
}

Unexpected no_moment(std::string_view text) {
  return fail(ErrorCode::invalid,
              "'" + std::string(text.substr(0, 40)) +
                  "' is no moment; valid: 2026-05-01T09:30:00Z, 2026-05-01T09:30:00+08:00, "
                  "2026-05-01 09:30:00, 2026-05-01, from 1970 to 2106");
}

}  // namespace

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
std::int32_t days_from_civil(int year, unsigned month, unsigned day_of_month) {
  const int shifted_year = month <= 2 ? year - 1 : year;
  const int era = (shifted_year >= 0 ? shifted_year : shifted_year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(shifted_year - era * 400);
  const unsigned day_of_year =
      (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day_of_month - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int32_t>(day_of_era) - 719468;
}

std::string to_string(Day day) {
  const Civil civil = civil_from_days(day.number);
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04lld-%02u-%02u",
                                   static_cast<long long>(civil.year), civil.month, civil.day);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string to_string(Instant instant) {
  std::int64_t days = instant.seconds / kSecondsPerDay;
  std::int64_t rest = instant.seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  std::array<char, 40> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "T%02d:%02d:%02dZ", static_cast<int>(rest / 3600),
                    static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return to_string(Day{static_cast<std::int32_t>(days)}) +
         std::string(text.data(), static_cast<std::size_t>(length));
}

Result<Day> parse_day(std::string_view text) {
  std::string_view rest = text;
  const auto days = take_date(rest);
  if (!days || !rest.empty()) {
    return fail(ErrorCode::invalid,
                "'" + std::string(text.substr(0, 40)) + "' is no calendar day; valid: 2026-05-01");
  }
  return Day{*days};
}

Result<ParsedInstant> parse_instant(std::string_view text) {
  if (const auto plain = plain_utc(text)) {
    return ParsedInstant{*plain, true, true};
  }
  std::string_view rest = text;
  const auto days = take_date(rest);
  if (!days) {
    return no_moment(text);
  }
  ParsedInstant parsed;
  std::int64_t seconds = std::int64_t{*days} * kSecondsPerDay;
  if (!rest.empty()) {
    if (!take_char(rest, 'T') && !take_char(rest, 't') && !take_char(rest, ' ')) {
      return no_moment(text);
    }
    const auto time = take_time(rest);
    if (!time) {
      return no_moment(text);
    }
    static_cast<void>(take_char(rest, ' '));
    const auto zone = take_zone(rest);
    if (!zone || !rest.empty()) {
      return no_moment(text);
    }
    seconds += *time - zone->offset_seconds;
    parsed.had_time = true;
    parsed.had_zone = zone->present;
  }
  if (seconds < 0 || seconds > kLastSecond) {
    return no_moment(text);
  }
  parsed.instant = Instant{seconds};
  return parsed;
}

Zone::Zone(std::string name, std::int32_t first_offset_seconds, std::vector<Transition> transitions)
    : name_(std::move(name)),
      first_offset_seconds_(first_offset_seconds),
      transitions_(std::move(transitions)) {}

Result<Zone> Zone::fixed(std::string_view text) {
  if (text == "UTC") {
    return Zone();
  }
  std::string_view rest = text;
  const auto zone = take_zone(rest);
  if (!zone || !zone->present || !rest.empty()) {
    return fail(ErrorCode::invalid, "'" + std::string(text.substr(0, 40)) +
                                        "' is no fixed offset; valid: UTC, +08:00, -03:30");
  }
  return Zone(std::string(text), zone->offset_seconds, {});
}

std::int32_t Zone::search(Instant instant) const {
  const auto after = std::upper_bound(
      transitions_.begin(), transitions_.end(), instant.seconds,
      [](std::int64_t seconds, const Transition& t) { return seconds < t.from_seconds; });
  return after == transitions_.begin() ? first_offset_seconds_ : std::prev(after)->offset_seconds;
}

Instant Zone::from_local(std::int64_t local_seconds) const {
  const Instant guess{local_seconds - offset_at(Instant{local_seconds})};
  return Instant{local_seconds - offset_at(guess)};
}

Instant Zone::close_of(Day day) const {
  return from_local((std::int64_t{day.number} + 1) * kSecondsPerDay);
}

}  // namespace guanxi
