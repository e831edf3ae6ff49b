#pragma once

#include <string>

namespace guanxi::rivals {

// What DuckDB is asked to do in the same run, written as somebody who knows it would.

/// A native table `e` of the events of a Parquet file of ours: whole numbers instead of texts, one
/// byte for the kind, days worked out beforehand. Not timed.
[[nodiscard]] std::string load(const std::string& parquet);

/// Features and tiers of everybody on the last day, as models/retail.toml means them: decayed sums
/// a dimension, products bought again, trust, depth, index, tier. It has less to do than the fold:
/// no changes of tier on the way, no hysteresis, no surprise, no breach at its place in time.
[[nodiscard]] std::string tiers(int last_day, long typical_order_minor);

/// Recency, frequency, money: one group-by over the table.
[[nodiscard]] std::string rfm();

/// A native table `people` for the count.
[[nodiscard]] std::string people();
[[nodiscard]] std::string five_conditions(int last_day);

/// Reading and sorting alone, into a table.
[[nodiscard]] std::string read_and_sort(const std::string& parquet);

/// Both files of Online Retail II, overlap dropped, to recency, frequency and money.
[[nodiscard]] std::string online_retail(const std::string& files);

}  // namespace guanxi::rivals
