#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// The days between purchases of one product by one customer, as far as known. A day with several
/// purchases is one.
struct Gaps {
  std::uint32_t product = 0;   ///< index below the number of products
  std::uint32_t category = 0;  ///< of the product, index below the number of categories
  std::vector<double> days;    ///< each above 0, at least one
};

/// The same in sums, for as many customers as a brand has.
struct GapSums {
  std::uint32_t product = 0;
  std::uint32_t count = 0;    ///< of gaps, at least one
  double sum_log = 0;         ///< of the logarithms of the days
  double sum_square_log = 0;  ///< of their squares
};

/// When a product is due again.
struct DueForecast {
  double median_days = 0;  ///< after the last purchase
  double least_days = 0;   ///< the interval holds with the chance asked for
  double most_days = 0;
  double probability = 0;  ///< of buying within the horizon from now, when they buy again at all
  double gone = 0;         ///< share of such gaps that are shorter than what was waited
};

/// The part of a forecast that costs least, for passes over everyone.
struct DueChance {
  double median_days = 0;  ///< after the last purchase, whatever was waited
  double probability = 0;  ///< as in DueForecast
  double gone = 0;
};

/// When does a customer buy a product again?
///
/// Place       Replenishment list, next due date of a person, demand.
/// Assumes     Logarithms of gaps are normal: a mean of the customer with the product around a mean
///             of the product, around a mean of its category, around one of all. Gaps do not depend
///             on each other otherwise; a customer who never comes back is not seen here (the
///             buying models say who is still there).
/// Method      Three spreads between levels and one within, by EM over the tree (exact, since each
///             level is normal given the one above). One gap draws a customer little from the
///             product, ten gaps nearly all the way; a product nobody rebought twice has its
///             category's mean.
/// Errors      fit: invalid when there are fewer than 10 gaps, or a gap is not above 0.
/// Source      Empirical Bayes of nested normal means: Gelman & Hill (2007), chapter 12; log-normal
///             gaps: Bhagat et al. (2018), "Buy It Again", KDD, section 4 names the alternatives.
/// Threads     A value.
class RepurchaseModel {
 public:
  struct Spread {
    double mean = 0;        ///< of log days, over all
    double categories = 0;  ///< variances of the logarithm
    double products = 0;
    double customers = 0;
    double within = 0;
  };

  /// `category_of[p]` for every product.
  [[nodiscard]] static Result<RepurchaseModel> fit(std::span<const Gaps> gaps,
                                                   std::span<const std::uint32_t> category_of);

  [[nodiscard]] static Result<RepurchaseModel> fit_sums(std::span<const GapSums> gaps,
                                                        std::span<const std::uint32_t> category_of);

  /// Of a customer with these gaps of the product (none: by the product alone) who bought it
  /// `waited_days` ago. `within`: how often the interval shall hold, 0..1.
  [[nodiscard]] DueForecast forecast(std::uint32_t product, std::span<const double> gaps_days,
                                     double waited_days, double horizon_days,
                                     double within = 0.8) const;

  [[nodiscard]] DueChance chance(std::uint32_t product, std::span<const double> gaps_days,
                                 double waited_days, double horizon_days) const;

  [[nodiscard]] const Spread& spread() const { return spread_; }

 private:
  /// A normal belief about a mean.
  struct Belief {
    double mean = 0;
    double variance = 0;
  };
  struct Node;
  struct Tree;
  /// Of the logarithm of the next gap: mean and variance.
  [[nodiscard]] Belief next_gap(std::uint32_t product, std::span<const double> gaps_days) const;
  static double distance(const Belief& child, const Belief& parent, double own, double between);
  static Tree tree_of(std::span<const GapSums> gaps, std::span<const std::uint32_t> category_of);
  void estimate(Tree& tree);
  Spread spread_;
  std::vector<Belief> products_;
};

}  // namespace guanxi
