#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "engine/compactor.hpp"
#include "engine/door.hpp"
#include "engine/engine.hpp"
#include "engine/erased_ids.hpp"
#include "engine/fit_desk.hpp"
#include "engine/recent_ids.hpp"
#include "engine/snapshot.hpp"
#include "engine/writer_lock.hpp"
#include "platform/file_lock.hpp"

namespace guanxi {

// The parts of the engine's implementation. Only files of engine/ include this.

/// Which batch of the log an ordinal stands in.
///
/// Place       Filled by replay and import, asked by originals().
/// Invariants  first_[i] is the ordinal of the first event of batch i + 1.
/// Threads     Any.
class OrdinalIndex {
 public:
  void clear();
  /// The next batch holds so many events.
  void add(std::uint64_t events);
  [[nodiscard]] std::uint64_t total() const;
  struct Place {
    std::uint64_t seq = 0;
    std::uint64_t row = 0;
  };
  [[nodiscard]] std::optional<Place> find(std::uint32_t ordinal) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::uint64_t> first_;
  std::uint64_t total_ = 0;
};

/// A decoded batch that was read lately, kept for the next question about it.
struct DecodedBatch {
  std::uint64_t seq = 0;
  std::uint64_t version = 0;
  EventBatch batch;
};

/// Everything the engine holds.
///
/// Place       Owned by Engine; the works (replay, import, erasure ...) are functions over it.
/// Invariants  `writer` is held during any change; `image_mutex` exclusively while `image` or
///             `model` change, shared while they are read.
/// Threads     As said at each member.
struct EngineCore {
  explicit EngineCore(const Engine::Options& given);

  Engine::Options options;
  unsigned threads;
  Clock& clock;
  Disk& disk;
  LogPaths paths;
  WorkBoard own_board;
  WorkBoard* board;
  std::optional<FileLock> folder_lock;
  std::unique_ptr<EventLog> log;  ///< null when opened read-only

  WriterLock writer;  ///< one change at a time
  mutable std::shared_mutex image_mutex;
  std::unique_ptr<Image> image;        ///< under image_mutex
  std::unique_ptr<const Model> model;  ///< under image_mutex
  bool model_logged = false;           ///< under writer
  /// Something could not be carried out in the image: until it is read again it is not what the log
  /// says.
  std::atomic<bool> image_doubtful{false};
  std::atomic<std::uint64_t> version{0};
  Currency brand;             ///< under image_mutex
  CurrencyCounts currencies;  ///< under writer
  ErasedIds erased;           ///< under writer
  OrdinalIndex ordinals;
  LiveFeed feed;
  std::mutex decoded_mutex;
  std::shared_ptr<DecodedBatch> decoded;  ///< under decoded_mutex
  mutable std::mutex habits_mutex;
  std::shared_ptr<const Engine::Habits> habits;  ///< under habits_mutex
  std::atomic<bool> ready{false};
  std::promise<Result<void>> opened;
  std::shared_future<Result<void>> opening{opened.get_future()};
  RecentIds recent;            ///< the door's logging thread's, once it runs
  std::unique_ptr<Door> door;  ///< null when opened read-only
  SnapshotKeeper snapshots{*this};
  FitDesk fits{*this};
  std::jthread reading;  ///< of open_live(); goes first

  [[nodiscard]] Result<LogReader> reader() const;
  /// After model or brand changed. REQUIRES core.writer or image_mutex held for as long as that
  /// took, or nobody else there yet.
  void refresh_habits();
  /// By the clock, where the brand is.
  [[nodiscard]] Day today() const;
  /// An error when nothing can be changed.
  [[nodiscard]] Result<void> writable() const;
};

/// What a replay found.
struct ReplayOutcome {
  CurrencyCounts currencies;
  std::vector<std::uint64_t> batch_events;  ///< by batch
  std::uint64_t erased_met = 0;             ///< events of erased people still in the log
  Currency brand;                           ///< as taken for the amounts
  bool folded = false;                      ///< the image is; else refold() is for the caller
};

/// Reads the log into an image, in parallel: all of it into an empty one, or what the image that it
/// resumes from has not seen. The result does not depend on threads. `brand` unnamed: that of the
/// first batch is taken.
[[nodiscard]] Result<ReplayOutcome> replay(EngineCore& core, Image& image, Currency brand,
                                           const Resumed& from = {});

/// The events of a stored batch, with views into `out`. Errors: corrupted.
[[nodiscard]] Result<void> decode_stored(const BatchInfo& info, std::string payload,
                                         EventBatch& out, BatchSubjects* subjects);

/// Notes what came lately, so that a retry is known after a restart.
[[nodiscard]] Result<void> recall_recent(EngineCore& core);

/// Takes the decisions in the log about who is who, from behind `after` on, into an image; those
/// about people who were erased are left out. REQUIRES settle_people() by the caller.
[[nodiscard]] Result<void> recall_decisions(EngineCore& core, LogReader& reader, Image& image,
                                            std::uint64_t after);

/// Makes the people of an image what their links say, asking the log whose the events of people are
/// who part. `ordinals` says where these stand. `fold`: as in Image::settle_people().
/// REQUIRES nobody else reads the image, and what its ordinals name committed.
[[nodiscard]] Result<void> settle_people(EngineCore& core, Image& image,
                                         const OrdinalIndex& ordinals, bool fold);

/// Empties the image and reads it from the log again, then settles. REQUIRES core.writer held.
[[nodiscard]] Result<void> reload(EngineCore& core, const std::string& cause,
                                  ImportReport* report = nullptr);

/// After events were placed: as_of, calibration (made active as a logged step when it differs and
/// the log can be written) and everyone folded. When the log refuses the step, everyone is folded
/// under the model as it was, and the refusal returned. REQUIRES core.writer held, and image_mutex
/// free.
[[nodiscard]] Result<void> settle(EngineCore& core, const std::string& cause,
                                  ImportReport* report = nullptr);

/// What settle_beside() came to.
enum class Beside : std::uint8_t {
  settled,    ///< or there was nothing to change
  no_writer,  ///< not now: the log was not to be had
  whole       ///< the brand's currency is another one: settle() must do it
};

/// settle() while the door goes on logging: the log is held for the step alone, and nobody is
/// folded again when the calibration says what it said before. `take_writer` takes core.writer, or
/// gives up. REQUIRES the caller alone writes the image, and no work can begin; core.writer free.
[[nodiscard]] Result<Beside> settle_beside(EngineCore& core, const std::string& cause,
                                           const std::function<bool()>& take_writer);

/// Settings of the log that the engine keeps.
inline constexpr std::string_view kCurrencySetting = "engine.currency";
inline constexpr std::string_view kUnsettledSetting = "engine.unsettled";
inline constexpr std::string_view kErasingSetting = "engine.erasing";
/// The list of erased people that this log was cleaned of; an older backup has another.
inline constexpr std::string_view kPurgedSetting = "engine.purged";
inline constexpr std::string_view kDoorRefusedSetting = "engine.door_refused";

/// Columns, compressed, with the span of their times.
[[nodiscard]] Result<PackedBatch> pack_events(std::span<const Event> events);

/// Takes everyone on the list of erased people out of the log. `ids` are the names being erased
/// now, in the clear, for what mentions them elsewhere. REQUIRES core.writer held.
[[nodiscard]] Result<EraseReport> purge(EngineCore& core, const std::vector<std::string>& ids);

/// A refusal as it is kept; without its text when that names someone erased.
[[nodiscard]] DeadLetter kept_letter(const EngineCore& core, const Refusal& refusal);

/// After purge(): no byte of what was replaced stays behind. Errors: conflict while another process
/// reads the log; the next opening tries again. REQUIRES core.writer held.
[[nodiscard]] Result<void> finish_erasure(EngineCore& core);

/// Reads a source to its end, into log and image. REQUIRES core.writer held.
[[nodiscard]] Result<ImportReport> run_import(EngineCore& core, EventSource& source,
                                              const Engine::ImportOptions& options);

}  // namespace guanxi
