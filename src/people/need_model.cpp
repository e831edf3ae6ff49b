#include "people/need_model.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/check.hpp"
#include "base/random.hpp"
#include "people/parallel.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kAffineMost = 50;
constexpr double kLapsed = 0.9;      // of such gaps are over: they have stopped buying it
constexpr double kOftenAgain = 0.2;  // of buyers buy it again: due already after one purchase
constexpr double kPriorBuyers = 10;

double logit(double share) {
  const double kept = std::clamp(share, 1e-4, 1 - 1e-4);
  return std::log(kept / (1 - kept));
}

Day after(Day last, double days) {
  return Day{last.number + static_cast<std::int32_t>(std::lround(std::min(days, 36500.0)))};
}

bool likelier(const Need& a, const Need& b) {
  return a.chance != b.chance ? a.chance > b.chance : a.product < b.product;
}

}  // namespace

double NeedModel::rebuy_share(std::uint32_t product) const {
  const ProductFacts& facts = facts_[product];
  return (static_cast<double>(facts.repeat_buyers) + kPriorBuyers * brand_rebuy_share_) /
         (static_cast<double>(facts.buyers) + kPriorBuyers);
}

std::vector<ProductPair> NeedModel::goes_with(std::uint32_t product, std::size_t count) const {
  return pairs_ ? pairs_->best_of(product, count) : std::vector<ProductPair>();
}

NeedModel::Features NeedModel::features(const Need& need, const PersonProducts& person) const {
  const bool has = need.record.bought_days > 0;
  const double silence = person.last_order() == kNoDay
                             ? 365.0
                             : std::min(365, person.day().number - person.last_order().number);
  const double days = std::max(1U, person.order_days());
  return {has ? logit(need.due_chance) : 0,
          has ? 1.0 : 0.0,
          std::log1p(need.record.bought_days),
          has ? std::min(6.0, -std::log(std::max(1 - need.gone, 1e-3))) : 0,
          has ? logit(rebuy_share(need.product)) : 0,
          std::clamp(need.affinity, -0.5, 2.0),
          std::log1p(need.record.looks),
          need.record.signal >= Signal::cart ? 1.0 : 0.0,
          std::log1p(silence),
          std::log1p(person.order_days()),
          std::log((static_cast<double>(facts_[need.product].recent_buyers) + 0.5) /
                   (recent_people_ + 1)),
          std::log(std::max(1U, person.purchases()) / days)};
}

double NeedModel::chance_of(const Need& need, const PersonProducts& person) const {
  if (chance_ != nullptr) {
    return chance_->chance(features(need, person));
  }
  if (need.record.bought_days > 0) {
    return need.due_chance * rebuy_share(need.product);
  }
  const ProductFacts& facts = facts_[need.product];
  const auto signal = static_cast<std::size_t>(need.record.signal);
  const double looked = need.record.looks == 0
                            ? 0
                            : (static_cast<double>(facts.looked_bought[signal]) + 1) /
                                  (static_cast<double>(facts.looked[signal]) + 20);
  return std::max(looked, std::clamp(need.affinity, 0.0, 1.0) / 10);
}

double NeedModel::chance_again(const ProductRecord& record, const PersonProducts& person,
                               DueChance& due) const {
  due = repurchase_ && record.last_bought != kNoDay
            ? repurchase_->chance(record.product, person.gaps(record),
                                  person.day().number - record.last_bought.number,
                                  options_.horizon_days)
            : DueChance();
  Need need;
  need.product = record.product;
  need.record = record;
  need.due_chance = due.probability;
  need.gone = due.gone;
  return chance_of(need, person);
}

Need NeedModel::owned(const ProductRecord& record, const PersonProducts& person) const {
  Need need;
  need.product = record.product;
  need.record = record;
  if (record.signal != Signal::none) {
    need.reasons |= Need::kLooked;
  }
  DueChance due;
  need.chance = chance_again(record, person, due);
  need.due_chance = due.probability;
  need.gone = due.gone;
  if (repurchase_ && record.kept() && due.gone < kLapsed &&
      (record.bought_days > 1 || rebuy_share(record.product) >= kOftenAgain)) {
    const DueForecast forecast = repurchase_->forecast(record.product, person.gaps(record), 0, 0);
    need.reasons |= Need::kDue;
    need.typical_gap_days = forecast.median_days;
    need.expected = after(record.last_bought, forecast.median_days);
    need.least = after(record.last_bought, forecast.least_days);
    need.most = after(record.last_bought, forecast.most_days);
  }
  return need;
}

void NeedModel::add_affine(const PersonProducts& person, std::vector<Need>& found) const {
  Basket basket;
  for (const ProductRecord& record : person.records()) {
    if (record.kept()) {
      basket.push_back(record.product);
    }
  }
  if (!affinity_ || basket.empty()) {
    return;
  }
  for (const Affinity& affine : affinity_->recommend(basket, kAffineMost)) {
    auto at = std::find_if(found.begin(), found.end(),
                           [&](const Need& need) { return need.product == affine.product; });
    if (at == found.end()) {
      at = found.insert(found.end(), Need());
      at->product = affine.product;
      at->record.product = affine.product;
    }
    at->reasons |= Need::kGoesWith;
    at->because_of = affine.because_of;
    at->affinity = affine.score;
    at->together = pairs_ ? pairs_->evidence(affine.because_of, affine.product) : PairEvidence();
    at->chance = chance_of(*at, person);
  }
}

std::vector<Need> NeedModel::candidates(const PersonProducts& person) const {
  std::vector<Need> found;
  for (const ProductRecord& record : person.records()) {
    if (record.bought_days > 0) {
      found.push_back(owned(record, person));
    } else if (record.signal != Signal::none) {
      Need& need = found.emplace_back();
      need.product = record.product;
      need.record = record;
      need.reasons = Need::kLooked;
      need.chance = chance_of(need, person);
    }
  }
  add_affine(person, found);
  return found;
}

std::vector<Need> NeedModel::needs(const PersonProducts& person, std::size_t count) const {
  std::vector<Need> found = candidates(person);
  std::erase_if(found, [](const Need& need) { return need.reasons == 0; });
  std::sort(found.begin(), found.end(), likelier);
  found.resize(std::min(found.size(), count));
  return found;
}

std::vector<Need> NeedModel::due(const PersonProducts& person) const {
  std::vector<Need> found;
  for (const ProductRecord& record : person.records()) {
    if (record.bought_days > 1 && record.kept()) {
      if (Need need = owned(record, person); (need.reasons & Need::kDue) != 0) {
        found.push_back(need);
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const Need& a, const Need& b) {
    return std::tie(a.expected, a.product) < std::tie(b.expected, b.product);
  });
  return found;
}

bool NeedModel::is_due(const ProductRecord& record, const PersonProducts& person,
                       std::uint32_t days, Day& expected, double& chance) const {
  DueChance due;
  chance = chance_again(record, person, due);
  expected = after(record.last_bought, due.median_days);
  return repurchase_ && record.bought_days > 1 && record.kept() && due.gone < kLapsed &&
         expected.number <= person.day().number + static_cast<std::int32_t>(days);
}

NextNeed NeedModel::next(const PersonProducts& person) const {
  NextNeed next;
  if (!repurchase_) {
    return next;
  }
  for (const ProductRecord& record : person.records()) {
    if (record.bought_days < 2 || !record.kept()) {
      continue;
    }
    const DueChance due = repurchase_->chance(record.product, person.gaps(record),
                                              person.day().number - record.last_bought.number, 0);
    const Day day = after(record.last_bought, due.median_days);
    if (due.gone < kLapsed && (next.product == ProductIndex::kNone || day < next.day)) {
      next = {record.product, day};
    }
  }
  return next;
}

std::uint64_t NextNeeds::key_of(std::span<const CompactEvent> timeline) {
  return timeline.empty() ? 0 : mix64(timeline.back().id_hash() + timeline.size()) | 1U;
}

Result<std::shared_ptr<const NextNeeds>> NextNeeds::of(std::shared_ptr<const NeedModel> model,
                                                       const ForShards& shards, unsigned threads) {
  auto made = std::make_shared<NextNeeds>();
  made->model_ = std::move(model);
  const unsigned workers = threads == 0 ? default_threads() : threads;
  std::vector<PersonProducts> memory(workers);
  GUANXI_TRY_VOID(
      shards("next", [&](const Image& image, const Model& relations, std::uint32_t shard) {
        made->shards_.resize(image.shards());
        std::vector<Row>& rows = made->shards_[shard];
        rows.assign(image.people(shard), {});
        const std::vector<std::uint32_t> places = made->model_->products().places(image.subjects());
        const ProductOf product_of = [&](std::uint32_t subject) { return places[subject]; };
        for_people_of(image, shard, workers, [&](unsigned worker, PersonRef person) {
          const auto timeline = image.timeline(person);
          memory[worker].read(timeline, relations.zone, made->model_->day(), product_of);
          const NextNeed next = made->model_->next(memory[worker]);
          rows[person.index] = {key_of(timeline), next.product, small_day(next.day)};
        });
      }));
  return std::shared_ptr<const NextNeeds>(std::move(made));
}

NextNeed NextNeeds::next(const Image& image, PersonRef person) const {
  if (image.only_stored(person) || (image.stance(person) & kNoProfiling) != 0) {
    return {};
  }
  const auto timeline = image.timeline(person);
  if (person.shard < shards_.size() && person.index < shards_[person.shard].size()) {
    const Row& row = shards_[person.shard][person.index];
    if (row.key == key_of(timeline)) {
      return {row.product, day_of(static_cast<SmallDay>(row.day))};
    }
  }
  PersonProducts products;
  products.read(timeline, image.model().zone, std::max(model_->day(), image.as_of()),
                [&](std::uint32_t subject) {
                  return model_->products().find(image.subjects().text(subject));
                });
  return model_->next(products);
}

std::size_t NextNeeds::bytes() const {
  std::size_t bytes = 0;
  for (const std::vector<Row>& rows : shards_) {
    bytes += rows.capacity() * sizeof(Row);
  }
  return bytes;
}

}  // namespace guanxi
