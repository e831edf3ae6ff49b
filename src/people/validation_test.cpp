#include "people/validation.hpp"

#include <gtest/gtest.h>

#include "people/test_brand.hpp"

namespace guanxi {
namespace {

using test_brand::Line;
using test_brand::on_day;

constexpr Day at_day(std::int32_t day) { return Day{test_brand::kFirstDay + day}; }

Line buy(const std::string& person, std::int32_t day, std::int64_t amount_minor) {
  static std::uint64_t next = 1000;
  Line line{person, "tea", on_day(day, EventKind::order_line, ++next)};
  line.fields.order_ref = static_cast<std::uint32_t>(next);
  line.fields.amount_minor = amount_minor;
  return line;
}

void add_all(Image& image, const std::vector<Line>& lines) {
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    (void)test_brand::add_line(image, lines[i], i);
  }
}

TEST(Validation, KnowsNothingOfWhatCameAfter) {
  Image early(2);
  Image late(2);
  const auto lines = test_brand::life(77, 300, 8000, 300);
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    const bool known = lines[i].fields.occurred_s <
                       static_cast<std::uint32_t>(at_day(150).number * kSecondsPerDay);
    if (known) {
      (void)test_brand::add_line(early, lines[i], i);
    }
    (void)test_brand::add_line(late, lines[i], i);
  }
  const auto before = validate(early, test_brand::model(), at_day(150), 60, 2);
  const auto after = validate(late, test_brand::model(), at_day(150), 60, 1);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->people, after->people);
  EXPECT_EQ(before->buyers, 0U);
  EXPECT_GT(after->buyers, 0U);
  for (std::size_t tier = 0; tier < before->tiers.size(); ++tier) {
    EXPECT_EQ(before->tiers[tier].people, after->tiers[tier].people);
  }
  EXPECT_EQ(calibration_at(early, test_brand::model(), at_day(149)),
            calibration_at(late, test_brand::model(), at_day(149)));
  EXPECT_FALSE(before->of(Foreteller::index).auc.has_value());
  std::uint64_t in_tenths = 0;
  for (const Decile& decile : after->deciles) {
    in_tenths += decile.people;
  }
  EXPECT_EQ(in_tenths, after->people);
}

TEST(Calibration, TakesMediansOfOrdersAndGapsAndWhatHasCome) {
  Image image(2);
  Line second = buy("ada", 11, 300);
  Line third = second;
  third.fields.id_hash += 1;
  third.fields.amount_minor = 200;  // of the same order: 500 in all
  add_all(image, {buy("ada", 1, 100), second, third, buy("bob", 5, 900), buy("bob", 45, 700),
                  buy("eve", 90, 123456)});
  const Calibration found = calibration_at(image, test_brand::model(), at_day(60), 2);
  EXPECT_EQ(found.typical_order_minor, 500);
  EXPECT_EQ(found.typical_gap_days, 10U);
  EXPECT_EQ(found.observed_kinds, std::uint64_t{1} << static_cast<unsigned>(EventKind::order_line));
  EXPECT_TRUE(found.products_named);
}

}  // namespace
}  // namespace guanxi
