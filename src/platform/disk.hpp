#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// One open file. Every byte that must survive a power cut goes through sync().
///
/// Place       Opened by Disk; the high-water mark, the file lock and copies of the log use it.
/// Invariants  What was written is durable only after a sync() that succeeded; after one that
///             failed nothing is known and nobody may try again.
/// Threads     One owner at a time.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// Reads up to `into.size()` bytes; fewer only at the end of the file.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) = 0;
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  [[nodiscard]] virtual Result<void> sync() = 0;
  [[nodiscard]] virtual Result<void> truncate(std::uint64_t bytes) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size_bytes() = 0;
};

enum class OpenMode { read_only, read_write, create };

/// The disk as the log sees it, so that tests can put one there that fails, tears and forgets.
///
/// Place       real_disk() in the product, FaultyDisk (faulty_disk.hpp) in tests.
/// Invariants  A path is taken as given; nothing is interpreted.
/// Errors      not_found for a missing file, unavailable for everything the system refuses; the
///             message names the path and the system's reason.
/// Threads     Any; files opened from it have one owner each.
class Disk {
 public:
  Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  virtual ~Disk() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                           OpenMode mode) = 0;
  [[nodiscard]] virtual bool exists(const std::string& path) = 0;
  /// Replaces `to` in one step. Durable after sync_folder().
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// Removing what is not there is no error.
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> make_folder(const std::string& path) = 0;
  /// Makes creations, renames and removals in `folder` durable.
  [[nodiscard]] virtual Result<void> sync_folder(const std::string& folder) = 0;
  /// Names (not paths) of the plain files in `folder`, sorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> free_bytes(const std::string& folder) = 0;
};

/// The operating system's disk.
[[nodiscard]] Disk& real_disk();

/// The whole content of a file. Errors: as Disk; invalid when larger than `most_bytes`.
[[nodiscard]] Result<std::string> read_file(Disk& disk, const std::string& path,
                                            std::uint64_t most_bytes = std::uint64_t{1} << 30U);
/// Writes a file so that after a crash either the old or the new content is there, whole.
[[nodiscard]] Result<void> write_file(Disk& disk, const std::string& path, std::string_view bytes);
/// The folder part of a path, "." when it has none.
[[nodiscard]] std::string folder_of(const std::string& path);

}  // namespace guanxi
