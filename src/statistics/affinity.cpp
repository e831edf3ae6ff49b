#include "statistics/affinity.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "base/check.hpp"
#include "base/sorted.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kNowhere = UINT32_MAX;

Basket as_set(const Basket& basket) {
  Basket set = basket;
  sort_unique(set);
  return set;
}

/// x log(x / expected), 0 at 0.
double surprise(double count, double expected) {
  return count == 0 ? 0 : count * std::log(count / expected);
}

}  // namespace

Result<AffinityModel> AffinityModel::fit(std::span<const Basket> baskets, std::uint32_t products,
                                         std::uint32_t products_most, double penalty) {
  GUANXI_CHECK(penalty > 0 && products_most > 0, "a penalty and a limit above 0");
  std::vector<std::uint32_t> customers(products);
  std::vector<Basket> sets;
  for (const Basket& basket : baskets) {
    sets.push_back(as_set(basket));
    for (const std::uint32_t product : sets.back()) {
      GUANXI_CHECK(product < products, "products below their number");
      ++customers[product];
    }
  }
  AffinityModel model;
  for (std::uint32_t product = 0; product < products; ++product) {
    if (customers[product] >= 2) {
      model.product_at_.push_back(product);
    }
  }
  if (model.product_at_.empty()) {
    return fail(ErrorCode::invalid, "no product was bought by two customers");
  }
  std::ranges::sort(model.product_at_, [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(~customers[a], a) < std::tuple(~customers[b], b);
  });
  model.product_at_.resize(std::min<std::size_t>(model.product_at_.size(), products_most));
  model.place_of_.assign(products, kNowhere);
  for (std::size_t place = 0; place < model.product_at_.size(); ++place) {
    model.place_of_[model.product_at_[place]] = static_cast<std::uint32_t>(place);
  }
  const auto size = static_cast<Eigen::Index>(model.product_at_.size());
  Eigen::MatrixXf together = Eigen::MatrixXf::Zero(size, size);
  std::vector<std::uint32_t> places;
  for (const Basket& set : sets) {
    places.clear();
    for (const std::uint32_t product : set) {
      if (model.place_of_[product] != kNowhere) {
        places.push_back(model.place_of_[product]);
      }
    }
    for (const std::uint32_t a : places) {
      for (const std::uint32_t b : places) {
        together(a, b) += 1;
      }
    }
  }
  together.diagonal().array() += static_cast<float>(penalty);
  const Eigen::MatrixXf precision = together.llt().solve(Eigen::MatrixXf::Identity(size, size));
  model.weights_.resize(static_cast<std::size_t>(size * size));
  for (Eigen::Index from = 0; from < size; ++from) {
    for (Eigen::Index to = 0; to < size; ++to) {
      model.weights_[static_cast<std::size_t>(from * size + to)] =
          from == to ? 0 : -precision(from, to) / precision(to, to);
    }
  }
  return model;
}

std::vector<Affinity> AffinityModel::recommend(const Basket& has, std::size_t count) const {
  const std::size_t size = product_at_.size();
  std::vector<Affinity> all(size);
  std::vector<float> strongest(size, 0);
  for (const std::uint32_t product : as_set(has)) {
    if (product >= place_of_.size() || place_of_[product] == kNowhere) {
      continue;
    }
    const float* row = weights_.data() + place_of_[product] * size;
    for (std::size_t to = 0; to < size; ++to) {
      all[to].score += static_cast<double>(row[to]);
      if (row[to] > strongest[to]) {
        strongest[to] = row[to];
        all[to].because_of = product;
      }
    }
    all[place_of_[product]].score = -HUGE_VAL;
  }
  for (std::size_t place = 0; place < size; ++place) {
    all[place].product = product_at_[place];
  }
  std::erase_if(all, [](const Affinity& one) { return !(one.score > 0); });
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::partial_sort(all.begin(), end, all.end(), [](const Affinity& a, const Affinity& b) {
    return a.score != b.score ? a.score > b.score : a.product < b.product;
  });
  all.erase(end, all.end());
  return all;
}

PairEvidence pair_evidence(std::uint64_t first, std::uint64_t second, std::uint64_t both,
                           std::uint64_t customers) {
  GUANXI_CHECK(both <= first && both <= second && first + second - both <= customers,
               "counts of one crowd");
  const auto n = static_cast<double>(customers);
  const auto a = static_cast<double>(first);
  const auto b = static_cast<double>(second);
  const auto ab = static_cast<double>(both);
  PairEvidence evidence{.together = both};
  if (first == 0 || second == 0) {
    return evidence;
  }
  evidence.lift = ab * n / (a * b);
  evidence.likelihood_ratio =
      2 * (surprise(ab, a * b / n) + surprise(a - ab, a * (n - b) / n) +
           surprise(b - ab, (n - a) * b / n) + surprise(n - a - b + ab, (n - a) * (n - b) / n));
  return evidence;
}

PairCounts::PairCounts(std::span<const std::uint64_t> customers_of, std::uint32_t products_most)
    : place_of_(customers_of.size(), kNowhere) {
  for (std::uint32_t product = 0; product < customers_of.size(); ++product) {
    if (customers_of[product] >= 2) {
      product_at_.push_back(product);
    }
  }
  std::ranges::sort(product_at_, [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(~customers_of[a], a) < std::tuple(~customers_of[b], b);
  });
  product_at_.resize(std::min<std::size_t>(product_at_.size(), products_most));
  for (std::size_t place = 0; place < product_at_.size(); ++place) {
    place_of_[product_at_[place]] = static_cast<std::uint32_t>(place);
  }
  together_.resize(product_at_.size() * (product_at_.size() + 1) / 2);
}

std::uint32_t& PairCounts::cell(std::uint32_t a, std::uint32_t b) {
  const std::size_t row = std::max(a, b);
  return together_[row * (row + 1) / 2 + std::min(a, b)];
}
std::uint32_t PairCounts::cell(std::uint32_t a, std::uint32_t b) const {
  const std::size_t row = std::max(a, b);
  return together_[row * (row + 1) / 2 + std::min(a, b)];
}

void PairCounts::add(const Basket& basket) {
  std::vector<std::uint32_t> places;
  for (const std::uint32_t product : as_set(basket)) {
    if (product < place_of_.size() && place_of_[product] != kNowhere) {
      places.push_back(place_of_[product]);
    }
  }
  ++customers_;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = i; j < places.size(); ++j) {
      ++cell(places[i], places[j]);
    }
  }
}

PairEvidence PairCounts::evidence(std::uint32_t product, std::uint32_t with) const {
  if (product >= place_of_.size() || with >= place_of_.size() || place_of_[product] == kNowhere ||
      place_of_[with] == kNowhere || product == with) {
    return {};
  }
  const std::uint32_t a = place_of_[product];
  const std::uint32_t b = place_of_[with];
  return pair_evidence(cell(a, a), cell(b, b), cell(a, b), customers_);
}

std::vector<ProductPair> PairCounts::best_of(std::uint32_t product, std::size_t count) const {
  constexpr double kOnceInAThousand = 10.83;
  std::vector<ProductPair> pairs;
  for (const std::uint32_t with : product_at_) {
    const PairEvidence found = evidence(product, with);
    if (found.lift > 1 && found.likelihood_ratio > kOnceInAThousand) {
      pairs.push_back({product, with, found});
    }
  }
  std::ranges::sort(pairs, [](const ProductPair& a, const ProductPair& b) {
    return std::tuple(-a.evidence.likelihood_ratio, a.with) <
           std::tuple(-b.evidence.likelihood_ratio, b.with);
  });
  pairs.resize(std::min(pairs.size(), count));
  return pairs;
}

std::vector<ProductPair> pairs_together(std::span<const Basket> baskets,
                                        std::uint64_t together_least, std::size_t basket_most) {
  std::unordered_map<std::uint64_t, std::uint64_t> together;
  std::vector<std::uint64_t> met;  // keys of together as they came
  std::unordered_map<std::uint32_t, std::uint64_t> alone;
  std::uint64_t customers = 0;
  for (const Basket& basket : baskets) {
    const Basket set = as_set(basket);
    if (set.empty() || set.size() > basket_most) {
      continue;
    }
    ++customers;
    for (std::size_t i = 0; i < set.size(); ++i) {
      ++alone[set[i]];
      for (std::size_t j = i + 1; j < set.size(); ++j) {
        const std::uint64_t key = std::uint64_t{set[i]} << 32U | set[j];
        if (++together[key] == 1) {
          met.push_back(key);
        }
      }
    }
  }
  std::vector<ProductPair> pairs;
  for (const std::uint64_t key : met) {
    const std::uint64_t both = together[key];
    const auto product = static_cast<std::uint32_t>(key >> 32U);
    const auto with = static_cast<std::uint32_t>(key);
    if (both >= together_least) {
      const PairEvidence evidence = pair_evidence(alone[product], alone[with], both, customers);
      if (evidence.lift > 1) {
        pairs.push_back({product, with, evidence});
      }
    }
  }
  std::ranges::sort(pairs, [](const ProductPair& a, const ProductPair& b) {
    return std::tuple(-a.evidence.likelihood_ratio, a.product, a.with) <
           std::tuple(-b.evidence.likelihood_ratio, b.product, b.with);
  });
  return pairs;
}

}  // namespace guanxi
