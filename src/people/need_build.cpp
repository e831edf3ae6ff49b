#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/hash.hpp"
#include "people/need_model.hpp"
#include "people/parallel.hpp"
#include "relationship/encounter.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kBuckets = 1024;
constexpr std::int32_t kLookDays = 28;    // so long after a look a purchase is counted to it
constexpr double kShareUnit = 1U << 30U;  // sums of chances are whole, so that no order matters
constexpr std::size_t kFeatures = NeedModel::kFeatures;

std::uint64_t hash_of(const Image& image, PersonRef person) {
  const ExternalId id = image.identity().primary(image.number_of(person));
  return hash64(id.value, static_cast<std::uint64_t>(id.name_space));
}
std::size_t bucket_of(std::uint64_t hash) { return hash % kBuckets; }

std::uint64_t whole(double share) {
  return static_cast<std::uint64_t>(std::llround(share * kShareUnit));
}

/// What one thread counts on the first pass.
struct Tally {
  std::vector<ProductFacts> facts;
  std::vector<std::uint64_t> people = std::vector<std::uint64_t>(kBuckets);
  std::uint64_t recent_people = 0;
  PersonProducts person;
  FoldMemory memory;
  std::vector<Posting> postings;
};

/// What one thread collects of a sample.
struct Sample {
  std::vector<GapSums> gaps;
  std::vector<Basket> baskets;
  PersonProducts person;
};

/// One candidate of one person, and what became of it.
struct Row {
  std::uint64_t person = 0;
  std::uint32_t product = 0;
  NeedModel::Features features{};
  std::uint8_t bought = 0;
};
struct Rows {
  std::vector<Row> rows;
  PersonProducts person;
  std::vector<std::uint32_t> later;
};

/// Sums over everyone with chances, and what came.
struct Sums {
  std::vector<std::uint64_t> chances;
  std::vector<std::uint64_t> variances;
  std::vector<std::uint64_t> due;
  std::vector<std::uint64_t> came;       ///< customers who bought it again
  std::vector<std::uint64_t> purchases;  ///< everybody's, first ones too
  std::uint64_t came_days = 0;           ///< days on which customers bought again
  PersonProducts person;
  std::vector<std::pair<std::uint32_t, std::int32_t>> later;

  explicit Sums(std::uint32_t products = 0)
      : chances(products),
        variances(products),
        due(products),
        came(products),
        purchases(products) {}
  void add(const Sums& more) {
    for (std::size_t i = 0; i < chances.size(); ++i) {
      chances[i] += more.chances[i];
      variances[i] += more.variances[i];
      due[i] += more.due[i];
      came[i] += more.came[i];
      purchases[i] += more.purchases[i];
    }
    came_days += more.came_days;
  }
};

void count_week(std::array<std::uint32_t, ProductFacts::kWeeks>& weeks, Day stand, Day day) {
  const auto week = static_cast<std::size_t>(stand.number - day.number) / 7;
  if (week < weeks.size()) {
    ++weeks[week];
  }
}

void count_record(ProductFacts& facts, const ProductRecord& record, const PersonProducts& person,
                  std::uint32_t horizon_days) {
  const Day stand = person.day();
  if (record.bought_days > 0) {
    ++facts.buyers;
    facts.repeat_buyers += record.bought_days > 1 ? 1U : 0U;
    facts.purchases += record.bought_days;
    facts.units += static_cast<std::uint64_t>(record.units);
    facts.unit_squares += static_cast<std::uint64_t>(record.unit_squares);
    facts.amount_minor += record.amount_minor;
    facts.recent_buyers +=
        stand.number - record.last_bought.number < static_cast<std::int32_t>(horizon_days) ? 1U
                                                                                           : 0U;
    Day day = record.first_bought;
    count_week(facts.weeks, stand, day);
    count_week(facts.fresh_weeks, stand, day);
    for (const double gap : person.gaps(record)) {
      day.number += static_cast<std::int32_t>(gap);
      count_week(facts.weeks, stand, day);
    }
  }
  facts.returned_units += static_cast<std::uint64_t>(record.returned_units);
  if (record.first_look != kNoDay) {
    const bool bought = record.bought_days > 0 &&
                        record.first_bought.number - record.first_look.number <= kLookDays;
    const bool over = stand.number - record.first_look.number >= kLookDays;
    const auto signal = static_cast<std::size_t>(record.first_signal);
    facts.looked[signal] += over ? 1U : 0U;
    facts.looked_bought[signal] += over && bought ? 1U : 0U;
  }
  ++facts.wanting[static_cast<std::size_t>(record.signal)];
  facts.idea_people += record.ideas > 0 ? 1U : 0U;
  facts.ratings += record.ratings;
  facts.rating_sum += record.rating_sum;
  if (std::tie(record.named_s, record.named_ordinal) >
      std::tie(facts.latest_s, facts.latest_ordinal)) {
    facts.latest_s = record.named_s;
    facts.latest_ordinal = record.named_ordinal;
  }
}

}  // namespace

bool rises_from_none(std::span<const Posting> postings, Day since) {
  return std::any_of(postings.begin(), postings.end(), [&](const Posting& posting) {
    return posting.from == Tier::none && posting.to >= Tier::micro && posting.day >= since;
  });
}

void ProductFacts::add(const ProductFacts& more) {
  buyers += more.buyers;
  repeat_buyers += more.repeat_buyers;
  purchases += more.purchases;
  nobody_purchases += more.nobody_purchases;
  units += more.units;
  unit_squares += more.unit_squares;
  returned_units += more.returned_units;
  amount_minor += more.amount_minor;
  recent_buyers += more.recent_buyers;
  for (std::size_t i = 0; i < kSignals; ++i) {
    looked[i] += more.looked[i];
    looked_bought[i] += more.looked_bought[i];
    wanting[i] += more.wanting[i];
  }
  idea_people += more.idea_people;
  ratings += more.ratings;
  rating_sum += more.rating_sum;
  entered += more.entered;
  converted += more.converted;
  for (std::size_t week = 0; week < kWeeks; ++week) {
    weeks[week] += more.weeks[week];
    fresh_weeks[week] += more.fresh_weeks[week];
  }
  if (std::tie(more.latest_s, more.latest_ordinal) > std::tie(latest_s, latest_ordinal)) {
    latest_s = more.latest_s;
    latest_ordinal = more.latest_ordinal;
  }
}

/// Puts a NeedModel together, pass by pass over everyone.
///
/// Place       NeedModel::build() alone.
/// Threads     One owner; each pass has `threads_` of its own.
class NeedBuilder {
 public:
  NeedBuilder(const ForShards& shards, const NeedOptions& options)
      : shards_(shards),
        options_(options),
        threads_(options.threads == 0 ? default_threads() : options.threads) {}

  Result<std::shared_ptr<const NeedModel>> build(Day day) {
    GUANXI_TRY(index, products_heard_of(shards_, options_.products_most, threads_));
    if (index.size() == 0) {
      return fail(ErrorCode::invalid, "no event names a product yet");
    }
    products_ = std::make_shared<const ProductIndex>(std::move(index));
    const Day before{day.number - static_cast<std::int32_t>(options_.horizon_days)};
    GUANXI_TRY(earlier, parts(before, "before", false));
    GUANXI_TRY_VOID(learn(*earlier, day));
    GUANXI_TRY_VOID(judge(*earlier, day));
    GUANXI_TRY(model, parts(day, "now", true));
    model->chance_ = earlier->chance_;
    model->check_ = earlier->check_;
    model->days_each_ = earlier->days_each_;
    if (!earlier->chance_) {
      model->note_ += (model->note_.empty() ? "" : "; ") + earlier->note_;
    }
    GUANXI_TRY_VOID(expect(*model));
    return std::shared_ptr<const NeedModel>(std::move(model));
  }

 private:
  // Calls visit(worker, image, person, product_of) for everyone.
  template <typename Visit>
  Result<void> everyone(const std::string& phase, const Visit& visit) {
    return shards_(phase, [&](const Image& image, const Model& model, std::uint32_t shard) {
      const std::vector<std::uint32_t> places = products_->places(image.subjects());
      const ProductOf product_of = [&](std::uint32_t subject) { return places[subject]; };
      for_people_of(image, shard, threads_, [&](unsigned worker, PersonRef person) {
        visit(worker, image, model, person, product_of);
      });
    });
  }

  Result<std::shared_ptr<NeedModel>> parts(Day day, const std::string& phase, bool with_tiers) {
    auto model = std::make_shared<NeedModel>();
    model->day_ = day;
    model->options_ = options_;
    model->products_ = products_;
    std::vector<std::uint64_t> people(kBuckets);
    GUANXI_TRY_VOID(count(*model, phase, with_tiers, people));
    GUANXI_TRY_VOID(sample(*model, phase, buckets_for(people, options_.gap_people_most)));
    chance_buckets_ = buckets_for(people, options_.chance_people_most);
    return model;
  }

  static std::size_t buckets_for(const std::vector<std::uint64_t>& people, std::uint64_t most) {
    std::uint64_t sum = 0;
    std::size_t buckets = 0;
    while (buckets < kBuckets && sum + people[buckets] <= most) {
      sum += people[buckets++];
    }
    return std::max<std::size_t>(buckets, 1);
  }

  Result<void> count(NeedModel& model, const std::string& phase, bool with_tiers,
                     std::vector<std::uint64_t>& people) {
    std::vector<Tally> tallies(threads_);
    for (Tally& tally : tallies) {
      tally.facts.resize(products_->size());
    }
    GUANXI_TRY_VOID(
        everyone("count_" + phase, [&](unsigned worker, const Image& image, const Model& relations,
                                       PersonRef person, const ProductOf& product_of) {
          Tally& tally = tallies[worker];
          const auto timeline = image.timeline(person);
          tally.person.read(timeline, relations.zone, model.day_, product_of);
          if (tally.person.records().empty()) {
            return;
          }
          ++tally.people[bucket_of(hash_of(image, person))];
          count_person(tally);
          if (with_tiers && tally.person.order_days() > 0) {
            tally.postings.clear();
            (void)fold(timeline, relations, model.day_, tally.memory, &tally.postings);
            count_entry(tally);
          }
        }));
    GUANXI_TRY_VOID(count_nobody(model, tallies.front()));
    model.facts_.resize(products_->size());
    std::uint64_t buyers = 0;
    std::uint64_t again = 0;
    std::uint64_t recent = 0;
    for (const Tally& tally : tallies) {
      for (std::size_t product = 0; product < tally.facts.size(); ++product) {
        model.facts_[product].add(tally.facts[product]);
        buyers += tally.facts[product].buyers;
        again += tally.facts[product].repeat_buyers;
      }
      for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
        people[bucket] += tally.people[bucket];
      }
      recent += tally.recent_people;
    }
    model.brand_rebuy_share_ =
        (static_cast<double>(again) + 0.5) / (static_cast<double>(buyers) + 1);
    model.recent_people_ = static_cast<double>(recent);
    return {};
  }

  void count_person(Tally& tally) const {
    for (const ProductRecord& record : tally.person.records()) {
      count_record(tally.facts[record.product], record, tally.person, options_.horizon_days);
    }
    const Day last = tally.person.last_order();
    tally.recent_people += last != kNoDay && tally.person.day().number - last.number <
                                                 static_cast<std::int32_t>(options_.horizon_days)
                               ? 1U
                               : 0U;
  }

  static void count_entry(Tally& tally) {
    const Day first = tally.person.first_order();
    const bool rose = rises_from_none(tally.postings, first);
    for (const ProductRecord& record : tally.person.records()) {
      if (record.bought_days > 0 && record.first_bought == first) {
        ++tally.facts[record.product].entered;
        tally.facts[record.product].converted += rose ? 1U : 0U;
      }
    }
  }

  // Purchases without a customer are demand all the same.
  Result<void> count_nobody(const NeedModel& model, Tally& tally) {
    return shards_("count", [&](const Image& image, const Model& relations, std::uint32_t shard) {
      const std::vector<std::uint32_t> places = products_->places(image.subjects());
      for (std::uint32_t part = shard; part < Image::kNobodyParts; part += image.shards()) {
        for (const CompactEvent& event : image.nobody(part)) {
          const std::uint32_t product = places[event.subject()];
          const Day day = relations.zone.day_of(event.occurred_at());
          if (!is_buying(event.kind()) || product == ProductIndex::kNone || day > model.day_) {
            continue;
          }
          ProductFacts& facts = tally.facts[product];
          const auto units = static_cast<std::uint64_t>(std::max(1, std::abs(event.quantity())));
          ++facts.purchases;
          ++facts.nobody_purchases;
          facts.units += units;
          facts.unit_squares += units * units;
          facts.amount_minor += event.has(kForeignCurrency) ? 0 : event.amount_minor();
          count_week(facts.weeks, model.day_, day);
          count_week(facts.fresh_weeks, model.day_, day);
          if (std::tuple(event.occurred_s(), event.ordinal()) >
              std::tuple(facts.latest_s, facts.latest_ordinal)) {
            facts.latest_s = event.occurred_s();
            facts.latest_ordinal = event.ordinal();
          }
        }
      }
    });
  }

  Result<void> sample(NeedModel& model, const std::string& phase, std::size_t buckets) {
    std::vector<Sample> samples(threads_);
    const std::vector<std::uint8_t> wanted = most_bought(model);
    GUANXI_TRY_VOID(
        everyone("sample_" + phase, [&](unsigned worker, const Image& image, const Model& relations,
                                        PersonRef person, const ProductOf& product_of) {
          if (bucket_of(hash_of(image, person)) >= buckets) {
            return;
          }
          Sample& mine = samples[worker];
          mine.person.read(image.timeline(person), relations.zone, model.day_, product_of);
          take(mine, wanted);
        }));
    std::vector<GapSums> gaps;
    std::vector<Basket> baskets;
    for (Sample& one : samples) {
      gaps.insert(gaps.end(), one.gaps.begin(), one.gaps.end());
      std::move(one.baskets.begin(), one.baskets.end(), std::back_inserter(baskets));
    }
    fit(model, gaps, baskets);
    return {};
  }

  static void take(Sample& mine, const std::vector<std::uint8_t>& wanted) {
    Basket basket;
    for (const ProductRecord& record : mine.person.records()) {
      if (record.kept() && wanted[record.product] != 0) {
        basket.push_back(record.product);
      }
      if (record.bought_days > 1) {
        GapSums& sums = mine.gaps.emplace_back();
        sums.product = record.product;
        for (const double days : mine.person.gaps(record)) {
          const double log_days = std::log(days);
          ++sums.count;
          sums.sum_log += log_days;
          sums.sum_square_log += log_days * log_days;
        }
      }
    }
    if (!basket.empty()) {
      mine.baskets.push_back(std::move(basket));
    }
  }

  // Twice as many as the affinity model takes: it counts the sample's own customers.
  [[nodiscard]] std::vector<std::uint8_t> most_bought(const NeedModel& model) const {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> ranked;
    for (std::uint32_t product = 0; product < products_->size(); ++product) {
      ranked.emplace_back(~model.facts_[product].buyers, product);
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(std::min<std::size_t>(ranked.size(), 2ULL * options_.affinity_most));
    std::vector<std::uint8_t> wanted(products_->size());
    for (const auto& [buyers, product] : ranked) {
      wanted[product] = 1;
    }
    return wanted;
  }

  void fit(NeedModel& model, const std::vector<GapSums>& gaps, const std::vector<Basket>& baskets) {
    const std::vector<std::uint32_t> categories(products_->size(), 0);
    if (auto repurchase = RepurchaseModel::fit_sums(gaps, categories)) {
      model.repurchase_ = *std::move(repurchase);
    } else {
      model.note_ = "when products are due: " + repurchase.error().message;
    }
    const double penalty = std::clamp(static_cast<double>(baskets.size()) / 15, 10.0, 500.0);
    if (auto affinity =
            AffinityModel::fit(baskets, products_->size(), options_.affinity_most, penalty)) {
      model.affinity_ = *std::move(affinity);
      std::vector<std::uint64_t> customers(products_->size());
      for (const Basket& basket : baskets) {
        for (const std::uint32_t product : basket) {
          ++customers[product];
        }
      }
      model.pairs_.emplace(customers, options_.affinity_most);
      for (const Basket& basket : baskets) {
        model.pairs_->add(basket);
      }
    } else {
      model.note_ +=
          (model.note_.empty() ? "" : "; ") + ("what goes with what: " + affinity.error().message);
    }
  }

  // Chances, from what became of the candidates that stood at the close of earlier.day_.
  Result<void> learn(NeedModel& earlier, Day later) {
    std::vector<Rows> all(threads_);
    GUANXI_TRY_VOID(everyone("learn", [&](unsigned worker, const Image& image,
                                          const Model& relations, PersonRef person,
                                          const ProductOf& product_of) {
      const std::uint64_t hash = hash_of(image, person);
      if (bucket_of(hash) >= chance_buckets_) {
        return;
      }
      Rows& mine = all[worker];
      const auto timeline = image.timeline(person);
      mine.person.read(timeline, relations.zone, earlier.day_, product_of);
      if (mine.person.records().empty()) {
        return;
      }
      mine.later.clear();
      for (const CompactEvent& event : timeline) {
        const Day day = relations.zone.day_of(event.occurred_at());
        if (day > earlier.day_ && day <= later && is_buying(event.kind())) {
          mine.later.push_back(product_of(event.subject()));
        }
      }
      std::sort(mine.later.begin(), mine.later.end());
      for (const Need& need : earlier.candidates(mine.person)) {
        mine.rows.push_back({hash, need.product, earlier.features(need, mine.person),
                             std::binary_search(mine.later.begin(), mine.later.end(), need.product)
                                 ? std::uint8_t{1}
                                 : std::uint8_t{0}});
      }
    }));
    std::vector<Row> rows;
    for (Rows& one : all) {
      rows.insert(rows.end(), one.rows.begin(), one.rows.end());
      one.rows = {};
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return std::tie(a.person, a.product, a.features, a.bought) <
             std::tie(b.person, b.product, b.features, b.bought);
    });
    std::vector<double> features;
    std::vector<std::uint8_t> bought;
    for (const Row& row : rows) {
      features.insert(features.end(), row.features.begin(), row.features.end());
      bought.push_back(row.bought);
      earlier.check_.bought += row.bought;
    }
    earlier.check_.rows = rows.size();
    if (rows.empty()) {
      earlier.note_ =
          "chances: nobody had anything to do with a product before " + to_string(earlier.day_);
      return {};
    }
    if (auto chance = ChanceModel::fit(features, kFeatures, bought)) {
      earlier.chance_ = std::make_shared<const ChanceModel>(*std::move(chance));
    } else {
      earlier.note_ = "chances: " + chance.error().message;
    }
    return {};
  }

  // How purchases of the horizon that is over came out against their forecast.
  Result<void> judge(NeedModel& earlier, Day later) {
    std::vector<Sums> all(threads_, Sums(products_->size()));
    GUANXI_TRY_VOID(
        everyone("judge", [&](unsigned worker, const Image& image, const Model& relations,
                              PersonRef person, const ProductOf& product_of) {
          Sums& mine = all[worker];
          const auto timeline = image.timeline(person);
          mine.person.read(timeline, relations.zone, earlier.day_, product_of);
          sum_chances(earlier, mine);
          mine.later.clear();
          for (const CompactEvent& event : timeline) {
            const Day day = relations.zone.day_of(event.occurred_at());
            const std::uint32_t product =
                is_buying(event.kind()) ? product_of(event.subject()) : ProductIndex::kNone;
            if (day > earlier.day_ && day <= later && product != ProductIndex::kNone) {
              mine.later.emplace_back(product, day.number);
            }
          }
          count_later(mine);
        }));
    GUANXI_TRY_VOID(
        shards_("judge", [&](const Image& image, const Model& relations, std::uint32_t shard) {
          const std::vector<std::uint32_t> places = products_->places(image.subjects());
          for (std::uint32_t part = shard; part < Image::kNobodyParts; part += image.shards()) {
            for (const CompactEvent& event : image.nobody(part)) {
              const Day day = relations.zone.day_of(event.occurred_at());
              if (is_buying(event.kind()) && places[event.subject()] != ProductIndex::kNone &&
                  day > earlier.day_ && day <= later) {
                ++all.front().purchases[places[event.subject()]];
              }
            }
          }
        }));
    for (std::size_t i = 1; i < all.size(); ++i) {
      all.front().add(all[i]);
    }
    check(earlier, all.front());
    return {};
  }

  static void count_later(Sums& mine) {
    std::sort(mine.later.begin(), mine.later.end());
    mine.later.erase(std::unique(mine.later.begin(), mine.later.end()), mine.later.end());
    std::uint32_t last = ProductIndex::kNone;
    for (const auto& [product, day] : mine.later) {
      ++mine.purchases[product];
      const ProductRecord* const record = mine.person.find(product);
      if (record != nullptr && record->kept()) {
        mine.came[product] += product != last ? 1U : 0U;
        ++mine.came_days;
      }
      last = product;
    }
  }

  void sum_chances(const NeedModel& model, Sums& mine) const {
    for (const ProductRecord& record : mine.person.records()) {
      if (!record.kept()) {
        continue;
      }
      Day expected;
      double chance = 0;
      const bool due = model.is_due(record, mine.person, options_.horizon_days, expected, chance);
      mine.chances[record.product] += whole(chance);
      mine.variances[record.product] += whole(chance * (1 - chance));
      mine.due[record.product] += due ? 1U : 0U;
    }
  }

  void check(NeedModel& earlier, const Sums& sums) const {
    NeedCheck& check = earlier.check_;
    check.stand = earlier.day_;
    std::uint64_t expected = 0;
    for (std::size_t product = 0; product < sums.chances.size(); ++product) {
      expected += sums.chances[product];
      check.came += sums.came[product];
    }
    check.expected = static_cast<double>(expected) / kShareUnit;
    earlier.days_each_ =
        check.came == 0 ? 1 : static_cast<double>(sums.came_days) / static_cast<double>(check.came);
    put_again(earlier, sums);
    double squares = 0;
    double inside = 0;
    for (std::uint32_t product = 0; product < sums.chances.size(); ++product) {
      const CountForecast forecast = earlier.purchases(product);
      if (forecast.mean >= 1) {
        const auto came = static_cast<double>(sums.purchases[product]);
        const double away = came - forecast.mean;
        squares += std::min(away * away / forecast.variance, 25.0);
        inside += came >= std::floor(forecast.least) && came <= std::ceil(forecast.most) ? 1 : 0;
        ++check.products;
      }
    }
    if (check.products > 0) {
      const auto count = static_cast<double>(check.products);
      check.dispersion = std::max(1.0, squares / count);
      check.within = inside / count;
    }
  }

  static void put_again(NeedModel& model, const Sums& sums) {
    model.again_.clear();
    for (std::size_t product = 0; product < sums.chances.size(); ++product) {
      const double each = model.days_each_;
      model.again_.push_back(
          count_forecast(each * static_cast<double>(sums.chances[product]) / kShareUnit,
                         each * each * static_cast<double>(sums.variances[product]) / kShareUnit));
    }
    model.due_people_ = sums.due;
  }

  Result<void> expect(NeedModel& model) {
    std::vector<Sums> all(threads_, Sums(products_->size()));
    GUANXI_TRY_VOID(
        everyone("expect", [&](unsigned worker, const Image& image, const Model& relations,
                               PersonRef person, const ProductOf& product_of) {
          Sums& mine = all[worker];
          mine.person.read(image.timeline(person), relations.zone, model.day_, product_of);
          sum_chances(model, mine);
        }));
    for (std::size_t i = 1; i < all.size(); ++i) {
      all.front().add(all[i]);
    }
    put_again(model, all.front());
    return {};
  }

  const ForShards& shards_;
  NeedOptions options_;
  unsigned threads_;
  std::shared_ptr<const ProductIndex> products_;
  std::size_t chance_buckets_ = 1;
};

Result<std::shared_ptr<const NeedModel>> NeedModel::build(const ForShards& shards, Day day,
                                                          const NeedOptions& options) {
  if (options.horizon_days < 1 || options.horizon_days > 365) {
    return fail(ErrorCode::invalid, "the horizon must be 1 to 365 days");
  }
  return NeedBuilder(shards, options).build(day);
}

CountForecast NeedModel::fresh(std::uint32_t product) const {
  const auto& weeks = facts_[product].fresh_weeks;
  // Weeks before the first purchase of all are no weeks without demand.
  std::size_t known = weeks.size();
  while (known > 0 && weeks[known - 1] == 0) {
    --known;
  }
  std::vector<double> oldest_first;
  for (std::size_t week = known; week > 0; --week) {
    oldest_first.push_back(weeks[week - 1]);
  }
  return next_weeks(oldest_first, options_.horizon_days / 7.0);
}

CountForecast NeedModel::purchases(std::uint32_t product) const {
  const CountForecast first = fresh(product);
  const CountForecast& again = again_[product];
  return count_forecast(first.mean + again.mean,
                        check_.dispersion * (first.variance + again.variance));
}

CountForecast NeedModel::units(std::uint32_t product) const {
  const ProductFacts& facts = facts_[product];
  if (facts.purchases == 0) {
    return {};
  }
  const CountForecast bought = purchases(product);
  const auto count = static_cast<double>(facts.purchases);
  const double each = static_cast<double>(facts.units) / count;
  const double spread =
      std::max(0.0, static_cast<double>(facts.unit_squares) / count - each * each);
  return count_forecast(bought.mean * each, bought.variance * each * each + bought.mean * spread);
}

}  // namespace guanxi
