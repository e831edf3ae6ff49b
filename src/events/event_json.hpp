#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "events/event.hpp"

namespace guanxi {

/// The canonical JSON of one event: an object with the fields of Event by their names, in a fixed
/// order, empty ones left out. A Decoder with `own_export` reads the very same event back.
///
///     {"kind":"order_line","id_hash":"99aabbccddeeff00","message_id":"m-1","line":1,
///      "occurred_at":"2026-05-01T01:46:40Z","person":"user:ada","order_id":"o-7",
///      "amount_minor":1999,"currency":"CNY","quantity":2}
///
/// REQUIRES occurred_at and received_at in what an admitted event can have; properties empty or
/// JSON. Text that is not UTF-8 does not come back the same.
void write_event_json(JsonWriter& json, const Event& event);
[[nodiscard]] std::string event_json(const Event& event);

/// "full_price", "prepaid", ...: the words for EventFlag bits.
struct NamedFlag {
  std::string_view name;
  EventFlag flag;
};
[[nodiscard]] std::span<const NamedFlag> event_flags();

}  // namespace guanxi
