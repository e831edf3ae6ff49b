#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fixed.hpp"
#include "base/instant.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "events/event.hpp"
#include "relationship/words.hpp"

namespace guanxi {

/// From how many gaps whose mean, and how regular, a person's own rhythm is judged before their own
/// gaps say more. Integers, so that the fold stays exact.
struct Rhythm {
  std::uint32_t prior_days = 0;
  std::uint32_t prior_gaps_16 = 0;  ///< how many gaps `prior_days` stand for; 0: nothing fitted
  std::uint32_t surprise_16 = 0;    ///< a silence as rare as three mean gaps of one who buys at
                                    ///< random, over three mean gaps: below 1 for regular buyers
  friend bool operator==(const Rhythm&, const Rhythm&) = default;
};

/// What the brand's own data say and the fold must know: part of the *active* model, proposed from
/// the data, activated as a logged step, never looked up during a fold.
struct Calibration {
  std::uint64_t observed_kinds = 0;      ///< bit k: an event of EventKind k has come
  std::uint8_t observed_flags = 0;       ///< EventFlag bits that have come
  bool products_named = false;           ///< order lines name their product
  std::int64_t typical_order_minor = 0;  ///< median order value; 0: model's own
  std::uint32_t typical_gap_days = 0;    ///< median gap between order days; 0: model's own
  Rhythm rhythm{};                       ///< of the buying model fitted last, when one is asked for
  friend bool operator==(const Calibration&, const Calibration&) = default;
};
/// One line of JSON, for the log; and back.
[[nodiscard]] std::string to_json(const Calibration& calibration);
[[nodiscard]] Result<Calibration> calibration_from_json(std::string_view json);

/// By what an evidence rule's weight is multiplied.
enum class Scale : std::uint8_t { one, amount, minutes, rating };
/// How often a rule counts: at every event; at the first event of an order; at the first of its
/// events on a day; when a product is bought for the first time; when it is bought again on
/// another day.
enum class Once : std::uint8_t { event, order, day, new_product, repeat };

/// "This kind of event is worth that much": one [[evidence]] table of the model file.
struct EvidenceRule {
  std::string name;
  EventKind kind = EventKind::unknown;
  Dimension dimension = Dimension::transaction;
  Scale scale = Scale::one;
  Once once = Once::event;
  std::uint8_t flags = 0;       ///< EventFlag bits that must be set
  std::uint8_t day_slot = 0;    ///< of once = day: rules of one name share a slot
  std::int32_t weight_16 = 0;   ///< points put into the dimension; negative takes away
  std::uint32_t good_16 = 0;    ///< good outcomes the trial is worth
  std::uint32_t bad_16 = 0;     ///< bad outcomes
  std::uint32_t breach_16 = 0;  ///< share of all good outcomes withdrawn at once
  std::uint32_t cap_16 = 0;     ///< largest multiple of the scale that counts; 0: no cap
};

/// One thing that a tier's gate asks for. Values are in the fact's stored units (facts.hpp).
struct Condition {
  Fact fact = Fact::orders;
  bool at_least = true;           ///< false: at most
  std::int64_t enter = 0;         ///< bar when rising
  std::int64_t keep = 0;          ///< bar when staying: lower, so that tiers do not flicker
  bool where_observable = false;  ///< left out (and named) when no source can show the fact
};

/// What a tier asks for beyond the tier below it.
struct Gate {
  std::vector<Condition> all;
  std::vector<Condition> options;  ///< of these `options_needed` must hold
  std::uint32_t options_needed = 0;
};

/// A relationship model: every number of the fold. Read from TOML, checked completely.
///
/// Place       models/*.toml -> parse(); with a calibration it becomes the active model.
/// Invariants  Complete and in range after parse(): the fold needs no checks.
/// Threads     Immutable after parse() and with(); shared by every shard.
class Model {
 public:
  /// Reads and checks a model file. Errors: invalid, with line, column and the valid names.
  /// `zone_of` turns an IANA name into a Zone (platform/time_zone); fixed offsets need none.
  using ZoneLoader = Result<Zone> (*)(std::string_view name);
  [[nodiscard]] static Result<Model> parse(std::string_view toml, ZoneLoader zone_of = nullptr);

  /// The same model, activated with what the data can show.
  [[nodiscard]] Model with(const Calibration& calibration) const;

  [[nodiscard]] std::span<const EvidenceRule> rules_for(EventKind kind) const {
    const auto k = static_cast<std::size_t>(kind);
    return std::span(rules).subspan(rule_begin[k], rule_end[k] - rule_begin[k]);
  }
  [[nodiscard]] bool observable(Fact fact) const {
    return (observable_facts >> static_cast<unsigned>(fact) & 1U) != 0;
  }
  [[nodiscard]] bool observable(Dimension dimension) const {
    return (observable_dimensions >> static_cast<unsigned>(dimension) & 1U) != 0;
  }
  /// False when a condition that the tier cannot do without is on an unobservable fact.
  [[nodiscard]] bool observable(Tier tier) const {
    return (observable_tiers >> static_cast<unsigned>(tier) & 1U) != 0;
  }

  std::string name;
  std::string version;
  std::uint64_t hash = 0;  ///< of the file's text and the calibration
  std::string source;      ///< the TOML text
  Currency currency;       ///< unnamed: whatever the data have
  Zone zone;
  Calibration calibration;

  static constexpr int kDaySlots = 32;
  std::vector<EvidenceRule> rules;  ///< sorted by kind
  std::array<std::uint16_t, kEventKinds> rule_begin{};
  std::array<std::uint16_t, kEventKinds> rule_end{};

  std::array<std::uint32_t, kDimensions> half_life_days{};  ///< stated
  std::array<std::uint32_t, kDimensions> saturation_16{};   ///< k_d
  std::array<std::uint32_t, kDimensions> weight_16{};  ///< w_d, renormalised over observable ones
  std::array<std::uint32_t, kDimensions> stated_weight_16{};
  std::uint32_t stretch_gap_days = 0;      ///< half-lives are stated for this gap; 0: never stretch
  std::uint32_t stretch_most_16 = kOne16;  ///< and stretch with the brand's own at most so far
  std::uint32_t good_half_life_days = 0;
  std::uint32_t bad_half_life_days = 0;
  std::uint32_t prior_weight_16 = 0;                      ///< W
  std::array<std::uint32_t, kOrigins> origin_trust_16{};  ///< a, by how they came
  std::uint32_t expectation = 60;         ///< expected rating before any of their own, 0..100
  std::uint32_t surprise_16 = 0;          ///< extra weight per full point of surprise
  std::uint32_t expectation_pace_16 = 0;  ///< how fast the expectation follows their ratings
  std::array<Gate, kTiers> gates;         ///< as stated
  std::array<Gate, kTiers> active_gates;  ///< without what no source can show
  std::int64_t typical_order_minor = 0;
  std::uint32_t typical_gap_days = 0;
  bool rhythm_fitted = false;  ///< [velocity] rhythm = "fitted"
  Rhythm rhythm{};             ///< in force: the fitted one, or one typical gap at random
  struct VelocityRules {
    std::int32_t deepening_milli;      ///< index risen by at least so much in 30 or 90 days
    std::int32_t drifting_milli;       ///< fallen by at least
    std::uint32_t at_risk_rhythms_16;  ///< silent longer than so many own rhythms
    std::uint32_t lost_rhythms_16;
    std::uint32_t least_gap_days;  ///< a rhythm is never taken as shorter than this
  } velocity{};

  /// What a person is worth (relationship.md 9). Read by people/ after the fold; no part of it.
  struct ValueRules {
    std::uint32_t horizon_days = 365;             ///< how far ahead purchases count
    std::uint32_t discount_micros = 100000;       ///< a year, in millionths
    std::uint32_t second_degree_micros = 500000;  ///< share of those brought by those they brought
    std::uint32_t derived_days = 365;             ///< how long what they gave counts
    bool priced = false;                          ///< there is a tariff
    /// What one event is worth, in millionths of a typical order.
    std::array<std::uint32_t, kEventKinds> tariff_micros{};
  } value{};

  std::uint32_t observable_facts = 0;
  std::uint8_t observable_dimensions = 0;
  std::uint8_t observable_tiers = 0;

  /// Row `days`: what is left of each of the 7 dimensions, good and bad outcomes, of 2^32.
  struct DecayRow {
    std::array<std::uint32_t, 16> factor;  ///< 0..6 dimensions, 7 good, 8 bad, 9 least of 0..6
  };
  static constexpr std::size_t kFastestLane = kDimensions + 2;
  static constexpr std::uint32_t kDecayDays = 49712;   ///< 1970-01-01 to 2106-02-07
  std::shared_ptr<const std::vector<DecayRow>> decay;  ///< one row a day, shared by copies
  /// A stated half-life, stretched to the brand's own typical gap between orders.
  [[nodiscard]] std::uint32_t stretched(std::uint32_t stated_half_life_days) const;
  /// What `days` days leave. More than any two events can lie apart leave what that many leave.
  [[nodiscard]] const DecayRow& decay_after(std::uint32_t days) const {
    return (*decay)[std::min(days, kDecayDays - 1)];
  }
};

}  // namespace guanxi
