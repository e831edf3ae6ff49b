#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace guanxi {

/// Counts how often a content, known by 64 bits of its hash, has come so far.
///
/// Place       One per file of FileImport: the k-th occurrence of a row is part of its identity.
/// Invariants  Holds 8 to 16 bytes per distinct content, whatever its length; contents that come
///             once cost nothing more. Two contents of one hash are taken for one (chance below
///             one in 3,000 for 100 million rows).
/// Threads     One owner.
class OccurrenceCounter {
 public:
  /// 0 the first time, then 1, 2, ...
  [[nodiscard]] std::uint32_t next(std::uint64_t hash);
  void clear();
  [[nodiscard]] std::size_t bytes() const;

 private:
  static constexpr std::size_t kParts = 256;  ///< grow one by one, so that the peak stays low
  struct Part {
    std::vector<std::uint64_t> slots;  ///< 0: free
    std::size_t used = 0;
  };
  static void grow(Part& part);
  static std::uint64_t* find(Part& part, std::uint64_t hash);

  std::array<Part, kParts> parts_;
  std::unordered_map<std::uint64_t, std::uint32_t> repeats_;  ///< looked up by key, never walked
};

}  // namespace guanxi
