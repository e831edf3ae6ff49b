#include "engine/door_applier.hpp"

#include <algorithm>

#include "engine/core.hpp"
#include "events/event_json.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kRunEvents = 512;
constexpr std::int64_t kRestFactor = 10;   // upkeep takes a tenth of the time at most
constexpr double kToldPerSecond = 2'000;   // to whoever watches
constexpr double kKeptPerSecond = 200;     // when nobody does
constexpr std::size_t kReadingMost = 512;  // longer timelines are not folded for a note

LiveNote note_of(const Event& event, const std::string& door, LiveNote::Outcome outcome) {
  LiveNote note;
  note.outcome = outcome;
  note.door = door;
  note.kind = event.kind;
  note.name = event.name;
  note.message_id = event.message_id;
  note.person = event.person.value.empty() ? std::string() : to_string(event.person);
  note.subject = event.subject;
  note.order_id = event.order_id;
  note.amount_minor = event.amount_minor;
  note.currency = event.currency;
  note.occurred_at = event.occurred_at;
  note.received_at = event.received_at;
  return note;
}

LiveNote note_of(const Refusal& refusal, const std::string& door, Instant now) {
  LiveNote note;
  note.outcome = LiveNote::Outcome::refused;
  note.door = door;
  note.field = refusal.field;
  note.reason = refusal.reason;
  note.received_at = now;
  return note;
}

std::optional<Reading> reading_of(const Image& image, PersonRef person) {
  const std::span<const CompactEvent> events = image.timeline(person);
  if (!image.folded() || events.size() > kReadingMost) {
    return std::nullopt;
  }
  FoldMemory memory;
  return fold_reading(events, image.model(), image.as_of(), memory);
}

}  // namespace

DeadLetter letter_of(const Refusal& refusal, Instant now) {
  return DeadLetter{.received_at = now,
                    .source = refusal.source,
                    .line = refusal.line,
                    .field = refusal.field,
                    .reason = refusal.reason,
                    .original = refusal.original};
}

DeadLetter conflict_letter(const Event& event, const std::string& door, Instant now) {
  return DeadLetter{.received_at = now,
                    .source = door,
                    .line = event.line,
                    .field = "messageId",
                    .reason =
                        "an event with this message id came before and said something else; "
                        "the first one stays; valid: a new message id for every event",
                    .original = event_json(event)};
}

// After a work the dictionary may have been emptied and the brand's currency be another.
void DoorApplier::refresh() {
  const std::uint64_t works = core_.writer.works();
  if (!compactor_) {
    calibrated_events_ = core_.image->events() + core_.image->nobody_events();
  }
  if (!compactor_ || works != works_seen_) {
    compactor_.emplace(core_.image->subjects(), Currency{});
    works_seen_ = works;
  }
  const std::shared_lock lock(core_.image_mutex);
  compactor_->set_brand(core_.brand);
}

bool DoorApplier::may_tell() {
  const double rate = core_.feed.watched() ? kToldPerSecond : kKeptPerSecond;
  const std::int64_t now_ns = core_.clock.monotonic_ns();
  const double passed = static_cast<double>(now_ns - tells_at_ns_) / 1e9;
  tells_ = std::min(rate / 5, tells_ + passed * rate);
  tells_at_ns_ = now_ns;
  if (tells_ < 1) {
    return false;
  }
  tells_ -= 1;
  return true;
}

std::vector<DeadLetter> DoorApplier::apply(DoorGroup& group) {
  refresh();
  letters_.clear();
  std::int64_t latest_s = 0;
  for (const Event& event : group.events) {
    if (!event.person.value.empty()) {
      latest_s = std::max(latest_s, event.occurred_at.seconds);
    }
  }
  if (core_.image->folded() && latest_s > 0 &&
      core_.model->zone.day_of(Instant{latest_s}) > core_.image->as_of()) {
    fold_through(core_.model->zone.day_of(Instant{latest_s}), false);
  }
  std::uint64_t skipped = 0;
  for (std::size_t at = 0; at < group.events.size();) {
    if (may_tell()) {
      LiveNote note = note_of(group.events[at], group.tickets[group.ticket_of[at]].admission.door,
                              LiveNote::Outcome::added);
      // By itself, to tell what it changed; with others where that would cost a long fold.
      const std::size_t size =
          is_long(group.events[at]) ? std::min(kRunEvents, group.events.size() - at) : 1;
      apply_run(group, at, size, &note);
      core_.feed.publish(std::move(note));
      skipped += size - 1;
      at += size;
    } else {
      const std::size_t size = std::min(kRunEvents, group.events.size() - at);
      apply_run(group, at, size, nullptr);
      skipped += size;
      at += size;
    }
  }
  core_.feed.skip(skipped);
  tell_turned_away(group);
  look_what_is_due();
  return std::move(letters_);
}

bool DoorApplier::is_long(const Event& event) const {
  if (event.person.value.empty()) {
    return false;
  }
  const auto person = core_.image->find(event.person);
  return person && core_.image->timeline(*person).size() > kReadingMost;
}

void DoorApplier::apply_run(DoorGroup& group, std::size_t at, std::size_t size, LiveNote* note) {
  const std::span<const Event> events = std::span<const Event>(group.events).subspan(at, size);
  compacts_.clear();
  compactor_->compact_all(events, static_cast<std::uint32_t>(group.first_ordinal + at), nullptr,
                          compacts_);
  people_.clear();
  of_people_.clear();
  places_.clear();
  const std::unique_lock lock(core_.image_mutex);
  Image& image = *core_.image;
  const auto refs = finder_.people_of(image, events);
  outcomes_.assign(size, Added::added);
  for (std::size_t i = 0; i < size; ++i) {
    if (refs[i] == PeopleFinder::kNobodyRef) {
      outcomes_[i] = image.add_nobody(compacts_[i]);
      ++group.nobody[group.ticket_of[at + i]];
    } else {
      people_.push_back(refs[i]);
      of_people_.push_back(compacts_[i]);
      places_.push_back(i);
      kinds_ |= std::uint64_t{1} << static_cast<unsigned>(events[i].kind);
    }
  }
  std::vector<Added> of_people(people_.size());
  const bool reading = note != nullptr && size == 1 && !people_.empty();
  const std::optional<Reading> before = reading ? reading_of(image, people_[0]) : std::nullopt;
  image.add_all(people_, of_people_, of_people);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    outcomes_[places_[i]] = of_people[i];
  }
  if (note != nullptr) {
    note->ordinal = compacts_[0].ordinal();
    note->outcome = outcomes_[0] == Added::added       ? LiveNote::Outcome::added
                    : outcomes_[0] == Added::duplicate ? LiveNote::Outcome::repeated
                                                       : LiveNote::Outcome::conflicting;
    if (before) {
      note->before = *before;
      note->after = reading_of(image, people_[0]).value_or(*before);
      note->moved = true;
    }
  }
  if (image.people_unsettled() && !settle_people(core_, image, core_.ordinals, true)) {
    core_.image_doubtful = reload_due_ = true;  // the log could not be read just now
  }
  count_outcomes(group, at);
  core_.version.fetch_add(1);
}

// What only the image could know: the log holds it, and it counts for nothing.
void DoorApplier::count_outcomes(DoorGroup& group, std::size_t at) {
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    const std::uint32_t ticket = group.ticket_of[at + i];
    Admitted& admitted = group.admitted[ticket];
    if (outcomes_[i] == Added::added) {
      ++applied_events_;
      continue;
    }
    --admitted.added;
    if (group.events[at + i].person.value.empty()) {
      --group.nobody[ticket];
    }
    if (outcomes_[i] == Added::duplicate) {
      ++admitted.repeated;
    } else {
      ++admitted.conflicting;
      letters_.push_back(conflict_letter(group.events[at + i], group.tickets[ticket].admission.door,
                                         core_.clock.now()));
    }
  }
}

void DoorApplier::tell_turned_away(const DoorGroup& group) {
  std::uint64_t skipped = 0;
  for (const DoorTurnedAway& away : group.turned_away) {
    if (may_tell()) {
      core_.feed.publish(
          note_of(away.event, group.tickets[away.ticket].admission.door, away.outcome));
    } else {
      ++skipped;
    }
  }
  for (const DoorTicket& ticket : group.tickets) {
    for (const Refusal& refusal : ticket.admission.refused) {
      if (may_tell()) {
        core_.feed.publish(note_of(refusal, ticket.admission.door, core_.clock.now()));
      } else {
        ++skipped;
      }
    }
  }
  core_.feed.skip(skipped);
}

bool DoorApplier::rested(const Upkeep& upkeep, bool urgent) const {
  return urgent || core_.clock.monotonic_ns() - upkeep.ended_ns >= upkeep.took_ns * kRestFactor;
}

bool DoorApplier::ripe() const {
  return reload_due_ || (day_due_ && rested(day_, false)) ||
         (calibration_due_ && rested(calibration_, false));
}

void DoorApplier::look_what_is_due() {
  const Image& image = *core_.image;
  const bool any = image.folded() && image.events() > 0;
  day_due_ = any && core_.model->zone.day_of(image.last_event_at()) > image.as_of();
  calibration_due_ =
      any && !day_due_ &&
      (applied_events_ > calibrated_events_ || (day_closed_ && applied_events_ > 0) ||
       (kinds_ & ~core_.model->calibration.observed_kinds) != 0);
}

void DoorApplier::keep_up(bool urgent) {
  if (reload_due_ && reload(core_, "live")) {
    reload_due_ = false;
  }
  look_what_is_due();
  if (day_due_) {
    fold_through(core_.model->zone.day_of(core_.image->last_event_at()), urgent);
    look_what_is_due();
  }
  if (calibration_due_ && rested(calibration_, urgent)) {
    calibrate();
    look_what_is_due();
  }
}

void DoorApplier::fold_through(Day day, bool urgent) {
  if (!rested(day_, urgent)) {
    return;
  }
  const std::int64_t began_ns = core_.clock.monotonic_ns();
  {
    const std::unique_lock lock(core_.image_mutex);
    core_.image->refold(*core_.model, day, core_.threads);
    core_.version.fetch_add(1);
  }
  day_closed_ = true;
  day_.ended_ns = core_.clock.monotonic_ns();
  day_.took_ns = day_.ended_ns - began_ns;
}

bool DoorApplier::keep_up_beside(const std::function<bool()>& take_writer) {
  if (reload_due_) {
    return false;
  }
  look_what_is_due();
  if (day_due_) {
    fold_through(core_.model->zone.day_of(core_.image->last_event_at()), false);
    look_what_is_due();
  }
  if (!calibration_due_ || !rested(calibration_, false)) {
    return true;
  }
  const std::int64_t began_ns = core_.clock.monotonic_ns();
  const Result<Beside> settled = settle_beside(core_, "live", take_writer);
  if (settled && *settled == Beside::whole) {
    return false;
  }
  if (!settled || *settled == Beside::settled) {
    calibrated(began_ns);
  }
  look_what_is_due();
  return true;
}

void DoorApplier::calibrate() {
  const std::int64_t began_ns = core_.clock.monotonic_ns();
  // A log that refuses the step keeps the model as it was; the door meets the refusal itself.
  static_cast<void>(guanxi::settle(core_, "live"));
  calibrated(began_ns);
  day_ = calibration_;
}

void DoorApplier::calibrated(std::int64_t began_ns) {
  kinds_ = 0;
  day_closed_ = false;
  applied_events_ = 0;
  calibrated_events_ = core_.image->events() + core_.image->nobody_events();
  calibration_.ended_ns = core_.clock.monotonic_ns();
  calibration_.took_ns = calibration_.ended_ns - began_ns;
}

}  // namespace guanxi
