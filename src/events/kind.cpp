#include "events/kind.hpp"

#include <algorithm>
#include <array>

namespace guanxi {
namespace {

constexpr std::array<std::string_view, kEventKinds> kKindNames = {
    "unknown",
    "order_completed",
    "order_line",
    "order_updated",
    "order_cancelled",
    "order_refunded",
    "line_returned",
    "payment_disputed",
    "prepayment_made",
    "subscription_started",
    "subscription_renewed",
    "subscription_cancelled",
    "fee_charged",
    "coupon_applied",
    "visit",
    "store_visited",
    "product_viewed",
    "product_added",
    "product_removed",
    "wishlist_added",
    "products_searched",
    "checkout_started",
    "contact_delivered",
    "contact_opened",
    "contact_clicked",
    "contact_bounced",
    "marked_as_spam",
    "unsubscribed",
    "chat_started",
    "message_received",
    "message_sent",
    "chat_ended",
    "ticket_opened",
    "ticket_solved",
    "complaint_raised",
    "promise_made",
    "promise_kept",
    "promise_broken",
    "service_delivered",
    "safety_incident",
    "review_posted",
    "score_answered",
    "product_shared",
    "referral_accepted",
    "referred_order",
    "referred_refund",
    "event_attended",
    "community_posted",
    "idea_submitted",
    "test_joined",
    "role_taken",
    "preference_stated",
    "suggestion_taken",
    "suggestion_refused",
    "wrong_contact",
    "value_affirmed",
    "values_conflict",
    "cause_joined",
    "staff_assigned",
    "staff_met",
    "identified",
    "consent_given",
    "consent_withdrawn",
    "stock_adjusted",
};

}  // namespace

std::string_view name_of(EventKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::optional<EventKind> kind_named(std::string_view word) {
  const auto* const found = std::find(kKindNames.begin(), kKindNames.end(), word);
  if (found == kKindNames.end()) {
    return std::nullopt;
  }
  return static_cast<EventKind>(found - kKindNames.begin());
}

}  // namespace guanxi
