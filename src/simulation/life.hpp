#pragma once

#include <cstdint>
#include <vector>

#include "events/kind.hpp"
#include "simulation/latent.hpp"

namespace guanxi {

/// One event of a made-up life, in numbers; the words are put to it when it is written down.
///
/// Place       Life makes them, simulation.cpp turns them into Events.
/// Invariants  (person, number) is unique: the event's message id.
/// Threads     A value.
struct Draft {
  static constexpr std::uint16_t kNone = 0xFFFF;

  std::uint32_t at_s = 0;  ///< after the first midnight of the brand's life, local time
  std::uint32_t person = 0;
  std::uint32_t number = 0;  ///< of this person's events
  std::uint32_t thread = 0;  ///< number of the order, ticket, talk ... it belongs to; 0: none
  std::uint32_t other = 0;   ///< referral: number of whoever brought them
  std::int32_t amount_minor = 0;
  std::int32_t quantity = 0;
  EventKind kind = EventKind::unknown;
  std::uint8_t flags = 0;
  std::uint16_t product = kNone;
  std::uint16_t topic = kNone;  ///< place in topics_of(kind), or of review words
  std::uint16_t staff = kNone;
};

/// What all lives of one brand have in common.
struct BrandLife {
  std::uint64_t seed = 1;
  std::uint32_t days = 1000;
};

/// Appends one person's whole life to `out`, in no particular order.
///
/// The events are a function of (brand, person) alone. Where the rates come from:
/// docs/models/simulation.md.
void live(const BrandLife& brand, std::uint32_t person, std::vector<Draft>& out);

/// Who brought this person, if a friend did and one can be found among those before them.
struct Referrer {
  bool found = false;
  std::uint32_t person = 0;
};
[[nodiscard]] Referrer referrer_of(const BrandLife& brand, std::uint32_t person,
                                   const LatentPath& path);

}  // namespace guanxi
