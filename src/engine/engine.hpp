#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/door_figures.hpp"
#include "engine/fit_desk.hpp"
#include "engine/live.hpp"
#include "engine/snapshot_report.hpp"
#include "engine/work_board.hpp"
#include "eventlog/event_log.hpp"
#include "events/event.hpp"
#include "events/event_source.hpp"
#include "people/image.hpp"
#include "people/survey.hpp"
#include "platform/clock.hpp"
#include "relationship/model.hpp"

namespace guanxi {

struct EngineCore;

/// What came of an import, or of events admitted one by one.
struct ImportReport {
  std::uint64_t rows = 0;                   ///< read from the source
  std::uint64_t events = 0;                 ///< made of them
  std::uint64_t added = 0;                  ///< of these new
  std::uint64_t repeated = 0;               ///< already there, or twice in the source
  std::uint64_t conflicting = 0;            ///< same identity, other content: the first one stays
  std::uint64_t erased = 0;                 ///< of people who were erased: kept out
  std::uint64_t nobody = 0;                 ///< of the added: of no person
  std::uint64_t refused = 0;                ///< exact
  std::uint64_t refused_kept = 0;           ///< of these kept as dead letters
  std::uint64_t skipped = 0;                ///< left out by a filter of the mapping
  std::vector<Refusal> first_refused;       ///< up to 20
  bool model_changed = false;               ///< a new calibration was made active, as a logged step
  std::vector<std::string> newly_observed;  ///< names of event kinds that had not come before
  double seconds = 0;
};

/// What an erasure took away.
struct EraseReport {
  std::uint64_t people = 0;
  std::vector<std::string> ids;  ///< every name the person had
  std::uint64_t events = 0;
  std::uint64_t batches = 0;  ///< rewritten
  std::uint64_t dead_letters = 0;
  std::uint64_t mentions = 0;  ///< fields of other people's events that named them, blanked
};

/// What somebody wants decided about who is who. Ids as in parse_external_id().
struct DecisionRequest {
  IdDecision::Kind kind = IdDecision::Kind::open;
  std::string first_id{};
  std::string second_id{};  ///< empty for decisions about one id
  std::string actor{};      ///< who decides
  std::string note{};       ///< why; at most 500 bytes
};

/// What a decision came to: the ids of everyone concerned, each sorted, people in order.
struct DecisionReport {
  std::uint64_t number = 0;
  std::vector<std::vector<std::string>> before;
  std::vector<std::vector<std::string>> after;
};

/// The log read again from its first byte, compared with what is live.
struct CheckReport {
  LogCheck log;
  Digest live;
  Digest rebuilt;
  SnapshotState snapshot;  ///< one that is no good is no fault of the log: it is not trusted
  [[nodiscard]] bool good() const { return log.problems.empty() && live == rebuilt; }
};

/// The image and its model, held still for as long as this lives. Hold it briefly: the writer
/// waits.
///
/// Place       Engine::read(); API, SQL and command line read through it.
/// Threads     One owner; any number at once.
class ReadAccess {
 public:
  [[nodiscard]] const Image& image() const { return *image_; }
  /// The active model, with its calibration.
  [[nodiscard]] const Model& model() const { return **model_; }

 private:
  friend class Engine;
  ReadAccess(std::shared_mutex& mutex, const Image& image,
             const std::unique_ptr<const Model>& model)
      : lock_(mutex), image_(&image), model_(&model) {}
  std::shared_lock<std::shared_mutex> lock_;
  const Image* image_;
  const std::unique_ptr<const Model>* model_;  ///< read under the lock
};

/// The one writer: admits, appends, syncs, applies. Everything that changes goes through here.
///
/// Place       One per data folder; app/ opens it, api/ and the command line use it.
/// Invariants  Whatever is in the image is in the log, durably. The image is a function of the set
///             of events in the log, the active model and as_of, which is the day of the last
///             event. A work that fails leaves the image as the log says.
/// Errors      After a failed sync every change is refused with unavailable; reads go on.
/// Threads     Any: changes run one after the other; reads beside each other and beside all but the
///             short moments in which the image itself changes.
class Engine {
 public:
  struct Options {
    std::string folder{};
    /// The model until one is made active: models/retail.toml.
    std::string default_model_toml{};
    unsigned shards = 16;
    unsigned threads = 0;               ///< 0: as many as there are processors
    std::uint32_t run_events = 65'536;  ///< events in a batch of the log
    bool read_only = false;             ///< takes no lock and changes nothing
    WorkBoard* board = nullptr;         ///< null: the engine's own
    Clock* clock = nullptr;             ///< null: the system's
    /// What requests at the live door may hold before they stand in the image; beyond it they are
    /// told to come again.
    std::size_t door_bytes_most = std::size_t{64} << 20U;
    /// How long a request may have to wait for its group, by what was written lately; longer and it
    /// is told to come again. Twice what the quickest groups take is granted besides, and whoever
    /// comes alone is taken.
    unsigned door_wait_ms_most = 40;
    /// Identities that the door remembers, whoever they were of (recent_ids.hpp).
    std::size_t recent_ids_most = std::size_t{8} << 20U;
    /// While serving, the image is written down when so many events are new; 0: never by itself.
    std::uint64_t snapshot_every_events = 0;
    /// While serving, the models that predict are fitted when a day has closed.
    bool fit_daily = false;
    /// Up to so many events that a snapshot has not seen are put into it one by one; for more,
    /// everyone is folded again.
    std::uint64_t tail_live_most = 100'000;
    /// EventLog::Options::wal_room_bytes: for a server, whose requests wait for every sync.
    std::int64_t wal_room_bytes = 0;
    static constexpr std::int64_t kServerWalRoomBytes = std::int64_t{64} << 20U;
    std::string vfs{};  ///< tests: SQLite's VFS and the disk of the mark
    Disk* disk = nullptr;
  };
  struct ImportOptions {
    std::string name{};  ///< as shown: the files' names
    std::string key{};   ///< what makes it the same import: hash of files and mapping
  };
  static constexpr std::uint64_t kLettersPerImportMost = 10'000;

  /// Reads the log into the image. Errors: conflict when another process has the folder; corrupted
  /// for a damaged log; invalid for a model that cannot be read; not_found (read_only) for no log.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> open(const Options& options);
  /// Returns as soon as the log is open: what is submitted from then on is durable and answered,
  /// while the image is read in the background. Reading waits until it is there.
  /// Errors: those of opening the log.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> open_live(const Options& options);
  /// Whether the image is there, or can never be.
  [[nodiscard]] bool ready() const;
  /// Waits for the image. Errors: as open(); nothing can be submitted then.
  [[nodiscard]] Result<void> wait_ready();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Reading.
  [[nodiscard]] ReadAccess read() const;
  /// Events of the log that a snapshot spared reading when this was opened.
  [[nodiscard]] std::uint64_t resumed_events() const;
  /// Changes whenever anything readable does.
  [[nodiscard]] std::uint64_t version() const;
  [[nodiscard]] WorkBoard& board() const;
  /// A reader of the log: sources, dead letters, models, batches.
  [[nodiscard]] Result<LogReader> log() const;
  /// Why nothing can be changed; nothing when it can.
  [[nodiscard]] std::optional<Error> read_only_because() const;
  /// What a door must know to read an event. Never waits for the image.
  struct Habits {
    Currency currency;
    Zone zone;
  };
  [[nodiscard]] std::shared_ptr<const Habits> habits() const;
  /// The brand's currency: the model's, or the one most events with money have.
  [[nodiscard]] Currency currency() const;
  /// Rows refused by all imports and doors, whether kept or not.
  [[nodiscard]] Result<std::uint64_t> refused_total() const;
  /// Calls `visit` with the full event behind CompactEvent::ordinal(). Errors: not_found (also for
  /// derived events, which have none).
  [[nodiscard]] Result<void> original(std::uint32_t ordinal,
                                      const std::function<void(const Event&)>& visit) const;
  /// Several at once, in the order asked for; each batch is read once.
  [[nodiscard]] Result<void> originals(
      std::span<const std::uint32_t> ordinals,
      const std::function<void(std::size_t place, const Event&)>& visit) const;

  // Changing.
  [[nodiscard]] Result<ImportReport> import(EventSource& source, const ImportOptions& options);
  /// Events decoded elsewhere (a door, a test). Durable on return.
  [[nodiscard]] Result<ImportReport> admit(EventBatch batch, std::vector<Refusal> refused = {});
  /// The live door: takes the events of one request and answers through `admission.done` once they
  /// are on the disk. Never waits. Errors (then done is not called): overloaded when too much waits
  /// already; unavailable when nothing can be written.
  [[nodiscard]] Result<void> submit(Admission admission);
  /// Waits until everything submitted so far can be read.
  void wait_applied();
  /// What went through submit() so far, and how many bytes of it wait. Null when read-only.
  [[nodiscard]] const DoorFigures* door_figures() const;
  /// Today's of these, by door.
  [[nodiscard]] std::map<std::string, Admitted> door_figures_today() const;
  [[nodiscard]] std::size_t door_waiting_bytes() const;
  /// What comes through submit(), as it comes.
  [[nodiscard]] LiveFeed& feed();
  /// The key under which message ids of a door are known (DecodeContext::source_key).
  using KeyOfDoor = std::function<std::string(std::string_view door)>;
  /// Sends a dead letter again, or what it should have been; marks it when it went in. Its message
  /// id is its source's: what the source has meanwhile sent under it counts once.
  [[nodiscard]] Result<ImportReport> resend(std::uint64_t letter_id, const KeyOfDoor& key_of_door,
                                            std::optional<std::string> corrected_json = {});
  /// Makes a model active as a logged step, calibrated on the events there are.
  [[nodiscard]] Result<void> activate_model(std::string_view toml);
  /// Takes a person out of the log, its dead letters and the image, and keeps them out of later
  /// imports. `id` as in parse_external_id(). Errors: not_found.
  [[nodiscard]] Result<EraseReport> erase(std::string_view id);
  /// Removes the dead letters that came before a moment, and their bytes; how many they were.
  [[nodiscard]] Result<std::uint64_t> forget_letters(Instant before);
  /// Several people in one go; ids that are nobody's are left out. Errors: not_found when all are.
  [[nodiscard]] Result<EraseReport> erase_all(std::span<const std::string> ids);
  /// Decides that two ids are one person or are not, or that an id is no key, or takes a decision
  /// back; durable and carried out on return. Errors: not_found for an id that nobody has; invalid;
  /// conflict when people are to be one who were decided to be kept apart.
  [[nodiscard]] Result<DecisionReport> decide(const DecisionRequest& request);
  /// Hangs what people need next into the image, for lists.
  void show_next_needs(std::shared_ptr<const NextNeeds> needs);
  /// Writes the image down beside the log, so that the next opening need not read all of it, when
  /// at least so many events are new. Reading and taking in go on meanwhile.
  [[nodiscard]] Result<SnapshotReport> write_snapshot(std::uint64_t least_new_events = 0);
  /// The models that predict: asked for fits, stopped, and read.
  [[nodiscard]] FitDesk& fits() const;
  [[nodiscard]] Result<void> backup(const std::string& target);
  [[nodiscard]] Result<CheckReport> check();
  /// Puts a backup in the place of a folder's log. REQUIRES no engine open on it.
  [[nodiscard]] static Result<void> restore(const std::string& backup, const std::string& folder,
                                            const LogProgress& progress = {});

 private:
  explicit Engine(std::unique_ptr<EngineCore> core);

  std::unique_ptr<EngineCore> core_;
};

}  // namespace guanxi
