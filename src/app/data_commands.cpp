#include <cstdio>

#include "analytics/export.hpp"
#include "analytics/sql.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "engine/logged_events.hpp"

namespace guanxi::app {
namespace {

int print_answer(const Common& common, const SqlArgs& args, const SqlAnswer& answer) {
  if (common.json || args.format == "json") {
    JsonWriter json;
    json.begin_object().key("columns").begin_array();
    for (const SqlColumn& column : answer.columns) {
      json.begin_object().field("name", column.name).field("type", column.type).end_object();
    }
    json.end_array().key("rows").begin_array();
    for (const auto& row : answer.rows) {
      write_json_row(json, answer.columns, row);
    }
    json.end_array().field("truncated", answer.truncated).end_object();
    print(json.text() + "\n");
    return 0;
  }
  if (args.format == "csv") {
    print(csv_header(answer.columns));
    for (const auto& row : answer.rows) {
      print(csv_line(answer.columns, row));
    }
    return 0;
  }
  std::vector<Table::Column> titles;
  for (const SqlColumn& column : answer.columns) {
    titles.push_back({column.name, column.shape == SqlColumn::Shape::number});
  }
  Table table(titles);
  for (const auto& row : answer.rows) {
    std::vector<std::string> cells;
    for (const SqlCell& cell : row) {
      cells.push_back(cell.null ? "NULL" : cell.text);
    }
    table.row(cells);
  }
  print(table.text());
  if (answer.truncated) {
    print("only the first " + grouped(answer.rows.size()) + " rows (--limit)\n");
  }
  return 0;
}

}  // namespace

int run_sql(const Common& common, const SqlArgs& args) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    const ReadAccess access = engine.read();
    SqlLimits limits;
    limits.rows_most = args.limit;
    GUANXI_TRY(session, SqlSession::open(access.image(), engine.currency(), limits));
    GUANXI_TRY(answer, session->query(args.query));
    return print_answer(common, args, answer);
  });
}

namespace {

Result<std::uint64_t> export_events(const Engine& engine, const std::string& path,
                                    FileFormat format) {
  GUANXI_TRY(log, engine.log());
  GUANXI_TRY(batches, log.batches());
  LoggedEvents events(std::move(log), std::move(batches));
  return write_events(events, path, format);
}

}  // namespace

int run_export(const Common& common, const ExportArgs& args) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(format,
               args.format.empty() ? file_format_of(args.file) : file_format_named(args.format));
    GUANXI_TRY_VOID(leave_trace(common, {.action = "export", .subject = args.what}));
    const bool whole = args.what == "log";
    const ReadAccess access = engine.read();
    GUANXI_TRY(rows, whole ? export_events(engine, args.file, format)
                           : export_table(access.image(), engine.currency(), args.what, args.file,
                                          format));
    JsonWriter json;
    json.begin_object().field("file", args.file).field("rows", rows).end_object();
    print(common.json ? json.text() + "\n"
                      : grouped(rows) + " rows written to " + args.file + "\n");
    return 0;
  });
}

}  // namespace guanxi::app
