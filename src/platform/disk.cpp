#include "platform/disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace guanxi {
namespace {

Unexpected system_error(const std::string& what, const std::string& path) {
  const int number = errno;
  return fail(number == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
              what + " '" + path + "': " + std::strerror(number));
}

class RealFile final : public File {
 public:
  RealFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~RealFile() override { ::close(descriptor_); }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(descriptor_, into.data() + done, into.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return system_error("cannot read", path_);
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t put = ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(offset + done));
      if (put < 0 && errno == EINTR) {
        continue;
      }
      if (put <= 0) {
        return system_error("cannot write", path_);
      }
      done += static_cast<std::size_t>(put);
    }
    return {};
  }

  Result<void> sync() override {
    return ::fdatasync(descriptor_) == 0 ? Result<void>() : system_error("cannot sync", path_);
  }

  Result<void> truncate(std::uint64_t bytes) override {
    return ::ftruncate(descriptor_, static_cast<off_t>(bytes)) == 0
               ? Result<void>()
               : system_error("cannot cut", path_);
  }

  Result<std::uint64_t> size_bytes() override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) {
      return system_error("cannot look at", path_);
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  int descriptor_;
  std::string path_;
};

class RealDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const int flags = mode == OpenMode::read_only    ? O_RDONLY
                      : mode == OpenMode::read_write ? O_RDWR
                                                     : O_RDWR | O_CREAT;
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      return system_error("cannot open", path);
    }
    return std::unique_ptr<File>(std::make_unique<RealFile>(descriptor, path));
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<void> rename(const std::string& from, const std::string& to) override {
    return std::rename(from.c_str(), to.c_str()) == 0 ? Result<void>()
                                                      : system_error("cannot rename", from);
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) {
      return {};
    }
    return system_error("cannot remove", path);
  }

  Result<void> make_folder(const std::string& path) override {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      ::mkdir(path.substr(0, slash).c_str(), 0700);
    }
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) {
      return {};
    }
    return system_error("cannot make the folder", path);
  }

  Result<void> sync_folder(const std::string& folder) override {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
      return system_error("cannot open the folder", folder);
    }
    const bool synced = ::fsync(descriptor) == 0;
    const int number = errno;
    ::close(descriptor);
    errno = number;
    return synced ? Result<void>() : system_error("cannot sync the folder", folder);
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    DIR* opened = ::opendir(folder.c_str());
    if (opened == nullptr) {
      return system_error("cannot list", folder);
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(opened)) {
      if (entry->d_type == DT_REG) {
        names.emplace_back(entry->d_name);
      }
    }
    ::closedir(opened);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::uint64_t> free_bytes(const std::string& folder) override {
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0) {
      return system_error("cannot ask for the free space of", folder);
    }
    return std::uint64_t{status.f_bavail} * status.f_frsize;
  }
};

}  // namespace

Disk& real_disk() {
  static RealDisk disk;
  return disk;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::string> read_file(Disk& disk, const std::string& path, std::uint64_t most_bytes) {
  GUANXI_TRY(file, disk.open(path, OpenMode::read_only));
  GUANXI_TRY(bytes, file->size_bytes());
  if (bytes > most_bytes) {
    return fail(ErrorCode::invalid, "'" + path + "' has " + std::to_string(bytes) +
                                        " bytes; at most " + std::to_string(most_bytes));
  }
  std::string content(bytes, '\0');
  GUANXI_TRY(got, file->read_at(0, content));
  content.resize(got);
  return content;
}

Result<void> write_file(Disk& disk, const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".new";
  GUANXI_TRY(file, disk.open(beside, OpenMode::create));
  GUANXI_TRY_VOID(file->truncate(0));
  GUANXI_TRY_VOID(file->write_at(0, bytes));
  GUANXI_TRY_VOID(file->sync());
  file.reset();
  GUANXI_TRY_VOID(disk.rename(beside, path));
  return disk.sync_folder(folder_of(path));
}

}  // namespace guanxi
