#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "analytics/file_import.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"

namespace guanxi::app {
namespace {

std::string format_text(const FileUnderstanding& file) {
  std::string text = file.format + (file.gzip ? ", gzip" : "");
  if (!file.encoding.empty()) {
    text += ", " + file.encoding;
  }
  return text + (file.header ? ", with a header line" : "");
}

void show_file(const FileUnderstanding& file) {
  print(file.path + "\n  " + format_text(file) + "; " +
        (file.mapping == "recognised"
             ? "recognised by " + file.known_by
             : "mapping " + file.mapping + " (" + file.table + "), " + file.known_by) +
        "\n");
  if (file.reference) {
    print("  gives no events of its own: other files look things up in it\n");
    return;
  }
  if (!file.time_format.empty()) {
    print("  times: " + file.time_format + ", zone " + file.time_zone + "; amounts in " +
          (file.currency.empty() ? "the brand's currency" : file.currency) + "\n");
  }
  Table table({{"  column"}, {"taken for"}, {"filled", true}, {"example"}});
  for (const ColumnUnderstanding& column : file.columns) {
    table.row({"  " + column.name, column.role.empty() ? "(not used)" : column.role,
               percent(column.filled, file.rows_sampled), column.example.substr(0, 40)});
  }
  print(table.text());
  print("  of the first " + grouped(file.rows_sampled) + " rows " + grouped(file.rows_decoded) +
        " are understood\n");
  for (const Refusal& refusal : file.sample_refusals) {
    print("  line " + std::to_string(refusal.line) + ": " + refusal.field + ": " +
          plain(refusal.reason) + "\n");
  }
  for (const std::string& note : file.notes) {
    print("  note: " + plain(note) + "\n");
  }
}

void understanding_json(JsonWriter& json, const Understanding& understood) {
  json.key("understood").begin_array();
  for (const FileUnderstanding& file : understood.files) {
    json.begin_object()
        .field("path", file.path)
        .field("format", file.format)
        .field("gzip", file.gzip)
        .field("encoding", file.encoding)
        .field("header", file.header)
        .field("mapping", file.mapping)
        .field("table", file.table)
        .field("known_by", file.known_by)
        .field("reference", file.reference)
        .field("currency", file.currency)
        .field("time_format", file.time_format)
        .field("time_zone", file.time_zone)
        .field("rows_sampled", file.rows_sampled)
        .field("rows_decoded", file.rows_decoded);
    json.key("columns").begin_array();
    for (const ColumnUnderstanding& column : file.columns) {
      json.begin_object()
          .field("name", column.name)
          .field("role", column.role)
          .field("example", column.example)
          .field("filled", column.filled)
          .end_object();
    }
    json.end_array().key("notes").begin_array();
    for (const std::string& note : file.notes) {
      json.value(note);
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void refusals_json(JsonWriter& json, const std::vector<Refusal>& refusals) {
  json.key("first_refused").begin_array();
  for (const Refusal& refusal : refusals) {
    json.begin_object()
        .field("source", refusal.source)
        .field("line", refusal.line)
        .field("field", refusal.field)
        .field("reason", refusal.reason)
        .end_object();
  }
  json.end_array();
}

void report_json(JsonWriter& json, const ImportReport& report) {
  json.field("rows", report.rows)
      .field("events", report.events)
      .field("added", report.added)
      .field("repeated", report.repeated)
      .field("conflicting", report.conflicting)
      .field("erased", report.erased)
      .field("nobody", report.nobody)
      .field("refused", report.refused)
      .field("skipped", report.skipped)
      .field("model_changed", report.model_changed)
      .field("seconds", report.seconds);
  json.key("newly_observed").begin_array();
  for (const std::string& kind : report.newly_observed) {
    json.value(kind);
  }
  json.end_array();
}

void files_json(JsonWriter& json, const std::vector<FileSummary>& files) {
  json.key("files").begin_array();
  for (const FileSummary& file : files) {
    json.begin_object()
        .field("path", file.path)
        .field("rows", file.rows)
        .field("events", file.events)
        .field("refused", file.refused)
        .field("skipped", file.skipped)
        .field("amount_total", exact_total_text(file.counts))
        .end_object();
  }
  json.end_array();
}

void show_report(const ImportReport& report, const std::vector<FileSummary>& files,
                 std::uint64_t refused_shown) {
  Table table({{"file"},
               {"rows", true},
               {"events", true},
               {"refused", true},
               {"left out", true},
               {"sum of amounts", true}});
  for (const FileSummary& file : files) {
    table.row({file.path, grouped(file.rows), grouped(file.events), grouped(file.refused),
               grouped(file.skipped), exact_total_text(file.counts)});
  }
  print(table.text());
  print(grouped(report.added) + " events added (" + grouped(report.nobody) + " of nobody), " +
        grouped(report.repeated) + " were there already, " + grouped(report.refused) +
        " rows refused, in " + decimal(static_cast<std::int64_t>(report.seconds * 100), 2) +
        " s\n");
  if (report.conflicting > 0) {
    print(grouped(report.conflicting) +
          " events have the identity of another with other content: the first stays\n");
  }
  if (report.erased > 0) {
    print(grouped(report.erased) + " events of people who were erased are kept out\n");
  }
  std::uint64_t shown = 0;
  for (const Refusal& refusal : report.first_refused) {
    if (shown++ == refused_shown) {
      break;
    }
    print("  refused " + refusal.source + " line " + std::to_string(refusal.line) + ": " +
          refusal.field + ": " + plain(refusal.reason) + "\n");
  }
  if (report.refused > shown) {
    print("  all of them: guanxi dead-letters\n");
  }
  if (!report.newly_observed.empty()) {
    print("now observable:");
    for (const std::string& kind : report.newly_observed) {
      print(" " + kind);
    }
    print("\n");
  }
  if (report.model_changed) {
    print("the model was calibrated to the data and made active; everyone was folded again\n");
  }
}

bool confirmed(const ImportArgs& args, const Common& common) {
  if (args.yes || common.json || isatty(STDIN_FILENO) == 0) {
    return true;
  }
  print("Import this? [Y/n] ");
  static_cast<void>(std::fflush(stdout));
  std::string answer;
  std::getline(std::cin, answer);
  return answer.empty() || answer[0] == 'y' || answer[0] == 'Y';
}

Result<std::unique_ptr<FileImport>> open_files(const Engine& engine, const ImportArgs& args) {
  ImportOptions options;
  options.paths = args.files;
  options.mapping = args.mapping;
  options.received_at = system_clock().now();
  options.zone = engine.read().model().zone;
  options.currency = engine.currency();
  return FileImport::open(options);
}

std::string joined(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) {
    text += text.empty() ? file : ", " + file;
  }
  return text;
}

}  // namespace

int run_import(const Common& common, const ImportArgs& args) {
  auto engine = open_for_writing(common, args.model);
  if (!engine) {
    return report(engine.error(), common.json);
  }
  auto source = open_files(**engine, args);
  if (!source) {
    return report(source.error(), common.json);
  }
  if (!common.json) {
    for (const FileUnderstanding& file : (*source)->understood().files) {
      show_file(file);
    }
    static_cast<void>(std::fflush(stdout));
  }
  JsonWriter json;
  json.begin_object();
  understanding_json(json, (*source)->understood());
  if (args.dry_run || !confirmed(args, common)) {
    json.end_object();
    print(common.json ? json.text() + "\n" : "nothing was written\n");
    return static_cast<int>(Exit::ok);
  }
  Engine::ImportOptions options;
  options.name = joined(args.files);
  auto imported = (*engine)->import(**source, options);
  if (!imported) {
    return report(imported.error(), common.json);
  }
  const std::vector<FileSummary> files = (*source)->summaries();
  if (common.json) {
    report_json(json, *imported);
    files_json(json, files);
    refusals_json(json, imported->first_refused);
    json.end_object();
    print(json.text() + "\n");
  } else {
    show_report(*imported, files, args.refused_shown);
  }
  const bool nothing = imported->events == 0 && imported->refused > 0;
  return static_cast<int>(nothing ? Exit::refused : Exit::ok);
}

}  // namespace guanxi::app
