#pragma once

#include <memory>

#include "analytics/file_plan.hpp"

namespace guanxi {

/// Whether a sample holds our own events: JSON lines that decode as events, or Parquet with the
/// columns of docs/formats/events-parquet.md.
[[nodiscard]] FilePlan::Kind event_file_kind(const FileSample& sample);

/// A file of our own events as a source. Errors: as open_bytes.
[[nodiscard]] Result<std::unique_ptr<EventSource>> open_event_file(const FilePlan& plan,
                                                                   const ImportOptions& options);

}  // namespace guanxi
