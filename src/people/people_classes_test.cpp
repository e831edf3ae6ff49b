#include "people/people_classes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "people/people_values.hpp"
#include "people/purchase_fit.hpp"
#include "people/purchase_histories.hpp"
#include "people/test_brand.hpp"

namespace guanxi {
namespace {

using test_brand::kFirstDay;
using test_brand::Line;
using test_brand::on_day;

constexpr std::int32_t kDays = 400;

/// Three behaviours: many small orders, few large ones, one long ago; and visitors who never
/// bought.
std::vector<Line> shop(std::uint32_t each) {
  std::vector<Line> lines;
  std::uint64_t id = 0;
  Random random(7);
  const auto happens = [&](const std::string& who, std::int32_t day, EventKind kind,
                           std::uint64_t amount_minor) {
    ++id;
    CompactEvent::Fields fields = on_day(day, kind, id * 7919);
    fields.amount_minor = static_cast<std::int64_t>(amount_minor);
    fields.order_ref = amount_minor == 0 ? 0 : static_cast<std::uint32_t>(id);
    lines.push_back({who, "", fields});
  };
  for (std::uint32_t i = 0; i < each; ++i) {
    const std::string number = std::to_string(i);
    for (std::int32_t day = static_cast<std::int32_t>(random.below(20)); day < kDays;
         day += 8 + static_cast<std::int32_t>(random.below(12))) {
      happens("often-" + number, day, EventKind::order_completed, 900 + random.below(200));
    }
    for (std::int32_t day = static_cast<std::int32_t>(random.below(60)); day < kDays;
         day += 80 + static_cast<std::int32_t>(random.below(60))) {
      happens("large-" + number, day, EventKind::order_completed, 40'000 + random.below(9000));
    }
    happens("once-" + number, static_cast<std::int32_t>(random.below(60)),
            EventKind::order_completed, 1800 + random.below(900));
    happens("looks-" + number, 10, EventKind::visit, 0);
  }
  return lines;
}

/// Customers of many rhythms and purses, some of whom stop.
std::vector<Line> people_who_stop() {
  std::vector<Line> lines;
  Random random(3);
  std::uint64_t id = 0;
  for (int i = 0; i < 300; ++i) {
    const auto gap = static_cast<std::int32_t>(7 + random.below(60));
    const auto until = static_cast<std::int32_t>(random.below(2) == 0 ? kDays : random.below(300));
    const std::uint64_t purse = 1000 + random.below(9000);
    for (auto day = static_cast<std::int32_t>(random.below(60)); day <= until;
         day += 1 + static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(2 * gap)))) {
      CompactEvent::Fields fields = on_day(day, EventKind::order_completed, ++id * 7919);
      fields.amount_minor = static_cast<std::int64_t>(purse + random.below(2000));
      fields.order_ref = static_cast<std::uint32_t>(id);
      lines.push_back({"u-" + std::to_string(i), "", fields});
    }
  }
  return lines;
}

std::unique_ptr<Image> image_of(const std::vector<Line>& lines, unsigned shards,
                                bool backwards = false) {
  auto image = std::make_unique<Image>(shards);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[backwards ? lines.size() - 1 - i : i];
    test_brand::add_line(*image, line, static_cast<std::uint32_t>(i));
  }
  image->refold(test_brand::model(), Day{kFirstDay + kDays}, 2);
  return image;
}

std::string kind_of(const Image& image, PersonRef person) {
  const std::string id = image.id_text(person);
  return id.substr(5, id.rfind('-') - 5);
}

TEST(PeopleClasses, PeopleWhoBehaveAlikeAreTogetherAndTheNameSaysHow) {
  const auto made = image_of(shop(120), 4);
  const Image& image = *made;
  const auto classes = classify(image, 2);
  ASSERT_TRUE(classes) << classes.error().message;
  EXPECT_EQ(classes->onlookers(), 120U);
  EXPECT_EQ(classes->fitted_to(), 360U);
  std::map<std::uint8_t, std::map<std::string, int>> made_of;
  for (std::uint32_t number = 0; number < image.people(); ++number) {
    const PersonRef person = image.ref_of(number);
    ++made_of[classes->of(number)][kind_of(image, person)];
  }
  std::uint64_t people = 0;
  for (std::uint8_t c = 0; c < classes->classes().size(); ++c) {
    EXPECT_EQ(made_of[c].size(), 1U) << classes->classes()[c].en << " mixes behaviours";
    people += classes->classes()[c].people;
  }
  EXPECT_EQ(people, 360U);
  EXPECT_EQ(made_of[PeopleClasses::kOnlooker].begin()->first, "looks");
  for (std::uint8_t c = 0; c < classes->classes().size(); ++c) {
    const PeopleClass& one = classes->classes()[c];
    const std::string kind = made_of[c].begin()->first;
    const ClassMark& first = one.marks.front();
    EXPECT_EQ(kind == "often", one.en.find("buy often") != std::string::npos) << one.en;
    EXPECT_EQ(kind == "large", one.en.find("large orders") != std::string::npos) << one.en;
    EXPECT_EQ(kind == "once", one.en.find("silent for long") != std::string::npos ||
                                  one.en.find("buy seldom") != std::string::npos)
        << one.en;
    EXPECT_EQ(first.deviations > 0, first.mean > first.all_mean);
  }
}

TEST(PeopleClasses, NamesAreUniqueAndTraitsThatTellNothingAreLeftOut) {
  const auto classes = classify(*image_of(shop(60), 1), 1);
  ASSERT_TRUE(classes);
  std::map<std::string, int> names;
  for (const PeopleClass& one : classes->classes()) {
    EXPECT_EQ(++names[one.en], 1) << one.en;
    EXPECT_EQ(++names[one.zh], 1) << one.zh;
    EXPECT_EQ(one.marks.size() + classes->left_out().size(), kTraits);
  }
  EXPECT_EQ(std::count(classes->left_out().begin(), classes->left_out().end(), Trait::advocacy), 1)
      << "nothing shows it";
}

TEST(PeopleClasses, TheSameWhateverTheThreadsTheShardsAndTheOrder) {
  const std::vector<Line> lines = shop(60);
  const auto made = image_of(lines, 1);
  const Image& image = *made;
  const auto expected = classify(image, 1);
  ASSERT_TRUE(expected);
  for (const unsigned shards : {2U, 8U}) {
    const auto backwards = image_of(lines, shards, true);
    const Image& other = *backwards;
    const auto classes = classify(other, 1 + shards / 2);
    ASSERT_TRUE(classes);
    ASSERT_EQ(classes->classes().size(), expected->classes().size());
    for (std::uint32_t number = 0; number < image.people(); ++number) {
      const PersonRef person = image.ref_of(number);
      const auto there = other.find(parse_external_id(image.id_text(person)));
      ASSERT_TRUE(there);
      EXPECT_EQ(classes->of(other.number_of(*there)), expected->of(number));
    }
    for (std::size_t c = 0; c < classes->classes().size(); ++c) {
      EXPECT_EQ(classes->classes()[c].en, expected->classes()[c].en);
      EXPECT_EQ(classes->classes()[c].tiers, expected->classes()[c].tiers);
    }
  }
}

TEST(PeopleClasses, WhoObjectsToProfilingIsInNone) {
  std::vector<Line> lines = shop(60);
  lines.push_back({"often-7", "profiling", on_day(300, EventKind::consent_withdrawn, 999'999)});
  lines.back().fields.quantity = static_cast<std::int32_t>(Purpose::profiling);
  const auto image = image_of(lines, 2);
  const auto classes = classify(*image);
  ASSERT_TRUE(classes);
  EXPECT_EQ(classes->of(image->number_of(*image->find(parse_external_id("often-7")))),
            PeopleClasses::kNobody);
  EXPECT_EQ(classes->fitted_to(), 179U);
}

TEST(PeopleClasses, KeepStepWithPeopleWhoGo) {
  const auto image = image_of(shop(60), 2);
  auto classes = classify(*image);
  ASSERT_TRUE(classes);
  const std::uint32_t last = image->people() - 1;
  const std::uint8_t of_last = classes->of(last);
  classes->move(last, 3);
  EXPECT_EQ(classes->of(3), of_last);
  EXPECT_EQ(classes->of(last), PeopleClasses::kNobody);
  classes->forget(3);
  EXPECT_EQ(classes->of(3), PeopleClasses::kNobody);
  EXPECT_EQ(classes->grade_of(1000), Grade::none) << "nothing is fitted";
  EXPECT_EQ(classes->potential_of(5, 1000), kNoValue);
}

// Who is worth what comes from a fit: grades by shares of the whole, potential by the own class.
TEST(PeopleClasses, GradesAreSharesOfTheWholeValue) {
  const auto image = image_of(people_who_stop(), 2);
  const auto people = purchase_histories(*image, test_brand::model(), image->as_of());
  const auto fit = fit_purchases(people, image->as_of(), {});
  ASSERT_TRUE(fit && fit->used()) << (fit ? fit->buying_refused : fit.error().message);
  image->show_values(values_of_everyone(*image, test_brand::model(), *fit, 1, 1));
  const auto classes = classify(*image);
  ASSERT_TRUE(classes);
  ASSERT_EQ(classes->bars_minor().size(), 4U);
  EXPECT_TRUE(std::is_sorted(classes->bars_minor().begin(), classes->bars_minor().end()));
  std::array<double, 5> by_grade{};
  double sum = 0;
  for (std::uint32_t number = 0; number < image->people(); ++number) {
    const std::int64_t value = column_value(*image, column_named("value"), image->ref_of(number));
    if (value != kNoValue && value > 0) {
      by_grade.at(static_cast<std::size_t>(classes->grade_of(value))) += static_cast<double>(value);
      sum += static_cast<double>(value);
      EXPECT_GE(classes->potential_of(number, value), 0);
    }
  }
  EXPECT_EQ(by_grade[0], 0);
  EXPECT_NEAR(by_grade[4] / sum, 0.5, 0.05);
  EXPECT_NEAR(by_grade[3] / sum, 0.3, 0.08);
}

TEST(PeopleClasses, OfFewPeopleAreRefused) {
  const auto classes = classify(*image_of(shop(9), 2));
  ASSERT_FALSE(classes);
  EXPECT_EQ(classes.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace guanxi
