#include "api/live_stream.hpp"

#include <algorithm>
#include <array>

#include "api/shapes.hpp"

namespace guanxi::api {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kStillHereNs = 15 * kSecondNs;
constexpr std::array<std::string_view, 5> kOutcomes = {"added", "repeated", "conflicting", "erased",
                                                       "refused"};

bool holds(const std::vector<std::string>& list, std::string_view word) {
  return list.empty() || std::find(list.begin(), list.end(), word) != list.end();
}

void reading_field(JsonWriter& json, std::string_view name, const LiveNote& note,
                   const Reading& reading) {
  if (!note.moved) {
    json.field_null(name);
    return;
  }
  json.key(name).begin_object();
  reading_fields(json, reading);
  json.end_object();
}

void append_event(std::string& out, std::string_view name, const std::string& data) {
  out.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
}

}  // namespace

std::string_view name_of(LiveNote::Outcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}

bool LiveFilter::wants(const LiveNote& note) const {
  return holds(outcomes, name_of(note.outcome)) && holds(kinds, guanxi::name_of(note.kind)) &&
         (door.empty() || note.door == door) && (person.empty() || note.person == person);
}

void write_live_note(JsonWriter& json, const LiveNote& note) {
  json.begin_object().field("number", note.number).field("outcome", name_of(note.outcome));
  json.field("door", std::string_view(note.door)).field("kind", guanxi::name_of(note.kind));
  text_field(json, "name", note.name);
  text_field(json, "message_id", note.message_id);
  text_field(json, "person", note.person);
  text_field(json, "subject", note.subject);
  text_field(json, "order_id", note.order_id);
  json.field("amount_minor", within_json(note.amount_minor));
  json.key("currency");
  write_currency(json, note.currency);
  const auto moment = [&](std::string_view name, Instant instant) {
    moment_field(json, name, instant.seconds == 0 ? std::nullopt : std::optional<Instant>(instant));
  };
  moment("occurred_at", note.occurred_at);
  moment("received_at", note.received_at);
  if (note.outcome == LiveNote::Outcome::added) {
    json.field("ordinal", note.ordinal);
  } else {
    json.field_null("ordinal");
  }
  reading_field(json, "before", note, note.before);
  reading_field(json, "after", note, note.after);
  text_field(json, "field", note.field);
  text_field(json, "reason", note.reason);
  json.end_object();
}

// What came since the last time and is asked for; counts all of it.
LiveStream::Notes LiveStream::wanted() {
  std::uint64_t missed = 0;
  Notes notes = watcher_->take(0, missed);
  if (!notes.empty()) {
    first_ = first_ == 0 ? notes.front()->number : first_;
    arrived_ = notes.back()->number;
    count_changed_ = true;
  }
  missed_ = missed;
  std::erase_if(notes, [this](const auto& note) { return !filter_.wants(*note); });
  matched_ += notes.size();
  return notes;
}

void LiveStream::say_count(std::string& out, std::int64_t now_ns) {
  JsonWriter json;
  json.begin_object().field("arrived", first_ == 0 ? 0 : arrived_ - first_ + 1);
  json.field("shown", shown_).field("left_out", matched_ - shown_);
  json.field("not_held", missed_).end_object();
  append_event(out, "count", json.take());
  said_ns_ = now_ns;
  count_changed_ = false;
}

http::BodyStream::State LiveStream::next(std::string& out) {
  const std::int64_t now_ns = clock_.monotonic_ns();
  if (now_ns - refilled_ns_ >= kSecondNs) {
    refilled_ns_ = now_ns;
    budget_ = kNotesASecond;
  }
  const Notes notes = wanted();
  // What is there at the beginning is shown whole; it is little.
  const std::size_t most = begun_ ? budget_ : notes.size();
  const std::size_t take = std::min(notes.size(), most);
  for (std::size_t i = 0; i < take; ++i) {
    JsonWriter json;
    write_live_note(json, *notes[i * notes.size() / take]);
    append_event(out, "note", json.take());
  }
  shown_ += take;
  budget_ -= begun_ ? take : 0;
  const bool first = !begun_;
  begun_ = true;
  if (first || (count_changed_ && now_ns - said_ns_ >= kSecondNs)) {
    say_count(out, now_ns);
  } else if (out.empty() && now_ns - said_ns_ >= kStillHereNs) {
    out = ": still here\n\n";
    said_ns_ = now_ns;
  }
  return State::later;
}

}  // namespace guanxi::api
