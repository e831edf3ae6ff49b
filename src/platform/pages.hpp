#pragma once

#include <cstddef>
#include <span>

namespace guanxi {

/// A run of memory pages straight from the operating system: zero until written, and given back
/// to it at once when no longer needed, which the heap does not promise.
///
/// Place       people/ keeps timelines and what is being loaded in it.
/// Invariants  bytes() has the size asked for, or is empty after a move.
/// Threads     One owner; forget() of separate parts from several threads is fine.
class Pages {
 public:
  static constexpr std::size_t kPageBytes = 4096;

  Pages() = default;
  /// `scanned`: read from end to end again and again, so large pages pay. Aborts without memory.
  Pages(std::size_t bytes, bool scanned);
  ~Pages();
  Pages(Pages&& other) noexcept;
  Pages& operator=(Pages&& other) noexcept;
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }
  /// Gives the memory of a part back; it reads as zero from then on.
  /// REQUIRES offset and bytes are multiples of kPageBytes within the run.
  void forget(std::size_t offset, std::size_t bytes) const;

 private:
  std::span<std::byte> bytes_;
};

}  // namespace guanxi
