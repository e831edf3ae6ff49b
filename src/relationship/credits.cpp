#include <map>

#include "base/random.hpp"
#include "relationship/encounter.hpp"
#include "relationship/fold.hpp"

namespace guanxi {
namespace {

constexpr std::uint64_t kOrderSalt = 0x7265666572726564ULL;
constexpr std::uint64_t kRefundSalt = 0x726566756e646564ULL;

struct BroughtOrder {
  CompactEvent first;
  std::int64_t bought_minor = 0;
  std::int64_t returned_minor = 0;
  bool returned = false;
  CompactEvent return_event;
};

CompactEvent derive(const CompactEvent& cause, EventKind kind, std::int64_t amount_minor,
                    std::uint64_t salt) {
  CompactEvent::Fields fields;
  fields.id_hash = mix64(cause.id_hash() ^ salt);
  fields.occurred_s = cause.occurred_s();
  fields.order_ref = cause.order_ref();
  fields.kind = kind;
  fields.flags = kDerived;
  fields.amount_minor = amount_minor;
  fields.ordinal = cause.ordinal();
  return CompactEvent(fields);
}

std::int64_t amount_of(const CompactEvent& event) {
  return event.has(kForeignCurrency) ? 0 : event.amount_minor();
}

void take_back(BroughtOrder& order, const CompactEvent& event) {
  const bool whole = event.kind() != EventKind::line_returned && !event.has(kPartial);
  order.returned_minor -= amount_of(event);
  if (!order.returned &&
      ((whole && event.amount_minor() == 0) || order.returned_minor >= order.bought_minor)) {
    order.returned = true;
    order.return_event = event;
  }
}

// Orders without an id are each an order of their own, known by the event.
std::uint64_t key_of(const CompactEvent& event) {
  return event.order_ref() != 0 ? event.order_ref() : event.id_hash() | (std::uint64_t{1} << 63U);
}

}  // namespace

Credits referral_credits(std::span<const CompactEvent> events) {
  Credits credits;
  std::map<std::uint64_t, BroughtOrder> orders;
  for (const CompactEvent& event : events) {
    if (credits.referrer_subject == 0) {
      if (event.kind() == EventKind::referral_accepted && event.subject() != 0) {
        credits.referrer_subject = event.subject();
      }
      continue;
    }
    if (is_buying(event.kind())) {
      BroughtOrder& order = orders[key_of(event)];
      if (order.bought_minor == 0 && order.first.id_hash() == 0) {
        order.first = event;
      }
      order.bought_minor += amount_of(event);
    } else if (is_taking_back(event.kind()) && event.order_ref() != 0) {
      const auto found = orders.find(key_of(event));
      if (found != orders.end()) {
        take_back(found->second, event);
      }
    }
  }
  for (const auto& [key, order] : orders) {
    credits.events.push_back(
        derive(order.first, EventKind::referred_order, order.bought_minor, kOrderSalt));
    if (order.returned) {
      credits.events.push_back(
          derive(order.return_event, EventKind::referred_refund, -order.bought_minor, kRefundSalt));
    }
  }
  return credits;
}

}  // namespace guanxi
