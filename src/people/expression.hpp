#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "people/image.hpp"

namespace guanxi {

/// What a column of people holds.
enum class ColumnType : std::uint8_t { number, money, day, tier, velocity, yes_no, text };
[[nodiscard]] std::string_view name_of(ColumnType type);

/// One column that conditions, sorting and lists can name.
struct ColumnInfo {
  std::string_view name;
  ColumnType type = ColumnType::number;
  std::string_view unit;  ///< "days", "0..100", "" for pure counts
  unsigned decimals = 0;  ///< stored value = shown value * 10^decimals (money: the currency's)
  std::string_view description;  ///< for people to read
};

/// The closed table, in the order in which it is shown. A column's number is its place here.
[[nodiscard]] std::span<const ColumnInfo> people_columns();
/// -1 when there is none of that name.
[[nodiscard]] int column_named(std::string_view name);

/// No value: no order yet, no day.
inline constexpr std::int64_t kNoValue = INT64_MIN;
/// One person's value in stored units; days count from 1970; kNoValue when there is none.
/// REQUIRES a column that is not text, and a folded image.
[[nodiscard]] std::int64_t column_value(const Image& image, int column, PersonRef person);
/// Of the people (shard, first ...), as many as `values` has places for.
void column_values(const Image& image, int column, std::uint32_t shard, std::uint32_t first,
                   std::span<std::int64_t> values);
/// The same written for people: "42.5", "2011-06-09", "strong", "yes", "" for no value.
[[nodiscard]] std::string column_text(const Image& image, int column, PersonRef person);

/// Whether one of the person's ids holds `needle` (lower case; with ':' the whole "namespace:value"
/// is looked at), letter case ignored.
[[nodiscard]] bool id_matches(const Image& image, PersonRef person, std::string_view needle,
                              bool at_start);

/// A condition on people, read from text such as
///   tier >= strong and index > 40 and (silence_days < 90 or velocity = at_risk)
///   and not id contains "x"
///
/// Place       --where of the command line, filters of the API, segments.
/// Invariants  A tree of a closed set of comparisons on the closed table of columns. Text is
/// parsed,
///             never evaluated. A comparison with a missing value is false; `is none` asks for it.
/// Threads     Immutable after parse().
class Expression {
 public:
  /// Everyone.
  Expression();
  /// Empty text is everyone. Errors: invalid, with the column in the text and the valid names.
  [[nodiscard]] static Result<Expression> parse(std::string_view text);

  [[nodiscard]] bool everyone() const { return root_ == nullptr; }
  /// Whether it looks at ids, so that its answer tells something of them.
  [[nodiscard]] bool asks_for_ids() const;
  /// As it was written.
  [[nodiscard]] const std::string& text() const { return text_; }

  /// Sets mask[i] to 1 where the person (shard, first + i) meets the condition, else 0; always 0 for
  /// whoever is only stored.
  /// REQUIRES a folded image, and first + mask.size() <= image.people(shard).
  void evaluate(const Image& image, std::uint32_t shard, std::uint32_t first,
                std::span<std::uint8_t> mask) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
  std::string text_;
};

}  // namespace guanxi
