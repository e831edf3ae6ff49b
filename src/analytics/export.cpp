#include "analytics/export.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>

#include "analytics/event_columns.hpp"
#include "analytics/table_function.hpp"
#include "events/event_json.hpp"
#include "platform/disk.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20U;

// Writes beside the path and takes its name at the end, so that a file is whole or not there.
class WholeFile {
 public:
  explicit WholeFile(std::string path) : path_(std::move(path)), draft_(path_ + ".part") {}
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  ~WholeFile() {
    file_.reset();
    if (!kept_) {
      static_cast<void>(real_disk().remove(draft_));
    }
  }

  [[nodiscard]] const std::string& draft() const { return draft_; }

  Result<void> begin() {
    GUANXI_TRY_VOID(real_disk().remove(draft_));
    GUANXI_TRY(file, real_disk().open(draft_, OpenMode::create));
    file_ = std::move(file);
    return {};
  }
  Result<void> write(std::string_view bytes) {
    buffer_ += bytes;
    return buffer_.size() < kWriteBytes ? Result<void>() : flush();
  }
  Result<void> finish() {
    if (file_) {
      GUANXI_TRY_VOID(flush());
      GUANXI_TRY_VOID(file_->sync());
      file_.reset();
    }
    GUANXI_TRY_VOID(real_disk().rename(draft_, path_));
    kept_ = true;
    return {};
  }

 private:
  Result<void> flush() {
    GUANXI_TRY_VOID(file_->write_at(at_, buffer_));
    at_ += buffer_.size();
    buffer_.clear();
    return {};
  }

  std::string path_;
  std::string draft_;
  std::unique_ptr<File> file_;
  std::string buffer_;
  std::uint64_t at_ = 0;
  bool kept_ = false;
};

// The order in which a table is written, so that the same data give the same bytes.
std::string ordered(const std::string& table) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kOrders = {
      {{"people", "id"},
       {"events", "occurred_at, id_hash"},
       {"tier_changes", "day, person, from_tier, to_tier"},
       {"evidence", "person, occurred_at, ordinal, rule"},
       {"products", "product"}}};
  const auto* found = std::find_if(kOrders.begin(), kOrders.end(),
                                   [&](const auto& one) { return one.first == table; });
  if (found == kOrders.end()) {
    return "";
  }
  return "SELECT * FROM " + table + " ORDER BY " + std::string(found->second);
}

Result<std::uint64_t> export_text(const Image& image, Currency currency, const std::string& sql,
                                  const std::string& path, FileFormat format) {
  SqlLimits limits;
  limits.time_most = std::chrono::hours(24);
  limits.memory_bytes_most = 0;
  GUANXI_TRY(session, SqlSession::open(image, currency, limits));
  WholeFile file(path);
  GUANXI_TRY_VOID(file.begin());
  std::vector<SqlColumn> columns;
  std::uint64_t rows = 0;
  JsonWriter json;
  GUANXI_TRY(truncated, session->stream(
                            sql,
                            [&](const std::vector<SqlColumn>& found) -> Result<void> {
                              columns = found;
                              return format == FileFormat::csv ? file.write(csv_header(columns))
                                                               : Result<void>();
                            },
                            [&](std::span<const SqlCell> cells) -> Result<void> {
                              ++rows;
                              if (format == FileFormat::csv) {
                                return file.write(csv_line(columns, cells));
                              }
                              write_json_row(json, columns, cells);
                              json.end_line();
                              return file.write(json.take());
                            }));
  static_cast<void>(truncated);
  GUANXI_TRY_VOID(file.finish());
  return rows;
}

Result<std::uint64_t> copy_to_parquet(Connection& connection, const std::string& query,
                                      const std::string& path) {
  WholeFile file(path);
  const std::string sql = "COPY (" + query + ") TO " + sql_literal(file.draft()) +
                          " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)";
  GUANXI_TRY(result, connection.query(sql));
  DataChunk chunk;
  GUANXI_TRY(any, result.next(chunk));
  const std::uint64_t rows = any ? static_cast<std::uint64_t>(chunk.values<std::int64_t>(0)[0]) : 0;
  GUANXI_TRY_VOID(file.finish());
  return rows;
}

// A source of events as a table with the columns of kEventColumns, read by one thread.
class SourceTable final : public RowTable {
 public:
  SourceTable(EventSource& source, std::function<void(std::uint64_t)> progress)
      : source_(source), progress_(std::move(progress)) {
    using Type = TableColumn::Type;
    for (const EventColumn& column : kEventColumns) {
      const Type type = column.type == "TIMESTAMP_S" ? Type::moment
                        : column.type == "VARCHAR"   ? Type::text
                        : column.type == "UBIGINT"   ? Type::unsigned64
                                                     : Type::integer;
      columns_.push_back({std::string(column.name), type});
    }
  }
  [[nodiscard]] const std::vector<TableColumn>& columns() const override { return columns_; }
  [[nodiscard]] std::uint64_t rows_about() const override { return 1'000'000; }
  [[nodiscard]] std::uint64_t threads_most() const override { return 1; }
  [[nodiscard]] std::shared_ptr<Scan> begin_query() const override {
    return std::make_shared<Place>();
  }
  [[nodiscard]] std::unique_ptr<Scan> begin_thread() const override {
    return std::make_unique<Scan>();
  }

  [[nodiscard]] Result<std::size_t> fill(Scan& query, Scan&, TableOutput& out) const override {
    auto& place = static_cast<Place&>(query);
    while (place.at == place.batch.size()) {
      place.batch.clear();
      place.at = 0;
      std::vector<Refusal> refused;
      GUANXI_TRY(more, source_.next(place.batch, refused));
      if (!more) {
        return std::size_t{0};
      }
    }
    const std::size_t count = std::min(place.batch.size() - place.at, TableOutput::capacity());
    for (std::size_t column = 0; column < out.columns().size(); ++column) {
      for (std::size_t r = 0; r < count; ++r) {
        write(out, column, r, place.batch.events[place.at + r]);
      }
    }
    place.at += count;
    place.written += count;
    if (progress_) {
      progress_(place.written);
    }
    return count;
  }

 private:
  struct Place final : Scan {
    EventBatch batch;
    std::size_t at = 0;
    std::uint64_t written = 0;
  };

  static void text(TableOutput& out, std::size_t place, std::size_t row, std::string_view value) {
    if (value.empty()) {
      out.set_null(place, row);
    } else {
      out.set_text(place, row, value);
    }
  }

  static void id(TableOutput& out, std::size_t place, std::size_t row, const ExternalId& id) {
    text(out, place, row, id.value.empty() ? std::string() : to_string(id));
  }

  // In the order of kEventColumns.
  static void write(TableOutput& out, std::size_t place, std::size_t row, const Event& event) {
    switch (out.columns()[place]) {
      case 0:
        return text(out, place, row, name_of(event.kind));
      case 1:
        return out.set(place, row, event.occurred_at.seconds);
      case 2:
        return out.set(place, row, event.received_at.seconds);
      case 3:
        return id(out, place, row, event.person);
      case 4:
        return id(out, place, row, event.also_known_as);
      case 5:
        return text(out, place, row, event.message_id);
      case 6:
        return out.set(place, row, std::int64_t{event.line});
      case 7:
        return out.set(place, row, event.id_hash);
      case 8:
        return text(out, place, row, event.name);
      case 9:
        return text(out, place, row, event.subject);
      case 10:
        return text(out, place, row, event.order_id);
      case 11:
        return out.set(place, row, event.amount_minor);
      case 12:
        return text(out, place, row, event.currency.text());
      case 13:
        return out.set(place, row, event.quantity);
      case 14:
        return out.set(place, row, std::int64_t{event.flags});
      case 15:
        return text(out, place, row, event.origin);
      case 16:
        return text(out, place, row, event.title);
      case 17:
        return text(out, place, row, event.properties);
      default:
        break;
    }
  }

  EventSource& source_;
  std::function<void(std::uint64_t)> progress_;
  std::vector<TableColumn> columns_;
};

Result<std::uint64_t> write_events_json(EventSource& source, const std::string& path,
                                        const std::function<void(std::uint64_t)>& progress) {
  WholeFile file(path);
  GUANXI_TRY_VOID(file.begin());
  EventBatch batch;
  std::vector<Refusal> refused;
  std::uint64_t events = 0;
  while (true) {
    batch.clear();
    refused.clear();
    GUANXI_TRY(more, source.next(batch, refused));
    if (!more) {
      break;
    }
    for (const Event& event : batch.events) {
      GUANXI_TRY_VOID(file.write(event_json(event) + "\n"));
    }
    events += batch.size();
    if (progress) {
      progress(events);
    }
  }
  GUANXI_TRY_VOID(file.finish());
  return events;
}

}  // namespace

Result<FileFormat> file_format_named(std::string_view word) {
  if (word == "csv") {
    return FileFormat::csv;
  }
  if (word == "ndjson" || word == "jsonl") {
    return FileFormat::ndjson;
  }
  if (word == "parquet") {
    return FileFormat::parquet;
  }
  return fail(ErrorCode::invalid, "'" + std::string(word.substr(0, 40)) +
                                      "' is no format of files; valid: csv, ndjson, parquet");
}

Result<FileFormat> file_format_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return file_format_named(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

Result<std::uint64_t> export_table(const Image& image, Currency currency, const std::string& table,
                                   const std::string& path, FileFormat format) {
  const std::string sql = ordered(table);
  if (sql.empty()) {
    return fail(ErrorCode::not_found,
                "'" + table.substr(0, 40) +
                    "' is no table; valid: people, events, tier_changes, evidence, products");
  }
  if (!image.folded()) {
    return fail(ErrorCode::unavailable, "nothing has been imported yet");
  }
  if (format != FileFormat::parquet) {
    return export_text(image, currency, sql, path, format);
  }
  GUANXI_TRY(database, Database::open({.threads = 0, .memory_bytes_most = 0, .files = true}));
  GUANXI_TRY(connection, Connection::open(std::move(database)));
  GUANXI_TRY_VOID(add_image_tables(*connection, image, currency));
  return copy_to_parquet(*connection, sql, path);
}

Result<std::uint64_t> write_events(EventSource& source, const std::string& path, FileFormat format,
                                   const std::function<void(std::uint64_t)>& progress) {
  if (format == FileFormat::csv) {
    return fail(ErrorCode::invalid,
                "whole events are written as parquet or ndjson; csv would lose some of them");
  }
  if (format == FileFormat::ndjson) {
    return write_events_json(source, path, progress);
  }
  GUANXI_TRY(database, Database::open({.threads = 0, .memory_bytes_most = 0, .files = true}));
  GUANXI_TRY(connection, Connection::open(std::move(database)));
  GUANXI_TRY_VOID(
      add_table(*connection, "guanxi_source", std::make_shared<SourceTable>(source, progress)));
  std::string columns;
  for (const EventColumn& column : kEventColumns) {
    columns += (columns.empty() ? "" : ", ") +
               ("CAST(" + sql_name(column.name) + " AS " + std::string(column.type) + ") AS " +
                sql_name(column.name));
  }
  return copy_to_parquet(*connection, "SELECT " + columns + " FROM guanxi_source()", path);
}

}  // namespace guanxi
