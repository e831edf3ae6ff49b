#include "platform/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace guanxi {

Result<FileLock> FileLock::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(ErrorCode::unavailable,
                "cannot open the lock '" + path + "': " + std::strerror(errno));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const ssize_t length = ::pread(descriptor, holder.data(), holder.size() - 1, 0);
    ::close(descriptor);
    return fail(ErrorCode::conflict,
                "'" + path + "' is held by process " +
                    (length > 0 ? std::string(holder.data()) : std::string("(unknown)")) +
                    "; one process at a time may use a data folder");
  }
  const std::string mine = std::to_string(::getpid());
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, mine.data(), mine.size(), 0) < 0) {
    ::close(descriptor);
    return fail(ErrorCode::unavailable, "cannot write the lock '" + path + "'");
  }
  return FileLock(descriptor);
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace guanxi
