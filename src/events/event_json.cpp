#include "events/event_json.hpp"

#include <array>

namespace guanxi {
namespace {

constexpr std::array kFlags = {
    NamedFlag{"full_price", kFullPrice}, NamedFlag{"prepaid", kPrepaid},
    NamedFlag{"early", kEarly},          NamedFlag{"by_customer", kByCustomer},
    NamedFlag{"derived", kDerived},      NamedFlag{"foreign_currency", kForeignCurrency},
    NamedFlag{"partial", kPartial},      NamedFlag{"reachable", kReachable}};

std::string hex16(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4U) {
    text[i] = kDigits[value & 15U];
  }
  return text;
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) {
    json.field(name, text);
  }
}

void write_person(JsonWriter& json, std::string_view name, const ExternalId& id) {
  if (!id.value.empty()) {
    json.field(name, to_string(id));
  }
}

void write_flags(JsonWriter& json, std::uint8_t flags) {
  if (flags == 0) {
    return;
  }
  json.key("flags").begin_array();
  for (const NamedFlag& named : kFlags) {
    if ((flags & static_cast<unsigned>(named.flag)) != 0) {
      json.string(named.name);
    }
  }
  json.end_array();
}

}  // namespace

std::span<const NamedFlag> event_flags() { return kFlags; }

void write_event_json(JsonWriter& json, const Event& event) {
  json.begin_object();
  json.field("kind", name_of(event.kind));
  json.field("id_hash", hex16(event.id_hash));
  write_text(json, "message_id", event.message_id);
  if (event.line != 0) {
    json.field("line", event.line);
  }
  json.field("occurred_at", to_string(event.occurred_at));
  if (event.received_at.seconds != 0) {
    json.field("received_at", to_string(event.received_at));
  }
  if (event.original_at.seconds != 0) {
    json.field("original_at", to_string(event.original_at));
  }
  if (event.sent_at.seconds != 0) {
    json.field("sent_at", to_string(event.sent_at));
  }
  write_person(json, "person", event.person);
  write_person(json, "also_known_as", event.also_known_as);
  write_text(json, "name", event.name);
  write_text(json, "subject", event.subject);
  write_text(json, "order_id", event.order_id);
  if (event.amount_minor != 0) {
    json.field("amount_minor", event.amount_minor);
  }
  write_text(json, "currency", event.currency.text());
  if (event.quantity != 0) {
    json.field("quantity", event.quantity);
  }
  write_flags(json, event.flags);
  write_text(json, "origin", event.origin);
  write_text(json, "title", event.title);
  if (!event.properties.empty()) {
    json.field_raw("properties", event.properties);
  }
  json.end_object();
}

std::string event_json(const Event& event) {
  JsonWriter json;
  write_event_json(json, event);
  return json.take();
}

}  // namespace guanxi
