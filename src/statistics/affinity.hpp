#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// Who bought (or liked) what: a set of products for each customer.
using Basket = std::vector<std::uint32_t>;

/// A product that goes with what a customer has.
struct Affinity {
  std::uint32_t product = 0;
  double score = 0;
  std::uint32_t because_of = 0;  ///< the product they have that speaks most for it
};

/// What goes with what a customer has: EASE^R, a linear model in closed form whose only parameter
/// is the penalty.
///
/// Place       Needs of a person.
/// Assumes     Having or not having; the products of the catalogue are few thousands. The rarest
/// are
///             left out beyond `products_most`: cost is its cube.
/// Errors      fit: invalid when no product was bought by two customers.
/// Source      Steck (2019), "Embarrassingly shallow autoencoders for sparse data", WWW, 3251-3257,
///             eq. 8.
/// Threads     A value.
class AffinityModel {
 public:
  [[nodiscard]] static Result<AffinityModel> fit(std::span<const Basket> baskets,
                                                 std::uint32_t products,
                                                 std::uint32_t products_most = 2000,
                                                 double penalty = 300);

  /// The `count` products they do not have with the highest scores, highest first, above 0 only.
  [[nodiscard]] std::vector<Affinity> recommend(const Basket& has, std::size_t count) const;

 private:
  std::vector<std::uint32_t> place_of_;    ///< by product; kNowhere when left out
  std::vector<std::uint32_t> product_at_;  ///< by place
  std::vector<float> weights_;             ///< row by row: from having to wanting
};

/// Two products bought by the same customers more or less often than chance would.
struct PairEvidence {
  std::uint64_t together = 0;
  double lift = 1;              ///< times as often as by chance
  double likelihood_ratio = 0;  ///< G^2; above 10.83 chance would do so once in a thousand
};
/// `first`, `second`, `both` of `customers`. REQUIRES both <= first, second <= customers, and
/// first + second - both <= customers.
/// Source  Dunning (1993), "Accurate methods for the statistics of surprise and coincidence",
///         Computational Linguistics 19(1), 61-74.
[[nodiscard]] PairEvidence pair_evidence(std::uint64_t first, std::uint64_t second,
                                         std::uint64_t both, std::uint64_t customers);

/// A pair of products and how sure it is that they go together.
struct ProductPair {
  std::uint32_t product = 0;
  std::uint32_t with = 0;
  PairEvidence evidence;
};

/// How many customers bought which two of the most bought products: what pairs are judged by.
///
/// Place       Needs of a person: why two products go together.
/// Invariants  Products beyond `products_most` are in no pair; memory is half of its square, four
///             bytes each.
/// Threads     A value.
class PairCounts {
 public:
  /// Of products with so many customers each, the `products_most` most bought are counted; of
  /// equals the lower ones.
  PairCounts(std::span<const std::uint64_t> customers_of, std::uint32_t products_most);
  /// One customer's products, each once.
  void add(const Basket& basket);
  [[nodiscard]] PairEvidence evidence(std::uint32_t product, std::uint32_t with) const;
  /// The `count` products that go with this one most evidently (above chance), most evident first.
  [[nodiscard]] std::vector<ProductPair> best_of(std::uint32_t product, std::size_t count) const;

 private:
  [[nodiscard]] std::uint32_t& cell(std::uint32_t a, std::uint32_t b);
  [[nodiscard]] std::uint32_t cell(std::uint32_t a, std::uint32_t b) const;
  std::vector<std::uint32_t> place_of_;
  std::vector<std::uint32_t> product_at_;
  std::vector<std::uint32_t> together_;  ///< below the diagonal and on it, row by row
  std::uint64_t customers_ = 0;
};

/// Pairs bought together by at least `together_least` customers with a lift above 1, most evident
/// first; of equals the lower products. Baskets of more than `basket_most` products are left out:
/// they say nothing and cost their square.
[[nodiscard]] std::vector<ProductPair> pairs_together(std::span<const Basket> baskets,
                                                      std::uint64_t together_least = 5,
                                                      std::size_t basket_most = 500);

}  // namespace guanxi
