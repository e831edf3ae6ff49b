#include "analytics/sql.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "analytics/sql_cells.hpp"

namespace guanxi {
namespace {

// Interrupts a query when its time is up. Nobody else waits for it: it ends with the query.
class Watchdog {
 public:
  Watchdog(Connection& connection, std::chrono::milliseconds time_most)
      : thread_([this, &connection, time_most] {
          std::unique_lock lock(mutex_);
          if (!over_.wait_for(lock, time_most, [this] { return done_; })) {
            bit_ = true;
            connection.interrupt();
          }
        }) {}
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() { stop(); }
  /// True when time ran out before.
  bool stop() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    over_.notify_all();
    if (thread_.joinable()) {
      thread_.join();
    }
    return bit_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool done_ = false;
  bool bit_ = false;
  std::thread thread_;
};

bool formula_starts(std::string_view text) {
  const std::size_t at = text.find_first_not_of(' ');
  if (at == std::string_view::npos) {
    return false;
  }
  const char c = text[at];
  // The full-width forms of = + - @ are formulas to some spreadsheets too.
  for (const std::string_view wide :
       {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}) {
    if (text.substr(at, wide.size()) == wide) {
      return true;
    }
  }
  return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

}  // namespace

Result<std::unique_ptr<SqlSession>> SqlSession::open(const Image& image, Currency currency,
                                                     const SqlLimits& limits,
                                                     const Masking* masking) {
  if (!image.folded()) {
    return fail(ErrorCode::unavailable,
                "nothing has been imported yet, so there is nothing to ask");
  }
  GUANXI_TRY(database, Database::open({.threads = limits.threads,
                                       .memory_bytes_most = limits.memory_bytes_most,
                                       .files = true}));
  GUANXI_TRY(connection, Connection::open(std::move(database)));
  GUANXI_TRY_VOID(add_image_tables(*connection, image, currency, masking));
  for (const char* const setting : {"SET temp_directory=''", "SET enable_external_access=false",
                                    "SET lock_configuration=true"}) {
    GUANXI_TRY_VOID(connection->run(setting));
  }
  return std::unique_ptr<SqlSession>(new SqlSession(std::move(connection), limits));
}

Result<void> SqlSession::check_statement(const std::string& sql) const {
  duckdb_extracted_statements statements = nullptr;
  const idx_t count = duckdb_extract_statements(connection_->get(), sql.c_str(), &statements);
  if (count == 0) {
    const char* message = duckdb_extract_statements_error(statements);
    std::string why = message == nullptr || *message == '\0' ? "there is no statement" : message;
    duckdb_destroy_extracted(&statements);
    return fail(ErrorCode::invalid, std::move(why));
  }
  duckdb_prepared_statement prepared = nullptr;
  const bool good = count == 1 && duckdb_prepare_extracted_statement(connection_->get(), statements,
                                                                     0, &prepared) == DuckDBSuccess;
  const char* message = prepared == nullptr ? nullptr : duckdb_prepare_error(prepared);
  const std::string why = message == nullptr ? "" : message;
  const duckdb_statement_type type =
      good ? duckdb_prepared_statement_type(prepared) : DUCKDB_STATEMENT_TYPE_INVALID;
  const idx_t parameters = good ? duckdb_nparams(prepared) : 0;
  duckdb_destroy_prepare(&prepared);
  duckdb_destroy_extracted(&statements);
  if (count > 1) {
    return fail(ErrorCode::invalid, "one statement at a time, please");
  }
  if (!good) {
    return fail(ErrorCode::invalid, why);
  }
  if (parameters > 0) {
    return fail(ErrorCode::invalid, "the statement has places for values (? or $1) and no values");
  }
  if (type != DUCKDB_STATEMENT_TYPE_SELECT && type != DUCKDB_STATEMENT_TYPE_EXPLAIN) {
    return fail(ErrorCode::invalid,
                "only questions are answered here: SELECT, WITH, DESCRIBE, SHOW TABLES, SUMMARIZE, "
                "EXPLAIN; nothing can be changed through SQL");
  }
  return {};
}

Result<bool> SqlSession::stream_rows(QueryResult& result, const Begin& begin, const TakeRow& row) {
  std::vector<SqlColumn> columns;
  for (std::size_t c = 0; c < result.columns(); ++c) {
    GUANXI_TRY(column, column_of_answer(result, c));
    columns.push_back(std::move(column));
  }
  GUANXI_TRY_VOID(begin(columns));
  DataChunk chunk;
  std::vector<SqlCell> cells(columns.size());
  std::uint64_t rows = 0;
  while (true) {
    GUANXI_TRY(more, result.next(chunk));
    if (!more) {
      return false;
    }
    for (std::size_t r = 0; r < chunk.rows(); ++r) {
      if (rows++ == limits_.rows_most) {
        return true;
      }
      for (std::size_t c = 0; c < columns.size(); ++c) {
        read_cell(result, chunk, c, r, cells[c]);
      }
      GUANXI_TRY_VOID(row(cells));
    }
  }
}

Result<bool> SqlSession::stream(const std::string& sql, const Begin& begin, const TakeRow& row) {
  Watchdog watchdog(*connection_, limits_.time_most);
  const auto answer = [&]() -> Result<bool> {
    GUANXI_TRY_VOID(check_statement(sql));
    GUANXI_TRY(result, connection_->query(sql));
    return stream_rows(result, begin, row);
  }();
  const bool late = watchdog.stop();
  if (!answer && late) {
    return fail(ErrorCode::overloaded, "the question took longer than " +
                                           std::to_string(limits_.time_most.count()) +
                                           " ms and was stopped");
  }
  return answer;
}

Result<SqlAnswer> SqlSession::query(const std::string& sql) {
  SqlAnswer answer;
  auto truncated = stream(
      sql,
      [&](const std::vector<SqlColumn>& columns) -> Result<void> {
        answer.columns = columns;
        return {};
      },
      [&](std::span<const SqlCell> cells) -> Result<void> {
        answer.rows.emplace_back(cells.begin(), cells.end());
        return {};
      });
  if (!truncated) {
    return forward_error(truncated);
  }
  answer.truncated = *truncated;
  return answer;
}

void append_csv_field(std::string& out, std::string_view text, SqlColumn::Shape shape) {
  const bool formula = shape == SqlColumn::Shape::text && formula_starts(text);
  const bool quoted = text.empty() || formula ||
                      text.find_first_of(",\"\r\n") != std::string_view::npos ||
                      text.front() == ' ' || text.back() == ' ';
  if (!quoted) {
    out += text;
    return;
  }
  out += '"';
  if (formula) {
    out += '\'';
  }
  for (const char c : text) {
    out += c;
    if (c == '"') {
      out += '"';
    }
  }
  out += '"';
}

std::string csv_line(std::span<const SqlColumn> columns, std::span<const SqlCell> cells) {
  std::string line;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    line += c == 0 ? "" : ",";
    if (!cells[c].null) {
      append_csv_field(line, cells[c].text, columns[c].shape);
    }
  }
  return line + "\n";
}

std::string csv_header(std::span<const SqlColumn> columns) {
  std::string line;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    line += c == 0 ? "" : ",";
    append_csv_field(line, columns[c].name, SqlColumn::Shape::text);
  }
  return line + "\n";
}

void write_json_row(JsonWriter& json, std::span<const SqlColumn> columns,
                    std::span<const SqlCell> cells) {
  json.begin_object();
  for (std::size_t c = 0; c < cells.size(); ++c) {
    json.key(columns[c].name);
    const std::string& text = cells[c].text;
    const bool finite = text.find_first_of("naif") == std::string::npos;
    if (cells[c].null || (columns[c].shape == SqlColumn::Shape::number && !finite)) {
      json.null();
    } else if (columns[c].shape == SqlColumn::Shape::text) {
      json.string(text);
    } else {
      json.raw(text);
    }
  }
  json.end_object();
}

}  // namespace guanxi
