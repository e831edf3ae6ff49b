#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/instant.hpp"
#include "events/event.hpp"

namespace guanxi {

/// 32 bits of everything an event says but its times, never 0: a retry may come with its time
/// corrected otherwise.
[[nodiscard]] std::uint32_t content_of(const Event& event);

/// The identities that came through the live door lately, whoever they were of, and what they said.
///
/// Place       The door asks before an event is logged. Behind it the image knows every identity on
///             a person's timeline for ever.
/// Invariants  An identity is remembered for at least kDays after it came, unless more than
///             `most` others came meanwhile. Memory is bounded by `most`: 36 bytes each at the
///             worst.
/// Threads     One owner.
class RecentIds {
 public:
  static constexpr std::int64_t kDays = 7;
  enum class Seen : std::uint8_t { fresh, repeated, conflicting };

  explicit RecentIds(std::size_t most) : half_(most / 2) {}
  /// Notes the identity when it is fresh.
  [[nodiscard]] Seen see(std::uint64_t id_hash, std::uint32_t content, Instant now);
  /// Takes a fresh one back: it did not get into the log.
  void forget(std::uint64_t id_hash);
  [[nodiscard]] std::size_t size() const { return young_.used + old_.used; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Half {
    std::vector<std::uint64_t> ids;  ///< open addressing; a place with content 0 is free
    std::vector<std::uint32_t> contents;
    std::size_t used = 0;
    Instant begun;
  };
  static constexpr std::uint32_t kGone = 1;  ///< a place that was taken back

  static std::size_t find(const Half& half, std::uint64_t id_hash);
  static void grow(Half& half);

  std::size_t half_;
  Half young_;
  Half old_;
};

}  // namespace guanxi
