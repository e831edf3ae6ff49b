#include "relationship/fold.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "relationship/advance.hpp"
#include "relationship/encounter.hpp"
#include "relationship/facts.hpp"
#include "relationship/fold_memory.hpp"
#include "relationship/fold_point.hpp"
#include "relationship/running_fold.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

constexpr std::int32_t kNearDays = 30;
constexpr std::int32_t kFarDays = 90;

Reading figures(const State& state, const Model& model, Day day) {
  const Standing standing = standing_on(state, model, day);
  Reading reading;
  reading.tier = state.tier;
  reading.trust_16 = trust_16(standing.good_16, standing.bad_16, state.initial_trust_16, model);
  reading.uncertainty_16 = uncertainty_16(standing.good_16, standing.bad_16, model);
  reading.depth_16 = depth_16(standing.invested_16, model);
  reading.index_milli = index_milli(reading.trust_16, reading.depth_16);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    reading.depth_of_16[d] = saturated_16(standing.invested_16[d], model.saturation_16[d]);
  }
  return reading;
}

std::int32_t index_on(const State& state, const Model& model, Day day) {
  const Standing standing = standing_on(state, model, day);
  return static_cast<std::int32_t>(
      index_milli(trust_16(standing.good_16, standing.bad_16, state.initial_trust_16, model),
                  depth_16(standing.invested_16, model)));
}

// No day stays no day.
Day earlier_by(Day day, std::int32_t days) {
  return day == kNoDay ? kNoDay : Day{day.number - days};
}

struct Earlier {
  std::int32_t near_milli = 0;
  std::int32_t far_milli = 0;
};

Velocity velocity_of(const State& state, std::int32_t index, const Earlier& earlier,
                     const Model& model, Day day) {
  const Model::VelocityRules& rules = model.velocity;
  if (state.last_order_day != kNoDay) {
    const std::int64_t silence = silence_rhythms_16(state, model, day);
    if (silence > rules.lost_rhythms_16) {
      return Velocity::lost;
    }
    if (silence > rules.at_risk_rhythms_16) {
      return Velocity::at_risk;
    }
  }
  // The last 30 days decide; the last 90 where those were quiet.
  const std::int32_t near = index - earlier.near_milli;
  const std::int32_t far = index - earlier.far_milli;
  if (near <= -rules.drifting_milli || (near <= 0 && far <= -rules.drifting_milli)) {
    return Velocity::drifting;
  }
  return near >= rules.deepening_milli || (near >= 0 && far >= rules.deepening_milli)
             ? Velocity::deepening
             : Velocity::steady;
}

/// A state whose last day is open, and what the person has said of the use of their data.
struct Open {
  State state;
  std::uint8_t stance = 0;
};

/// Days on which the index is wanted, and what it was.
struct Marks {
  std::span<const Day> days;
  std::span<std::int32_t> indexes;
  std::size_t passed = 0;
};

void take(Open& open, const CompactEvent& event, Day day, const Model& model, FoldMemory& memory,
          std::vector<Posting>* postings, Marks& marks) {
  for (; marks.passed < marks.days.size() && day > marks.days[marks.passed]; ++marks.passed) {
    marks.indexes[marks.passed] = index_on(open.state, model, marks.days[marks.passed]);
  }
  if (changes_stance(event)) {
    open.stance = stance_after(open.stance, event);
  }
  advance_on(day, open.state, event, model, memory, postings, nullptr);
}

// After the last event: nothing was folded of a person who objects.
void end(Open& open, const Model& model, FoldMemory& memory, Marks& marks) {
  if ((open.stance & kNotFolded) != 0) {
    memory.reset();
    open.state = begin(model);
    marks.passed = 0;
  }
  for (; marks.passed < marks.days.size(); ++marks.passed) {
    marks.indexes[marks.passed] = index_on(open.state, model, marks.days[marks.passed]);
  }
}

// Folds the events up to `through`, whose day stays open; hands the index on the days `marks` to
// `marked`.
Open fold_open(std::span<const CompactEvent> events, const Model& model, Day through,
               FoldMemory& memory, std::vector<Posting>* postings, std::span<const Day> marks,
               std::span<std::int32_t> marked) {
  memory.reset();
  Open open{begin(model)};
  const std::size_t posted = postings == nullptr ? 0 : postings->size();
  Marks passing{marks, marked};
  for (const CompactEvent& event : events) {
    const Day day = model.zone.day_of(event.occurred_at());
    if (day > through) {
      break;
    }
    take(open, event, day, model, memory, postings, passing);
  }
  if ((open.stance & kNotFolded) != 0 && postings != nullptr) {
    postings->resize(posted);
  }
  end(open, model, memory, passing);
  return open;
}

Open fold_marked(std::span<const CompactEvent> events, const Model& model, Day through,
                 FoldMemory& memory, std::vector<Posting>* postings, std::span<const Day> marks,
                 std::span<std::int32_t> marked) {
  Open open = fold_open(events, model, through, memory, postings, marks, marked);
  close_until(open.state, through, model, postings);
  return open;
}

std::array<Day, 2> marks_before(Day through) {
  return {earlier_by(through, kFarDays), earlier_by(through, kNearDays)};
}

Reading reading_of(const State& state, const Model& model, Day through,
                   const std::array<std::int32_t, 2>& marked) {
  Reading reading = figures(state, model, through);
  reading.velocity = velocity_of(state, static_cast<std::int32_t>(reading.index_milli),
                                 Earlier{marked[1], marked[0]}, model, through);
  return reading;
}

}  // namespace

State begin(const Model& model) {
  State state;
  state.initial_trust_16 = model.origin_trust_16[0];
  state.expectation_16 = model.expectation << 16U;
  return state;
}

State fold(std::span<const CompactEvent> events, const Model& model, Day through,
           FoldMemory& memory, std::vector<Posting>* postings) {
  return fold_marked(events, model, through, memory, postings, {}, {}).state;
}

Reading read(const State& state, const Model& model, Day day) {
  State closed = state;
  close_until(closed, day, model, nullptr);
  return figures(closed, model, day);
}

Reading fold_reading(std::span<const CompactEvent> events, const Model& model, Day through,
                     FoldMemory& memory, State* state_out, std::vector<Posting>* postings) {
  std::array<std::int32_t, 2> marked{};
  const Open open =
      fold_marked(events, model, through, memory, postings, marks_before(through), marked);
  Reading reading = reading_of(open.state, model, through, marked);
  reading.stance = open.stance;
  if (state_out != nullptr) {
    *state_out = open.state;
  }
  return reading;
}

// What the events before the point left in the memory, as far as it can matter after them.
void FoldPoint::remind(std::span<const CompactEvent> before, const Model& model,
                       FoldMemory& memory) const {
  State passing;
  for (std::size_t i = 0; recalls_ && i < before.size(); ++i) {
    if (is_remembered(before[i])) {
      meet(passing, before[i], model.zone.day_of(before[i].occurred_at()), model, memory);
    }
  }
  for (std::uint32_t slots = slots_; slots != 0; slots &= slots - 1) {
    memory.day_slot(static_cast<std::uint8_t>(std::countr_zero(slots))) = state_.day;
  }
}

Reading FoldPoint::reading(std::span<const CompactEvent> events, const Model& model, Day through,
                           FoldMemory& memory, State& state_out) {
  static_assert(Model::kDaySlots == 32, "slots_ has a bit for each");
  if (events.empty() || model.zone.day_of(events.back().occurred_at()) > through) {
    forget();
    return fold_reading(events, model, through, memory, &state_out);
  }
  std::size_t newest = events.size() - 1;
  while (newest > events_ && events[newest - 1].occurred_s() == events.back().occurred_s()) {
    --newest;
  }
  memory.reset();
  Open open{events_ == 0 ? guanxi::begin(model) : state_, stance_};
  remind(events.first(events_), model, memory);
  const std::array<Day, 2> days = marks_before(through);
  std::array<std::int32_t, 2> marked = marked_;
  Marks marks{days, marked, marks_passed_};
  const std::size_t from = events_;
  for (std::size_t i = from; i < events.size(); ++i) {
    if (i == newest && newest > from) {
      state_ = open.state;
      stance_ = open.stance;
      marked_ = marked;
      marks_passed_ = static_cast<std::uint8_t>(marks.passed);
      events_ = static_cast<std::uint32_t>(i);
      slots_ = 0;
      for (std::uint8_t slot = 0; slot < Model::kDaySlots; ++slot) {
        slots_ |= memory.day_slot(slot) == state_.day ? std::uint32_t{1} << slot : 0U;
      }
    }
    recalls_ = recalls_ || (i < newest && is_remembered(events[i]));
    take(open, events[i], model.zone.day_of(events[i].occurred_at()), model, memory, nullptr,
         marks);
  }
  end(open, model, memory, marks);
  close_until(open.state, through, model, nullptr);
  Reading reading = reading_of(open.state, model, through, marked);
  reading.stance = open.stance;
  state_out = open.state;
  return reading;
}

void RunningFold::begin(std::span<const CompactEvent> events, const Model& model, Day through) {
  through_ = through;
  const auto end = std::partition_point(
      events.begin(), events.end(),
      [&](const CompactEvent& event) { return model.zone.day_of(event.occurred_at()) <= through; });
  any_ = end != events.begin();
  if (any_) {
    last_ = *(end - 1);
  }
  const Open open = fold_open(std::span(events.begin(), end), model, through, memory_, nullptr,
                              marks_before(through), marked_);
  state_ = open.state;
  stance_ = open.stance;
}

bool RunningFold::can_take(const CompactEvent& event, const Model& model) const {
  const Day day = model.zone.day_of(event.occurred_at());
  return through_ != kNoDay && day <= through_ && day > marks_before(through_)[1] &&
         !changes_stance(event) && (!any_ || before(last_, event));
}

void RunningFold::take(const CompactEvent& event, const Model& model) {
  if ((stance_ & kNotFolded) == 0) {
    advance_on(model.zone.day_of(event.occurred_at()), state_, event, model, memory_, nullptr,
               nullptr);
  }
  last_ = event;
  any_ = true;
}

Reading RunningFold::reading(const Model& model, State& state_out) const {
  state_out = state_;
  close_until(state_out, through_, model, nullptr);
  Reading reading = reading_of(state_out, model, through_, marked_);
  reading.stance = stance_;
  return reading;
}

}  // namespace guanxi
