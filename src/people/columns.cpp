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

std::size_t Columns::bytes() const {
  std::size_t bytes = 0;
  for_each_column([&](const auto& column) { bytes += column.capacity() * sizeof(column.front()); },
                  *this);
  return bytes;
}

}  // namespace guanxi
