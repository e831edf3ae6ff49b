#pragma once

#include <algorithm>
#include <vector>

#include "base/random.hpp"
#include "events/event.hpp"
#include "relationship/model.hpp"

namespace guanxi {

/// A made-up timeline of up to `most` events of every kind over about three years: few products,
/// orders that come in lines, returns that name them or not, events in the same second.
[[nodiscard]] inline std::vector<CompactEvent> random_timeline(Random& random, std::uint64_t most) {
  std::vector<CompactEvent> events;
  const std::uint64_t count = 1 + random.below(most);
  std::uint32_t now = 1600000000U + static_cast<std::uint32_t>(random.below(86400));
  std::uint32_t order = 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t step = random.below(8);
    now += step == 0  ? 0U
           : step < 4 ? static_cast<std::uint32_t>(random.below(50000))
           : step < 7 ? static_cast<std::uint32_t>(random.below(20) * 86400)
                      : static_cast<std::uint32_t>(random.below(200) * 86400);
    CompactEvent::Fields fields;
    fields.id_hash = random.next();
    fields.occurred_s = now;
    const bool buys = random.below(2) == 0;
    fields.kind = buys ? EventKind::order_line : static_cast<EventKind>(random.below(kEventKinds));
    if (random.below(8) == 0) {
      fields.kind = EventKind::line_returned;
    } else if (random.below(10) == 0) {
      fields.kind = random.below(2) == 0 ? EventKind::order_cancelled : EventKind::order_refunded;
    }
    order += random.below(3) == 0 ? 1U : 0U;
    fields.order_ref = random.below(4) == 0
                           ? 0
                           : order - static_cast<std::uint32_t>(random.below(std::min(order, 3U)));
    fields.subject = static_cast<std::uint32_t>(random.below(5));
    fields.flags = static_cast<std::uint8_t>(random.below(4) == 0 ? random.below(256) : 0);
    fields.quantity = static_cast<std::int32_t>(random.below(101));
    if (fields.kind == EventKind::consent_given || fields.kind == EventKind::consent_withdrawn) {
      fields.quantity = 0;  // of a purpose that leaves everything as it is
    }
    fields.amount_minor = static_cast<std::int64_t>(random.below(30000));
    const bool back =
        fields.kind == EventKind::line_returned || fields.kind == EventKind::order_refunded ||
        fields.kind == EventKind::order_cancelled || fields.kind == EventKind::payment_disputed;
    if (back) {
      fields.amount_minor = random.below(3) == 0 ? 0 : -fields.amount_minor;
    }
    fields.ordinal = static_cast<std::uint32_t>(i);
    events.emplace_back(fields);
  }
  return events;
}

/// What some random set of sources can show.
[[nodiscard]] inline Calibration random_calibration(Random& random) {
  Calibration calibration;
  calibration.observed_kinds = random.below(3) == 0 ? ~std::uint64_t{0} : random.next();
  calibration.observed_flags = static_cast<std::uint8_t>(random.below(256));
  calibration.products_named = random.below(2) == 0;
  calibration.typical_order_minor = static_cast<std::int64_t>(1 + random.below(20000));
  calibration.typical_gap_days = static_cast<std::uint32_t>(1 + random.below(90));
  if (random.below(2) == 0) {
    calibration.rhythm = {static_cast<std::uint32_t>(random.below(200)),
                          static_cast<std::uint32_t>(1 + random.below(3 * kOne16)),
                          static_cast<std::uint32_t>(kOne16 / 2 + random.below(kOne16 / 2))};
  }
  return calibration;
}

}  // namespace guanxi
