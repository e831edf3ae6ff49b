#pragma once

#include "analytics/duckdb.hpp"
#include "analytics/sql.hpp"

namespace guanxi {

/// What a column of a result is. Errors: invalid for types that have no plain form (lists,
/// structs), with what to write instead.
[[nodiscard]] Result<SqlColumn> column_of_answer(const QueryResult& result, std::size_t column);

/// The text of one value. REQUIRES a column that column_of_answer() accepts.
void read_cell(const QueryResult& result, const DataChunk& chunk, std::size_t column,
               std::size_t row, SqlCell& cell);

}  // namespace guanxi
