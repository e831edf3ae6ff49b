#include "simulation/catalogue.hpp"

#include <array>

namespace guanxi {
namespace {

constexpr auto kProducts = std::to_array<Product>({
    {"TEA-001", "Jasmine Pearls 100 g 茉莉龙珠", 8800, 0},
    {"TEA-002", "West Lake Longjing 50 g 西湖龙井", 16800, 0},
    {"TEA-003", "White Peony 100 g 白牡丹", 12800, 0},
    {"TEA-004", "Aged Pu'er Cake 357 g 陈年普洱茶饼", 29800, 0},
    {"TEA-005", "Osmanthus Oolong 80 g 桂花乌龙", 7800, 0},
    {"TEA-006", "Smoky Lapsang 80 g 正山小种", 9800, 0},
    {"TEA-007", "Tieguanyin, Spring Picking 125 g 铁观音春茶", 15800, 210},
    {"TEA-008", "Chrysanthemum 40 g 胎菊", 3900, 0},
    {"TEA-009", "Everyday Green 200 g 口粮绿茶", 4900, 0},
    {"TEA-010", "Everyday Black 200 g 口粮红茶", 4900, 0},
    {"TEA-011", "Big Red Robe 50 g 大红袍", 19800, 0},
    {"TEA-012", "Tangerine Pu'er, Box of 8 小青柑", 10800, 340},
    {"CUP-001", "Celadon Cup 青瓷杯", 12800, 0},
    {"CUP-002", "Gaiwan, Thin White 白瓷盖碗", 16800, 0},
    {"CUP-003", "Glass Cup with Strainer 玻璃泡茶杯", 6900, 0},
    {"POT-001", "Yixing Pot 宜兴紫砂壶", 68000, 0},
    {"POT-002", "Travel Set for Two 旅行茶具", 23800, 120},
    {"POT-003", "Cast Iron Kettle 铸铁壶", 39800, 0},
    {"TRY-001", "Bamboo Tray 竹茶盘", 18800, 0},
    {"TRY-002", "Linen Tea Cloth 亚麻茶巾", 3500, 0},
    {"SNK-001", "Pine Nut Cakes 松子糕", 3200, 0},
    {"SNK-002", "Green Bean Cakes 绿豆糕", 2800, 0},
    {"SNK-003", "Candied Hawthorn 山楂糕", 2200, 60},
    {"BOX-001", "Mid-Autumn Gift Box 中秋礼盒", 36800, 330},
    {"BOX-002", "Spring Festival Gift Box 新春礼盒", 45800, 290},
    {"BOX-003", "Taster of Six 六味品鉴装", 9900, 0},
    {"INC-001", "Agarwood Incense 沉香线香", 15800, 0},
    {"INC-002", "Sandalwood Incense 檀香线香", 9800, 0},
    {"CAN-001", "Stone Tea Caddy 石纹茶罐", 13800, 450},
    {"CAN-002", "Tin for the Road 便携锡罐", 8800, 0},
    {"BRW-001", "Cold Brew Bottle 冷萃瓶", 11800, 500},
    {"BRW-002", "Cold Brew Bags, 20 冷泡茶包", 5900, 500},
    {"TEA-013", "Wild Mountain White 野生白茶", 32800, 620},
    {"TEA-014", "Honey Orchid Dancong 蜜兰香单丛", 17800, 560},
    {"TEA-015", "Keemun, First Grade 祁门红茶特级", 13800, 0},
    {"BOK-001", "A Year of Tea (book) 茶事一年", 6800, 700},
    {"TEA-016", "Ginger and Date 姜枣茶", 4500, 0},
    {"TEA-017", "Rose Buds 玫瑰花茶", 4200, 0},
    {"CUP-004", "Anniversary Cup, Numbered 周年纪念杯", 26800, 780},
    {"TEA-018", "First Flush 2024 明前头采", 38800, 730},
});

constexpr auto kStaff = std::to_array<Topic>({
    {"staff-01", "Lin Yue 林悦"},
    {"staff-02", "Zhou Wei 周薇"},
    {"staff-03", "Chen Mo 陈墨"},
    {"staff-04", "Emma Hart 艾玛"},
    {"staff-05", "Wang Qing 王青"},
    {"staff-06", "Daniel Okafor 丹尼尔"},
    {"staff-07", "Gu Xiaoman 顾小满"},
    {"staff-08", "Sofia Lind 索菲亚"},
    {"staff-09", "He Shan 何山"},
    {"staff-10", "Xu Ruo 许若"},
    {"staff-11", "Marta Silva 玛尔塔"},
    {"staff-12", "Tang Ning 唐宁"},
});

constexpr auto kPages = std::to_array<Topic>({{"/", "Home 首页"},
                                              {"/new", "New this month 本月新品"},
                                              {"/stories", "Stories from the hills 山里的故事"},
                                              {"/brewing", "How to brew 冲泡方法"},
                                              {"/offers", "Offers 优惠"},
                                              {"/account", "Your orders 我的订单"}});
constexpr auto kStores = std::to_array<Topic>({{"store-hz", "Hangzhou, by the lake 杭州湖畔店"},
                                               {"store-sh", "Shanghai, Wukang Road 上海武康路店"},
                                               {"store-ld", "London, Seven Dials 伦敦店"}});
constexpr auto kSearches = std::to_array<Topic>({{"", "gift 礼物"},
                                                 {"", "longjing 龙井"},
                                                 {"", "gaiwan 盖碗"},
                                                 {"", "less caffeine 低咖啡因"}});
constexpr auto kCampaigns = std::to_array<Topic>({
    {"campaign-spring", "First flush is in 明前茶到了"},
    {"campaign-qingming", "Before the rain 雨前"},
    {"campaign-summer", "Cold brew season 冷泡的季节"},
    {"campaign-moon", "Under the moon 月下"},
    {"campaign-1111", "One day, fair prices 一日，实价"},
    {"campaign-newyear", "A box for the family 年礼"},
    {"campaign-stories", "A letter from the hills 山里来信"},
    {"campaign-birthday", "A cup on your birthday 生日这杯"},
});
constexpr auto kCoupons = std::to_array<Topic>({{"coupon-welcome", "Welcome, 10 % 新客九折"},
                                                {"coupon-season", "Season, 20 off 换季减二十"},
                                                {"coupon-birthday", "Birthday, 15 % 生日八五折"}});
constexpr auto kMessages =
    std::to_array<Topic>({{"", "Which tea for the evening? 晚上喝什么茶好？"},
                          {"", "How hot should the water be? 水温多少合适？"},
                          {"", "When will it arrive? 什么时候到？"},
                          {"", "Can you wrap it? 可以包装吗？"}});
constexpr auto kAnswers =
    std::to_array<Topic>({{"", "White peony, five minutes. 白牡丹，泡五分钟。"},
                          {"", "Eighty degrees will do. 八十度就好。"},
                          {"", "It is on its way. 已经在路上了。"},
                          {"", "With pleasure. 当然可以。"}});
constexpr auto kTickets =
    std::to_array<Topic>({{"delivery", "The parcel is late 包裹晚到"},
                          {"damage", "A cup came broken 杯子碎了"},
                          {"invoice", "I need an invoice 需要发票"},
                          {"taste", "Tastes unlike last time 味道和上次不同"}});
constexpr auto kPromises =
    std::to_array<Topic>({{"delivery", "Delivered by the day named 按期送达"},
                          {"freshness", "This year's picking 当季新茶"},
                          {"reply", "An answer within a day 一日内回复"}});
constexpr auto kServices = std::to_array<Topic>(
    {{"", "Tea tasting 品茶"}, {"", "Pot mended 紫砂修补"}, {"", "Cup engraved 刻字"}});
constexpr auto kIncidents = std::to_array<Topic>({{"TEA-009", "Foreign matter in a batch 批次异物"},
                                                  {"POT-003", "Kettle handle came off 壶把脱落"}});
constexpr auto kSurveys = std::to_array<Topic>({{"nps-half-year", ""}, {"nps-after-order", ""}});
constexpr auto kEvents = std::to_array<Topic>({{"evt-picking", "A day of picking 采茶日"},
                                               {"evt-tasting", "Blind tasting 盲品会"},
                                               {"evt-kiln", "Opening the kiln 开窑"},
                                               {"evt-reading", "Reading by the stove 围炉读书"}});
constexpr auto kPosts = std::to_array<Topic>({{"brewing", "My way with gaiwan 我的盖碗泡法"},
                                              {"mountains", "Photographs from Wuyi 武夷照片"},
                                              {"cups", "Cups on my table 我桌上的杯子"}});
constexpr auto kIdeas =
    std::to_array<Topic>({{"idea-refill", "Refill tins in the shop 到店补茶"},
                          {"idea-small", "Smaller bags 小袋装"},
                          {"idea-bilingual", "Cards in two languages 双语茶卡"}});
constexpr auto kTests = std::to_array<Topic>({{"test-coldbrew", "Cold brew, first batch 冷萃首批"},
                                              {"test-caddy", "Stone caddy 石纹罐试用"}});
constexpr auto kRoles = std::to_array<Topic>({{"moderator", "Keeps the brewing corner 冲泡版主"},
                                              {"ambassador", "Hosts tastings at home 家庭品鉴主"}});
constexpr auto kPreferences =
    std::to_array<Topic>({{"taste", "light and floral 清淡花香"},
                          {"taste", "dark and aged 醇厚陈香"},
                          {"time", "write in the evening 晚上联系"},
                          {"channel", "letters, no calls 只写信不打电话"}});
constexpr auto kWrongs = std::to_array<Topic>({{"campaign-1111", "Wrote at night 深夜打扰"},
                                               {"campaign-birthday", "Not my birthday 生日不对"}});
constexpr auto kValues = std::to_array<Topic>({{"fair-pay", "Pickers paid by the day 采茶工日薪"},
                                               {"no-plastic", "Paper, no plastic 无塑包装"},
                                               {"craft", "Made by hand 手工制作"}});
constexpr auto kConflicts =
    std::to_array<Topic>({{"fair-pay", "Pickers were paid late 拖欠采茶工资"},
                          {"advert", "That advertisement 那则广告"}});
constexpr auto kCauses = std::to_array<Topic>(
    {{"trees", "Old trees adopted 古树认养"}, {"school", "The mountain school 山村小学"}});
constexpr auto kConsents = std::to_array<Topic>({{"email", ""}, {"sms", ""}, {"profiling", ""}});
constexpr auto kPlans = std::to_array<Topic>({{"plan-monthly", "A tin every month 每月一罐"},
                                              {"plan-season", "Each season's picking 四季茶"}});
constexpr auto kFees = std::to_array<Topic>({{"", "Gift wrapping 礼品包装"}, {"", "Postage 邮费"}});
constexpr auto kReasons = std::to_array<Topic>({{"", "Ordered twice 重复下单"},
                                                {"", "Not as pictured 与图片不符"},
                                                {"", "Changed their mind 改变主意"}});
constexpr auto kShares = std::to_array<Topic>(
    {{"", "You should try this 你一定要试试"}, {"", "My cup these days 最近在喝"}});

using Words = std::array<std::string_view, 3>;
constexpr std::array<Words, 5> kReviews = {{
    {"Came late and broken. 又晚又碎。", "Not what was promised. 货不对板。",
     "Never again. 不会再买。"},
    {"Weaker than last year. 不如去年。", "Box was dented. 盒子压坏了。",
     "Dear for what it is. 性价比低。"},
    {"It is all right. 还可以。", "Fine for every day. 日常喝可以。", "Average. 一般。"},
    {"Good, will come back. 不错，会回购。", "Clean taste. 口感干净。",
     "Nicely packed. 包装用心。"},
    {"The best I have had. 喝过最好的。", "My mother loved it. 妈妈很喜欢。",
     "Every spring, again. 每年春天都买。"},
}};

}  // namespace

std::span<const Product> products() { return kProducts; }
std::span<const Topic> staff() { return kStaff; }
std::span<const std::string_view> review_words(std::uint32_t stars) {
  return kReviews.at(stars - 1);
}

namespace {

using K = EventKind;

struct KindTopics {
  EventKind kind;
  std::span<const Topic> topics;
};
constexpr auto kTopics = std::to_array<KindTopics>({
    {K::visit, kPages},
    {K::store_visited, kStores},
    {K::products_searched, kSearches},
    {K::contact_delivered, kCampaigns},
    {K::contact_opened, kCampaigns},
    {K::contact_clicked, kCampaigns},
    {K::contact_bounced, kCampaigns},
    {K::marked_as_spam, kCampaigns},
    {K::unsubscribed, kCampaigns},
    {K::consent_given, kConsents},
    {K::consent_withdrawn, kConsents},
    {K::subscription_started, kPlans},
    {K::subscription_renewed, kPlans},
    {K::subscription_cancelled, kPlans},
    {K::coupon_applied, kCoupons},
    {K::fee_charged, kFees},
    {K::order_cancelled, kReasons},
    {K::order_refunded, kReasons},
    {K::payment_disputed, kReasons},
    {K::message_received, kMessages},
    {K::message_sent, kAnswers},
    {K::ticket_opened, kTickets},
    {K::complaint_raised, kTickets},
    {K::promise_made, kPromises},
    {K::promise_kept, kPromises},
    {K::promise_broken, kPromises},
    {K::service_delivered, kServices},
    {K::safety_incident, kIncidents},
    {K::score_answered, kSurveys},
    {K::product_shared, kShares},
    {K::event_attended, kEvents},
    {K::community_posted, kPosts},
    {K::idea_submitted, kIdeas},
    {K::test_joined, kTests},
    {K::role_taken, kRoles},
    {K::preference_stated, kPreferences},
    {K::wrong_contact, kWrongs},
    {K::value_affirmed, kValues},
    {K::values_conflict, kConflicts},
    {K::cause_joined, kCauses},
});

constexpr std::array<std::span<const Topic>, kEventKinds> topics_by_kind() {
  std::array<std::span<const Topic>, kEventKinds> table{};
  for (const KindTopics& entry : kTopics) {
    table[static_cast<std::size_t>(entry.kind)] = entry.topics;
  }
  return table;
}
constexpr auto kTopicsByKind = topics_by_kind();

}  // namespace

std::span<const Topic> topics_of(EventKind kind) {
  return kTopicsByKind[static_cast<std::size_t>(kind)];
}

}  // namespace guanxi
