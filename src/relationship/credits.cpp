#include "base/random.hpp"
#include "relationship/encounter.hpp"
#include "relationship/fold.hpp"
#include "relationship/running_credits.hpp"

namespace guanxi {
namespace {

constexpr std::uint64_t kOrderSalt = 0x7265666572726564ULL;
constexpr std::uint64_t kRefundSalt = 0x726566756e646564ULL;

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

// Orders without an id are each an order of their own, known by the event.
std::uint64_t key_of(const CompactEvent& event) {
  return event.order_ref() != 0 ? event.order_ref() : event.id_hash() | (std::uint64_t{1} << 63U);
}

}  // namespace

bool RunningCredits::concerned_by(const CompactEvent& event) {
  return is_referral(event) || is_buying(event.kind()) || is_taking_back(event.kind());
}

void RunningCredits::take(const CompactEvent& event) {
  if (!concerned_by(event)) {
    return;
  }
  last_ = event;
  if (referrer_subject_ == 0) {
    if (is_referral(event)) {
      referrer_subject_ = event.subject();
    }
    return;
  }
  if (is_buying(event.kind())) {
    BroughtOrder& order = touch(key_of(event));
    if (order.bought_minor == 0 && order.first.id_hash() == 0) {
      order.first = event;
    }
    order.bought_minor += amount_of(event);
  } else if (is_taking_back(event.kind()) && event.order_ref() != 0 &&
             orders_.count(key_of(event)) != 0) {
    take_back(touch(key_of(event)), event);
  }
}

RunningCredits::BroughtOrder& RunningCredits::touch(std::uint64_t key) {
  const auto [found, fresh] = orders_.try_emplace(key);
  if (watched_) {
    touched_.try_emplace(key, fresh ? std::nullopt : std::optional(found->second));
  }
  return found->second;
}

void RunningCredits::take_back(BroughtOrder& order, const CompactEvent& event) {
  const bool whole = event.kind() != EventKind::line_returned && !event.has(kPartial);
  order.returned_minor -= amount_of(event);
  if (!order.returned &&
      ((whole && event.amount_minor() == 0) || order.returned_minor >= order.bought_minor)) {
    order.returned = true;
    order.return_event = event;
  }
}

void RunningCredits::give(const BroughtOrder& order, std::vector<CompactEvent>& to) {
  to.push_back(derive(order.first, EventKind::referred_order, order.bought_minor, kOrderSalt));
  if (order.returned) {
    to.push_back(
        derive(order.return_event, EventKind::referred_refund, -order.bought_minor, kRefundSalt));
  }
}

Credits RunningCredits::credits() const {
  Credits credits;
  credits.referrer_subject = referrer_subject_;
  for (const auto& [key, order] : orders_) {
    give(order, credits.events);
  }
  return credits;
}

RunningCredits::Change RunningCredits::take_change() {
  Change change;
  for (const auto& [key, before] : touched_) {
    if (before) {
      give(*before, change.before);
    }
    give(orders_.at(key), change.now);
  }
  touched_.clear();
  return change;
}

Credits referral_credits(std::span<const CompactEvent> events) {
  RunningCredits running;
  for (const CompactEvent& event : events) {
    running.take(event);
  }
  return running.credits();
}

}  // namespace guanxi
