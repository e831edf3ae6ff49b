#include "statistics/repurchase.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "base/check.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

constexpr int kRounds = 200;
constexpr double kSettled = 1e-7;
constexpr double kVarianceLeast = 1e-6;

}  // namespace

/// What a level of the tree tells of itself: as if its mean had been seen once with a variance.
struct RepurchaseModel::Node {
  double precision = 0;  ///< of what is seen below
  double weighted = 0;   ///< precision times what is seen
  Belief belief;         ///< after looking above as well
};

struct RepurchaseModel::Tree {
  struct Customer {
    std::uint32_t product = 0;
    double count = 0;
    double sum = 0;
    double squares = 0;
    Belief belief;
  };
  std::vector<Customer> customers;
  std::vector<std::uint32_t> category_of;
  std::vector<Node> products;
  std::vector<Node> categories;
  double gaps = 0;

  void upwards(const Spread& spread);
  void downwards(const Spread& spread);
  void expect_customers(const Spread& before, Spread& next) const;
  void expect_products(const Spread& before, Spread& next) const;
  void expect_categories(Spread& next) const;
};

// Each level passes on what it saw, as seen through the spread above it.
void RepurchaseModel::Tree::upwards(const Spread& spread) {
  for (std::vector<Node>* level : {&products, &categories}) {
    for (Node& node : *level) {
      node.precision = 0;
      node.weighted = 0;
    }
  }
  for (const Customer& customer : customers) {
    const double precision = 1 / (spread.customers + spread.within / customer.count);
    products[customer.product].precision += precision;
    products[customer.product].weighted += precision * customer.sum / customer.count;
  }
  for (std::size_t p = 0; p < products.size(); ++p) {
    const Node& product = products[p];
    if (product.precision > 0) {
      const double precision = 1 / (spread.products + 1 / product.precision);
      categories[category_of[p]].precision += precision;
      categories[category_of[p]].weighted += precision * product.weighted / product.precision;
    }
  }
}

// Each level weighs what it saw with what the level above believes. The doubt about the level above
// is carried on, so that variances are those of the whole tree.
void RepurchaseModel::Tree::downwards(const Spread& spread) {
  const auto settle = [](Node& node, double mean_above, double doubt_above, double between) {
    const double prior = 1 / between;
    const double precision = prior + node.precision;
    const double share = prior / precision;
    node.belief.mean = (prior * mean_above + node.weighted) / precision;
    node.belief.variance = 1 / precision + share * share * doubt_above;
  };
  for (Node& category : categories) {
    settle(category, spread.mean, 0, spread.categories);
  }
  for (std::size_t p = 0; p < products.size(); ++p) {
    const Belief& above = categories[category_of[p]].belief;
    settle(products[p], above.mean, above.variance, spread.products);
  }
  for (Customer& customer : customers) {
    const Belief& above = products[customer.product].belief;
    Node node{.precision = customer.count / spread.within,
              .weighted = customer.sum / spread.within,
              .belief = {}};
    settle(node, above.mean, above.variance, spread.customers);
    customer.belief = node.belief;
  }
}

// E[(child - parent)^2]: the child's own doubt given the parent, and how far they are apart.
double RepurchaseModel::distance(const Belief& child, const Belief& parent, double own,
                                 double between) {
  const double share = own / between;  // how much the child follows its parent
  const double away = child.mean - parent.mean;
  return away * away + own + (1 - share) * (1 - share) * parent.variance;
}

void RepurchaseModel::Tree::expect_customers(const Spread& before, Spread& next) const {
  double within = 0;
  double between = 0;
  for (const Customer& customer : customers) {
    const double own = 1 / (1 / before.customers + customer.count / before.within);
    const Belief& belief = customer.belief;
    between += distance(belief, products[customer.product].belief, own, before.customers);
    within += customer.squares - 2 * belief.mean * customer.sum +
              customer.count * (belief.mean * belief.mean + belief.variance);
  }
  next.within = std::max(within / gaps, kVarianceLeast);
  next.customers = std::max(between / static_cast<double>(customers.size()), kVarianceLeast);
}

void RepurchaseModel::Tree::expect_products(const Spread& before, Spread& next) const {
  double between = 0;
  double seen = 0;
  for (std::size_t p = 0; p < products.size(); ++p) {
    const Node& node = products[p];
    if (node.precision > 0) {
      between += distance(node.belief, categories[category_of[p]].belief,
                          1 / (1 / before.products + node.precision), before.products);
      seen += 1;
    }
  }
  next.products = std::max(between / seen, kVarianceLeast);
}

void RepurchaseModel::Tree::expect_categories(Spread& next) const {
  double mean = 0;
  double between = 0;
  double seen = 0;
  for (const Node& node : categories) {
    if (node.precision > 0) {
      mean += node.belief.mean;
      seen += 1;
    }
  }
  next.mean = mean / seen;
  for (const Node& node : categories) {
    if (node.precision > 0) {
      const double away = node.belief.mean - next.mean;
      between += away * away + node.belief.variance;
    }
  }
  next.categories = std::max(between / seen, kVarianceLeast);
}

// EM: the expected squared distances between levels become the spreads.
void RepurchaseModel::estimate(Tree& tree) {
  for (int round = 0; round < kRounds; ++round) {
    tree.upwards(spread_);
    tree.downwards(spread_);
    const Spread before = spread_;
    tree.expect_customers(before, spread_);
    tree.expect_products(before, spread_);
    tree.expect_categories(spread_);
    const double moved =
        std::abs(spread_.within - before.within) + std::abs(spread_.customers - before.customers) +
        std::abs(spread_.products - before.products) +
        std::abs(spread_.categories - before.categories) + std::abs(spread_.mean - before.mean);
    if (moved < kSettled) {
      break;
    }
  }
  tree.upwards(spread_);
  tree.downwards(spread_);
}

RepurchaseModel::Tree RepurchaseModel::tree_of(std::span<const GapSums> gaps,
                                               std::span<const std::uint32_t> category_of) {
  Tree tree;
  tree.category_of.assign(category_of.begin(), category_of.end());
  tree.products.resize(category_of.size());
  tree.categories.resize(
      category_of.empty() ? 0 : std::size_t{*std::ranges::max_element(category_of)} + 1);
  tree.customers.reserve(gaps.size());
  for (const GapSums& one : gaps) {
    GUANXI_CHECK(one.product < category_of.size(), "products have categories");
    if (one.count > 0) {
      tree.gaps += one.count;
      tree.customers.push_back({.product = one.product,
                                .count = static_cast<double>(one.count),
                                .sum = one.sum_log,
                                .squares = one.sum_square_log,
                                .belief = {}});
    }
  }
  // The same sums whatever the order of customers.
  std::ranges::sort(tree.customers, [](const Tree::Customer& a, const Tree::Customer& b) {
    return std::tie(a.product, a.count, a.sum, a.squares) <
           std::tie(b.product, b.count, b.sum, b.squares);
  });
  return tree;
}

Result<RepurchaseModel> RepurchaseModel::fit(std::span<const Gaps> gaps,
                                             std::span<const std::uint32_t> category_of) {
  std::vector<GapSums> sums;
  sums.reserve(gaps.size());
  for (const Gaps& one : gaps) {
    GapSums& sum = sums.emplace_back();
    sum.product = one.product;
    for (const double days : one.days) {
      if (!(days > 0) || !std::isfinite(days)) {
        return fail(ErrorCode::invalid, "a gap of " + std::to_string(days) + " days");
      }
      const double log_days = std::log(days);
      ++sum.count;
      sum.sum_log += log_days;
      sum.sum_square_log += log_days * log_days;
    }
  }
  return fit_sums(sums, category_of);
}

Result<RepurchaseModel> RepurchaseModel::fit_sums(std::span<const GapSums> gaps,
                                                  std::span<const std::uint32_t> category_of) {
  Tree tree = tree_of(gaps, category_of);
  if (tree.gaps < 10) {
    return fail(ErrorCode::invalid, "needs 10 gaps between purchases, there are " +
                                        std::to_string(static_cast<int>(tree.gaps)));
  }
  double sum = 0;
  double squares = 0;
  for (const Tree::Customer& customer : tree.customers) {
    sum += customer.sum;
    squares += customer.squares;
  }
  RepurchaseModel model;
  const double mean = sum / tree.gaps;
  const double variance = std::max(squares / tree.gaps - mean * mean, 4 * kVarianceLeast);
  model.spread_ = {mean, variance / 4, variance / 4, variance / 4, variance / 2};
  model.estimate(tree);
  for (const Node& product : tree.products) {
    model.products_.push_back(product.belief);
  }
  return model;
}

RepurchaseModel::Belief RepurchaseModel::next_gap(std::uint32_t product,
                                                  std::span<const double> gaps_days) const {
  GUANXI_CHECK(product < products_.size(), "a product that was fitted");
  const Belief& above = products_[product];
  double sum = 0;
  for (const double days : gaps_days) {
    sum += std::log(days);
  }
  const double prior = 1 / (spread_.customers + above.variance);
  const double seen = static_cast<double>(gaps_days.size()) / spread_.within;
  return {.mean = (prior * above.mean + sum / spread_.within) / (prior + seen),
          .variance = 1 / (prior + seen) + spread_.within};
}

DueChance RepurchaseModel::chance(std::uint32_t product, std::span<const double> gaps_days,
                                  double waited_days, double horizon_days) const {
  const Belief gap = next_gap(product, gaps_days);
  const double sigma = std::sqrt(gap.variance);
  const auto below = [&](double days) {
    return days > 0 ? normal_below((std::log(days) - gap.mean) / sigma) : 0;
  };
  const double gone = below(waited_days);
  const double left = std::max(1 - gone, 1e-12);
  return {.median_days = std::exp(gap.mean),
          .probability = std::clamp((below(waited_days + horizon_days) - gone) / left, 0.0, 1.0),
          .gone = gone};
}

DueForecast RepurchaseModel::forecast(std::uint32_t product, std::span<const double> gaps_days,
                                      double waited_days, double horizon_days,
                                      double within) const {
  GUANXI_CHECK(waited_days >= 0 && horizon_days >= 0 && within > 0 && within < 1,
               "days from now on, a share");
  const auto [mean, variance] = next_gap(product, gaps_days);
  const double sigma = std::sqrt(variance);
  // The gap is longer than what was waited: its distribution is cut off there.
  const double gone = waited_days > 0 ? normal_below((std::log(waited_days) - mean) / sigma) : 0;
  const double left = std::max(1 - gone, 1e-12);
  const auto at = [&, mean = mean](double share) {
    const double all = std::clamp(gone + left * share, 1e-15, 1 - 1e-15);
    return std::max(waited_days, std::exp(mean + sigma * normal_quantile(all)));
  };
  DueForecast due{.median_days = at(0.5),
                  .least_days = at((1 - within) / 2),
                  .most_days = at((1 + within) / 2),
                  .gone = gone};
  const double end = waited_days + horizon_days;
  if (end > 0) {
    due.probability =
        std::clamp((normal_below((std::log(end) - mean) / sigma) - gone) / left, 0.0, 1.0);
  }
  return due;
}

}  // namespace guanxi
