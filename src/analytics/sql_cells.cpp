#include "analytics/sql_cells.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include "base/instant.hpp"

namespace guanxi {
namespace {

__extension__ using Int128 = __int128;
using Shape = SqlColumn::Shape;

std::string text_of(Int128 value) {
  const bool negative = value < 0;
  std::string digits;
  do {
    const auto digit = static_cast<int>(value % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    value /= 10;
  } while (value != 0);
  if (negative) {
    digits += '-';
  }
  return {digits.rbegin(), digits.rend()};
}

std::string decimal_text(Int128 value, unsigned scale) {
  std::string digits = text_of(value < 0 ? -value : value);
  if (scale > 0) {
    if (digits.size() <= scale) {
      digits.insert(0, scale + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - scale, ".");
  }
  return (value < 0 ? "-" : "") + digits;
}

template <typename T>
std::string double_text(T value) {
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

Int128 huge(const duckdb_hugeint& value) {
  return static_cast<Int128>(value.upper) * (static_cast<Int128>(1) << 64U) +
         static_cast<Int128>(value.lower);
}

// A decimal is kept in the smallest whole number that holds its width: told by its logical type,
// which the chunk no longer has; asked of the value's column instead.
Int128 decimal_value(const DataChunk& chunk, std::size_t column, std::size_t row,
                     duckdb_type storage) {
  switch (static_cast<int>(storage)) {
    case DUCKDB_TYPE_SMALLINT:
      return chunk.values<std::int16_t>(column)[row];
    case DUCKDB_TYPE_INTEGER:
      return chunk.values<std::int32_t>(column)[row];
    case DUCKDB_TYPE_BIGINT:
      return chunk.values<std::int64_t>(column)[row];
    default:
      return huge(chunk.values<duckdb_hugeint>(column)[row]);
  }
}

std::string moment_text(std::int64_t micros, bool zoned) {
  std::int64_t seconds = micros / 1'000'000;
  std::int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  std::string text = to_string(Instant{seconds});
  text[10] = ' ';
  text.pop_back();
  if (rest != 0) {
    std::string digits = std::to_string(rest);
    digits.insert(0, 6 - digits.size(), '0');
    text += "." + digits;
  }
  return zoned ? text + "+00" : text;
}

std::string time_text(std::int64_t micros) { return moment_text(micros, false).substr(11); }

std::string interval_text(const duckdb_interval& value) {
  std::string text;
  if (value.months != 0) {
    text += std::to_string(value.months) + " months ";
  }
  if (value.days != 0) {
    text += std::to_string(value.days) + " days ";
  }
  if (value.micros != 0 || text.empty()) {
    return text + decimal_text(value.micros, 6) + " s";
  }
  text.pop_back();
  return text;
}

struct TypeInfo {
  duckdb_type type;
  const char* name;
  Shape shape;
};
constexpr std::array<TypeInfo, 26> kTypes = {{
    {DUCKDB_TYPE_BOOLEAN, "BOOLEAN", Shape::truth},
    {DUCKDB_TYPE_TINYINT, "TINYINT", Shape::number},
    {DUCKDB_TYPE_SMALLINT, "SMALLINT", Shape::number},
    {DUCKDB_TYPE_INTEGER, "INTEGER", Shape::number},
    {DUCKDB_TYPE_BIGINT, "BIGINT", Shape::number},
    {DUCKDB_TYPE_HUGEINT, "HUGEINT", Shape::number},
    {DUCKDB_TYPE_UTINYINT, "UTINYINT", Shape::number},
    {DUCKDB_TYPE_USMALLINT, "USMALLINT", Shape::number},
    {DUCKDB_TYPE_UINTEGER, "UINTEGER", Shape::number},
    {DUCKDB_TYPE_UBIGINT, "UBIGINT", Shape::number},
    {DUCKDB_TYPE_FLOAT, "FLOAT", Shape::number},
    {DUCKDB_TYPE_DOUBLE, "DOUBLE", Shape::number},
    {DUCKDB_TYPE_DECIMAL, "DECIMAL", Shape::number},
    {DUCKDB_TYPE_VARCHAR, "VARCHAR", Shape::text},
    {DUCKDB_TYPE_ENUM, "ENUM", Shape::text},
    {DUCKDB_TYPE_DATE, "DATE", Shape::text},
    {DUCKDB_TYPE_TIME, "TIME", Shape::text},
    {DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP", Shape::text},
    {DUCKDB_TYPE_TIMESTAMP_S, "TIMESTAMP_S", Shape::text},
    {DUCKDB_TYPE_TIMESTAMP_MS, "TIMESTAMP_MS", Shape::text},
    {DUCKDB_TYPE_TIMESTAMP_NS, "TIMESTAMP_NS", Shape::text},
    {DUCKDB_TYPE_TIMESTAMP_TZ, "TIMESTAMPTZ", Shape::text},
    {DUCKDB_TYPE_INTERVAL, "INTERVAL", Shape::text},
    {DUCKDB_TYPE_SQLNULL, "NULL", Shape::text},
    {DUCKDB_TYPE_INTEGER_LITERAL, "INTEGER", Shape::number},
    {DUCKDB_TYPE_STRING_LITERAL, "VARCHAR", Shape::text},
}};

std::string whole_text(const DataChunk& chunk, std::size_t c, std::size_t r, duckdb_type type) {
  switch (static_cast<int>(type)) {
    case DUCKDB_TYPE_TINYINT:
      return std::to_string(chunk.values<std::int8_t>(c)[r]);
    case DUCKDB_TYPE_SMALLINT:
      return std::to_string(chunk.values<std::int16_t>(c)[r]);
    case DUCKDB_TYPE_INTEGER:
      return std::to_string(chunk.values<std::int32_t>(c)[r]);
    case DUCKDB_TYPE_BIGINT:
      return std::to_string(chunk.values<std::int64_t>(c)[r]);
    case DUCKDB_TYPE_HUGEINT:
      return text_of(huge(chunk.values<duckdb_hugeint>(c)[r]));
    case DUCKDB_TYPE_UTINYINT:
      return std::to_string(chunk.values<std::uint8_t>(c)[r]);
    case DUCKDB_TYPE_USMALLINT:
      return std::to_string(chunk.values<std::uint16_t>(c)[r]);
    case DUCKDB_TYPE_UINTEGER:
      return std::to_string(chunk.values<std::uint32_t>(c)[r]);
    default:
      return std::to_string(chunk.values<std::uint64_t>(c)[r]);
  }
}

std::string time_like_text(const DataChunk& chunk, std::size_t c, std::size_t r, duckdb_type type) {
  switch (static_cast<int>(type)) {
    case DUCKDB_TYPE_DATE:
      return to_string(Day{chunk.values<std::int32_t>(c)[r]});
    case DUCKDB_TYPE_TIME:
      return time_text(chunk.values<std::int64_t>(c)[r]);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return moment_text(chunk.values<std::int64_t>(c)[r] * 1'000'000, false);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return moment_text(chunk.values<std::int64_t>(c)[r] * 1'000, false);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return moment_text(chunk.values<std::int64_t>(c)[r] / 1'000, false);
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return moment_text(chunk.values<std::int64_t>(c)[r], true);
    case DUCKDB_TYPE_INTERVAL:
      return interval_text(chunk.values<duckdb_interval>(c)[r]);
    default:
      return moment_text(chunk.values<std::int64_t>(c)[r], false);
  }
}

}  // namespace

Result<SqlColumn> column_of_answer(const QueryResult& result, std::size_t column) {
  const duckdb_type type = result.type(column);
  const auto* found = std::find_if(kTypes.begin(), kTypes.end(),
                                   [type](const TypeInfo& info) { return info.type == type; });
  if (found == kTypes.end()) {
    return fail(ErrorCode::invalid, "column '" + result.names()[column] +
                                        "' holds lists, structs or the like, which have no plain "
                                        "form; write CAST(... AS VARCHAR)");
  }
  SqlColumn made{result.names()[column], found->name, found->shape};
  if (type == DUCKDB_TYPE_DECIMAL) {
    made.type += "(" + std::to_string(result.decimal_width(column)) + "," +
                 std::to_string(result.decimal_scale(column)) + ")";
  }
  return made;
}

void read_cell(const QueryResult& result, const DataChunk& chunk, std::size_t column,
               std::size_t row, SqlCell& cell) {
  cell.null = chunk.is_null(column, row);
  cell.text.clear();
  if (cell.null) {
    return;
  }
  const duckdb_type type = result.type(column);
  if (type == DUCKDB_TYPE_VARCHAR || type == DUCKDB_TYPE_STRING_LITERAL) {
    cell.text = chunk.text(column, row);
  } else if (type == DUCKDB_TYPE_BOOLEAN) {
    cell.text = chunk.values<bool>(column)[row] ? "true" : "false";
  } else if (type == DUCKDB_TYPE_FLOAT) {
    cell.text = double_text(chunk.values<float>(column)[row]);
  } else if (type == DUCKDB_TYPE_DOUBLE) {
    cell.text = double_text(chunk.values<double>(column)[row]);
  } else if (type == DUCKDB_TYPE_DECIMAL) {
    cell.text = decimal_text(decimal_value(chunk, column, row, result.storage(column)),
                             result.decimal_scale(column));
  } else if (type == DUCKDB_TYPE_ENUM) {
    const duckdb_type storage = result.storage(column);
    const std::size_t number =
        storage == DUCKDB_TYPE_UTINYINT    ? chunk.values<std::uint8_t>(column)[row]
        : storage == DUCKDB_TYPE_USMALLINT ? chunk.values<std::uint16_t>(column)[row]
                                           : chunk.values<std::uint32_t>(column)[row];
    cell.text = result.enum_name(column, number);
  } else if (type >= DUCKDB_TYPE_TINYINT && type <= DUCKDB_TYPE_UBIGINT) {
    cell.text = whole_text(chunk, column, row, type);
  } else if (type == DUCKDB_TYPE_HUGEINT) {
    cell.text = whole_text(chunk, column, row, type);
  } else if (type == DUCKDB_TYPE_SQLNULL) {
    cell.null = true;
  } else {
    cell.text = time_like_text(chunk, column, row, type);
  }
}

}  // namespace guanxi
