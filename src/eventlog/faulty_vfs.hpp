#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "platform/disk.hpp"
#include "platform/faulty_disk.hpp"

namespace guanxi {

/// SQLite's files on a FaultyDisk, so that the log's database itself meets failing writes and
/// syncs, torn writes and power cuts.
///
/// Place       Tests only. Registered with SQLite under `name` for as long as it lives.
/// Invariants  Locks and shared memory work between connections of one process; shared memory does
///             not survive forget_locks(), as it does not survive a crash.
/// Threads     Any: one lock around locks and shared memory.
class FaultyVfs {
 public:
  FaultyVfs(FaultyDisk& disk, std::string name) : disk_(disk), name_(std::move(name)) {
    vfs_.iVersion = 1;
    vfs_.szOsFile = sizeof(Handle);
    vfs_.mxPathname = 512;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    vfs_.xAccess = access;
    vfs_.xFullPathname = full_path;
    vfs_.xRandomness = randomness;
    vfs_.xSleep = sleep;
    vfs_.xCurrentTime = current_time;
    vfs_.xGetLastError = last_error;
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~FaultyVfs() { sqlite3_vfs_unregister(&vfs_); }
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  /// After a crash: nobody holds a lock any more and shared memory is gone.
  void forget_locks() {
    const std::lock_guard lock(mutex_);
    shared_.clear();
  }

 private:
  struct Shared {
    std::vector<std::unique_ptr<char[]>> regions;
    std::array<int, SQLITE_SHM_NLOCK> shm_readers{};
    std::array<const void*, SQLITE_SHM_NLOCK> shm_writer{};
    std::map<const void*, int> levels;
  };
  struct Handle {
    sqlite3_file base;
    FaultyVfs* vfs;
    File* file;
    std::string* path;
    std::shared_ptr<Shared>* shared;
  };

  static FaultyVfs& self(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs*>(vfs->pAppData); }
  static Handle& handle(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
  static int code_of(const Error& error, int io_error) {
    return error.code == ErrorCode::overloaded ? SQLITE_FULL : io_error;
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags,
                  int* out_flags) {
    FaultyVfs& me = self(vfs);
    Handle& opened = handle(file);
    opened.base.pMethods = nullptr;
    static unsigned temporary = 0;
    const std::string name = path != nullptr ? path : "temp/" + std::to_string(++temporary);
    auto content = me.disk_.open(
        name, (flags & SQLITE_OPEN_CREATE) != 0 ? OpenMode::create : OpenMode::read_write);
    if (!content) {
      return SQLITE_CANTOPEN;
    }
    opened.vfs = &me;
    opened.file = std::move(content).value().release();
    opened.path = new std::string(name);
    {
      const std::lock_guard lock(me.mutex_);
      auto& shared = me.shared_[name];
      if (!shared) {
        shared = std::make_shared<Shared>();
      }
      opened.shared = new std::shared_ptr<Shared>(shared);
    }
    opened.base.pMethods = methods();
    if (out_flags != nullptr) {
      *out_flags = flags;
    }
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int) {
    if (!self(vfs).disk_.exists(path)) {
      return SQLITE_IOERR_DELETE_NOENT;
    }
    return self(vfs).disk_.remove(path) ? SQLITE_OK : SQLITE_IOERR_DELETE;
  }
  static int access(sqlite3_vfs* vfs, const char* path, int, int* there) {
    *there = self(vfs).disk_.exists(path) ? 1 : 0;
    return SQLITE_OK;
  }
  static int full_path(sqlite3_vfs*, const char* path, int bytes, char* out) {
    sqlite3_snprintf(bytes, out, "%s", path);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs*, int bytes, char* out) {
    static std::uint64_t state = 1;
    for (int i = 0; i < bytes; ++i) {
      out[i] = static_cast<char>(mix64(++state));
    }
    return bytes;
  }
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int current_time(sqlite3_vfs*, double* days) {
    *days = 2461000.5;
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }

  static int close(sqlite3_file* file) {
    Handle& closed = handle(file);
    {
      const std::lock_guard lock(closed.vfs->mutex_);
      (*closed.shared)->levels.erase(file);
    }
    delete closed.file;
    delete closed.path;
    delete closed.shared;
    return SQLITE_OK;
  }
  static int read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset) {
    const auto wanted = static_cast<std::size_t>(bytes);
    const auto got = handle(file).file->read_at(static_cast<std::uint64_t>(offset),
                                                {static_cast<char*>(into), wanted});
    if (!got) {
      return SQLITE_IOERR_READ;
    }
    if (*got < wanted) {
      std::memset(static_cast<char*>(into) + *got, 0, wanted - *got);
      return SQLITE_IOERR_SHORT_READ;
    }
    return SQLITE_OK;
  }
  static int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
    const auto done = handle(file).file->write_at(
        static_cast<std::uint64_t>(offset),
        {static_cast<const char*>(from), static_cast<std::size_t>(bytes)});
    return done ? SQLITE_OK : code_of(done.error(), SQLITE_IOERR_WRITE);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 bytes) {
    return handle(file).file->truncate(static_cast<std::uint64_t>(bytes)) ? SQLITE_OK
                                                                          : SQLITE_IOERR_TRUNCATE;
  }
  static int sync(sqlite3_file* file, int) {
    return handle(file).file->sync() ? SQLITE_OK : SQLITE_IOERR_FSYNC;
  }
  static int size(sqlite3_file* file, sqlite3_int64* bytes) {
    *bytes = static_cast<sqlite3_int64>(*handle(file).file->size_bytes());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* file, int level) {
    Handle& mine = handle(file);
    const std::lock_guard guard(mine.vfs->mutex_);
    auto& levels = (*mine.shared)->levels;
    for (const auto& [other, held] : levels) {
      if (other == file) {
        continue;
      }
      const bool clash = level == SQLITE_LOCK_SHARED      ? held >= SQLITE_LOCK_PENDING
                         : level == SQLITE_LOCK_EXCLUSIVE ? held >= SQLITE_LOCK_SHARED
                                                          : held >= SQLITE_LOCK_RESERVED;
      if (clash) {
        return SQLITE_BUSY;
      }
    }
    levels[file] = std::max(levels[file], level);
    return SQLITE_OK;
  }
  static int unlock(sqlite3_file* file, int level) {
    Handle& mine = handle(file);
    const std::lock_guard guard(mine.vfs->mutex_);
    (*mine.shared)->levels[file] = level;
    return SQLITE_OK;
  }
  static int check_reserved(sqlite3_file* file, int* held) {
    Handle& mine = handle(file);
    const std::lock_guard guard(mine.vfs->mutex_);
    *held = 0;
    for (const auto& [other, level] : (*mine.shared)->levels) {
      *held = *held != 0 || level >= SQLITE_LOCK_RESERVED ? 1 : 0;
    }
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_bytes(sqlite3_file*) { return 512; }
  static int characteristics(sqlite3_file*) { return 0; }

  static int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
    Handle& mine = handle(file);
    const std::lock_guard guard(mine.vfs->mutex_);
    auto& regions = (*mine.shared)->regions;
    const auto wanted = static_cast<std::size_t>(region);
    while (extend != 0 && regions.size() <= wanted) {
      regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
    }
    *out = wanted < regions.size() ? regions[wanted].get() : nullptr;
    return SQLITE_OK;
  }
  static int shm_lock(sqlite3_file* file, int first, int count, int flags) {
    Handle& mine = handle(file);
    const std::lock_guard guard(mine.vfs->mutex_);
    Shared& shared = **mine.shared;
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(first + count);
         ++i) {
      const bool other_writes =
          shared.shm_writer.at(i) != nullptr && shared.shm_writer.at(i) != file;
      if ((flags & SQLITE_SHM_LOCK) != 0 &&
          (other_writes || (exclusive && shared.shm_readers.at(i) > 0))) {
        return SQLITE_BUSY;
      }
    }
    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(first + count);
         ++i) {
      const bool taken = (flags & SQLITE_SHM_LOCK) != 0;
      if (exclusive) {
        shared.shm_writer.at(i) = taken ? file : nullptr;
      } else {
        shared.shm_readers.at(i) += taken ? 1 : -1;
      }
    }
    return SQLITE_OK;
  }
  static void shm_barrier(sqlite3_file*) {}
  static int shm_unmap(sqlite3_file* file, int forget) {
    Handle& mine = handle(file);
    const std::lock_guard guard(mine.vfs->mutex_);
    if (forget != 0) {
      (*mine.shared)->regions.clear();
    }
    return SQLITE_OK;
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods kMethods = {2,
                                                close,
                                                read,
                                                write,
                                                truncate,
                                                sync,
                                                size,
                                                lock,
                                                unlock,
                                                check_reserved,
                                                control,
                                                sector_bytes,
                                                characteristics,
                                                shm_map,
                                                shm_lock,
                                                shm_barrier,
                                                shm_unmap,
                                                nullptr,
                                                nullptr};
    return &kMethods;
  }

  FaultyDisk& disk_;
  std::string name_;
  sqlite3_vfs vfs_{};
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Shared>> shared_;
};

}  // namespace guanxi
