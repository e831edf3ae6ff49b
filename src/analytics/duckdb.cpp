#include "analytics/duckdb.hpp"

#include <utility>

namespace guanxi {
namespace {

// DuckDB's messages begin with the kind of error and may run over many lines.
std::string first_lines(const char* message) {
  std::string text = message == nullptr ? "DuckDB gave no reason" : message;
  const std::size_t stack = text.find("\n\nStack Trace");
  return stack == std::string::npos ? text : text.substr(0, stack);
}

Unexpected failure(duckdb_result& result) {
  const duckdb_error_type type = duckdb_result_error_type(&result);
  const std::string message = first_lines(duckdb_result_error(&result));
  duckdb_destroy_result(&result);
  ErrorCode code = ErrorCode::invalid;
  if (type == DUCKDB_ERROR_INTERRUPT || type == DUCKDB_ERROR_OUT_OF_MEMORY) {
    code = ErrorCode::overloaded;
  } else if (type == DUCKDB_ERROR_IO || type == DUCKDB_ERROR_FATAL) {
    code = ErrorCode::unavailable;
  }
  return fail(code, message);
}

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) {
      out += c;
    }
  }
  return out + quote;
}

}  // namespace

std::string sql_literal(std::string_view text) { return doubled(text, '\''); }
std::string sql_name(std::string_view name) { return doubled(name, '"'); }

DataChunk::DataChunk(duckdb_data_chunk chunk)
    : chunk_(chunk), rows_(duckdb_data_chunk_get_size(chunk)) {
  const idx_t columns = duckdb_data_chunk_get_column_count(chunk);
  for (idx_t i = 0; i < columns; ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    data_.push_back(duckdb_vector_get_data(vector));
    validity_.push_back(duckdb_vector_get_validity(vector));
  }
}

DataChunk::DataChunk(DataChunk&& other) noexcept
    : chunk_(std::exchange(other.chunk_, nullptr)),
      rows_(std::exchange(other.rows_, 0)),
      data_(std::move(other.data_)),
      validity_(std::move(other.validity_)) {}

DataChunk& DataChunk::operator=(DataChunk&& other) noexcept {
  std::swap(chunk_, other.chunk_);
  std::swap(rows_, other.rows_);
  std::swap(data_, other.data_);
  std::swap(validity_, other.validity_);
  return *this;
}

DataChunk::~DataChunk() {
  if (chunk_ != nullptr) {
    duckdb_destroy_data_chunk(&chunk_);
  }
}

QueryResult::QueryResult(duckdb_result result) : result_(result) {
  const idx_t columns = duckdb_column_count(&result_);
  for (idx_t i = 0; i < columns; ++i) {
    names_.emplace_back(duckdb_column_name(&result_, i));
    types_.push_back(duckdb_column_type(&result_, i));
    Details details;
    duckdb_logical_type logical = duckdb_column_logical_type(&result_, i);
    if (types_.back() == DUCKDB_TYPE_DECIMAL) {
      details.width = duckdb_decimal_width(logical);
      details.scale = duckdb_decimal_scale(logical);
      details.storage = duckdb_decimal_internal_type(logical);
    } else if (types_.back() == DUCKDB_TYPE_ENUM) {
      details.storage = duckdb_enum_internal_type(logical);
      const std::uint32_t words = duckdb_enum_dictionary_size(logical);
      for (std::uint32_t w = 0; w < words; ++w) {
        char* word = duckdb_enum_dictionary_value(logical, w);
        details.words.emplace_back(word);
        duckdb_free(word);
      }
    }
    duckdb_destroy_logical_type(&logical);
    details_.push_back(std::move(details));
  }
}

QueryResult::QueryResult(QueryResult&& other) noexcept
    : result_(other.result_),
      owned_(std::exchange(other.owned_, false)),
      names_(std::move(other.names_)),
      types_(std::move(other.types_)),
      details_(std::move(other.details_)) {}

QueryResult::~QueryResult() {
  if (owned_) {
    duckdb_destroy_result(&result_);
  }
}

Result<bool> QueryResult::next(DataChunk& chunk) {
  chunk = DataChunk();
  duckdb_data_chunk fetched = duckdb_fetch_chunk(result_);
  if (fetched == nullptr) {
    const char* message = duckdb_result_error(&result_);
    if (message != nullptr && *message != '\0') {
      const bool stopped = duckdb_result_error_type(&result_) == DUCKDB_ERROR_INTERRUPT;
      return fail(stopped ? ErrorCode::overloaded : ErrorCode::invalid, first_lines(message));
    }
    return false;
  }
  chunk = DataChunk(fetched);
  return chunk.rows() > 0;
}

Result<std::shared_ptr<Database>> Database::open(const Options& options) {
  duckdb_config config = nullptr;
  GUANXI_CHECK(duckdb_create_config(&config) == DuckDBSuccess, "DuckDB has no memory");
  const auto set = [&config](const char* name, const std::string& value) {
    return duckdb_set_config(config, name, value.c_str()) == DuckDBSuccess;
  };
  bool all = set("autoinstall_known_extensions", "false") &&
             set("autoload_known_extensions", "false") &&
             set("allow_community_extensions", "false") &&
             set("enable_external_access", options.files ? "true" : "false");
  if (options.threads > 0) {
    all = all && set("threads", std::to_string(options.threads));
  }
  if (options.memory_bytes_most > 0) {
    all = all && set("memory_limit", std::to_string(options.memory_bytes_most) + "B");
  }
  duckdb_database database = nullptr;
  char* message = nullptr;
  const bool opened = all && duckdb_open_ext(nullptr, &database, config, &message) == DuckDBSuccess;
  duckdb_destroy_config(&config);
  if (!opened) {
    std::string why = first_lines(message);
    duckdb_free(message);
    return fail(ErrorCode::unavailable, "DuckDB does not start: " + why);
  }
  return std::make_shared<Database>(database);
}

Database::~Database() { duckdb_close(&database_); }

Result<std::unique_ptr<Connection>> Connection::open(std::shared_ptr<Database> database) {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database->get(), &connection) != DuckDBSuccess) {
    return fail(ErrorCode::unavailable, "DuckDB gives no connection");
  }
  return std::make_unique<Connection>(std::move(database), connection);
}

Connection::~Connection() { duckdb_disconnect(&connection_); }

Result<void> Connection::run(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(connection_, sql.c_str(), &result) != DuckDBSuccess) {
    return failure(result);
  }
  duckdb_destroy_result(&result);
  return {};
}

Result<QueryResult> Connection::query(const std::string& sql) {
  duckdb_prepared_statement prepared = nullptr;
  if (duckdb_prepare(connection_, sql.c_str(), &prepared) != DuckDBSuccess) {
    std::string message = first_lines(duckdb_prepare_error(prepared));
    duckdb_destroy_prepare(&prepared);
    return fail(ErrorCode::invalid, std::move(message));
  }
  duckdb_pending_result pending = nullptr;
  if (duckdb_pending_prepared_streaming(prepared, &pending) != DuckDBSuccess) {
    std::string message = first_lines(duckdb_pending_error(pending));
    duckdb_destroy_pending(&pending);
    duckdb_destroy_prepare(&prepared);
    return fail(ErrorCode::invalid, std::move(message));
  }
  duckdb_result result;
  const duckdb_state state = duckdb_execute_pending(pending, &result);
  duckdb_destroy_pending(&pending);
  duckdb_destroy_prepare(&prepared);
  if (state != DuckDBSuccess) {
    return failure(result);
  }
  return QueryResult(result);
}

}  // namespace guanxi
