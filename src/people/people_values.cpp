#include "people/people_values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "base/check.hpp"
#include "people/survey_fold.hpp"
#include "relationship/stance.hpp"
#include "statistics/lifetime_value.hpp"
#include "statistics/value_moments.hpp"

namespace guanxi {
namespace {

constexpr double kMicro = 1e6;
constexpr std::size_t kSample = 1000;

ValueSpan span_of(const Model& model) {
  return {static_cast<double>(model.value.horizon_days), model.value.discount_micros / kMicro};
}

std::uint32_t milli_plus_one(double value) {
  return static_cast<std::uint32_t>(std::lround(std::min(value, 4e6) * 1000)) + 1;
}

/// People with one and the same history have the same chances.
struct Cell {
  std::size_t first = 0;  ///< place in the order
  std::size_t end = 0;
};

auto key_of(const PersonPurchases& person) {
  return std::tuple(person.days, person.last.number - person.first.number, person.first.number);
}

/// Everyone's values under way.
///
/// Place       values_of_everyone().
/// Threads     One owner; its steps use threads of their own.
class Valuing {
 public:
  Valuing(const Image& image, const Model& model, const PurchaseFit& fit, unsigned threads)
      : image_(image),
        model_(model),
        fit_(fit),
        threads_(threads == 0 ? default_threads() : threads),
        span_(span_of(model)),
        values_(std::make_unique<PeopleValues>()) {}

  std::unique_ptr<PeopleValues> run(std::uint64_t fit_number) {
    values_->as_of = image_.as_of();
    values_->fit = fit_number;
    values_->resize(image_.people());
    people_ = purchase_histories(image_, model_, image_.as_of(), threads_);
    order_cells();
    fill_own();
    sample_variance();
    fill_fission();
    fill_derived();
    return std::move(values_);
  }

 private:
  void order_cells() {
    order_.resize(people_.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::ranges::sort(order_, {}, [this](std::uint32_t place) {
      const PersonPurchases& person = people_[place];
      return std::tuple_cat(key_of(person), std::tuple(person.money_days, person.repeat_minor));
    });
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (i == 0 || key_of(at(i)) != key_of(at(i - 1))) {
        cells_.push_back({i, i});
      }
      cells_.back().end = i + 1;
    }
  }

  [[nodiscard]] const PersonPurchases& at(std::size_t place) const {
    return people_[order_[place]];
  }

  void fill_own() {
    constexpr std::size_t kPerItem = 512;
    for_each_item((cells_.size() + kPerItem - 1) / kPerItem, threads_,
                  [this](unsigned, std::size_t item) {
                    const std::size_t end = std::min(cells_.size(), (item + 1) * kPerItem);
                    for (std::size_t i = item * kPerItem; i < end; ++i) {
                      fill_cell(cells_[i]);
                    }
                  });
  }

  void fill_cell(const Cell& cell) {
    const BetaGeometric& buying = fit_.buying->model;
    const PurchaseHistory history = history_of(at(cell.first), values_->as_of);
    const auto alive =
        static_cast<std::uint16_t>(1 + std::lround(buying.probability_alive(history) * 10000));
    const std::uint32_t next_90 = milli_plus_one(buying.expected_purchases(history, 90));
    const std::uint32_t next_365 = milli_plus_one(buying.expected_purchases(history, 365));
    const double present = fit_.spending ? present_purchases(buying, history, span_) : 0;
    for (std::size_t i = cell.first; i < cell.end; ++i) {
      const PersonPurchases& person = at(i);
      values_->first_purchase[person.person] = small_day(person.first);
      values_->alive[person.person] = alive;
      values_->next_90_milli[person.person] = next_90;
      values_->next_365_milli[person.person] = next_365;
      if (fit_.spending) {
        values_->own_minor[person.person] =
            std::llround(present * fit_.spending->model.expected_spend(spend_of(person)));
      }
    }
  }

  // Every n-th person in the order of histories: the same people whatever their numbers.
  void sample_variance() {
    if (!fit_.spending || order_.empty()) {
      return;
    }
    const ValueModels models = fit_.models();
    const std::vector<ValueModels> places = around(models);
    const std::size_t stride = (order_.size() + kSample - 1) / kSample;
    const std::size_t taken = (order_.size() + stride - 1) / stride;
    std::vector<std::vector<double>> at_place(taken);
    std::vector<double> variances(taken);
    for_each_item(taken, threads_, [&](unsigned, std::size_t i) {
      const PersonPurchases& person = at(i * stride);
      const PurchaseHistory history = history_of(person, values_->as_of);
      const SpendHistory spend = spend_of(person);
      variances[i] = value_moments(models, history, spend, span_).variance;
      for (const ValueModels& place : places) {
        at_place[i].push_back(present_purchases(place.purchases, history, span_) *
                              place.spend.expected_spend(spend));
      }
    });
    const double factor = static_cast<double>(order_.size()) / static_cast<double>(taken);
    std::vector<double> totals(places.size());
    for (std::size_t i = 0; i < taken; ++i) {
      values_->own_variance_of_people += variances[i] * factor;
      for (std::size_t place = 0; place < places.size(); ++place) {
        totals[place] += at_place[i][place] * factor;
      }
    }
    const auto count = static_cast<double>(totals.size());
    const double mean = std::accumulate(totals.begin(), totals.end(), 0.0) / count;
    for (const double total : totals) {
      values_->own_variance_of_parameters += (total - mean) * (total - mean) / count;
    }
  }

  // First degree whole, second by its share, never deeper and never back to where it comes from.
  void fill_fission() {
    if (!fit_.spending) {
      return;
    }
    constexpr std::uint32_t kNobody = UINT32_MAX;
    std::vector<std::uint32_t> bringer(image_.people(), kNobody);
    for (const auto& [person, by] : image_.bringers()) {
      bringer[person] = by;
    }
    std::vector<double> fission(image_.people());
    const double second = model_.value.second_degree_micros / kMicro;
    for (std::uint32_t person = 0; person < bringer.size(); ++person) {
      const std::uint32_t by = bringer[person];
      const std::int64_t own = values_->own_minor[person];
      if (by == kNobody || own == PeopleValues::kNotYet) {
        continue;
      }
      fission[by] += static_cast<double>(own);
      const std::uint32_t above = bringer[by];
      if (above != kNobody && above != person) {
        fission[above] += second * static_cast<double>(own);
      }
    }
    for (std::uint32_t person = 0; person < fission.size(); ++person) {
      if ((image_.stance(image_.ref_of(person)) & kNotFolded) == 0) {
        values_->fission_minor[person] = std::llround(fission[person]);
      }
    }
  }

  void fill_derived();

  const Image& image_;
  const Model& model_;
  const PurchaseFit& fit_;
  unsigned threads_;
  ValueSpan span_;
  std::unique_ptr<PeopleValues> values_;
  std::vector<PersonPurchases> people_;
  std::vector<std::uint32_t> order_;
  std::vector<Cell> cells_;
};

/// The days whose events are priced, as moments.
struct Window {
  std::int64_t after_s = 0;
  std::int64_t until_s = 0;
};
Window window_of(const Model& model, Day as_of) {
  const Day before{as_of.number - static_cast<std::int32_t>(model.value.derived_days)};
  return {model.zone.close_of(before).seconds, model.zone.close_of(as_of).seconds};
}

// Calls visit(kind) for each priced event within the window, the latest first.
template <typename Visit>
void for_each_priced(std::span<const CompactEvent> events, const Model& model, const Window& window,
                     Visit&& visit) {
  for (std::size_t i = events.size(); i > 0; --i) {
    const CompactEvent& event = events[i - 1];
    const std::int64_t at_s = event.occurred_at().seconds;
    if (at_s < window.after_s) {
      return;
    }
    const auto kind = static_cast<std::size_t>(event.kind());
    if (at_s < window.until_s && model.value.tariff_micros[kind] > 0) {
      visit(event.kind());
    }
  }
}

void Valuing::fill_derived() {
  if (!model_.value.priced) {
    return;
  }
  struct Nothing {};
  const Window window = window_of(model_, values_->as_of);
  for_everyone<Nothing>(image_, threads_, [&](Worker<Nothing>&, PersonRef person) {
    if ((image_.stance(person) & kNotFolded) != 0) {
      return;
    }
    std::uint64_t micros = 0;
    for_each_priced(image_.timeline(person), model_, window, [&](EventKind kind) {
      micros += model_.value.tariff_micros[static_cast<std::size_t>(kind)];
    });
    values_->derived_minor[image_.number_of(person)] = std::llround(
        static_cast<double>(micros) / kMicro * static_cast<double>(model_.typical_order_minor));
  });
}

void add(ValueSums& sums, const PeopleValues& values, std::uint32_t number) {
  ++sums.people;
  if (!values.knows(number)) {
    return;
  }
  if (values.alive[number] > 0) {
    ++sums.customers;
    sums.alive += (values.alive[number] - 1) / 1e4;
    sums.next_365 += (values.next_365_milli[number] - 1) / 1e3;
  }
  const auto part = [&](const std::vector<std::int64_t>& column, double& sum) {
    if (column[number] != PeopleValues::kNotYet) {
      sum += static_cast<double>(column[number]);
    }
  };
  sums.valued += values.own_minor[number] != PeopleValues::kNotYet ? 1U : 0U;
  part(values.own_minor, sums.own_minor);
  part(values.fission_minor, sums.fission_minor);
  part(values.derived_minor, sums.derived_minor);
}

/// 4 x year + quarter - 1 of a day.
std::int32_t quarter_of(Day day) {
  const std::string text = to_string(day);
  const std::int32_t year = std::stoi(text.substr(0, 4));
  const std::int32_t month = std::stoi(text.substr(5, 2));
  return year * 4 + (month - 1) / 3;
}

}  // namespace

void PeopleValues::resize(std::size_t rows) {
  first_purchase.resize(rows);
  alive.resize(rows);
  next_90_milli.resize(rows);
  next_365_milli.resize(rows);
  own_minor.resize(rows, kNotYet);
  fission_minor.resize(rows, kNotYet);
  derived_minor.resize(rows, kNotYet);
}

void PeopleValues::forget(std::uint32_t number) {
  if (knows(number)) {
    first_purchase[number] = 0;
    alive[number] = 0;
    next_90_milli[number] = next_365_milli[number] = 0;
    own_minor[number] = fission_minor[number] = derived_minor[number] = kNotYet;
  }
}

void PeopleValues::move(std::uint32_t from, std::uint32_t to) {
  if (!knows(from) || !knows(to)) {
    forget(to);
    forget(from);
    return;
  }
  first_purchase[to] = first_purchase[from];
  alive[to] = alive[from];
  next_90_milli[to] = next_90_milli[from];
  next_365_milli[to] = next_365_milli[from];
  own_minor[to] = own_minor[from];
  fission_minor[to] = fission_minor[from];
  derived_minor[to] = derived_minor[from];
  forget(from);
}

std::size_t PeopleValues::bytes() const {
  return first_purchase.capacity() * sizeof(SmallDay) + alive.capacity() * sizeof(std::uint16_t) +
         (next_90_milli.capacity() + next_365_milli.capacity()) * sizeof(std::uint32_t) +
         (own_minor.capacity() + fission_minor.capacity() + derived_minor.capacity()) *
             sizeof(std::int64_t);
}

std::unique_ptr<PeopleValues> values_of_everyone(const Image& image, const Model& model,
                                                 const PurchaseFit& fit, std::uint64_t fit_number,
                                                 unsigned threads) {
  GUANXI_CHECK(fit.used(), "values follow from a fit");
  return Valuing(image, model, fit, threads).run(fit_number);
}

std::string_view name_of(NotYet reason) {
  constexpr std::array<std::string_view, 6> kNames = {"",        "no_fit",      "never_bought",
                                                      "objects", "no_spending", "no_tariff"};
  return kNames.at(static_cast<std::size_t>(reason));
}

namespace {

/// One person's value under way.
///
/// Place       value_of().
/// Threads     One owner.
class OneValue {
 public:
  OneValue(const Image& image, const Model& model, const PurchaseFit* fit)
      : image_(image), model_(model), fit_(fit), span_(span_of(model)) {}

  PersonValue run(PersonRef person) {
    value_.as_of = image_.as_of();
    const bool objects = (image_.stance(person) & kNotFolded) != 0;
    value_.why_no_purchases = objects                            ? NotYet::objects
                              : fit_ == nullptr || !fit_->used() ? NotYet::no_fit
                                                                 : NotYet::nothing_missing;
    if (!objects) {
      look_at_purchases(person);
    }
    value_.why_no_own = why_no_own(value_.why_no_purchases);
    if (value_.why_no_own == NotYet::nothing_missing) {
      fill_own();
    }
    value_.why_no_fission = objects                            ? NotYet::objects
                            : fit_ == nullptr || !fit_->used() ? NotYet::no_fit
                            : !fit_->spending                  ? NotYet::no_spending
                                                               : NotYet::nothing_missing;
    if (!objects) {
      fill_fission(person);
    }
    fill_derived(person, objects);
    return std::move(value_);
  }

 private:
  void look_at_purchases(PersonRef person) {
    value_.purchases = purchases_of(image_.timeline(person), model_, image_.as_of(), memory_);
    if (!value_.purchases) {
      value_.why_no_purchases = NotYet::never_bought;
      return;
    }
    value_.purchases->person = image_.number_of(person);
    value_.history = history_of(*value_.purchases, image_.as_of());
    value_.spend = spend_of(*value_.purchases);
    if (value_.why_no_purchases == NotYet::nothing_missing) {
      const BetaGeometric& buying = fit_->buying->model;
      value_.alive = buying.probability_alive(value_.history);
      value_.next_90 = buying.expected_purchases(value_.history, 90);
      value_.next_365 = buying.expected_purchases(value_.history, 365);
    }
  }

  [[nodiscard]] NotYet why_no_own(NotYet why_no_purchases) const {
    return why_no_purchases != NotYet::nothing_missing ? why_no_purchases
           : !fit_->spending                           ? NotYet::no_spending
                                                       : NotYet::nothing_missing;
  }

  void fill_own() {
    const ValueModels models = fit_->models();
    value_.expected_spend_minor = models.spend.expected_spend(value_.spend);
    value_.horizon_purchases = models.purchases.expected_purchases(value_.history, span_.days);
    value_.discount_left = discount_left(models.purchases, value_.history, span_);
    value_.own = own_value(models, value_.history, value_.spend, span_);
  }

  void fill_fission(PersonRef person) {
    const std::vector<PersonRef> first = image_.referred_by(person);
    for (const PersonRef brought : first) {
      if (brought != person) {
        add_brought(brought, std::nullopt, 1);
      }
    }
    const double share = model_.value.second_degree_micros / kMicro;
    for (const PersonRef through : first) {
      if (through == person) {
        continue;
      }
      for (const PersonRef brought : image_.referred_by(through)) {
        if (brought != person && brought != through) {
          add_brought(brought, through, share);
        }
      }
    }
    double variance = 0;
    for (const PersonValue::Brought& brought : value_.brought) {
      value_.fission_minor += brought.share * brought.own_minor;
      variance += brought.share * brought.share * brought.variance;
    }
    value_.fission_interval = sum_interval(value_.fission_minor, variance);
  }

  void add_brought(PersonRef person, std::optional<PersonRef> through, double share) {
    PersonValue::Brought brought{.person = person, .through = through, .share = share};
    const auto purchases = purchases_of(image_.timeline(person), model_, image_.as_of(), memory_);
    brought.why = (image_.stance(person) & kNotFolded) != 0 ? NotYet::objects
                  : fit_ == nullptr || !fit_->used()        ? NotYet::no_fit
                  : !fit_->spending                         ? NotYet::no_spending
                  : !purchases                              ? NotYet::never_bought
                                                            : NotYet::nothing_missing;
    if (brought.why == NotYet::nothing_missing) {
      const ValueModels models = fit_->models();
      const ValueMoments own = value_moments(models, history_of(*purchases, image_.as_of()),
                                             spend_of(*purchases), span_);
      brought.own_minor = own.mean;
      brought.variance = own.variance;
    }
    value_.brought.push_back(brought);
  }

  void fill_derived(PersonRef person, bool objects) {
    value_.why_no_derived = objects                ? NotYet::objects
                            : !model_.value.priced ? NotYet::no_tariff
                                                   : NotYet::nothing_missing;
    if (value_.why_no_derived != NotYet::nothing_missing) {
      return;
    }
    std::array<std::uint64_t, kEventKinds> counts{};
    for_each_priced(image_.timeline(person), model_, window_of(model_, image_.as_of()),
                    [&](EventKind kind) { ++counts[static_cast<std::size_t>(kind)]; });
    double orders = 0;
    for (std::size_t kind = 0; kind < counts.size(); ++kind) {
      if (counts[kind] > 0) {
        const std::uint32_t each = model_.value.tariff_micros[kind];
        value_.given.push_back({static_cast<EventKind>(kind), counts[kind], each});
        orders += static_cast<double>(counts[kind]) * each / kMicro;
      }
    }
    value_.derived_minor = orders * static_cast<double>(model_.typical_order_minor);
  }

  const Image& image_;
  const Model& model_;
  const PurchaseFit* fit_;
  ValueSpan span_;
  PurchaseMemory memory_;
  PersonValue value_;
};

}  // namespace

PersonValue value_of(const Image& image, const Model& model, PersonRef person,
                     const PurchaseFit* fit) {
  return OneValue(image, model, fit).run(person);
}

ValueSummary summarise(const Image& image) {
  const PeopleValues* const values = image.values();
  GUANXI_CHECK(values != nullptr, "there are values to sum");
  ValueSummary summary;
  summary.tiers.resize(kTiers);
  std::map<std::int32_t, ValueSums> cohorts;
  std::vector<double> own;
  std::vector<std::int32_t> quarters(UINT16_MAX + 1);
  for (std::uint32_t number = 0; number < image.people(); ++number) {
    const PersonRef person = image.ref_of(number);
    if ((image.stance(person) & kNotFolded) != 0) {
      continue;
    }
    add(summary.all, *values, number);
    add(summary.tiers[image.columns(person.shard).tier[person.index]], *values, number);
    if (!values->knows(number) || values->first_purchase[number] == 0) {
      continue;
    }
    const SmallDay first = values->first_purchase[number];
    if (quarters[first] == 0) {
      quarters[first] = quarter_of(day_of(first));
    }
    add(cohorts[quarters[first]], *values, number);
    if (values->own_minor[number] != PeopleValues::kNotYet) {
      own.push_back(static_cast<double>(values->own_minor[number]));
    }
  }
  for (auto& [quarter, sums] : cohorts) {
    summary.cohorts.push_back({quarter / 4, static_cast<unsigned>(quarter % 4) + 1, sums});
  }
  summary.own_interval = sum_interval(
      summary.all.own_minor, values->own_variance_of_people + values->own_variance_of_parameters);
  Concentration curve = concentration(own);
  summary.lorenz = std::move(curve.value_share);
  summary.gini = curve.gini;
  return summary;
}

}  // namespace guanxi
