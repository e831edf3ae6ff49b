#include "engine/door.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/core.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kGroupEvents = 16'384;
constexpr std::size_t kFetchedAhead = 64;
constexpr std::size_t kTicketBytes = 512;  // what a request without events costs
constexpr std::uint64_t kOrdinalsMost = UINT32_MAX;
constexpr auto kYield = std::chrono::microseconds(100);
constexpr auto kPatience = std::chrono::milliseconds(20);  // with a work that may be over soon
constexpr auto kLookAgain = std::chrono::milliseconds(5);
constexpr auto kUpkeepPatience = std::chrono::milliseconds(20);
constexpr auto kUpkeepAgain = std::chrono::milliseconds(50);

std::size_t bytes_of(const Admission& admission) {
  std::size_t bytes = kTicketBytes + admission.batch.bytes();
  for (const Refusal& refusal : admission.refused) {
    bytes += sizeof(Refusal) + refusal.original.size() + refusal.reason.size();
  }
  for (const auto& [key, value] : admission.settings) {
    bytes += key.size() + value.size();
  }
  return bytes;
}

// Whatever the log says: for a door it is that nothing can be taken now.
Error as_unavailable(const Error& error) { return Error{ErrorCode::unavailable, error.message}; }

// What may be shown of an event whose person was erased.
Event nameless(const Event& event) {
  Event out;
  out.kind = event.kind;
  out.occurred_at = event.occurred_at;
  out.received_at = event.received_at;
  return out;
}

}  // namespace

Door::Door(EngineCore& core, std::uint64_t waiting)
    : core_(core),
      bytes_most_(core.options.door_bytes_most),
      applier_(core),
      waiting_rows_(waiting),
      logging_([this] { log_groups(); }),
      applying_thread_([this] { apply_groups(); }) {}

Door::~Door() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_all();
  logging_.join();
  {
    const std::lock_guard lock(groups_mutex_);
    no_more_groups_ = true;
  }
  groups_filled_.notify_all();
  applying_thread_.join();
}

Result<void> Door::submit(DoorTicket ticket, bool limited) {
  ticket.bytes = bytes_of(ticket.admission);
  {
    const std::lock_guard lock(mutex_);
    if (refusing_) {
      return Unexpected{*refusing_};
    }
    if (stopping_) {
      return fail(ErrorCode::unavailable, "the server is stopping");
    }
    // One that is larger than all the room is taken when nothing else is there, or it never would
    // be.
    const bool no_room = (held_bytes_ > 0 && held_bytes_ + ticket.bytes > bytes_most_) ||
                         (queued_bytes_ > 0 && queued_bytes_ + ticket.bytes > queued_bytes_most_);
    if (limited && no_room) {
      return fail(ErrorCode::overloaded,
                  "more comes than can be written: try again in a few seconds");
    }
    held_bytes_ += ticket.bytes;
    queued_bytes_ += ticket.applied ? 0 : ticket.bytes;
    ++submitted_;
    (ticket.applied ? patient_ : queue_).push_back(std::move(ticket));
  }
  filled_.notify_one();
  return {};
}

void Door::settle() {
  std::unique_lock lock(groups_mutex_);
  groups_idle_.wait(lock, [this] { return groups_.empty() && !applying_; });
}

void Door::wait_applied() {
  std::unique_lock lock(mutex_);
  finished_more_.wait(lock, [&] { return waiting_rows_ == 0 || refusing_; });
  const std::uint64_t until = submitted_;
  finished_more_.wait(lock, [&] { return finished_ >= until; });
  lock.unlock();
  std::unique_lock groups_lock(groups_mutex_);
  ++impatient_;
  groups_filled_.notify_one();
  groups_idle_.wait(groups_lock, [this] { return !upkeep_due_; });
  --impatient_;
}

void Door::log_groups() {
  for (;;) {
    std::unique_lock lock(mutex_);
    const auto filled = [this] {
      return !queue_.empty() || !letters_.empty() || !patient_.empty() || stopping_;
    };
    if (waiting_rows_ > 0 || !patient_.empty()) {
      filled_.wait_for(lock, kLookAgain, [this] { return !queue_.empty() || stopping_; });
    } else {
      filled_.wait(lock, filled);
    }
    if (queue_.empty() && patient_.empty() && letters_.empty() && stopping_) {
      return;
    }
    const bool letters = !letters_.empty();
    DoorGroup quick = take_group(queue_);
    std::size_t bytes = 0;
    for (const DoorTicket& ticket : quick.tickets) {
      bytes += ticket.bytes;
    }
    queued_bytes_ -= bytes;
    lock.unlock();
    if (!quick.tickets.empty() || letters) {
      const std::int64_t began_ns = core_.clock.monotonic_ns();
      log(std::move(quick));
      learn_rate(bytes, core_.clock.monotonic_ns() - began_ns);
    } else {
      bring_back();
    }
    log_patient();
  }
}

// How much may wait, so that nobody waits long: what is written in that time, beside what a sync
// takes. Only groups of some size tell how fast that goes; before one came, little is refused.
void Door::learn_rate(std::size_t bytes, std::int64_t took_ns) {
  constexpr std::size_t kTelling = std::size_t{256} << 10U;
  if (bytes == 0 || took_ns <= 0) {
    return;
  }
  const double took_ms = static_cast<double>(took_ns) / 1e6;
  const double rate = static_cast<double>(bytes) / took_ms;
  least_ms_ =
      least_ms_ == 0 || took_ms < least_ms_ ? took_ms : least_ms_ + (took_ms - least_ms_) * 0.01;
  if (bytes >= kTelling) {
    bytes_per_ms_ = bytes_per_ms_ == 0 ? rate : bytes_per_ms_ * 0.8 + rate * 0.2;
  } else if (bytes_per_ms_ == 0) {
    return;
  }
  bytes_per_ms_ = std::max(bytes_per_ms_, rate);
  const double wait_ms = core_.options.door_wait_ms_most + least_ms_ * 2;
  const std::lock_guard lock(mutex_);
  queued_bytes_most_ = std::max(kTelling, static_cast<std::size_t>(bytes_per_ms_ * wait_ms));
}

DoorGroup Door::take_group(std::vector<DoorTicket>& queue) {
  DoorGroup group;
  std::size_t events = 0;
  std::size_t taken = 0;
  while (taken < queue.size() && events < kGroupEvents) {
    events += queue[taken++].admission.batch.size();
  }
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(taken);
  group.tickets.assign(std::make_move_iterator(queue.begin()), std::make_move_iterator(end));
  queue.erase(queue.begin(), end);
  carried_.insert(carried_.end(), std::make_move_iterator(letters_.begin()),
                  std::make_move_iterator(letters_.end()));
  letters_.clear();
  group.events.reserve(events);
  group.ticket_of.reserve(events);
  group.admitted.resize(group.tickets.size());
  group.nobody.resize(group.tickets.size());
  return group;
}

// True with the log for one group; false when a work has it and will have it for a while.
bool Door::try_lock() {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!core_.writer.try_lock_for_group()) {
    if (work_is_long_ || std::chrono::steady_clock::now() > until) {
      work_is_long_ = true;
      return false;
    }
    std::this_thread::sleep_for(kYield);
  }
  work_is_long_ = false;
  return true;
}

void Door::log(DoorGroup group) {
  bring_back();
  if (waiting_rows_ > 0 || !try_lock()) {
    put_aside(std::move(group));
    return;
  }
  log_held(std::move(group));
}

// Who waits to read what they sent waits for the work that has the log.
void Door::log_patient() {
  std::unique_lock lock(mutex_);
  if (patient_.empty() || waiting_rows_ > 0) {
    return;
  }
  lock.unlock();
  if (!try_lock()) {
    return;
  }
  lock.lock();
  DoorGroup group = take_group(patient_);
  lock.unlock();
  log_held(std::move(group));
}

void Door::log_held(DoorGroup group) {
  sort_out(group);
  const Result<void> written = write(group);
  if (written) {
    logged(std::move(group));
  } else {
    not_logged(std::move(group), as_unavailable(written.error()));
  }
}

// Which events are new, and what becomes of the others.
void Door::sort_out(DoorGroup& group) {
  const Instant now = core_.clock.now();
  found_.clear();
  std::size_t fetched = 0;  // tickets whose identities are asked for ahead
  std::size_t ahead = 0;
  for (std::uint32_t t = 0; t < group.tickets.size(); ++t) {
    for (; fetched < group.tickets.size() && ahead < kFetchedAhead; ++fetched) {
      const EventBatch& batch = group.tickets[fetched].admission.batch;
      for (const Event& event : batch.events) {
        core_.recent.prefetch(event.id_hash);
      }
      ahead += batch.size();
    }
    ahead -= group.tickets[t].admission.batch.size();
    Admission& admission = group.tickets[t].admission;
    Admitted& admitted = group.admitted[t];
    admitted.refused = admission.refused.size();
    for (Event& event : admission.batch.events) {
      bool blanked = false;
      if (!core_.erased.empty()) {
        if (core_.erased.concerns(event)) {
          ++admitted.erased;
          group.turned_away.push_back({t, nameless(event), LiveNote::Outcome::erased});
          continue;
        }
        blanked = core_.erased.blank(event) > 0;
      }
      auto seen = core_.recent.see(event.id_hash, content_of(event), now);
      if (blanked && seen == RecentIds::Seen::conflicting) {
        seen = RecentIds::Seen::repeated;  // it is known with the name that it came with before
      }
      switch (seen) {
        case RecentIds::Seen::fresh:
          ++admitted.added;
          group.events.push_back(event);
          group.ticket_of.push_back(t);
          break;
        case RecentIds::Seen::repeated:
          ++admitted.repeated;
          group.turned_away.push_back({t, event, LiveNote::Outcome::repeated});
          break;
        case RecentIds::Seen::conflicting:
          ++admitted.conflicting;
          group.turned_away.push_back({t, event, LiveNote::Outcome::conflicting});
          found_.push_back(conflict_letter(event, admission.door, now));
          break;
      }
    }
  }
}

Result<void> Door::write(DoorGroup& group) {
  GUANXI_TRY_VOID(core_.writable());
  group.first_ordinal = core_.ordinals.total();
  if (group.first_ordinal + group.events.size() > kOrdinalsMost) {
    return fail(ErrorCode::unavailable, "the log is full: it holds 4,294,967,295 events");
  }
  GUANXI_TRY_VOID(write_events(group));
  GUANXI_TRY_VOID(write_letters(group));
  for (const DoorTicket& ticket : group.tickets) {
    for (const auto& [key, value] : ticket.admission.settings) {
      GUANXI_TRY_VOID(core_.log->put_setting(key, value));
    }
    if (ticket.waiting_row != 0) {
      GUANXI_TRY_VOID(core_.log->remove_waiting(ticket.waiting_row));
    }
    if (ticket.resent_letter != 0) {
      GUANXI_TRY_VOID(core_.log->mark_resent(ticket.resent_letter, core_.clock.now()));
    }
  }
  const std::int64_t began_ns = core_.clock.monotonic_ns();
  Result<void> committed = core_.log->commit();
  figures_.sync_seconds.observe(static_cast<double>(core_.clock.monotonic_ns() - began_ns) / 1e9);
  return committed;
}

Result<void> Door::write_events(const DoorGroup& group) {
  const std::span<const Event> events(group.events);
  for (std::size_t at = 0; at < events.size(); at += kEncodedBatchMost) {
    const auto part = events.subspan(at, std::min(kEncodedBatchMost, events.size() - at));
    GUANXI_TRY(packed, pack_events(part));
    GUANXI_TRY_VOID(core_.log->append(packed));
  }
  if (!core_.brand.named() && !events.empty()) {
    CurrencyCounts counts;
    count_currencies(events, counts);
    const Currency main = main_currency(counts);
    if (main.named()) {
      GUANXI_TRY_VOID(core_.log->put_setting(kCurrencySetting, main.text()));
      const std::unique_lock lock(core_.image_mutex);
      core_.brand = main;
      core_.refresh_habits();
    }
  }
  return {};
}

Result<void> Door::write_letters(const DoorGroup& group) {
  std::uint64_t refused = 0;
  for (const DoorTicket& ticket : group.tickets) {
    for (const Refusal& refusal : ticket.admission.refused) {
      ++refused;
      GUANXI_TRY_VOID(core_.log->add_dead_letter(kept_letter(core_, refusal)));
    }
  }
  for (const auto* letters : {&found_, &carried_}) {
    for (const DeadLetter& letter : *letters) {
      GUANXI_TRY_VOID(core_.log->add_dead_letter(letter));
    }
  }
  if (refused == 0) {
    return {};
  }
  return core_.log->add_to_setting(kDoorRefusedSetting, refused);
}

// Hands the group on and answers. The order matters: what is answered may be asked for at once.
void Door::logged(DoorGroup group) {
  carried_.clear();
  for (std::size_t at = 0; at < group.events.size(); at += kEncodedBatchMost) {
    core_.ordinals.add(std::min(kEncodedBatchMost, group.events.size() - at));
  }
  count_currencies(group.events, core_.currencies);
  figures_.group_events.observe(static_cast<double>(group.events.size()));
  std::vector<std::pair<std::function<void(const Result<Admitted>&)>, Admitted>> answers;
  answers.reserve(group.tickets.size());
  const Day today = core_.today();
  for (std::size_t t = 0; t < group.tickets.size(); ++t) {
    figures_.count(group.tickets[t].admission.door, group.admitted[t], today);
    answers.emplace_back(std::move(group.tickets[t].admission.done), group.admitted[t]);
  }
  {
    const std::lock_guard lock(groups_mutex_);
    groups_.push_back(std::move(group));
  }
  core_.writer.unlock();
  groups_filled_.notify_one();
  for (const auto& [done, admitted] : answers) {
    if (done) {
      done(admitted);
    }
  }
}

void Door::not_logged(DoorGroup group, const Error& error) {
  core_.log->rollback();
  figures_.groups_failed.add();
  for (const Event& event : group.events) {
    core_.recent.forget(event.id_hash);
  }
  core_.writer.unlock();
  fail_group(std::move(group), error);
}

void Door::fail_group(DoorGroup group, const Error& error) {
  if (const auto failure = core_.log->failure()) {
    refuse(as_unavailable(*failure));
  }
  for (const DoorTicket& ticket : group.tickets) {
    if (ticket.admission.done) {
      ticket.admission.done(Unexpected{error});
    }
  }
  release(group);
}

void Door::refuse(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    refusing_ = error;
  }
  finished_more_.notify_all();
}

void Door::release(const DoorGroup& group) {
  std::size_t bytes = 0;
  for (const DoorTicket& ticket : group.tickets) {
    bytes += ticket.bytes;
  }
  {
    const std::lock_guard lock(mutex_);
    held_bytes_ -= bytes;
    finished_ += group.tickets.size();
  }
  finished_more_.notify_all();
}

void Door::apply_groups() {
  std::vector<DoorGroup> applied;
  while (wait_for_groups()) {
    bool more = apply_one(applied);
    do {
      if (applier_.due()) {
        const bool awaited =
            !applied.empty() &&
            std::any_of(applied.front().tickets.begin(), applied.front().tickets.end(),
                        [](const DoorTicket& ticket) { return ticket.applied != nullptr; });
        keep_up(awaited, applied);
      }
      for (DoorGroup& group : applied) {
        finish(group);
      }
      applied.clear();
      more = more && apply_one(applied);
    } while (more);
  }
}

// False when none will come any more.
bool Door::wait_for_groups() {
  std::unique_lock lock(groups_mutex_);
  upkeep_due_ = applier_.due();
  groups_idle_.notify_all();
  const auto filled = [this] {
    return !groups_.empty() || no_more_groups_ || (upkeep_due_ && impatient_ > 0);
  };
  if (upkeep_due_) {
    groups_filled_.wait_for(lock, kUpkeepAgain, filled);
  } else {
    groups_filled_.wait(lock, filled);
  }
  return !groups_.empty() || !no_more_groups_;
}

// False when no group waits. While one is being applied no work can begin.
bool Door::apply_one(std::vector<DoorGroup>& applied) {
  DoorGroup group;
  {
    const std::lock_guard lock(groups_mutex_);
    if (groups_.empty()) {
      return false;
    }
    group = std::move(groups_.front());
    groups_.pop_front();
    applying_ = true;
  }
  std::vector<DeadLetter> letters = applier_.apply(group);
  {
    const std::lock_guard lock(groups_mutex_);
    applying_ = false;
    upkeep_due_ = applier_.due();
  }
  groups_idle_.notify_all();
  if (!letters.empty()) {
    const std::lock_guard lock(mutex_);
    letters_.insert(letters_.end(), std::make_move_iterator(letters.begin()),
                    std::make_move_iterator(letters.end()));
    filled_.notify_one();
  }
  applied.push_back(std::move(group));
  return true;
}

// Closes days and calibrates, when nobody else works; the next round tries again otherwise.
void Door::keep_up(bool urgent, std::vector<DoorGroup>& applied) {
  {
    const std::lock_guard lock(groups_mutex_);
    urgent = urgent || impatient_ > 0;
  }
  if (urgent || (applier_.ripe() && !keep_up_beside())) {
    keep_up_alone(urgent, applied);
  }
}

bool Door::take_writer(const std::function<bool()>& attempt) {
  core_.writer.want(true);
  const auto until = std::chrono::steady_clock::now() + kUpkeepPatience;
  bool held = attempt();
  while (!held && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kYield);
    held = attempt();
  }
  core_.writer.want(false);
  return held;
}

// While requests go on being logged. Works wait, as while a group is applied.
bool Door::keep_up_beside() {
  const auto take = [this] {
    return take_writer([this] { return core_.writer.try_lock_for_step(); });
  };
  if (!take()) {
    return true;
  }
  {
    const std::lock_guard lock(groups_mutex_);
    applying_ = true;
  }
  core_.writer.unlock();
  const bool done = applier_.keep_up_beside(take);
  {
    const std::lock_guard lock(groups_mutex_);
    applying_ = false;
    upkeep_due_ = applier_.due();
  }
  groups_idle_.notify_all();
  return done;
}

// With the log held, and all that it holds applied.
void Door::keep_up_alone(bool urgent, std::vector<DoorGroup>& applied) {
  if (!take_writer([this] { return core_.writer.try_lock_for_upkeep(); })) {
    return;
  }
  while (apply_one(applied)) {
  }
  applier_.keep_up(urgent);
  core_.writer.unlock();
}

void Door::finish(DoorGroup& group) {
  for (std::size_t t = 0; t < group.tickets.size(); ++t) {
    if (group.tickets[t].applied) {
      group.tickets[t].applied(group.admitted[t], group.nobody[t]);
    }
  }
  release(group);
}

}  // namespace guanxi
