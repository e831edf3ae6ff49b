#include "relationship/explain.hpp"

#include <algorithm>

#include "relationship/advance.hpp"
#include "relationship/apportion.hpp"
#include "relationship/facts.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

// Writes down every piece of evidence while the timeline is folded.
class Collector : public EvidenceSink {
 public:
  Collector(const Model& model, std::vector<EvidenceLine>& lines) : model_(model), lines_(lines) {}

  void evidence(const CompactEvent& event, const EvidenceRule& rule, const Weighed& weighed,
                bool emptied) override {
    EvidenceLine line;
    line.event = event;
    line.rule = static_cast<std::uint32_t>(&rule - model_.rules.data());
    line.day = model_.zone.day_of(event.occurred_at());
    line.dimension = rule.dimension;
    line.first_16 = weighed.invested_16;
    line.worth_16 = weighed.invested_16;
    line.good_16 = weighed.good_16;
    line.bad_16 = weighed.bad_16;
    lines_.push_back(line);
    if (emptied) {
      for (EvidenceLine& earlier : lines_) {
        earlier.worth_16 = earlier.dimension == rule.dimension ? 0 : earlier.worth_16;
      }
    }
  }

  void breach(std::uint32_t breach_16) override {
    for (EvidenceLine& earlier : lines_) {
      earlier.good_16 = earlier.good_16 * (kOne16 - breach_16) / kOne16;
    }
  }

 private:
  const Model& model_;
  std::vector<EvidenceLine>& lines_;
};

// What is left of `amount` after the days since it happened, in 1/2^48.
Int128 left_of(std::int64_t amount, Day since, Day day, const Model& model, std::size_t lane) {
  const auto days = static_cast<std::uint32_t>(day.number - since.number);
  return static_cast<Int128>(amount) *
         (days == 0 ? Int128{1} << 32U : Int128{model.decay_after(days).factor[lane]});
}

void settle_outcomes(Explanation& explanation, const Standing& standing, const Model& model) {
  std::vector<Int128> good;
  std::vector<Int128> bad;
  for (const EvidenceLine& line : explanation.evidence) {
    good.push_back(left_of(line.good_16, line.day, explanation.day, model, kDimensions));
    bad.push_back(left_of(line.bad_16, line.day, explanation.day, model, kDimensions + 1));
  }
  const auto good_shares = apportion(standing.good_16, good);
  const auto bad_shares = apportion(standing.bad_16, bad);
  for (std::size_t i = 0; i < explanation.evidence.size(); ++i) {
    explanation.evidence[i].good_16 = good_shares[i];
    explanation.evidence[i].bad_16 = bad_shares[i];
  }
}

// Lines of one dimension sum to its investment and to its share of the index.
void settle_dimension(Explanation& explanation, const DimensionLine& dimension,
                      const Model& model) {
  std::vector<std::size_t> places;
  std::vector<Int128> worth;
  for (std::size_t i = 0; i < explanation.evidence.size(); ++i) {
    const EvidenceLine& line = explanation.evidence[i];
    if (line.dimension == dimension.dimension) {
      places.push_back(i);
      worth.push_back(left_of(line.worth_16, line.day, explanation.day, model,
                              static_cast<std::size_t>(dimension.dimension)));
    }
  }
  const auto worth_shares = apportion(dimension.invested_16, worth);
  const auto index_shares = apportion(dimension.index_milli, worth);
  for (std::size_t i = 0; i < places.size(); ++i) {
    explanation.evidence[places[i]].worth_16 = worth_shares[i];
    explanation.evidence[places[i]].index_milli = index_shares[i];
  }
}

void settle_dimensions(Explanation& explanation, const Standing& standing, const Model& model) {
  std::vector<Int128> parts;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    DimensionLine line;
    line.dimension = static_cast<Dimension>(d);
    line.observable = model.observable(line.dimension);
    line.invested_16 = standing.invested_16[d];
    line.depth_16 = explanation.reading.depth_of_16[d];
    line.weight_16 = model.weight_16[d];
    explanation.dimensions.push_back(line);
    parts.push_back(static_cast<Int128>(line.weight_16) * line.depth_16);
  }
  const auto shares = apportion(explanation.reading.index_milli, parts);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    explanation.dimensions[d].index_milli = shares[d];
    settle_dimension(explanation, explanation.dimensions[d], model);
  }
}

ConditionCheck check(const Condition& condition, bool option, const Explanation& explanation,
                     const Standing& standing, const Model& model) {
  ConditionCheck result;
  result.condition = condition;
  result.option = option;
  result.observable = model.observable(condition.fact);
  result.value = fact_value(condition.fact, explanation.state, standing, model, explanation.day);
  const auto passes = [&](std::int64_t bar) {
    return condition.at_least ? result.value >= bar : result.value <= bar;
  };
  result.enters = result.observable && passes(condition.enter);
  result.keeps = result.observable && passes(condition.keep);
  return result;
}

bool left_out(const ConditionCheck& check) {
  return !check.observable && (check.option || check.condition.where_observable);
}

GateCheck check_gate(Tier tier, const Explanation& explanation, const Standing& standing,
                     const Model& model) {
  GateCheck gate;
  gate.tier = tier;
  gate.observable = model.observable(tier);
  const Gate& stated = model.gates[static_cast<std::size_t>(tier)];
  for (const Condition& condition : stated.all) {
    gate.checks.push_back(check(condition, false, explanation, standing, model));
  }
  for (const Condition& option : stated.options) {
    gate.checks.push_back(check(option, true, explanation, standing, model));
  }
  gate.options_needed = model.active_gates[static_cast<std::size_t>(tier)].options_needed;
  std::uint32_t options_entered = 0;
  std::uint32_t options_kept = 0;
  gate.enters = gate.observable;
  gate.keeps = gate.observable;
  for (const ConditionCheck& one : gate.checks) {
    if (one.option) {
      options_entered += one.enters ? 1U : 0U;
      options_kept += one.keeps ? 1U : 0U;
    } else if (!left_out(one)) {
      gate.enters = gate.enters && one.enters;
      gate.keeps = gate.keeps && one.keeps;
    }
  }
  gate.enters = gate.enters && options_entered >= gate.options_needed;
  gate.keeps = gate.keeps && options_kept >= gate.options_needed;
  return gate;
}

// What the gate above still lacks; its options only while too few of them hold.
void find_next(Explanation& explanation) {
  explanation.next = explanation.reading.tier;
  if (explanation.reading.tier == Tier::super_strong) {
    return;
  }
  const GateCheck& gate = explanation.gates[static_cast<std::size_t>(explanation.reading.tier)];
  explanation.next = gate.tier;
  const auto entered = static_cast<std::uint32_t>(
      std::count_if(gate.checks.begin(), gate.checks.end(),
                    [](const ConditionCheck& one) { return one.option && one.enters; }));
  for (const ConditionCheck& one : gate.checks) {
    const bool wanted = !one.option || (one.observable && entered < gate.options_needed);
    if (wanted && !one.enters && !left_out(one)) {
      explanation.to_open.push_back(one);
    }
  }
}

std::string decimal_text(std::int64_t value, unsigned digits) {
  std::int64_t whole = 1;
  for (unsigned i = 0; i < digits; ++i) {
    whole *= 10;
  }
  std::string fraction = std::to_string(whole + value % whole).substr(1);
  return std::to_string(value / whole) + "." + fraction;
}

}  // namespace

Explanation explain(std::span<const CompactEvent> events, const Model& model, Day day,
                    FoldMemory& memory) {
  Explanation explanation;
  explanation.day = day;
  explanation.reading =
      fold_reading(events, model, day, memory, &explanation.state, &explanation.postings);
  memory.reset();
  Collector collector(model, explanation.evidence);
  State again = begin(model);
  const bool folded = (explanation.reading.stance & kNotFolded) == 0;
  for (const CompactEvent& event : events) {
    if (!folded || model.zone.day_of(event.occurred_at()) > day) {
      break;
    }
    advance(again, event, model, memory, nullptr, &collector);
  }
  const Standing standing = standing_on(explanation.state, model, day);
  settle_outcomes(explanation, standing, model);
  settle_dimensions(explanation, standing, model);
  for (int tier = 1; tier < kTiers; ++tier) {
    explanation.gates.push_back(check_gate(static_cast<Tier>(tier), explanation, standing, model));
  }
  find_next(explanation);
  for (int fact = 0; fact < kFacts; ++fact) {
    if (!model.observable(static_cast<Fact>(fact))) {
      explanation.unobservable.push_back(static_cast<Fact>(fact));
    }
  }
  explanation.model_name = model.name;
  explanation.model_version = model.version;
  explanation.model_hash = model.hash;
  return explanation;
}

std::string fact_text(Fact fact, std::int64_t value) {
  if (value == INT64_MAX) {
    return "never";
  }
  switch (unit_of(fact)) {
    case FactUnit::share_16:
      return decimal_text((value * 1000 + 32768) / 65536, 3);
    case FactUnit::times_16:
      return decimal_text((value * 10 + 32768) / 65536, 1);
    case FactUnit::milli:
      return decimal_text(value, 3);
    case FactUnit::count:
    case FactUnit::days:
      break;
  }
  return std::to_string(value);
}

}  // namespace guanxi
