#pragma once

#include <cstdint>
#include <span>

#include "base/instant.hpp"
#include "events/event.hpp"
#include "relationship/model.hpp"

namespace guanxi {

/// What a person has said about the use of their data as a whole, as bits. It is said by
/// consent_withdrawn of a purpose and taken back by consent_given of the same; the latest event in
/// canonical order counts.
enum Stance : std::uint8_t {
  kRestricted = 1,   ///< "processing": stored, nothing else (GDPR 18, PIPL 44, 47)
  kNoProfiling = 2,  ///< "profiling": no score, no tier (GDPR 21, 22, PIPL 24)
  kNoMarketing = 4   ///< "marketing": no advertising, through any channel (GDPR 21, PIPL 24)
};
/// With these nothing is computed of a person: they stand as one of whom nothing is known.
inline constexpr std::uint8_t kNotFolded = kRestricted | kNoProfiling;

[[nodiscard]] bool changes_stance(const CompactEvent& event);
/// The stance after `event`. REQUIRES changes_stance(event).
[[nodiscard]] std::uint8_t stance_after(std::uint8_t stance, const CompactEvent& event);
/// At the close of `through`. REQUIRES events in canonical order.
[[nodiscard]] std::uint8_t stance_on(std::span<const CompactEvent> events, const Model& model,
                                     Day through);

}  // namespace guanxi
