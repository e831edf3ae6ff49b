#include "property/reference_fold.hpp"

#include <algorithm>
#include <optional>

#include "base/fixed.hpp"

namespace guanxi::reference {
namespace {

using Kind = EventKind;

bool buys(Kind kind) {
  return kind == Kind::order_completed || kind == Kind::order_line ||
         kind == Kind::subscription_started || kind == Kind::subscription_renewed;
}
bool takes_back(Kind kind) {
  return kind == Kind::order_cancelled || kind == Kind::order_refunded ||
         kind == Kind::line_returned || kind == Kind::payment_disputed;
}

std::uint64_t shrunk(std::uint64_t amount, std::int32_t days, std::uint32_t half_life_days) {
  if (days <= 0) {
    return amount;
  }
  return amount * decay_factor(static_cast<std::uint32_t>(days), half_life_days) >> 32U;
}

// Half-lives are stated for one gap between orders and stretch with the brand's own.
std::uint32_t stretched(std::uint32_t half_life_days, const Model& model) {
  if (model.stretch_gap_days == 0) {
    return half_life_days;
  }
  const std::uint64_t most = model.stretch_most_16;
  std::uint64_t stretch = std::uint64_t{model.typical_gap_days} * 65536 / model.stretch_gap_days;
  stretch = std::max(std::min(stretch, most), std::uint64_t{65536} * 65536 / most);
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(half_life_days * stretch / 65536, 1));
}

struct Figures {
  std::vector<std::uint64_t> invested;
  std::uint64_t good;
  std::uint64_t bad;
};

Figures figures_on(const Person& person, const Model& model, Day day) {
  Figures figures{person.invested, person.good, person.bad};
  if (person.day == kNoDay) {
    return figures;
  }
  const std::int32_t days = day.number - person.day.number;
  for (std::size_t d = 0; d < figures.invested.size(); ++d) {
    figures.invested[d] =
        shrunk(figures.invested[d], days, stretched(model.half_life_days[d], model));
  }
  figures.good = shrunk(figures.good, days, stretched(model.good_half_life_days, model));
  figures.bad = shrunk(figures.bad, days, stretched(model.bad_half_life_days, model));
  return figures;
}

std::uint64_t share(std::uint64_t invested, std::uint64_t half_at) {
  return invested * 65536 / (invested + half_at);
}

std::int64_t most_days(const std::map<std::uint32_t, std::multiset<std::int32_t>>& products) {
  std::int64_t most = 0;
  for (const auto& [product, days] : products) {
    most = std::max(most, static_cast<std::int64_t>(days.size()));
  }
  return most;
}

std::int64_t kept_orders(const Person& person) {
  if (person.returned > 0 && person.spent <= 0) {
    return 0;
  }
  return std::count_if(person.orders.begin(), person.orders.end(),
                       [](const auto& order) { return !order.second.taken_back; });
}

std::int64_t rhythms(const Person& person, const Model& model, Day day) {
  if (person.order_days.empty()) {
    return INT64_MAX;
  }
  const std::int64_t first = *person.order_days.begin();
  const std::int64_t last = *person.order_days.rbegin();
  const auto days = static_cast<std::int64_t>(person.order_days.size());
  std::int64_t mean = (last - first + model.typical_gap_days) * 65536 / days;
  const Rhythm& fitted = model.calibration.rhythm;
  if (model.rhythm_fitted && fitted.prior_gaps_16 > 0) {
    mean = (last - first + fitted.prior_days) * 65536 * 65536 /
           ((days - 1) * 65536 + fitted.prior_gaps_16) * fitted.surprise_16 / 65536;
  }
  const std::int64_t gap =
      std::max<std::int64_t>(mean, std::int64_t{model.velocity.least_gap_days} * 65536);
  return (day.number - last) * 65536 * 65536 / gap;
}

bool holds(const Condition& condition, bool entering, const Person& person, const Model& model,
           Day day) {
  const std::int64_t value = value_of(condition.fact, person, model, day);
  const std::int64_t bar = entering ? condition.enter : condition.keep;
  return condition.at_least ? value >= bar : value <= bar;
}

// relationship.md 5 and 7: required conditions, "where observable" ones, and n of the options.
bool gate(int tier, bool entering, const Person& person, const Model& model, Day day) {
  const Gate& stated = model.gates[static_cast<std::size_t>(tier)];
  for (const Condition& condition : stated.all) {
    if (!model.observable(condition.fact)) {
      if (!condition.where_observable) {
        return false;
      }
      continue;
    }
    if (!holds(condition, entering, person, model, day)) {
      return false;
    }
  }
  std::uint32_t observable = 0;
  std::uint32_t held = 0;
  for (const Condition& option : stated.options) {
    if (model.observable(option.fact)) {
      ++observable;
      held += holds(option, entering, person, model, day) ? 1U : 0U;
    }
  }
  return held >= std::min(stated.options_needed, observable);
}

void move(Person& person, int to, Day day) {
  person.postings.push_back({day, {person.tier, static_cast<Tier>(to)}});
  person.tier = static_cast<Tier>(to);
}

void fall(Person& person, const Model& model, Day day) {
  int kept = 0;
  while (kept < static_cast<int>(person.tier) && gate(kept + 1, false, person, model, day)) {
    ++kept;
  }
  if (kept < static_cast<int>(person.tier)) {
    move(person, kept, day);
  }
}

void climb(Person& person, const Model& model, Day day) {
  int reached = static_cast<int>(person.tier);
  while (reached < 4 && gate(reached + 1, true, person, model, day)) {
    ++reached;
  }
  if (reached > static_cast<int>(person.tier)) {
    move(person, reached, day);
  }
}

struct Meaning {
  std::int64_t amount = 0;
  bool first_of_order = false;
  bool new_product = false;
  bool repeat = false;
};

void note_product(Person& person, const CompactEvent& event, const Model& model, Day day,
                  Meaning& meaning) {
  const bool named = model.calibration.products_named;
  if (named && event.subject() == 0) {
    return;
  }
  auto& days = person.product_days[named ? event.subject() : 0];
  if (days.count(day.number) == 0) {
    meaning.new_product = days.empty();
    meaning.repeat = !days.empty();
    days.insert(day.number);
  }
}

Meaning buy(Person& person, const CompactEvent& event, const Model& model, Day day) {
  Meaning meaning;
  meaning.amount = event.has(kForeignCurrency) ? 0 : event.amount_minor();
  person.spent += meaning.amount;
  const std::uint64_t key =
      event.order_ref() != 0 ? event.order_ref() : event.id_hash() | (std::uint64_t{1} << 63U);
  meaning.first_of_order = event.order_ref() == 0 || person.orders.count(key) == 0;
  person.orders[key].bought += meaning.amount;
  if (meaning.first_of_order) {
    person.order_days.insert(day.number);
  }
  note_product(person, event, model, day, meaning);
  const bool whole_order = event.kind() == Kind::order_completed && event.subject() == 0 &&
                           model.calibration.products_named;
  if (!whole_order) {
    ++person.lines;
    person.devoted += (event.flags() & (kFullPrice | kPrepaid)) != 0 ? 1 : 0;
    person.early += event.has(kEarly) ? 1 : 0;
  }
  return meaning;
}

Meaning give_back(Person& person, const CompactEvent& event) {
  const bool whole = event.kind() != Kind::line_returned && !event.has(kPartial);
  const auto order =
      event.order_ref() == 0 ? person.orders.end() : person.orders.find(event.order_ref());
  std::int64_t amount =
      event.has(kForeignCurrency) ? 0 : std::max<std::int64_t>(-event.amount_minor(), 0);
  if (order != person.orders.end()) {
    const std::int64_t left = order->second.bought - order->second.returned;
    if (whole && amount == 0) {
      amount = std::max<std::int64_t>(left, 0);
    }
    if (order->second.taken_back) {
      amount = std::clamp<std::int64_t>(left, 0, amount);
    }
  }
  amount = std::min(amount, std::max<std::int64_t>(person.spent, 0));
  person.spent -= amount;
  person.returned += amount;
  if (order != person.orders.end()) {
    order->second.returned += amount;
    order->second.taken_back = order->second.taken_back || (whole && event.amount_minor() == 0) ||
                               order->second.returned >= order->second.bought;
  }
  const auto product = person.product_days.find(event.subject());
  if (event.kind() == Kind::line_returned && event.subject() != 0 &&
      product != person.product_days.end() && !product->second.empty()) {
    product->second.erase(product->second.begin());
  }
  Meaning meaning;
  meaning.amount = -amount;
  meaning.first_of_order = true;
  return meaning;
}

void note_reach(Person& person, const CompactEvent& event) {
  static const std::set<Kind> kReached = {
      Kind::contact_delivered, Kind::contact_opened, Kind::contact_clicked, Kind::chat_started,
      Kind::message_received,  Kind::consent_given,  Kind::staff_assigned};
  static const std::set<Kind> kLost = {Kind::contact_bounced, Kind::marked_as_spam,
                                       Kind::unsubscribed, Kind::consent_withdrawn};
  if (kReached.count(event.kind()) != 0 || event.has(kReachable)) {
    person.reachable = true;
  } else if (kLost.count(event.kind()) != 0) {
    person.reachable = false;
  }
}

void note_rest(Person& person, const CompactEvent& event, const Model& model, Day day) {
  const Kind kind = event.kind();
  const bool with_staff = kind == Kind::staff_met || kind == Kind::staff_assigned ||
                          kind == Kind::service_delivered || kind == Kind::chat_started ||
                          kind == Kind::message_received;
  if (with_staff && event.subject() != 0) {
    person.staff_days[event.subject()].insert(day.number);
  }
  if (kind == Kind::fee_charged && !event.has(kForeignCurrency)) {
    person.spent += event.amount_minor();
  }
  if (kind == Kind::prepayment_made) {
    ++person.lines;
    ++person.devoted;
  }
  person.referred += kind == Kind::referred_order ? 1 : kind == Kind::referred_refund ? -1 : 0;
  if (kind == Kind::identified || kind == Kind::referral_accepted) {
    const int origin = kind == Kind::referral_accepted
                           ? static_cast<int>(Origin::friend_referral)
                           : std::clamp(event.quantity(), 0, kOrigins - 1);
    if (!person.initial_told && origin != 0) {
      person.initial_told = true;
      person.initial = model.origin_trust_16[static_cast<std::size_t>(origin)];
    }
  }
}

bool counts(const EvidenceRule& rule, const CompactEvent& event, const Meaning& meaning,
            Person& person, Day day) {
  if ((event.flags() & rule.flags) != rule.flags) {
    return false;
  }
  switch (rule.once) {
    case Once::event:
      return true;
    case Once::order:
      return meaning.first_of_order;
    case Once::new_product:
      return meaning.new_product;
    case Once::repeat:
      return meaning.repeat;
    case Once::day:
      break;
  }
  const auto last = person.counted_today.find(rule.day_slot);
  const bool first = last == person.counted_today.end() || last->second != day.number;
  person.counted_today[rule.day_slot] = day.number;
  return first;
}

std::int64_t times(const EvidenceRule& rule, const CompactEvent& event, const Meaning& meaning,
                   const Model& model) {
  std::int64_t multiple = 65536;
  if (rule.scale == Scale::amount) {
    multiple = meaning.amount * 65536 / model.typical_order_minor;
  } else if (rule.scale == Scale::minutes) {
    multiple = std::int64_t{event.quantity()} * 65536 / 60;
  } else if (rule.scale == Scale::rating) {
    multiple = (std::int64_t{event.quantity()} - 50) * 65536 / 50;
  }
  const std::int64_t cap = rule.cap_16;
  return cap == 0 ? multiple : std::max(-cap, std::min(cap, multiple));
}

void apply_rule(Person& person, const EvidenceRule& rule, const CompactEvent& event,
                const Meaning& meaning, const Model& model) {
  if (rule.breach_16 != 0) {
    person.good = person.good * (65536 - rule.breach_16) / 65536;
  }
  std::int64_t good = rule.good_16;
  std::int64_t bad = rule.bad_16;
  if (rule.scale == Scale::rating) {
    const std::int64_t over = (std::int64_t{event.quantity()} * 65536 - person.expectation) / 100;
    const std::int64_t surprise = std::abs(over) * model.surprise_16 / 65536;
    good = over >= 0 ? good * (65536 + surprise) / 65536 : 0;
    bad = over >= 0 ? 0 : bad * surprise / 65536;
  }
  std::int64_t put = rule.weight_16;
  if (rule.scale != Scale::one) {
    const std::int64_t multiple = times(rule, event, meaning, model);
    put = put * multiple / 65536;
    if (rule.scale != Scale::rating) {
      good = good * std::abs(multiple) / 65536;
      bad = bad * std::abs(multiple) / 65536;
    }
  }
  auto& invested = person.invested[static_cast<std::size_t>(rule.dimension)];
  invested = static_cast<std::uint64_t>(
      std::clamp<std::int64_t>(static_cast<std::int64_t>(invested) + put, 0, UINT32_MAX));
  person.good = std::min<std::uint64_t>(person.good + static_cast<std::uint64_t>(good), UINT32_MAX);
  person.bad = std::min<std::uint64_t>(person.bad + static_cast<std::uint64_t>(bad), UINT32_MAX);
}

// Returns whether it was a breach.
bool weigh(Person& person, const CompactEvent& event, const Meaning& meaning, const Model& model,
           Day day) {
  bool breach = false;
  bool rated = false;
  for (const EvidenceRule& rule : model.rules) {
    if (rule.kind == event.kind() && counts(rule, event, meaning, person, day)) {
      apply_rule(person, rule, event, meaning, model);
      breach = breach || rule.breach_16 != 0;
      rated = rated || rule.scale == Scale::rating;
    }
  }
  if (rated) {
    const std::int64_t rating = std::int64_t{event.quantity()} * 65536;
    person.expectation += (rating - person.expectation) * model.expectation_pace_16 / 65536;
  }
  return breach;
}

void encounter(Person& person, const CompactEvent& event, const Model& model, Day day) {
  Meaning meaning;
  if (buys(event.kind())) {
    meaning = buy(person, event, model, day);
  } else if (takes_back(event.kind())) {
    meaning = give_back(person, event);
  } else {
    meaning.amount = event.has(kForeignCurrency) ? 0 : event.amount_minor();
    note_rest(person, event, model, day);
  }
  note_reach(person, event);
  if (weigh(person, event, meaning, model, day)) {
    fall(person, model, day);
  } else {
    climb(person, model, day);
  }
}

void decay_to(Person& person, const Model& model, Day day) {
  const Figures figures = figures_on(person, model, day);
  person.invested = figures.invested;
  person.good = figures.good;
  person.bad = figures.bad;
  person.day = day;
}

}  // namespace

std::int64_t value_of(Fact fact, const Person& person, const Model& model, Day day) {
  switch (fact) {
    case Fact::orders:
      return kept_orders(person);
    case Fact::order_days:
      return static_cast<std::int64_t>(person.order_days.size());
    case Fact::repeat_occasions:
      return most_days(person.product_days);
    case Fact::reachable:
      return person.reachable ? 1 : 0;
    case Fact::trust:
      return static_cast<std::int64_t>(trust(person, model, day));
    case Fact::depth:
      return static_cast<std::int64_t>(depth(person, model, day));
    case Fact::index:
      return static_cast<std::int64_t>(index_milli(person, model, day));
    case Fact::transaction_depth:
    case Fact::service_depth:
    case Fact::companionship_depth:
    case Fact::participation_depth:
    case Fact::advocacy_depth:
    case Fact::knowledge_depth:
    case Fact::values_depth: {
      const auto d =
          static_cast<std::size_t>(fact) - static_cast<std::size_t>(Fact::transaction_depth);
      return static_cast<std::int64_t>(
          share(figures_on(person, model, day).invested[d], model.saturation_16[d]));
    }
    case Fact::staff_bond: {
      std::int64_t most = 0;
      for (const auto& [staff, days] : person.staff_days) {
        most = std::max(most, static_cast<std::int64_t>(days.size()));
      }
      return most;
    }
    case Fact::devoted_share:
      return person.lines == 0 ? 0 : person.devoted * 65536 / person.lines;
    case Fact::early_buys:
      return person.early;
    case Fact::referred_orders:
      return std::max<std::int64_t>(person.referred, 0);
    case Fact::silence_days:
      return person.order_days.empty() ? INT64_MAX : day.number - *person.order_days.rbegin();
    case Fact::silence_rhythms:
      return rhythms(person, model, day);
  }
  return 0;
}

std::uint64_t trust(const Person& person, const Model& model, Day day) {
  const Figures figures = figures_on(person, model, day);
  const std::uint64_t prior = person.initial * model.prior_weight_16 / 65536;
  return (figures.good + prior) * 65536 / (figures.good + figures.bad + model.prior_weight_16);
}

std::uint64_t depth(const Person& person, const Model& model, Day day) {
  const Figures figures = figures_on(person, model, day);
  std::uint64_t sum = 0;
  for (std::size_t d = 0; d < figures.invested.size(); ++d) {
    sum += model.weight_16[d] * share(figures.invested[d], model.saturation_16[d]);
  }
  return sum / 65536;
}

std::uint64_t index_milli(const Person& person, const Model& model, Day day) {
  return trust(person, model, day) * depth(person, model, day) * 100000 >> 32U;
}

Person fold(std::span<const CompactEvent> events, const Model& model, Day through) {
  std::vector<CompactEvent> sorted(events.begin(), events.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); });
  Person person;
  person.initial = model.origin_trust_16[0];
  person.expectation = std::int64_t{model.expectation} * 65536;
  if (sorted.empty()) {
    return person;
  }
  std::size_t next = 0;
  for (Day day = model.zone.day_of(sorted.front().occurred_at()); day <= through; ++day.number) {
    bool first_today = true;
    while (next < sorted.size() && model.zone.day_of(sorted[next].occurred_at()) == day) {
      if (first_today) {
        decay_to(person, model, day);
        first_today = false;
      }
      encounter(person, sorted[next], model, day);
      ++next;
    }
    fall(person, model, day);
  }
  return person;
}

}  // namespace guanxi::reference
