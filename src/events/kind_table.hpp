#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "events/kind.hpp"

namespace guanxi {

/// What a property holds, and so how it is read.
enum class PropertyType : std::uint8_t {
  id,         ///< text or whole number, at most 255 bytes
  text,       ///< any text
  money,      ///< 19.99, "19.99", {"minor": 1999}; NAME_minor: 1999 means the same
  whole,      ///< a whole number
  minutes,    ///< a number of minutes, rounded
  seconds,    ///< a number of seconds, kept as minutes, rounded
  stars,      ///< 1 to 5 (or 0 to rating_max), kept as 0 to 100
  score,      ///< 0 to 10 (or 0 to score_max), kept as 0 to 100
  moment,     ///< ISO-8601 or seconds or milliseconds since 1970
  truth,      ///< true or false
  products,   ///< a list of products, each an event of its own
  recipient,  ///< personal data of somebody else: kept as a hash only
  origin      ///< how they came: the names of Origin
};
[[nodiscard]] std::string_view name_of(PropertyType type);

/// Which field of Event a property fills.
enum class Fills : std::uint8_t { nothing, subject, order_id, amount, quantity, title, origin };
[[nodiscard]] std::string_view name_of(Fills fills);

/// One property that an event of some kind may have.
struct Property {
  std::string_view names;  ///< one or more names, separated by spaces; the first one present counts
  PropertyType type = PropertyType::text;
  Fills fills = Fills::nothing;
  bool required = false;
  std::string_view meaning;
};

/// How an event's name is to be read where the kind alone does not say it.
enum class NameReading : std::uint8_t {
  usual,
  delivery,      ///< a promise kept or broken when promised_at is there, else a service delivered
  value_signal,  ///< values affirmed, or in conflict when `agrees` is false
  stars_score    ///< a score of 1 to 5 instead of 0 to 10
};

/// A name from outside that means one of our kinds.
struct Alias {
  std::string_view name;
  EventKind kind = EventKind::unknown;
  std::string_view vocabulary;  ///< where the name comes from
  NameReading reading = NameReading::usual;
};

/// Everything that is known about one kind: the one table that the decoder, docs/events.md and the
/// screens read.
///
/// Place       kind_table(); built into the program.
/// Invariants  One entry a kind, in the order of the numbers.
/// Threads     Constants.
struct KindEntry {
  EventKind kind = EventKind::unknown;
  std::string_view title;     ///< "Order Completed"; also the name it is decoded from
  std::string_view title_zh;  ///< "订单完成"; likewise
  std::string_view meaning;
  std::string_view feeds;  ///< dimensions and facts it can feed; the model decides whether it does
  std::span<const Property> properties;
  bool negative = false;     ///< amounts are kept below zero
  bool by_customer = false;  ///< the customer began it, unless the source says otherwise
  bool reachable = false;    ///< shows a direct way to reach them
  bool derived = false;      ///< made by Guanxi alone, never taken from outside
};

[[nodiscard]] std::span<const KindEntry> kind_table();
[[nodiscard]] const KindEntry& entry_of(EventKind kind);
/// Names from outside, besides each kind's own titles.
[[nodiscard]] std::span<const Alias> alias_table();

/// What an event's name means. Letters' case, spaces, and everything else that is neither a letter
/// nor a digit do not matter: "Order Completed", "order_completed" and "orderCompleted" are one.
struct NamedKind {
  EventKind kind = EventKind::unknown;
  NameReading reading = NameReading::usual;
};
[[nodiscard]] std::optional<NamedKind> kind_of_event_name(std::string_view name);

enum class Language : std::uint8_t { en, zh };
[[nodiscard]] std::string_view title_of(EventKind kind, Language language);

/// The text of docs/events.md.
[[nodiscard]] std::string docs_events_md();

}  // namespace guanxi
