#include "people/people_values.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "people/expression.hpp"
#include "people/survey.hpp"
#include "people/test_brand.hpp"

namespace guanxi {
namespace {

using test_brand::kFirstDay;

constexpr std::int32_t kToday = 400;

const Model& retail() {
  static const Model kModel = Model::parse(std::string(test_brand::model().source) + R"(
[value]
second_degree_share = 0.25
[value.tariff]
review_posted = 0.1
idea_submitted = 0.5
)")
                                  .value();
  return kModel;
}

class PeopleValuesTest : public ::testing::Test {
 protected:
  void SetUp() override { image_.refold(retail(), Day{kFirstDay + kToday}, 1); }

  void happens(const std::string& who, std::int32_t day, EventKind kind, std::int64_t amount = 0,
               const std::string& subject = "") {
    ++id_;
    CompactEvent::Fields fields = test_brand::on_day(day, kind, id_ * 7919);
    fields.amount_minor = amount;
    fields.order_ref = kind == EventKind::order_completed ? static_cast<std::uint32_t>(id_) : 0;
    test_brand::add_line(image_, {who, subject, fields}, static_cast<std::uint32_t>(id_));
  }
  void buys(const std::string& who, std::int32_t first, std::int32_t gap, std::int32_t last,
            std::int64_t amount) {
    for (std::int32_t day = first; day <= last; day += gap) {
      happens(who, day, EventKind::order_completed, amount + day);
    }
  }
  // Forty people of different rhythms and purses, half of them silent for long.
  void fill() {
    for (int i = 0; i < 40; ++i) {
      const std::string who = "p" + std::to_string(i);
      buys(who, i % 30, 9 + i % 13 * 3, i % 2 == 0 ? kToday - i % 20 : 60 + i * 3, 1000 + 150 * i);
    }
    for (int i = 0; i < 20; ++i) {
      buys("once" + std::to_string(i), 5 * i, 1000, 5 * i, 2000);
    }
  }
  PersonRef ref(const std::string& who) { return *image_.find({IdNamespace::user, who}); }
  PurchaseFit fit() {
    return fit_purchases(purchase_histories(image_, retail(), image_.as_of()), image_.as_of(), {})
        .value();
  }
  void value(unsigned threads = 1) {
    fit_ = fit();
    image_.show_values(values_of_everyone(image_, retail(), fit_, 7, threads));
  }
  std::int64_t column(const std::string& who, std::string_view name) {
    return column_value(image_, column_named(name), ref(who));
  }

  Image image_{4};
  PurchaseFit fit_;
  std::uint64_t id_ = 0;
};

TEST_F(PeopleValuesTest, ListAndPageSayTheSame) {
  fill();
  happens("p3", 390, EventKind::review_posted);
  happens("p3", 391, EventKind::idea_submitted);
  happens("p3", 20, EventKind::idea_submitted);
  value();
  ASSERT_TRUE(fit_.spending) << fit_.spending_refused;
  for (const std::string who : {"p3", "p4", "once2"}) {
    const PersonValue one = value_of(image_, retail(), ref(who), &fit_);
    EXPECT_EQ(column(who, "p_alive"), std::lround(one.alive * 10000)) << who;
    EXPECT_EQ(column(who, "expected_90"), std::lround(one.next_90 * 1000)) << who;
    EXPECT_EQ(column(who, "expected_365"), std::lround(one.next_365 * 1000)) << who;
    EXPECT_EQ(column(who, "own_value"), std::llround(one.own.mean)) << who;
    EXPECT_EQ(column(who, "derived_value"), std::llround(one.derived_minor)) << who;
    EXPECT_LE(one.own.least, one.own.mean);
    EXPECT_GE(one.own.most, one.own.least);
    EXPECT_NEAR(one.own.mean, one.horizon_purchases * one.discount_left * one.expected_spend_minor,
                1e-6);
  }
  EXPECT_EQ(value_of(image_, retail(), ref("p3"), &fit_).given.size(), 2U);
  EXPECT_EQ(column("p3", "derived_value"), 1200) << "0.1 and 0.5 of 20.00; the old idea no more";
  EXPECT_GT(column("p4", "p_alive"), column("p5", "p_alive")) << "who is silent is likelier gone";
}

TEST_F(PeopleValuesTest, FissionIsOneDegreeWholeTheSecondByShareAndNoMore) {
  fill();
  happens("p2", 3, EventKind::referral_accepted, 0, "user:p0");
  happens("p4", 4, EventKind::referral_accepted, 0, "user:p2");
  happens("p6", 5, EventKind::referral_accepted, 0, "user:p4");
  happens("p0", 6, EventKind::referral_accepted, 0, "user:p6");
  value();
  const std::int64_t expected = column("p2", "own_value") +
                                std::llround(0.25 * static_cast<double>(column("p4", "own_value")));
  EXPECT_NEAR(static_cast<double>(column("p0", "fission_value")), static_cast<double>(expected), 1);
  EXPECT_EQ(column("p8", "fission_value"), 0);
  const PersonValue one = value_of(image_, retail(), ref("p0"), &fit_);
  ASSERT_EQ(one.brought.size(), 2U);
  EXPECT_EQ(one.brought[0].person, ref("p2"));
  EXPECT_EQ(one.brought[1].through, ref("p2"));
  EXPECT_NEAR(one.fission_minor, static_cast<double>(expected), 1);
  EXPECT_LT(one.fission_interval.least, one.fission_minor);
  EXPECT_GT(one.fission_interval.most, one.fission_minor);
}

TEST_F(PeopleValuesTest, WhatIsNotKnownIsNotZero) {
  fill();
  happens("looker", 50, EventKind::visit);
  happens("objects", 10, EventKind::order_completed, 3000);
  ++id_;
  CompactEvent::Fields objects = test_brand::on_day(20, EventKind::consent_withdrawn, id_ * 7919);
  objects.quantity = static_cast<std::int32_t>(Purpose::profiling);
  test_brand::add_line(image_, {"objects", "", objects}, static_cast<std::uint32_t>(id_));
  EXPECT_EQ(column("p3", "p_alive"), kNoValue) << "nothing was fitted yet";
  EXPECT_EQ(value_of(image_, retail(), ref("p3"), nullptr).why_no_own, NotYet::no_fit);
  value();
  EXPECT_EQ(column("looker", "own_value"), kNoValue);
  EXPECT_EQ(column("looker", "value"), kNoValue);
  EXPECT_EQ(column("objects", "p_alive"), kNoValue);
  EXPECT_EQ(column("objects", "derived_value"), kNoValue);
  EXPECT_EQ(value_of(image_, retail(), ref("looker"), &fit_).why_no_own, NotYet::never_bought);
  const PersonValue blank = value_of(image_, retail(), ref("objects"), &fit_);
  EXPECT_EQ(blank.why_no_own, NotYet::objects);
  EXPECT_EQ(blank.why_no_fission, NotYet::objects);
  EXPECT_EQ(value_of(image_, test_brand::model(), ref("p3"), &fit_).why_no_derived,
            NotYet::no_tariff);
  happens("newcomer", kToday, EventKind::order_completed, 3000);
  EXPECT_EQ(column("newcomer", "p_alive"), kNoValue) << "who comes later waits for the next day";
}

TEST_F(PeopleValuesTest, CanBeAskedForAndSortedBy) {
  fill();
  value();
  Selection selection;
  selection.where = Expression::parse("p_alive > 0.5 and own_value > 10").value();
  selection.sort_column = column_named("value");
  selection.descending = true;
  const Page page = select(image_, selection);
  ASSERT_GT(page.people.size(), 3U);
  for (std::size_t i = 1; i < page.people.size(); ++i) {
    EXPECT_GE(column_value(image_, selection.sort_column, page.people[i - 1]),
              column_value(image_, selection.sort_column, page.people[i]));
  }
  EXPECT_EQ(count(image_, Expression::parse("p_alive is none").value()), 0U);
}

TEST_F(PeopleValuesTest, ThreadsDoNotMatterAndRowsFollowTheirPeople) {
  fill();
  value(1);
  const std::vector<std::int64_t> one = image_.values()->own_minor;
  const double variance = image_.values()->own_variance_of_people;
  value(3);
  EXPECT_EQ(one, image_.values()->own_minor);
  EXPECT_EQ(variance, image_.values()->own_variance_of_people);
  const std::int64_t of_p9 = column("p9", "own_value");
  const std::int64_t of_last = column("once19", "own_value");
  image_.erase(ref("p1"));
  EXPECT_EQ(column("p9", "own_value"), of_p9);
  EXPECT_EQ(column("once19", "own_value"), of_last);
  happens("fresh", 3, EventKind::order_completed, 100);
  EXPECT_EQ(column("fresh", "own_value"), kNoValue);
}

TEST_F(PeopleValuesTest, SumsAgreeWithThePeople) {
  fill();
  happens("looker", 50, EventKind::visit);
  value();
  const ValueSummary summary = summarise(image_);
  double own = 0;
  for (std::uint32_t number = 0; number < image_.people(); ++number) {
    const std::int64_t part = image_.values()->own_minor[number];
    own += part == kNoValue ? 0 : static_cast<double>(part);
  }
  EXPECT_DOUBLE_EQ(summary.all.own_minor, own);
  EXPECT_EQ(summary.all.people, 61U);
  EXPECT_EQ(summary.all.valued, 60U);
  EXPECT_LT(summary.own_interval.least, own);
  EXPECT_GT(summary.own_interval.most, own);
  std::uint64_t people = 0;
  for (const ValueSums& tier : summary.tiers) {
    people += tier.people;
  }
  EXPECT_EQ(people, 61U);
  std::uint64_t customers = 0;
  for (const ValueSummary::Cohort& cohort : summary.cohorts) {
    customers += cohort.sums.customers;
  }
  EXPECT_EQ(customers, 60U);
  EXPECT_EQ(summary.cohorts.front().year, 2011);
  EXPECT_EQ(summary.cohorts.front().quarter, 1U);
  ASSERT_EQ(summary.lorenz.size(), 101U);
  EXPECT_GT(summary.lorenz[20], 0.2);
  EXPECT_GT(summary.gini, 0);
}

// The figures are beside the fold: nothing of it moves when they come.
TEST_F(PeopleValuesTest, TheFoldKnowsNothingOfThem) {
  fill();
  const Digest before = digest(image_, retail(), image_.as_of());
  value();
  EXPECT_EQ(digest(image_, retail(), image_.as_of()), before);
}

TEST(ValueRules, AreReadWithLineAndColumn) {
  const auto parse = [](const std::string& value) {
    return Model::parse(test_brand::model().source + value);
  };
  const Model plain = parse("").value();
  EXPECT_EQ(plain.value.horizon_days, 365U);
  EXPECT_FALSE(plain.value.priced);
  const Model priced =
      parse("\n[value]\nhorizon_days = 730\n[value.tariff]\nvisit = 0.001\n").value();
  EXPECT_EQ(priced.value.horizon_days, 730U);
  EXPECT_EQ(priced.value.tariff_micros[static_cast<std::size_t>(EventKind::visit)], 1000U);
  const std::string wrong = parse("\n[value.tariff]\nvisits = 1\n").error().message;
  EXPECT_NE(wrong.find("line "), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("visits"), std::string::npos) << wrong;
  EXPECT_FALSE(parse("\n[value]\nsecond_degree_share = 1.5\n"));
  EXPECT_FALSE(parse("\n[value]\nthird_degree_share = 0.1\n"));
}

}  // namespace
}  // namespace guanxi
