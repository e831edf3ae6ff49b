#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analytics/sql.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "engine/engine.hpp"
#include "engine/need_desk.hpp"
#include "engine/work_board.hpp"
#include "eventlog/records.hpp"
#include "events/event.hpp"
#include "events/masking.hpp"
#include "people/image.hpp"
#include "relationship/model.hpp"

namespace guanxi::api {

/// What the log knows beside events.
struct LogFacts {
  bool read_only = false;
  std::uint64_t refused = 0;
  std::vector<SourceRecord> sources;
};

/// What a door brought.
struct DoorReport {
  Admitted today;                  ///< since midnight where the brand is, or since the server began
  std::uint64_t dead_letters = 0;  ///< kept, and not sent again
};

struct DeadLetterPage {
  std::uint64_t total = 0;
  std::vector<DeadLetter> letters;
};

struct WorkReport {
  std::optional<Work> current;
  std::optional<Work> last;
};

/// The models that predict: what is being fitted, and what was.
struct FitsReport {
  WorkReport work;
  std::vector<SharedFit> fits;  ///< oldest first
  SharedFit used;               ///< the last that may be used; null: none yet
};

/// All that the API asks of the product.
///
/// Place       Implemented over the engine (engine_brand.hpp), and in tests over an image alone.
/// Invariants  Only resend(), decide() and fit() change what is stored.
/// Errors      unavailable while the log is still being read.
/// Threads     Every function may be called from any thread, several at once.
class Brand {
 public:
  Brand() = default;
  Brand(const Brand&) = delete;
  Brand& operator=(const Brand&) = delete;
  virtual ~Brand() = default;

  /// The image and the active model, held still during `use`.
  struct View {
    const Image& image;
    const Model& model;
    Currency currency;  ///< of all amounts; may be unnamed
  };
  [[nodiscard]] virtual Result<void> read(const std::function<void(const View&)>& use) const = 0;
  [[nodiscard]] virtual Result<LogFacts> log_facts() const = 0;
  /// Calls `visit` with the events at `ordinals` as they stand in the log and their places among
  /// `ordinals`. Errors: not_found for one that is not there.
  [[nodiscard]] virtual Result<void> originals(
      std::span<const std::uint32_t> ordinals,
      const std::function<void(std::size_t place, const Event& event)>& visit) const = 0;
  /// Events that somebody states through the API; durable and readable on return.
  [[nodiscard]] virtual Result<void> admit(EventBatch batch) const = 0;
  /// Takes a person out, for good. Errors: not_found.
  [[nodiscard]] virtual Result<EraseReport> erase(const std::string& id) const = 0;
  [[nodiscard]] virtual WorkReport work() const = 0;
  /// What was worked out last of everyone's needs; null before the first time.
  [[nodiscard]] virtual Result<std::shared_ptr<const NeedReport>> needs() const {
    return std::shared_ptr<const NeedReport>();
  }
  [[nodiscard]] virtual WorkReport needs_work() const { return {}; }
  /// As NeedDesk::rebuild() and cancel().
  [[nodiscard]] virtual Result<void> rebuild_needs(
      std::optional<std::uint32_t> /*horizon_days*/) const {
    return fail(ErrorCode::unavailable, "needs are not worked out here");
  }
  [[nodiscard]] virtual Result<bool> cancel_needs() const { return false; }
  /// Newest first.
  /// Of one file or door alone when `source` is not empty.
  [[nodiscard]] virtual Result<DeadLetterPage> dead_letters(std::uint64_t offset,
                                                            std::uint64_t limit,
                                                            const std::string& source) const = 0;
  /// By door, of those asked for.
  [[nodiscard]] virtual Result<std::map<std::string, DoorReport>> doors(
      const std::vector<std::string>& names) const = 0;
  /// Sends a refused event again, as it came or corrected. Errors: not_found; invalid when it is
  /// refused again, with the reason.
  [[nodiscard]] virtual Result<ImportReport> resend(std::uint64_t letter,
                                                    const Engine::KeyOfDoor& key_of_door,
                                                    std::optional<std::string> corrected) const = 0;
  /// What was decided about who is who, in the order of deciding.
  [[nodiscard]] virtual Result<std::vector<DecisionRecord>> decisions() const = 0;
  /// As Engine::decide().
  [[nodiscard]] virtual Result<DecisionReport> decide(const DecisionRequest& request) const = 0;
  [[nodiscard]] virtual Result<FitsReport> fits() const = 0;
  /// As FitDesk::ask() and FitDesk::cancel().
  [[nodiscard]] virtual Result<void> fit(const FitRequest& request) const = 0;
  [[nodiscard]] virtual Result<bool> stop_fit() const = 0;
  /// What comes through the doors, beginning with what came lately; at most `notes_most` are held.
  [[nodiscard]] virtual Result<std::shared_ptr<LiveFeed::Watcher>> watch(
      std::size_t notes_most) const = 0;
  /// Read-only, within limits of time and memory. Errors: invalid with the reason;
  /// overloaded when it took too much. With `masking`, without personal data.
  [[nodiscard]] virtual Result<SqlAnswer> sql(const std::string& query, std::uint64_t rows_most,
                                              const Masking* masking) const = 0;
};

}  // namespace guanxi::api
