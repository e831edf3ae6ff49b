#include "people/purchase_histories.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "people/test_brand.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

using test_brand::kFirstDay;

class PurchaseHistoriesTest : public ::testing::Test {
 protected:
  void SetUp() override { image_.refold(test_brand::model(), Day{kFirstDay + 400}, 1); }

  void happens(std::int32_t day, EventKind kind, std::int64_t amount_minor, std::uint32_t order = 0,
               std::uint8_t flags = 0, const std::string& who = "ada") {
    ++id_;
    CompactEvent::Fields fields = test_brand::on_day(day, kind, id_ * 7919);
    fields.amount_minor = amount_minor;
    fields.order_ref = order;
    fields.flags = flags;
    test_brand::add_line(image_, {who, "", fields}, static_cast<std::uint32_t>(id_));
  }
  std::vector<PurchaseDay> days(std::int32_t through) {
    const auto ada = image_.find({IdNamespace::user, "ada"}).value();
    const auto found = purchase_days_of(image_.timeline(ada), test_brand::model(),
                                        Day{kFirstDay + through}, memory_);
    return {found.begin(), found.end()};
  }
  std::vector<PersonPurchases> everyone(std::int32_t through, unsigned threads = 1) {
    return purchase_histories(image_, test_brand::model(), Day{kFirstDay + through}, threads);
  }
  static PurchaseDay bought(std::int32_t day, std::int64_t paid_minor) {
    return {Day{kFirstDay + day}, paid_minor, true};
  }

  Image image_{4};
  PurchaseMemory memory_;
  std::uint64_t id_ = 0;
};

TEST_F(PurchaseHistoriesTest, CountsDaysAndTakesTheDayAsFarAsItIsKnown) {
  happens(0, EventKind::order_completed, 1000, 1);
  happens(0, EventKind::order_completed, 500, 2);
  happens(10, EventKind::order_line, 700, 3);
  happens(10, EventKind::fee_charged, 50, 3);
  happens(40, EventKind::order_completed, 900, 4);
  EXPECT_EQ(days(10), (std::vector{bought(0, 1500), bought(10, 750)}));
  const std::vector<PersonPurchases> found = everyone(50);
  ASSERT_EQ(found.size(), 1U);
  const PurchaseHistory history = history_of(found[0], Day{kFirstDay + 50});
  EXPECT_EQ(history.repeat_purchases, 2U);
  EXPECT_EQ(history.recency_days, 40);
  EXPECT_EQ(history.age_days, 50);
  EXPECT_DOUBLE_EQ(history.log_interval_sum, std::log(10.0) + std::log(30.0));
  EXPECT_EQ(spend_of(found[0]).purchases, 2U);
  EXPECT_DOUBLE_EQ(spend_of(found[0]).mean_spend, 825);
  EXPECT_EQ(found[0].paid_minor, 3150);
  EXPECT_TRUE(everyone(-1).empty());
}

TEST_F(PurchaseHistoriesTest, AnOrderTakenBackWhollyIsNoneFromThatDayOn) {
  happens(0, EventKind::order_completed, 1000, 1);
  happens(10, EventKind::order_completed, 800, 2);
  happens(20, EventKind::order_completed, 600, 3);
  happens(25, EventKind::order_cancelled, 0, 2);
  happens(26, EventKind::order_refunded, -600, 3);
  EXPECT_EQ(days(24).size(), 3U);
  EXPECT_EQ(days(25), (std::vector{bought(0, 1000), bought(20, 600)}));
  EXPECT_EQ(days(26), std::vector{bought(0, 1000)});
}

TEST_F(PurchaseHistoriesTest, TakesReturnsOffTheOrderElseOffTheLatestBefore) {
  happens(0, EventKind::order_completed, 1000, 1);
  happens(10, EventKind::order_completed, 800, 2);
  happens(12, EventKind::order_refunded, -300, 1, kPartial);
  happens(13, EventKind::line_returned, -900);
  happens(20, EventKind::order_completed, 500, 3);
  EXPECT_EQ(days(30), (std::vector{bought(0, 600), bought(10, 0), bought(20, 500)}));
}

TEST_F(PurchaseHistoriesTest, MoneyOfAnotherCurrencyIsNotKnown) {
  happens(0, EventKind::order_completed, 1000, 1);
  happens(10, EventKind::order_completed, 800, 2, kForeignCurrency);
  happens(20, EventKind::order_completed, 0, 3);
  const PersonPurchases found = everyone(30).at(0);
  EXPECT_EQ(found.days, 3U);
  EXPECT_EQ(found.money_days, 1U);
  EXPECT_EQ(spend_of(found).purchases, 0U);
}

TEST_F(PurchaseHistoriesTest, LeavesOutWhoObjectsFromThatDayOn) {
  happens(0, EventKind::order_completed, 1000, 1);
  ++id_;
  CompactEvent::Fields objects = test_brand::on_day(5, EventKind::consent_withdrawn, id_ * 7919);
  objects.quantity = static_cast<std::int32_t>(Purpose::profiling);
  test_brand::add_line(image_, {"ada", "", objects}, static_cast<std::uint32_t>(id_));
  EXPECT_EQ(everyone(4).size(), 1U);
  EXPECT_TRUE(everyone(5).empty());
  EXPECT_TRUE(everyone(400).empty());
}

TEST_F(PurchaseHistoriesTest, ThreadsDoNotMatter) {
  std::uint32_t ordinal = 0;
  for (const test_brand::Line& line : test_brand::life(7, 3000, 12000, 300)) {
    test_brand::add_line(image_, line, ordinal++);
  }
  const std::vector<PersonPurchases> one = everyone(200, 1);
  EXPECT_GT(one.size(), 1000U);
  EXPECT_EQ(one, everyone(200, 3));
}

}  // namespace
}  // namespace guanxi
