#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytics/byte_source.hpp"
#include "analytics/understanding.hpp"
#include "base/instant.hpp"
#include "events/event_source.hpp"

namespace guanxi {

struct ImportOptions {
  std::vector<std::string> paths;  ///< files, or patterns with * and ? in the file's name
  std::string mapping;             ///< a ready mapping's name or a mapping file; empty: found out
  Zone zone;                       ///< the brand's own: where clocks on the wall stand
  Currency currency;               ///< of amounts when neither row nor mapping names one
  Instant received_at;             ///< stamped on every event
  FileLimits limits;
};

/// What one file came to.
struct FileSummary {
  std::string path;
  std::uint64_t rows = 0;  ///< without header, comments and blank lines
  std::uint64_t events = 0;
  std::uint64_t refused = 0;  ///< rows
  std::uint64_t skipped = 0;  ///< rows left out by a filter, or that no rule fits
  MappingCounts counts;
};

/// Files as a source of events: understood first, then read file by file.
///
/// Place       The command line opens it, shows understood(), and hands it to the engine.
/// Invariants  open() writes and keeps nothing but small samples and the tables that others join.
///             The set of events depends on the files' rows alone, not on their order: the same
///             file twice, overlapping files and shuffled rows give the same set of id_hashes.
///             A row is refused whole, with file, line, field, reason and valid forms; the rest
///             goes in. A damaged file ends with an error that names it and the place.
/// Threads     One owner.
class FileImport final : public EventSource {
 public:
  /// Errors: not_found for a file or mapping that is not there; invalid or corrupted when a file
  /// cannot be understood, with the reason for each such file.
  [[nodiscard]] static Result<std::unique_ptr<FileImport>> open(const ImportOptions& options);
  ~FileImport() override;

  [[nodiscard]] const Understanding& understood() const;
  [[nodiscard]] Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) override;
  [[nodiscard]] SourceProgress progress() const override;
  /// One for each file begun so far, in the order given.
  [[nodiscard]] std::vector<FileSummary> summaries() const;

 private:
  class Work;
  explicit FileImport(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

}  // namespace guanxi
