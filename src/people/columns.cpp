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

}  // namespace

void Columns::resize(std::size_t rows) {
  for_each_column([&](auto& column) { column.resize(rows); }, *this);
}

void Columns::fit() {
  for_each_column([](auto& column) { column.shrink_to_fit(); }, *this);
}

void Columns::move_row(std::size_t from, std::size_t to, Columns& target) const {
  for_each_column([&](const auto& source, auto& column) { column[to] = source[from]; }, *this,
                  target);
}

void Columns::set(std::size_t row, const Reading& reading, const State& state) {
  tier[row] = static_cast<std::uint8_t>(reading.tier);
  velocity[row] = static_cast<std::uint8_t>(reading.velocity);
  index_milli[row] = reading.index_milli;
  trust[row] = ten_thousandths(reading.trust_16);
  uncertainty[row] = ten_thousandths(reading.uncertainty_16);
  depth[row] = ten_thousandths(reading.depth_16);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    depth_of[d][row] = ten_thousandths(reading.depth_of_16[d]);
  }
  orders[row] = state.orders;
  spent_minor[row] = state.spent_minor;
  first_day[row] = small_day(state.first_day);
  last_order_day[row] = small_day(state.last_order_day);
  tier_since[row] = small_day(state.tier_since);
  stance[row] = reading.stance;
}

void Columns::change(std::size_t row, const Reading& reading, const State& state,
                     const Reading& shown, const State& was) {
  const auto put = [row](auto& column, const auto& now, const auto& before, auto&& stored) {
    if (!(now == before)) {
      column[row] = stored(now);
    }
  };
  const auto byte = [](auto value) { return static_cast<std::uint8_t>(value); };
  const auto as_is = [](auto value) { return value; };
  const auto day = [](Day value) { return small_day(value); };
  put(tier, reading.tier, shown.tier, byte);
  put(velocity, reading.velocity, shown.velocity, byte);
  put(index_milli, reading.index_milli, shown.index_milli, as_is);
  put(trust, reading.trust_16, shown.trust_16, ten_thousandths);
  put(uncertainty, reading.uncertainty_16, shown.uncertainty_16, ten_thousandths);
  put(depth, reading.depth_16, shown.depth_16, ten_thousandths);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    put(depth_of[d], reading.depth_of_16[d], shown.depth_of_16[d], ten_thousandths);
  }
  put(orders, state.orders, was.orders, as_is);
  put(spent_minor, state.spent_minor, was.spent_minor, as_is);
  put(first_day, state.first_day, was.first_day, day);
  put(last_order_day, state.last_order_day, was.last_order_day, day);
  put(tier_since, state.tier_since, was.tier_since, day);
  put(stance, reading.stance, shown.stance, byte);
}

std::size_t Columns::bytes() const {
  std::size_t bytes = 0;
  for_each_column([&](const auto& column) { bytes += column.capacity() * sizeof(column.front()); },
                  *this);
  return bytes;
}

}  // namespace guanxi
