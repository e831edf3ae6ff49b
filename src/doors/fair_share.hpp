#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace guanxi::doors {

/// Keeps one busy source from taking the room of all others.
///
/// What waits for the disk takes room, counted in bytes of its requests. A source may hold as much
/// as is still free after it: alone half of the room, two busy ones a third each, so that one that
/// has nothing waiting always finds room, however much the others send.
///
/// Place       In the ingest door: asked before a request is decoded, told when it was answered.
/// Invariants  waiting() is the sum over the sources; never more than `bytes_most`, but for one
///             request that is larger than that by itself.
/// Threads     Any.
class FairShare {
 public:
  explicit FairShare(std::size_t bytes_most) : bytes_most_(bytes_most) {}

  /// Whether there is room for a request of the source; it then holds it until release().
  [[nodiscard]] bool take(const std::string& source, std::size_t bytes);
  void release(const std::string& source, std::size_t bytes);
  [[nodiscard]] std::size_t waiting() const;

 private:
  std::size_t bytes_most_;
  mutable std::mutex mutex_;
  std::size_t waiting_ = 0;
  std::unordered_map<std::string, std::size_t> by_source_;
};

}  // namespace guanxi::doors
