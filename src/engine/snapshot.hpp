#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "engine/compactor.hpp"
#include "engine/snapshot_report.hpp"
#include "engine/writer_lock.hpp"
#include "people/image_file.hpp"
#include "people/survey.hpp"

namespace guanxi {

struct EngineCore;

/// Where a replay begins that has an image already.
struct Resumed {
  std::uint64_t batches = 0;   ///< of the log that are in it
  std::uint64_t decision = 0;  ///< the last one that is
  bool folded = false;         ///< under the active model
  std::uint64_t events = 0;
  Currency brand;
  CurrencyCounts currencies;
};

/// The image on the disk, so that a restart need not read the whole log: written now and then,
/// trusted only where it matches the log, gone before anybody is erased.
///
/// Place       One per EngineCore. Format: docs/formats/image.md.
/// Invariants  guanxi.image is whole, or not there. What it holds are the first `batches` batches
///             of the log whose chain and epoch it names, under the decisions it names; a file that
///             differs in any of these, or in a sum, is discarded.
/// Threads     Any. A thread of its own after begin(). While the file is written the image can be
///             read and the log goes on; what was logged waits to be applied.
class SnapshotKeeper {
 public:
  explicit SnapshotKeeper(EngineCore& core) : core_(core) {}
  ~SnapshotKeeper();
  SnapshotKeeper(const SnapshotKeeper&) = delete;
  SnapshotKeeper& operator=(const SnapshotKeeper&) = delete;

  /// Reads the file into core.image, when it matches. Nothing: read the log. REQUIRES core.image
  /// empty and nobody else there yet, log, model, settings and list of the erased read.
  [[nodiscard]] std::optional<Resumed> load();
  /// Looks at every byte, and whether with what came since it makes the people who are live.
  /// REQUIRES core.writer held.
  [[nodiscard]] Result<SnapshotState> look(const Digest& live);
  /// Writes the image when at least so many events are new. REQUIRES core.writer not held.
  [[nodiscard]] Result<SnapshotReport> write(std::uint64_t least_new, unsigned threads);
  /// No byte of it stays behind. REQUIRES core.writer held, or nobody else there yet.
  [[nodiscard]] Result<void> forget();
  /// From now on writes by itself, as the options say.
  void begin();

  /// Events of the log that load() spared reading.
  [[nodiscard]] std::uint64_t resumed_events() const { return resumed_events_; }

  /// The file's name in a folder.
  [[nodiscard]] static std::string path_in(const std::string& folder);

 private:
  [[nodiscard]] Result<Resumed> read_file(ImageFileReader& file, Image& image);
  [[nodiscard]] Result<Resumed> match(const std::string& binding);
  [[nodiscard]] Result<SnapshotReport> write_held(std::uint64_t least_new, unsigned threads,
                                                  std::unique_lock<WriterLock>& writer);
  [[nodiscard]] Result<void> write_file(ImageFileWriter& file, unsigned threads);
  [[nodiscard]] std::string trouble(std::uint64_t least_new) const;
  void keep_writing(const std::stop_token& stop);
  [[nodiscard]] bool due() const;

  EngineCore& core_;
  std::mutex turn_;                       ///< one write at a time; taken before core.writer
  std::mutex file_;                       ///< whoever changes the file; taken after it
  std::atomic<int> give_up_{0};           ///< the write under way is to stop
  std::atomic<std::uint64_t> events_{0};  ///< in the file
  std::atomic<std::uint64_t> resumed_events_{0};
  std::atomic<std::int64_t> took_ns_{0};   ///< the last write
  std::atomic<std::int64_t> ended_ns_{0};  ///< and when
  std::mutex sleep_mutex_;
  std::condition_variable_any wake_;
  std::jthread writing_;
};

}  // namespace guanxi
