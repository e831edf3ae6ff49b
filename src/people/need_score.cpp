#include "people/need_score.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "people/parallel.hpp"
#include "relationship/encounter.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kListed = 20;

using Products = std::vector<std::uint32_t>;

double log_loss(double chance, bool happened) {
  const double kept = std::clamp(chance, 1e-6, 1 - 1e-6);
  return -std::log(happened ? kept : 1 - kept);
}

/// Chances beside what happened.
struct Told {
  std::string name;
  std::vector<double> chance;
  std::vector<std::uint8_t> happened;

  [[nodiscard]] TimingScore score() const {
    TimingScore score{name, auc(chance, happened)};
    for (std::size_t i = 0; i < chance.size(); ++i) {
      const double away = chance[i] - (happened[i] != 0 ? 1 : 0);
      score.brier += away * away / static_cast<double>(chance.size());
      score.log_loss += log_loss(chance[i], happened[i] != 0) / static_cast<double>(chance.size());
    }
    return score;
  }
};

void judge(ListScore& score, const Products& list, const Products& bought) {
  double gain = 0;
  double possible = 0;
  std::size_t hits = 0;
  for (std::size_t place = 0; place < kListed; ++place) {
    const double worth = 1 / std::log2(static_cast<double>(place) + 2);
    const bool hit =
        place < list.size() && std::binary_search(bought.begin(), bought.end(), list[place]);
    hits += hit ? 1U : 0U;
    if (place < 10) {
      gain += hit ? worth : 0;
      possible += place < bought.size() ? worth : 0;
      score.hit_10 += hit && hits == 1 ? 1 : 0;
    }
    for (std::size_t size = 0; size < ListScore::kSizes.size(); ++size) {
      if (place + 1 == ListScore::kSizes[size]) {
        score.recall[size] += static_cast<double>(hits) / static_cast<double>(bought.size());
      }
    }
  }
  score.ndcg_10 += gain / possible;
}

void divide(std::vector<ListScore>& scores, std::uint64_t people) {
  for (ListScore& score : scores) {
    const double count = people == 0 ? 1 : static_cast<double>(people);
    for (double& recall : score.recall) {
      recall /= count;
    }
    score.ndcg_10 /= count;
    score.hit_10 /= count;
  }
}

/// Walks everyone once and puts what was said beside what came.
class Scorer {
 public:
  Scorer(const Image& image, const Model& relations, const NeedModel& model)
      : image_(image),
        relations_(relations),
        model_(model),
        places_(model.products().places(image.subjects())),
        came_(model.products().size()) {
    for (const char* name : {"needs", "frequency", "recency", "popularity"}) {
      score_.all.push_back({name, {}, 0, 0});
    }
    for (const char* name : {"needs", "popularity"}) {
      score_.fresh.push_back({name, {}, 0, 0});
    }
    for (const char* name : {"chance", "gap", "interval rule", "constant"}) {
      told_.push_back({name, {}, {}});
    }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> ranked;
    for (std::uint32_t product = 0; product < model.products().size(); ++product) {
      ranked.emplace_back(~model.facts()[product].recent_buyers, product);
    }
    std::sort(ranked.begin(), ranked.end());
    for (const auto& [buyers, product] : ranked) {
      popular_.push_back(product);
    }
  }

  void look_at(PersonRef person) {
    const auto timeline = image_.timeline(person);
    products_.read(timeline, relations_.zone, model_.day(),
                   [this](std::uint32_t subject) { return places_[subject]; });
    later_.clear();
    for (const CompactEvent& event : timeline) {
      count(event, later_);
    }
    std::sort(later_.begin(), later_.end());
    if (products_.order_days() == 0) {
      return;
    }
    bought_.clear();
    for (const auto& [product, day] : later_) {
      if (bought_.empty() || bought_.back() != product) {
        bought_.push_back(product);
      }
    }
    tell_chances();
    if (!bought_.empty()) {
      judge_lists();
    }
  }

  void look_at_nobody() {
    std::vector<std::pair<std::uint32_t, std::int32_t>> ignored;
    for (std::uint32_t part = 0; part < Image::kNobodyParts; ++part) {
      for (const CompactEvent& event : image_.nobody(part)) {
        count(event, ignored, true);
      }
    }
  }

  Result<NeedScore> finish() {
    if (score_.people == 0 || told_.front().chance.empty()) {
      return fail(ErrorCode::invalid, "nobody who had bought something before bought again");
    }
    divide(score_.all, score_.people);
    divide(score_.fresh, score_.new_people);
    score_.bins = calibration_bins(chances_, happened_);
    for (std::size_t i = 0; i < chances_.size(); ++i) {
      score_.expected += chances_[i];
      score_.came += happened_[i];
    }
    finish_timing();
    finish_demand();
    score_.at = Day{model_.day().number + 1};
    score_.horizon_days = model_.horizon_days();
    return std::move(score_);
  }

 private:
  // A purchase within the horizon.
  void count(const CompactEvent& event, std::vector<std::pair<std::uint32_t, std::int32_t>>& later,
             bool always = false) {
    if (!is_buying(event.kind()) || places_[event.subject()] == ProductIndex::kNone) {
      return;
    }
    const std::int32_t day = relations_.zone.day_of(event.occurred_at()).number;
    const auto horizon = static_cast<std::int32_t>(model_.horizon_days());
    if (day <= model_.day().number || day > model_.day().number + horizon) {
      return;
    }
    const std::pair<std::uint32_t, std::int32_t> one{places_[event.subject()], day};
    if (always || std::find(later.begin(), later.end(), one) == later.end()) {
      later.push_back(one);
      came_[one.first] += 1;
    }
  }

  void tell_chances() {
    for (const Need& need : model_.candidates(products_)) {
      chances_.push_back(need.chance);
      happened_.push_back(std::binary_search(bought_.begin(), bought_.end(), need.product) ? 1 : 0);
      if (need.record.bought_days > 1 && need.record.kept() && model_.repurchase() != nullptr) {
        tell_timing(need, happened_.back() != 0);
      }
    }
  }

  void tell_timing(const Need& need, bool again) {
    const auto gaps = products_.gaps(need.record);
    double sum = 0;
    for (const double gap : gaps) {
      sum += gap;
    }
    const double mean_gap = sum / static_cast<double>(gaps.size());
    const double waited = model_.day().number - need.record.last_bought.number;
    const double horizon = model_.horizon_days();
    const bool rule = mean_gap > waited && mean_gap <= waited + horizon;
    const std::array<double, 4> said = {need.chance, need.due_chance, rule ? 1.0 : 0.0, 0};
    for (std::size_t i = 0; i < said.size(); ++i) {
      told_[i].chance.push_back(said[i]);
      told_[i].happened.push_back(again ? 1 : 0);
    }
    if (!again) {
      return;
    }
    const auto first = std::lower_bound(later_.begin(), later_.end(),
                                        std::pair{need.product, std::int32_t{INT32_MIN}});
    const double wait = first->second - model_.day().number;
    const RepurchaseModel& model = *model_.repurchase();
    const DueChance now = model.chance(need.product, gaps, waited, horizon);
    const double below = model.chance(need.product, gaps, waited + wait - 0.5, 0).gone;
    const double place = (below - now.gone) / std::max(now.probability * (1 - now.gone), 1e-12);
    inside_ += place >= 0.1 && place <= 0.9 ? 1 : 0;
    waits_.push_back(wait);
    const double expected =
        model.forecast(need.product, gaps, waited, horizon).median_days - waited;
    wait_error_ += std::abs(std::clamp(expected, 1.0, horizon) - wait);
    rule_error_ += std::abs(std::clamp(mean_gap - waited, 1.0, horizon) - wait);
  }

  // What is right, then what everybody buys, until the list is full.
  [[nodiscard]] Products filled(Products list, bool fresh) const {
    for (const std::uint32_t product : popular_) {
      if (list.size() >= kListed) {
        break;
      }
      const ProductRecord* const record = products_.find(product);
      const bool had = record != nullptr && record->bought_days > 0;
      if (!(fresh && had) && std::find(list.begin(), list.end(), product) == list.end()) {
        list.push_back(product);
      }
    }
    list.resize(std::min(list.size(), kListed));
    return list;
  }

  [[nodiscard]] Products own_by(bool frequency) const {
    std::vector<std::tuple<std::int64_t, std::int64_t, std::uint32_t>> ranked;
    for (const ProductRecord& record : products_.records()) {
      if (record.bought_days > 0) {
        const std::int64_t days = -std::int64_t{record.bought_days};
        const std::int64_t last = -std::int64_t{record.last_bought.number};
        ranked.emplace_back(frequency ? days : last, frequency ? last : days, record.product);
      }
    }
    std::sort(ranked.begin(), ranked.end());
    Products list;
    for (const auto& [first, second, product] : ranked) {
      list.push_back(product);
    }
    return list;
  }

  void judge_lists() {
    ++score_.people;
    score_.purchases += bought_.size();
    Products ours;
    Products fresh;
    for (const Need& need : model_.needs(products_, SIZE_MAX)) {
      ours.push_back(need.product);
      if (need.record.bought_days == 0) {
        fresh.push_back(need.product);
      }
    }
    judge(score_.all[0], filled(ours, false), bought_);
    judge(score_.all[1], filled(own_by(true), false), bought_);
    judge(score_.all[2], filled(own_by(false), false), bought_);
    judge(score_.all[3], filled({}, false), bought_);
    Products new_ones;
    for (const std::uint32_t product : bought_) {
      const ProductRecord* const record = products_.find(product);
      if (record == nullptr || record->bought_days == 0) {
        new_ones.push_back(product);
      }
    }
    if (!new_ones.empty()) {
      ++score_.new_people;
      judge(score_.fresh[0], filled(fresh, true), new_ones);
      judge(score_.fresh[1], filled({}, true), new_ones);
    }
  }

  void finish_timing() {
    std::vector<std::uint8_t>& happened = told_.front().happened;
    const auto count = static_cast<double>(happened.size());
    score_.pairs = happened.size();
    score_.pairs_again =
        static_cast<double>(std::count(happened.begin(), happened.end(), 1)) / count;
    std::fill(told_.back().chance.begin(), told_.back().chance.end(), score_.pairs_again);
    for (const Told& told : told_) {
      score_.timing.push_back(told.score());
    }
    if (waits_.empty()) {
      return;
    }
    const auto waits = static_cast<double>(waits_.size());
    const double median = quantile(waits_, 0.5);
    for (const double wait : waits_) {
      score_.wait_mae_constant += std::abs(wait - median) / waits;
    }
    score_.within_80 = inside_ / waits;
    score_.wait_mae = wait_error_ / waits;
    score_.wait_mae_rule = rule_error_ / waits;
  }

  void finish_demand() {
    double all = 0;
    for (std::uint32_t product = 0; product < came_.size(); ++product) {
      const CountForecast forecast = model_.purchases(product);
      double before = 0;
      for (std::size_t week = 0; week < model_.horizon_days() / 7; ++week) {
        before += week < ProductFacts::kWeeks ? model_.facts()[product].weeks[week] : 0;
      }
      all += came_[product];
      score_.demand_error += std::abs(forecast.mean - came_[product]);
      score_.demand_error_naive += std::abs(before - came_[product]);
      if (forecast.mean >= 1) {
        ++score_.products;
        score_.demand_within_80 += came_[product] >= std::floor(forecast.least) &&
                                           came_[product] <= std::ceil(forecast.most)
                                       ? 1
                                       : 0;
      }
    }
    score_.demand_error /= std::max(all, 1.0);
    score_.demand_error_naive /= std::max(all, 1.0);
    score_.demand_within_80 /= std::max(1.0, static_cast<double>(score_.products));
  }

  const Image& image_;
  const Model& relations_;
  const NeedModel& model_;
  std::vector<std::uint32_t> places_;
  std::vector<double> came_;
  Products popular_;
  PersonProducts products_;
  std::vector<std::pair<std::uint32_t, std::int32_t>> later_;
  Products bought_;
  std::vector<double> chances_;
  std::vector<std::uint8_t> happened_;
  std::vector<Told> told_;
  std::vector<double> waits_;
  double inside_ = 0;
  double wait_error_ = 0;
  double rule_error_ = 0;
  NeedScore score_;
};

}  // namespace

Result<NeedScore> score_needs(const Image& image, const Model& relations, Day at,
                              const NeedOptions& options) {
  const Day known{at.number - 1};
  GUANXI_TRY(model, NeedModel::build(shards_of(image, relations), known, options));
  Scorer scorer(image, relations, *model);
  std::vector<PersonRef> people;
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for (std::uint32_t index = 0; index < image.people(shard); ++index) {
      if ((image.stance({shard, index}) & kNotFolded) == 0) {
        people.push_back({shard, index});
      }
    }
  }
  for (const PersonRef person : people) {
    scorer.look_at(person);
  }
  scorer.look_at_nobody();
  return scorer.finish();
}

}  // namespace guanxi
