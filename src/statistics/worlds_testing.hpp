#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "statistics/beta_geometric.hpp"
#include "statistics/pareto_nbd.hpp"

namespace guanxi {

/// Customers of a world in which purchases are regular or not and leaving is as the model says.
inline std::vector<PurchaseHistory> bg_world(const BetaGeometric& model, std::uint32_t seed,
                                             int people) {
  std::mt19937_64 random(seed);
  const auto& [r, alpha, a, b] = model.parameters();
  const auto gamma = [&](double shape, double rate) {
    return std::gamma_distribution<double>(shape, 1 / rate)(random);
  };
  std::vector<PurchaseHistory> histories;
  for (int person = 0; person < people; ++person) {
    const double rate = gamma(r, alpha);
    const double toward_leaving = gamma(a, 1);
    const double leave = toward_leaving / (toward_leaving + gamma(b, 1));
    std::bernoulli_distribution leaves(leave);
    PurchaseHistory history{.age_days = 200 + static_cast<double>(random() % 165)};
    bool alive = model.kind().dropout == Dropout::after_repeat || !leaves(random);
    for (double day = 0; alive;) {
      const double interval = gamma(model.kind().stages, rate);
      day += interval;
      if (!(day <= history.age_days)) {
        break;
      }
      history.repeat_purchases += 1;
      history.recency_days = day;
      history.log_interval_sum += std::log(interval);
      alive = !leaves(random);
    }
    histories.push_back(history);
  }
  return histories;
}

inline std::vector<PurchaseHistory> pareto_world(const ParetoNbd& model, std::uint32_t seed,
                                                 int people) {
  std::mt19937_64 random(seed);
  const auto& [r, alpha, s, beta] = model.parameters();
  std::vector<PurchaseHistory> histories;
  for (int person = 0; person < people; ++person) {
    const double rate = std::gamma_distribution<double>(r, 1 / alpha)(random);
    const double leaving = std::gamma_distribution<double>(s, 1 / beta)(random);
    PurchaseHistory history{.age_days = 200 + static_cast<double>(random() % 165)};
    const double end =
        std::min(history.age_days, std::exponential_distribution<double>(leaving)(random));
    std::exponential_distribution<double> interval(rate);
    for (double day = interval(random); day <= end; day += interval(random)) {
      history.repeat_purchases += 1;
      history.recency_days = day;
    }
    histories.push_back(history);
  }
  return histories;
}

/// The slopes a problem says at its starts are those that differences show.
inline void expect_slopes_are_differences(const LikelihoodProblem& problem) {
  std::vector<double> slope(problem.starts[0].size());
  std::vector<double> unused(slope.size());
  for (const std::vector<double>& place : problem.starts) {
    problem.mean(place, 1, slope);
    for (std::size_t i = 0; i < place.size(); ++i) {
      constexpr double kStep = 1e-5;
      std::vector<double> above = place;
      std::vector<double> below = place;
      above[i] += kStep;
      below[i] -= kStep;
      const double difference =
          (problem.mean(above, 1, unused) - problem.mean(below, 1, unused)) / (2 * kStep);
      EXPECT_NEAR(slope[i], difference, 1e-7 * (1 + std::abs(difference)))
          << problem.name << ", coordinate " << i;
    }
  }
}

}  // namespace guanxi
