"""Writes the payloads that the tests of the webhooks read: one file a sender, one line a message.

The shapes are those the senders use; every name, number and address is made up. Run it after a change:
python3 tests/webhooks/make_fixtures.py
"""

import copy
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def shopify_order(**changes):
    order = {
        "id": 5551001, "name": "#1001", "admin_graphql_api_id": "gid://shopify/Order/5551001",
        "email": "Lin.Wei@Example.COM", "phone": None, "contact_email": "Lin.Wei@Example.COM",
        "created_at": "2026-05-02T10:15:30+08:00", "processed_at": "2026-05-02T10:15:29+08:00",
        "updated_at": "2026-05-02T10:15:31+08:00", "cancelled_at": None, "cancel_reason": None,
        "currency": "CNY", "total_price": "348.50", "subtotal_price": "336.50",
        "total_discounts": "20.00", "total_tax": "0.00", "financial_status": "paid",
        "fulfillment_status": None, "test": False, "source_name": "web", "browser_ip": "203.0.113.9",
        "cart_token": "c0ffee", "checkout_token": "ch-77", "landing_site": "/products/tea?utm=x",
        "referring_site": "https://blog.example.org/tea",
        "discount_codes": [{"code": "MAY20", "amount": "20.00", "type": "fixed_amount"}],
        "note_attributes": [{"name": "gift", "value": "yes"},
                            {"name": "anonymousId", "value": "anon-31c5"}],
        "customer": {"id": 7001, "email": "Lin.Wei@Example.COM", "phone": "+8613800000001",
                     "state": "enabled", "verified_email": True},
        "line_items": [
            {"id": 1, "product_id": 9001, "variant_id": 91, "title": "Longjing 100 g", "sku": "LJ-100",
             "variant_title": "spring", "price": "128.25", "quantity": 2, "total_discount": "0.00"},
            {"id": 2, "product_id": 9002, "variant_id": 92, "title": "Cup", "sku": "CUP",
             "variant_title": None, "price": "100.00", "quantity": 1, "total_discount": "0.00"}],
        "refunds": []}
    order.update(changes)
    return order


REFUND = {
    "id": 8801, "order_id": 5551001, "created_at": "2026-05-09T09:00:00+08:00", "note": "cup broken",
    "refund_line_items": [
        {"id": 31, "quantity": 1, "line_item_id": 2, "subtotal": 90.00, "total_tax": 0.00,
         "line_item": {"id": 2, "product_id": 9002, "title": "Cup", "sku": "CUP", "price": "100.00"}}],
    "transactions": [
        {"id": 41, "kind": "refund", "status": "success", "amount": "95.10", "currency": "CNY"},
        {"id": 42, "kind": "refund", "status": "failure", "amount": "95.10", "currency": "CNY"},
        {"id": 43, "kind": "void", "status": "success", "amount": "1.00", "currency": "CNY"}],
    "order_adjustments": [{"id": 51, "amount": "-5.10", "kind": "shipping_refund"}]}


def shopify():
    customer = {
        "id": 7001, "email": "lin.wei@example.com", "first_name": "Wei", "last_name": "Lin",
        "phone": "+8613800000001", "state": "enabled", "verified_email": True, "tags": "tea, vip",
        "created_at": "2026-05-02T10:15:00+08:00", "updated_at": "2026-05-02T10:20:00+08:00",
        "email_marketing_consent": {"state": "subscribed", "opt_in_level": "single_opt_in",
                                    "consent_updated_at": "2026-05-02T10:16:00+08:00"},
        "sms_marketing_consent": {"state": "unsubscribed", "opt_in_level": "unknown",
                                  "consent_updated_at": "2026-05-02T10:17:00+08:00"}}
    refunded = shopify_order(refunds=[REFUND], financial_status="partially_refunded",
                             updated_at="2026-05-09T09:00:01+08:00")
    called_off = shopify_order(id=5551002, financial_status="voided",
                               cancelled_at="2026-05-03T08:00:00+08:00", cancel_reason="customer")
    paid_back = shopify_order(id=5551003, financial_status="refunded",
                              cancelled_at="2026-05-03T08:00:00+08:00", cancel_reason="inventory")
    walk_in = shopify_order(id=5551004, email="", contact_email=None, customer=None,
                            note_attributes=[], discount_codes=[], total_discounts="0.00",
                            source_name="pos")
    guest = shopify_order(id=5551005, customer=None, phone="+8613800000002",
                          discount_codes=[], total_discounts="0.00")
    dispute = {"id": 61, "order_id": 5551001, "type": "chargeback", "amount": "348.50",
               "currency": "CNY", "reason": "fraudulent", "status": "needs_response",
               "initiated_at": "2026-06-01T00:00:00+08:00"}
    shopper = {"id": 7001, "email": "lin.wei@example.com", "phone": "+8613800000001"}
    yield "order paid at once", "orders/create", shopify_order(), {}
    yield "the same, told again as paid", "orders/paid", shopify_order(
        updated_at="2026-05-02T10:15:40+08:00"), {}
    yield "order not paid yet", "orders/create", shopify_order(
        id=5551006, financial_status="pending"), {}
    yield "order on delivery, counted when placed", "orders/create", shopify_order(
        id=5551006, financial_status="pending"), {"orders": "placed"}
    yield "guest", "orders/create", guest, {}
    yield "walk-in without a name", "orders/create", walk_in, {}
    yield "customer numbers that are user ids", "orders/create", shopify_order(), {
        "customer_ids": "user"}
    yield "order for trying out", "orders/create", shopify_order(test=True), {}
    yield "order updated by a refund", "orders/updated", refunded, {}
    yield "refund", "refunds/create", REFUND, {}
    yield "called off before it was paid", "orders/cancelled", called_off, {}
    yield "called off and paid back", "orders/cancelled", paid_back, {}
    yield "shipped", "orders/fulfilled", shopify_order(fulfillment_status="fulfilled"), {}
    yield "delivered late", "fulfillment_events/create", {
        "id": 71, "fulfillment_id": 72, "order_id": 5551001, "status": "delivered",
        "happened_at": "2026-05-06T18:00:00+08:00",
        "estimated_delivery_at": "2026-05-05T18:00:00+08:00"}, {}
    yield "chargeback", "disputes/create", dispute, {}
    yield "inquiry", "disputes/create", {**dispute, "id": 62, "type": "inquiry"}, {}
    yield "customer", "customers/create", customer, {}
    yield "asks for their data", "customers/data_request", {
        "shop_id": 1, "shop_domain": "tea.example.com", "customer": shopper,
        "orders_requested": [5551001], "data_request": {"id": 81}}, {}
    yield "asks to be erased", "customers/redact", {
        "shop_id": 1, "shop_domain": "tea.example.com", "customer": shopper,
        "orders_to_redact": [5551001]}, {}
    yield "shop went", "shop/redact", {"shop_id": 1, "shop_domain": "tea.example.com"}, {}
    yield "product", "products/update", {"id": 9001, "title": "Longjing"}, {}
    yield "topic nobody knows", "moons/full", {"id": 1}, {}
    yield "order without a number", "orders/create", {"financial_status": "paid", "email": "a@b.example"}, {}
    yield "money that is none", "orders/create", shopify_order(total_price="12,5x"), {}


def woo_order(**changes):
    order = {
        "id": 727, "number": "727", "status": "processing", "currency": "EUR",
        "date_created": "2026-04-11T12:00:00", "date_created_gmt": "2026-04-11T10:00:00",
        "date_modified_gmt": "2026-04-11T10:00:05", "date_paid_gmt": "2026-04-11T10:00:04",
        "date_completed_gmt": None, "discount_total": "0.00", "shipping_total": "4.90",
        "total": "29.35", "total_tax": "3.90", "customer_id": 26, "payment_method": "cod",
        "billing": {"first_name": "Ada", "last_name": "Brandt", "email": "ada@example.org",
                    "phone": "+49 30 0000001"},
        "line_items": [{"id": 315, "name": "Oolong", "product_id": 93, "variation_id": 0, "quantity": 3,
                        "sku": "OOL", "subtotal": "20.55", "total": "20.55", "price": 6.85}],
        "coupon_lines": [], "refunds": [],
        "meta_data": [{"id": 1, "key": "_anonymous_id", "value": "anon-woo-1"}]}
    order.update(changes)
    return order


def woocommerce():
    refunds = [{"id": 726, "reason": "late", "total": "-9.80"}, {"id": 728, "reason": "", "total": "-19.55"}]
    yield "order paid", "order.created", woo_order(), {}
    yield "order changed", "order.updated", woo_order(
        status="completed", date_modified_gmt="2026-04-12T08:00:00",
        date_completed_gmt="2026-04-12T08:00:00"), {}
    yield "order waiting for money", "order.created", woo_order(
        id=730, status="on-hold", date_paid_gmt=None), {}
    yield "counted when placed", "order.created", woo_order(
        id=730, status="on-hold", date_paid_gmt=None), {"orders": "placed"}
    yield "guest with a coupon", "order.created", woo_order(
        id=731, customer_id=0, discount_total="2.00", coupon_lines=[{"id": 1, "code": "two"}]), {}
    yield "refunds come with an update", "order.updated", woo_order(
        status="refunded", refunds=refunds, date_modified_gmt="2026-04-20T09:00:00"), {}
    yield "called off", "order.updated", woo_order(
        status="cancelled", date_modified_gmt="2026-04-12T09:00:00"), {}
    yield "deleted", "order.deleted", {"id": 727}, {}
    yield "draft", "order.created", woo_order(status="checkout-draft"), {}
    yield "customer", "customer.created", {
        "id": 26, "email": "ada@example.org", "first_name": "Ada", "last_name": "", "role": "customer",
        "date_created_gmt": "2026-04-11T09:59:00", "date_modified_gmt": None,
        "billing": {"phone": ""}}, {}
    yield "customer deleted", "customer.deleted", {"id": 26}, {}
    yield "product", "product.updated", {"id": 93}, {}


CONTACT = {"id": 4, "name": "Mei Chen", "email": "mei@example.cn", "phone_number": "+8613900000003",
           "identifier": "u-88", "type": "contact"}
AGENT = {"id": 2, "name": "Tom", "email": "tom@brand.example", "type": "user"}


def chatwoot():
    conversation = {"id": 207, "status": "open", "channel": "Channel::WebWidget", "labels": [],
                    "contact_inbox": {"contact_id": 4, "source_id": "239a-41"},
                    "meta": {"sender": CONTACT, "assignee": AGENT},
                    "created_at": 1777600000, "timestamp": 1777600100, "updated_at": 1777600200.25,
                    "additional_attributes": {"referer": "https://tea.example.com/cart"}}
    message = {"event": "message_created", "id": 654, "content": "Where is my tea?",
               "created_at": "2026-05-01T02:00:00.449Z", "message_type": "incoming", "private": False,
               "content_type": "text", "content_attributes": {}, "sender": CONTACT,
               "conversation": conversation, "account": {"id": 1}, "inbox": {"id": 3}}
    rated = copy.deepcopy(message)
    rated.update({"event": "message_updated", "id": 660, "content_type": "input_csat", "sender": AGENT,
                  "message_type": "template", "updated_at": "2026-05-01T03:00:00Z",
                  "content_attributes": {"submitted_values": {"csat_survey_response": {
                      "rating": 2, "feedback_message": "took three days"}}}})
    whole = {**conversation, "event": "conversation_created"}
    unhappy = {**conversation, "event": "conversation_updated", "labels": ["vip", "complaint"]}
    solved = {**unhappy, "event": "conversation_status_changed", "status": "resolved"}
    yield "begins", "", whole, {}
    yield "message of the customer", "", message, {}
    yield "answer", "", {**message, "id": 655, "message_type": "outgoing", "sender": AGENT,
                         "content": "On its way."}, {}
    yield "private note", "", {**message, "id": 656, "message_type": "outgoing", "private": True}, {}
    yield "activity", "", {**message, "id": 657, "message_type": "activity"}, {}
    yield "rating", "", rated, {}
    yield "another change of a message", "", {**message, "event": "message_updated"}, {}
    yield "labelled as a complaint", "", unhappy, {}
    yield "resolved", "", solved, {}
    yield "own word for complaints", "", {**unhappy, "labels": ["投诉"]}, {"complaint_label": "投诉"}
    yield "contact", "", {"event": "contact_updated", **CONTACT}, {}
    yield "typing", "", {"event": "conversation_typing_on"}, {}


def zendesk():
    def ticket(kind, **more):
        detail = {"actor_id": "99", "assignee_id": "77", "brand_id": "1", "id": "4711",
                  "created_at": "2026-05-01T01:00:00Z", "updated_at": "2026-05-01T02:00:00Z",
                  "requester_id": "55", "subject": "Tea leaves are late", "status": "OPEN",
                  "type": "problem", "tags": ["shipping"], "via": {"channel": "web"},
                  "is_public": True, "external_id": None}
        detail.update(more.pop("detail", {}))
        return {"account_id": 1, "id": "ev-" + kind, "type": "zen:event-type:" + kind,
                "subject": "zen:ticket:4711", "time": "2026-05-01T02:00:00Z",
                "zendesk_event_version": "2022-11-06", "detail": detail, "event": more.get("event", {})}
    comment = {"id": "31", "body": "Any news?", "is_public": True,
               "author": {"id": "55", "is_staff": False, "name": "Ada"}}
    yield "opened", "", ticket("ticket.created"), {}
    yield "opened as a complaint", "", ticket("ticket.created", detail={"tags": ["complaint"]}), {}
    yield "solved", "", ticket("ticket.status_changed", event={"current": "SOLVED", "previous": "OPEN"}), {}
    yield "reopened", "", ticket("ticket.status_changed", event={"current": "OPEN", "previous": "SOLVED"}), {}
    yield "pending", "", ticket("ticket.status_changed", event={"current": "PENDING", "previous": "OPEN"}), {}
    yield "comment of the customer", "", ticket("ticket.comment_added", event={"comment": comment}), {}
    yield "answer", "", ticket("ticket.comment_added", event={"comment": {
        **comment, "id": "32", "author": {"id": "77", "is_staff": True, "name": "Tom"}}}), {}
    yield "internal note", "", ticket("ticket.comment_added", event={"comment": {**comment, "is_public": False}}), {}
    user = ticket("user.created", detail={"id": "55", "email": "ada@example.org", "external_id": "u-9",
                                          "role": "end-user", "name": "Ada"})
    yield "user", "", user, {}
    yield "agent", "", ticket("user.created", detail={"id": "77", "role": "agent"}), {}
    yield "priority", "", ticket("ticket.priority_changed"), {}


def stripe():
    def event(kind, thing, **more):
        return {"id": "evt_" + kind.replace(".", "_"), "object": "event", "type": kind,
                "created": 1777600500, "livemode": True, "data": {"object": thing}, **more}
    charge = {"id": "ch_1", "object": "charge", "amount": 4599, "amount_refunded": 0, "currency": "eur",
              "created": 1777600000, "customer": "cus_1", "payment_intent": "pi_1", "refunded": False,
              "billing_details": {"email": "ada@example.org", "name": "Ada", "phone": None},
              "receipt_email": None, "metadata": {"order_id": "727", "user_id": "u-9"},
              "description": "Tea"}
    refund = {"id": "re_1", "object": "refund", "amount": 1000, "charge": "ch_1", "currency": "eur",
              "created": 1777600400, "payment_intent": "pi_1", "reason": "requested_by_customer",
              "status": "succeeded", "metadata": {}}
    dispute = {"id": "du_1", "object": "dispute", "amount": 4599, "charge": "ch_1", "currency": "eur",
               "created": 1777600450, "payment_intent": "pi_1", "reason": "product_not_received",
               "status": "needs_response"}
    yield "charge", "", event("charge.succeeded", charge), {}
    yield "charge in yen", "", event("charge.succeeded", {**charge, "id": "ch_2", "currency": "jpy",
                                                          "payment_intent": "pi_2"}), {}
    yield "charge for an order of the shop", "", event("charge.succeeded", charge), {"charges": "payment"}
    yield "refund", "", event("refund.created", refund), {}
    yield "refund inside of the charge", "", event("charge.refunded", {
        **charge, "amount_refunded": 1000, "refunds": {"data": [refund]}}), {}
    yield "refund that is not named", "", event("charge.refunded", {**charge, "amount_refunded": 1000}), {}
    yield "dispute", "", event("charge.dispute.created", dispute), {}
    yield "inquiry", "", event("charge.dispute.created", {
        **dispute, "id": "du_2", "status": "warning_needs_response"}), {}
    yield "dispute won", "", event("charge.dispute.closed", {**dispute, "status": "won"}), {}
    yield "customer", "", event("customer.created", {"id": "cus_1", "email": "ada@example.org",
                                                     "name": "Ada", "phone": None, "metadata": {}}), {}
    yield "subscription", "", event("customer.subscription.created", {
        "id": "sub_1", "customer": "cus_1", "created": 1777600000,
        "items": {"data": [{"price": {"id": "price_tea"}}]}}), {}
    yield "for trying out", "", event("charge.succeeded", charge, livemode=False), {}


def wecom():
    def change(kind, **more):
        return {"ToUserName": "wwcorp1", "FromUserName": "sys", "CreateTime": "1777600000",
                "MsgType": "event", "Event": "change_external_contact", "ChangeType": kind,
                "UserID": "zhang.san", "ExternalUserID": "wmAbC123", **more}
    settings = {"corp_id": "wwcorp1", "origins": "store_=store, ad_=advertisement, kol_ = endorsement"}
    yield "added in the store", "", change("add_external_contact", State="store_12", WelcomeCode="w1"), settings
    yield "brought by a friend", "", change("add_external_contact", State="ref_u-17"), settings
    yield "added without a channel", "", change("add_external_contact"), settings
    yield "asked", "", change("add_half_external_contact", State="ad_7"), settings
    yield "edited", "", change("edit_external_contact"), settings
    yield "removed by staff", "", change("del_external_contact", Source="DELETE_BY_TRANSFER"), settings
    yield "left", "", change("del_follow_user"), settings
    yield "transfer failed", "", change("transfer_fail", FailReason="customer_refused"), settings
    yield "archive allowed", "", change("msg_audit_approved", WelcomeCode="w2"), settings
    yield "group", "", {"FromUserName": "sys", "CreateTime": "1777600000", "Event": "change_external_chat",
                        "ChangeType": "update", "ChatId": "wr1"}, settings
    yield "nobody knows", "", change("new_thing"), settings


HEADERS = {"shopify": "x-shopify-topic", "woocommerce": "x-wc-webhook-topic"}


def main():
    for kind in (shopify, woocommerce, chatwoot, zendesk, stripe, wecom):
        name = kind.__name__
        with open(os.path.join(HERE, name + ".ndjson"), "w", encoding="utf-8") as file:
            for title, topic, body, settings in kind():
                headers = {HEADERS[name]: topic} if name in HEADERS else {}
                file.write(json.dumps({"title": title, "headers": headers, "settings": settings,
                                       "body": body}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
