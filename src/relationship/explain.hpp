#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "relationship/fold.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {

/// One piece of evidence and what it is still worth on the day asked for.
struct EvidenceLine {
  CompactEvent event;
  std::uint32_t rule = 0;  ///< index into model.rules
  Day day;                 ///< the event's, in the brand's zone
  Dimension dimension = Dimension::transaction;
  std::int64_t first_16 = 0;  ///< points when it happened
  std::int64_t worth_16 = 0;  ///< points today; lines of a dimension sum to invested_16
  std::int64_t good_16 = 0;   ///< good outcomes today; lines sum to the state's good_16
  std::int64_t bad_16 = 0;
  std::int64_t index_milli = 0;  ///< share of the index; lines sum to the index exactly
};

struct DimensionLine {
  Dimension dimension = Dimension::transaction;
  bool observable = false;
  std::uint32_t invested_16 = 0;
  std::uint32_t depth_16 = 0;
  std::uint32_t weight_16 = 0;
  std::int64_t index_milli = 0;  ///< dimensions sum to the index exactly
};

struct ConditionCheck {
  Condition condition;
  bool observable = true;
  bool option = false;
  bool enters = false;  ///< value passes the rising bar
  bool keeps = false;   ///< value passes the staying bar
  std::int64_t value = 0;
};

struct GateCheck {
  Tier tier = Tier::none;
  bool observable = true;
  bool enters = false;
  bool keeps = false;
  std::uint32_t options_needed = 0;  ///< after unobservable ones are left out
  std::vector<ConditionCheck> checks;
};

/// Why a person stands where they stand: every line, every gate, exact sums.
///
/// Place       Made on demand for one person; the API, the command line and the tests show it.
/// Invariants  Sums as said at each member, by largest remainder (docs/models/explanation.md).
struct Explanation {
  Day day;
  Reading reading;
  State state;
  std::vector<DimensionLine> dimensions;
  std::vector<EvidenceLine> evidence;
  std::vector<GateCheck> gates;  ///< micro .. super_strong
  std::vector<Posting> postings;
  Tier next = Tier::none;               ///< the nearest gate above; equal to the tier when none
  std::vector<ConditionCheck> to_open;  ///< what the next gate still lacks
  std::vector<Fact> unobservable;
  std::string model_name;
  std::string model_version;
  std::uint64_t model_hash = 0;
};

[[nodiscard]] Explanation explain(std::span<const CompactEvent> events, const Model& model, Day day,
                                  FoldMemory& memory);

/// How a fact's stored value is written for people: "0.42", "3", "17.5".
[[nodiscard]] std::string fact_text(Fact fact, std::int64_t value);

}  // namespace guanxi
