#include <algorithm>

#include "people/image.hpp"

namespace guanxi {
namespace {

// 1/65536 as ten-thousandths, to the nearest.
std::uint16_t ten_thousandths(std::uint32_t value_16) {
  return static_cast<std::uint16_t>((std::uint64_t{value_16} * 10000 + kOne16 / 2) / kOne16);
}

// Calls use(column) for each column of each Columns given, side by side.
template <typename Use, typename... All>
void for_each_column(Use&& use, All&... all) {
  use(all.tier...);
  use(all.velocity...);
  use(all.index_milli...);
  use(all.trust...);
  use(all.uncertainty...);
  use(all.depth...);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    use(all.depth_of[d]...);
  }
  use(all.orders...);
  use(all.spent_minor...);
  use(all.first_day...);
  use(all.last_order_day...);
  use(all.tier_since...);
  use(all.stance...);
}

// Calls put(column, now, before, stored as) for each value that a row holds.
template <typename Put>
void for_each_value(Columns& columns, const Reading& reading, const State& state,
                    const Reading& shown, const State& was, Put&& put) {
  const auto byte = [](auto value) { return static_cast<std::uint8_t>(value); };
  const auto as_is = [](auto value) { return value; };
  const auto day = [](Day value) { return small_day(value); };
  put(columns.tier, reading.tier, shown.tier, byte);
  put(columns.velocity, reading.velocity, shown.velocity, byte);
  put(columns.index_milli, reading.index_milli, shown.index_milli, as_is);
  put(columns.trust, reading.trust_16, shown.trust_16, ten_thousandths);
  put(columns.uncertainty, reading.uncertainty_16, shown.uncertainty_16, ten_thousandths);
  put(columns.depth, reading.depth_16, shown.depth_16, ten_thousandths);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    put(columns.depth_of[d], reading.depth_of_16[d], shown.depth_of_16[d], ten_thousandths);
  }
  put(columns.orders, state.orders, was.orders, as_is);
  put(columns.spent_minor, state.spent_minor, was.spent_minor, as_is);
  put(columns.first_day, state.first_day, was.first_day, day);
  put(columns.last_order_day, state.last_order_day, was.last_order_day, day);
  put(columns.tier_since, state.tier_since, was.tier_since, day);
  put(columns.stance, reading.stance, shown.stance, byte);
}

}  // namespace

void Columns::resize(std::size_t rows) {
  for_each_column([&](auto& column) { column.resize(rows); }, *this);
}

void Columns::reserve(std::size_t rows) {
  for_each_column([&](auto& column) { column.reserve(rows); }, *this);
}

void Columns::fit() {
  for_each_column([](auto& column) { column.shrink_to_fit(); }, *this);
}

void Columns::move_row(std::size_t from, std::size_t to, Columns& target) const {
  for_each_column([&](const auto& source, auto& column) { column[to] = source[from]; }, *this,
                  target);
}

void Columns::set(std::size_t row, const Reading& reading, const State& state) {
  for_each_value(*this, reading, state, reading, state,
                 [row](auto& column, const auto& now, const auto& /*before*/, auto&& stored) {
                   column[row] = stored(now);
                 });
}

void Columns::change(std::size_t row, const Reading& reading, const State& state,
                     const Reading& shown, const State& was) {
  for_each_value(*this, reading, state, shown, was,
                 [row](auto& column, const auto& now, const auto& before, auto&& stored) {
                   if (!(now == before)) {
                     column[row] = stored(now);
                   }
                 });
}

std::size_t Columns::bytes() const {
  std::size_t bytes = 0;
  for_each_column([&](const auto& column) { bytes += column.capacity() * sizeof(column.front()); },
                  *this);
  return bytes;
}

}  // namespace guanxi
