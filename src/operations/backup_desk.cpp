#include "operations/backup_desk.hpp"

#include <algorithm>
#include <filesystem>

#include "eventlog/event_log.hpp"
#include "platform/log.hpp"

namespace guanxi::operations {
namespace {

constexpr std::string_view kEnding = ".backup";

// "guanxi-2026-05-01T101500Z.backup": no colon, which not every file system takes.
std::string file_name_at(Instant now) {
  std::string text = to_string(now);
  text.erase(std::remove(text.begin(), text.end(), ':'), text.end());
  return "guanxi-" + text + std::string(kEnding);
}

}  // namespace

std::string_view name_of(BackupRun::State state) {
  switch (state) {
    case BackupRun::State::running:
      return "running";
    case BackupRun::State::done:
      return "done";
    case BackupRun::State::failed:
      return "failed";
  }
  return "failed";
}

BackupDesk::BackupDesk(std::string database, std::string folder, Clock& clock)
    : database_(std::move(database)), folder_(std::move(folder)), clock_(clock) {}

BackupDesk::~BackupDesk() { stopping_ = true; }

Result<BackupRun> BackupDesk::start() {
  const std::lock_guard lock(mutex_);
  if (run_ && run_->state == BackupRun::State::running) {
    return fail(ErrorCode::conflict, "a backup is running: " + run_->file);
  }
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    return fail(ErrorCode::unavailable, "the backup folder cannot be made: " + error.message());
  }
  run_ = BackupRun{};
  run_->started_at = clock_.now();
  run_->file = file_name_at(run_->started_at);
  thread_ = std::jthread([this, target = folder_ + "/" + run_->file] { copy(target); });
  return *run_;
}

void BackupDesk::copy(const std::string& target) {
  log_line(LogLevel::info, "backup_started", {});
  const Result<void> copied =
      backup_log(database_, target, [this](std::uint64_t done, std::uint64_t total) {
        const std::lock_guard lock(mutex_);
        run_->pages_done = done;
        run_->pages_total = total;
        return !stopping_;
      });
  const std::lock_guard lock(mutex_);
  run_->finished_at = clock_.now();
  run_->state = copied ? BackupRun::State::done : BackupRun::State::failed;
  if (copied) {
    log_line(LogLevel::info, "backup_done", {});
  } else {
    run_->message = copied.error().message;
    log_line(LogLevel::error, "backup_failed", {{"reason", run_->message}});
  }
}

std::optional<BackupRun> BackupDesk::last() const {
  const std::lock_guard lock(mutex_);
  return run_;
}

std::vector<BackupFile> BackupDesk::files() const {
  std::vector<BackupFile> found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder_, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && it->path().extension() == kEnding) {
      found.push_back({it->path().filename().string(), it->file_size(ignored)});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const BackupFile& a, const BackupFile& b) { return a.file < b.file; });
  return found;
}

}  // namespace guanxi::operations
