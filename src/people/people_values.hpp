#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "people/image.hpp"
#include "people/purchase_fit.hpp"

namespace guanxi {

/// What everyone is worth by one fit, as of one day: columns beside the fold, by Image::number_of.
///
/// Place       values_of_everyone() makes it, the image shows it in lists, conditions, exports.
/// Invariants  0 (of own, fission and derived: kNotYet) says "not yet"; people who come later have
///             no row. A row belongs to one person: the image moves and forgets rows as it moves
///             people.
/// Threads     As the image that holds it.
struct PeopleValues {
  static constexpr std::int64_t kNotYet = INT64_MIN;
  Day as_of;
  std::uint64_t fit = 0;                     ///< its number in the log
  std::vector<SmallDay> first_purchase;      ///< 0: never bought
  std::vector<std::uint16_t> alive;          ///< ten-thousandths, plus one
  std::vector<std::uint32_t> next_90_milli;  ///< purchases, plus one
  std::vector<std::uint32_t> next_365_milli;
  std::vector<std::int64_t> own_minor;
  std::vector<std::int64_t> fission_minor;
  std::vector<std::int64_t> derived_minor;
  /// Of the sum of everyone's own value, seen on a sample: what single people may do, and what is
  /// not known of the parameters.
  double own_variance_of_people = 0;
  double own_variance_of_parameters = 0;

  [[nodiscard]] std::size_t rows() const { return alive.size(); }
  [[nodiscard]] bool knows(std::uint32_t number) const { return number < rows(); }
  void resize(std::size_t rows);
  void forget(std::uint32_t number);
  void move(std::uint32_t from, std::uint32_t to);
  [[nodiscard]] std::size_t bytes() const;
};

/// Everyone's values as of image.as_of(), under `model`'s rules of value. Same for any number of
/// threads. REQUIRES fit.used(), and a folded image. Threads: beside other readers.
[[nodiscard]] std::unique_ptr<PeopleValues> values_of_everyone(const Image& image,
                                                               const Model& model,
                                                               const PurchaseFit& fit,
                                                               std::uint64_t fit_number,
                                                               unsigned threads = 0);

/// Why a figure is not there: each has a text on the page.
enum class NotYet : std::uint8_t {
  nothing_missing,
  no_fit,        ///< no fit has converged
  never_bought,  ///< nothing to go by
  objects,       ///< they object to profiling, or are restricted
  no_spending,   ///< the spending model could not be fitted
  no_tariff      ///< the model file prices nothing
};
[[nodiscard]] std::string_view name_of(NotYet reason);

/// One person's value, with all that it is made of, computed fresh from timelines.
struct PersonValue {
  struct Brought {
    PersonRef person;
    std::optional<PersonRef> through;  ///< second degree: whom they were brought by
    NotYet why = NotYet::nothing_missing;
    double own_minor = 0;  ///< expected
    double variance = 0;
    double share = 1;  ///< of it that is put down
  };
  struct Given {
    EventKind kind = EventKind::unknown;
    std::uint64_t events = 0;
    std::uint32_t each_micros = 0;  ///< of a typical order
  };

  Day as_of;
  std::optional<PersonPurchases> purchases;
  PurchaseHistory history;
  SpendHistory spend;
  NotYet why_no_purchases = NotYet::nothing_missing;
  double alive = 0;
  double next_90 = 0;
  double next_365 = 0;
  NotYet why_no_own = NotYet::nothing_missing;
  double expected_spend_minor = 0;  ///< of one purchase
  double discount_left = 1;
  double horizon_purchases = 0;  ///< within the model's horizon, not discounted
  OwnValue own;                  ///< minor units, 90 % interval
  NotYet why_no_fission = NotYet::nothing_missing;
  std::vector<Brought> brought;  ///< by degree, then by id
  double fission_minor = 0;
  SumInterval fission_interval;
  NotYet why_no_derived = NotYet::nothing_missing;
  std::vector<Given> given;
  double derived_minor = 0;
};
/// `fit` may be null: then it says no_fit. REQUIRES a folded image.
[[nodiscard]] PersonValue value_of(const Image& image, const Model& model, PersonRef person,
                                   const PurchaseFit* fit);

/// Sums over some people.
struct ValueSums {
  std::uint64_t people = 0;
  std::uint64_t customers = 0;  ///< who have bought, so that they have chances
  std::uint64_t valued = 0;     ///< who have an own value
  double alive = 0;             ///< sum of chances: how many are still there
  double next_365 = 0;
  double own_minor = 0;
  double fission_minor = 0;
  double derived_minor = 0;
};

/// The brand in sum.
struct ValueSummary {
  struct Cohort {
    std::int32_t year = 0;
    unsigned quarter = 0;  ///< 1..4, of the first purchase
    ValueSums sums;
  };
  ValueSums all;
  SumInterval own_interval;
  std::vector<ValueSums> tiers;  ///< none .. super_strong
  std::vector<Cohort> cohorts;   ///< oldest first
  std::vector<double> lorenz;    ///< share of own value of the top i %, i = 0..100, of customers
  double gini = 0;
};
/// Of image.values(). REQUIRES these there. Whoever objects to profiling is left out.
[[nodiscard]] ValueSummary summarise(const Image& image);

}  // namespace guanxi
