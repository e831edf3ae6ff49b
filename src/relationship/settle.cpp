#include "relationship/settle.hpp"

#include <algorithm>
#include <array>

namespace guanxi {
namespace {

Tier next_above(Tier tier) { return static_cast<Tier>(static_cast<int>(tier) + 1); }
Tier next_below(Tier tier) { return static_cast<Tier>(static_cast<int>(tier) - 1); }
const Gate& gate_of(const Model& model, Tier tier) {
  return model.active_gates[static_cast<std::size_t>(tier)];
}

bool passes(const Condition& condition, std::int64_t value, std::int64_t bar) {
  return condition.at_least ? value >= bar : value <= bar;
}

template <typename Test>
bool options_hold(const Gate& gate, const Test& condition_holds) {
  if (gate.options_needed == 0) {
    return true;
  }
  std::uint32_t held = 0;
  for (const Condition& option : gate.options) {
    held += condition_holds(option) ? 1U : 0U;
    if (held == gate.options_needed) {
      return true;
    }
  }
  return false;
}

// Whether a gate holds when condition_holds(c) tells whether one of its conditions does.
template <typename Test>
bool gate_holds(const Gate& gate, const Test& condition_holds) {
  return std::all_of(gate.all.begin(), gate.all.end(), condition_holds) &&
         options_hold(gate, condition_holds);
}

struct Failed {
  Fact fact = Fact::orders;
  std::int64_t value = 0;
  std::int64_t bar = 0;
};

// The condition of a gate whose value stands nearest to its bar, of those that pass (or fail).
Failed nearest(const Gate& gate, bool passing, bool entering, const State& state,
               const Standing& standing, const Model& model, Day day) {
  Failed best;
  std::int64_t best_distance = INT64_MAX;
  const auto look = [&](const Condition& condition) {
    const std::int64_t bar = entering ? condition.enter : condition.keep;
    const std::int64_t value = fact_value(condition.fact, state, standing, model, day);
    if (passes(condition, value, bar) != passing) {
      return;
    }
    const std::int64_t off = value > bar ? value - bar : bar - value;
    const std::int64_t distance =
        off > (INT64_MAX >> 12) ? INT64_MAX - 1 : (off << 10) / std::max<std::int64_t>(bar, 1);
    if (distance < best_distance) {
      best_distance = distance;
      best = Failed{condition.fact, value, bar};
    }
  };
  std::for_each(gate.all.begin(), gate.all.end(), look);
  if (best_distance == INT64_MAX || passing) {
    std::for_each(gate.options.begin(), gate.options.end(), look);
  }
  return best;
}

// What the event brought over its bar: a condition of the highest gate that had been shut before;
// where none had (a fall by silence had left the tier), the one that passes most narrowly.
Failed opened_by(const State& before, const State& after, Tier reached, const Model& model) {
  const Standing then = standing_on(before, model, after.day);
  const Standing now{after.invested_16, after.good_16, after.bad_16};
  for (Tier tier = reached; tier > after.tier; tier = next_below(tier)) {
    const Gate& gate = gate_of(model, tier);
    for (const auto* conditions : {&gate.all, &gate.options}) {
      for (const Condition& condition : *conditions) {
        const std::int64_t value = fact_value(condition.fact, after, now, model, after.day);
        const std::int64_t was = fact_value(condition.fact, before, then, model, after.day);
        if (passes(condition, value, condition.enter) && !passes(condition, was, condition.enter)) {
          return Failed{condition.fact, value, condition.enter};
        }
      }
    }
  }
  return nearest(gate_of(model, reached), true, true, after, now, model, after.day);
}

// The highest tier at or below `tier` all of whose gates keep, from the bottom up.
Tier kept_tier(Tier tier, const State& state, const Standing& standing, const Model& model,
               Day day) {
  Tier kept = Tier::none;
  while (kept < tier && gate_keeps(next_above(kept), state, standing, model, day)) {
    kept = next_above(kept);
  }
  return kept;
}

struct Change {
  Tier to = Tier::none;
  Day day;
  Cause cause = Cause::evidence;
  Failed why;
  std::uint64_t event_id_hash = 0;
  std::uint32_t event_ordinal = 0;
};

void post(State& state, const Change& change, std::vector<Posting>* postings) {
  if (postings != nullptr) {
    postings->push_back(Posting{change.day, state.tier, change.to, change.cause, change.why.fact,
                                change.why.value, change.why.bar, change.event_id_hash,
                                change.event_ordinal});
  }
  state.tier = change.to;
  state.tier_since = change.day;
}

// The gate whose failing made the person leave for `kept`: the one just above it.
Failed reason_of_fall(Tier kept, const State& state, const Standing& standing, const Model& model,
                      Day day) {
  return nearest(gate_of(model, next_above(kept)), false, false, state, standing, model, day);
}

bool all_keep(const State& state, const Standing& standing, const Model& model, Day day) {
  for (Tier tier = state.tier; tier > Tier::none; tier = next_below(tier)) {
    if (!gate_keeps(tier, state, standing, model, day)) {
      return false;
    }
  }
  return true;
}

// Whether every gate of the tier surely keeps on each day of the span.
bool surely_keeps(const State& state, const Span& span, const Model& model) {
  const auto holds = [&](const Condition& condition) {
    const FactBounds bounds = fact_bounds(condition.fact, state, span, model);
    return condition.at_least ? bounds.least >= condition.keep : bounds.most <= condition.keep;
  };
  for (Tier tier = state.tier; tier > Tier::none; tier = next_below(tier)) {
    if (!gate_holds(gate_of(model, tier), holds)) {
      return false;
    }
  }
  return true;
}

// What rounding may take: each dimension one unit a step, a horizon of many steps much more.
constexpr std::int64_t kStepSlack = kDimensions + 1;
constexpr std::int64_t kHorizonSlack = 512;
constexpr std::array<std::int32_t, 3> kHorizonDays = {120, 45, 15};

bool surely_holds(const Condition& condition, const State& state, const Model& model,
                  const Ahead& ahead, Figures& figures) {
  if (condition.at_least) {
    return fact_surely_at_least(condition.fact, state, model, ahead, figures) >= condition.keep;
  }
  const bool silence =
      condition.fact == Fact::silence_days || condition.fact == Fact::silence_rhythms;
  return silence &&
         fact_value(condition.fact, state, Standing{}, model, ahead.last) <= condition.keep;
}

// As surely_keeps(), from figures at hand: right when it says yes, and says it nearly always.
bool surely_keeps_until(const State& state, Day last, const Model& model, Figures& figures) {
  const bool safe = figures.safe(state.tier, last);
  const Ahead ahead{last, kStepSlack};
  const auto holds = [&](const Condition& condition) {
    return (safe && condition.at_least && fades(condition.fact)) ||
           surely_holds(condition, state, model, ahead, figures);
  };
  const auto option_holds = [&](const Condition& condition) {
    return surely_holds(condition, state, model, ahead, figures);
  };
  for (Tier tier = state.tier; tier > Tier::none; tier = next_below(tier)) {
    const Gate& gate = gate_of(model, tier);
    if (!std::all_of(gate.all.begin(), gate.all.end(), holds) ||
        !options_hold(gate, option_holds)) {
      return false;
    }
  }
  return true;
}

// Looks as far ahead as what fades surely stays above its bars, so that the days until then need no
// figures.
void look_ahead(const State& state, Day day, const Model& model, Figures& figures) {
  for (const std::int32_t days : kHorizonDays) {
    const Ahead ahead{Day{day.number + days}, kHorizonSlack};
    const auto stays = [&](const Condition& condition) {
      return !condition.at_least || !fades(condition.fact) ||
             surely_holds(condition, state, model, ahead, figures);
    };
    bool all_stay = true;
    for (Tier tier = state.tier; tier > Tier::none && all_stay; tier = next_below(tier)) {
      const Gate& gate = gate_of(model, tier);
      all_stay = std::all_of(gate.all.begin(), gate.all.end(), stays);
    }
    if (all_stay) {
      figures.make_safe(state.tier, ahead.last);
      return;
    }
  }
}

// The first day from `first` to `last` at whose close a gate fails: halves the span until its
// bounds decide it. kNoDay when none does.
Day first_failing_by_bounds(const State& state, Day first, Day last, const Model& model) {
  const Span span{first, last, standing_on(state, model, first), standing_on(state, model, last)};
  if (surely_keeps(state, span, model)) {
    return kNoDay;
  }
  if (first == last) {
    return all_keep(state, span.at_first, model, first) ? kNoDay : first;
  }
  const Day middle{first.number + (last.number - first.number) / 2};
  const Day earlier = first_failing_by_bounds(state, first, middle, model);
  return earlier != kNoDay ? earlier
                           : first_failing_by_bounds(state, Day{middle.number + 1}, last, model);
}

// Without bad outcomes to forget, silence makes every figure fall and every silence grow: once a
// gate has failed it stays failed, unless a condition asks for little of what falls.
bool only_worsens(const State& state, const Model& model) {
  const auto worsens = [](const Condition& condition) {
    return condition.at_least !=
           (condition.fact == Fact::silence_days || condition.fact == Fact::silence_rhythms);
  };
  if (state.bad_16 != 0) {
    return false;
  }
  for (Tier tier = state.tier; tier > Tier::none; tier = next_below(tier)) {
    const Gate& gate = gate_of(model, tier);
    if (!std::all_of(gate.all.begin(), gate.all.end(), worsens) ||
        !std::all_of(gate.options.begin(), gate.options.end(), worsens)) {
      return false;
    }
  }
  return true;
}

bool keeps_on(const State& state, const Model& model, Day day) {
  return all_keep(state, standing_on(state, model, day), model, day);
}

// The first day from `first` to `last` at whose close a gate fails; kNoDay when none does.
Day first_failing(const State& state, Day first, Day last, const Model& model) {
  if (!only_worsens(state, model)) {
    return first_failing_by_bounds(state, first, last, model);
  }
  if (keeps_on(state, model, last)) {
    return kNoDay;
  }
  while (first < last) {
    const Day middle{first.number + (last.number - first.number) / 2};
    if (keeps_on(state, model, middle)) {
      first = Day{middle.number + 1};
    } else {
      last = middle;
    }
  }
  return first;
}

void fall_on(State& state, Day day, const Model& model, std::vector<Posting>* postings) {
  const Standing standing = standing_on(state, model, day);
  const Tier kept = kept_tier(state.tier, state, standing, model, day);
  const bool own_day = day == state.day;
  post(state,
       Change{kept, day, own_day ? Cause::evidence : Cause::silence,
              reason_of_fall(kept, state, standing, model, day), own_day ? state.tip_id_hash : 0,
              own_day ? state.tip_ordinal : 0},
       postings);
}

}  // namespace

bool gate_enters(Tier tier, const State& state, const Standing& standing, const Model& model,
                 Day day) {
  return model.observable(tier) && gate_holds(gate_of(model, tier), [&](const Condition& c) {
           return passes(c, fact_value(c.fact, state, standing, model, day), c.enter);
         });
}

bool gate_keeps(Tier tier, const State& state, const Standing& standing, const Model& model,
                Day day) {
  return model.observable(tier) && gate_holds(gate_of(model, tier), [&](const Condition& c) {
           return passes(c, fact_value(c.fact, state, standing, model, day), c.keep);
         });
}

void rise(State& state, const CompactEvent& event, const Model& model, Figures& figures,
          const Rising& rising) {
  const auto enters = [&](const Condition& condition) {
    return passes(condition, fact_now(condition.fact, state, model, figures), condition.enter);
  };
  Tier reached = state.tier;
  while (reached < Tier::super_strong && model.observable(next_above(reached)) &&
         gate_holds(gate_of(model, next_above(reached)), enters)) {
    reached = next_above(reached);
  }
  if (reached == state.tier) {
    return;
  }
  Failed why;
  if (rising.postings != nullptr) {
    why = opened_by(*rising.before, state, reached, model);
  }
  post(state, Change{reached, state.day, Cause::evidence, why, event.id_hash(), event.ordinal()},
       rising.postings);
}

void fall_at_once(State& state, const CompactEvent& event, const Model& model,
                  std::vector<Posting>* postings) {
  const Standing standing{state.invested_16, state.good_16, state.bad_16};
  const Tier kept = kept_tier(state.tier, state, standing, model, state.day);
  if (kept == state.tier) {
    return;
  }
  post(state,
       Change{kept, state.day, Cause::breach,
              reason_of_fall(kept, state, standing, model, state.day), event.id_hash(),
              event.ordinal()},
       postings);
}

void close_before(State& state, Day day, const Model& model, Figures& figures,
                  std::vector<Posting>* postings) {
  if (state.tier == Tier::none) {
    return;
  }
  if (surely_keeps_until(state, day, model, figures)) {
    if (!figures.safe(state.tier, day)) {
      look_ahead(state, day, model, figures);
    }
    return;
  }
  close_until(state, Day{day.number - 1}, model, postings);
}

void close_until(State& state, Day through, const Model& model, std::vector<Posting>* postings) {
  Day from = state.day;
  while (state.tier != Tier::none && from <= through) {
    const Day fall = first_failing(state, from, through, model);
    if (fall == kNoDay) {
      return;
    }
    fall_on(state, fall, model, postings);
    from = Day{fall.number + 1};
  }
}

Day next_fall(const State& state, const Model& model, Day from, std::uint32_t within_days) {
  if (state.tier == Tier::none || state.day == kNoDay) {
    return kNoDay;
  }
  const Day first{std::max(from.number, state.day.number) + 1};
  return first_failing(state, first, Day{first.number + static_cast<std::int32_t>(within_days)},
                       model);
}

}  // namespace guanxi
