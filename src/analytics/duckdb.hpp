#pragma once

#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// A run of rows of a result, column by column, as DuckDB holds it.
///
/// Place       QueryResult::next() gives it; readers of Parquet and of SQL take it apart.
/// Invariants  Views into it are valid until it is replaced or destroyed.
/// Threads     One owner.
class DataChunk {
 public:
  DataChunk() = default;
  explicit DataChunk(duckdb_data_chunk chunk);
  DataChunk(DataChunk&& other) noexcept;
  DataChunk& operator=(DataChunk&& other) noexcept;
  DataChunk(const DataChunk&) = delete;
  DataChunk& operator=(const DataChunk&) = delete;
  ~DataChunk();

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] bool is_null(std::size_t column, std::size_t row) const {
    const std::uint64_t* validity = validity_[column];
    return validity != nullptr && (validity[row / 64] >> (row % 64) & 1U) == 0;
  }
  /// REQUIRES the column holds values of type T.
  template <typename T>
  [[nodiscard]] const T* values(std::size_t column) const {
    return static_cast<const T*>(data_[column]);
  }
  /// REQUIRES a VARCHAR or BLOB column. Empty for NULL.
  [[nodiscard]] std::string_view text(std::size_t column, std::size_t row) const {
    if (is_null(column, row)) {
      return {};
    }
    const auto& value = values<duckdb_string_t>(column)[row];
    const std::uint32_t length = value.value.inlined.length;
    return {length <= 12 ? value.value.inlined.inlined : value.value.pointer.ptr, length};
  }

 private:
  duckdb_data_chunk chunk_ = nullptr;
  std::size_t rows_ = 0;
  std::vector<void*> data_;
  std::vector<std::uint64_t*> validity_;
};

/// The answer to a query, streamed.
///
/// Place       Connection::query().
/// Threads     One owner; the connection must outlive it.
class QueryResult {
 public:
  QueryResult(QueryResult&& other) noexcept;
  QueryResult& operator=(QueryResult&&) = delete;
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  ~QueryResult();

  [[nodiscard]] std::size_t columns() const { return names_.size(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] duckdb_type type(std::size_t column) const { return types_[column]; }
  /// Of a DECIMAL column; 0 otherwise.
  [[nodiscard]] unsigned decimal_scale(std::size_t column) const { return details_[column].scale; }
  [[nodiscard]] unsigned decimal_width(std::size_t column) const { return details_[column].width; }
  /// The whole number that a DECIMAL or ENUM column is kept in.
  [[nodiscard]] duckdb_type storage(std::size_t column) const { return details_[column].storage; }
  /// The word of an ENUM column's value.
  [[nodiscard]] const std::string& enum_name(std::size_t column, std::size_t value) const {
    return details_[column].words.at(value);
  }
  /// False at the end. Errors: what stopped the query.
  [[nodiscard]] Result<bool> next(DataChunk& chunk);

 private:
  friend class Connection;
  explicit QueryResult(duckdb_result result);
  duckdb_result result_;
  bool owned_ = true;
  std::vector<std::string> names_;
  std::vector<duckdb_type> types_;
  struct Details {
    unsigned width = 0;
    unsigned scale = 0;
    duckdb_type storage = DUCKDB_TYPE_INVALID;
    std::vector<std::string> words;
  };
  std::vector<Details> details_;
};

/// A database in memory, without extensions from elsewhere.
///
/// Place       Wraps DuckDB's C API for the rest of analytics/: nobody else includes duckdb.h.
/// Invariants  Extensions are neither fetched nor loaded by themselves.
/// Threads     Any.
class Database {
 public:
  struct Options {
    unsigned threads = 0;                 ///< 0: as DuckDB likes
    std::uint64_t memory_bytes_most = 0;  ///< 0: as DuckDB likes
    bool files = false;                   ///< may read and write files
  };
  [[nodiscard]] static Result<std::shared_ptr<Database>> open(const Options& options);
  explicit Database(duckdb_database database) : database_(database) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();
  [[nodiscard]] duckdb_database get() const { return database_; }

 private:
  duckdb_database database_;
};

/// One session with a database.
///
/// Place       Opened by whoever reads Parquet, answers SQL or writes files.
/// Threads     One query at a time; interrupt() from any thread.
class Connection {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(std::shared_ptr<Database> database);
  Connection(std::shared_ptr<Database> database, duckdb_connection connection)
      : database_(std::move(database)), connection_(connection) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Runs a statement to its end and drops what it gives.
  [[nodiscard]] Result<void> run(const std::string& sql);
  /// Starts a query and streams its rows.
  [[nodiscard]] Result<QueryResult> query(const std::string& sql);
  void interrupt() { duckdb_interrupt(connection_); }
  [[nodiscard]] duckdb_connection get() const { return connection_; }

 private:
  std::shared_ptr<Database> database_;
  duckdb_connection connection_;
};

/// 'text' as an SQL literal, and "name" as an SQL identifier.
[[nodiscard]] std::string sql_literal(std::string_view text);
[[nodiscard]] std::string sql_name(std::string_view name);

}  // namespace guanxi
