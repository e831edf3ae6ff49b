#include "relationship/facts.hpp"

#include <algorithm>

namespace guanxi {
namespace {

std::int64_t kept_orders(const State& state) {
  if (state.returned_minor > 0 && state.spent_minor <= 0) {
    return 0;  // everything that was bought has come back
  }
  return std::max<std::int64_t>(std::int64_t{state.orders} - state.orders_returned, 0);
}

std::int64_t devoted_share_16(const State& state) {
  return state.lines == 0 ? 0 : (std::int64_t{state.devoted_lines} << 16) / state.lines;
}

std::int64_t silence_days(const State& state, Day day) {
  return state.last_order_day == kNoDay ? INT64_MAX
                                        : std::int64_t{day.number} - state.last_order_day.number;
}

bool is_dimension_depth(Fact fact) {
  return fact >= Fact::transaction_depth && fact <= Fact::values_depth;
}
std::size_t dimension_of(Fact fact) {
  return static_cast<std::size_t>(fact) - static_cast<std::size_t>(Fact::transaction_depth);
}

std::uint32_t decayed(std::uint32_t amount, std::uint32_t factor) {
  return static_cast<std::uint32_t>((std::uint64_t{amount} * factor) >> 32U);
}

std::int64_t plain_value(Fact fact, const State& state, const Model& model, Day day) {
  if (fact == Fact::orders) {
    return kept_orders(state);
  }
  if (fact == Fact::order_days) {
    return state.order_days;
  }
  if (fact == Fact::repeat_occasions) {
    return state.repeat_occasions;
  }
  if (fact == Fact::reachable) {
    return state.reachable;
  }
  if (fact == Fact::staff_bond) {
    return state.staff_days;
  }
  if (fact == Fact::devoted_share) {
    return devoted_share_16(state);
  }
  if (fact == Fact::early_buys) {
    return state.early_buys;
  }
  if (fact == Fact::referred_orders) {
    return std::max<std::int64_t>(std::int64_t{state.referred_orders} - state.referred_refunds, 0);
  }
  return fact == Fact::silence_days ? silence_days(state, day)
                                    : silence_rhythms_16(state, model, day);
}

}  // namespace

FactUnit unit_of(Fact fact) {
  if (fact == Fact::index) {
    return FactUnit::milli;
  }
  if (fact == Fact::trust || fact == Fact::depth || fact == Fact::devoted_share ||
      is_dimension_depth(fact)) {
    return FactUnit::share_16;
  }
  if (fact == Fact::silence_rhythms) {
    return FactUnit::times_16;
  }
  return fact == Fact::silence_days ? FactUnit::days : FactUnit::count;
}

std::int64_t stored_from_micros(Fact fact, std::int64_t micros) {
  switch (unit_of(fact)) {
    case FactUnit::share_16:
    case FactUnit::times_16:
      return (micros * 65536 + 500000) / 1000000;
    case FactUnit::milli:
      return (micros + 500) / 1000;
    case FactUnit::count:
    case FactUnit::days:
      break;
  }
  return micros / 1000000;
}

Standing standing_on(const State& state, const Model& model, Day day) {
  Standing standing{state.invested_16, state.good_16, state.bad_16};
  if (state.day == kNoDay || day <= state.day) {
    return standing;
  }
  const auto days = static_cast<std::uint32_t>(day.number - state.day.number);
  const Model::DecayRow& row = model.decay_after(days);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    standing.invested_16[d] = decayed(standing.invested_16[d], row.factor[d]);
  }
  standing.good_16 = decayed(standing.good_16, row.factor[kDimensions]);
  standing.bad_16 = decayed(standing.bad_16, row.factor[kDimensions + 1]);
  return standing;
}

std::uint32_t trust_16(std::uint32_t good_16, std::uint32_t bad_16, std::uint32_t initial_trust_16,
                       const Model& model) {
  const std::uint64_t prior = std::uint64_t{initial_trust_16} * model.prior_weight_16 >> 16U;
  const std::uint64_t whole = std::uint64_t{good_16} + bad_16 + model.prior_weight_16;
  return static_cast<std::uint32_t>(((good_16 + prior) << 16U) / whole);
}

std::uint32_t uncertainty_16(std::uint32_t good_16, std::uint32_t bad_16, const Model& model) {
  const std::uint64_t whole = std::uint64_t{good_16} + bad_16 + model.prior_weight_16;
  return static_cast<std::uint32_t>((std::uint64_t{model.prior_weight_16} << 16U) / whole);
}

std::uint32_t depth_16(const std::array<std::uint32_t, kDimensions>& invested_16,
                       const Model& model) {
  std::uint64_t sum = 0;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    if (invested_16[d] != 0 && model.weight_16[d] != 0) {
      sum +=
          std::uint64_t{model.weight_16[d]} * saturated_16(invested_16[d], model.saturation_16[d]);
    }
  }
  return static_cast<std::uint32_t>(sum >> 16U);
}

std::uint32_t index_milli(std::uint32_t trust, std::uint32_t depth) {
  return static_cast<std::uint32_t>((std::uint64_t{trust} * depth * 100000U) >> 32U);
}

std::int64_t silence_rhythms_16(const State& state, const Model& model, Day day) {
  if (state.last_order_day == kNoDay) {
    return INT64_MAX;
  }
  const std::int64_t span =
      std::int64_t{state.last_order_day.number} - state.first_order_day.number;
  const std::int64_t gaps_16 =
      (std::max<std::int64_t>(std::int64_t{state.order_days} - 1, 0) << 16) +
      model.rhythm.prior_gaps_16;
  const std::int64_t mean_16 = ((span + model.rhythm.prior_days) << 32) / gaps_16;
  const std::int64_t gap_16 =
      std::max<std::int64_t>((mean_16 * model.rhythm.surprise_16) >> 16,
                             std::int64_t{model.velocity.least_gap_days} << 16);
  return (silence_days(state, day) << 32) / gap_16;
}

std::int64_t fact_value(Fact fact, const State& state, const Standing& standing, const Model& model,
                        Day day) {
  if (fact == Fact::trust) {
    return trust_16(standing.good_16, standing.bad_16, state.initial_trust_16, model);
  }
  if (fact == Fact::depth) {
    return depth_16(standing.invested_16, model);
  }
  if (fact == Fact::index) {
    return index_milli(trust_16(standing.good_16, standing.bad_16, state.initial_trust_16, model),
                       depth_16(standing.invested_16, model));
  }
  if (is_dimension_depth(fact)) {
    const std::size_t d = dimension_of(fact);
    return saturated_16(standing.invested_16[d], model.saturation_16[d]);
  }
  return plain_value(fact, state, model, day);
}

std::int64_t fact_now(Fact fact, const State& state, const Model& model, Figures& figures) {
  if (fact == Fact::trust) {
    return figures.trust(state, model);
  }
  if (fact == Fact::depth) {
    return figures.depth(state, model);
  }
  if (fact == Fact::index) {
    return index_milli(figures.trust(state, model), figures.depth(state, model));
  }
  if (is_dimension_depth(fact)) {
    const std::size_t d = dimension_of(fact);
    return saturated_16(state.invested_16[d], model.saturation_16[d]);
  }
  return plain_value(fact, state, model, state.day);
}

namespace {

std::int64_t shrunk(std::int64_t value, std::uint32_t factor) {
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(value) * factor) >> 32U);
}

// Without bad outcomes trust cannot fall below where it began.
std::int64_t surely_trust(const State& state, const Model& model, const Model::DecayRow& row,
                          std::int64_t slack, Figures& figures) {
  const std::uint32_t good = row.factor[kDimensions];
  const std::int64_t chord = shrunk(figures.trust(state, model), good) +
                             (state.bad_16 == 0 ? shrunk(state.initial_trust_16, ~good) : 0);
  return std::max<std::int64_t>(chord - slack, 0);
}

std::int64_t surely_depth(const State& state, const Model& model, const Model::DecayRow& row,
                          std::int64_t slack, Figures& figures) {
  return std::max<std::int64_t>(
      shrunk(figures.depth(state, model), row.factor[Model::kFastestLane]) - slack, 0);
}

}  // namespace

std::int64_t fact_surely_at_least(Fact fact, const State& state, const Model& model,
                                  const Ahead& ahead, Figures& figures) {
  const Model::DecayRow& row =
      model.decay_after(static_cast<std::uint32_t>(ahead.last.number - state.day.number));
  if (fact == Fact::trust) {
    return surely_trust(state, model, row, ahead.slack, figures);
  }
  if (fact == Fact::depth) {
    return surely_depth(state, model, row, ahead.slack, figures);
  }
  if (fact == Fact::index) {
    return index_milli(
        static_cast<std::uint32_t>(surely_trust(state, model, row, ahead.slack, figures)),
        static_cast<std::uint32_t>(surely_depth(state, model, row, ahead.slack, figures)));
  }
  if (is_dimension_depth(fact)) {
    const std::size_t d = dimension_of(fact);
    return std::max<std::int64_t>(
        shrunk(saturated_16(state.invested_16[d], model.saturation_16[d]), row.factor[d]) -
            ahead.slack,
        0);
  }
  return plain_value(fact, state, model, state.day);
}

FactBounds fact_bounds(Fact fact, const State& state, const Span& span, const Model& model) {
  const std::uint32_t initial = state.initial_trust_16;
  // r and s both shrink with time, so trust lies between (small r, large s) and the reverse.
  const auto least_trust = [&] {
    return trust_16(span.at_last.good_16, span.at_first.bad_16, initial, model);
  };
  const auto most_trust = [&] {
    return trust_16(span.at_first.good_16, span.at_last.bad_16, initial, model);
  };
  if (fact == Fact::trust) {
    return {least_trust(), most_trust()};
  }
  if (fact == Fact::index) {
    return {index_milli(least_trust(), depth_16(span.at_last.invested_16, model)),
            index_milli(most_trust(), depth_16(span.at_first.invested_16, model))};
  }
  const std::int64_t at_first = fact_value(fact, state, span.at_first, model, span.first);
  const std::int64_t at_last = fact_value(fact, state, span.at_last, model, span.last);
  return {std::min(at_first, at_last), std::max(at_first, at_last)};
}

}  // namespace guanxi
