#include "people/people_classes.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/hash.hpp"
#include "people/survey_fold.hpp"
#include "statistics/mixture.hpp"

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

struct Sampled {
  std::uint64_t hash = 0;
  Traits traits{};
  friend bool operator<(const Sampled& a, const Sampled& b) {
    return std::pair(a.hash, a.traits) < std::pair(b.hash, b.traits);
  }
};

// The buyers with the smallest hashes of ids, in order of these: the same people whoever looks.
std::vector<Sampled> sample_of(const Image& image, unsigned threads, const Progress& progress) {
  auto workers = for_everyone<std::vector<Sampled>>(
      image, threads,
      [&](Worker<std::vector<Sampled>>& worker, PersonRef person) {
        const State& state = image.state(person);
        if (!is_buyer(state) || (image.stance(person) & kNotFolded) != 0) {
          return;
        }
        std::vector<Sampled>& heap = worker.tally;
        const std::uint64_t hash = hash64(image.id_text(person));
        if (heap.size() == kSampleMost && hash > heap.front().hash) {
          return;
        }
        heap.push_back({hash, traits_of(image, person, state)});
        std::push_heap(heap.begin(), heap.end());
        if (heap.size() > kSampleMost) {
          std::pop_heap(heap.begin(), heap.end());
          heap.pop_back();
        }
      },
      progress);
  std::vector<Sampled> sample;
  for (Worker<std::vector<Sampled>>& worker : workers) {
    sample.insert(sample.end(), worker.tally.begin(), worker.tally.end());
  }
  std::sort(sample.begin(), sample.end());
  sample.resize(std::min(sample.size(), kSampleMost));
  return sample;
}

}  // namespace

const TraitWords& words_of(Trait trait) { return kWords[static_cast<std::size_t>(trait)]; }

/// The scale on which buyers are compared, the classes found on it, and everyone's place in them.
///
/// Place       classify() makes one and drops it.
/// Threads     assign() reads it from many.
class Classifying {
 public:
  Classifying(const Image& image, unsigned threads) : image_(image), threads_(threads) {}

  Result<PeopleClasses> run(const Progress& progress) {
    const std::vector<Sampled> sample = sample_of(image_, threads_, progress);
    measure(sample);
    std::vector<double> numbers;
    for (const Sampled& one : sample) {
      const std::vector<double> row = row_of(one.traits);
      numbers.insert(numbers.end(), row.begin(), row.end());
    }
    if (kept_.empty()) {
      return fail(ErrorCode::unavailable, "all buyers behave alike: there are no classes");
    }
    GUANXI_TRY(mixture, Mixture::fit({numbers, kept_.size()}));
    mixture_ = std::move(mixture);
    out_.as_of_ = image_.as_of();
    out_.fitted_to_ = sample.size();
    assign(progress);
    describe();
    return std::move(out_);
  }

 private:
  // Mean and deviation of each trait on its scale; those without spread are left out.
  void measure(const std::vector<Sampled>& sample) {
    const auto count = static_cast<double>(std::max<std::size_t>(sample.size(), 1));
    for (std::size_t t = 0; t < kTraits; ++t) {
      const auto trait = static_cast<Trait>(t);
      double sum = 0;
      for (const Sampled& one : sample) {
        sum += scaled(trait, one.traits[t]);
      }
      mean_[t] = sum / count;
      double squares = 0;
      for (const Sampled& one : sample) {
        const double away = scaled(trait, one.traits[t]) - mean_[t];
        squares += away * away;
      }
      deviation_[t] = std::sqrt(squares / count);
      deviation_[t] > kSameBelow ? kept_.push_back(trait) : out_.left_out_.push_back(trait);
    }
  }

  [[nodiscard]] std::vector<double> row_of(const Traits& traits) const {
    std::vector<double> row;
    row.reserve(kept_.size());
    for (const Trait trait : kept_) {
      const auto t = static_cast<std::size_t>(trait);
      row.push_back((scaled(trait, traits[t]) - mean_[t]) / deviation_[t]);
    }
    return row;
  }

  struct Tally {
    std::vector<PeopleClass> classes;
    std::uint64_t onlookers = 0;
  };

  void assign(const Progress& progress) {
    for (std::uint32_t shard = 0; shard < image_.shards(); ++shard) {
      out_.of_.emplace_back(image_.people(shard), PeopleClasses::kNobody);
    }
    const auto workers = for_everyone<Tally>(
        image_, threads_,
        [this](Worker<Tally>& worker, PersonRef person) { place(worker.tally, person); }, progress);
    out_.classes_.resize(mixture_.classes().size());
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
    std::uint8_t& of = out_.of_[person.shard][person.index];
    if (state.first_day == kNoDay || (image_.stance(person) & kNotFolded) != 0) {
      return;
    }
    if (!is_buyer(state)) {
      of = PeopleClasses::kOnlooker;
      ++tally.onlookers;
      return;
    }
    of = static_cast<std::uint8_t>(mixture_.class_of(row_of(traits_of(image_, person, state))));
    tally.classes.resize(mixture_.classes().size());
    PeopleClass& one = tally.classes[of];
    ++one.people;
    ++one.tiers[image_.columns(person.shard).tier[person.index]];
    one.spent_minor += state.spent_minor;
  }

  // What a mean on the fitted scale is in the trait's own unit.
  [[nodiscard]] double shown(Trait trait, double deviations) const {
    const auto t = static_cast<std::size_t>(trait);
    const double on_scale = mean_[t] + deviations * deviation_[t];
    return by_factors(trait) ? std::expm1(on_scale) : on_scale;
  }

  void describe() {
    std::set<std::string> taken;
    for (std::size_t c = 0; c < out_.classes_.size(); ++c) {
      PeopleClass& one = out_.classes_[c];
      for (std::size_t i = 0; i < kept_.size(); ++i) {
        const double deviations = mixture_.classes()[c].mean[i];
        one.marks.push_back(
            {kept_[i], shown(kept_[i], deviations), shown(kept_[i], 0), deviations});
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
  unsigned threads_;
  Traits mean_{};
  Traits deviation_{};
  std::vector<Trait> kept_;
  Mixture mixture_;
  PeopleClasses out_;
};

Result<PeopleClasses> classify(const Image& image, unsigned threads, const Progress& progress) {
  return Classifying(image, threads).run(progress);
}

}  // namespace guanxi
