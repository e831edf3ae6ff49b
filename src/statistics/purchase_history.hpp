#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// One customer's orders, as buying models see them. A day with several orders is one purchase.
///
/// Invariants  0 <= recency_days <= age_days, all finite; recency_days and log_interval_sum are 0
///             without repeat purchases. check_history() holds a caller to it.
struct PurchaseHistory {
  std::uint32_t repeat_purchases = 0;  ///< x: purchase days after the first
  double recency_days = 0;             ///< t_x: from the first to the last purchase; 0 when x = 0
  double age_days = 0;                 ///< T: from the first purchase to now
  /// Sum of the logarithms of the days between purchases ("litt"). Only the likelihood of regular
  /// rhythms (k > 1) has it, as a constant: parameters do not change it, the choice of k does.
  double log_interval_sum = 0;
  friend bool operator==(const PurchaseHistory&, const PurchaseHistory&) = default;
};

/// Aborts on a history that cannot be: a bug of the caller.
void check_history(const PurchaseHistory& history);

/// Customers with the same (x, t_x, T), counted together. Times stand in tables, so that what
/// depends on one time alone is computed once for all who share it.
struct HistoryCell {
  std::uint32_t repeat_purchases = 0;
  std::uint32_t recency = 0;  ///< place in CollapsedHistories::recencies_days
  std::uint32_t age = 0;      ///< place in CollapsedHistories::ages_days
  double customers = 0;
};

/// What a buying model is fitted to: all that its likelihood depends on.
///
/// Invariants  Cells are sorted by (x, t_x, T), so equal for any order of the histories.
/// Threads     A value.
struct CollapsedHistories {
  std::vector<HistoryCell> cells;
  std::vector<double> recencies_days;
  std::vector<double> ages_days;
  double customers = 0;
  double purchases = 0;         ///< sum of x
  double log_interval_sum = 0;  ///< over all customers
  double mean_age_days = 0;
};

/// O(n log n). Aborts on a history that cannot be.
[[nodiscard]] CollapsedHistories collapse(std::span<const PurchaseHistory> histories);

/// Refuses (ErrorCode::invalid) fewer than 10 customers, or nobody who bought on two days.
[[nodiscard]] Result<void> enough_to_fit(const CollapsedHistories& histories,
                                         std::string_view model);

}  // namespace guanxi
