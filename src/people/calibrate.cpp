#include <algorithm>

#include "people/survey_fold.hpp"
#include "people/validation.hpp"
#include "relationship/encounter.hpp"

namespace guanxi {
namespace {

struct Tally {
  std::uint64_t kinds = 0;
  std::uint8_t flags = 0;
  bool products_named = false;
  std::vector<std::int64_t> order_values;
  std::vector<std::uint32_t> gaps_days;
  std::vector<std::pair<std::uint32_t, std::int64_t>> orders;  // of one person: order, amount
};

void see(Tally& tally, const CompactEvent& event) {
  if (event.has(kDerived)) {
    return;
  }
  tally.kinds |= std::uint64_t{1} << static_cast<unsigned>(event.kind());
  tally.flags = static_cast<std::uint8_t>(tally.flags | event.flags());
  tally.products_named =
      tally.products_named || (event.kind() == EventKind::order_line && event.subject() != 0);
}

// Amounts of one order are summed; an event without an order's id is an order of its own.
void take_orders(Tally& tally) {
  auto& orders = tally.orders;
  std::sort(orders.begin(), orders.end());
  for (std::size_t i = 0; i < orders.size();) {
    std::int64_t value = orders[i].second;
    std::size_t next = i + 1;
    for (; orders[i].first != 0 && next < orders.size() && orders[next].first == orders[i].first;
         ++next) {
      value += orders[next].second;
    }
    if (value > 0) {
      tally.order_values.push_back(value);
    }
    i = next;
  }
  orders.clear();
}

void see_person(Tally& tally, std::span<const CompactEvent> events, const Model& model, Day at) {
  Day last = kNoDay;
  for (const CompactEvent& event : events) {
    const Day day = model.zone.day_of(event.occurred_at());
    if (day > at) {
      break;
    }
    see(tally, event);
    if (is_buying(event.kind())) {
      if (!event.has(kForeignCurrency)) {
        tally.orders.emplace_back(event.order_ref(), event.amount_minor());
      }
      if (last != kNoDay && day > last) {
        tally.gaps_days.push_back(static_cast<std::uint32_t>(day.number - last.number));
      }
      last = day;
    }
  }
  take_orders(tally);
}

// The lower median; 0 of nothing.
template <typename T>
T median(std::vector<T>& values) {
  if (values.empty()) {
    return 0;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Calibration calibration_at(const Image& image, const Model& model, Day at, unsigned threads) {
  auto workers = for_everyone<Tally>(image, threads, [&](Worker<Tally>& worker, PersonRef person) {
    see_person(worker.tally, image.timeline(person), model, at);
  });
  Calibration calibration;
  std::vector<std::int64_t> values;
  std::vector<std::uint32_t> gaps;
  for (Worker<Tally>& worker : workers) {
    const Tally& tally = worker.tally;
    calibration.observed_kinds |= tally.kinds;
    calibration.observed_flags =
        static_cast<std::uint8_t>(calibration.observed_flags | tally.flags);
    calibration.products_named = calibration.products_named || tally.products_named;
    values.insert(values.end(), tally.order_values.begin(), tally.order_values.end());
    gaps.insert(gaps.end(), tally.gaps_days.begin(), tally.gaps_days.end());
  }
  calibration.typical_order_minor = median(values);
  calibration.typical_gap_days = median(gaps);
  return calibration;
}

}  // namespace guanxi
