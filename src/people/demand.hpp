#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "people/need_model.hpp"
#include "statistics/lifetime_value.hpp"

namespace guanxi {

/// A share of people, with what is believed of it: Beta around the brand's own mean, which counts
/// like ten people; the interval holds 95 %.
struct BelievedShare {
  double mean = 0;
  double least = 0;
  double most = 0;
  double happened = 0;
  double of = 0;
};

/// One product on the demand board.
struct DemandRow {
  std::uint32_t product = 0;
  const ProductFacts* facts = nullptr;
  BelievedShare converts;   ///< of those who came with it, who rose from none to micro
  BelievedShare repeats;    ///< of its buyers, who bought it on another day
  BelievedShare look_buys;  ///< of those who looked at it, who bought it within 28 days
  BelievedShare rating;     ///< 0..1; `of` counts ratings
  CountForecast units;      ///< within the horizon
  double again = 0;         ///< purchases expected of those who have bought it
  double fresh = 0;         ///< and of everybody else
  std::uint64_t due_people = 0;
  Newsvendor order;           ///< how many to make
  std::uint64_t wanting = 0;  ///< people who showed that they want it and have not bought it
  double wanting_buyers = 0;  ///< how many of these usually buy within 28 days
};

/// What the board can be sorted by, in the order of columns.
enum class DemandSort : std::uint8_t {
  product,
  buyers,
  units_sold,
  entered,
  converted,
  converts,
  repeats,
  look_buys,
  rating,
  due,
  forecast,
  wanting,
  ideas
};
[[nodiscard]] std::span<const std::string_view> demand_sorts();

/// Every product of the brand, with what it does and what it will be asked for.
///
/// Place       Made for each question from the last NeedModel.
/// Threads     A value; `model` outlives it.
class DemandBoard {
 public:
  /// Margin and loss of one unit, in any unit of money. REQUIRES both above 0.
  DemandBoard(const NeedModel& model, double margin, double loss);

  [[nodiscard]] DemandRow row(std::uint32_t product) const;
  struct Query {
    std::string text;  ///< part of a name or title, letter case of ASCII ignored
    DemandSort sort = DemandSort::forecast;
    bool descending = true;
    bool wanted_only = false;  ///< candidates: somebody wants it
  };
  /// `titles` by product. Ties in order of names.
  [[nodiscard]] std::vector<std::uint32_t> products(const Query& query,
                                                    const std::vector<std::string>& titles) const;

 private:
  [[nodiscard]] double key(std::uint32_t product, DemandSort sort) const;
  [[nodiscard]] BelievedShare believed(double happened, double of, double brand) const;
  [[nodiscard]] double wanting_buyers(const ProductFacts& facts) const;

  const NeedModel& model_;
  double margin_;
  double loss_;
  double converts_ = 0;  ///< of the brand
  double repeats_ = 0;
  double look_buys_ = 0;
  double rating_ = 0;
  std::array<double, kSignals> signal_buys_{};
};

/// Whom to list behind a figure of a product.
enum class ProductCrowd : std::uint8_t {
  buyers,
  repeaters,
  entered,
  converted,
  due,
  wanting,
  looked,
  cart,
  wish,
  ideas,
  rated
};
[[nodiscard]] std::span<const std::string_view> product_crowds();

/// One person behind a figure, and the last event that speaks of it.
struct ProductPerson {
  PersonRef person;
  Day day;                    ///< of the event; of due: the expected day
  std::uint32_t ordinal = 0;  ///< of the event
  std::uint32_t times = 0;    ///< purchases, looks, ideas or ratings
  double chance = 0;          ///< of buying it within the horizon; of buyers and wanting ones
};
/// The figures of the model are sizes of these lists, as long as nobody's events have changed.
/// Newest first, then by id. REQUIRES a folded image.
[[nodiscard]] std::vector<ProductPerson> people_behind(const Image& image, const Model& relations,
                                                       const NeedModel& model,
                                                       std::uint32_t product, ProductCrowd crowd,
                                                       unsigned threads = 0);

/// One line of the replenishment list.
struct DueLine {
  PersonRef person;
  Need need;
};
struct DueList {
  std::vector<DueLine> lines;  ///< the likeliest first, then by day, id and product
  std::uint64_t people = 0;
  std::uint64_t left_out = 0;  ///< people who object to marketing
};
/// Who is due for what by `days` after the model's day, overdue ones included; of one product when
/// it is given.
[[nodiscard]] DueList due_list(const Image& image, const Model& relations, const NextNeeds& needs,
                               std::uint32_t days, std::optional<std::uint32_t> product,
                               unsigned threads = 0);

}  // namespace guanxi
