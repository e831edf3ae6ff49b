#include "access/access_file.hpp"

#include <filesystem>
#include <fstream>

#include "access/access_schema.hpp"
#include "platform/entropy.hpp"

namespace guanxi::access {
namespace {

/// SQLite's room speaks of the event log, which this is not.
template <typename T>
Result<T> told(Result<T> result) {
  if (result.has_value()) {
    return result;
  }
  constexpr std::string_view kOther = "the event log";
  Error error = result.error();
  if (error.message.rfind(kOther, 0) == 0) {
    error.message.replace(0, kOther.size(), "the access file");
  }
  return Unexpected{std::move(error)};
}

/// The file, empty if it was not there, closed to everybody else before anything is in it.
Result<void> make_private(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    std::ofstream made(path, std::ios::app);
  }
  using std::filesystem::perms;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write, failed);
  if (failed) {
    return fail(ErrorCode::unavailable,
                "cannot make '" + path + "' readable by its owner alone: " + failed.message());
  }
  return {};
}

}  // namespace

std::string access_path(const std::string& folder) { return folder + "/guanxi.access"; }

Result<std::unique_ptr<AccessFile>> AccessFile::open(const std::string& folder, Clock& clock) {
  const std::string path = access_path(folder);
  GUANXI_TRY_VOID(make_private(path));
  GUANXI_TRY(connection,
             told(LogConnection::open(path, LogConnection::Mode::read_write, std::string())));
  std::unique_ptr<AccessFile> file(new AccessFile(std::move(connection), clock));
  GUANXI_TRY_VOID(told(file->prepare()));
  return file;
}

Result<void> AccessFile::prepare() {
  GUANXI_TRY_VOID(connection_.execute("PRAGMA secure_delete = ON"));
  GUANXI_TRY_VOID(connection_.execute("PRAGMA journal_mode = WAL"));
  GUANXI_TRY_VOID(connection_.execute("PRAGMA synchronous = FULL"));
  GUANXI_TRY_VOID(connection_.execute("PRAGMA foreign_keys = ON"));
  GUANXI_TRY(key, random_hex(Fingerprinter::kBytes));
  const Work work = [&key](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(version, connection.integer("PRAGMA user_version"));
    if (version > kAccessVersion) {
      return fail(ErrorCode::invalid, "guanxi.access was written by a newer version");
    }
    if (version == kAccessVersion) {
      return {};
    }
    GUANXI_TRY_VOID(connection.execute(std::string(kAccessSchema)));
    GUANXI_TRY(insert, connection.prepare("INSERT INTO settings VALUES ('fingerprint key', ?)"));
    return insert.bind_text(1, key).run();
  };
  GUANXI_TRY_VOID(change(work));
  GUANXI_TRY(kept, connection_.text("SELECT value FROM settings WHERE name = 'fingerprint key'"));
  if (kept.size() != 2 * Fingerprinter::kBytes) {
    return fail(ErrorCode::corrupted, "guanxi.access has lost its own key");
  }
  fingerprints_ = std::make_unique<const Fingerprinter>(digest_of(kept));
  return {};
}

Result<void> AccessFile::change(const Work& work) {
  const std::lock_guard lock(mutex_);
  GUANXI_TRY_VOID(told(connection_.execute("BEGIN IMMEDIATE")));
  Result<void> done = told(work(connection_));
  if (done) {
    done = told(connection_.execute("COMMIT"));
  }
  if (!done) {
    [[maybe_unused]] const Result<void> undone = connection_.execute("ROLLBACK");
  }
  return done;
}

Result<void> AccessFile::read(const Work& work) {
  const std::lock_guard lock(mutex_);
  return told(work(connection_));
}

Result<std::int64_t> AccessFile::foreign_version() {
  const std::lock_guard lock(mutex_);
  return told(connection_.integer("PRAGMA data_version"));
}

}  // namespace guanxi::access
