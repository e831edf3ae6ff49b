#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "statistics/purchase_history.hpp"

namespace guanxi {

/// Histories in weeks, as the papers give them; only tests include this.
inline constexpr double kWeek = 7;

inline PurchaseHistory weeks(std::uint32_t x, double recency, double age) {
  return {.repeat_purchases = x, .recency_days = recency * kWeek, .age_days = age * kWeek};
}

/// The log-likelihood of times in weeks.
template <class Model>
double weekly_log_likelihood(const Model& model, const PurchaseHistory& history) {
  return model.log_likelihood(history) + history.repeat_purchases * std::log(kWeek);
}

inline void expect_close(double value, double expected, double relative = 1e-9) {
  EXPECT_NEAR(value, expected, std::abs(expected) * relative);
}

}  // namespace guanxi
