#include "people/people_classes.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "base/hash.hpp"
#include "people/survey_fold.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kSampleMost = 20'000;
constexpr double kDaysOfAYear = 365.25;
constexpr double kTenureLeastDays = 30;  // who came last week does not buy 52 times a year
constexpr double kSameBelow = 1e-9;      // a trait with less spread tells nobody apart
constexpr double kMarkLeast = 0.4;       // deviations from all buyers that make it into a name
constexpr std::size_t kWordsOfAName = 2;

using Traits = std::array<double, kTraits>;

constexpr std::array<TraitWords, kTraits> kWords = {{
    {"buying_rate", "days a year", "days with an order in a year", "年购买天数", "buy often",
     "常买", "buy seldom", "少买"},
    {"order_size", "typical orders", "size of an order", "单笔大小", "large orders", "大单",
     "small orders", "小单"},
    {"silence", "days", "days since the last order", "距上次购买", "silent for long", "久未购买",
     "bought lately", "近期有购"},
    {"tenure", "days", "days since the first order", "结识天数", "long-standing", "老顾客",
     "newly come", "新顾客"},
    {"returns", "of orders", "orders sent back", "退单占比", "send back much", "多退货",
     "send back little", "少退货"},
    {"full_price", "of lines", "lines bought at full price", "原价购买占比", "pay full price",
     "原价买", "wait for offers", "等优惠"},
    {"service", "0..1", "depth of service", "服务深度", "much served", "服务深", "little served",
     "服务浅"},
    {"companionship", "0..1", "depth of contact", "陪伴深度", "often around", "常来往",
     "seldom around", "少来往"},
    {"participation", "0..1", "depth of taking part", "参与深度", "take part", "爱参与",
     "stand aside", "少参与"},
    {"advocacy", "0..1", "depth of speaking for the brand", "推荐深度", "speak for us", "爱推荐",
     "silent about us", "少推荐"},
    {"knowledge", "0..1", "depth of being known", "懂你深度", "well known", "了解深",
     "little known", "了解浅"},
    {"trust", "0..1", "trust", "信任", "trusting", "信任高", "wary", "信任低"},
}};

// Counts and days differ by factors, not by differences.
bool by_factors(Trait trait) {
  return trait == Trait::buying_rate || trait == Trait::order_size || trait == Trait::silence ||
         trait == Trait::tenure;
}

double scaled(Trait trait, double value) {
  return by_factors(trait) ? std::log1p(std::max(value, 0.0)) : value;
}

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

bool is_buyer(const State& state) {
  return state.orders > 0 && state.first_order_day != kNoDay && state.last_order_day != kNoDay;
}

// REQUIRES a buyer.
Traits traits_of(const Image& image, PersonRef person, const State& state) {
  const Columns& columns = image.columns(person.shard);
  const double tenure_days = image.as_of().number - state.first_order_day.number;
  const auto depth = [&](Dimension dimension) {
    return columns.depth_of[static_cast<std::size_t>(dimension)][person.index] / 10'000.0;
  };
  Traits traits{};
  const auto put = [&](Trait trait, double value) {
    traits[static_cast<std::size_t>(trait)] = value;
  };
  put(Trait::buying_rate,
      state.order_days * kDaysOfAYear / std::max(tenure_days, kTenureLeastDays));
  put(Trait::order_size,
      static_cast<double>(state.spent_minor) / state.orders /
          static_cast<double>(std::max<std::int64_t>(image.model().typical_order_minor, 1)));
  put(Trait::silence, image.as_of().number - state.last_order_day.number);
  put(Trait::tenure, tenure_days);
  put(Trait::returns, share_of(state.orders_returned, state.orders));
  put(Trait::full_price, share_of(state.devoted_lines, state.lines));
  put(Trait::service, depth(Dimension::service));
  put(Trait::companionship, depth(Dimension::companionship));
  put(Trait::participation, depth(Dimension::participation));
  put(Trait::advocacy, depth(Dimension::advocacy));
  put(Trait::knowledge, depth(Dimension::knowledge));
  put(Trait::trust, columns.trust[person.index] / 10'000.0);
  return traits;
}

bool earlier(const TraitRow& a, const TraitRow& b) {
  return std::tie(a.hash, a.traits) < std::tie(b.hash, b.traits);
}

}  // namespace

std::vector<TraitRow> sample_traits(const Image& image, unsigned threads,
                                    const Progress& progress) {
  auto workers = for_everyone<std::vector<TraitRow>>(
      image, threads,
      [&](Worker<std::vector<TraitRow>>& worker, PersonRef person) {
        const State& state = image.state(person);
        if (!is_buyer(state) || (image.stance(person) & kNotFolded) != 0) {
          return;
        }
        std::vector<TraitRow>& heap = worker.tally;
        const std::uint64_t hash = hash64(image.id_text(person));
        if (heap.size() == kSampleMost && hash > heap.front().hash) {
          return;
        }
        heap.push_back({hash, traits_of(image, person, state)});
        std::push_heap(heap.begin(), heap.end(), earlier);
        if (heap.size() > kSampleMost) {
          std::pop_heap(heap.begin(), heap.end(), earlier);
          heap.pop_back();
        }
      },
      progress);
  std::vector<TraitRow> sample;
  for (Worker<std::vector<TraitRow>>& worker : workers) {
    sample.insert(sample.end(), worker.tally.begin(), worker.tally.end());
  }
  std::sort(sample.begin(), sample.end(), earlier);
  sample.resize(std::min(sample.size(), kSampleMost));
  return sample;
}

const TraitWords& words_of(Trait trait) { return kWords[static_cast<std::size_t>(trait)]; }

Result<ClassModel> ClassModel::fit(std::span<const TraitRow> sample) {
  ClassModel model;
  model.fitted_to_ = sample.size();
  model.measure(sample);
  if (model.kept_.empty()) {
    return fail(ErrorCode::unavailable, "all buyers behave alike: there are no classes");
  }
  std::vector<double> numbers;
  numbers.reserve(sample.size() * model.kept_.size());
  for (const TraitRow& one : sample) {
    model.put_row(one.traits, numbers);
  }
  GUANXI_TRY(mixture, Mixture::fit({numbers, model.kept_.size()}));
  model.mixture_ = std::move(mixture);
  return model;
}

// Mean and deviation of each trait on its scale; those without spread are left out.
void ClassModel::measure(std::span<const TraitRow> sample) {
  const auto count = static_cast<double>(std::max<std::size_t>(sample.size(), 1));
  for (std::size_t t = 0; t < kTraits; ++t) {
    const auto trait = static_cast<Trait>(t);
    double sum = 0;
    for (const TraitRow& one : sample) {
      sum += scaled(trait, one.traits[t]);
    }
    mean_[t] = sum / count;
    double squares = 0;
    for (const TraitRow& one : sample) {
      const double away = scaled(trait, one.traits[t]) - mean_[t];
      squares += away * away;
    }
    deviation_[t] = std::sqrt(squares / count);
    deviation_[t] > kSameBelow ? kept_.push_back(trait) : left_out_.push_back(trait);
  }
}

void ClassModel::put_row(const Traits& traits, std::vector<double>& row) const {
  for (const Trait trait : kept_) {
    const auto t = static_cast<std::size_t>(trait);
    row.push_back((scaled(trait, traits[t]) - mean_[t]) / deviation_[t]);
  }
}

std::uint32_t ClassModel::class_of(const Traits& traits) const {
  std::vector<double> row;
  row.reserve(kTraits);
  put_row(traits, row);
  return mixture_.class_of(row);
}

double ClassModel::shown(Trait trait, double deviations) const {
  const auto t = static_cast<std::size_t>(trait);
  const double on_scale = mean_[t] + deviations * deviation_[t];
  return by_factors(trait) ? std::expm1(on_scale) : on_scale;
}

/// Puts everyone into a class and says what the classes are.
///
/// Place       classes_of_everyone() makes one and drops it.
/// Threads     assign() reads it from many.
class ClassRoom {
 public:
  ClassRoom(const Image& image, const ClassModel& model, unsigned threads)
      : image_(image), model_(model), threads_(threads) {}

  PeopleClasses fill() {
    out_.as_of_ = image_.as_of();
    out_.fitted_to_ = model_.fitted_to();
    out_.left_out_ = model_.left_out();
    assign();
    if (image_.values() != nullptr) {
      weigh();
    }
    describe();
    return std::move(out_);
  }

 private:
  struct Tally {
    std::vector<PeopleClass> classes;
    std::uint64_t onlookers = 0;
  };

  void assign() {
    out_.of_.assign(image_.people(), PeopleClasses::kNobody);
    const auto workers = for_everyone<Tally>(
        image_, threads_,
        [this](Worker<Tally>& worker, PersonRef person) { place(worker.tally, person); });
    out_.classes_.resize(model_.mixture().classes().size());
    for (const Worker<Tally>& worker : workers) {
      out_.onlookers_ += worker.tally.onlookers;
      for (std::size_t c = 0; c < worker.tally.classes.size(); ++c) {
        PeopleClass& sum = out_.classes_[c];
        const PeopleClass& part = worker.tally.classes[c];
        sum.people += part.people;
        sum.spent_minor += part.spent_minor;
        for (std::size_t tier = 0; tier < kTiers; ++tier) {
          sum.tiers[tier] += part.tiers[tier];
        }
      }
    }
  }

  void place(Tally& tally, PersonRef person) {
    const State& state = image_.state(person);
    std::uint8_t& of = out_.of_[image_.number_of(person)];
    if (state.first_day == kNoDay || (image_.stance(person) & kNotFolded) != 0) {
      return;
    }
    if (!is_buyer(state)) {
      of = PeopleClasses::kOnlooker;
      ++tally.onlookers;
      return;
    }
    of = static_cast<std::uint8_t>(model_.class_of(traits_of(image_, person, state)));
    tally.classes.resize(model_.mixture().classes().size());
    PeopleClass& one = tally.classes[of];
    ++one.people;
    ++one.tiers[image_.columns(person.shard).tier[person.index]];
    one.spent_minor += state.spent_minor;
  }

  // What people are worth, class by class, and from where on the grades begin.
  void weigh() {
    const int column = column_named("value");
    std::vector<std::vector<std::int64_t>> of_class(out_.classes_.size());
    std::vector<std::int64_t> all;
    for (std::uint32_t number = 0; number < image_.people(); ++number) {
      const std::int64_t value = column_value(image_, column, image_.ref_of(number));
      if (value == kNoValue || value <= 0) {
        continue;
      }
      all.push_back(value);
      if (const std::uint8_t c = out_.of_[number]; c < of_class.size()) {
        of_class[c].push_back(value);
      }
    }
    for (std::size_t c = 0; c < of_class.size(); ++c) {
      std::vector<std::int64_t>& values = of_class[c];
      out_.classes_[c].value_minor = std::accumulate(values.begin(), values.end(), std::int64_t{0});
      if (!values.empty()) {
        const auto best = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 3 / 4);
        std::nth_element(values.begin(), best, values.end());
        out_.classes_[c].best_quarter_minor = *best;
      }
    }
    set_bars(std::move(all));
  }

  void set_bars(std::vector<std::int64_t> all) {
    std::sort(all.begin(), all.end(), std::greater<>());
    const auto sum = std::accumulate(all.begin(), all.end(), 0.0);
    constexpr std::array<double, 3> kShares = {0.95, 0.80, 0.50};  // C, B, A end there
    if (all.empty()) {
      return;
    }
    out_.bars_minor_ = {1};
    for (const double share : kShares) {
      double taken = 0;
      std::size_t last = 0;
      for (std::size_t i = 0; i < all.size() && taken < share * sum; ++i) {
        taken += static_cast<double>(all[i]);
        last = i;
      }
      out_.bars_minor_.push_back(all[last]);
    }
    for (const std::int64_t value : all) {
      PeopleClasses::OfGrade& grade =
          out_.grades_.at(static_cast<std::size_t>(out_.grade_of(value)));
      ++grade.people;
      grade.value_minor += value;
    }
  }

  void describe() {
    std::set<std::string> taken;
    for (std::size_t c = 0; c < out_.classes_.size(); ++c) {
      PeopleClass& one = out_.classes_[c];
      const std::vector<Trait>& kept = model_.kept();
      for (std::size_t i = 0; i < kept.size(); ++i) {
        const double deviations = model_.mixture().classes()[c].mean[i];
        one.marks.push_back(
            {kept[i], model_.shown(kept[i], deviations), model_.shown(kept[i], 0), deviations});
      }
      std::stable_sort(one.marks.begin(), one.marks.end(),
                       [](const ClassMark& a, const ClassMark& b) {
                         return std::abs(a.deviations) > std::abs(b.deviations);
                       });
      name(one, taken);
    }
  }

  // As many words as distinguish it, two if they do, more while another class has the same.
  static void name(PeopleClass& one, std::set<std::string>& taken) {
    for (std::size_t i = 0; i < one.marks.size(); ++i) {
      const ClassMark& mark = one.marks[i];
      const bool enough = i >= kWordsOfAName || (i > 0 && std::abs(mark.deviations) < kMarkLeast);
      if (enough && taken.count(one.en) == 0) {
        break;
      }
      const TraitWords& words = words_of(mark.trait);
      const bool much = mark.deviations > 0;
      one.en += (i == 0 ? "" : ", ") + std::string(much ? words.much_en : words.little_en);
      one.zh += (i == 0 ? "" : "、") + std::string(much ? words.much_zh : words.little_zh);
    }
    taken.insert(one.en);
  }

  const Image& image_;
  const ClassModel& model_;
  unsigned threads_;
  PeopleClasses out_;
};

Grade PeopleClasses::grade_of(std::int64_t value_minor) const {
  if (value_minor == kNoValue || bars_minor_.empty()) {
    return Grade::none;
  }
  const auto above = std::upper_bound(bars_minor_.begin(), bars_minor_.end(), value_minor);
  return static_cast<Grade>(above - bars_minor_.begin());
}

std::int64_t PeopleClasses::potential_of(std::uint32_t number, std::int64_t value_minor) const {
  const std::uint8_t c = of(number);
  if (c >= classes_.size() || value_minor == kNoValue ||
      classes_[c].best_quarter_minor == kNoValue) {
    return kNoValue;
  }
  return std::max<std::int64_t>(classes_[c].best_quarter_minor - value_minor, 0);
}

void PeopleClasses::forget(std::uint32_t number) {
  if (number < of_.size()) {
    of_[number] = kNobody;
  }
}

void PeopleClasses::move(std::uint32_t from, std::uint32_t to) {
  if (to < of_.size()) {
    of_[to] = of(from);
  }
  forget(from);
}

PeopleClasses classes_of_everyone(const Image& image, const ClassModel& model, unsigned threads) {
  return ClassRoom(image, model, threads).fill();
}

Result<PeopleClasses> classify(const Image& image, unsigned threads, const Progress& progress) {
  GUANXI_TRY(model, ClassModel::fit(sample_traits(image, threads, progress)));
  return classes_of_everyone(image, model, threads);
}

}  // namespace guanxi
