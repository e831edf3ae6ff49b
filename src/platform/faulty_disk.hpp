#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "platform/disk.hpp"

namespace guanxi {

/// A disk in memory that fails, tears and forgets on demand.
///
/// Place       Tests only: in no room's sources.
/// Invariants  Fault model: (1) the n-th changing operation (write, sync, cut, rename, remove) can
///             fail, once or from then on; a write that fails may have written a part; (2) a power
///             cut keeps everything synced, and of each write since then all, nothing or a prefix
///             that ends at a 512-byte sector (a sector is written whole or not at all); (3) names
///             (creation, rename, removal) are durable at once; (4) space can run out.
/// Threads     Any: one lock around everything.
class FaultyDisk final : public Disk {
 public:
  struct Faults {
    std::uint64_t fail_at = 0;  ///< the how-manieth changing operation fails; 0: none
    bool fail_on = false;       ///< and every later one
    bool frozen = false;        ///< every changing operation fails and changes nothing
    bool ignore_syncs = false;  ///< a sync says it worked and keeps nothing
    std::uint64_t space_bytes = ~std::uint64_t{0};
    unsigned sync_ms = 0;  ///< how long a sync takes
  };

  void set(const Faults& faults) {
    const std::lock_guard lock(mutex_);
    faults_ = faults;
    operations_ = 0;
  }
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  [[nodiscard]] bool fault_met() const {
    return faults_.fail_at != 0 && operations_ >= faults_.fail_at;
  }

  /// Cuts the power: what was not synced is kept, lost or torn as `random` says.
  void cut_power(Random& random) {
    const std::lock_guard lock(mutex_);
    for (auto& [path, content] : files_) {
      for (const Pending& change : content->pending) {
        const std::uint64_t choice = random.next() % 3;
        const std::size_t torn = random.next() % (change.bytes.size() + 1);
        content->apply(content->durable, change,
                       choice == 0   ? 0
                       : choice == 1 ? change.bytes.size()
                                     : at_sector(change.offset, torn));
      }
      content->pending.clear();
      content->live = content->durable;
    }
  }

  /// The bytes of a file, to look at or to spoil.
  [[nodiscard]] std::string& bytes_of(const std::string& path) { return files_.at(path)->live; }
  void set_bytes(const std::string& path, const std::string& bytes) {
    auto& content = files_[path];
    content = std::make_shared<Content>();
    content->live = content->durable = bytes;
  }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const std::lock_guard lock(mutex_);
    auto found = files_.find(path);
    if (found == files_.end()) {
      if (mode != OpenMode::create) {
        return fail(ErrorCode::not_found, "no file '" + path + "'");
      }
      found = files_.emplace(path, std::make_shared<Content>()).first;
    }
    return std::unique_ptr<File>(std::make_unique<Handle>(*this, found->second));
  }
  bool exists(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    return files_.count(path) != 0;
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    const std::lock_guard lock(mutex_);
    if (fails_now() || files_.count(from) == 0) {
      return broken("rename");
    }
    files_[to] = files_[from];
    files_.erase(from);
    return {};
  }
  Result<void> remove(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    if (fails_now()) {
      return broken("remove");
    }
    files_.erase(path);
    return {};
  }
  Result<void> make_folder(const std::string&) override { return {}; }
  Result<void> sync_folder(const std::string&) override { return {}; }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [path, content] : files_) {
      if (folder_of(path) == folder) {
        names.push_back(path.substr(path.rfind('/') + 1));
      }
    }
    return names;
  }
  Result<std::uint64_t> free_bytes(const std::string&) override {
    const std::lock_guard lock(mutex_);
    const std::uint64_t used = used_bytes();
    return faults_.space_bytes > used ? faults_.space_bytes - used : 0;
  }

 private:
  struct Pending {
    std::uint64_t offset;
    std::string bytes;
    bool cut;  ///< the file ends at `offset`
  };
  struct Content {
    std::string live;
    std::string durable;
    std::vector<Pending> pending;

    static void apply(std::string& target, const Pending& change, std::size_t kept) {
      if (change.cut) {
        target.resize(change.offset, '\0');
        return;
      }
      if (kept == 0) {
        return;
      }
      if (target.size() < change.offset + kept) {
        target.resize(change.offset + kept, '\0');
      }
      std::memcpy(target.data() + change.offset, change.bytes.data(), kept);
    }
  };

  class Handle final : public File {
   public:
    Handle(FaultyDisk& disk, std::shared_ptr<Content> content)
        : disk_(disk), content_(std::move(content)) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
      const std::lock_guard lock(disk_.mutex_);
      const std::string& live = content_->live;
      if (offset >= live.size()) {
        return std::size_t{0};
      }
      const std::size_t got = std::min<std::size_t>(into.size(), live.size() - offset);
      std::memcpy(into.data(), live.data() + offset, got);
      return got;
    }
    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
      const std::lock_guard lock(disk_.mutex_);
      Pending change{offset, std::string(bytes), false};
      const bool full = offset + bytes.size() > content_->live.size() &&
                        disk_.used_bytes() + bytes.size() > disk_.faults_.space_bytes;
      if (full) {
        return fail(ErrorCode::overloaded, "no space left");
      }
      const bool fails = disk_.fails_now();
      if (disk_.faults_.frozen) {
        return broken("write");
      }
      const std::size_t kept = fails ? bytes.size() / 2 : bytes.size();
      change.bytes.resize(kept);
      Content::apply(content_->live, change, kept);
      content_->pending.push_back(std::move(change));
      return fails ? broken("write") : Result<void>();
    }
    Result<void> sync() override {
      unsigned sync_ms = 0;
      {
        const std::lock_guard lock(disk_.mutex_);
        sync_ms = disk_.faults_.sync_ms;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(sync_ms));
      const std::lock_guard lock(disk_.mutex_);
      if (disk_.fails_now()) {
        if (disk_.faults_.frozen) {
          return broken("sync");
        }
        content_->pending.clear();  // the system forgets what it could not write
        return broken("sync");
      }
      if (!disk_.faults_.ignore_syncs) {
        for (const Pending& change : content_->pending) {
          Content::apply(content_->durable, change, change.bytes.size());
        }
        content_->pending.clear();
      }
      return {};
    }
    Result<void> truncate(std::uint64_t bytes) override {
      const std::lock_guard lock(disk_.mutex_);
      if (disk_.fails_now()) {
        return broken("cut");
      }
      const Pending change{bytes, std::string(), true};
      Content::apply(content_->live, change, 0);
      content_->pending.push_back(change);
      return {};
    }
    Result<std::uint64_t> size_bytes() override {
      const std::lock_guard lock(disk_.mutex_);
      return std::uint64_t{content_->live.size()};
    }

   private:
    FaultyDisk& disk_;
    std::shared_ptr<Content> content_;
  };

  // The largest length up to `bytes` that ends at a sector of the disk.
  static std::size_t at_sector(std::uint64_t offset, std::size_t bytes) {
    const std::uint64_t end = (offset + bytes) / 512 * 512;
    return end > offset ? static_cast<std::size_t>(end - offset) : 0;
  }
  static Unexpected broken(const std::string& what) {
    return fail(ErrorCode::unavailable, "the disk failed at a " + what);
  }
  bool fails_now() {
    ++operations_;
    return faults_.frozen ||
           (faults_.fail_at != 0 &&
            (operations_ == faults_.fail_at || (faults_.fail_on && operations_ > faults_.fail_at)));
  }
  [[nodiscard]] std::uint64_t used_bytes() const {
    std::uint64_t used = 0;
    for (const auto& [path, content] : files_) {
      used += content->live.size();
    }
    return used;
  }

  std::mutex mutex_;
  Faults faults_;
  std::uint64_t operations_ = 0;
  std::map<std::string, std::shared_ptr<Content>> files_;
};

}  // namespace guanxi
