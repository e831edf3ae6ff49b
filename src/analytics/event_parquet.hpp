#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytics/file_import.hpp"

namespace guanxi {

/// Whether these columns are those of our own events.
[[nodiscard]] bool are_event_columns(const std::vector<std::string>& columns);

/// A Parquet file of our own events, read without any conversion to text and back. Row numbers
/// stand for lines in refusals. Errors: corrupted, naming the file.
[[nodiscard]] Result<std::unique_ptr<EventSource>> open_event_parquet(const std::string& path,
                                                                      const ImportOptions& options);

}  // namespace guanxi
