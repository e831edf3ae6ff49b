#include "app/session.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "access/store.hpp"
#include "app/output.hpp"
#include "platform/clock.hpp"
#include "relationship/shipped_models.hpp"

namespace guanxi::app {
namespace {

constexpr std::int64_t kShowEveryNs = 200'000'000;
constexpr std::int64_t kLogEveryNs = 5'000'000'000;

bool is_home(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / "web" / "openapi.json", ignored);
}

std::string work_line(const Work& work) {
  std::string line = work.name + ": " + work.phase;
  if (work.done > 0) {
    line += "  " + grouped(work.done) + (work.total > 0 ? " of " + grouped(work.total) : "") + " " +
            work.unit;
  }
  if (work.per_second > 0) {
    line += ", " + grouped(work.per_second) + "/s";
  }
  if (work.seconds_left) {
    line += ", " + std::to_string(*work.seconds_left) + " s left";
  }
  return work.detail.empty() ? line : line + "  " + work.detail;
}

// Draws at most five times a second.
class ProgressLine {
 public:
  explicit ProgressLine(bool terminal) : terminal_(terminal) {}

  void operator()(const Work& work) {
    const std::int64_t now = system_clock().monotonic_ns();
    const bool finished = work.finished_at.has_value();
    const std::int64_t every = terminal_ ? kShowEveryNs : kLogEveryNs;
    if (!finished && now - shown_ns_ < every) {
      return;
    }
    if (terminal_) {
      shown_ns_ = now;
      static_cast<void>(
          std::fprintf(stderr, "\r\033[K%s", finished ? "" : plain(work_line(work)).c_str()));
      static_cast<void>(std::fflush(stderr));
    } else if (!finished) {
      if (shown_ns_ != 0) {
        static_cast<void>(std::fprintf(stderr, "%s\n", plain(work_line(work)).c_str()));
      }
      shown_ns_ = now;
    }
  }

 private:
  bool terminal_;
  std::int64_t shown_ns_ = 0;
};

Result<std::unique_ptr<Engine>> open_engine(const Common& common, bool read_only,
                                            const std::string& model_file) {
  Engine::Options options;
  options.folder = common.data;
  options.read_only = read_only;
  options.default_model_toml = std::string(shipped_model("retail"));
  if (!model_file.empty()) {
    GUANXI_TRY(text, read_file(model_file));
    options.default_model_toml = text;
  }
  return Engine::open(options);
}

}  // namespace

std::string home_folder() {
  if (const char* named = std::getenv("GUANXI_HOME"); named != nullptr && *named != '\0') {
    return named;
  }
  std::error_code ignored;
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", ignored);
  while (folder.has_relative_path()) {
    folder = folder.parent_path();
    if (is_home(folder)) {
      return folder.string();
    }
    if (is_home(folder / "share" / "guanxi")) {
      return (folder / "share" / "guanxi").string();
    }
  }
  return GUANXI_SOURCE_FOLDER;
}

Result<std::unique_ptr<Engine>> open_for_reading(const Common& common) {
  auto engine = open_engine(common, true, {});
  if (!engine && engine.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found, "nothing has been imported into '" + common.data +
                                          "' yet; begin with: guanxi --data " + common.data +
                                          " import FILE");
  }
  return engine;
}

Result<std::unique_ptr<Engine>> open_for_writing(const Common& common,
                                                 const std::string& model_file) {
  std::error_code error;
  std::filesystem::create_directories(common.data, error);
  if (error) {
    return fail(ErrorCode::unavailable,
                "cannot make the folder '" + common.data + "': " + error.message());
  }
  GUANXI_TRY(engine, open_engine(common, false, model_file));
  show_progress(engine->board(), common);
  return engine;
}

int reading(const Common& common, const EngineCommand& use) {
  const auto engine = open_for_reading(common);
  const Result<int> code = engine ? use(**engine) : Result<int>(forward_error(engine));
  return code ? *code : report(code.error(), common.json);
}

int writing(const Common& common, const EngineCommand& use) {
  const auto engine = open_for_writing(common);
  const Result<int> code = engine ? use(**engine) : Result<int>(forward_error(engine));
  return code ? *code : report(code.error(), common.json);
}

void show_progress(WorkBoard& board, const Common& common) {
  if (!common.quiet) {
    board.listen(ProgressLine(isatty(STDERR_FILENO) == 1));
  }
}

Result<std::string> read_file(const std::string& path, std::uint64_t bytes_most) {
  std::error_code error;
  const bool plain_file = std::filesystem::is_regular_file(path, error);
  const auto bytes = plain_file ? std::filesystem::file_size(path, error) : 0;
  std::ifstream file(path, std::ios::binary);
  if (error || !file || !plain_file) {
    return fail(ErrorCode::not_found, "cannot read the file '" + path + "'");
  }
  if (bytes > bytes_most) {
    return fail(ErrorCode::invalid,
                "'" + path + "' is larger than " + grouped(bytes_most) + " bytes");
  }
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<void> leave_trace(const Common& common, const Trace& trace) {
  GUANXI_TRY(store, access::AccessStore::open(common.data, system_clock(), {false, {}}));
  const std::string subject =
      trace.person.empty() ? trace.subject : store->audit().code_of(trace.person);
  return store->audit().write({}, trace.action, subject, trace.outcome);
}

Result<Day> day_or_latest(const std::string& text, const Image& image) {
  return text.empty() ? Result<Day>(image.as_of()) : parse_day(text);
}

Result<PersonRef> person_named(const Image& image, const std::string& id) {
  const std::optional<PersonRef> person = image.find(parse_external_id(id));
  if (!person) {
    return fail(ErrorCode::not_found,
                "nobody is known as '" + id +
                    "'; ids are written user:13085 (or 13085), email:..., phone:...; find "
                    "people with: guanxi people --where 'id contains \"...\"'");
  }
  return *person;
}

Result<void> confirm(const std::string& question, bool yes) {
  if (yes) {
    return {};
  }
  if (isatty(STDIN_FILENO) == 0) {
    return fail(ErrorCode::invalid, "this cannot be undone; say --yes");
  }
  print(question + " [y/N] ");
  static_cast<void>(std::fflush(stdout));
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "Y" && answer != "yes") {
    return fail(ErrorCode::invalid, "nothing was changed");
  }
  return {};
}

}  // namespace guanxi::app
