#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/access_file.hpp"
#include "access/actor.hpp"
#include "access/sources.hpp"

namespace guanxi::access {

/// The sources of a brand and their keys, as the file has them, in memory.
///
/// Place       Part of AccessStore.
/// Invariants  What is looked up is never older than the last change made here, and at most a
///             second older than one made by another process. Keys are held as fingerprints.
/// Threads     Any. Looking up waits for nothing but memory.
class SourceBook {
 public:
  explicit SourceBook(AccessFile& file) : file_(file) {}
  [[nodiscard]] Result<void> load();

  [[nodiscard]] std::shared_ptr<const Source> of_key(std::string_view write_key) const;
  [[nodiscard]] std::shared_ptr<const Source> find(std::string_view id) const;
  [[nodiscard]] std::vector<std::shared_ptr<const Source>> all() const;
  [[nodiscard]] Result<std::vector<KeyInfo>> keys_of(std::string_view id);
  void mark_used(std::string_view id) const;
  /// Writes down what was used since the last time.
  [[nodiscard]] Result<void> keep_use();

  [[nodiscard]] Result<NewSource> add(const SourceDraft& draft, const Actor& by);
  [[nodiscard]] Result<std::string> rotate_key(std::string_view id, std::int64_t old_valid_seconds,
                                               const Actor& by);
  [[nodiscard]] Result<void> set_disabled(std::string_view id, bool disabled, const Actor& by);
  [[nodiscard]] Result<void> set_secret(std::string_view id, std::string_view secret,
                                        bool keep_before, const Actor& by);
  [[nodiscard]] Result<void> set_settings(std::string_view id, std::string_view settings_json,
                                          const Actor& by);

 private:
  struct Used {
    std::atomic<std::int64_t> at{0};
    std::int64_t kept = 0;
  };
  struct Entry {
    std::shared_ptr<const Source> source;
    std::shared_ptr<Used> used;
  };
  struct Key {
    std::string fingerprint;
    std::int64_t valid_until = 0;
    Entry entry;
  };
  struct Page {
    std::vector<Entry> entries;  ///< the oldest first
    std::unordered_map<std::string, Entry> by_id;
    std::unordered_map<std::string, Key> by_key;  ///< by the fingerprint's first half
  };

  [[nodiscard]] std::shared_ptr<const Page> page() const;
  [[nodiscard]] Result<void> read_sources(LogConnection& connection, Page& page) const;
  [[nodiscard]] static Result<void> read_keys(LogConnection& connection, Page& page);
  /// Runs `work`, which changes one row of sources, writes it into the trail and loads again.
  [[nodiscard]] Result<void> change_one(std::string_view id, std::string_view action,
                                        const Actor& by, const AccessFile::Work& work);

  AccessFile& file_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const Page> page_ = std::make_shared<const Page>();
};

}  // namespace guanxi::access
