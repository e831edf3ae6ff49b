#pragma once

#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/duckdb.hpp"

namespace guanxi {

/// What a column of one of our own tables holds.
struct TableColumn {
  enum class Type { text, tier, velocity, kind, integer, decimal, day, moment, truth, unsigned64 };
  std::string name;
  Type type = Type::text;
  unsigned scale = 0;  ///< of a decimal
  std::string meaning{};
};
/// DuckDB's name for it: "VARCHAR", "DECIMAL(18,2)", "DATE" ...
[[nodiscard]] std::string sql_type(const TableColumn& column);

/// Where a scan puts the values of the columns that a query asked for.
///
/// Place       Handed to RowTable::fill() for each run of rows.
/// Threads     One owner.
class TableOutput {
 public:
  TableOutput(duckdb_data_chunk chunk, const std::vector<idx_t>& columns);
  [[nodiscard]] const std::vector<idx_t>& columns() const { return columns_; }
  [[nodiscard]] static constexpr std::size_t capacity() { return 2048; }

  // `place` counts the columns asked for, not those of the table.
  void set_null(std::size_t place, std::size_t row);
  void set_text(std::size_t place, std::size_t row, std::string_view text);
  template <typename T>
  void set(std::size_t place, std::size_t row, T value) {
    static_cast<T*>(data_[place])[row] = value;
  }
  /// By the column's type: enums, days, decimals ... from one number.
  void set_number(std::size_t place, std::size_t row, TableColumn::Type type, std::int64_t value);

 private:
  const std::vector<idx_t>& columns_;
  std::vector<duckdb_vector> vectors_;
  std::vector<void*> data_;
};

/// Something that SQL can read as a table, in pieces that threads may share out.
///
/// Place       Implemented over the live image and over event sources; registered with add_table().
/// Threads     fill() is called at once from several threads, each with its own scan.
class RowTable {
 public:
  /// One thread's way through the table.
  struct Scan {
    Scan() = default;
    Scan(const Scan&) = delete;
    Scan& operator=(const Scan&) = delete;
    virtual ~Scan() = default;
  };
  RowTable() = default;
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;
  virtual ~RowTable() = default;

  [[nodiscard]] virtual const std::vector<TableColumn>& columns() const = 0;
  [[nodiscard]] virtual std::uint64_t rows_about() const = 0;
  [[nodiscard]] virtual std::uint64_t threads_most() const = 0;
  /// What all threads of one query share: the next piece to take.
  [[nodiscard]] virtual std::shared_ptr<Scan> begin_query() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Scan> begin_thread() const = 0;
  /// Writes up to TableOutput::capacity() rows and says how many; 0 at the end.
  /// Errors: what stops the query.
  [[nodiscard]] virtual Result<std::size_t> fill(Scan& query, Scan& thread,
                                                 TableOutput& out) const = 0;
};

/// Makes `table` readable as `name()`; it lives as long as the database.
[[nodiscard]] Result<void> add_table(Connection& connection, const std::string& name,
                                     std::shared_ptr<const RowTable> table);

}  // namespace guanxi
