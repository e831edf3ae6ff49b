#include "people/survey.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "people/test_brand.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

using test_brand::model;
using test_brand::strict_model;

constexpr Day kLast{test_brand::kFirstDay + 400};
constexpr Day kMiddle{test_brand::kFirstDay + 250};

class SurveyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    BulkLoader loader = image_.begin_bulk();
    const auto lines = test_brand::life(33, 200, 5000, 390);
    for (std::uint32_t i = 0; i < lines.size(); ++i) {
      test_brand::push_line(image_, loader, lines[i], i);
    }
    (void)loader.finish(2);
    image_.refold(model(), kLast, 2);
  }
  template <typename Visit>
  void everyone(Visit&& visit) const {
    for (std::uint32_t number = 0; number < image_.people(); ++number) {
      visit(image_.ref_of(number));
    }
  }
  State then(PersonRef person, const Model& under, Day day) const {
    FoldMemory memory;
    return fold(image_.timeline(person), under, day, memory);
  }
  static Selection where(const std::string& text) {
    Selection selection;
    selection.where = *Expression::parse(text);
    return selection;
  }
  std::vector<std::string> ids(const Page& page) const {
    std::vector<std::string> texts;
    for (const PersonRef person : page.people) {
      texts.push_back(image_.id_text(person));
    }
    return texts;
  }

  Image image_{4};
};

TEST_F(SurveyTest, TiersAtADayAreThoseOfFoldingEveryoneThen) {
  for (const Day day : {kLast, kMiddle, Day{test_brand::kFirstDay + 5}, Day{kLast.number + 200}}) {
    TierCounts expected;
    everyone([&](PersonRef person) {
      const State state = then(person, model(), day);
      if (state.first_day != kNoDay) {
        ++expected.people[static_cast<std::size_t>(state.tier)];
        ++expected.total;
      }
    });
    const TierCounts counts = tiers_at(image_, model(), day, 2);
    EXPECT_EQ(counts.people, expected.people) << to_string(day);
    EXPECT_EQ(counts.total, expected.total);
  }
}

TEST_F(SurveyTest, FlowsCountEveryoneKnownAtTheEndOnce) {
  const Flows found = flows(image_, model(), kMiddle, kLast, 2);
  TierMatrix expected{};
  std::uint64_t newcomers = 0;
  everyone([&](PersonRef person) {
    const State before = then(person, model(), kMiddle);
    const State after = then(person, model(), kLast);
    ++expected[static_cast<std::size_t>(before.tier)][static_cast<std::size_t>(after.tier)];
    newcomers += after.first_order_day > kMiddle ? 1U : 0U;
  });
  EXPECT_EQ(found.people, expected);
  EXPECT_EQ(found.newcomers, newcomers);
  EXPECT_GT(found.rises, 0U);
  EXPECT_GT(found.falls, 0U);
  const Flows whole = flows(image_, model(), Day{test_brand::kFirstDay - 1}, kLast, 1);
  EXPECT_EQ(whole.entered, image_.people());
  EXPECT_GT(whole.referred_newcomers, 0U);
  EXPECT_EQ(std::accumulate(whole.newcomers_to.begin(), whole.newcomers_to.end(), std::uint64_t{0}),
            whole.newcomers);
}

TEST_F(SurveyTest, ChangesAreThePostingsOfThePeriodNewestFirst) {
  const std::vector<Change> found = changes(image_, model(), kMiddle, kLast, 2);
  std::size_t expected = 0;
  everyone([&](PersonRef person) {
    FoldMemory memory;
    std::vector<Posting> postings;
    (void)fold(image_.timeline(person), model(), kLast, memory, &postings);
    for (const Posting& posting : postings) {
      if (posting.day > kMiddle) {
        ++expected;
        EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const Change& change) {
          return change.person == person && change.posting == posting;
        }));
      }
    }
  });
  EXPECT_EQ(found.size(), expected);
  EXPECT_GT(expected, 0U);
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end(), [](const Change& a, const Change& b) {
    return a.posting.day != b.posting.day ? a.posting.day > b.posting.day : a.id < b.id;
  }));
  const ChangePage page = changes(image_, model(), ChangeQuery{kMiddle, kLast, 3, 4}, 1);
  EXPECT_EQ(page.total, expected);
  ASSERT_EQ(page.changes.size(), 4U);
  EXPECT_EQ(page.changes[0].posting, found[3].posting);
}

TEST_F(SurveyTest, WhatIfSaysWhomADraftWouldMove) {
  const WhatIf found = what_if(image_, model(), strict_model(), kLast, WhatIfOptions{5, 2});
  TierMatrix expected{};
  std::uint64_t falls = 0;
  everyone([&](PersonRef person) {
    const Tier before = then(person, model(), kLast).tier;
    const Tier after = then(person, strict_model(), kLast).tier;
    ++expected[static_cast<std::size_t>(before)][static_cast<std::size_t>(after)];
    falls += after < before ? 1U : 0U;
  });
  EXPECT_EQ(found.people, expected);
  EXPECT_EQ(found.falls, falls);
  ASSERT_GT(falls, 5U);
  EXPECT_EQ(found.fallers.size(), 5U);
  const WhatIf again = what_if(image_, model(), strict_model(), kLast, WhatIfOptions{5, 1});
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(found.fallers[i].id, again.fallers[i].id);
    EXPECT_LT(found.fallers[i].after, found.fallers[i].before);
  }
  const WhatIf same = what_if(image_, model(), model(), kMiddle, WhatIfOptions{5, 2});
  EXPECT_EQ(same.rises + same.falls, 0U);
}

TEST_F(SurveyTest, PagesFollowTheColumnAndTiesTheId) {
  for (const std::string condition : {"", "orders >= 1", "tier = weak", "index > 1000"}) {
    for (const char* column : {"index", "last_order", "tier", "events", "id"}) {
      for (const bool descending : {false, true}) {
        Selection selection = where(condition);
        selection.sort_column = column_named(column);
        selection.descending = descending;
        selection.limit = 1000;
        const Page all = select(image_, selection, 2);
        EXPECT_EQ(all.total, all.people.size());
        EXPECT_EQ(all.total, count(image_, selection.where, 1));
        selection.offset = 7;
        selection.limit = 5;
        const Page page = select(image_, selection, 1);
        EXPECT_EQ(page.total, all.total);
        for (std::size_t i = 0; i < page.people.size(); ++i) {
          EXPECT_EQ(page.people[i], all.people[i + 7]);
        }
        if (selection.sort_column == 0) {
          std::vector<std::string> texts = ids(all);
          if (descending) {
            std::reverse(texts.begin(), texts.end());
          }
          EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end()));
          continue;
        }
        for (std::size_t i = 1; i < all.people.size(); ++i) {
          const std::int64_t a = column_value(image_, selection.sort_column, all.people[i - 1]);
          const std::int64_t b = column_value(image_, selection.sort_column, all.people[i]);
          const bool in_order = b == kNoValue || (a != kNoValue && (descending ? a >= b : a <= b));
          EXPECT_TRUE(in_order) << column << " at " << i;
          EXPECT_TRUE(a != b || image_.id_text(all.people[i - 1]) < image_.id_text(all.people[i]));
        }
      }
    }
  }
}

TEST_F(SurveyTest, AListOfThousandsIsSortedLikeAListOfFew) {
  Image large(8);
  BulkLoader loader = large.begin_bulk();
  const auto lines = test_brand::life(9, 12000, 30000, 390);
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    test_brand::push_line(large, loader, lines[i], i);
  }
  (void)loader.finish(2);
  large.refold(model(), kLast, 2);
  Selection selection = where("events >= 1");
  selection.sort_column = column_named("spent");
  selection.descending = true;
  selection.limit = 20000;
  const Page page = select(large, selection, 2);
  ASSERT_GT(page.total, 4096U);
  ASSERT_EQ(page.people.size(), page.total);
  for (std::size_t i = 1; i < page.people.size(); ++i) {
    const std::int64_t a = column_value(large, selection.sort_column, page.people[i - 1]);
    const std::int64_t b = column_value(large, selection.sort_column, page.people[i]);
    ASSERT_TRUE(a > b ||
                (a == b && large.id_text(page.people[i - 1]) < large.id_text(page.people[i])));
  }
  EXPECT_GT(large.memory().cache_bytes, 0U);
}

TEST_F(SurveyTest, TierVelocityAndTextNarrowASelection) {
  Selection selection;
  selection.tier = Tier::weak;
  selection.text = "U-1";
  selection.limit = 1000;
  const Page page = select(image_, selection, 2);
  EXPECT_GT(page.total, 0U);
  for (const PersonRef person : page.people) {
    EXPECT_EQ(image_.state(person).tier, Tier::weak);
    EXPECT_NE(image_.id_text(person).find("u-1"), std::string::npos);
  }
  selection.velocity = Velocity::lost;
  EXPECT_LE(select(image_, selection, 2).total, page.total);
}

TEST_F(SurveyTest, HistoryIsReadDayByDayAsIfAskedOnThatDay) {
  FoldMemory memory;
  everyone([&](PersonRef person) {
    if (person.index % 10 != 0) {
      return;
    }
    const auto points = history(image_, person, model(), Day{kLast.number - 60}, kLast, 7);
    ASSERT_EQ(points.size(), 9U);
    EXPECT_EQ(points.back().day, kLast);
    for (const HistoryPoint& point : points) {
      const Reading reading = fold_reading(image_.timeline(person), model(), point.day, memory);
      EXPECT_EQ(point.reading.tier, reading.tier);
      EXPECT_EQ(point.reading.index_milli, reading.index_milli);
    }
  });
}

TEST_F(SurveyTest, TheDigestDependsOnDayAndContentAlone) {
  const Digest today = digest(image_, model(), kLast, 1);
  EXPECT_EQ(today, digest(image_, model(), kLast, 2));
  EXPECT_NE(today, digest(image_, model(), kMiddle, 2));
  EXPECT_NE(today, digest(image_, strict_model(), kLast, 2));
  EXPECT_EQ(to_string(today).size(), 32U);
  image_.erase(image_.ref_of(0));
  EXPECT_NE(today, digest(image_, model(), kLast, 2));
}

}  // namespace
}  // namespace guanxi
