#include <array>
#include <cstdio>

#include "access/access_copy.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "eventlog/event_log.hpp"
#include "platform/clock.hpp"
#include "platform/disk.hpp"
#include "platform/time_zone.hpp"
#include "relationship/shipped_models.hpp"

namespace guanxi::app {
namespace {

void admitted_fields(JsonWriter& json, const ImportReport& report) {
  json.field("added", report.added)
      .field("repeated", report.repeated)
      .field("refused", report.refused);
}

int done(const Common& common, const std::string& text) {
  if (common.json) {
    JsonWriter json;
    json.begin_object().field("ok", true).field("message", text).end_object();
    print(json.text() + "\n");
  } else {
    print(text + "\n");
  }
  return 0;
}

// What `check` says of the snapshot.
std::string snapshot_line(const SnapshotState& state) {
  if (!state.there) {
    return "none";
  }
  return state.good ? grouped(state.events) + " events, matches the log"
                    : "is of no use and will be discarded: " + plain(state.reason);
}

}  // namespace

int run_snapshot(const Common& common) {
  auto engine = open_for_writing(common);
  if (!engine) {
    return report(engine.error(), common.json);
  }
  const auto written = (*engine)->write_snapshot();
  if (!written) {
    return report(written.error(), common.json);
  }
  if (common.json) {
    JsonWriter json;
    json.begin_object()
        .field("written", written->written)
        .field("events", written->events)
        .field("bytes", written->bytes)
        .field("seconds", written->seconds)
        .end_object();
    print(json.text() + "\n");
    return 0;
  }
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.1f s", written->seconds);
  print(written->written ? "snapshot of " + grouped(written->events) + " events written: " +
                               grouped(written->bytes) + " bytes in " + seconds.data() + "\n"
                         : "nothing to write: " + written->why_not + "\n");
  return 0;
}

int run_check(const Common& common) {
  auto engine = open_for_writing(common);
  if (!engine) {
    return report(engine.error(), common.json);
  }
  auto check = (*engine)->check();
  if (!check) {
    return report(check.error(), common.json);
  }
  JsonWriter json;
  json.begin_object()
      .field("good", check->good())
      .field("batches", check->log.totals.batches)
      .field("events", check->log.totals.events)
      .field("live", to_string(check->live))
      .field("rebuilt", to_string(check->rebuilt))
      .field("snapshot", snapshot_line(check->snapshot));
  json.key("problems").begin_array();
  std::string problems;
  for (const std::string& problem : check->log.problems) {
    json.value(problem);
    problems += "PROBLEM: " + plain(problem) + "\n";
  }
  json.end_array().end_object();
  print(common.json
            ? json.text() + "\n"
            : problems + "log      " + grouped(check->log.totals.batches) + " batches, " +
                  grouped(check->log.totals.events) + " events, every byte " +
                  (check->log.problems.empty() ? "as written" : "NOT as written") + "\nlive     " +
                  to_string(check->live) + "\nrebuilt  " + to_string(check->rebuilt) +
                  (check->live == check->rebuilt ? "  the same\n" : "  DIFFERENT\n") + "snapshot " +
                  snapshot_line(check->snapshot) + "\n");
  return static_cast<int>(!check->log.problems.empty() ? Exit::corrupted
                          : check->good()              ? Exit::ok
                                                       : Exit::failed);
}

namespace {

Result<void> keep_log(const Common& common, const std::string& file) {
  const std::string database = LogPaths(common.data).database;
  if (!real_disk().exists(database)) {
    return fail(ErrorCode::not_found, "there is no log in '" + common.data + "'");
  }
  WorkBoard board;
  show_progress(board, common);
  board.begin("backup", file);
  board.phase("copy", "pages", 0);
  const auto kept = backup_log(database, file, [&](std::uint64_t pages, std::uint64_t total) {
    board.update(pages, total);
    return true;
  });
  board.end(kept.has_value(), "");
  return kept;
}

// What was asked for; an error when it is nothing.
Result<std::string> named_in(const CopyArgs& args) {
  if (args.file.empty() && args.access.empty()) {
    return fail(ErrorCode::invalid, "name a file for the log, or one with --access, or both");
  }
  const char* between = args.file.empty() || args.access.empty() ? "" : " and ";
  return args.file + between + args.access;
}

Result<void> keep(const Common& common, const CopyArgs& args) {
  if (!args.file.empty()) {
    GUANXI_TRY_VOID(keep_log(common, args.file));
  }
  return args.access.empty() ? Result<void>() : access::backup_access(common.data, args.access);
}

Result<void> put_back(const Common& common, const CopyArgs& args) {
  if (!args.access.empty()) {
    GUANXI_TRY_VOID(access::restore_access(args.access, common.data, system_clock()));
  }
  return args.file.empty() ? Result<void>() : Engine::restore(args.file, common.data);
}

}  // namespace

int run_backup(const Common& common, const CopyArgs& args) {
  const auto named = named_in(args);
  const Result<void> kept = named ? keep(common, args) : Result<void>(forward_error(named));
  return kept ? done(common, "backup written to " + *named + " and checked")
              : report(kept.error(), common.json);
}

int run_restore(const Common& common, const CopyArgs& args) {
  const auto named = named_in(args);
  const std::string what = args.access.empty() ? "what is"
                           : args.file.empty() ? "users, keys and audit trail"
                                               : "everything";
  auto restored =
      named ? confirm("Replace " + what + " in '" + common.data + "' by " + *named + "?", args.yes)
            : Result<void>(forward_error(named));
  restored = restored ? put_back(common, args) : restored;
  if (!restored) {
    return report(restored.error(), common.json);
  }
  return done(common, "restored " + *named + " into " + common.data +
                          (args.access.empty()
                               ? ""
                               : "; users, keys and tokens that were ended since are valid again: "
                                 "look through them"));
}

int run_dead_letters(const Common& common, std::uint64_t limit, std::uint64_t offset) {
  auto engine = open_for_reading(common);
  if (!engine) {
    return report(engine.error(), common.json);
  }
  auto log = (*engine)->log();
  auto letters =
      log ? log->dead_letters(offset, limit) : Result<std::vector<DeadLetter>>(forward_error(log));
  auto total = log ? log->dead_letters_kept() : Result<std::uint64_t>(forward_error(log));
  if (!letters || !total) {
    return report(letters ? total.error() : letters.error(), common.json);
  }
  JsonWriter json;
  json.begin_object().field("total", *total).key("dead_letters").begin_array();
  Table table({{"id", true}, {"source"}, {"line", true}, {"field"}, {"reason"}, {"sent again"}});
  for (const DeadLetter& letter : *letters) {
    const bool sent_again = letter.resent_at.seconds != 0;
    const std::string resent = sent_again ? to_string(letter.resent_at) : "";
    json.begin_object()
        .field("id", letter.id)
        .field("source", letter.source)
        .field("line", letter.line)
        .field("field", letter.field)
        .field("reason", letter.reason)
        .field("original", letter.original)
        .field("resent_at", resent)
        .end_object();
    table.row({std::to_string(letter.id), letter.source, std::to_string(letter.line), letter.field,
               letter.reason, resent});
  }
  json.end_array().end_object();
  print(common.json ? json.text() + "\n"
                    : table.text() + grouped(letters->size()) + " of " + grouped(*total) +
                          " dead letters\n");
  return 0;
}

int run_resend(const Common& common, const ResendArgs& args) {
  if (args.ids.size() != 1 && !args.with_file.empty()) {
    return report(Error{ErrorCode::invalid, "--with corrects exactly one letter"}, common.json);
  }
  auto engine = open_for_writing(common);
  if (!engine) {
    return report(engine.error(), common.json);
  }
  std::optional<std::string> corrected;
  if (!args.with_file.empty()) {
    auto text = read_file(args.with_file);
    if (!text) {
      return report(text.error(), common.json);
    }
    corrected = *text;
  }
  std::vector<std::uint64_t> ids = args.ids;
  if (args.all) {
    auto log = (*engine)->log();
    auto letters =
        log ? log->dead_letters(0, 10000) : Result<std::vector<DeadLetter>>(forward_error(log));
    if (!letters) {
      return report(letters.error(), common.json);
    }
    for (const DeadLetter& letter : *letters) {
      if (letter.resent_at.seconds == 0) {
        ids.push_back(letter.id);
      }
    }
  }
  JsonWriter json;
  json.begin_object().key("letters").begin_array();
  bool all_in = true;
  for (const std::uint64_t id : ids) {
    auto sent = (*engine)->resend(id, key_of_door(common), corrected);
    json.begin_object().field("id", id);
    if (!sent) {
      json.field("error", sent.error().message);
    } else {
      admitted_fields(json, *sent);
    }
    json.end_object();
    const bool went_in = sent && sent->refused == 0;
    all_in = all_in && went_in;
    if (!common.json) {
      const std::string why = !sent                         ? sent.error().message
                              : sent->first_refused.empty() ? ""
                                                            : sent->first_refused.front().reason;
      print("letter " + std::to_string(id) +
            (went_in ? " went in" : " refused again: " + plain(why)) + "\n");
    }
  }
  json.end_array().end_object();
  print(common.json ? json.text() + "\n" : "");
  return static_cast<int>(all_in ? Exit::ok : Exit::refused);
}

int run_model_show(const Common& common, const std::string& name) {
  std::string text(shipped_model(name));
  if (name.empty()) {
    auto engine = open_for_reading(common);
    if (engine) {
      text = (*engine)->read().model().source;
    } else if (engine.error().code == ErrorCode::not_found) {
      text = std::string(shipped_model("retail"));
    } else {
      return report(engine.error(), common.json);
    }
  }
  if (text.empty()) {
    std::string names;
    for (const auto& [known, toml] : shipped_models()) {
      names += (names.empty() ? "" : ", ") + std::string(known);
    }
    return report(
        Error{ErrorCode::not_found, "no shipped model '" + name + "'; there are: " + names},
        common.json);
  }
  print(text);
  return 0;
}

int run_model_check(const Common& common, const std::string& file) {
  auto text = read_file(file);
  auto model = text ? Model::parse(*text, &load_zone) : Result<Model>(forward_error(text));
  if (!model) {
    return report(Error{model.error().code, file + ": " + model.error().message}, common.json);
  }
  return done(common, file + " is a complete model: " + model->name + " " + model->version + ", " +
                          std::to_string(model->rules.size()) + " evidence rules");
}

int run_model_use(const Common& common, const std::string& file) {
  auto text = read_file(file);
  if (!text) {
    return report(text.error(), common.json);
  }
  auto engine = open_for_writing(common);
  if (!engine) {
    return report(engine.error(), common.json);
  }
  if (auto active = (*engine)->activate_model(*text); !active) {
    return report(Error{active.error().code, file + ": " + active.error().message}, common.json);
  }
  return done(common, file + " is active; everyone was folded again");
}

}  // namespace guanxi::app
