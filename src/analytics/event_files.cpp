#include "analytics/event_files.hpp"

#include "analytics/event_parquet.hpp"

namespace guanxi {

FilePlan::Kind event_file_kind(const FileSample& sample) {
  if (sample.format == "parquet" && are_event_columns(sample.columns)) {
    return FilePlan::Kind::event_parquet;
  }
  return FilePlan::Kind::rows;
}

Result<std::unique_ptr<EventSource>> open_event_file(const FilePlan& plan,
                                                     const ImportOptions& options) {
  return open_event_parquet(plan.sample.path, options);
}

}  // namespace guanxi
