#pragma once

#include <array>
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
///             worst. It grows in kParts steps that come at different times, so that no event waits
///             long for it.
/// Threads     One owner.
class RecentIds {
 public:
  static constexpr std::int64_t kDays = 7;
  enum class Seen : std::uint8_t { fresh, repeated, conflicting };

  explicit RecentIds(std::size_t most) : half_(most / 2) {}
  /// Asks for the memory that see() will look at: worth it some dozen identities ahead.
  void prefetch(std::uint64_t id_hash) const;
  /// Notes the identity when it is fresh.
  [[nodiscard]] Seen see(std::uint64_t id_hash, std::uint32_t content, Instant now);
  /// Takes a fresh one back: it did not get into the log.
  void forget(std::uint64_t id_hash);
  [[nodiscard]] std::size_t size() const { return young_.used + old_.used; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  static constexpr std::size_t kParts = 256;  ///< by the first byte of the hash
  static constexpr std::size_t kBucketIds = 5;
  static constexpr std::uint32_t kGone = 1;  ///< a place that was taken back
  /// One line of the processor's cache. Filled from the front; a place with content 0 is free.
  struct alignas(64) Bucket {
    std::array<std::uint64_t, kBucketIds> ids{};
    std::array<std::uint32_t, kBucketIds> contents{};
  };
  /// The identities whose hash begins alike: what does not fit its bucket goes to the next.
  struct Part {
    std::vector<Bucket> buckets;
    std::size_t used = 0;
  };
  struct Half {
    std::vector<Part> parts;  ///< none while empty
    std::size_t used = 0;
    Instant begun;
  };
  struct Place {
    std::uint64_t* id;
    std::uint32_t* content;
  };

  static Place find(Part& part, std::uint64_t id_hash, std::uint64_t mixed);
  static Part& room_for_one(Half& half, std::uint64_t mixed);
  static void grow(Part& part);

  std::size_t half_;
  Half young_;
  Half old_;
};

}  // namespace guanxi
