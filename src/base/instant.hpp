#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

inline constexpr std::int64_t kSecondsPerDay = 86400;

/// A moment in whole seconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t seconds = 0;
  friend auto operator<=>(const Instant&, const Instant&) = default;
};

/// A calendar day in the brand's time zone, counted from 1970-01-01.
struct Day {
  std::int32_t number = 0;
  friend auto operator<=>(const Day&, const Day&) = default;
};

/// No day at all: before every day that an event can have.
inline constexpr Day kNoDay{INT32_MIN};

/// "2011-06-09".
[[nodiscard]] std::string to_string(Day day);
/// "2011-06-09T07:45:00Z".
[[nodiscard]] std::string to_string(Instant instant);

/// Reads "2011-06-09". Errors: invalid when it is no calendar day.
[[nodiscard]] Result<Day> parse_day(std::string_view text);

/// Reads ISO-8601 with zone ("Z" or "+08:00"), with or without seconds and fraction (cut off).
/// Without a zone the text is taken as UTC; `had_zone` of the result says which it was.
/// Errors: invalid when it is no moment between 1970-01-01 and 2106-02-07.
struct ParsedInstant {
  Instant instant;
  bool had_zone = false;
  bool had_time = false;  ///< false for a bare date
};
[[nodiscard]] Result<ParsedInstant> parse_instant(std::string_view text);

/// Days since 1970-01-01 of a proleptic Gregorian date.
[[nodiscard]] std::int32_t days_from_civil(int year, unsigned month, unsigned day_of_month);

/// Offsets of a time zone from UTC as a table of transitions, read once from the system by
/// platform/ or given as a fixed offset.
///
/// Place       Part of the relationship model: it decides when a day closes.
/// Invariants  Transitions ascend; before the first one `first_offset_seconds` holds.
/// Threads     Immutable after construction.
class Zone {
 public:
  struct Transition {
    std::int64_t from_seconds;    ///< UTC
    std::int32_t offset_seconds;  ///< east is positive
  };
  Zone() = default;
  Zone(std::string name, std::int32_t first_offset_seconds, std::vector<Transition> transitions);

  /// Reads "UTC", "Z" or "+08:00". Errors: invalid otherwise (IANA names: platform/time_zone).
  [[nodiscard]] static Result<Zone> fixed(std::string_view text);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::int32_t offset_at(Instant instant) const {
    return transitions_.empty() ? first_offset_seconds_ : search(instant);
  }
  [[nodiscard]] Day day_of(Instant instant) const {
    const std::int64_t local = instant.seconds + offset_at(instant);
    const std::int64_t floored = local >= 0 ? local / kSecondsPerDay
                                            : -((-local + kSecondsPerDay - 1) / kSecondsPerDay);
    return Day{static_cast<std::int32_t>(floored)};
  }
  /// The first moment after `day`: when it closes.
  [[nodiscard]] Instant close_of(Day day) const;
  /// A local wall-clock time (seconds since 1970 as if local were UTC) as a moment.
  [[nodiscard]] Instant from_local(std::int64_t local_seconds) const;

 private:
  [[nodiscard]] std::int32_t search(Instant instant) const;

  std::string name_ = "UTC";
  std::int32_t first_offset_seconds_ = 0;
  std::vector<Transition> transitions_;
};

}  // namespace guanxi
