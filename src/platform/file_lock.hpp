#pragma once

#include <string>

#include "base/result.hpp"

namespace guanxi {

/// Whose turn it is to write a data folder: one process at a time, let go by the system when the
/// process ends, however it ends.
///
/// Place       Held by the engine, or by a restore, for as long as it has the folder open.
/// Invariants  Held from take() to destruction.
/// Threads     One owner; moved, not copied.
class FileLock {
 public:
  /// Errors: conflict when another process holds it (the message names the process), unavailable
  /// when the file cannot be made.
  [[nodiscard]] static Result<FileLock> take(const std::string& path);

  FileLock(FileLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace guanxi
