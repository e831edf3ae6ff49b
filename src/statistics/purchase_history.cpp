#include "statistics/purchase_history.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>

#include "base/check.hpp"
#include "base/sorted.hpp"

namespace guanxi {
namespace {

struct Times {
  std::uint32_t repeat_purchases;
  double recency_days;
  double age_days;
};

auto key_of(const Times& times) {
  return std::tie(times.repeat_purchases, times.recency_days, times.age_days);
}

/// Whole days and few purchases, as almost all are: then one number orders a history.
constexpr double kDaysMost = 1U << 21U;
constexpr std::uint32_t kPurchasesMost = 1U << 21U;

bool is_packable(const PurchaseHistory& history) {
  return history.repeat_purchases < kPurchasesMost && history.age_days < kDaysMost &&
         history.recency_days == std::floor(history.recency_days) &&
         history.age_days == std::floor(history.age_days);
}

std::uint64_t pack(const PurchaseHistory& history) {
  return std::uint64_t{history.repeat_purchases} << 42U |
         static_cast<std::uint64_t>(history.recency_days) << 21U |
         static_cast<std::uint64_t>(history.age_days);
}

/// Least digit first, eleven bits at a time; a digit in which all agree costs one look.
void sort_keys(std::vector<std::uint64_t>& keys) {
  constexpr unsigned kBits = 11;
  std::vector<std::uint64_t> other(keys.size());
  for (unsigned shift = 0; shift < 64; shift += kBits) {
    std::vector<std::size_t> begins(1U << kBits);
    for (const std::uint64_t key : keys) {
      ++begins[key >> shift & (begins.size() - 1)];
    }
    if (std::ranges::count(begins, keys.size()) == 1) {
      continue;
    }
    std::size_t begin = 0;
    for (std::size_t& count : begins) {
      begin += std::exchange(count, begin);
    }
    for (const std::uint64_t key : keys) {
      other[begins[key >> shift & (begins.size() - 1)]++] = key;
    }
    keys.swap(other);
  }
}

std::vector<Times> sorted_whole_days(std::span<const PurchaseHistory> histories) {
  std::vector<std::uint64_t> keys;
  keys.reserve(histories.size());
  for (const PurchaseHistory& history : histories) {
    keys.push_back(pack(history));
  }
  sort_keys(keys);
  std::vector<Times> sorted;
  sorted.reserve(keys.size());
  constexpr std::uint64_t kDayMask = (1U << 21U) - 1;
  for (const std::uint64_t key : keys) {
    sorted.push_back({static_cast<std::uint32_t>(key >> 42U),
                      static_cast<double>(key >> 21U & kDayMask),
                      static_cast<double>(key & kDayMask)});
  }
  return sorted;
}

std::vector<Times> sorted_times(std::span<const PurchaseHistory> histories) {
  if (std::ranges::all_of(histories, is_packable)) {
    return sorted_whole_days(histories);
  }
  std::vector<Times> sorted;
  sorted.reserve(histories.size());
  for (const PurchaseHistory& history : histories) {
    sorted.push_back({history.repeat_purchases, history.recency_days, history.age_days});
  }
  std::ranges::sort(sorted, [](const Times& a, const Times& b) { return key_of(a) < key_of(b); });
  return sorted;
}

/// Sums that do not depend on the order: equal numbers are next to each other once sorted.
double ordered_sum(std::vector<double> values) {
  std::ranges::sort(values);
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return sum;
}

/// The distinct values of a column, sorted, and each cell's place among them.
template <class ValueOf>
std::vector<double> tabulate(std::span<const Times> rows, std::vector<HistoryCell>& cells,
                             std::uint32_t HistoryCell::*place, ValueOf value_of) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const Times& row : rows) {
    values.push_back(value_of(row));
  }
  sort_unique(values);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto at = std::ranges::lower_bound(values, value_of(rows[i]));
    cells[i].*place = static_cast<std::uint32_t>(at - values.begin());
  }
  return values;
}

}  // namespace

void check_history(const PurchaseHistory& history) {
  GUANXI_CHECK(history.recency_days >= 0 && history.recency_days <= history.age_days &&
                   std::isfinite(history.age_days) && std::isfinite(history.log_interval_sum),
               "0 <= recency <= age");
  GUANXI_CHECK(history.repeat_purchases > 0 || history.recency_days == 0,
               "recency counts from the first purchase to a later one");
}

CollapsedHistories collapse(std::span<const PurchaseHistory> histories) {
  CollapsedHistories collapsed;
  std::vector<double> intervals;
  for (const PurchaseHistory& history : histories) {
    check_history(history);
    if (history.log_interval_sum != 0) {
      intervals.push_back(history.log_interval_sum);
    }
  }
  collapsed.log_interval_sum = ordered_sum(std::move(intervals));
  std::vector<Times> rows;
  double age_sum = 0;
  for (const Times& times : sorted_times(histories)) {
    if (rows.empty() || key_of(rows.back()) != key_of(times)) {
      rows.push_back(times);
      collapsed.cells.push_back({.repeat_purchases = times.repeat_purchases});
    }
    collapsed.cells.back().customers += 1;
    collapsed.purchases += times.repeat_purchases;
    age_sum += times.age_days;
  }
  collapsed.customers = static_cast<double>(histories.size());
  collapsed.mean_age_days = histories.empty() ? 0 : age_sum / collapsed.customers;
  collapsed.recencies_days = tabulate(rows, collapsed.cells, &HistoryCell::recency,
                                      [](const Times& row) { return row.recency_days; });
  collapsed.ages_days = tabulate(rows, collapsed.cells, &HistoryCell::age,
                                 [](const Times& row) { return row.age_days; });
  return collapsed;
}

Result<void> enough_to_fit(const CollapsedHistories& histories, std::string_view model) {
  if (histories.customers < 10 || histories.purchases == 0) {
    return fail(ErrorCode::invalid,
                std::string(model) +
                    " needs at least 10 customers and one who bought on two days, not " +
                    std::to_string(static_cast<std::uint64_t>(histories.customers)) + " customers");
  }
  return {};
}

}  // namespace guanxi
