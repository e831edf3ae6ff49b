#include "analytics/parquet_rows.hpp"

#include "analytics/duckdb.hpp"

namespace guanxi {
namespace {

Unexpected unreadable(const std::string& path, const Error& error) {
  return fail(ErrorCode::corrupted, "'" + path + "' cannot be read as Parquet: " + error.message);
}

Result<std::unique_ptr<Connection>> open_reader() {
  GUANXI_TRY(database, Database::open({.threads = 0, .memory_bytes_most = 0, .files = true}));
  return Connection::open(std::move(database));
}

class ParquetRows final : public RowSource {
 public:
  ParquetRows(std::string path, std::unique_ptr<Connection> connection, QueryResult result)
      : path_(std::move(path)), connection_(std::move(connection)), result_(std::move(result)) {
    fields_.resize(result_.columns());
  }

  Result<bool> next(Row& row) override {
    if (at_ == chunk_.rows()) {
      auto more = result_.next(chunk_);
      if (!more) {
        return unreadable(path_, more.error());
      }
      at_ = 0;
      if (!*more) {
        return false;
      }
    }
    text_.clear();
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      fields_[c] = chunk_.text(c, at_);
      text_ += (c == 0 ? "" : ",");
      text_ += fields_[c];
    }
    ++at_;
    row.line = ++number_;
    row.fields = fields_;
    row.text = text_;
    row.problem = nullptr;
    return true;
  }
  [[nodiscard]] std::uint64_t disk_bytes() const override { return 0; }

 private:
  std::string path_;
  std::unique_ptr<Connection> connection_;
  QueryResult result_;
  DataChunk chunk_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
  std::vector<std::string_view> fields_;
  std::string text_;
};

}  // namespace

// read_parquet() takes patterns: characters that mean something there are put in brackets.
std::string from_parquet(const std::string& path) {
  std::string plain;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      plain += '[';
      plain += c;
      plain += ']';
    } else {
      plain += c;
    }
  }
  return " FROM read_parquet(" + sql_literal(plain) + ")";
}

Result<void> sample_parquet(FileSample& sample, std::size_t rows_most) {
  GUANXI_TRY(connection, open_reader());
  auto described = connection->query("SELECT *" + from_parquet(sample.path) + " LIMIT 0");
  if (!described) {
    return unreadable(sample.path, described.error());
  }
  sample.columns = described->names();
  std::string texts;
  for (const std::string& column : sample.columns) {
    texts += (texts.empty() ? "" : ", ") + ("CAST(" + sql_name(column) + " AS VARCHAR)");
  }
  auto rows = connection->query("SELECT " + texts + from_parquet(sample.path) + " LIMIT " +
                                std::to_string(rows_most));
  if (!rows) {
    return unreadable(sample.path, rows.error());
  }
  DataChunk chunk;
  while (true) {
    auto more = rows->next(chunk);
    if (!more) {
      return unreadable(sample.path, more.error());
    }
    if (!*more) {
      break;
    }
    for (std::size_t r = 0; r < chunk.rows(); ++r) {
      std::vector<std::string>& row = sample.rows.emplace_back();
      for (std::size_t c = 0; c < sample.columns.size(); ++c) {
        row.emplace_back(chunk.text(c, r));
      }
    }
  }
  if (sample.rows.empty()) {
    return fail(ErrorCode::invalid, "'" + sample.path + "' holds no rows");
  }
  sample.header = true;
  return {};
}

Result<std::unique_ptr<RowSource>> open_parquet_rows(const std::string& path,
                                                     const std::vector<std::string>& columns) {
  GUANXI_TRY(connection, open_reader());
  std::string texts;
  for (const std::string& column : columns) {
    texts += (texts.empty() ? "" : ", ") + ("CAST(" + sql_name(column) + " AS VARCHAR)");
  }
  auto result = connection->query("SELECT " + texts + from_parquet(path));
  if (!result) {
    return unreadable(path, result.error());
  }
  return std::unique_ptr<RowSource>(
      std::make_unique<ParquetRows>(path, std::move(connection), std::move(result).value()));
}

Result<std::uint64_t> parquet_row_count(const std::string& path) {
  GUANXI_TRY(connection, open_reader());
  auto result = connection->query(
      "SELECT CAST(sum(num_rows) AS BIGINT) FROM parquet_file_metadata(" + sql_literal(path) + ")");
  if (!result) {
    return unreadable(path, result.error());
  }
  DataChunk chunk;
  auto more = result->next(chunk);
  if (!more || !*more || chunk.is_null(0, 0)) {
    return std::uint64_t{0};
  }
  return static_cast<std::uint64_t>(chunk.values<std::int64_t>(0)[0]);
}

}  // namespace guanxi
