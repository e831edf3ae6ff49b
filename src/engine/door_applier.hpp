#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/compactor.hpp"
#include "engine/live.hpp"
#include "eventlog/records.hpp"

namespace guanxi {

struct EngineCore;
struct ImportReport;

/// One request on its way through the door.
struct DoorTicket {
  Admission admission;
  std::size_t bytes = 0;
  std::uint64_t waiting_row = 0;    ///< of the log's waiting events, which it was; 0 none
  std::uint64_t resent_letter = 0;  ///< a dead letter to be marked as sent again; 0 none
  std::function<void(const Admitted&, std::uint64_t nobody)> applied;  ///< once it can be read
};

/// An event that the door knew or did not want.
struct DoorTurnedAway {
  std::uint32_t ticket = 0;
  Event event;
  LiveNote::Outcome outcome = LiveNote::Outcome::repeated;
};

/// Requests that are logged together.
///
/// Place       Made by the logging thread of Door, moved to its applying thread.
/// Invariants  ticket_of[i] is the ticket of events[i]; texts live in the tickets' batches.
/// Threads     One owner at a time.
struct DoorGroup {
  std::vector<DoorTicket> tickets;
  std::vector<Admitted> admitted;  ///< by ticket
  std::vector<std::uint64_t> nobody;
  std::vector<Event> events;  ///< as logged
  std::vector<std::uint32_t> ticket_of;
  std::vector<DoorTurnedAway> turned_away;
  std::uint64_t first_ordinal = 0;
};

/// Puts logged groups into the image and tells whoever watches.
///
/// Place       Owned by Door, on its applying thread.
/// Invariants  Locks the image for a run of some hundred events at a time.
/// Threads     One owner.
class DoorApplier {
 public:
  explicit DoorApplier(EngineCore& core) : core_(core) {}

  /// Returns letters for what turned out to conflict with what the image knew.
  [[nodiscard]] std::vector<DeadLetter> apply(DoorGroup& group);
  /// Whether keep_up() has something to do; known since the last call.
  [[nodiscard]] bool due() const { return day_due_ || calibration_due_ || reload_due_; }
  /// Whether it would do so now: it rests for ten times as long as it took.
  [[nodiscard]] bool ripe() const;
  /// Folds everyone through the day of the last event; calibrates the model when a kind comes that
  /// was never seen, a day has closed, or as many events have come as there were.
  /// Does not when that was done a moment ago and took long, unless `urgent`.
  /// REQUIRES core.writer held, and all that is logged applied.
  void keep_up(bool urgent);
  /// The same while the door goes on logging. False: keep_up() must do it. REQUIRES no work can
  /// begin.
  [[nodiscard]] bool keep_up_beside(const std::function<bool()>& take_writer);

 private:
  struct Upkeep {
    std::int64_t took_ns = 0;
    std::int64_t ended_ns = 0;
  };
  void fold_through(Day day, bool urgent);
  void calibrate();
  void calibrated(std::int64_t began_ns);
  void look_what_is_due();
  void apply_run(DoorGroup& group, std::size_t at, std::size_t size, LiveNote* note);
  [[nodiscard]] bool is_long(const Event& event) const;
  void count_outcomes(DoorGroup& group, std::size_t at);
  void refresh();
  [[nodiscard]] bool rested(const Upkeep& upkeep, bool urgent) const;
  [[nodiscard]] bool may_tell();
  void tell_turned_away(const DoorGroup& group);

  EngineCore& core_;
  PeopleFinder finder_;
  std::optional<Compactor> compactor_;
  std::uint64_t works_seen_ = 0;
  std::vector<CompactEvent> compacts_;
  std::vector<PersonRef> people_;
  std::vector<CompactEvent> of_people_;
  std::vector<std::size_t> places_;  ///< by of_people_: which of the run
  std::vector<Added> outcomes_;
  std::vector<DeadLetter> letters_;
  bool day_due_ = false;
  bool calibration_due_ = false;
  bool reload_due_ = false;  ///< people could not be settled
  bool day_closed_ = false;  ///< since the last calibration
  std::uint64_t kinds_ = 0;  ///< seen since the last calibration
  std::uint64_t calibrated_events_ = 0;
  std::uint64_t applied_events_ = 0;
  Upkeep day_;
  Upkeep calibration_;
  double tells_ = 0;
  std::int64_t tells_at_ns_ = 0;
};

[[nodiscard]] DeadLetter letter_of(const Refusal& refusal, Instant now);
/// A letter for an event whose identity came before with other content.
[[nodiscard]] DeadLetter conflict_letter(const Event& event, const std::string& door, Instant now);

}  // namespace guanxi
