#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "events/event.hpp"
#include "relationship/model.hpp"
#include "relationship/words.hpp"

namespace guanxi {

/// Why a tier changed.
enum class Cause : std::uint8_t { evidence, breach, silence };

/// One change of tier.
struct Posting {
  Day day;
  Tier from = Tier::none;
  Tier to = Tier::none;
  Cause cause = Cause::evidence;
  Fact fact = Fact::orders;         ///< rise: the condition met last; fall: the one that failed
  std::int64_t value = 0;           ///< the fact's value then, in its stored units
  std::int64_t bar = 0;             ///< what it had to be: what would have kept (or opened) it
  std::uint64_t event_id_hash = 0;  ///< the event that tipped it; 0 for silence
  std::uint32_t event_ordinal = 0;
  friend bool operator==(const Posting&, const Posting&) = default;
};

/// One person's relationship after the last event folded: all that the next event needs.
///
/// Place       One per person in people/; written only by advance() and close_until().
/// Invariants  A function of the model and the set of events folded. All figures are as of `day`.
/// Threads     A value.
struct State {
  Day day = kNoDay;  ///< of the last event folded, or the last day closed
  std::array<std::uint32_t, kDimensions> invested_16{};  ///< I_d, decayed to `day`
  std::uint32_t good_16 = 0;                             ///< r
  std::uint32_t bad_16 = 0;                              ///< s
  std::uint32_t initial_trust_16 = 0;
  std::uint32_t expectation_16 = 0;  ///< expected rating, 0..100 in 1/65536
  std::uint32_t events = 0;
  Day first_day = kNoDay;
  Day first_order_day = kNoDay;
  Day last_order_day = kNoDay;
  std::uint32_t orders = 0;
  std::uint32_t orders_returned = 0;
  std::uint32_t order_days = 0;
  std::uint32_t repeat_occasions = 0;
  std::uint32_t lines = 0;
  std::uint32_t devoted_lines = 0;
  std::uint32_t early_buys = 0;
  std::uint32_t staff_days = 0;
  std::uint32_t referred_orders = 0;
  std::uint32_t referred_refunds = 0;
  std::int64_t spent_minor = 0;     ///< buying kinds, returns taken off
  std::int64_t returned_minor = 0;  ///< positive
  std::uint64_t tip_id_hash = 0;    ///< the event of `day` that a fall at its close is put down to
  std::uint32_t tip_ordinal = 0;
  Day tier_since = kNoDay;
  Day breach_day = kNoDay;
  Tier tier = Tier::none;
  std::uint8_t reachable = 0;
  std::uint8_t origin_known = 0;
  std::uint8_t tip_bad = 0;  ///< the tipping event spoke against the relationship
  friend bool operator==(const State&, const State&) = default;
};

/// What is shown of a relationship on one day.
struct Reading {
  Tier tier = Tier::none;
  Velocity velocity = Velocity::steady;
  std::uint32_t trust_16 = 0;
  std::uint32_t uncertainty_16 = 0;
  std::uint32_t depth_16 = 0;
  std::uint32_t index_milli = 0;  ///< 0..100,000: the index in thousandths
  std::array<std::uint32_t, kDimensions> depth_of_16{};
  std::uint8_t stance = 0;  ///< Stance bits (stance.hpp); with kNotFolded all else is blank
  friend bool operator==(const Reading&, const Reading&) = default;
};

class FoldMemory;    // fold_memory.hpp: scratch of one fold, one per thread
class EvidenceSink;  // advance.hpp: told of every piece of evidence, for explanations

/// A person nothing is known of yet.
[[nodiscard]] State begin(const Model& model);

/// Carries one person's relationship across one event, closing the days before it. The result
/// depends on the arguments alone, so folding a timeline again rebuilds the same bits. It cannot
/// refuse: admit() has refused already, and the event is on disk.
///
/// REQUIRES event later in canonical order than every event folded so far, and `memory` holding
/// those events (recall() fills it for a state that was kept without one).
void advance(State& state, const CompactEvent& event, const Model& model, FoldMemory& memory,
             std::vector<Posting>* postings = nullptr, EvidenceSink* sink = nullptr);

/// Fills `memory` with what `events` left in it, so that advance() can go on after them. Costs a
/// fraction of a fold: no decay, no weighing, no gates.
void recall(FoldMemory& memory, std::span<const CompactEvent> events, const Model& model);

/// Closes every day up to and including `through`: tiers whose gates fail in silence are left on
/// the day of the crossing. Figures stay as of state.day; only the tier moves.
void close_until(State& state, Day through, const Model& model,
                 std::vector<Posting>* postings = nullptr);

/// The first day after `from`'s close-through on which silence alone will lower the tier, looking
/// at most `within_days` ahead; kNoDay when none.
[[nodiscard]] Day next_fall(const State& state, const Model& model, Day from,
                            std::uint32_t within_days);

/// fold(events up to the close of `through`, model, through): relationship.md 1.
/// REQUIRES events in canonical order. Events after the close of `through` are left out. Of a
/// person who objects to profiling by then (stance.hpp) nothing is folded: begin(model). Postings
/// are appended to `postings` when it is not null.
[[nodiscard]] State fold(std::span<const CompactEvent> events, const Model& model, Day through,
                         FoldMemory& memory, std::vector<Posting>* postings = nullptr);

/// What stands on `day` (>= state.day), by decay alone, velocity left at steady; falls by silence
/// between state.day and `day` are worked out. Does not change `state`.
[[nodiscard]] Reading read(const State& state, const Model& model, Day day);

/// read() on `through`, with the velocity from the readings 30 and 90 days earlier.
[[nodiscard]] Reading fold_reading(std::span<const CompactEvent> events, const Model& model,
                                   Day through, FoldMemory& memory, State* state_out = nullptr,
                                   std::vector<Posting>* postings = nullptr);

/// The derived events that a person's own orders give to whoever brought them (relationship.md 1):
/// one referred_order per completed order, one referred_refund per order taken back. `subject` of
/// each is 0 and the receiver is named by `referrer_subject`: the dictionary id of the first
/// referral_accepted's subject (0: nobody brought them).
struct Credits {
  std::uint32_t referrer_subject = 0;
  std::vector<CompactEvent> events;
};
[[nodiscard]] Credits referral_credits(std::span<const CompactEvent> events);

}  // namespace guanxi
