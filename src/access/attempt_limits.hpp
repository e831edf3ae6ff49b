#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace guanxi::access {

/// How often something may be tried, by whatever names the one who tries: ten times in fifteen
/// minutes, unless it is set otherwise. A try is counted before it is looked at, so trying in
/// parallel gains nothing; one that succeeds is taken back; one that was refused does not prolong
/// anything.
///
/// Place       LoginDesk, and api/ for tokens that nobody has.
/// Invariants  Holds at most kKeysMost names; the one tried longest ago is forgotten first.
/// Threads     Any.
class AttemptLimits {
 public:
  static constexpr std::size_t kTriesMost = 10;
  static constexpr std::int64_t kWindowSeconds = 15 * 60;
  static constexpr std::size_t kKeysMost = 100'000;

  explicit AttemptLimits(std::size_t tries_most = kTriesMost,
                         std::int64_t window_seconds = kWindowSeconds)
      : tries_most_(tries_most), window_seconds_(window_seconds) {}
  [[nodiscard]] std::int64_t window_seconds() const { return window_seconds_; }

  struct Verdict {
    std::int64_t wait_seconds = 0;  ///< 0: go ahead
    bool first_refusal = false;     ///< the first one since tries were allowed
    [[nodiscard]] bool allowed() const { return wait_seconds == 0; }
  };
  /// Counts one try against each of `keys`, or against none when one of them has had too many.
  [[nodiscard]] Verdict begin(const std::vector<std::string>& keys, std::int64_t now_seconds);
  /// Takes back the last try of each: it was right.
  void succeed(const std::vector<std::string>& keys);
  /// Whether a try of `key` would be allowed; counts nothing.
  [[nodiscard]] bool would_allow(const std::string& key, std::int64_t now_seconds);
  void forget(const std::string& key);

 private:
  struct Tries {
    std::deque<std::int64_t> at;
    bool refused = false;
  };
  [[nodiscard]] std::int64_t wait_of(Tries& tries, std::int64_t now_seconds) const;
  void make_room(std::int64_t now_seconds);

  const std::size_t tries_most_;
  const std::int64_t window_seconds_;
  std::mutex mutex_;
  std::map<std::string, Tries> tries_;
};

}  // namespace guanxi::access
