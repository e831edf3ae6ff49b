#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/viewer.hpp"
#include "api/words.hpp"
#include "base/json_writer.hpp"
#include "engine/work_board.hpp"
#include "people/image.hpp"
#include "relationship/explain.hpp"

namespace guanxi::api {

// How the schemas of openapi.json are written. Each function writes one value or a run of fields
// into a writer that stands where it belongs.

/// 1/65536 as ten-thousandths, to the nearest.
[[nodiscard]] constexpr std::int64_t bp(std::uint32_t value_16) {
  return static_cast<std::int64_t>((std::uint64_t{value_16} * 10000 + kOne16 / 2) / kOne16);
}
/// 16 hexadecimal digits.
[[nodiscard]] std::string hex(std::uint64_t value);

/// "2011-06-09", or null for no day.
void day_field(JsonWriter& json, std::string_view name, Day day);
void moment_field(JsonWriter& json, std::string_view name, std::optional<Instant> instant);
/// The text, or null when it is empty.
void text_field(JsonWriter& json, std::string_view name, std::string_view text);

void write_word(JsonWriter& json, const Word& word);
void write_kind_word(JsonWriter& json, EventKind kind);
/// The fields name, version, hash.
void model_name_fields(JsonWriter& json, const Model& model);
void write_model_name(JsonWriter& json, const Model& model);
void write_currency(JsonWriter& json, Currency currency);
void write_unobservable(JsonWriter& json, Fact fact, const Model& model);
/// Every fact that the model cannot observe, as an array.
void write_unobservable_facts(JsonWriter& json, const Model& model);
/// Names of the flags that are set, as an array.
void write_flags(JsonWriter& json, std::uint8_t flags);
/// Names of the kinds whose bits are set, as an array.
void write_kinds(JsonWriter& json, std::uint64_t kinds);

/// Fields of the schema Reading.
void reading_fields(JsonWriter& json, const Reading& reading);
/// The schema PersonRow, from the columns.
void write_person_row(JsonWriter& json, const Image& image, PersonRef person, const Viewer& viewer);
void write_trust(JsonWriter& json, const Explanation& explanation, const Model& model);
void write_dimensions(JsonWriter& json, const Explanation& explanation);
/// Fields of the schema Posting.
void posting_fields(JsonWriter& json, const Posting& posting);
void write_check(JsonWriter& json, const ConditionCheck& check);
/// Fields of the schema Evidence.
void evidence_fields(JsonWriter& json, const EvidenceLine& line, const Model& model);

/// A field of the schema Work, or null.
void write_work(JsonWriter& json, std::string_view name, const std::optional<Work>& work,
                const Viewer& viewer);

/// A stored value as a JSON number that every reader keeps exactly: at most 2^53 - 1.
[[nodiscard]] std::int64_t within_json(std::int64_t value);

}  // namespace guanxi::api
