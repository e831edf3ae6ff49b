#include "analytics/time_detection.hpp"

#include <algorithm>

#include "analytics/cell.hpp"
#include "analytics/time_format.hpp"
#include "base/instant.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kLookAhead = 3'000'000;
constexpr std::size_t kValuesTried = 200;

bool plausible(const WrittenTime& time) {
  const Day day{static_cast<std::int32_t>(time.seconds / kSecondsPerDay)};
  return day.number >= days_from_civil(1990, 1, 1) && day.number < days_from_civil(2100, 1, 1);
}

bool only_digits(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool decodes(const TimeFormat& format, std::string_view text) {
  const auto time = format.parse(text);
  return time && (!only_digits(text) || plausible(*time));
}

// The same pattern with day and month changed over, or "" when it has no such twin.
std::string twin_of(const std::string& pattern) {
  const std::size_t day = pattern.find("%d");
  const std::size_t month = pattern.find("%m");
  if (day == std::string::npos || month == std::string::npos || std::min(day, month) != 0) {
    return "";
  }
  std::string twin = pattern;
  twin[day + 1] = 'm';
  twin[month + 1] = 'd';
  return twin;
}

std::vector<std::string_view> values_of(const FileSample& sample, std::size_t column) {
  std::vector<std::string_view> values;
  for (const auto& row : sample.rows) {
    const std::string_view value = column < row.size() ? trimmed(row[column]) : std::string_view();
    if (!is_missing(value)) {
      values.push_back(value);
    }
  }
  return values;
}

std::size_t count_decoded(const TimeFormat& format, const std::vector<std::string_view>& values) {
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(),
                    [&](std::string_view value) { return decodes(format, value); }));
}

// The format that decodes most of some values from all over the sample; `count` is of all values.
const TimeFormat* best_format(const std::vector<std::string_view>& values, std::size_t& count) {
  std::vector<std::string_view> some;
  const std::size_t step = values.size() / kValuesTried + 1;
  for (std::size_t i = 0; i < values.size(); i += step) {
    some.push_back(values[i]);
  }
  const TimeFormat* best = nullptr;
  std::size_t most = 0;
  for (const TimeFormat& format : common_time_formats()) {
    const std::size_t decoded = count_decoded(format, some);
    if (decoded > most) {
      best = &format;
      most = decoded;
    }
  }
  count = best == nullptr ? 0 : count_decoded(*best, values);
  return best;
}

// -1: `pattern` is the only one that reads everything further on; 1: `twin` is; 0: both do.
Result<int> decide_by_file(const FileSample& sample, std::size_t column, const TimeFormat& pattern,
                           const TimeFormat& twin, const FileLimits& limits) {
  GUANXI_TRY(rows, open_rows(sample, limits));
  Row row;
  std::string last;
  for (std::size_t i = 0; i < kLookAhead; ++i) {
    auto more = rows->next(row);
    if (!more || !*more) {
      break;
    }
    if (column >= row.fields.size() || row.fields[column] == last) {
      continue;
    }
    last = row.fields[column];
    const std::string_view value = trimmed(last);
    const bool first = pattern.parse(value).has_value();
    const bool second = twin.parse(value).has_value();
    if (first != second) {
      return first ? -1 : 1;
    }
  }
  return 0;
}

std::size_t falls(const std::vector<std::string_view>& values, const TimeFormat& format) {
  std::size_t count = 0;
  std::int64_t before = 0;
  for (const std::string_view value : values) {
    const auto time = format.parse(value);
    count += time && time->seconds < before ? 1U : 0U;
    before = time ? time->seconds : before;
  }
  return count;
}

std::string order_name(const std::string& pattern) {
  return pattern.find("%d") == 0 ? "the day stands before the month"
                                 : "the month stands before the day";
}

Result<void> settle_day_and_month(const FileSample& sample, std::size_t column,
                                  const std::vector<std::string_view>& values,
                                  const FileLimits& limits, DetectedTime& detected) {
  const std::string twin_pattern = twin_of(detected.patterns.front());
  if (twin_pattern.empty()) {
    return {};
  }
  GUANXI_TRY(pattern, TimeFormat::compile(detected.patterns.front()));
  GUANXI_TRY(twin, TimeFormat::compile(twin_pattern));
  const std::size_t twin_decoded = count_decoded(twin, values);
  const std::string name = "'" + sample.columns[column] + "': ";
  if (twin_decoded > detected.decoded) {
    detected.patterns.front() = twin.pattern();
    detected.decoded = twin_decoded;
    detected.note = name + order_name(twin.pattern()) + " (values above 12 show it)";
    return {};
  }
  if (twin_decoded < detected.decoded) {
    detected.note = name + order_name(pattern.pattern()) + " (values above 12 show it)";
    return {};
  }
  GUANXI_TRY(decision, decide_by_file(sample, column, pattern, twin, limits));
  if (decision != 0) {
    detected.patterns.front() = decision < 0 ? pattern.pattern() : twin.pattern();
    detected.note =
        name + order_name(detected.patterns.front()) + " (values above 12 further down show it)";
    return {};
  }
  const std::size_t pattern_falls = falls(values, pattern);
  const std::size_t twin_falls = falls(values, twin);
  detected.patterns.front() = twin_falls < pattern_falls ? twin.pattern() : pattern.pattern();
  detected.note = name + "no value tells day and month apart; taken so that " +
                  order_name(detected.patterns.front()) +
                  "; a mapping with a time format can say otherwise";
  return {};
}

}  // namespace

Result<DetectedTime> detect_time_formats(const FileSample& sample, std::size_t column,
                                         const FileLimits& limits) {
  DetectedTime detected;
  std::vector<std::string_view> values = values_of(sample, column);
  detected.seen = values.size();
  std::vector<std::string_view> left = values;
  for (int i = 0; i < 3 && !left.empty(); ++i) {
    std::size_t count = 0;
    const TimeFormat* best = best_format(left, count);
    if (best == nullptr || (i > 0 && count * 200 < values.size())) {
      break;
    }
    detected.patterns.push_back(best->pattern());
    detected.decoded += count;
    if (i == 0) {
      GUANXI_TRY_VOID(settle_day_and_month(sample, column, values, limits, detected));
    }
    GUANXI_TRY(taken, TimeFormat::compile(detected.patterns.back()));
    std::erase_if(left, [&](std::string_view value) { return decodes(taken, value); });
  }
  return detected;
}

}  // namespace guanxi
