#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/duckdb.hpp"
#include "analytics/image_tables.hpp"
#include "base/json_writer.hpp"
#include "events/masking.hpp"
#include "people/image.hpp"

namespace guanxi {

/// What a query may take.
struct SqlLimits {
  std::chrono::milliseconds time_most{30'000};
  std::uint64_t memory_bytes_most = std::uint64_t{1} << 30U;
  std::uint64_t rows_most = UINT64_MAX;  ///< further rows are left out, and it is said
  unsigned threads = 0;                  ///< 0: as many as there are processors
};

/// One column of an answer.
struct SqlColumn {
  enum class Shape { text, number, truth };  ///< how JSON writes it
  std::string name;
  std::string type;  ///< "VARCHAR", "DECIMAL(18,2)", "DATE" ...
  Shape shape = Shape::text;
};

/// One value of an answer, as text; numbers exactly as SQL has them.
struct SqlCell {
  std::string text;
  bool null = false;
};

/// A whole answer.
struct SqlAnswer {
  std::vector<SqlColumn> columns;
  std::vector<std::vector<SqlCell>> rows;
  bool truncated = false;  ///< rows_most was reached
};

/// Read-only SQL over the live image: people, events, tier_changes, evidence, products.
///
/// Place       `guanxi sql`, POST /sql and the export open one over an image held still.
/// Invariants  One statement a query, SELECT (also WITH, DESCRIBE, SHOW, SUMMARIZE) or EXPLAIN. No
///             file, no network, no extension, no setting can be reached; memory and time end.
/// Errors      invalid with DuckDB's reason; overloaded when time or memory ran out.
/// Threads     One owner; a query itself uses several.
class SqlSession {
 public:
  /// With `masking`, ids and subjects are what those see who may not see personal data.
  /// REQUIRES a folded image that outlives the session and does not change during a query.
  [[nodiscard]] static Result<std::unique_ptr<SqlSession>> open(const Image& image,
                                                                Currency currency,
                                                                const SqlLimits& limits,
                                                                const Masking* masking = nullptr);

  [[nodiscard]] Result<SqlAnswer> query(const std::string& sql);

  /// The same row by row, for answers of any size: `begin` once, then `row` for each.
  using Begin = std::function<Result<void>(const std::vector<SqlColumn>&)>;
  using TakeRow = std::function<Result<void>(std::span<const SqlCell>)>;
  [[nodiscard]] Result<bool> stream(const std::string& sql, const Begin& begin, const TakeRow& row);

 private:
  SqlSession(std::unique_ptr<Connection> connection, const SqlLimits& limits)
      : connection_(std::move(connection)), limits_(limits) {}
  [[nodiscard]] Result<void> check_statement(const std::string& sql) const;
  [[nodiscard]] Result<bool> stream_rows(QueryResult& result, const Begin& begin,
                                         const TakeRow& row);

  std::unique_ptr<Connection> connection_;
  SqlLimits limits_;
};

/// A CSV field, quoted when needed. A text that a spreadsheet would take for a formula (it begins
/// with = + - @, a tab or a carriage return, also behind blanks) gets an apostrophe in front.
void append_csv_field(std::string& out, std::string_view text, SqlColumn::Shape shape);
/// One line of CSV with its line end; NULL is nothing at all, an empty text is "".
[[nodiscard]] std::string csv_line(std::span<const SqlColumn> columns,
                                   std::span<const SqlCell> cells);
[[nodiscard]] std::string csv_header(std::span<const SqlColumn> columns);
/// {"name": value, ...}: numbers and truths as such, everything else as text.
void write_json_row(JsonWriter& json, std::span<const SqlColumn> columns,
                    std::span<const SqlCell> cells);

}  // namespace guanxi
