#pragma once

#include <cstdint>

#include "relationship/encounter.hpp"
#include "relationship/fold.hpp"

namespace guanxi {

/// What one rule made of one event.
struct Weighed {
  std::int64_t invested_16 = 0;  ///< put into the dimension (negative: taken away)
  std::uint32_t good_16 = 0;
  std::uint32_t bad_16 = 0;
};

/// Told of every piece of evidence while a timeline is folded, in order.
///
/// Place       explain() derives from it; the plain fold passes none.
/// Threads     Called on the folding thread.
class EvidenceSink {
 public:
  virtual ~EvidenceSink() = default;
  /// `emptied`: the dimension was taken down to nothing, earlier lines in it carry nothing now.
  virtual void evidence(const CompactEvent& event, const EvidenceRule& rule, const Weighed& weighed,
                        bool emptied) = 0;
  /// A breach withdrew this share of all good outcomes so far.
  virtual void breach(std::uint32_t breach_16) = 0;
};

/// What `rule` makes of `event`, given the state before it.
[[nodiscard]] Weighed weigh(const EvidenceRule& rule, const CompactEvent& event,
                            const Encounter& encounter, const State& state, const Model& model);

/// advance() for the inside of a fold: the event's day is known, and `memory` has been used for
/// this state alone since reset().
void advance_on(Day day, State& state, const CompactEvent& event, const Model& model,
                FoldMemory& memory, std::vector<Posting>* postings, EvidenceSink* sink);

}  // namespace guanxi
