#include "people/demand.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "people/parallel.hpp"
#include "people/survey_fold.hpp"
#include "relationship/encounter.hpp"
#include "relationship/fold_memory.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

constexpr double kBelief = 10;  // people that the brand's own mean counts for

constexpr std::array<std::string_view, 13> kSorts = {
    "product",   "buyers", "units_sold", "entered",  "converted", "converts", "repeats",
    "look_buys", "rating", "due",        "forecast", "wanting",   "ideas"};
constexpr std::array<std::string_view, 11> kCrowds = {"buyers", "repeaters", "entered", "converted",
                                                      "due",    "wanting",   "looked",  "cart",
                                                      "wish",   "ideas",     "rated"};

double count(std::uint64_t number) { return static_cast<double>(number); }

// A share that is nobody's yet is taken for one in two.
double share_of(double happened, double of) { return (happened + 0.5) / (of + 1); }

std::string lower(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

std::uint64_t looked_of(const ProductFacts& facts) {
  return facts.looked[1] + facts.looked[2] + facts.looked[3];
}
std::uint64_t looked_bought_of(const ProductFacts& facts) {
  return facts.looked_bought[1] + facts.looked_bought[2] + facts.looked_bought[3];
}
std::uint64_t wanting_of(const ProductFacts& facts) {
  return facts.wanting[1] + facts.wanting[2] + facts.wanting[3];
}

}  // namespace

std::span<const std::string_view> demand_sorts() { return kSorts; }
std::span<const std::string_view> product_crowds() { return kCrowds; }

DemandBoard::DemandBoard(const NeedModel& model, double margin, double loss)
    : model_(model), margin_(margin), loss_(loss) {
  ProductFacts all;
  for (const ProductFacts& facts : model.facts()) {
    all.add(facts);
  }
  converts_ = share_of(count(all.converted), count(all.entered));
  repeats_ = share_of(count(all.repeat_buyers), count(all.buyers));
  look_buys_ = share_of(count(looked_bought_of(all)), count(looked_of(all)));
  rating_ = share_of(count(all.rating_sum) / 100, count(all.ratings));
  for (std::size_t signal = 1; signal < kSignals; ++signal) {
    signal_buys_[signal] = share_of(count(all.looked_bought[signal]), count(all.looked[signal]));
  }
}

BelievedShare DemandBoard::believed(double happened, double of, double brand) const {
  const SharePosterior posterior =
      share_posterior(happened, of, kBelief * brand, kBelief * (1 - brand));
  return {posterior.mean, posterior.least, posterior.most, happened, of};
}

double DemandBoard::wanting_buyers(const ProductFacts& facts) const {
  double sum = 0;
  for (std::size_t signal = 1; signal < kSignals; ++signal) {
    sum += count(facts.wanting[signal]) * signal_buys_[signal];
  }
  return sum;
}

DemandRow DemandBoard::row(std::uint32_t product) const {
  const ProductFacts& facts = model_.facts()[product];
  DemandRow row;
  row.product = product;
  row.facts = &facts;
  row.converts = believed(count(facts.converted), count(facts.entered), converts_);
  row.repeats = believed(count(facts.repeat_buyers), count(facts.buyers), repeats_);
  row.look_buys = believed(count(looked_bought_of(facts)), count(looked_of(facts)), look_buys_);
  row.rating = believed(count(facts.rating_sum) / 100, count(facts.ratings), rating_);
  row.units = model_.units(product);
  row.again = model_.again()[product].mean;
  row.fresh = model_.fresh(product).mean;
  row.due_people = model_.due_people()[product];
  row.order = newsvendor(row.units.mean, std::sqrt(row.units.variance), margin_, loss_);
  row.wanting = wanting_of(facts);
  row.wanting_buyers = wanting_buyers(facts);
  return row;
}

double DemandBoard::key(std::uint32_t product, DemandSort sort) const {
  const ProductFacts& facts = model_.facts()[product];
  const auto mean = [](double happened, double of, double brand) {
    return (happened + kBelief * brand) / (of + kBelief);
  };
  switch (sort) {
    case DemandSort::product:
      return 0;
    case DemandSort::buyers:
      return count(facts.buyers);
    case DemandSort::units_sold:
      return count(facts.units);
    case DemandSort::entered:
      return count(facts.entered);
    case DemandSort::converted:
      return count(facts.converted);
    case DemandSort::converts:
      return mean(count(facts.converted), count(facts.entered), converts_);
    case DemandSort::repeats:
      return mean(count(facts.repeat_buyers), count(facts.buyers), repeats_);
    case DemandSort::look_buys:
      return mean(count(looked_bought_of(facts)), count(looked_of(facts)), look_buys_);
    case DemandSort::rating:
      return mean(count(facts.rating_sum) / 100, count(facts.ratings), rating_);
    case DemandSort::due:
      return count(model_.due_people()[product]);
    case DemandSort::forecast:
      return model_.units(product).mean;
    case DemandSort::wanting:
      return wanting_buyers(facts);
    case DemandSort::ideas:
      return count(facts.idea_people);
  }
  return 0;
}

std::vector<std::uint32_t> DemandBoard::products(const Query& query,
                                                 const std::vector<std::string>& titles) const {
  const std::string needle = lower(query.text);
  std::vector<std::pair<double, std::uint32_t>> found;
  for (std::uint32_t product = 0; product < model_.products().size(); ++product) {
    const ProductFacts& facts = model_.facts()[product];
    if (query.wanted_only && wanting_of(facts) == 0 && facts.idea_people == 0) {
      continue;
    }
    const bool named =
        needle.empty() ||
        lower(model_.products().name(product)).find(needle) != std::string::npos ||
        (product < titles.size() && lower(titles[product]).find(needle) != std::string::npos);
    if (named) {
      found.emplace_back(key(product, query.sort), product);
    }
  }
  const bool by_name = query.sort == DemandSort::product;
  std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) {
      return query.descending ? a.first > b.first : a.first < b.first;
    }
    return by_name && query.descending ? a.second > b.second : a.second < b.second;
  });
  std::vector<std::uint32_t> products;
  for (const auto& [key, product] : found) {
    products.push_back(product);
  }
  return products;
}

namespace {

/// What one thread finds behind a figure.
struct Seeker {
  PersonProducts person;
  FoldMemory memory;
  std::vector<Posting> postings;
  std::vector<ProductPerson> found;
};

/// One figure of one product, person by person.
class CrowdSearch {
 public:
  CrowdSearch(const Image& image, const Model& relations, const NeedModel& model,
              std::uint32_t product, ProductCrowd crowd)
      : image_(image),
        relations_(relations),
        model_(model),
        product_(product),
        crowd_(crowd),
        subject_(image.subjects().find(model.products().name(product))),
        places_(model.products().places(image.subjects())) {}

  void look_at(PersonRef person, Seeker& seeker) const {
    const auto timeline = image_.timeline(person);
    const bool met = std::any_of(timeline.begin(), timeline.end(), [&](const CompactEvent& event) {
      return event.subject() == subject_ && is_about_product(event.kind());
    });
    if (!met) {
      return;
    }
    seeker.person.read(timeline, relations_.zone, model_.day(),
                       [this](std::uint32_t subject) { return places_[subject]; });
    const ProductRecord* const record = seeker.person.find(product_);
    if (record != nullptr) {
      judge(person, *record, seeker);
    }
  }

 private:
  static void put(PersonRef person, Day day, std::uint32_t ordinal, std::uint32_t times,
                  Seeker& seeker) {
    seeker.found.push_back({person, day, ordinal, times, 0});
  }

  void judge(PersonRef person, const ProductRecord& record, Seeker& seeker) const {
    const bool bought = record.bought_days > 0;
    switch (crowd_) {
      case ProductCrowd::buyers:
      case ProductCrowd::repeaters:
        if (bought && (crowd_ == ProductCrowd::buyers || record.bought_days > 1)) {
          put(person, record.last_bought, record.last_ordinal, record.bought_days, seeker);
          DueChance due;
          seeker.found.back().chance = model_.chance_again(record, seeker.person, due);
        }
        return;
      case ProductCrowd::entered:
      case ProductCrowd::converted:
        if (bought && record.first_bought == seeker.person.first_order() &&
            (crowd_ == ProductCrowd::entered || rose(person, record.first_bought, seeker))) {
          put(person, record.first_bought, record.first_ordinal, record.bought_days, seeker);
        }
        return;
      case ProductCrowd::due:
        judge_due(person, record, seeker);
        return;
      case ProductCrowd::ideas:
      case ProductCrowd::rated: {
        const bool ideas = crowd_ == ProductCrowd::ideas;
        const std::uint32_t times = ideas ? record.ideas : record.ratings;
        if (times > 0) {
          put(person, record.last_said, record.said_ordinal, times, seeker);
        }
        return;
      }
      case ProductCrowd::wanting:
      case ProductCrowd::looked:
      case ProductCrowd::cart:
      case ProductCrowd::wish:
        if (record.signal != Signal::none &&
            (crowd_ == ProductCrowd::wanting ||
             kCrowds[static_cast<std::size_t>(crowd_)] == name_of(record.signal))) {
          put(person, record.last_look, record.look_ordinal, record.looks, seeker);
        }
        return;
    }
  }

  [[nodiscard]] bool rose(PersonRef person, Day since, Seeker& seeker) const {
    seeker.postings.clear();
    (void)fold(image_.timeline(person), relations_, model_.day(), seeker.memory, &seeker.postings);
    return rises_from_none(seeker.postings, since);
  }

  void judge_due(PersonRef person, const ProductRecord& record, Seeker& seeker) const {
    Day expected;
    double chance = 0;
    if (model_.is_due(record, seeker.person, model_.horizon_days(), expected, chance)) {
      put(person, expected, record.last_ordinal, record.bought_days, seeker);
      seeker.found.back().chance = chance;
    }
  }

  const Image& image_;
  const Model& relations_;
  const NeedModel& model_;
  std::uint32_t product_;
  ProductCrowd crowd_;
  std::uint32_t subject_;
  std::vector<std::uint32_t> places_;
};

}  // namespace

std::vector<ProductPerson> people_behind(const Image& image, const Model& relations,
                                         const NeedModel& model, std::uint32_t product,
                                         ProductCrowd crowd, unsigned threads) {
  const unsigned workers = threads == 0 ? default_threads() : threads;
  const CrowdSearch search(image, relations, model, product, crowd);
  std::vector<Seeker> seekers(workers);
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for_people_of(image, shard, workers, [&](unsigned worker, PersonRef person) {
      search.look_at(person, seekers[worker]);
    });
  }
  std::vector<ProductPerson> all;
  for (const Seeker& seeker : seekers) {
    all.insert(all.end(), seeker.found.begin(), seeker.found.end());
  }
  std::sort(all.begin(), all.end(), [&](const ProductPerson& a, const ProductPerson& b) {
    return a.day != b.day ? a.day > b.day : id_before(image, a.person, b.person);
  });
  return all;
}

DueList due_list(const Image& image, const Model& relations, const NextNeeds& needs,
                 std::uint32_t days, std::optional<std::uint32_t> product, unsigned threads) {
  struct Worker {
    PersonProducts person;
    DueList list;
  };
  const unsigned count = threads == 0 ? default_threads() : threads;
  const NeedModel& model = needs.model();
  const Day until{model.day().number + static_cast<std::int32_t>(days)};
  const std::vector<std::uint32_t> places = model.products().places(image.subjects());
  const ProductOf product_of = [&](std::uint32_t subject) { return places[subject]; };
  std::vector<Worker> workers(count);
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for_people_of(image, shard, count, [&](unsigned at, PersonRef person) {
      // Whoever is due for anything has a next need by then.
      const NextNeed next = needs.next(image, person);
      if (next.product == ProductIndex::kNone || next.day > until) {
        return;
      }
      Worker& worker = workers[at];
      worker.person.read(image.timeline(person), relations.zone,
                         std::max(model.day(), image.as_of()), product_of);
      bool any = false;
      const bool silent = (image.stance(person) & kNoMarketing) != 0;
      for (const Need& need : model.due(worker.person)) {
        if (need.expected <= until && (!product || need.product == *product)) {
          any = true;
          if (!silent) {
            worker.list.lines.push_back({person, need});
          }
        }
      }
      worker.list.people += any && !silent ? 1U : 0U;
      worker.list.left_out += any && silent ? 1U : 0U;
    });
  }
  DueList all;
  for (Worker& worker : workers) {
    std::move(worker.list.lines.begin(), worker.list.lines.end(), std::back_inserter(all.lines));
    all.people += worker.list.people;
    all.left_out += worker.list.left_out;
  }
  std::sort(all.lines.begin(), all.lines.end(), [&](const DueLine& a, const DueLine& b) {
    const auto left = std::tuple(-a.need.chance, a.need.expected.number);
    const auto right = std::tuple(-b.need.chance, b.need.expected.number);
    if (left != right) {
      return left < right;
    }
    return a.person != b.person ? id_before(image, a.person, b.person)
                                : a.need.product < b.need.product;
  });
  return all;
}

}  // namespace guanxi
