#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace guanxi::http {

/// The files of the page, read once into memory: what is not in the folder at start can never be
/// sent, so no path leads out of it.
///
/// Place       Built by the server from web/dist; answers every GET that no route knows.
/// Invariants  Only regular files of the folder itself (no links, none hidden) are held.
/// Threads     Immutable after load(), but for compressed forms, which are made once under a lock.
class StaticFiles {
 public:
  static constexpr std::size_t kFileBytesMost = 64U << 20U;

  StaticFiles() = default;
  /// Reads every file under `folder`; a folder that is not there gives no files.
  explicit StaticFiles(const std::string& folder);

  /// The file at the request's path, or index.html when the path names a view of the page (its
  /// first segment has no '.' and is not "assets"), or 404. Understands If-None-Match and gzip.
  [[nodiscard]] Response answer(const Request& request) const;
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string content_type;
    std::string etag;
    std::shared_ptr<const std::string> content;
    bool compressible = false;
    bool immutable = false;  ///< its name holds a hash of its content
    mutable std::once_flag compressed_once;
    mutable std::shared_ptr<const std::string> compressed;
  };
  [[nodiscard]] const File* find(const Target& target) const;
  void load(const std::string& folder);

  std::map<std::string, std::unique_ptr<File>, std::less<>> files_;
};

}  // namespace guanxi::http
