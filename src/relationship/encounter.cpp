#include "relationship/encounter.hpp"

#include <algorithm>

namespace guanxi {
namespace {

using Role = FoldMemory::SubjectRole;

constexpr std::uint64_t bit(EventKind kind) {
  return std::uint64_t{1} << static_cast<unsigned>(kind);
}
constexpr bool in(EventKind kind, std::uint64_t kinds) {
  return (kinds >> static_cast<unsigned>(kind) & 1U) != 0;
}

constexpr std::uint64_t kBuying = bit(EventKind::order_completed) | bit(EventKind::order_line) |
                                  bit(EventKind::subscription_started) |
                                  bit(EventKind::subscription_renewed);
constexpr std::uint64_t kTakingBack =
    bit(EventKind::order_cancelled) | bit(EventKind::order_refunded) |
    bit(EventKind::line_returned) | bit(EventKind::payment_disputed);
constexpr std::uint64_t kStaffTalk =
    bit(EventKind::staff_met) | bit(EventKind::staff_assigned) | bit(EventKind::service_delivered) |
    bit(EventKind::chat_started) | bit(EventKind::message_received);
constexpr std::uint64_t kReach = bit(EventKind::contact_delivered) |
                                 bit(EventKind::contact_opened) | bit(EventKind::contact_clicked) |
                                 bit(EventKind::chat_started) | bit(EventKind::message_received) |
                                 bit(EventKind::consent_given) | bit(EventKind::staff_assigned);
constexpr std::uint64_t kReachLost = bit(EventKind::contact_bounced) |
                                     bit(EventKind::marked_as_spam) | bit(EventKind::unsubscribed) |
                                     bit(EventKind::consent_withdrawn);
constexpr std::uint64_t kOther = bit(EventKind::fee_charged) | bit(EventKind::prepayment_made) |
                                 bit(EventKind::referred_order) | bit(EventKind::referred_refund);

constexpr std::uint64_t kComing = bit(EventKind::identified) | bit(EventKind::referral_accepted);

// Money in another currency than the brand's is shown, never summed.
std::int64_t amount_of(const CompactEvent& event) {
  return event.has(kForeignCurrency) ? 0 : event.amount_minor();
}

// A day counts once per product or member of staff.
bool met_on_new_day(FoldMemory::Subject& entry, Day day) {
  if (entry.last_day == day) {
    return false;
  }
  entry.last_day = day;
  ++entry.occasions;
  return true;
}

void count_order(State& state, Day day) {
  ++state.orders;
  if (state.last_order_day != day) {
    ++state.order_days;
    state.last_order_day = day;
  }
  if (state.first_order_day == kNoDay) {
    state.first_order_day = day;
  }
}

void buy_product(State& state, std::uint32_t subject, Day day, FoldMemory& memory,
                 Encounter& encounter) {
  FoldMemory::Subject& product = memory.subject(Role::product, subject);
  if (met_on_new_day(product, day)) {
    encounter.new_product = product.occasions == 1;
    encounter.repeat = !encounter.new_product;
    state.repeat_occasions = std::max(state.repeat_occasions, product.occasions);
  }
}

Encounter buy(State& state, const CompactEvent& event, Day day, FoldMemory& memory) {
  Encounter encounter;
  encounter.amount_minor = amount_of(event);
  state.spent_minor += encounter.amount_minor;
  if (event.order_ref() == 0) {
    encounter.first_of_order = true;
  } else {
    FoldMemory::Order& order = memory.order(event.order_ref());
    order.bought_minor += encounter.amount_minor;
    encounter.first_of_order = !order.completed;
    order.completed = true;
  }
  if (encounter.first_of_order) {
    count_order(state, day);
  }
  return encounter;
}

void buy_lines(State& state, const CompactEvent& event, Day day, const Model& model,
               FoldMemory& memory, Encounter& encounter) {
  if (!model.calibration.products_named) {
    buy_product(state, 0, day, memory, encounter);
  } else if (event.subject() != 0) {
    buy_product(state, event.subject(), day, memory, encounter);
  } else if (event.kind() == EventKind::order_completed) {
    return;  // the order as a whole: its products come as lines
  }
  ++state.lines;
  state.devoted_lines += (event.flags() & (kFullPrice | kPrepaid)) != 0 ? 1U : 0U;
  state.early_buys += event.has(kEarly) ? 1U : 0U;
}

// Returns beyond what was bought so far belong to purchases that no source has shown.
std::int64_t returnable(const State& state, std::int64_t amount_minor) {
  return std::min(amount_minor, std::max<std::int64_t>(state.spent_minor, 0));
}

void return_product(State& state, const CompactEvent& event, FoldMemory& memory) {
  FoldMemory::Subject& product = memory.subject(Role::product, event.subject());
  if (product.occasions == 0) {
    return;
  }
  const bool was_most = product.occasions == state.repeat_occasions;
  --product.occasions;
  if (product.occasions == 0) {
    product.last_day = kNoDay;  // bought again on the day of the return, it is bought on that day
  }
  if (was_most) {
    state.repeat_occasions = memory.most_occasions(Role::product);
  }
}

Encounter take_back(State& state, const CompactEvent& event, FoldMemory& memory) {
  const bool whole = event.kind() != EventKind::line_returned && !event.has(kPartial);
  FoldMemory::Order* const order =
      event.order_ref() == 0 ? nullptr : &memory.order(event.order_ref());
  std::int64_t amount = std::max<std::int64_t>(-amount_of(event), 0);
  if (order != nullptr && order->completed) {
    const std::int64_t left =
        std::max<std::int64_t>(order->bought_minor - order->returned_minor, 0);
    if (whole && amount == 0) {
      amount = left;
    } else if (order->returned) {
      amount = std::min(amount, left);  // its money has gone back already
    }
  }
  amount = returnable(state, amount);
  state.spent_minor -= amount;
  state.returned_minor += amount;
  if (order != nullptr && order->completed) {
    order->returned_minor += amount;
    if (!order->returned &&
        ((whole && event.amount_minor() == 0) || order->returned_minor >= order->bought_minor)) {
      order->returned = true;
      ++state.orders_returned;
    }
  }
  if (event.kind() == EventKind::line_returned && event.subject() != 0) {
    return_product(state, event, memory);
  }
  Encounter encounter;
  encounter.amount_minor = -amount;
  encounter.first_of_order = true;
  return encounter;
}

void talk_to_staff(State& state, const CompactEvent& event, Day day, FoldMemory& memory) {
  FoldMemory::Subject& staff = memory.subject(Role::staff, event.subject());
  if (met_on_new_day(staff, day)) {
    state.staff_days = std::max(state.staff_days, staff.occasions);
  }
}

void meet_other(State& state, const CompactEvent& event) {
  const EventKind kind = event.kind();
  if (kind == EventKind::fee_charged) {
    state.spent_minor += amount_of(event);
  } else if (kind == EventKind::referred_order) {
    ++state.referred_orders;
  } else if (kind == EventKind::referred_refund) {
    ++state.referred_refunds;
  } else if (kind == EventKind::prepayment_made) {
    ++state.lines;
    ++state.devoted_lines;
  }
}

// How they came is told once: the first telling stands.
void come(State& state, const CompactEvent& event, const Model& model) {
  const Origin origin = event.kind() == EventKind::referral_accepted
                            ? Origin::friend_referral
                            : static_cast<Origin>(std::clamp(event.quantity(), 0, kOrigins - 1));
  if (state.origin_known == 0 && origin != Origin::unknown) {
    state.origin_known = 1;
    state.initial_trust_16 = model.origin_trust_16[static_cast<std::size_t>(origin)];
  }
}

}  // namespace

bool is_remembered(const CompactEvent& event) {
  return in(event.kind(), kBuying | kTakingBack | bit(EventKind::fee_charged)) ||
         (in(event.kind(), kStaffTalk) && event.subject() != 0);
}

bool is_buying(EventKind kind) { return in(kind, kBuying); }
bool is_taking_back(EventKind kind) { return in(kind, kTakingBack); }

Encounter meet(State& state, const CompactEvent& event, Day day, const Model& model,
               FoldMemory& memory) {
  const EventKind kind = event.kind();
  Encounter encounter;
  if (in(kind, kBuying)) {
    encounter = buy(state, event, day, memory);
    buy_lines(state, event, day, model, memory, encounter);
  } else if (in(kind, kTakingBack)) {
    encounter = take_back(state, event, memory);
  } else {
    encounter.amount_minor = amount_of(event);
    if (in(kind, kStaffTalk) && event.subject() != 0) {
      talk_to_staff(state, event, day, memory);
    } else if (in(kind, kOther)) {
      meet_other(state, event);
    } else if (in(kind, kComing)) {
      come(state, event, model);
    }
  }
  if (event.has(kReachable) || in(kind, kReach)) {
    state.reachable = 1;
  } else if (in(kind, kReachLost)) {
    state.reachable = 0;
  }
  return encounter;
}

}  // namespace guanxi
