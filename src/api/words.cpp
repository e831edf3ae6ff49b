#include "api/words.hpp"

#include <algorithm>
#include <array>

namespace guanxi::api {
namespace {

constexpr std::array<Word, kTiers> kTierWords{{{"none", "No relationship", "无关系"},
                                               {"micro", "Micro", "微关系"},
                                               {"weak", "Weak", "弱关系"},
                                               {"strong", "Strong", "强关系"},
                                               {"super_strong", "Super-strong", "超强关系"}}};

constexpr std::array<Word, kVelocities> kVelocityWords{{{"deepening", "Deepening", "加深"},
                                                        {"steady", "Steady", "平稳"},
                                                        {"drifting", "Drifting", "疏远"},
                                                        {"at_risk", "At risk", "危险"},
                                                        {"lost", "Lost", "流失"}}};

constexpr std::array<Word, kDimensions> kDimensionWords{{{"transaction", "Transaction", "交易"},
                                                         {"service", "Service", "服务"},
                                                         {"companionship", "Companionship", "陪伴"},
                                                         {"participation", "Participation", "参与"},
                                                         {"advocacy", "Advocacy", "推荐"},
                                                         {"knowledge", "Knowledge", "懂你"},
                                                         {"values", "Values", "价值观"}}};

constexpr std::array<Word, kFacts> kFactWords{
    {{"orders", "Completed orders, not wholly returned", "完成且未全退的订单"},
     {"order_days", "Days with an order", "有订单的天数"},
     {"repeat_occasions", "Occasions on which one product was bought", "同一商品的购买次数"},
     {"reachable", "A direct way to reach them", "可直接联系"},
     {"trust", "Trust", "信任"},
     {"depth", "Depth", "深度"},
     {"index", "Index", "关系指数"},
     {"transaction_depth", "Depth of transaction", "交易深度"},
     {"service_depth", "Depth of service", "服务深度"},
     {"companionship_depth", "Depth of companionship", "陪伴深度"},
     {"participation_depth", "Depth of participation", "参与深度"},
     {"advocacy_depth", "Depth of advocacy", "推荐深度"},
     {"knowledge_depth", "Depth of knowledge", "懂你深度"},
     {"values_depth", "Depth of shared values", "价值观深度"},
     {"staff_bond", "Days with one and the same member of staff", "与同一员工相处的天数"},
     {"devoted_share", "Share bought at full price or prepaid", "全价或预付购买的占比"},
     {"early_buys", "Products bought when they had just come out", "新品尝鲜次数"},
     {"referred_orders", "Orders of people they brought", "带来的人的订单数"},
     {"silence_days", "Days since the last order", "距上次下单的天数"},
     {"silence_rhythms", "Silence in multiples of their own rhythm", "沉默相当于自身节奏的倍数"}}};

constexpr std::array<Word, 3> kCauseWords{{{"evidence", "Evidence", "证据"},
                                           {"breach", "Breach of trust", "违约"},
                                           {"silence", "Silence", "沉默"}}};

constexpr std::array<Word, 8> kFlagWords{
    {{"full_price", "At full price", "全价"},
     {"prepaid", "Prepaid", "预付"},
     {"early", "Just come out", "新品"},
     {"by_customer", "Begun by the customer", "顾客主动"},
     {"derived", "Derived from another person's events", "由他人事件派生"},
     {"foreign_currency", "In another currency, not summed", "外币，不计入合计"},
     {"partial", "Part of the order", "部分"},
     {"reachable", "Shows a way to reach them", "可联系"}}};

constexpr std::array<Word, 36> kColumnWords{
    {{"id", "Person", "客户"},
     {"tier", "Tier", "层级"},
     {"velocity", "Velocity", "走向"},
     {"uncertainty", "Uncertainty", "不确定度"},
     {"orders", "Orders", "订单数"},
     {"spent", "Spent", "消费额"},
     {"first_seen", "First seen", "首次出现"},
     {"last_order", "Last order", "最近下单"},
     {"tier_since", "In this tier since", "进入本层"},
     {"silence_days", "Days of silence", "沉默天数"},
     {"tier_days", "Days in this tier", "本层天数"},
     {"silence_rhythms", "Silence in rhythms", "沉默节奏"},
     {"first_order", "First order", "首次下单"},
     {"average_order", "Average order", "客单价"},
     {"orders_returned", "Orders returned", "退货订单"},
     {"returned", "Money returned", "退货额"},
     {"lines", "Order lines", "订单行数"},
     {"staff_days", "Days with one of staff", "员工相处天数"},
     {"referred_orders", "Referred orders", "带来的订单"},
     {"reachable", "Reachable", "可联系"},
     {"events", "Events", "事件数"},
     {"early_buys", "Early buys", "新品尝鲜"},
     {"breach_day", "Last breach", "最近违约"},
     {"no_marketing", "Objects to marketing", "反对营销"},
     {"no_profiling", "Objects to profiling", "反对画像"},
     {"next_due", "Next due", "预计复购日"},
     {"p_alive", "Chance still a customer", "仍是顾客的概率"},
     {"expected_90", "Purchases in 90 days", "90 日预期购买"},
     {"expected_365", "Purchases in 365 days", "365 日预期购买"},
     {"own_value", "Own value", "自身价值"},
     {"fission_value", "Fission value", "裂变价值"},
     {"derived_value", "Derived value", "衍生价值"},
     {"value", "Value", "价值"},
     {"class", "Class", "客群"},
     {"grade", "Grade", "等级"},
     {"potential", "Potential", "潜力"}}};

bool is_depth_of_dimension(Fact fact) {
  return fact >= Fact::transaction_depth && fact <= Fact::values_depth;
}

std::vector<EventKind> kinds_feeding(Dimension dimension, const Model& model) {
  std::vector<EventKind> kinds;
  for (const EvidenceRule& rule : model.rules) {
    const bool derived =
        rule.kind == EventKind::referred_order || rule.kind == EventKind::referred_refund;
    const EventKind source = derived ? EventKind::referral_accepted : rule.kind;
    if (rule.dimension == dimension && rule.weight_16 > 0 &&
        std::find(kinds.begin(), kinds.end(), source) == kinds.end()) {
      kinds.push_back(source);
    }
  }
  return kinds;
}

}  // namespace

std::span<const Word> tier_words() { return kTierWords; }
std::span<const Word> velocity_words() { return kVelocityWords; }
std::span<const Word> dimension_words() { return kDimensionWords; }
std::span<const Word> fact_words() { return kFactWords; }
std::span<const Word> cause_words() { return kCauseWords; }
std::span<const Word> flag_words() { return kFlagWords; }

Word column_word(std::string_view name) {
  for (const std::span<const Word> words :
       {std::span<const Word>(kColumnWords), fact_words(), dimension_words()}) {
    for (const Word& word : words) {
      if (word.name == name) {
        return word;
      }
    }
  }
  return {};
}

std::string_view name_of(Cause cause) {
  return kCauseWords.at(static_cast<std::size_t>(cause)).name;
}

std::vector<EventKind> kinds_showing(Fact fact, const Model& model) {
  using K = EventKind;
  if (is_depth_of_dimension(fact)) {
    return kinds_feeding(
        static_cast<Dimension>(static_cast<int>(fact) - static_cast<int>(Fact::transaction_depth)),
        model);
  }
  if (fact == Fact::reachable) {
    return {K::contact_delivered, K::chat_started, K::consent_given};
  }
  if (fact == Fact::staff_bond) {
    return {K::staff_met, K::staff_assigned, K::service_delivered};
  }
  if (fact == Fact::devoted_share) {
    return {K::prepayment_made, K::order_line};
  }
  if (fact == Fact::early_buys) {
    return {K::order_line};
  }
  if (fact == Fact::referred_orders) {
    return {K::referral_accepted};
  }
  return {K::order_completed, K::order_line};
}

}  // namespace guanxi::api
