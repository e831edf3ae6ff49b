#include <gtest/gtest.h>

#include "people/test_brand.hpp"
#include "people/validation.hpp"

namespace guanxi {
namespace {

using test_brand::kFirstDay;

constexpr std::int32_t kStand = 100;  ///< days after kFirstDay where the tests stand

class ValidationDayTest : public ::testing::Test {
 protected:
  void happened(const std::string& who, std::int32_t day, EventKind kind,
                std::int64_t amount_minor) {
    ++id_;
    CompactEvent::Fields fields = test_brand::on_day(day, kind, id_ * 7919);
    fields.amount_minor = amount_minor;
    fields.order_ref = static_cast<std::uint32_t>(id_);
    test_brand::add_line(image_, {who, "", fields}, static_cast<std::uint32_t>(id_));
  }
  void ordered(const std::string& who, std::int32_t day, std::int64_t amount_minor = 5000) {
    happened(who, day, EventKind::order_completed, amount_minor);
  }
  Validation stand(std::uint32_t horizon_days = 30) {
    return validate(image_, test_brand::model(), Day{kFirstDay + kStand}, horizon_days).value();
  }
  void SetUp() override { image_.refold(test_brand::model(), Day{kFirstDay}, 1); }

  Image image_{4};
  std::uint64_t id_ = 0;
};

TEST_F(ValidationDayTest, KnowsWhatCameBeforeTheDayAndLooksFromItOn) {
  ordered("before", kStand - 1);
  ordered("that day", kStand);
  ordered("returns", kStand - 40);
  ordered("returns", kStand);
  ordered("last day", kStand - 40);
  ordered("last day", kStand + 29);
  ordered("too late", kStand - 40);
  ordered("too late", kStand + 30);
  const Validation validation = stand(30);
  EXPECT_EQ(validation.people, 4U);
  EXPECT_EQ(validation.buyers, 2U);
  EXPECT_DOUBLE_EQ(validation.repeat_rate, 0.5);
}

TEST_F(ValidationDayTest, CountsFeesAndGiftsAsOrdersAndReturnsNot) {
  happened("postage", 50, EventKind::fee_charged, 500);
  happened("voucher", 50, EventKind::fee_charged, -500);
  happened("only returns", 50, EventKind::line_returned, -900);
  ordered("gift", 50, 0);
  ordered("gift", kStand, 0);
  EXPECT_EQ(stand().people, 2U);
  EXPECT_EQ(stand().buyers, 1U);
}

TEST_F(ValidationDayTest, SumsWhatEachTierDoesAfterwards) {
  ordered("spends", 99);
  ordered("spends", kStand + 1, 6000);
  happened("spends", kStand + 2, EventKind::order_completed, -200);  // a discount on the whole
  happened("spends", kStand + 3, EventKind::line_returned, -1000);
  ordered("rests", 99);
  const Validation validation = stand();
  ASSERT_EQ(validation.tiers.size(), std::size_t{kTiers});
  std::uint64_t people = 0;
  double spend = 0;
  double refunded = 0;
  for (const TierOutcome& tier : validation.tiers) {
    people += tier.people;
    spend += tier.mean_spend_minor * static_cast<double>(tier.people);
    refunded += tier.mean_refunded_minor * static_cast<double>(tier.people);
  }
  EXPECT_EQ(people, 2U);
  EXPECT_DOUBLE_EQ(spend, 5800);
  EXPECT_DOUBLE_EQ(refunded, 1000);
}

// Customers who came lately and often come again here; every predictor must see it.
TEST_F(ValidationDayTest, RanksThoseWhoComeAgainAboveThoseWhoDoNot) {
  for (int i = 0; i < 30; ++i) {
    const std::string loyal = "loyal" + std::to_string(i);
    for (int day = 10 + i % 7; day < kStand + 20; day += 12) {
      ordered(loyal, day, 4000 + 100 * i);
    }
    ordered("passing" + std::to_string(i), i, 3000 + 100 * i);
    for (int day = i % 5; day < 20 + i; day += 12) {
      ordered("left" + std::to_string(i), day, 4000 + 100 * i);
    }
  }
  const Validation validation = stand();
  EXPECT_EQ(validation.people, 90U);
  EXPECT_EQ(validation.buyers, 30U);
  EXPECT_EQ(validation.bg_nbd_note, "");
  ASSERT_EQ(validation.predictors.size(), 5U);
  for (const Predictor& predictor : validation.predictors) {
    EXPECT_GT(predictor.auc_buys_again.value(), 0.95) << predictor.name;
    EXPECT_GT(predictor.spearman_spend.value(), 0.7) << predictor.name;
  }
  std::uint64_t people = 0;
  for (const Decile& decile : validation.deciles) {
    people += decile.people;
  }
  EXPECT_EQ(people, 90U);
  EXPECT_EQ(validation.deciles.back().repeat_rate, 1);
  EXPECT_TRUE(validation.repeat_rate_rises);
}

TEST_F(ValidationDayTest, RefusesWhenNobodyIsThere) {
  ordered("later", kStand);
  EXPECT_EQ(validate(image_, test_brand::model(), Day{kFirstDay + kStand}, 30).error().code,
            ErrorCode::invalid);
  EXPECT_FALSE(validate(image_, test_brand::model(), Day{kFirstDay + kStand + 5}, 0).has_value());
}

}  // namespace
}  // namespace guanxi
