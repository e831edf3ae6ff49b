#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "statistics/beta_geometric.hpp"
#include "statistics/gamma_gamma.hpp"
#include "statistics/pareto_nbd.hpp"

namespace guanxi::made_up {

/// Customers whose truth is known.
struct World {
  std::vector<PurchaseHistory> histories;
  std::vector<SpendHistory> spends;
};

/// Whether purchases stand on whole days, as those of shops do, or when the story says.
enum class Times : std::uint8_t { whole_days, as_they_fall };

/// Makes customers up from a seed: the models' own stories.
///
/// Place       Benchmarks and the proof of parameter recovery.
/// Threads     One owner.
class Maker {
 public:
  explicit Maker(std::uint64_t seed, Times times = Times::whole_days)
      : random_(seed), times_(times) {}

  World beta_geometric(const BetaGeometric& model, std::size_t people) {
    const auto& [r, alpha, a, b] = model.parameters();
    World world;
    for (std::size_t i = 0; i < people; ++i) {
      const double rate = gamma(r) / alpha;
      const double left = gamma(a);
      std::bernoulli_distribution leaves(left / (left + gamma(b)));
      PurchaseHistory history = newcomer();
      bool alive = model.kind().dropout == Dropout::after_repeat || !leaves(random_);
      for (double day = 0; alive;) {
        day += gamma(model.kind().stages) / rate;
        if (!buys(history, day)) {
          break;
        }
        alive = !leaves(random_);
      }
      add(world, history);
    }
    return world;
  }

  World pareto(const ParetoNbd& model, std::size_t people) {
    const auto& [r, alpha, s, beta] = model.parameters();
    World world;
    for (std::size_t i = 0; i < people; ++i) {
      const double rate = gamma(r) / alpha;
      const double end = gamma(1) / (gamma(s) / beta);
      PurchaseHistory history = newcomer();
      for (double day = 0;;) {
        day += gamma(1) / rate;
        if (day > end || !buys(history, day)) {
          break;
        }
      }
      add(world, history);
    }
    return world;
  }

 private:
  double gamma(double shape) { return std::gamma_distribution<double>(shape)(random_); }

  PurchaseHistory newcomer() {
    return {.age_days = static_cast<double>(28 + random_() % (100 * 7 + 1))};
  }

  [[nodiscard]] bool buys(PurchaseHistory& history, double day) const {
    if (!(day <= history.age_days)) {
      return false;
    }
    const double whole = times_ == Times::whole_days ? std::ceil(day) : day;
    if (whole > history.recency_days && whole <= history.age_days) {
      history.log_interval_sum += std::log(whole - history.recency_days);
      history.recency_days = whole;
      history.repeat_purchases += 1;
    }
    return true;
  }

  void add(World& world, const PurchaseHistory& history) {
    world.histories.push_back(history);
    const std::uint32_t x = history.repeat_purchases;
    const double spend = x == 0 ? 0 : gamma(6.25 * x) / (gamma(3.74) / 15.44) / x;
    world.spends.push_back({x, std::round(spend * 100) / 100});
  }

  std::mt19937_64 random_;
  Times times_;
};

}  // namespace guanxi::made_up
