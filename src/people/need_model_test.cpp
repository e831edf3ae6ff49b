#include "people/need_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "people/survey.hpp"
#include "people/test_brand.hpp"

namespace guanxi {
namespace {

using test_brand::Line;
using test_brand::on_day;

constexpr std::int32_t kDays = 400;
constexpr Day at_day(std::int32_t day) { return Day{test_brand::kFirstDay + day}; }

Line happen(const std::string& person, const std::string& product, std::int32_t day, EventKind kind,
            int quantity = 1) {
  static std::uint64_t next = 0;
  Line line{person, product, on_day(day, kind, ++next)};
  line.fields.order_ref = static_cast<std::uint32_t>(next);
  line.fields.amount_minor = 500;
  line.fields.quantity = quantity;
  return line;
}

/// People of two tastes: tea every 20 days with a cup, coffee every 45 with a mill; they look at
/// what they will buy; some have stopped.
std::vector<Line> shop(std::uint32_t people) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  std::vector<Line> lines;
  for (std::uint32_t i = 0; i < people; ++i) {
    const std::string person = "u-" + std::to_string(i);
    const bool tea = i % 2 == 0;
    const std::string often = tea ? "tea" : "coffee";
    const auto end = static_cast<std::int32_t>(random() % 5 == 0 ? random() % kDays : kDays);
    double day = static_cast<double>(random() % 40);
    while (day < end) {
      lines.push_back(
          happen(person, often, static_cast<std::int32_t>(day), EventKind::order_line, 2));
      day += std::exp(std::log(tea ? 20.0 : 45.0) + 0.25 * normal(random));
    }
    if (random() % 3 != 0) {
      const auto when = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(end + 1));
      lines.push_back(happen(person, tea ? "cup" : "mill", when, EventKind::order_line));
    }
    if (random() % 3 == 0) {
      lines.push_back(happen(person, "pot", static_cast<std::int32_t>(random() % kDays),
                             EventKind::product_viewed));
    }
  }
  lines.push_back(happen("", "tea", 399, EventKind::order_line, 7));
  return lines;
}

class NeedTest : public ::testing::Test {
 protected:
  static void load(Image& image, const std::vector<Line>& lines) {
    BulkLoader loader = image.begin_bulk();
    for (std::uint32_t i = 0; i < lines.size(); ++i) {
      test_brand::push_line(image, loader, lines[i], i);
    }
    (void)loader.finish(2);
    image.refold(test_brand::model(), at_day(kDays), 2);
  }
  static std::shared_ptr<const NeedModel> learned(const Image& image, unsigned threads) {
    NeedOptions options;
    options.threads = threads;
    auto built = NeedModel::build(shards_of(image, test_brand::model()), at_day(kDays), options);
    EXPECT_TRUE(built) << built.error().message;
    return *built;
  }
  static PersonProducts read(const Image& image, const NeedModel& model, const std::string& id) {
    PersonProducts person;
    if (const auto found = image.find(parse_external_id(id))) {
      person.read(image.timeline(*found), test_brand::model().zone, model.day(),
                  [&](std::uint32_t subject) {
                    return model.products().find(image.subjects().text(subject));
                  });
    }
    return person;
  }
};

TEST_F(NeedTest, SaysWhenPeopleBuyAgainAndWhatGoesWithIt) {
  Image image(4);
  load(image, shop(400));
  const auto model = learned(image, 2);
  ASSERT_EQ(model->note(), "");
  ASSERT_EQ(model->products().size(), 5U);
  const std::uint32_t tea = model->products().find("tea");
  const std::uint32_t cup = model->products().find("cup");
  EXPECT_EQ(model->facts()[tea].entered, model->facts()[tea].converted)
      << "one order is enough here";
  int told = 0;
  for (int i = 0; i < 400; i += 2) {
    const PersonProducts person = read(image, *model, "u-" + std::to_string(i));
    const NextNeed next = model->next(person);
    if (next.product != tea) {
      continue;
    }
    const Need need = model->due(person).front();
    EXPECT_EQ(need.expected, next.day);
    EXPECT_NEAR(need.typical_gap_days, 20, 6);
    EXPECT_LT(need.least, need.expected);
    EXPECT_LT(need.expected, need.most);
    for (const Need& one : model->needs(person, 20)) {
      EXPECT_NE(one.reasons, 0);
      EXPECT_GT(one.chance, 0);
      if (one.product == cup && (one.reasons & Need::kGoesWith) != 0) {
        EXPECT_EQ(one.because_of, tea);
        EXPECT_GT(one.together.likelihood_ratio, 10.83);
        ++told;
      }
    }
  }
  EXPECT_GT(told, 20);
  EXPECT_EQ(model->goes_with(tea, 1).front().with, cup);
}

TEST_F(NeedTest, ExpectsAboutWhatComes) {
  Image image(4);
  load(image, shop(400));
  const auto model = learned(image, 2);
  const NeedCheck& check = model->check();
  EXPECT_EQ(check.stand, at_day(kDays - 28));
  EXPECT_NEAR(check.expected, static_cast<double>(check.came),
              0.1 * static_cast<double>(check.came));
  const std::uint32_t tea = model->products().find("tea");
  // Four fifths of 200 people buy tea every 20 days, two at a time.
  EXPECT_NEAR(model->again()[tea].mean, 160 * 28 / 20.0, 50);
  EXPECT_NEAR(model->units(tea).mean, 2 * model->purchases(tea).mean,
              0.02 * model->units(tea).mean);
  EXPECT_LT(model->units(tea).least, model->units(tea).mean);
  EXPECT_EQ(model->facts()[tea].nobody_purchases, 1U);
}

TEST_F(NeedTest, DependsNeitherOnThreadsNorShardsNorOrder) {
  const std::vector<Line> lines = shop(300);
  std::vector<Line> reversed(lines.rbegin(), lines.rend());
  Image one(1);
  Image other(16);
  load(one, lines);
  load(other, reversed);
  const auto a = learned(one, 1);
  const auto b = learned(other, 3);
  ASSERT_EQ(a->products().size(), b->products().size());
  for (std::uint32_t product = 0; product < a->products().size(); ++product) {
    EXPECT_EQ(a->products().name(product), b->products().name(product));
    EXPECT_EQ(a->again()[product].mean, b->again()[product].mean);
    EXPECT_EQ(a->facts()[product].weeks, b->facts()[product].weeks);
    EXPECT_EQ(a->due_people()[product], b->due_people()[product]);
  }
  for (int i = 0; i < 300; i += 7) {
    const std::string id = "u-" + std::to_string(i);
    const auto left = a->needs(read(one, *a, id), 5);
    const auto right = b->needs(read(other, *b, id), 5);
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t line = 0; line < left.size(); ++line) {
      EXPECT_EQ(left[line].product, right[line].product);
      EXPECT_EQ(left[line].chance, right[line].chance);
    }
  }
}

TEST_F(NeedTest, TheNextNeedFollowsThePersonNotTheRow) {
  Image image(2);
  load(image, shop(100));
  const auto model = learned(image, 2);
  const auto made = NextNeeds::of(model, shards_of(image, test_brand::model()), 2);
  ASSERT_TRUE(made.has_value());
  const PersonRef person = *image.find(parse_external_id("u-2"));
  const NextNeed before = (*made)->next(image, person);
  EXPECT_EQ(before.day, model->next(read(image, *model, "u-2")).day);
  (void)test_brand::add_line(image, happen("u-2", "tea", kDays, EventKind::order_line), 90'000);
  EXPECT_GT((*made)->next(image, person).day, at_day(kDays)) << "they have just bought it";
  image.erase(*image.find(parse_external_id("u-0")));
  for (int i = 1; i < 100; ++i) {
    const std::string id = "u-" + std::to_string(i);
    if (i != 2 && image.find(parse_external_id(id))) {
      EXPECT_EQ((*made)->next(image, *image.find(parse_external_id(id))).day,
                model->next(read(image, *model, id)).day)
          << id;
    }
  }
}

TEST_F(NeedTest, WhoeverObjectsToProfilingIsInNothing) {
  Image image(2);
  std::vector<Line> lines = shop(100);
  Line objects{"u-2", "profiling", on_day(10, EventKind::consent_withdrawn, 999'999)};
  objects.fields.quantity = static_cast<std::int32_t>(Purpose::profiling);
  lines.push_back(objects);
  Image without(2);
  load(without, shop(100));
  load(image, lines);
  const auto model = learned(image, 2);
  const auto all = learned(without, 2);
  EXPECT_EQ(model->facts()[model->products().find("tea")].buyers + 1,
            all->facts()[all->products().find("tea")].buyers);
  const auto next = NextNeeds::of(model, shards_of(image, test_brand::model()), 1);
  EXPECT_EQ((*next)->next(image, *image.find(parse_external_id("u-2"))).day, kNoDay);
}

TEST_F(NeedTest, WhatWasCalledOffWasNotBought) {
  Image image(2);
  Line bought = happen("u-1", "tea", 3, EventKind::order_line);
  Line off = happen("u-1", "", 5, EventKind::order_cancelled);
  Line partly = happen("u-1", "", 25, EventKind::order_refunded);
  Line kept = happen("u-1", "tea", 20, EventKind::order_line);
  off.fields.order_ref = bought.fields.order_ref;
  partly.fields.order_ref = kept.fields.order_ref;
  partly.fields.flags = kPartial;
  load(image, {bought, off, kept, partly});
  PersonProducts person;
  const auto read_on = [&](std::int32_t day) {
    person.read(image.timeline(*image.find(parse_external_id("u-1"))), test_brand::model().zone,
                at_day(day), [](std::uint32_t) { return 0U; });
    return person.order_days();
  };
  EXPECT_EQ(read_on(4), 1U);
  EXPECT_EQ(read_on(10), 0U);
  EXPECT_EQ(read_on(30), 1U);
}

TEST_F(NeedTest, SaysWhyThereIsNothing) {
  Image image(2);
  load(image, {happen("u-1", "", 3, EventKind::visit)});
  const auto built = NeedModel::build(shards_of(image, test_brand::model()), at_day(9), {});
  ASSERT_FALSE(built.has_value());
  load(image, {happen("u-1", "tea", 3, EventKind::order_line)});
  const auto little = NeedModel::build(shards_of(image, test_brand::model()), at_day(9), {});
  ASSERT_TRUE(little.has_value());
  EXPECT_NE((*little)->note().find("10 gaps"), std::string::npos);
  EXPECT_TRUE((*little)->needs(read(image, **little, "u-1"), 9).empty());
}

}  // namespace
}  // namespace guanxi
