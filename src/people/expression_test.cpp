#include "people/expression.hpp"

#include <gtest/gtest.h>

#include "people/survey.hpp"
#include "people/test_brand.hpp"

namespace guanxi {
namespace {

constexpr Day kLast{test_brand::kFirstDay + 400};

class ExpressionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto lines = test_brand::life(21, 300, 6000, 380);
    for (std::uint32_t i = 0; i < lines.size(); ++i) {
      (void)test_brand::add_line(image_, lines[i], i);
    }
    for (std::uint64_t i = 0; i < 5; ++i) {
      const test_brand::Line visit{"looks-" + std::to_string(i), "",
                                   test_brand::on_day(9, EventKind::visit, i)};
      (void)test_brand::add_line(image_, visit, 0);
    }
    image_.refold(test_brand::model(), kLast, 2);
  }

  // People for whom `meets` holds, told from shown figures alone.
  template <typename Meets>
  std::uint64_t told(Meets&& meets) const {
    std::uint64_t count = 0;
    for (std::uint32_t number = 0; number < image_.people(); ++number) {
      count += meets(image_.ref_of(number)) ? 1U : 0U;
    }
    return count;
  }
  std::uint64_t counted(std::string_view text) const {
    const auto expression = Expression::parse(text);
    EXPECT_TRUE(expression) << (expression ? "" : expression.error().message);
    return expression ? count(image_, *expression, 2) : 0;
  }
  std::int64_t value(std::string_view column, PersonRef person) const {
    return column_value(image_, column_named(column), person);
  }
  static std::string error(std::string_view text) {
    const auto expression = Expression::parse(text);
    return expression ? "" : expression.error().message;
  }

  Image image_{4};
};

TEST_F(ExpressionTest, ComparesEveryKindOfColumn) {
  EXPECT_EQ(counted(""), image_.people());
  EXPECT_EQ(counted("tier >= weak"),
            told([&](PersonRef p) { return image_.state(p).tier >= Tier::weak; }));
  EXPECT_GT(counted("tier >= weak"), 0U);
  EXPECT_EQ(counted("index > 12.5"), told([&](PersonRef p) { return value("index", p) > 12500; }));
  EXPECT_EQ(counted("spent >= 100"), told([&](PersonRef p) { return value("spent", p) >= 10000; }));
  EXPECT_EQ(counted("orders between 2 and 4"), told([&](PersonRef p) {
              return image_.state(p).orders >= 2 && image_.state(p).orders <= 4;
            }));
  EXPECT_EQ(counted("last_order >= 2012-01-01"), told([&](PersonRef p) {
              return image_.state(p).last_order_day >= Day{days_from_civil(2012, 1, 1)};
            }));
  EXPECT_EQ(counted("velocity in (at_risk, lost)"), told([&](PersonRef p) {
              return value("velocity", p) >= static_cast<int>(Velocity::at_risk);
            }));
  EXPECT_EQ(counted("events > 20"), told([&](PersonRef p) { return image_.state(p).events > 20; }));
  EXPECT_EQ(counted("reachable"),
            told([&](PersonRef p) { return image_.state(p).reachable != 0; }));
  EXPECT_EQ(counted("participation_depth > 0.1"),
            told([&](PersonRef p) { return value("participation_depth", p) > 1000; }));
}

TEST_F(ExpressionTest, EveryOperatorSplitsEveryColumnWithoutRest) {
  for (const ColumnInfo& info : people_columns()) {
    if (info.type != ColumnType::number && info.type != ColumnType::money) {
      continue;
    }
    const std::string name(info.name);
    for (const std::string bound : {"0", "1", "2.5", "0.125", "17", "-3", "1000000000000"}) {
      const std::uint64_t known = counted(name + " is not none");
      EXPECT_EQ(counted(name + " < " + bound) + counted(name + " >= " + bound), known) << name;
      EXPECT_EQ(counted(name + " <= " + bound) + counted(name + " > " + bound), known) << name;
      EXPECT_EQ(counted(name + " = " + bound) + counted(name + " != " + bound), known) << name;
      EXPECT_EQ(counted(name + " < " + bound) + counted(name + " = " + bound),
                counted(name + " <= " + bound))
          << name;
    }
  }
}

TEST_F(ExpressionTest, AMissingValueMeetsNoComparison) {
  const std::uint64_t never = counted("last_order is none");
  EXPECT_EQ(never, told([&](PersonRef p) { return image_.state(p).orders == 0; }));
  EXPECT_GT(never, 0U);
  EXPECT_EQ(counted("silence_days >= 0"), image_.people() - never);
  EXPECT_EQ(counted("silence_days != 7"), image_.people() - never - counted("silence_days = 7"));
  EXPECT_EQ(counted("not silence_days >= 0"), never);
  EXPECT_EQ(counted("silence_days < 30"), counted("last_order > 2012-01-31"));
}

TEST_F(ExpressionTest, ConditionsJoinWithAndOrNotAndBrackets) {
  EXPECT_EQ(counted("tier = micro or tier = weak and orders > 5"),
            counted("tier = micro or (tier = weak and orders > 5)"));
  EXPECT_EQ(counted("not (tier = micro or tier = weak)"),
            counted("tier != micro and tier != weak"));
  EXPECT_EQ(counted("tier >= strong and index > 10 and (silence_days < 90 or velocity = at_risk) "
                    "and not id contains \"7\""),
            told([&](PersonRef p) {
              return image_.state(p).tier >= Tier::strong && value("index", p) > 10000 &&
                     ((value("silence_days", p) != kNoValue && value("silence_days", p) < 90) ||
                      value("velocity", p) == static_cast<int>(Velocity::at_risk)) &&
                     image_.id_text(p).find('7') == std::string::npos;
            }));
}

TEST_F(ExpressionTest, IdsAreFoundByPartStartAndWhole) {
  EXPECT_EQ(counted("id = \"u-7\""), 1U);
  EXPECT_EQ(counted("id = 'user:u-7'"), 1U);
  EXPECT_EQ(counted("id != 'u-7'"), image_.people() - 1);
  EXPECT_EQ(counted("id in (\"u-7\", \"u-8\", \"nobody\")"), 2U);
  EXPECT_EQ(counted("id starts_with \"U-7\""),
            told([&](PersonRef p) { return image_.id_text(p).starts_with("user:u-7"); }));
  EXPECT_EQ(counted("id contains 'user:u-29'"),
            told([&](PersonRef p) { return image_.id_text(p).starts_with("user:u-29"); }));
}

TEST_F(ExpressionTest, WhatIsWrongIsSaidWithItsPlaceAndTheValidNames) {
  EXPECT_NE(error("indx > 3").find("column 1: there is no column \"indx\"; columns are id, tier"),
            std::string::npos);
  EXPECT_NE(error("tier >= strongest")
                .find("column 9: there is no tier \"strongest\"; tiers are "
                      "none, micro, weak, strong, super_strong"),
            std::string::npos);
  EXPECT_NE(error("index > 3 orders > 2").find("column 11"), std::string::npos);
  EXPECT_NE(error("(index > 3").find("column 11: a ) is missing"), std::string::npos);
  EXPECT_NE(error("velocity > lost").find("has no order"), std::string::npos);
  EXPECT_NE(error("last_order > 2011-02-30").find("column 14"), std::string::npos);
  EXPECT_NE(error("id contains \"x").find("no closing quote"), std::string::npos);
  EXPECT_NE(error("index > 3; drop table people").find("column 10"), std::string::npos);
  EXPECT_NE(error("index >").find("a number is missing"), std::string::npos);
  EXPECT_NE(error("index").find("after a column comes"), std::string::npos);
  EXPECT_NE(error(std::string(5000, '(') + "index > 3").find("inside"), std::string::npos);
  std::string nots;
  for (int i = 0; i < 3000; ++i) {
    nots += "not ";
  }
  EXPECT_NE(error(nots + "reachable").find("inside"), std::string::npos);
  EXPECT_NE(error(std::string(20000, ' ') + "reachable").find("at most"), std::string::npos);
}

TEST_F(ExpressionTest, TextsOfValuesReadAsTheyAreWritten) {
  const PersonRef person = image_.find(parse_external_id("u-7")).value();
  EXPECT_EQ(column_text(image_, column_named("id"), person), "user:u-7");
  EXPECT_EQ(column_text(image_, column_named("tier"), person), name_of(image_.state(person).tier));
  EXPECT_EQ(column_text(image_, column_named("last_order"), person),
            to_string(image_.state(person).last_order_day));
  EXPECT_EQ(
      column_text(image_, column_named("breach_day"), person),
      image_.state(person).breach_day == kNoDay ? "" : to_string(image_.state(person).breach_day));
}

}  // namespace
}  // namespace guanxi
