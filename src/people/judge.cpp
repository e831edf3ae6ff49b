#include <algorithm>
#include <array>

#include "people/foretell.hpp"
#include "people/validation.hpp"
#include "statistics/measures.hpp"

namespace guanxi {
namespace {

constexpr std::array<std::string_view, kForetellers> kForetellerNames = {
    "index",  "frequency", "recency",    "naive",     "rfm",
    "bg_nbd", "mbg_nbd",   "mbg_cnbd_k", "pareto_nbd"};
constexpr std::array<std::string_view, kForetold> kForetoldNames = {"rank", "purchases", "spend",
                                                                    "activity"};
constexpr std::uint32_t kTenths = 10;

double share(double sum, std::uint64_t of) { return of == 0 ? 0 : sum / static_cast<double>(of); }

TierOutcome outcome_of(Tier tier, const std::vector<Witnessed>& people) {
  TierOutcome outcome;
  outcome.tier = tier;
  std::uint64_t purchases = 0;
  std::int64_t spent = 0;
  std::int64_t refunded = 0;
  std::uint64_t refunds = 0;
  std::uint64_t complaints = 0;
  std::uint64_t referred = 0;
  for (const Witnessed& person : people) {
    if (person.tier == tier) {
      ++outcome.people;
      outcome.buyers += person.next_days > 0 ? 1U : 0U;
      purchases += person.next_days;
      spent += person.next_paid_minor;
      refunded += person.next_refunded_minor;
      refunds += person.next_refunds;
      complaints += person.next_complaints;
      referred += person.next_referred_orders;
    }
  }
  outcome.repeat_rate = share(static_cast<double>(outcome.buyers), outcome.people);
  outcome.mean_purchases = share(static_cast<double>(purchases), outcome.people);
  outcome.mean_spend_minor = share(static_cast<double>(spent), outcome.people);
  outcome.mean_refunded_minor = share(static_cast<double>(refunded), outcome.people);
  outcome.mean_refunds = share(static_cast<double>(refunds), outcome.people);
  outcome.mean_complaints = share(static_cast<double>(complaints), outcome.people);
  outcome.mean_referred_orders = share(static_cast<double>(referred), outcome.people);
  return outcome;
}

bool rises(const std::vector<TierOutcome>& tiers) {
  double last = -1;
  for (const TierOutcome& tier : tiers) {
    if (tier.people > 0) {
      if (tier.repeat_rate <= last) {
        return false;
      }
      last = tier.repeat_rate;
    }
  }
  return true;
}

std::vector<Decile> deciles_of(const std::vector<Witnessed>& people,
                               std::span<const std::uint8_t> tenths) {
  struct Sum {
    std::uint64_t index_milli = 0;
    std::uint64_t buyers = 0;
    std::int64_t spent = 0;
  };
  std::vector<Decile> deciles(kTenths);
  std::array<Sum, kTenths> sums{};
  for (std::size_t i = 0; i < people.size(); ++i) {
    ++deciles[tenths[i]].people;
    Sum& sum = sums[tenths[i]];
    sum.index_milli += people[i].index_milli;
    sum.buyers += people[i].next_days > 0 ? 1U : 0U;
    sum.spent += people[i].next_paid_minor;
  }
  for (std::size_t tenth = 0; tenth < kTenths; ++tenth) {
    Decile& decile = deciles[tenth];
    decile.mean_index = share(static_cast<double>(sums[tenth].index_milli) / 1000, decile.people);
    decile.repeat_rate = share(static_cast<double>(sums[tenth].buyers), decile.people);
    decile.mean_spend_minor = share(static_cast<double>(sums[tenth].spent), decile.people);
  }
  return deciles;
}

/// What came, in the form that measures take.
struct Outcomes {
  std::vector<double> purchases, spend, bought_as_number;
  std::vector<std::uint8_t> bought;
  std::array<std::vector<std::uint32_t>, kTiers> of_tier;  ///< places

  explicit Outcomes(const std::vector<Witnessed>& people) {
    for (const Witnessed& person : people) {
      of_tier[static_cast<std::size_t>(person.tier)].push_back(
          static_cast<std::uint32_t>(purchases.size()));
      purchases.push_back(person.next_days);
      spend.push_back(static_cast<double>(person.next_paid_minor));
      bought.push_back(person.next_days > 0 ? 1 : 0);
      bought_as_number.push_back(bought.back());
    }
  }
};

Judged judged(std::span<const std::uint8_t> tenths, const std::vector<double>& forecast,
              const std::vector<double>& actual, const Outcomes& outcomes) {
  Judged found;
  found.errors = forecast_errors(forecast, actual);
  found.parts = forecast_parts(tenths, forecast, actual);
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    std::vector<double> said;
    std::vector<double> came;
    for (const std::uint32_t i : outcomes.of_tier[tier]) {
      said.push_back(forecast[i]);
      came.push_back(actual[i]);
    }
    found.by_tier[tier] = forecast_errors(said, came);
  }
  return found;
}

Judgement judgement_of(Foreteller by, Forecast&& forecast, const Outcomes& outcomes) {
  Judgement judgement;
  judgement.by = by;
  judgement.missing = std::move(forecast.missing);
  judgement.note = std::move(forecast.note);
  judgement.fitted = std::move(forecast.fitted);
  const auto tenths_of = [&](Foretold what) -> std::vector<std::uint8_t>& {
    return judgement.tenths[static_cast<std::size_t>(what)];
  };
  if (!forecast.rank.empty()) {
    tenths_of(Foretold::rank) = parts_by_score(forecast.rank, kTenths);
    judgement.auc = bounded_auc(forecast.rank, outcomes.bought);
    judgement.spearman_spend = spearman(forecast.rank, outcomes.spend);
    judgement.buyers_caught = catches(tenths_of(Foretold::rank), outcomes.bought_as_number);
    judgement.spend_caught = catches(tenths_of(Foretold::rank), outcomes.spend);
  }
  const auto judge_amounts = [&](Foretold what, const std::vector<double>& said,
                                 const std::vector<double>& came) {
    if (!said.empty()) {
      tenths_of(what) = parts_by_score(said, kTenths);
      judgement.said[static_cast<std::size_t>(what)].assign(said.begin(), said.end());
      judgement.judged[static_cast<std::size_t>(what)] =
          judged(tenths_of(what), said, came, outcomes);
    }
  };
  judge_amounts(Foretold::purchases, forecast.purchases, outcomes.purchases);
  judge_amounts(Foretold::spend, forecast.spend_minor, outcomes.spend);
  judge_amounts(Foretold::activity, forecast.activity, outcomes.bought_as_number);
  if (auto& activity = judgement.judged[static_cast<std::size_t>(Foretold::activity)]) {
    activity->chance = chance_errors(forecast.activity, outcomes.bought);
    activity->parts =
        chance_parts(tenths_of(Foretold::activity), forecast.activity, outcomes.bought);
  }
  return judgement;
}

/// First orders by day, counted from the earliest.
struct Arrivals {
  std::int32_t first = 0;
  std::vector<double> people;

  explicit Arrivals(const Testimony& testimony) : first(testimony.at.number) {
    for (const Witnessed& person : testimony.people) {
      first = std::min(first, person.bought.first.number);
    }
    people.resize(static_cast<std::size_t>(testimony.at.number - first));
    for (const Witnessed& person : testimony.people) {
      people[static_cast<std::size_t>(person.bought.first.number - first)] += 1;
    }
  }

  /// Repeat purchases expected through the close of a day, by all who have come.
  [[nodiscard]] double expected_through(std::int32_t day,
                                        const std::vector<double>& newcomer) const {
    double sum = 0;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const std::int32_t age = day - first - static_cast<std::int32_t>(i);
      if (age <= 0) {
        break;
      }
      sum += people[i] * newcomer[static_cast<std::size_t>(age)];
    }
    return sum;
  }
};

std::vector<TrackedWeek> weeks_of(const Testimony& testimony) {
  std::vector<TrackedWeek> weeks;
  std::int32_t week = testimony.first_week;
  for (const std::uint64_t purchases : testimony.weekly) {
    weeks.push_back({Day{testimony.at.number + 7 * week}, purchases, {}});
    ++week;
  }
  return weeks;
}

/// The last week may be cut short by the end of the horizon: so is what is expected of it.
void track(std::vector<TrackedWeek>& weeks, Foreteller by, const Arrivals& arrivals,
           const std::vector<double>& newcomer) {
  if (newcomer.empty()) {
    return;
  }
  const auto last = arrivals.first + static_cast<std::int32_t>(newcomer.size()) - 1;
  double before = 0;
  for (TrackedWeek& week : weeks) {
    const double through =
        arrivals.expected_through(std::min(last, week.from.number + 6), newcomer);
    week.expected[static_cast<std::size_t>(by)] = through - before;
    before = through;
  }
}

}  // namespace

std::string_view name_of(Foreteller foreteller) {
  return kForetellerNames[static_cast<std::size_t>(foreteller)];
}
std::string_view name_of(Foretold foretold) {
  return kForetoldNames[static_cast<std::size_t>(foretold)];
}
std::optional<Foreteller> foreteller_named(std::string_view name) {
  const auto* found = std::find(kForetellerNames.begin(), kForetellerNames.end(), name);
  return found == kForetellerNames.end()
             ? std::nullopt
             : std::optional(static_cast<Foreteller>(found - kForetellerNames.begin()));
}
std::optional<Foretold> foretold_named(std::string_view name) {
  const auto* found = std::find(kForetoldNames.begin(), kForetoldNames.end(), name);
  return found == kForetoldNames.end()
             ? std::nullopt
             : std::optional(static_cast<Foretold>(found - kForetoldNames.begin()));
}

Result<Validation> judge(const Testimony& testimony, const ValidationWork& work) {
  const auto& people = testimony.people;
  GUANXI_CHECK(!people.empty(), "somebody to judge by");
  const Outcomes outcomes(people);
  Validation validation;
  validation.at = testimony.at;
  validation.horizon_days = testimony.horizon_days;
  validation.people = people.size();
  for (const Witnessed& person : people) {
    validation.buyers += person.next_days > 0 ? 1U : 0U;
    validation.purchases += person.next_days;
    validation.spend_minor += person.next_paid_minor;
  }
  validation.repeat_rate = share(static_cast<double>(validation.buyers), validation.people);
  for (int tier = 0; tier < kTiers; ++tier) {
    validation.tiers.push_back(outcome_of(static_cast<Tier>(tier), people));
  }
  validation.repeat_rate_rises = rises(validation.tiers);
  validation.weeks = weeks_of(testimony);
  const Foresight foresight(testimony, work);
  validation.spend_fit = foresight.spend_fit();
  validation.spend_note = foresight.spend_note();
  validation.spend_purchase_correlation = foresight.spend_purchase_correlation();
  const Arrivals arrivals(testimony);
  for (std::size_t i = 0; i < kForetellers; ++i) {
    if (work.progress) {
      work.progress("judge", i, kForetellers);
    }
    const auto by = static_cast<Foreteller>(i);
    Forecast forecast = foresight.of(by);
    if (work.stopped && work.stopped()) {
      return fail(ErrorCode::conflict, "it was stopped");
    }
    track(validation.weeks, by, arrivals, forecast.newcomer);
    validation.judgements.push_back(judgement_of(by, std::move(forecast), outcomes));
  }
  validation.deciles = deciles_of(
      people, validation.of(Foreteller::index).tenths[static_cast<std::size_t>(Foretold::rank)]);
  return validation;
}

}  // namespace guanxi
