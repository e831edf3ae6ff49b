#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "events/event.hpp"

namespace guanxi {

/// How far a source of events has come. Totals are 0 where nobody knows them beforehand.
struct SourceProgress {
  std::string part;              ///< what is being read now: a file's name
  std::uint64_t bytes_done = 0;  ///< of the files as they lie on disk
  std::uint64_t bytes_total = 0;
  std::uint64_t rows = 0;        ///< rows read, whatever became of them
  std::uint64_t rows_total = 0;  ///< Parquet files say how many rows they hold
  std::uint64_t events = 0;      ///< events made of them
  std::uint64_t refused = 0;     ///< rows refused
  std::uint64_t skipped = 0;     ///< rows left out by a filter of the mapping
};

/// Something that gives events, run by run: files, a simulated brand, an export of another shop.
///
/// Place       Implemented by analytics/ (files) and simulation/; drained by engine/ and by writers
///             of files.
/// Invariants  The events given are a function of what the source reads, not of how it is drained.
/// Threads     One owner.
class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  /// Appends the next run of events to `batch` (some thousands; maybe none) and what was refused on
  /// the way to `refused`. False when nothing is left; then nothing was appended.
  /// Errors: the source cannot be read further; events given before stay valid.
  [[nodiscard]] virtual Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) = 0;

  [[nodiscard]] virtual SourceProgress progress() const = 0;
};

}  // namespace guanxi
