#pragma once

#include <cstdint>

#include "base/check.hpp"
#include "people/expression.hpp"
#include "people/image.hpp"

namespace guanxi {

/// Which vector of Columns holds a column; `elsewhere`: computed from State, or the id.
enum class Held : std::uint8_t {
  tier,
  velocity,
  index,
  trust,
  uncertainty,
  depth,
  transaction_depth,
  service_depth,
  companionship_depth,
  participation_depth,
  advocacy_depth,
  knowledge_depth,
  values_depth,
  orders,
  spent,
  first_day,
  last_order_day,
  tier_since,
  silence_days,
  tier_days,
  elsewhere
};

/// How a stored number reads: as it is; as a SmallDay; as the days since a SmallDay.
enum class Coding : std::uint8_t { plain, day, days_since };

/// One row of the closed table: what a column is, and where its values stand.
struct Column {
  ColumnInfo info;
  Held held = Held::elsewhere;
  std::int64_t (*value)(const State& state, const Image& image) = nullptr;
  std::uint8_t stance = 0;  ///< bits of Columns::stance; yes with any of them
  /// Of Image::values(), for a person whom they know.
  std::int64_t (*valued)(const PeopleValues& values, std::uint32_t number) = nullptr;
  /// Instead of `value` where the state does not say it.
  std::int64_t (*of_person)(PersonRef person, const Image& image) = nullptr;
};
[[nodiscard]] const Column& column_at(int column);

/// Digits after the point of a column's shown value.
[[nodiscard]] unsigned decimals_of(const ColumnInfo& info, const Model& model);

/// Calls use(vector, coding) with the vector that holds the column. REQUIRES held != elsewhere.
template <typename Use>
void with_held(Held held, const Columns& columns, const Use& use) {
  switch (held) {
    case Held::tier:
      return use(columns.tier, Coding::plain);
    case Held::velocity:
      return use(columns.velocity, Coding::plain);
    case Held::index:
      return use(columns.index_milli, Coding::plain);
    case Held::trust:
      return use(columns.trust, Coding::plain);
    case Held::uncertainty:
      return use(columns.uncertainty, Coding::plain);
    case Held::depth:
      return use(columns.depth, Coding::plain);
    case Held::transaction_depth:
    case Held::service_depth:
    case Held::companionship_depth:
    case Held::participation_depth:
    case Held::advocacy_depth:
    case Held::knowledge_depth:
    case Held::values_depth:
      return use(columns.depth_of[static_cast<std::size_t>(held) -
                                  static_cast<std::size_t>(Held::transaction_depth)],
                 Coding::plain);
    case Held::orders:
      return use(columns.orders, Coding::plain);
    case Held::spent:
      return use(columns.spent_minor, Coding::plain);
    case Held::first_day:
      return use(columns.first_day, Coding::day);
    case Held::last_order_day:
      return use(columns.last_order_day, Coding::day);
    case Held::tier_since:
      return use(columns.tier_since, Coding::day);
    case Held::silence_days:
      return use(columns.last_order_day, Coding::days_since);
    case Held::tier_days:
      return use(columns.tier_since, Coding::days_since);
    case Held::elsewhere:
      break;
  }
  GUANXI_CHECK(false, "the column is held elsewhere");
}

}  // namespace guanxi
