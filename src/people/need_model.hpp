#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "people/product_records.hpp"
#include "statistics/affinity.hpp"
#include "statistics/chance.hpp"
#include "statistics/repurchase.hpp"

namespace guanxi {

/// How far a model of needs looks, and what it may cost.
struct NeedOptions {
  std::uint32_t horizon_days = 28;           ///< chances are of buying within so many days
  unsigned threads = 0;                      ///< 0: as many as there are processors
  std::uint32_t products_most = 65'536;      ///< the most heard of; the rest is left out
  std::uint32_t affinity_most = 2'000;       ///< products in the affinity model: cost is its cube
  std::uint64_t gap_people_most = 150'000;   ///< customers whose gaps and baskets are learned from
  std::uint64_t chance_people_most = 8'000;  ///< whose candidates chances are learned from
};

/// What is known of one product by the close of a day, over everyone whose data may be used.
struct ProductFacts {
  static constexpr std::size_t kWeeks = 26;
  std::uint64_t buyers = 0;
  std::uint64_t repeat_buyers = 0;  ///< on two days or more
  std::uint64_t purchases = 0;      ///< customer-days with a purchase, and lines of nobody
  std::uint64_t nobody_purchases = 0;
  std::uint64_t units = 0;
  std::uint64_t unit_squares = 0;
  std::uint64_t returned_units = 0;
  std::int64_t amount_minor = 0;
  std::uint64_t recent_buyers = 0;  ///< within the horizon before the day
  /// People who looked at it before they bought it, 28 days ago or earlier, by their strongest
  /// signal; and how many of these bought it within 28 days.
  std::array<std::uint64_t, kSignals> looked{};
  std::array<std::uint64_t, kSignals> looked_bought{};
  std::array<std::uint64_t, kSignals> wanting{};  ///< people, by their strongest signal
  std::uint64_t idea_people = 0;
  std::uint64_t ratings = 0;
  std::uint64_t rating_sum = 0;  ///< 0..100 each
  std::uint64_t entered = 0;     ///< people on whose first day with a purchase it was bought
  std::uint64_t converted = 0;  ///< of these who rose from none to micro or higher by then or later
  std::array<std::uint32_t, kWeeks> weeks{};        ///< purchases, the last week first
  std::array<std::uint32_t, kWeeks> fresh_weeks{};  ///< first purchases and those of nobody
  std::uint32_t latest_s = 0;
  std::uint32_t latest_ordinal = 0;  ///< of the latest purchase or look, which tells its name

  void add(const ProductFacts& more);
};

/// Why somebody may need a product, and how likely they are to buy it.
struct Need {
  enum Reason : std::uint8_t { kDue = 1, kGoesWith = 2, kLooked = 4 };
  std::uint32_t product = 0;
  std::uint8_t reasons = 0;
  double chance = 0;  ///< of buying it within the horizon
  ProductRecord record;
  // kDue.
  double typical_gap_days = 0;  ///< of them with this product, as far as theirs are known
  Day expected = kNoDay;        ///< last purchase and the median gap
  Day least = kNoDay;           ///< eight in ten gaps end between these two
  Day most = kNoDay;
  double gone = 0;        ///< share of such gaps that are shorter than the wait so far
  double due_chance = 0;  ///< of the gap ending within the horizon, if they buy it again at all
  // kGoesWith.
  std::uint32_t because_of = 0;
  double affinity = 0;
  PairEvidence together;
};

/// The product that is due next, of those bought on two days or more.
struct NextNeed {
  std::uint32_t product = ProductIndex::kNone;
  Day day = kNoDay;
};

/// How the chances of one day earlier by the horizon came out: what the model was learned on.
struct NeedCheck {
  Day stand = kNoDay;
  std::uint64_t rows = 0;    ///< candidates it was learned from
  std::uint64_t bought = 0;  ///< of these
  double expected = 0;       ///< purchases again, of all customers, in sum
  std::uint64_t came = 0;
  double dispersion = 1;       ///< how much wider than by chance products missed their forecast
  double within = 0;           ///< share of products whose purchases fell into the 80 % interval
  std::uint64_t products = 0;  ///< that were judged
};

/// Whether somebody rose from none to micro or higher on this day or later.
[[nodiscard]] bool rises_from_none(std::span<const Posting> postings, Day since);

/// What people need: when they buy a product again, what goes with what they have, what they looked
/// at; and how likely each is, learned from what people did in the horizon before.
///
/// Place       Built in the background (engine), asked by API, command line and lists.
/// Assumes     repurchase.hpp, affinity.hpp, chance.hpp; docs/models/needs.md says how they are put
///             together, and what is left out.
/// Invariants  A function of the people's events by day(), the relationship model and the options
///             but `threads`. People who object to profiling are in nothing.
/// Errors      build: invalid when nobody has bought a product; whatever `shards` gives.
/// Threads     Immutable.
class NeedModel {
 public:
  static constexpr std::size_t kFeatures = 12;
  using Features = std::array<double, kFeatures>;

  /// Of what is known by the close of `day`.
  [[nodiscard]] static Result<std::shared_ptr<const NeedModel>> build(const ForShards& shards,
                                                                      Day day,
                                                                      const NeedOptions& options);

  [[nodiscard]] Day day() const { return day_; }
  [[nodiscard]] std::uint32_t horizon_days() const { return options_.horizon_days; }
  [[nodiscard]] const ProductIndex& products() const { return *products_; }
  [[nodiscard]] const std::vector<ProductFacts>& facts() const { return facts_; }
  /// Expected purchases within the horizon by those who have bought it, and their variance.
  [[nodiscard]] const std::vector<CountForecast>& again() const { return again_; }
  /// Purchases within the horizon by those who have not bought it, and by nobody known: as in the
  /// weeks before.
  [[nodiscard]] CountForecast fresh(std::uint32_t product) const;
  /// All purchases within the horizon, and their units; spreads are as much wider than chance as
  /// check() found.
  [[nodiscard]] CountForecast purchases(std::uint32_t product) const;
  [[nodiscard]] CountForecast units(std::uint32_t product) const;
  /// People who are due within the horizon.
  [[nodiscard]] const std::vector<std::uint64_t>& due_people() const { return due_people_; }
  [[nodiscard]] const NeedCheck& check() const { return check_; }
  [[nodiscard]] const RepurchaseModel* repurchase() const {
    return repurchase_ ? &*repurchase_ : nullptr;
  }
  /// Why a part is missing; empty when all are there.
  [[nodiscard]] const std::string& note() const { return note_; }
  [[nodiscard]] std::vector<ProductPair> goes_with(std::uint32_t product, std::size_t count) const;

  /// Every product that they may buy within the horizon, the likeliest first. REQUIRES `person`
  /// read by products() on day(), or later.
  [[nodiscard]] std::vector<Need> needs(const PersonProducts& person, std::size_t count) const;
  /// Everything that they may buy, with and without a reason, in no order.
  [[nodiscard]] std::vector<Need> candidates(const PersonProducts& person) const;
  /// The due ones alone, by the day they are expected on.
  [[nodiscard]] std::vector<Need> due(const PersonProducts& person) const;
  [[nodiscard]] NextNeed next(const PersonProducts& person) const;
  /// Whether they are due for it within so many days, overdue or not; then when, and how likely
  /// they are to buy it within the horizon.
  [[nodiscard]] bool is_due(const ProductRecord& record, const PersonProducts& person,
                            std::uint32_t days, Day& expected, double& chance) const;
  /// How likely they are to buy again within the horizon what they have bought.
  [[nodiscard]] double chance_again(const ProductRecord& record, const PersonProducts& person,
                                    DueChance& due) const;

 private:
  friend class NeedBuilder;
  [[nodiscard]] double chance_of(const Need& need, const PersonProducts& person) const;
  [[nodiscard]] Features features(const Need& need, const PersonProducts& person) const;
  /// What they have bought.
  [[nodiscard]] Need owned(const ProductRecord& record, const PersonProducts& person) const;
  void add_affine(const PersonProducts& person, std::vector<Need>& found) const;
  [[nodiscard]] double rebuy_share(std::uint32_t product) const;

  Day day_ = kNoDay;
  NeedOptions options_;
  std::shared_ptr<const ProductIndex> products_;
  std::vector<ProductFacts> facts_;
  double brand_rebuy_share_ = 0;
  double recent_people_ = 1;
  double days_each_ = 1;  ///< purchases within the horizon of one who buys again, in the mean
  std::optional<RepurchaseModel> repurchase_;
  std::optional<AffinityModel> affinity_;
  std::optional<PairCounts> pairs_;
  std::shared_ptr<const ChanceModel> chance_;
  std::vector<CountForecast> again_;
  std::vector<std::uint64_t> due_people_;
  NeedCheck check_;
  std::string note_;
};

/// Everyone's next need as it was when the model was built, so that lists need not look at every
/// timeline. Whoever's timeline has changed since is worked out when asked for.
///
/// Place       Hung into the Image by the engine; columns of lists ask it.
/// Invariants  next() is that of the model for the timeline as it is.
/// Threads     Immutable.
class NextNeeds {
 public:
  /// Errors: those of `shards`.
  [[nodiscard]] static Result<std::shared_ptr<const NextNeeds>> of(
      std::shared_ptr<const NeedModel> model, const ForShards& shards, unsigned threads);
  [[nodiscard]] NextNeed next(const Image& image, PersonRef person) const;
  [[nodiscard]] const NeedModel& model() const { return *model_; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Row {
    std::uint64_t key = 0;  ///< of the timeline
    std::uint32_t product = ProductIndex::kNone;
    std::uint32_t day = 0;  ///< small_day()
  };
  [[nodiscard]] static std::uint64_t key_of(std::span<const CompactEvent> timeline);
  std::shared_ptr<const NeedModel> model_;
  std::vector<std::vector<Row>> shards_;
};

}  // namespace guanxi
