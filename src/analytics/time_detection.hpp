#pragma once

#include <string>
#include <vector>

#include "analytics/sample.hpp"

namespace guanxi {

/// How a column's moments are written, found by looking at them.
struct DetectedTime {
  std::vector<std::string> patterns;  ///< empty: no moments
  std::size_t seen = 0;               ///< values that are not missing
  std::size_t decoded = 0;            ///< of these, moments
  std::string note;  ///< why the day stands before the month, or that it is a guess
};

/// Looks at the sample's column; when days and months cannot be told apart there, at the rest of
/// the file; when they cannot be told apart at all, takes the order in which moments rise more
/// steadily. Whole numbers count as moments only when they lie between 1990 and 2100.
[[nodiscard]] Result<DetectedTime> detect_time_formats(const FileSample& sample, std::size_t column,
                                                       const FileLimits& limits);

}  // namespace guanxi
