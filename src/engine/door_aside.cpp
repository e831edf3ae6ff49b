#include <algorithm>
#include <map>
#include <utility>

#include "engine/core.hpp"

namespace guanxi {
namespace {

constexpr std::uint64_t kEventsBroughtBack = 16'384;

}  // namespace

// A work has the log: what came is kept in it as it came, and looked at when the work is over.
void Door::put_aside(DoorGroup group) {
  if (auto written = write_aside(group); !written) {
    fail_group(std::move(group), Error{ErrorCode::unavailable, written.error().message});
    return;
  }
  carried_.clear();
  for (std::size_t t = 0; t < group.tickets.size(); ++t) {
    const Admission& admission = group.tickets[t].admission;
    if (admission.done) {
      Admitted admitted;
      admitted.added = admission.batch.size();
      admitted.refused = admission.refused.size();
      admission.done(admitted);
    }
  }
  release(group);
}

Result<void> Door::write_aside(const DoorGroup& group) {
  EventLog::Aside aside;
  std::map<std::string, std::vector<Event>> by_door;
  std::uint64_t refused = 0;
  for (const DoorTicket& ticket : group.tickets) {
    const Admission& admission = ticket.admission;
    auto& events = by_door[admission.door];
    events.insert(events.end(), admission.batch.events.begin(), admission.batch.events.end());
    for (const Refusal& refusal : admission.refused) {
      aside.letters.push_back(letter_of(refusal, core_.clock.now()));
      ++refused;
    }
    aside.settings.insert(aside.settings.end(), admission.settings.begin(),
                          admission.settings.end());
  }
  for (const auto& [door, events] : by_door) {
    for (std::size_t at = 0; at < events.size(); at += kEncodedBatchMost) {
      const auto part =
          std::span(events).subspan(at, std::min(kEncodedBatchMost, events.size() - at));
      GUANXI_TRY(packed, pack_events(part));
      aside.events.emplace_back(door, std::move(packed));
    }
  }
  aside.letters.insert(aside.letters.end(), carried_.begin(), carried_.end());
  if (refused > 0) {
    aside.counts.emplace_back(kDoorRefusedSetting, refused);
  }
  GUANXI_TRY_VOID(core_.log->put_aside(aside));
  waiting_rows_ += aside.events.size();
  return {};
}

// Admits what waits, as far as no work has the log.
void Door::bring_back() {
  while (waiting_rows_ > 0 && try_lock()) {
    Result<DoorGroup> group = read_waiting();
    if (!group) {
      core_.writer.unlock();
      refuse(Error{ErrorCode::unavailable, group.error().message});
      waiting_rows_ = 0;
      return;
    }
    const std::size_t rows = group->tickets.size();
    sort_out(*group);
    // What was left out of the events may still stand in the rows that they waited in.
    const bool erased = !core_.erased.empty();
    if (const auto written = write(*group); !written) {
      not_logged(std::move(*group), Error{ErrorCode::unavailable, written.error().message});
      return;
    }
    logged(std::move(*group));
    if (erased) {
      // The row is gone, its bytes may still stand in the WAL.
      static_cast<void>(core_.log->scrub());
    }
    const std::uint64_t left = waiting_rows_.load();
    waiting_rows_ = rows == 0 ? 0 : left - std::min<std::uint64_t>(rows, left);
    finished_more_.notify_all();
  }
}

Result<DoorGroup> Door::read_waiting() {
  GUANXI_TRY(reader, core_.reader());
  GUANXI_TRY(rows, reader.waiting(kEventsBroughtBack));
  DoorGroup group;
  for (WaitingEvents& row : rows) {
    DoorTicket ticket;
    ticket.waiting_row = row.id;
    ticket.admission.door = row.door;
    GUANXI_TRY_VOID(adopt_batch(std::move(row.payload), ticket.admission.batch));
    group.tickets.push_back(std::move(ticket));
  }
  group.admitted.resize(group.tickets.size());
  group.nobody.resize(group.tickets.size());
  const std::lock_guard lock(mutex_);
  submitted_ += group.tickets.size();
  return group;
}

}  // namespace guanxi
