// Groups of event kinds for the timeline's filter, in the order of the kinds themselves.

export const kKindGroups = {
  buying: [
    'order_completed', 'order_line', 'order_updated', 'order_cancelled', 'order_refunded', 'line_returned',
    'payment_disputed', 'prepayment_made', 'subscription_started', 'subscription_renewed', 'subscription_cancelled',
    'fee_charged', 'coupon_applied',
  ],
  looking: [
    'visit', 'store_visited', 'product_viewed', 'product_added', 'product_removed', 'wishlist_added',
    'products_searched', 'checkout_started',
  ],
  contact: [
    'contact_delivered', 'contact_opened', 'contact_clicked', 'contact_bounced', 'marked_as_spam', 'unsubscribed',
    'chat_started', 'message_received', 'message_sent', 'chat_ended',
  ],
  service: [
    'ticket_opened', 'ticket_solved', 'complaint_raised', 'promise_made', 'promise_kept', 'promise_broken',
    'service_delivered', 'safety_incident',
  ],
  advocacy: ['review_posted', 'score_answered', 'product_shared', 'referral_accepted', 'referred_order', 'referred_refund'],
  participation: ['event_attended', 'community_posted', 'idea_submitted', 'test_joined', 'role_taken'],
  knowledge: ['preference_stated', 'suggestion_taken', 'suggestion_refused', 'wrong_contact'],
  values: ['value_affirmed', 'values_conflict', 'cause_joined'],
  identity: ['staff_assigned', 'staff_met', 'identified', 'consent_given', 'consent_withdrawn'],
  other: ['unknown', 'stock_adjusted'],
} as const;

export type KindGroup = keyof typeof kKindGroups;

const groupByKind = new Map<string, KindGroup>(
  (Object.entries(kKindGroups) as [KindGroup, readonly string[]][]).flatMap(([group, kinds]) =>
    kinds.map((kind): [string, KindGroup] => [kind, group]),
  ),
);

export function groupOf(kind: string): KindGroup {
  return groupByKind.get(kind) ?? 'other';
}
