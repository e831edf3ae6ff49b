#include "relationship/stance.hpp"

namespace guanxi {

bool changes_stance(const CompactEvent& event) {
  return event.quantity() >= 1 && event.quantity() <= 3 &&
         (event.kind() == EventKind::consent_withdrawn || event.kind() == EventKind::consent_given);
}

std::uint8_t stance_after(std::uint8_t stance, const CompactEvent& event) {
  const unsigned bit = 1U << static_cast<unsigned>(event.quantity() - 1);
  const unsigned before = stance;
  return static_cast<std::uint8_t>(event.kind() == EventKind::consent_withdrawn ? before | bit
                                                                                : before & ~bit);
}

std::uint8_t stance_on(std::span<const CompactEvent> events, const Model& model, Day through) {
  std::uint8_t stance = 0;
  for (const CompactEvent& event : events) {
    if (changes_stance(event) && model.zone.day_of(event.occurred_at()) <= through) {
      stance = stance_after(stance, event);
    }
  }
  return stance;
}

}  // namespace guanxi
