#include "relationship/model.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace guanxi {
namespace {

constexpr std::uint64_t bit(EventKind kind) {
  return std::uint64_t{1} << static_cast<unsigned>(kind);
}
constexpr std::uint64_t kBuying = bit(EventKind::order_completed) | bit(EventKind::order_line) |
                                  bit(EventKind::subscription_started) |
                                  bit(EventKind::subscription_renewed);
constexpr std::uint64_t kReaching = bit(EventKind::contact_delivered) |
                                    bit(EventKind::contact_opened) |
                                    bit(EventKind::contact_clicked) | bit(EventKind::chat_started) |
                                    bit(EventKind::message_received) |
                                    bit(EventKind::consent_given) | bit(EventKind::staff_assigned);
constexpr std::uint64_t kWithStaff =
    bit(EventKind::staff_met) | bit(EventKind::staff_assigned) | bit(EventKind::service_delivered);

// A dimension is shown by evidence that can put something into it.
std::uint8_t dimensions_shown(const Model& model) {
  std::uint8_t shown = 0;
  for (const EvidenceRule& rule : model.rules) {
    const bool derived =
        rule.kind == EventKind::referred_order || rule.kind == EventKind::referred_refund;
    const EventKind source = derived ? EventKind::referral_accepted : rule.kind;
    const bool flags_seen = (model.calibration.observed_flags & rule.flags) == rule.flags;
    if (rule.weight_16 > 0 && (model.calibration.observed_kinds & bit(source)) != 0 && flags_seen) {
      shown = static_cast<std::uint8_t>(shown | (1U << static_cast<unsigned>(rule.dimension)));
    }
  }
  return shown;
}

bool fact_shown(Fact fact, const Model& model) {
  const std::uint64_t kinds = model.calibration.observed_kinds;
  const std::uint8_t flags = model.calibration.observed_flags;
  switch (fact) {
    case Fact::orders:
    case Fact::order_days:
    case Fact::repeat_occasions:
    case Fact::silence_days:
    case Fact::silence_rhythms:
      return (kinds & kBuying) != 0;
    case Fact::reachable:
      return (kinds & kReaching) != 0 || (flags & kReachable) != 0;
    case Fact::trust:
    case Fact::depth:
    case Fact::index:
      return true;
    case Fact::transaction_depth:
    case Fact::service_depth:
    case Fact::companionship_depth:
    case Fact::participation_depth:
    case Fact::advocacy_depth:
    case Fact::knowledge_depth:
    case Fact::values_depth:
      return model.observable(static_cast<Dimension>(static_cast<int>(fact) -
                                                     static_cast<int>(Fact::transaction_depth)));
    case Fact::staff_bond:
      return (kinds & kWithStaff) != 0;
    case Fact::devoted_share:
      return (flags & (kFullPrice | kPrepaid)) != 0 ||
             (kinds & bit(EventKind::prepayment_made)) != 0;
    case Fact::early_buys:
      return (flags & kEarly) != 0;
    case Fact::referred_orders:
      return (kinds & bit(EventKind::referral_accepted)) != 0;
  }
  return false;
}

// Stated weights of the observable dimensions, scaled to sum to exactly 1; what rounding leaves
// over goes to the largest remainders, earlier dimensions first.
void renormalise(Model& model) {
  std::uint64_t sum = 0;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    model.weight_16[d] = 0;
    sum += model.observable(static_cast<Dimension>(d)) ? model.stated_weight_16[d] : 0U;
  }
  if (sum == 0) {
    return;
  }
  std::array<std::uint64_t, kDimensions> remainder{};
  std::uint32_t given = 0;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    if (model.observable(static_cast<Dimension>(d))) {
      const std::uint64_t scaled = std::uint64_t{model.stated_weight_16[d]} * kOne16;
      model.weight_16[d] = static_cast<std::uint32_t>(scaled / sum);
      remainder[d] = scaled % sum;
      given += model.weight_16[d];
    }
  }
  for (; given < kOne16; ++given) {
    auto* const largest = std::max_element(remainder.begin(), remainder.end());
    ++model.weight_16[static_cast<std::size_t>(largest - remainder.begin())];
    *largest = 0;
  }
}

int cost_of(Fact fact) {
  if (fact == Fact::trust) {
    return 1;
  }
  if (fact >= Fact::depth && fact <= Fact::values_depth) {
    return 2;
  }
  return fact == Fact::silence_rhythms ? 1 : 0;
}

// The gate without what no source can show; false when something it cannot do without is missing.
bool activate_gate(const Gate& stated, const Model& model, Gate& active) {
  active = Gate{};
  bool possible = true;
  for (const Condition& condition : stated.all) {
    if (model.observable(condition.fact)) {
      active.all.push_back(condition);
    } else if (!condition.where_observable) {
      possible = false;
    }
  }
  for (const Condition& option : stated.options) {
    if (model.observable(option.fact)) {
      active.options.push_back(option);
    }
  }
  // What is counted is asked before what must be worked out.
  const auto costs_less = [](const Condition& a, const Condition& b) {
    return cost_of(a.fact) < cost_of(b.fact);
  };
  std::stable_sort(active.all.begin(), active.all.end(), costs_less);
  active.options_needed =
      std::min(stated.options_needed, static_cast<std::uint32_t>(active.options.size()));
  return possible;
}

std::shared_ptr<const std::vector<Model::DecayRow>> decay_rows(const Model& model) {
  auto rows = std::make_shared<std::vector<Model::DecayRow>>(Model::kDecayDays);
  std::array<std::uint32_t, kDimensions + 2> half_lives{};
  std::copy(model.half_life_days.begin(), model.half_life_days.end(), half_lives.begin());
  half_lives[kDimensions] = model.good_half_life_days;
  half_lives[kDimensions + 1] = model.bad_half_life_days;
  for (std::size_t lane = 0; lane < half_lives.size(); ++lane) {
    const std::uint32_t half_life = model.stretched(half_lives[lane]);
    for (std::uint32_t days = 0; days < Model::kDecayDays; ++days) {
      (*rows)[days].factor[lane] = decay_factor(days, half_life);
    }
  }
  for (Model::DecayRow& row : *rows) {
    row.factor[Model::kFastestLane] =
        *std::min_element(row.factor.begin(), row.factor.begin() + kDimensions);
  }
  return rows;
}

}  // namespace

std::uint32_t Model::stretched(std::uint32_t stated_half_life_days) const {
  if (stretch_gap_days == 0) {
    return stated_half_life_days;
  }
  const std::uint64_t least = std::uint64_t{kOne16} * kOne16 / stretch_most_16;
  const std::uint64_t stretch = std::clamp<std::uint64_t>(
      std::uint64_t{typical_gap_days} * kOne16 / stretch_gap_days, least, stretch_most_16);
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(stated_half_life_days * stretch >> 16U, 1));
}

Model Model::with(const Calibration& with_calibration) const {
  Model model = *this;
  model.calibration = with_calibration;
  if (with_calibration.typical_order_minor > 0) {
    model.typical_order_minor = with_calibration.typical_order_minor;
  }
  if (with_calibration.typical_gap_days > 0) {
    model.typical_gap_days = with_calibration.typical_gap_days;
  }
  model.rhythm = rhythm_fitted && with_calibration.rhythm.prior_gaps_16 > 0
                     ? with_calibration.rhythm
                     : Rhythm{model.typical_gap_days, kOne16, kOne16};
  model.decay = decay_rows(model);
  model.observable_dimensions = dimensions_shown(model);
  model.observable_facts = 0;
  for (unsigned fact = 0; fact < kFacts; ++fact) {
    if (fact_shown(static_cast<Fact>(fact), model)) {
      model.observable_facts |= 1U << fact;
    }
  }
  renormalise(model);
  model.observable_tiers = 1;
  bool possible = true;
  for (unsigned tier = 1; tier < kTiers; ++tier) {
    possible = activate_gate(gates[tier], model, model.active_gates[tier]) && possible;
    if (possible) {
      model.observable_tiers = static_cast<std::uint8_t>(model.observable_tiers | (1U << tier));
    }
  }
  model.hash = hash64(model.source, hash64(to_json(with_calibration)));
  return model;
}

}  // namespace guanxi
