#include "access/access_copy.hpp"

#include <filesystem>
#include <fstream>

#include "access/access_file.hpp"
#include "access/audit_trail.hpp"
#include "eventlog/event_log.hpp"
#include "platform/disk.hpp"
#include "platform/file_lock.hpp"

namespace guanxi::access {
namespace {

constexpr std::int64_t kApplicationId = 1196775489;

Result<void> make_empty(const std::string& path) {
  std::error_code failed;
  std::ofstream(path, std::ios::app).close();
  using std::filesystem::perms;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write, failed);
  return failed ? Result<void>(fail(ErrorCode::unavailable,
                                    "cannot write '" + path + "': " + failed.message()))
                : Result<void>();
}

Result<void> check_kind(LogConnection& connection, const std::string& path) {
  GUANXI_TRY(application, connection.integer("PRAGMA application_id"));
  if (application != kApplicationId) {
    return fail(ErrorCode::invalid, "'" + path + "' is no copy of guanxi.access");
  }
  GUANXI_TRY(sound, connection.text("PRAGMA integrity_check(1)"));
  return sound == "ok" ? Result<void>()
                       : Result<void>(fail(ErrorCode::corrupted, "'" + path + "' is damaged"));
}

// One transaction's view of `from`, as a file of its own.
Result<void> copy_whole(const std::string& from, const std::string& to) {
  GUANXI_TRY(connection, LogConnection::open(from, LogConnection::Mode::read_write, {}));
  GUANXI_TRY_VOID(check_kind(connection, from));
  GUANXI_TRY_VOID(make_empty(to));
  GUANXI_TRY(copy, connection.prepare("VACUUM INTO ?"));
  copy.bind_text(1, to);
  GUANXI_TRY_VOID(copy.run());
  GUANXI_TRY(file, real_disk().open(to, OpenMode::read_write));
  return file->sync();
}

// What nobody may come back with, and a line of the trail that says what became of the file.
Result<void> make_ready(const std::string& folder, Clock& clock) {
  GUANXI_TRY(file, AccessFile::open(folder, clock));
  AuditTrail trail(*file);
  GUANXI_TRY(head, trail.verify());
  static_cast<void>(head);
  GUANXI_TRY_VOID(file->change([](LogConnection& connection) {
    return connection.execute("DELETE FROM sessions; DELETE FROM invitations; DELETE FROM devices");
  }));
  return trail.write({}, "access.restored", "guanxi.access");
}

}  // namespace

Result<void> backup_access(const std::string& folder, const std::string& target) {
  const std::string path = folder + "/guanxi.access";
  if (!real_disk().exists(path)) {
    return fail(ErrorCode::not_found, "there is no guanxi.access in '" + folder + "'");
  }
  if (real_disk().exists(target)) {
    return fail(ErrorCode::conflict, "'" + target + "' exists; a backup overwrites nothing");
  }
  const std::string partial = target + ".partial";
  GUANXI_TRY_VOID(real_disk().remove(partial));
  if (auto copied = copy_whole(path, partial); !copied) {
    static_cast<void>(real_disk().remove(partial));
    return copied;
  }
  GUANXI_TRY_VOID(real_disk().rename(partial, target));
  return real_disk().sync_folder(folder_of(target));
}

Result<void> restore_access(const std::string& backup, const std::string& folder, Clock& clock) {
  Disk& disk = real_disk();
  if (!disk.exists(backup)) {
    return fail(ErrorCode::not_found, "there is no file '" + backup + "'");
  }
  GUANXI_TRY_VOID(disk.make_folder(folder));
  GUANXI_TRY(lock, FileLock::take(LogPaths(folder).lock));
  const std::string path = folder + "/guanxi.access";
  const std::string beside = path + ".restoring";
  std::error_code ignored;
  std::filesystem::remove_all(beside, ignored);
  GUANXI_TRY_VOID(disk.make_folder(beside));
  auto ready = copy_whole(backup, beside + "/guanxi.access");
  ready = ready ? make_ready(beside, clock) : ready;
  if (ready) {
    // A WAL belongs to the file that is given up, so it goes first.
    GUANXI_TRY_VOID(disk.remove(path + "-wal"));
    GUANXI_TRY_VOID(disk.remove(path + "-shm"));
    GUANXI_TRY_VOID(disk.rename(beside + "/guanxi.access", path));
    GUANXI_TRY_VOID(disk.sync_folder(folder));
  }
  std::filesystem::remove_all(beside, ignored);
  return ready;
}

}  // namespace guanxi::access
