#include <algorithm>
#include <future>

#include "engine/core.hpp"
#include "events/decode.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kFirstRefused = 20;

// Through the door, and back when it can be read.
Result<ImportReport> take_in(EngineCore& core, DoorTicket ticket) {
  ImportReport report;
  report.rows = ticket.admission.batch.size();
  report.events = report.rows;
  const std::vector<Refusal>& refused = ticket.admission.refused;
  report.first_refused.assign(
      refused.begin(),
      refused.begin() + static_cast<std::ptrdiff_t>(std::min(refused.size(), kFirstRefused)));
  report.refused = report.refused_kept = refused.size();
  const std::int64_t began_ns = core.clock.monotonic_ns();
  std::promise<std::optional<Error>> promise;
  ticket.admission.done = [&promise](const Result<Admitted>& admitted) {
    if (!admitted) {
      promise.set_value(admitted.error());
    }
  };
  ticket.applied = [&](const Admitted& admitted, std::uint64_t nobody) {
    report.added = admitted.added;
    report.repeated = admitted.repeated;
    report.conflicting = admitted.conflicting;
    report.erased = admitted.erased;
    report.nobody = nobody;
    promise.set_value(std::nullopt);
  };
  GUANXI_TRY_VOID(core.door->submit(std::move(ticket), false));
  if (const auto error = promise.get_future().get()) {
    return Unexpected{*error};
  }
  report.seconds = static_cast<double>(core.clock.monotonic_ns() - began_ns) / 1e9;
  return report;
}

}  // namespace

Result<ImportReport> Engine::admit(EventBatch batch, std::vector<Refusal> refused) {
  GUANXI_TRY_VOID(core_->writable());
  DoorTicket ticket;
  ticket.admission.batch = std::move(batch);
  ticket.admission.refused = std::move(refused);
  return take_in(*core_, std::move(ticket));
}

Result<void> Engine::submit(Admission admission) {
  if (core_->door == nullptr) {
    return core_->writable();
  }
  DoorTicket ticket;
  ticket.admission = std::move(admission);
  return core_->door->submit(std::move(ticket), true);
}

void Engine::wait_applied() {
  if (core_->door != nullptr) {
    core_->door->wait_applied();
  }
}

const DoorFigures* Engine::door_figures() const {
  return core_->door == nullptr ? nullptr : &core_->door->figures();
}

std::map<std::string, Admitted> Engine::door_figures_today() const {
  const DoorFigures* const figures = door_figures();
  return figures == nullptr ? DoorFigures::ByDoor() : figures->by_door_on(core_->today());
}

std::size_t Engine::door_waiting_bytes() const {
  return core_->door == nullptr ? 0 : core_->door->held_bytes();
}

LiveFeed& Engine::feed() { return core_->feed; }

Result<ImportReport> Engine::resend(std::uint64_t letter_id, const KeyOfDoor& key_of_door,
                                    std::optional<std::string> corrected_json) {
  GUANXI_TRY_VOID(core_->writable());
  GUANXI_TRY(reader, core_->reader());
  GUANXI_TRY(letter, reader.dead_letter(letter_id));
  if (!letter) {
    return fail(ErrorCode::not_found, "there is no dead letter " + std::to_string(letter_id));
  }
  const std::string& json = corrected_json ? *corrected_json : letter->original;
  if (json.find_first_of("{[") != json.find_first_not_of(" \t\r\n")) {
    return fail(ErrorCode::invalid,
                "dead letter " + std::to_string(letter_id) + " is a row of '" + letter->source +
                    "', which cannot be read without its file; correct the file and import it "
                    "again, or give the event as JSON");
  }
  EventBatch batch;
  std::vector<Refusal> refused;
  Decoder decoder;
  DecodeContext context;
  const std::string source_key = key_of_door(letter->source);
  context.source = letter->source;
  context.source_key = source_key;
  context.line = letter->line;
  context.received_at = letter->received_at;
  {
    const std::shared_lock lock(core_->image_mutex);
    context.default_currency = core_->brand;
    context.zone = &core_->model->zone;
    decoder.decode_json(json, context, batch, refused);
  }
  if (!refused.empty()) {
    return fail(ErrorCode::invalid, "dead letter " + std::to_string(letter_id) +
                                        " is refused again: " + refused.front().field + ": " +
                                        refused.front().reason);
  }
  DoorTicket ticket;
  ticket.admission.batch = std::move(batch);
  ticket.admission.door = letter->source;
  ticket.resent_letter = letter_id;
  return take_in(*core_, std::move(ticket));
}

}  // namespace guanxi
