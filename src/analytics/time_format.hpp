#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// A moment as a file writes it: with a zone of its own, or by the clock on the wall.
struct WrittenTime {
  std::int64_t seconds = 0;  ///< since 1970; local wall-clock seconds unless `absolute`
  bool absolute = false;
};

/// How a column writes its moments, compiled from a pattern:
///   %Y %y %m %d %b (Jan, January) %a (Mon, Monday) %H %I %M %S (with a fraction, cut off) %p %z
///   (Z, UTC, +08:00, -0330) and any other text as it stands; a blank stands for one or more.
///   Or one word: epoch_s, epoch_ms, epoch_us, excel (days since 1899-12-30).
///
/// Place       Named in mapping files, found by recognition; read for every row by TableMapper.
/// Threads     Immutable after compile().
class TimeFormat {
 public:
  /// Errors: invalid when the pattern has no year, month and day, or an unknown letter.
  [[nodiscard]] static Result<TimeFormat> compile(std::string_view pattern);

  /// Nothing when the text is not written so, or lies before 1970 or after 2106-02-07.
  [[nodiscard]] std::optional<WrittenTime> parse(std::string_view text) const;
  [[nodiscard]] const std::string& pattern() const { return pattern_; }

 private:
  enum class Part : char {
    literal,
    blank,
    year,
    short_year,
    month,
    day,
    month_name,
    weekday,
    hour,
    hour12,
    minute,
    second,
    half_day,
    zone
  };
  struct Step {
    Part part;
    std::string literal;
  };
  struct Fields;
  enum class Whole { no, epoch_s, epoch_ms, epoch_us, excel };

  [[nodiscard]] static bool take(const Step& step, std::string_view& text, Fields& fields);
  [[nodiscard]] static std::optional<Part> part_of(char letter);

  std::string pattern_;
  std::vector<Step> steps_;
  Whole whole_ = Whole::no;
};

/// Every pattern that recognition tries, likelier ones first; day before month and month before day
/// both stand in it.
[[nodiscard]] const std::vector<TimeFormat>& common_time_formats();

}  // namespace guanxi
