#pragma once

#include <cstdint>

#include "events/event.hpp"
#include "relationship/fold.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {

/// What one event meant against all that came before it: the part of a fold that needs memory.
struct Encounter {
  std::int64_t amount_minor = 0;  ///< of the event; of a whole refund, what was still kept
  bool first_of_order = false;    ///< the order's first event (every event without an order id)
  bool new_product = false;       ///< a product they had not bought before
  bool repeat = false;            ///< a product bought again on another day
};

/// Kinds that are, or belong to, a purchase.
[[nodiscard]] bool is_buying(EventKind kind);
/// Kinds that take a purchase back.
[[nodiscard]] bool is_taking_back(EventKind kind);
/// Whether it says who brought this person.
[[nodiscard]] inline bool is_referral(const CompactEvent& event) {
  return event.kind() == EventKind::referral_accepted && event.subject() != 0;
}

/// Whether meet() of the event leaves or changes an order, a product or a member of staff in the
/// memory, or money that a later return is measured by.
[[nodiscard]] bool is_remembered(const CompactEvent& event);

/// Counts one event into the state's facts (orders, occasions, bonds, reach ...) and says what it
/// meant. Where no source names products (model.calibration), any purchase counts as a purchase of
/// one and the same. REQUIRES canonical order.
Encounter meet(State& state, const CompactEvent& event, Day day, const Model& model,
               FoldMemory& memory);

}  // namespace guanxi
