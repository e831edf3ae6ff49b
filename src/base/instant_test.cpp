#include "base/instant.hpp"

#include <gtest/gtest.h>

#include <string>

namespace guanxi {
namespace {

std::int64_t seconds_of(std::string_view text) {
  const auto parsed = parse_instant(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? parsed->instant.seconds : -1;
}

TEST(Day, TextAndNumberAgreeOnEveryDayOfTwoCenturies) {
  int number = 0;
  std::string before;
  for (; number < 49'711; ++number) {
    const std::string text = to_string(Day{number});
    ASSERT_LT(before, text);
    const auto day = parse_day(text);
    ASSERT_TRUE(day) << text;
    ASSERT_EQ(day->number, number);
    before = text;
  }
  EXPECT_EQ(before, "2106-02-07");
}

TEST(Day, KnowsLeapYears) {
  EXPECT_EQ(parse_day("1970-01-01")->number, 0);
  EXPECT_EQ(parse_day("2000-02-29")->number, 11016);
  EXPECT_EQ(parse_day("2024-02-29")->number + 1, parse_day("2024-03-01")->number);
  EXPECT_EQ(days_from_civil(1969, 12, 31), -1);
  EXPECT_EQ(to_string(Day{-1}), "1969-12-31");
  for (const char* text : {"2023-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
                           "2026-4-1", "26-04-01", "2026-04-01 ", "2026/04/01", "", "today"}) {
    EXPECT_FALSE(parse_day(text)) << text;
  }
}

TEST(Instant, ReadsTheFormsOfIso8601) {
  EXPECT_EQ(seconds_of("2026-05-01T01:46:40Z"), 1777600000);
  EXPECT_EQ(seconds_of("2026-05-01t01:46:40z"), 1777600000);
  EXPECT_EQ(seconds_of("2026-05-01T09:46:40+08:00"), 1777600000);
  EXPECT_EQ(seconds_of("2026-05-01T09:46:40+0800"), 1777600000);
  EXPECT_EQ(seconds_of("2026-04-30T22:16:40.999-03:30"), 1777600000);
  EXPECT_EQ(seconds_of("2026-05-01 01:46:40"), 1777600000);
  EXPECT_EQ(seconds_of("2026-05-01T01:46"), 1777599960);
  EXPECT_EQ(seconds_of("2026-05-01"), 1777593600);
  EXPECT_EQ(seconds_of("2016-12-31T23:59:60Z"), 1483228799);  // a leap second
  EXPECT_EQ(seconds_of("2106-02-07T06:28:15Z"), 4294967295);
  EXPECT_FALSE(parse_instant("2026-05-01")->had_time);
  EXPECT_FALSE(parse_instant("2026-05-01T01:46:40")->had_zone);
  EXPECT_TRUE(parse_instant("2026-05-01T01:46:40Z")->had_zone);
}

TEST(Instant, RefusesWhatIsNoMoment) {
  for (const char* text :
       {"", "2026-05-01T", "2026-05-01T25:00:00Z", "2026-05-01T12:60:00Z", "2026-05-01T12:00:61Z",
        "2026-05-01T12:00:00+19:00", "2026-05-01T12:00:00.Z", "2026-05-01T12:00:00Zx",
        "2026-02-29T00:00:00Z", "1969-12-31T23:59:59Z", "2106-02-07T06:28:16Z",
        "9999-12-31T00:00:00Z", "1970-01-01T00:00:00+00:01"}) {
    const auto parsed = parse_instant(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
    EXPECT_NE(parsed.error().message.find("valid: "), std::string::npos);
  }
}

TEST(Instant, WritesWhatItReads) {
  for (const std::int64_t seconds : {0LL, 1LL, 951782400LL, 1777600000LL, 4294967295LL}) {
    EXPECT_EQ(seconds_of(to_string(Instant{seconds})), seconds);
  }
  EXPECT_EQ(to_string(Instant{-1}), "1969-12-31T23:59:59Z");
}

TEST(Zone, ADayClosesAtItsLocalMidnight) {
  const auto china = Zone::fixed("+08:00");
  ASSERT_TRUE(china);
  const Day may_first = *parse_day("2026-05-01");
  EXPECT_EQ(to_string(china->close_of(may_first)), "2026-05-01T16:00:00Z");
  EXPECT_EQ(china->day_of(Instant{seconds_of("2026-05-01T15:59:59Z")}), may_first);
  EXPECT_EQ(china->day_of(Instant{seconds_of("2026-05-01T16:00:00Z")}).number,
            may_first.number + 1);
  EXPECT_EQ(Zone::fixed("-03:30")->day_of(Instant{0}).number, -1);
  EXPECT_EQ(Zone::fixed("UTC")->day_of(Instant{0}).number, 0);
  EXPECT_FALSE(Zone::fixed("Asia/Shanghai"));
  EXPECT_FALSE(Zone::fixed("8"));
}

// Central Europe in 2026: to summer time on 29 March, back on 25 October, both at 01:00 UTC.
TEST(Zone, DaysOfTheClockChangeHave23And25Hours) {
  const Zone zone(
      "Europe/Berlin", 3600,
      {{seconds_of("2026-03-29T01:00:00Z"), 7200}, {seconds_of("2026-10-25T01:00:00Z"), 3600}});
  const auto hours_of = [&](std::string_view day) {
    const Day closed = *parse_day(day);
    return (zone.close_of(closed).seconds - zone.close_of(Day{closed.number - 1}).seconds) / 3600;
  };
  EXPECT_EQ(hours_of("2026-03-28"), 24);
  EXPECT_EQ(hours_of("2026-03-29"), 23);
  EXPECT_EQ(hours_of("2026-10-25"), 25);
  EXPECT_EQ(hours_of("2026-10-26"), 24);
  EXPECT_EQ(zone.offset_at(Instant{seconds_of("2026-03-29T00:59:59Z")}), 3600);
  EXPECT_EQ(zone.offset_at(Instant{seconds_of("2026-03-29T01:00:00Z")}), 7200);
  for (std::int64_t local = 1767225600; local < 1798761600; local += 86400 / 2) {
    const Instant instant = zone.from_local(local);
    EXPECT_EQ(instant.seconds + zone.offset_at(instant), local);
  }
}

}  // namespace
}  // namespace guanxi
