#include <gtest/gtest.h>

#include "people/test_brand.hpp"
#include "people/validation.hpp"
#include "relationship/stance.hpp"

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
  // Customers of different pace who leave after a purchase with a chance of their own.
  void live(std::uint32_t people) {
    Random random(3);
    for (std::uint32_t i = 0; i < people; ++i) {
      const auto pace = static_cast<std::uint32_t>(3000 + random.below(15'000));
      const auto leaves = static_cast<std::uint32_t>(random.below(20'000));
      std::int32_t day = static_cast<std::int32_t>(i % 40);
      ordered("one" + std::to_string(i), day, 500);
      while (!random.chance(leaves)) {
        do {
          ++day;
        } while (!random.chance(pace));
        if (day >= kStand + 30) {
          break;
        }
        ordered("one" + std::to_string(i), day,
                1000 + 100 * (i % 20) + static_cast<std::uint32_t>(day % 7));
      }
    }
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
  EXPECT_DOUBLE_EQ(spend, 5000);  // what they kept
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
  ASSERT_EQ(validation.judgements.size(), kForetellers);
  for (const Foreteller by : {Foreteller::index, Foreteller::frequency, Foreteller::recency,
                              Foreteller::rfm, Foreteller::bg_nbd}) {
    SCOPED_TRACE(name_of(by));
    const Judgement& judgement = validation.of(by);
    ASSERT_EQ(judgement.missing, "");
    EXPECT_GT(judgement.auc.value().value, 0.95);
    EXPECT_GT(judgement.spearman_spend.value(), 0.7);
  }
  std::uint64_t people = 0;
  for (const Decile& decile : validation.deciles) {
    people += decile.people;
  }
  EXPECT_EQ(people, 90U);
  EXPECT_EQ(validation.deciles.back().repeat_rate, 1);
  EXPECT_TRUE(validation.repeat_rate_rises);
}

TEST_F(ValidationDayTest, JudgesAmountsChancesAndWeeksAsTheyCame) {
  live(200);
  const Validation found = stand(30);
  EXPECT_EQ(found.people, 200U);
  std::uint64_t repeats = 0;
  for (const TrackedWeek& week : found.weeks) {
    repeats += week.from.number >= kFirstDay + kStand ? week.purchases : 0;
  }
  EXPECT_EQ(repeats, found.purchases);
  EXPECT_EQ(found.weeks.front().from.number, kFirstDay + kStand - 15 * 7);
  for (const Foreteller by : {Foreteller::rfm, Foreteller::bg_nbd, Foreteller::mbg_nbd,
                              Foreteller::mbg_cnbd_k, Foreteller::pareto_nbd}) {
    SCOPED_TRACE(name_of(by));
    const Judgement& judgement = found.of(by);
    ASSERT_EQ(judgement.missing, "");
    for (const Foretold what : {Foretold::purchases, Foretold::spend, Foretold::activity}) {
      const auto& judged = judgement.judged[static_cast<std::size_t>(what)];
      ASSERT_TRUE(judged.has_value()) << name_of(what);
      std::uint64_t people = 0;
      double actual = 0;
      for (const ForecastPart& part : judged->parts) {
        people += part.people;
        actual += static_cast<double>(part.people) * part.actual.value;
        EXPECT_LE(part.actual.least, part.actual.value);
        EXPECT_GE(part.actual.most, part.actual.value);
      }
      EXPECT_EQ(people, 200U);
      EXPECT_NEAR(actual, judged->errors.actual_sum, 1e-6);
      EXPECT_EQ(judgement.tenths[static_cast<std::size_t>(what)].size(), 200U);
    }
    EXPECT_DOUBLE_EQ(judgement.judged[1]->errors.actual_sum, static_cast<double>(found.purchases));
    EXPECT_DOUBLE_EQ(judgement.judged[2]->errors.actual_sum,
                     static_cast<double>(found.spend_minor));
    EXPECT_DOUBLE_EQ(judgement.buyers_caught.back().caught_share, 1);
  }
  // What is expected of the weeks before is what the models were fitted on: near it.
  double expected = 0;
  double came = 0;
  for (const TrackedWeek& week : found.weeks) {
    if (week.from.number < kFirstDay + kStand) {
      expected += week.expected[static_cast<std::size_t>(Foreteller::pareto_nbd)];
      came += static_cast<double>(week.purchases);
    }
  }
  EXPECT_NEAR(expected / came, 1, 0.1);
  const Day first_week = found.weeks.back().from;
  EXPECT_LE(buyers_of_week(image_, test_brand::model(), found.at, first_week).size(),
            found.weeks.back().purchases);
}

TEST_F(ValidationDayTest, LearnsNothingFromWhatCameAfterwards) {
  for (int i = 0; i < 60; ++i) {
    for (int day = i % 30; day < 40 + i; day += 5 + i % 9) {
      ordered("p" + std::to_string(i), day, 1000 + i);
    }
  }
  const Validation before = stand(30);
  for (int i = 0; i < 60; ++i) {
    ordered("p" + std::to_string(i), kStand + i % 30, 99'000);
  }
  const Validation after = stand(30);
  EXPECT_NE(before.purchases, after.purchases);
  for (std::size_t i = 0; i < kForetellers; ++i) {
    EXPECT_EQ(before.judgements[i].tenths, after.judgements[i].tenths);
    for (std::size_t what = 1; what < kForetold; ++what) {
      if (before.judgements[i].judged[what]) {
        EXPECT_EQ(before.judgements[i].judged[what]->errors.forecast_sum,
                  after.judgements[i].judged[what]->errors.forecast_sum);
      }
    }
  }
}

TEST_F(ValidationDayTest, EndsWhenItIsStopped) {
  ordered("ada", 5);
  const ValidationWork work{.stopped = [] { return true; }};
  EXPECT_EQ(
      bear_witness(image_, test_brand::model(), Day{kFirstDay + kStand}, 30, work).error().code,
      ErrorCode::conflict);
  const Testimony testimony =
      bear_witness(image_, test_brand::model(), Day{kFirstDay + kStand}, 30).value();
  EXPECT_EQ(judge(testimony, work).error().code, ErrorCode::conflict);
}

TEST_F(ValidationDayTest, LeavesOutWhoObjects) {
  ordered("ada", 5);
  ordered("bob", 5);
  CompactEvent::Fields objects = test_brand::on_day(6, EventKind::consent_withdrawn, 6);
  objects.quantity = static_cast<std::int32_t>(Purpose::profiling);
  test_brand::add_line(image_, {"bob", "", objects}, 999);
  image_.refold(test_brand::model(), Day{kFirstDay + 400}, 1);
  EXPECT_EQ(stand().people, 1U);
}

TEST_F(ValidationDayTest, RefusesWhenNobodyIsThere) {
  ordered("later", kStand);
  EXPECT_EQ(validate(image_, test_brand::model(), Day{kFirstDay + kStand}, 30).error().code,
            ErrorCode::invalid);
  EXPECT_FALSE(validate(image_, test_brand::model(), Day{kFirstDay + kStand + 5}, 0).has_value());
}

}  // namespace
}  // namespace guanxi
