#pragma once

#include <vector>

#include "relationship/facts.hpp"
#include "relationship/fold.hpp"
#include "relationship/model.hpp"

namespace guanxi {

/// Whether a tier's own gate (beyond the tier below it) holds at its rising or staying bars.
/// REQUIRES the tier is observable, except for the answer false.
[[nodiscard]] bool gate_enters(Tier tier, const State& state, const Standing& standing,
                               const Model& model, Day day);
[[nodiscard]] bool gate_keeps(Tier tier, const State& state, const Standing& standing,
                              const Model& model, Day day);

/// Lifts the tier as high as the gates above it open now; one posting, however many steps. `before`
/// is the state before the event, to say what it opened; only asked where postings are wanted.
struct Rising {
  const State* before = nullptr;
  std::vector<Posting>* postings = nullptr;
};
void rise(State& state, const CompactEvent& event, const Model& model, Figures& figures,
          const Rising& rising);

/// After a breach: leaves every tier whose gate has failed, without waiting for the day's close.
void fall_at_once(State& state, const CompactEvent& event, const Model& model,
                  std::vector<Posting>* postings);

/// Closes the days from state.day (its own close included) up to the day before `day`.
void close_before(State& state, Day day, const Model& model, Figures& figures,
                  std::vector<Posting>* postings);

}  // namespace guanxi
