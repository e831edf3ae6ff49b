#include "relationship/advance.hpp"

#include <algorithm>

#include "relationship/facts.hpp"
#include "relationship/fold_memory.hpp"
#include "relationship/settle.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kMost32 = UINT32_MAX;

std::uint32_t added(std::uint32_t sum, std::uint32_t more) {
  return sum > kMost32 - more ? kMost32 : sum + more;
}

std::uint32_t decayed(std::uint32_t amount, std::uint32_t factor) {
  return static_cast<std::uint32_t>((std::uint64_t{amount} * factor) >> 32U);
}

// By how much a rule's weight is multiplied, in 1/65536.
std::int64_t multiple_16(const EvidenceRule& rule, const CompactEvent& event,
                         const Encounter& encounter, const Model& model) {
  std::int64_t multiple = kOne16;
  if (rule.scale == Scale::amount) {
    multiple = (encounter.amount_minor << 16) / model.typical_order_minor;
  } else if (rule.scale == Scale::minutes) {
    multiple = (std::int64_t{event.quantity()} << 16) / 60;
  } else if (rule.scale == Scale::rating) {
    multiple = ((std::int64_t{event.quantity()} - 50) << 16) / 50;
  }
  const auto cap = static_cast<std::int64_t>(rule.cap_16);
  return cap == 0 ? multiple : std::clamp(multiple, -cap, cap);
}

// A trial is as large as what was at stake; its outcome is good or bad by the rule, not by the
// sign.
std::uint32_t scaled_outcome(std::uint32_t outcome_16, std::int64_t multiple) {
  const auto size = static_cast<Uint128>(multiple < 0 ? -multiple : multiple);
  return static_cast<std::uint32_t>(std::min<Uint128>(size * outcome_16 / kOne16, kMost32));
}

// A rating is a trial against the person's own expectation: met, and by how much exceeded, or
// missed, and by how much. Both in points of 100; `surprise` says how much a point weighs more.
Weighed weigh_rating(const EvidenceRule& rule, const CompactEvent& event, const State& state,
                     const Model& model) {
  Weighed weighed;
  const std::int64_t rating_16 = std::int64_t{event.quantity()} << 16;
  const std::int64_t over_16 = (rating_16 - state.expectation_16) / 100;
  const std::int64_t surprise = (over_16 < 0 ? -over_16 : over_16) * model.surprise_16 >> 16;
  if (over_16 >= 0) {
    weighed.good_16 = static_cast<std::uint32_t>(
        static_cast<std::int64_t>(rule.good_16) * (kOne16 + surprise) >> 16);
  } else {
    weighed.bad_16 =
        static_cast<std::uint32_t>(static_cast<std::int64_t>(rule.bad_16) * surprise >> 16);
  }
  return weighed;
}

void follow_rating(State& state, const CompactEvent& event, const Model& model) {
  const std::int64_t rating_16 = std::int64_t{event.quantity()} << 16;
  const std::int64_t step = (rating_16 - state.expectation_16) * model.expectation_pace_16 / kOne16;
  state.expectation_16 = static_cast<std::uint32_t>(state.expectation_16 + step);
}

bool counts_now(const EvidenceRule& rule, const CompactEvent& event, const Encounter& encounter,
                Day day, FoldMemory& memory) {
  if ((event.flags() & rule.flags) != rule.flags) {
    return false;
  }
  if (rule.once == Once::event) {
    return true;
  }
  if (rule.once == Once::order) {
    return encounter.first_of_order;
  }
  if (rule.once == Once::new_product) {
    return encounter.new_product;
  }
  if (rule.once == Once::repeat) {
    return encounter.repeat;
  }
  Day& last = memory.day_slot(rule.day_slot);
  const bool first_today = last != day;
  last = day;
  return first_today;
}

// Returns whether the dimension was taken down to nothing.
bool invest(State& state, const EvidenceRule& rule, const Weighed& weighed) {
  std::uint32_t& invested = state.invested_16[static_cast<std::size_t>(rule.dimension)];
  const std::int64_t sum = std::int64_t{invested} + weighed.invested_16;
  invested = static_cast<std::uint32_t>(std::clamp<std::int64_t>(sum, 0, kMost32));
  return weighed.invested_16 < 0 && sum <= 0;
}

void decay_to(State& state, Day day, const Model& model) {
  const auto days = static_cast<std::uint32_t>(day.number - state.day.number);
  const Model::DecayRow& row = model.decay_after(days);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    state.invested_16[d] = decayed(state.invested_16[d], row.factor[d]);
  }
  state.good_16 = decayed(state.good_16, row.factor[kDimensions]);
  state.bad_16 = decayed(state.bad_16, row.factor[kDimensions + 1]);
}

void break_trust(State& state, const EvidenceRule& rule, Day day, EvidenceSink* sink) {
  state.good_16 =
      static_cast<std::uint32_t>(std::uint64_t{state.good_16} * (kOne16 - rule.breach_16) >> 16U);
  state.breach_day = day;
  if (sink != nullptr) {
    sink->breach(rule.breach_16);
  }
}

void forget_what_changed(Figures& figures, const Weighed& weighed) {
  if (weighed.invested_16 != 0) {
    figures.forget_depth();
  }
  if ((weighed.good_16 | weighed.bad_16) != 0) {
    figures.forget_trust();
  }
  if (weighed.invested_16 < 0 || weighed.bad_16 != 0) {
    figures.make_unsafe();
  }
}

// What the rules for its kind make of the event. Returns whether it was a breach.
bool weigh_all(State& state, const CompactEvent& event, const Encounter& encounter,
               const Model& model, FoldMemory& memory, EvidenceSink* sink) {
  bool breach = false;
  bool rated = false;
  for (const EvidenceRule& rule : model.rules_for(event.kind())) {
    if (!counts_now(rule, event, encounter, state.day, memory)) {
      continue;
    }
    if (rule.breach_16 != 0) {
      break_trust(state, rule, state.day, sink);
      memory.figures().forget();
      memory.figures().make_unsafe();
      breach = true;
    }
    const Weighed weighed = weigh(rule, event, encounter, state, model);
    forget_what_changed(memory.figures(), weighed);
    const bool emptied = invest(state, rule, weighed);
    state.good_16 = added(state.good_16, weighed.good_16);
    state.bad_16 = added(state.bad_16, weighed.bad_16);
    rated = rated || rule.scale == Scale::rating;
    if (weighed.bad_16 != 0 || weighed.invested_16 < 0) {
      state.tip_bad = 1;
      state.tip_id_hash = event.id_hash();
      state.tip_ordinal = event.ordinal();
    }
    if (sink != nullptr) {
      sink->evidence(event, rule, weighed, emptied);
    }
  }
  if (rated) {
    follow_rating(state, event, model);
  }
  return breach;
}

void open_day(State& state, const CompactEvent& event, Day day, const Model& model,
              FoldMemory& memory, std::vector<Posting>* postings) {
  if (state.day == kNoDay) {
    state.first_day = day;
  } else {
    close_before(state, day, model, memory.figures(), postings);
    decay_to(state, day, model);
    memory.figures().forget();
  }
  state.day = day;
  state.tip_bad = 0;
  state.tip_id_hash = event.id_hash();
  state.tip_ordinal = event.ordinal();
}

// Whom a step tells what.
struct Telling {
  Rising rising;
  EvidenceSink* sink = nullptr;
};

void step(Day day, State& state, const CompactEvent& event, const Model& model, FoldMemory& memory,
          const Telling& telling) {
  if (day != state.day) {
    open_day(state, event, day, model, memory, telling.rising.postings);
  }
  ++state.events;
  const std::uint32_t initial_trust = state.initial_trust_16;
  const Encounter encounter = meet(state, event, day, model, memory);
  if (state.initial_trust_16 != initial_trust) {
    memory.figures().forget_trust();
    memory.figures().make_unsafe();
  }
  const bool breach = weigh_all(state, event, encounter, model, memory, telling.sink);
  if (state.tip_bad == 0) {
    state.tip_id_hash = event.id_hash();
    state.tip_ordinal = event.ordinal();
  }
  if (breach) {
    fall_at_once(state, event, model, telling.rising.postings);
  } else {
    rise(state, event, model, memory.figures(), telling.rising);
  }
}

}  // namespace

Weighed weigh(const EvidenceRule& rule, const CompactEvent& event, const Encounter& encounter,
              const State& state, const Model& model) {
  if (rule.scale == Scale::one) {
    return Weighed{rule.weight_16, rule.good_16, rule.bad_16};
  }
  const std::int64_t multiple = multiple_16(rule, event, encounter, model);
  Weighed weighed;
  if (rule.scale == Scale::rating) {
    weighed = weigh_rating(rule, event, state, model);
  } else {
    weighed.good_16 = scaled_outcome(rule.good_16, multiple);
    weighed.bad_16 = scaled_outcome(rule.bad_16, multiple);
  }
  weighed.invested_16 = rule.weight_16 * multiple / kOne16;
  return weighed;
}

void recall(FoldMemory& memory, std::span<const CompactEvent> events, const Model& model) {
  memory.reset();
  State passing;
  for (const CompactEvent& event : events) {
    const Day day = model.zone.day_of(event.occurred_at());
    const Encounter encounter = meet(passing, event, day, model, memory);
    for (const EvidenceRule& rule : model.rules_for(event.kind())) {
      static_cast<void>(counts_now(rule, event, encounter, day, memory));
    }
  }
}

void advance(State& state, const CompactEvent& event, const Model& model, FoldMemory& memory,
             std::vector<Posting>* postings, EvidenceSink* sink) {
  memory.figures() = Figures();
  advance_on(model.zone.day_of(event.occurred_at()), state, event, model, memory, postings, sink);
}

void advance_on(Day day, State& state, const CompactEvent& event, const Model& model,
                FoldMemory& memory, std::vector<Posting>* postings, EvidenceSink* sink) {
  if (postings == nullptr) {
    step(day, state, event, model, memory, Telling{{}, sink});
    return;
  }
  const State before = state;
  step(day, state, event, model, memory, Telling{{&before, postings}, sink});
}

}  // namespace guanxi
