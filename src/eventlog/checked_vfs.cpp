#include "eventlog/checked_vfs.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "base/hash.hpp"
#include "eventlog/wal_space.hpp"

namespace guanxi {
namespace {

constexpr int kHeaderBytes = 100;
constexpr int kSmallestPage = 512;

/// One open file: the system's stands right behind it.
struct CheckedFile {
  sqlite3_file base;
  sqlite3_file* real;
  bool is_database;
  int page_bytes;   ///< of a database with sums; 0: not known yet; -1: has none
  WalSpace* space;  ///< of a WAL that somebody makes room in
};

CheckedFile& checked(sqlite3_file* file) { return *reinterpret_cast<CheckedFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return checked(file).real; }
const sqlite3_io_methods& methods_of(sqlite3_file* file) { return *real(file)->pMethods; }
sqlite3_vfs* real_vfs(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

// The page size of a database with sums, -1 of one without, 0 when this is no header.
int page_bytes_in(std::string_view header) {
  if (header.size() < kHeaderBytes ||
      header.substr(0, 16) != std::string_view("SQLite format 3", 16)) {
    return 0;
  }
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(header[at]); };
  const int size = byte(16) * 256 + byte(17);
  return byte(20) != kPageSumBytes ? -1 : size == 1 ? 65'536 : size;
}

std::uint64_t sum_of(std::string_view page, sqlite3_int64 offset) {
  return hash64(page.substr(0, page.size() - kPageSumBytes), static_cast<std::uint64_t>(offset));
}

void learn(CheckedFile& file) {
  char header[kHeaderBytes];
  if (file.real->pMethods->xRead(file.real, header, kHeaderBytes, 0) == SQLITE_OK) {
    file.page_bytes = page_bytes_in({header, kHeaderBytes});
  }
}

bool is_page(const CheckedFile& file, int bytes, sqlite3_int64 offset) {
  return file.page_bytes >= kSmallestPage && bytes == file.page_bytes && offset % bytes == 0;
}

int read(sqlite3_file* handle, void* into, int bytes, sqlite3_int64 offset) {
  CheckedFile& file = checked(handle);
  const int code = file.real->pMethods->xRead(file.real, into, bytes, offset);
  if (code != SQLITE_OK || !file.is_database || bytes < kSmallestPage) {
    return code;
  }
  if (file.page_bytes == 0) {
    learn(file);
  }
  if (!is_page(file, bytes, offset)) {
    return code;
  }
  const std::string_view page(static_cast<const char*>(into), static_cast<std::size_t>(bytes));
  std::uint64_t stored = 0;
  std::memcpy(&stored, page.data() + page.size() - kPageSumBytes, sizeof(stored));
  return stored == sum_of(page, offset) ? SQLITE_OK : SQLITE_CORRUPT;
}

int write(sqlite3_file* handle, const void* from, int bytes, sqlite3_int64 offset) {
  CheckedFile& file = checked(handle);
  const auto& methods = methods_of(handle);
  if (file.space != nullptr) {
    return file.space->write(offset + bytes,
                             [&] { return methods.xWrite(file.real, from, bytes, offset); });
  }
  if (!file.is_database || bytes < kSmallestPage) {
    return methods.xWrite(file.real, from, bytes, offset);
  }
  const std::string_view page(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
  if (offset == 0) {
    file.page_bytes = page_bytes_in(page);
  } else if (file.page_bytes == 0) {
    learn(file);
  }
  if (!is_page(file, bytes, offset)) {
    return methods.xWrite(file.real, from, bytes, offset);
  }
  thread_local std::string summed;
  summed.assign(page);
  const std::uint64_t sum = sum_of(page, offset);
  std::memcpy(summed.data() + summed.size() - kPageSumBytes, &sum, sizeof(sum));
  return methods.xWrite(file.real, summed.data(), bytes, offset);
}

int close(sqlite3_file* file) { return methods_of(file).xClose(real(file)); }
int truncate(sqlite3_file* file, sqlite3_int64 bytes) {
  const auto cut = [&] { return methods_of(file).xTruncate(real(file), bytes); };
  WalSpace* const space = checked(file).space;
  return space == nullptr ? cut() : space->cut(bytes, cut);
}
int sync(sqlite3_file* file, int flags) { return methods_of(file).xSync(real(file), flags); }
int size(sqlite3_file* file, sqlite3_int64* bytes) {
  return methods_of(file).xFileSize(real(file), bytes);
}
int lock(sqlite3_file* file, int level) { return methods_of(file).xLock(real(file), level); }
int unlock(sqlite3_file* file, int level) { return methods_of(file).xUnlock(real(file), level); }
int is_locked(sqlite3_file* file, int* locked) {
  return methods_of(file).xCheckReservedLock(real(file), locked);
}
int control(sqlite3_file* file, int operation, void* argument) {
  return methods_of(file).xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return methods_of(file).xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) {
  return methods_of(file).xDeviceCharacteristics(real(file));
}
int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
  return methods_of(file).xShmMap(real(file), region, bytes, extend, memory);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return methods_of(file).xShmLock(real(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { methods_of(file).xShmBarrier(real(file)); }
int shm_unmap(sqlite3_file* file, int remove) {
  return methods_of(file).xShmUnmap(real(file), remove);
}

// Without xFetch, so that no page comes in past read().
constexpr sqlite3_io_methods kMethods = {
    2,         close,     read,    write,       truncate,        sync,    size,     lock,
    unlock,    is_locked, control, sector_size, characteristics, shm_map, shm_lock, shm_barrier,
    shm_unmap, nullptr,   nullptr};

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* handle, int flags, int* out_flags) {
  CheckedFile& file = checked(handle);
  file.base.pMethods = nullptr;
  file.real = reinterpret_cast<sqlite3_file*>(&file + 1);
  file.is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  file.page_bytes = 0;
  file.space = nullptr;
  file.real->pMethods = nullptr;
  const int code = real_vfs(vfs)->xOpen(real_vfs(vfs), path, file.real, flags, out_flags);
  if (code == SQLITE_OK) {
    file.base.pMethods = &kMethods;
  }
  return code;
}

const char* make_vfs() {
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  GUANXI_CHECK(system != nullptr, "SQLite has a VFS");
  static sqlite3_vfs vfs = *system;
  vfs.pNext = nullptr;
  vfs.zName = "guanxi-checked";
  vfs.szOsFile = static_cast<int>(sizeof(CheckedFile)) + system->szOsFile;
  vfs.pAppData = system;
  vfs.xOpen = open;
  vfs.xDelete = [](sqlite3_vfs* me, const char* path, int sync_folder) {
    return real_vfs(me)->xDelete(real_vfs(me), path, sync_folder);
  };
  vfs.xAccess = [](sqlite3_vfs* me, const char* path, int flags, int* there) {
    return real_vfs(me)->xAccess(real_vfs(me), path, flags, there);
  };
  vfs.xFullPathname = [](sqlite3_vfs* me, const char* path, int bytes, char* out) {
    return real_vfs(me)->xFullPathname(real_vfs(me), path, bytes, out);
  };
  GUANXI_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK, "a VFS can be registered");
  return vfs.zName;
}

}  // namespace

const char* checked_vfs() {
  static const char* const name = make_vfs();
  return name;
}

void tell_of_wal(sqlite3* connection, WalSpace& space) {
  sqlite3_file* wal = nullptr;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  sqlite3_int64 bytes = 0;
  if (wal == nullptr || wal->pMethods != &kMethods ||
      methods_of(wal).xFileSize(real(wal), &bytes) != SQLITE_OK) {
    return;
  }
  space.begin_with(bytes);
  checked(wal).space = &space;
}

}  // namespace guanxi
