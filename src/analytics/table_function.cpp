#include "analytics/table_function.hpp"

#include <array>

#include "events/kind.hpp"
#include "relationship/words.hpp"

namespace guanxi {
namespace {

using Type = TableColumn::Type;
using SharedTable = std::shared_ptr<const RowTable>;

// What one query holds: the columns it asked for and the pieces still to be read.
struct QueryState {
  std::vector<idx_t> columns;
  std::shared_ptr<RowTable::Scan> scan;
};

template <typename T>
void destroy(void* pointer) {
  delete static_cast<T*>(pointer);
}

duckdb_logical_type enum_type(int count, std::string_view (*name)(int)) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.emplace_back(name(i));
  }
  std::vector<const char*> pointers;
  for (const std::string& one : names) {
    pointers.push_back(one.c_str());
  }
  return duckdb_create_enum_type(pointers.data(), pointers.size());
}

duckdb_logical_type logical_type(const TableColumn& column) {
  switch (column.type) {
    case Type::text:
      return duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    case Type::tier:
      return enum_type(kTiers, [](int i) { return name_of(static_cast<Tier>(i)); });
    case Type::velocity:
      return enum_type(kVelocities, [](int i) { return name_of(static_cast<Velocity>(i)); });
    case Type::kind:
      return enum_type(kEventKinds, [](int i) { return name_of(static_cast<EventKind>(i)); });
    case Type::integer:
      return duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
    case Type::decimal:
      return duckdb_create_decimal_type(18, static_cast<std::uint8_t>(column.scale));
    case Type::day:
      return duckdb_create_logical_type(DUCKDB_TYPE_DATE);
    case Type::moment:
      return duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP_S);
    case Type::truth:
      return duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
    case Type::unsigned64:
      return duckdb_create_logical_type(DUCKDB_TYPE_UBIGINT);
  }
  return duckdb_create_logical_type(DUCKDB_TYPE_INVALID);
}

void bind(duckdb_bind_info info) {
  const auto& table = *static_cast<const SharedTable*>(duckdb_bind_get_extra_info(info));
  for (const TableColumn& column : table->columns()) {
    duckdb_logical_type type = logical_type(column);
    duckdb_bind_add_result_column(info, column.name.c_str(), type);
    duckdb_destroy_logical_type(&type);
  }
  duckdb_bind_set_cardinality(info, table->rows_about(), false);
}

void init_query(duckdb_init_info info) {
  const auto& table = *static_cast<const SharedTable*>(duckdb_init_get_extra_info(info));
  auto state = std::make_unique<QueryState>();
  const idx_t count = duckdb_init_get_column_count(info);
  for (idx_t i = 0; i < count; ++i) {
    state->columns.push_back(duckdb_init_get_column_index(info, i));
  }
  state->scan = table->begin_query();
  duckdb_init_set_max_threads(info, table->threads_most());
  duckdb_init_set_init_data(info, state.release(), destroy<QueryState>);
}

void init_thread(duckdb_init_info info) {
  const auto& table = *static_cast<const SharedTable*>(duckdb_init_get_extra_info(info));
  duckdb_init_set_init_data(info, table->begin_thread().release(), destroy<RowTable::Scan>);
}

void fill(duckdb_function_info info, duckdb_data_chunk chunk) {
  const auto& table = *static_cast<const SharedTable*>(duckdb_function_get_extra_info(info));
  auto& query = *static_cast<QueryState*>(duckdb_function_get_init_data(info));
  auto& thread = *static_cast<RowTable::Scan*>(duckdb_function_get_local_init_data(info));
  TableOutput out(chunk, query.columns);
  const auto rows = table->fill(*query.scan, thread, out);
  if (!rows) {
    duckdb_function_set_error(info, rows.error().message.c_str());
    duckdb_data_chunk_set_size(chunk, 0);
    return;
  }
  duckdb_data_chunk_set_size(chunk, *rows);
}

}  // namespace

std::string sql_type(const TableColumn& column) {
  switch (column.type) {
    case Type::text:
      return "VARCHAR";
    case Type::tier:
    case Type::velocity:
    case Type::kind:
      return "ENUM";
    case Type::integer:
      return "BIGINT";
    case Type::decimal:
      return "DECIMAL(18," + std::to_string(column.scale) + ")";
    case Type::day:
      return "DATE";
    case Type::moment:
      return "TIMESTAMP_S";
    case Type::truth:
      return "BOOLEAN";
    case Type::unsigned64:
      return "UBIGINT";
  }
  return "";
}

TableOutput::TableOutput(duckdb_data_chunk chunk, const std::vector<idx_t>& columns)
    : columns_(columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    vectors_.push_back(duckdb_data_chunk_get_vector(chunk, i));
    data_.push_back(duckdb_vector_get_data(vectors_.back()));
  }
}

void TableOutput::set_null(std::size_t place, std::size_t row) {
  duckdb_vector_ensure_validity_writable(vectors_[place]);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vectors_[place]), row);
}

void TableOutput::set_text(std::size_t place, std::size_t row, std::string_view text) {
  duckdb_vector_assign_string_element_len(vectors_[place], row, text.data(), text.size());
}

void TableOutput::set_number(std::size_t place, std::size_t row, Type type, std::int64_t value) {
  switch (type) {
    case Type::tier:
    case Type::velocity:
    case Type::kind:
      return set(place, row, static_cast<std::uint8_t>(value));
    case Type::integer:
    case Type::decimal:
    case Type::moment:
      return set(place, row, value);
    case Type::unsigned64:
      return set(place, row, static_cast<std::uint64_t>(value));
    case Type::day:
      return set(place, row, static_cast<std::int32_t>(value));
    case Type::truth:
      return set(place, row, value != 0);
    case Type::text:
      GUANXI_CHECK(false, "a text column is given text");
  }
}

Result<void> add_table(Connection& connection, const std::string& name,
                       std::shared_ptr<const RowTable> table) {
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, name.c_str());
  duckdb_table_function_set_extra_info(function, new SharedTable(std::move(table)),
                                       destroy<SharedTable>);
  duckdb_table_function_set_bind(function, bind);
  duckdb_table_function_set_init(function, init_query);
  duckdb_table_function_set_local_init(function, init_thread);
  duckdb_table_function_set_function(function, fill);
  duckdb_table_function_supports_projection_pushdown(function, true);
  const duckdb_state state = duckdb_register_table_function(connection.get(), function);
  duckdb_destroy_table_function(&function);
  if (state != DuckDBSuccess) {
    return fail(ErrorCode::unavailable, "DuckDB does not take the table " + name);
  }
  return {};
}

}  // namespace guanxi
