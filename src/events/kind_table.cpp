#include "events/kind_table.hpp"

#include <array>

namespace guanxi {
namespace {

using enum PropertyType;

constexpr Property kOrderId{"order_id", id, Fills::order_id, false, "the order's number"};
constexpr Property kTheOrderId{"order_id", id, Fills::order_id, true, "the order's number"};
constexpr Property kProduct{"product_id sku product", id, Fills::subject, false,
                            "the product's number"};
constexpr Property kProductName{"name product_name title", text, Fills::title, false,
                                "the product's name"};
constexpr Property kAgent{"agent_id staff_id agent_username agent_name staff_name", id,
                          Fills::subject, false, "the member of staff"};
constexpr Property kTheAgent{"staff_id agent_id staff_name agent_name", id, Fills::subject, true,
                             "the member of staff"};
constexpr Property kTicket{"ticket_id case_id conversation_id", id, Fills::order_id, false,
                           "the ticket's number"};
constexpr Property kConversation{"conversation_id chat_id", id, Fills::order_id, false,
                                 "the conversation's number"};
constexpr Property kMessageText{"message_body text message", text, Fills::title, false,
                                "what was said"};
constexpr Property kCampaign{"campaign_id campaign_name email_id", id, Fills::subject, false,
                             "the campaign or mailing"};
constexpr Property kMailSubject{"email_subject subject link_url", text, Fills::title, false,
                                "the mail's subject line, or the link"};
constexpr Property kMinutes{"minutes duration_minutes", minutes, Fills::quantity, false,
                            "how long, in minutes"};
constexpr Property kSeconds{"duration_s duration_seconds duration conversation_duration", seconds,
                            Fills::quantity, false, "how long, in seconds"};
constexpr Property kReason{"reason cancel_reason", text, Fills::title, false, "why"};
constexpr Property kWords{"title text body description comment subject", text, Fills::title, false,
                          "what they said"};
constexpr Property kUnits{"quantity", whole, Fills::quantity, false, "units; 1 when absent"};
constexpr Property kMoneyBack{"total amount refund value", money, Fills::amount, false,
                              "money given back; kept below zero; unknown is 0"};

constexpr std::array kOrderProperties = {
    kTheOrderId,
    Property{"total revenue value amount", money, Fills::amount, false,
             "what was paid; the lines' sum is taken off, so that nothing counts twice"},
    Property{"products items", products, Fills::nothing, false, "one order_line for each product"},
    Property{"discount", money, Fills::nothing, false, "0 without a coupon means full price"},
    Property{"coupon", text, Fills::nothing, false, "a coupon means not at full price"},
    Property{"promised_at", moment, Fills::nothing, false, "until when it should arrive"}};
constexpr std::array kLineProperties = {
    kOrderId,
    kProduct,
    kProductName,
    Property{"total amount", money, Fills::amount, false, "of the line; else price x quantity"},
    Property{"price unit_price", money, Fills::nothing, false, "of one unit"},
    kUnits};
constexpr std::array kUpdateProperties = {kTheOrderId};
constexpr std::array kCancelProperties = {kTheOrderId, kMoneyBack, kReason};
constexpr std::array kRefundProperties = {
    kTheOrderId,
    kMoneyBack,
    Property{"products items", products, Fills::nothing, false,
             "one line_returned for each product; means part of the order"},
    Property{"order_total", money, Fills::nothing, false, "a total below it means part of it"},
    Property{"partial", truth, Fills::nothing, false, "part of the order"},
    kReason};
constexpr std::array kReturnProperties = {
    kOrderId,
    kProduct,
    kProductName,
    kMoneyBack,
    Property{"price unit_price", money, Fills::nothing, false, "of one unit"},
    kUnits};
constexpr std::array kDisputeProperties = {kOrderId, kMoneyBack, kReason};
constexpr std::array kPrepayProperties = {
    kOrderId, Property{"amount total value", money, Fills::amount, false, "what was paid ahead"}};
constexpr std::array kSubscriptionProperties = {
    Property{"subscription_id order_id", id, Fills::order_id, false, "the subscription's number"},
    Property{"plan plan_id product_id", id, Fills::subject, false, "what is subscribed to"},
    Property{"amount total price value revenue", money, Fills::amount, false,
             "paid for this period"},
    Property{"plan_name name", text, Fills::title, false, "the plan's name"}};
constexpr std::array kSubscriptionEndProperties = {
    Property{"subscription_id order_id", id, Fills::order_id, false, "the subscription's number"},
    Property{"plan plan_id product_id", id, Fills::subject, false, "what was subscribed to"},
    kReason};
constexpr std::array kFeeProperties = {
    kOrderId, Property{"amount total value", money, Fills::amount, false, "what was charged"},
    Property{"name title", text, Fills::title, false, "what for"}};
constexpr std::array kCouponProperties = {
    kOrderId, Property{"coupon_id coupon", id, Fills::subject, false, "the coupon"},
    Property{"coupon_name", text, Fills::title, false, "its name"},
    Property{"discount", money, Fills::nothing, false, "what it took off"}};
constexpr std::array kVisitProperties = {
    Property{"path url $current_url name", text, Fills::subject, false, "the page or screen"},
    Property{"title", text, Fills::title, false, "its title"}, kMinutes, kSeconds};
constexpr std::array kStoreProperties = {
    Property{"store_id store", id, Fills::subject, false, "the store"}, kMinutes, kSeconds};
constexpr std::array kProductProperties = {
    kProduct, kProductName, Property{"quantity", whole, Fills::quantity, false, "units"},
    Property{"price", money, Fills::nothing, false, "of one unit; not spent yet"}};
constexpr std::array kSearchProperties = {
    Property{"query", text, Fills::title, false, "what they looked for"}};
constexpr std::array kCheckoutProperties = {
    Property{"order_id checkout_id cart_id", id, Fills::order_id, false, "the order to be"},
    Property{"value revenue total", money, Fills::nothing, false, "not spent yet"}};
constexpr std::array kContactProperties = {kCampaign, kMailSubject};
constexpr std::array kChatProperties = {kAgent, kConversation, kMessageText, kMinutes, kSeconds};
constexpr std::array kTicketProperties = {
    kTicket, Property{"product_id category topic", id, Fills::subject, false, "what it is about"},
    kWords};
constexpr std::array kSolvedProperties = {
    kTicket, kAgent, kMinutes, kSeconds,
    Property{"promised_at", moment, Fills::nothing, false,
             "until when it should be solved: a promise kept or broken besides"}};
constexpr std::array kComplaintProperties = {
    Property{"complaint_id ticket_id order_id", id, Fills::order_id, false, "its number"},
    Property{"product_id category topic", id, Fills::subject, false, "what it is about"}, kWords};
constexpr std::array kPromiseProperties = {
    Property{"promise_id order_id ticket_id", id, Fills::order_id, false, "what was promised for"},
    Property{"promise kind", id, Fills::subject, false, "what kind of promise"}, kWords,
    Property{"promised_at due_at", moment, Fills::nothing, false, "until when"}};
constexpr std::array kServiceProperties = {
    kAgent,
    Property{"service_id order_id", id, Fills::order_id, false, "the service's number"},
    Property{"service name title", text, Fills::title, false, "what was done"},
    kMinutes,
    kSeconds,
    Property{"promised_at", moment, Fills::nothing, false,
             "until when: a promise kept or broken besides"}};
constexpr std::array kIncidentProperties = {
    Property{"incident_id order_id", id, Fills::order_id, false, "its number"},
    Property{"product_id", id, Fills::subject, false, "the product"}, kWords};
constexpr std::array kReviewProperties = {
    kProduct, kOrderId,
    Property{"rating stars", stars, Fills::quantity, true, "1 to 5; with rating_max: 0 to that"},
    Property{"review_body review_title title text body", text, Fills::title, false,
             "what they wrote"}};
constexpr std::array kScoreProperties = {
    Property{"survey_id survey", id, Fills::subject, false, "the survey"},
    Property{"score rating value", score, Fills::quantity, true,
             "0 to 10 (NPS); 1 to 5 for CSAT names; with score_max: 0 to that"},
    kWords};
constexpr std::array kShareProperties = {
    kProduct, Property{"share_message name", text, Fills::title, false, "what they wrote"},
    Property{"recipient", recipient, Fills::nothing, false, "whom they told"}};
constexpr std::array kReferralProperties = {
    Property{"referrer_id referrer referred_by inviter_id referrer_email", id, Fills::subject, true,
             "who brought them: \"u-1\", \"user:u-1\", \"email:a@b.example\""},
    Property{"recipient", recipient, Fills::nothing, false, "the newcomer's own address"}};
constexpr std::array kAttendProperties = {
    Property{"event_id event_name name", id, Fills::subject, false, "the event"},
    Property{"event_name name title", text, Fills::title, false, "its name"},
    Property{"in_person", truth, Fills::nothing, false, "they came in person"}, kMinutes, kSeconds};
constexpr std::array kPostProperties = {
    Property{"community_id group_id topic channel", id, Fills::subject, false, "where"}, kWords};
constexpr std::array kIdeaProperties = {
    Property{"idea_id product_id topic", id, Fills::subject, false, "the idea, or what about"},
    kWords};
constexpr std::array kTestProperties = {
    Property{"test_id product_id", id, Fills::subject, false, "the test or product"}, kWords};
constexpr std::array kRoleProperties = {
    Property{"role", id, Fills::subject, false, "moderator, ambassador, ..."}, kWords};
constexpr std::array kPreferenceProperties = {
    Property{"preference topic category", id, Fills::subject, false, "what about"},
    Property{"value text", text, Fills::title, false, "what they prefer"}};
constexpr std::array kSuggestionProperties = {
    Property{"suggestion_id product_id", id, Fills::subject, false, "what was suggested"}, kWords};
constexpr std::array kWrongProperties = {
    Property{"campaign_id channel", id, Fills::subject, false, "which contact"}, kReason};
constexpr std::array kValueProperties = {
    Property{"value cause topic", id, Fills::subject, false, "which value"},
    Property{"agrees", truth, Fills::nothing, false, "of a Value Signal; false is a conflict"},
    kWords};
constexpr std::array kStaffProperties = {
    kTheAgent, Property{"staff_name agent_name name", text, Fills::title, false, "their name"},
    kMinutes, kSeconds};
constexpr std::array kIdentifyProperties = {
    Property{"origin", origin, Fills::origin, false,
             "brand, product, endorsement, friend_referral, open_rating, advertisement, store"},
    Property{"name", text, Fills::title, false, "the person's name"}};
constexpr std::array kConsentProperties = {
    Property{"purpose channel category", id, Fills::subject, false, "to what"}};
constexpr std::array kStockProperties = {
    kProduct, kProductName, kUnits,
    Property{"amount total", money, Fills::amount, false, "as the books have it"}};
constexpr std::array<Property, 0> kNoProperties{};

using K = EventKind;

constexpr std::array<KindEntry, kEventKinds> kTable = {{
    {K::unknown, "Unknown", "未知事件", "A name that Guanxi does not know: kept, counted, shown.",
     "nothing", kNoProperties},
    {K::order_completed, "Order Completed", "订单完成", "They bought.",
     "transaction; orders, order_days, silence_days, silence_rhythms, devoted_share",
     kOrderProperties},
    {K::order_line, "Order Line", "订单明细", "One product of an order.",
     "transaction; repeat_occasions, devoted_share, early_buys", kLineProperties},
    {K::order_updated, "Order Updated", "订单更新", "An order was changed; money stays as it was.",
     "nothing", kUpdateProperties},
    {K::order_cancelled, "Order Cancelled", "订单取消", "An order was called off.",
     "transaction; takes from orders", kCancelProperties, true},
    {K::order_refunded, "Order Refunded", "订单退款",
     "Money was given back for an order, or part of it.", "transaction; takes from orders",
     kRefundProperties, true},
    {K::line_returned, "Line Returned", "商品退回", "One product was given back.",
     "transaction; takes from orders", kReturnProperties, true},
    {K::payment_disputed, "Payment Disputed", "支付争议", "They asked their bank for the money.",
     "transaction, service", kDisputeProperties, true},
    {K::prepayment_made, "Prepayment Made", "预付", "They paid ahead.", "transaction",
     kPrepayProperties},
    {K::subscription_started, "Subscription Started", "开始订阅", "They subscribed.", "transaction",
     kSubscriptionProperties},
    {K::subscription_renewed, "Subscription Renewed", "续订", "They stayed subscribed.",
     "transaction", kSubscriptionProperties},
    {K::subscription_cancelled, "Subscription Cancelled", "取消订阅", "They ended it.",
     "transaction", kSubscriptionEndProperties},
    {K::fee_charged, "Fee Charged", "收取费用", "Postage, bank charge: money without a product.",
     "nothing", kFeeProperties},
    {K::coupon_applied, "Coupon Applied", "使用优惠券", "They used a coupon.",
     "transaction; devoted_share", kCouponProperties},
    {K::visit, "Visit", "访问", "They looked at a page, screen or list.", "companionship",
     kVisitProperties},
    {K::store_visited, "Store Visited", "到店", "They came to the store.", "companionship",
     kStoreProperties, false, true},
    {K::product_viewed, "Product Viewed", "浏览商品", "They looked at a product.", "companionship",
     kProductProperties},
    {K::product_added, "Product Added", "加入购物车", "They put a product into the cart.",
     "companionship", kProductProperties},
    {K::product_removed, "Product Removed", "移出购物车", "They took it out of the cart.",
     "companionship", kProductProperties},
    {K::wishlist_added, "Product Added to Wishlist", "加入心愿单", "They want it some day.",
     "companionship", kProductProperties},
    {K::products_searched, "Products Searched", "搜索商品", "They searched.", "companionship",
     kSearchProperties},
    {K::checkout_started, "Checkout Started", "开始结算", "They went to the till.", "companionship",
     kCheckoutProperties},
    {K::contact_delivered, "Contact Delivered", "触达", "The brand wrote to them and it arrived.",
     "companionship; reachable", kContactProperties, false, false, true},
    {K::contact_opened, "Contact Opened", "打开", "They opened what the brand wrote.",
     "companionship; reachable", kContactProperties, false, false, true},
    {K::contact_clicked, "Contact Clicked", "点击", "They followed a link in it.",
     "companionship; reachable", kContactProperties, false, false, true},
    {K::contact_bounced, "Contact Bounced", "退信", "It did not arrive.", "knowledge",
     kContactProperties},
    {K::marked_as_spam, "Marked as Spam", "标记为垃圾邮件", "They called it spam.", "companionship",
     kContactProperties},
    {K::unsubscribed, "Unsubscribed", "退订", "They asked not to be written to.", "companionship",
     kContactProperties},
    {K::chat_started, "Chat Started", "开始会话", "They began a conversation.",
     "companionship; reachable", kChatProperties, false, true, true},
    {K::message_received, "Message Received", "客户消息", "A message from the customer.",
     "companionship; reachable", kChatProperties, false, true, true},
    {K::message_sent, "Message Sent", "员工消息", "A message from a member of staff.",
     "companionship; reachable", kChatProperties, false, false, true},
    {K::chat_ended, "Chat Ended", "结束会话", "The conversation ended.", "companionship",
     kChatProperties},
    {K::ticket_opened, "Ticket Opened", "提交工单", "They asked for help.", "service",
     kTicketProperties, false, true, true},
    {K::ticket_solved, "Ticket Solved", "工单解决", "They were helped.", "service",
     kSolvedProperties},
    {K::complaint_raised, "Complaint Raised", "投诉", "They complained.", "service",
     kComplaintProperties, false, true},
    {K::promise_made, "Promise Made", "作出承诺", "The brand gave its word.", "service",
     kPromiseProperties},
    {K::promise_kept, "Promise Kept", "兑现承诺", "The brand kept its word.", "service; trust",
     kPromiseProperties},
    {K::promise_broken, "Promise Broken", "违背承诺", "The brand broke its word.", "service; trust",
     kPromiseProperties},
    {K::service_delivered, "Service Delivered", "完成服务", "Something was done for them.",
     "service", kServiceProperties},
    {K::safety_incident, "Safety Incident", "安全事故",
     "Harm done, data leaked, counterfeit sold: a breach.", "service; trust", kIncidentProperties},
    {K::review_posted, "Review Posted", "发表评价", "They rated a product or the brand.",
     "participation, advocacy; trust", kReviewProperties, false, true},
    {K::score_answered, "Score Answered", "回答评分", "They answered NPS or CSAT.",
     "advocacy; trust", kScoreProperties, false, true},
    {K::product_shared, "Product Shared", "分享商品", "They told somebody about it.", "advocacy",
     kShareProperties, false, true},
    {K::referral_accepted, "Referral Accepted", "接受推荐",
     "A newcomer came because somebody brought them; on the newcomer's timeline.",
     "advocacy of whoever brought them; initial trust of the newcomer", kReferralProperties},
    {K::referred_order, "Referred Order", "推荐成交",
     "Somebody they brought bought; made by Guanxi on the referrer's timeline.",
     "advocacy; referred_orders", kNoProperties, false, false, false, true},
    {K::referred_refund, "Referred Refund", "推荐退款", "That order was taken back.",
     "advocacy; takes from referred_orders", kNoProperties, true, false, false, true},
    {K::event_attended, "Event Attended", "参加活动", "They came to an event.", "participation",
     kAttendProperties},
    {K::community_posted, "Community Posted", "社区发帖", "They wrote in the community.",
     "participation", kPostProperties, false, true},
    {K::idea_submitted, "Idea Submitted", "提交建议", "They gave an idea.", "participation",
     kIdeaProperties, false, true},
    {K::test_joined, "Test Joined", "参与测试", "They tried something out for the brand.",
     "participation", kTestProperties, false, true},
    {K::role_taken, "Role Taken", "担任角色", "They took on a role.", "participation",
     kRoleProperties, false, true},
    {K::preference_stated, "Preference Stated", "表明偏好", "They said what they like.",
     "knowledge", kPreferenceProperties, false, true},
    {K::suggestion_taken, "Suggestion Taken", "采纳推荐", "They took what was suggested.",
     "knowledge", kSuggestionProperties},
    {K::suggestion_refused, "Suggestion Refused", "拒绝推荐", "They did not want it.", "knowledge",
     kSuggestionProperties},
    {K::wrong_contact, "Wrong Contact", "误触达", "The wrong thing, person or moment.", "knowledge",
     kWrongProperties},
    {K::value_affirmed, "Value Affirmed", "认同价值观", "They stand for the same.", "values",
     kValueProperties, false, true},
    {K::values_conflict, "Values Conflict", "价值观冲突", "They stand against it.", "values; trust",
     kValueProperties},
    {K::cause_joined, "Cause Joined", "参与公益", "They joined a cause of the brand.", "values",
     kValueProperties, false, true},
    {K::staff_assigned, "Staff Assigned", "分配专员", "Somebody looks after them.",
     "companionship; staff_bond", kStaffProperties},
    {K::staff_met, "Staff Met", "会见专员", "A talk or service with a named member of staff.",
     "companionship; staff_bond", kStaffProperties},
    {K::identified, "Identified", "身份信息", "Who they are and how to reach them.",
     "reachable; initial trust", kIdentifyProperties},
    {K::consent_given, "Consent Given", "同意授权", "They allowed something.", "knowledge",
     kConsentProperties, false, true},
    {K::consent_withdrawn, "Consent Withdrawn", "撤回授权", "They took it back.", "companionship",
     kConsentProperties, false, true},
    {K::stock_adjusted, "Stock Adjusted", "库存调整",
     "A row of the shop's books that is nobody's deed.", "nothing", kStockProperties},
}};

constexpr std::string_view kShop = "Segment e-commerce v2";
constexpr std::string_view kMail = "Segment e-mail";
constexpr std::string_view kChat = "Segment live chat";
constexpr std::string_view kSegment = "Segment mobile and B2B";
constexpr std::string_view kOwn = "Guanxi";
constexpr std::string_view kPostHog = "PostHog";

constexpr auto kAliases = std::to_array<Alias>({
    {"Product List Viewed", K::visit, kShop},
    {"Product List Filtered", K::visit, kShop},
    {"Promotion Viewed", K::visit, kShop},
    {"Promotion Clicked", K::visit, kShop},
    {"Product Clicked", K::product_viewed, kShop},
    {"Cart Viewed", K::visit, kShop},
    {"Checkout Step Viewed", K::visit, kShop},
    {"Checkout Step Completed", K::visit, kShop},
    {"Payment Info Entered", K::visit, kShop},
    {"Coupon Entered", K::visit, kShop},
    {"Coupon Denied", K::visit, kShop},
    {"Coupon Removed", K::visit, kShop},
    {"Product Removed from Wishlist", K::visit, kShop},
    {"Wishlist Product Added to Cart", K::product_added, kShop},
    {"Cart Shared", K::product_shared, kShop},
    {"Product Reviewed", K::review_posted, kShop},
    {"Email Delivered", K::contact_delivered, kMail},
    {"Email Opened", K::contact_opened, kMail},
    {"Email Link Clicked", K::contact_clicked, kMail},
    {"Email Bounced", K::contact_bounced, kMail},
    {"Email Marked as Spam", K::marked_as_spam, kMail},
    {"Live Chat Conversation Started", K::chat_started, kChat},
    {"Live Chat Conversation Ended", K::chat_ended, kChat},
    {"Live Chat Message Sent", K::message_received, kChat},
    {"Live Chat Message Received", K::message_sent, kChat},
    {"Application Opened", K::visit, kSegment},
    {"Push Notification Received", K::contact_delivered, kSegment},
    {"Push Notification Tapped", K::contact_clicked, kSegment},
    {"Push Notification Bounced", K::contact_bounced, kSegment},
    {"Signed Up", K::identified, kSegment},
    {"Account Created", K::identified, kSegment},
    {"Signed In", K::visit, kSegment},
    {"$pageview", K::visit, kPostHog},
    {"$screen", K::visit, kPostHog},
    {"Order Canceled", K::order_cancelled, kOwn},
    {"Order Paid", K::order_completed, kOwn},
    {"Order Placed", K::order_completed, kOwn},
    {"Product Purchased", K::order_line, kOwn},
    {"Product Ordered", K::order_line, kOwn},
    {"Product Returned", K::line_returned, kOwn},
    {"Item Returned", K::line_returned, kOwn},
    {"Chargeback", K::payment_disputed, kOwn},
    {"Dispute Created", K::payment_disputed, kOwn},
    {"Deposit Paid", K::prepayment_made, kOwn},
    {"Balance Topped Up", K::prepayment_made, kOwn},
    {"Subscription Created", K::subscription_started, kOwn},
    {"Subscription Canceled", K::subscription_cancelled, kOwn},
    {"Page Viewed", K::visit, kOwn},
    {"Screen Viewed", K::visit, kOwn},
    {"Site Visited", K::visit, kOwn},
    {"Session Started", K::visit, kOwn},
    {"SMS Delivered", K::contact_delivered, kOwn},
    {"SMS Link Clicked", K::contact_clicked, kOwn},
    {"Email Unsubscribed", K::unsubscribed, kMail},
    {"Ticket Created", K::ticket_opened, kOwn},
    {"Ticket Closed", K::ticket_solved, kOwn},
    {"Ticket Resolved", K::ticket_solved, kOwn},
    {"Order Delivered", K::service_delivered, kOwn, NameReading::delivery},
    {"Shipment Delivered", K::service_delivered, kOwn, NameReading::delivery},
    {"NPS Answered", K::score_answered, kOwn},
    {"NPS Submitted", K::score_answered, kOwn},
    {"CSAT Answered", K::score_answered, kOwn, NameReading::stars_score},
    {"CSAT Submitted", K::score_answered, kOwn, NameReading::stars_score},
    {"Invite Accepted", K::referral_accepted, kOwn},
    {"Invitation Accepted", K::referral_accepted, kOwn},
    {"Value Signal", K::value_affirmed, kOwn, NameReading::value_signal},
    {"Consent Revoked", K::consent_withdrawn, kOwn},
});

}  // namespace

std::span<const KindEntry> kind_table() { return kTable; }

const KindEntry& entry_of(EventKind kind) { return kTable.at(static_cast<std::size_t>(kind)); }

std::span<const Alias> alias_table() { return kAliases; }

std::string_view title_of(EventKind kind, Language language) {
  const KindEntry& entry = entry_of(kind);
  return language == Language::zh ? entry.title_zh : entry.title;
}

}  // namespace guanxi
