#pragma once

#include <array>
#include <string_view>

namespace guanxi {

/// One column of a Parquet file of our own events (docs/formats/events-parquet.md).
struct EventColumn {
  std::string_view name;
  std::string_view type;  ///< DuckDB's name of it, as written
  bool required;          ///< must be there when read
  std::string_view meaning;
};

/// In the order in which they are written. The document is checked against this table.
inline constexpr std::array<EventColumn, 18> kEventColumns = {{
    {"kind", "VARCHAR", true, "the kind's word, such as order_completed"},
    {"occurred_at", "TIMESTAMP_S", true, "when it happened, UTC"},
    {"received_at", "TIMESTAMP_S", false, "when it was taken in, UTC"},
    {"person", "VARCHAR", true, "external id with its namespace, user:13085; NULL: nobody's"},
    {"also_known_as", "VARCHAR", false, "a second id of the same person"},
    {"message_id", "VARCHAR", false, "the source's own name of the event"},
    {"line", "UINTEGER", false, "0, or which line of a message this is"},
    {"id_hash", "UBIGINT", false, "the event's identity; without it, it is worked out anew"},
    {"name", "VARCHAR", false, "the event's name as it came, when not the kind's own"},
    {"subject", "VARCHAR", false, "product, member of staff, campaign, promise, ticket"},
    {"order_id", "VARCHAR", false, "order, ticket or promise id"},
    {"amount_minor", "BIGINT", false, "money in minor units (pence, fen)"},
    {"currency", "VARCHAR", false, "three letters; NULL: the brand's own"},
    {"quantity", "BIGINT", false, "units, rating 0..100, or minutes, by kind"},
    {"flags", "UTINYINT", false, "EventFlag bits"},
    {"origin", "VARCHAR", false, "how the person came"},
    {"title", "VARCHAR", false, "a text for people to read"},
    {"properties", "VARCHAR", false, "what else the source said, a JSON object"},
}};

}  // namespace guanxi
