#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace guanxi {

/// Everything that can happen between a brand and a customer, as the fold knows it. Closed, at most
/// 64 (six bits in CompactEvent). Numbers are part of the log's format: never reuse one.
/// Names, properties and the evidence each can feed: kind_table.hpp, docs/events.md.
enum class EventKind : std::uint8_t {
  unknown = 0,  ///< kept, counted, shown; feeds nothing
  // buying
  order_completed = 1,
  order_line = 2,  ///< one product of an order; shares the order's id
  order_updated = 3,
  order_cancelled = 4,
  order_refunded = 5,  ///< the whole order, or part of it (flag partial)
  line_returned = 6,   ///< one product given back
  payment_disputed = 7,
  prepayment_made = 8,
  subscription_started = 9,
  subscription_renewed = 10,
  subscription_cancelled = 11,
  fee_charged = 12,  ///< postage, bank charge, manual line: money, no product
  coupon_applied = 13,
  // looking
  visit = 14,  ///< page, screen or site visit
  store_visited = 15,
  product_viewed = 16,
  product_added = 17,  ///< to the cart
  product_removed = 18,
  wishlist_added = 19,
  products_searched = 20,
  checkout_started = 21,
  // contact
  contact_delivered = 22,  ///< the brand wrote to them
  contact_opened = 23,
  contact_clicked = 24,
  contact_bounced = 25,
  marked_as_spam = 26,
  unsubscribed = 27,
  chat_started = 28,      ///< by the customer unless flagged otherwise
  message_received = 29,  ///< from the customer
  message_sent = 30,      ///< by a member of staff
  chat_ended = 31,
  // service
  ticket_opened = 32,
  ticket_solved = 33,
  complaint_raised = 34,
  promise_made = 35,
  promise_kept = 36,
  promise_broken = 37,
  service_delivered = 38,
  safety_incident = 39,  ///< harm done, data leaked, counterfeit: a breach
  // speaking for the brand
  review_posted = 40,   ///< quantity = rating on 0..100
  score_answered = 41,  ///< NPS or CSAT, quantity = 0..100
  product_shared = 42,
  referral_accepted = 43,  ///< on the newcomer's timeline; subject = who brought them
  referred_order = 44,     ///< derived, on the referrer's timeline
  referred_refund = 45,    ///< derived, takes a referred_order back
  // taking part
  event_attended = 46,
  community_posted = 47,
  idea_submitted = 48,
  test_joined = 49,
  role_taken = 50,
  // being known
  preference_stated = 51,
  suggestion_taken = 52,
  suggestion_refused = 53,
  wrong_contact = 54,
  // values
  value_affirmed = 55,
  values_conflict = 56,
  cause_joined = 57,
  // who and how
  staff_assigned = 58,  ///< subject = the member of staff
  staff_met = 59,       ///< a service or talk with a named member of staff
  identified = 60,      ///< traits: origin, ways to reach them
  consent_given = 61,
  consent_withdrawn = 62,
  stock_adjusted = 63  ///< a row of the shop's books that is nobody's deed; feeds nothing
};

inline constexpr int kEventKinds = 64;

/// "order_completed": the word for a kind in model files, mappings, JSON and SQL.
[[nodiscard]] std::string_view name_of(EventKind kind);
[[nodiscard]] std::optional<EventKind> kind_named(std::string_view word);

}  // namespace guanxi
