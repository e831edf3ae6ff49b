#include "platform/time_zone.hpp"

#include <gtest/gtest.h>

namespace guanxi {
namespace {

Instant at(const char* text) { return parse_instant(text)->instant; }

TEST(TimeZone, ReadsTheSystemsZones) {
  const auto london = load_zone("Europe/London");
  ASSERT_TRUE(london);
  EXPECT_EQ(london->offset_at(at("2011-01-15T12:00:00Z")), 0);
  EXPECT_EQ(london->offset_at(at("2011-03-27T00:59:59Z")), 0);
  EXPECT_EQ(london->offset_at(at("2011-03-27T01:00:00Z")), 3600);
  EXPECT_EQ(london->offset_at(at("2011-10-30T01:00:00Z")), 0);
  EXPECT_EQ(load_zone("Asia/Shanghai")->offset_at(at("2026-05-01T00:00:00Z")), 8 * 3600);
  EXPECT_EQ(load_zone("America/St_Johns")->offset_at(at("2026-01-01T00:00:00Z")), -12600);
}

TEST(TimeZone, KnowsTheRuleAfterTheLastTransitionOfTheFile) {
  const auto london = load_zone("Europe/London");
  ASSERT_TRUE(london);
  EXPECT_EQ(london->offset_at(at("2060-07-01T00:00:00Z")), 3600);
  EXPECT_EQ(london->offset_at(at("2060-12-01T00:00:00Z")), 0);
  const auto sydney = load_zone("Australia/Sydney");
  EXPECT_EQ(sydney->offset_at(at("2060-01-01T00:00:00Z")), 11 * 3600);
  EXPECT_EQ(sydney->offset_at(at("2060-07-01T00:00:00Z")), 10 * 3600);
}

TEST(TimeZone, TakesFixedOffsetsToo) {
  EXPECT_EQ(load_zone("+08:00")->offset_at(Instant{0}), 28800);
  EXPECT_EQ(load_zone("UTC")->offset_at(Instant{0}), 0);
}

TEST(TimeZone, RefusesNamesThatLeaveTheFolder) {
  for (const char* name :
       {"../../etc/passwd", "/etc/passwd", "", "Europe/../../x", "a b", "\xff"}) {
    const auto zone = load_zone(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().code, ErrorCode::invalid) << name;
  }
  EXPECT_EQ(load_zone("Europe/Atlantis").error().code, ErrorCode::not_found);
}

TEST(TimeZone, RefusesDamagedFilesAtEveryLength) {
  const std::string empty_zone("TZif2", 5);
  EXPECT_EQ(parse_tzif("x", "").error().code, ErrorCode::corrupted);
  std::string header = empty_zone + std::string(39, '\0');
  for (std::size_t cut = 0; cut < header.size(); ++cut) {
    EXPECT_FALSE(parse_tzif("x", header.substr(0, cut)));
  }
  header[43] = '\x7f';
  EXPECT_FALSE(parse_tzif("x", header + header));
}

}  // namespace
}  // namespace guanxi
