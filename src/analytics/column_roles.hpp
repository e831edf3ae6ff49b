#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analytics/sample.hpp"

namespace guanxi {

/// What a column of a file of orders may be.
enum class Role {
  none,
  person,
  second_id,
  time,
  order,
  product,
  title,
  quantity,
  price,
  amount,
  event_kind,
  event_id,
  currency,
  rating,
  status
};
[[nodiscard]] std::string_view name_of(Role role);

/// What stands in one column of a sample.
struct ColumnFacts {
  std::string name;
  std::size_t filled = 0;
  std::size_t distinct = 0;
  std::size_t numbers = 0;
  std::size_t fractions = 0;  ///< numbers with digits behind the point
  std::size_t negatives = 0;
  std::size_t integers_dot_zero = 0;  ///< "13085.0"
  std::size_t comma_decimals = 0;     ///< "12,50"
  double largest = 0;
  std::size_t mean_bytes = 0;
  std::size_t words = 0;  ///< values with a blank inside
  std::size_t mails = 0;
  std::size_t moments = 0;
  bool bare_integers = true;  ///< every value is digits alone

  [[nodiscard]] bool numeric() const { return filled > 0 && numbers * 100 >= filled * 97; }
  [[nodiscard]] bool temporal() const { return filled > 0 && moments * 100 >= filled * 90; }
};
[[nodiscard]] std::vector<ColumnFacts> facts_of(const FileSample& sample);

/// How well a column's name fits a role: 0 not at all, 100 exactly. English and Chinese.
[[nodiscard]] int name_score(std::string_view column, Role role);

/// Words of event columns (view, pv, addtocart, buy, 购买 ...) and the kind they mean, "" if
/// unknown.
[[nodiscard]] std::string_view kind_word_meaning(std::string_view word);
/// Whether a status says that an order was called off, or given back.
[[nodiscard]] bool means_cancelled(std::string_view status);
[[nodiscard]] bool means_refunded(std::string_view status);

}  // namespace guanxi
