#include "people/image.hpp"

#include <gtest/gtest.h>

#include "people/survey.hpp"
#include "people/test_brand.hpp"

namespace guanxi {
namespace {

using test_brand::add_line;
using test_brand::Line;
using test_brand::model;
using test_brand::on_day;
using test_brand::push_line;

constexpr Day kLast{test_brand::kFirstDay + 400};

Line order(const std::string& person, std::int32_t day, std::uint64_t id, std::uint32_t ref = 0) {
  Line line{person, "tea", on_day(day, EventKind::order_line, id)};
  line.fields.order_ref = ref == 0 ? static_cast<std::uint32_t>(id + 1) : ref;
  line.fields.amount_minor = 2000;
  return line;
}

Line referral(const std::string& newcomer, const std::string& by, std::int32_t day,
              std::uint64_t id) {
  return Line{newcomer, by, on_day(day, EventKind::referral_accepted, id)};
}

Digest loaded_in_bulk(const std::vector<Line>& lines, std::uint32_t shards, unsigned threads) {
  Image image(shards);
  BulkLoader loader = image.begin_bulk();
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    push_line(image, loader, lines[i], i);
  }
  (void)loader.finish(threads);
  image.refold(model(), kLast, threads);
  return digest(image, model(), kLast, threads);
}

PersonRef ref(const Image& image, std::string_view id) {
  return image.find(parse_external_id(id)).value();
}

TEST(Image, BulkLoadEqualsLiveAddsForAnyShardsAndThreads) {
  const std::vector<Line> lines = test_brand::life(7, 40, 3000, 400);
  Image live(4);
  live.refold(model(), kLast, 1);
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(add_line(live, lines[i], i), Added::added);
  }
  const Digest expected = digest(live, model(), kLast, 1);
  for (const std::uint32_t shards : {1U, 3U, 16U}) {
    EXPECT_EQ(loaded_in_bulk(lines, shards, 1), expected) << shards << " shards";
    EXPECT_EQ(loaded_in_bulk(lines, shards, 2), expected) << shards << " shards";
  }
  EXPECT_GT(live.derived_events(), 0U);
}

TEST(Image, StatesAndColumnsAfterLiveAddsAreThoseOfARefold) {
  const std::vector<Line> lines = test_brand::life(11, 30, 1500, 400);
  Image live(2);
  live.refold(model(), kLast, 1);
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    (void)add_line(live, lines[i], i);
  }
  Image bulk(2);
  BulkLoader loader = bulk.begin_bulk();
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    push_line(bulk, loader, lines[i], i);
  }
  (void)loader.finish(2);
  bulk.refold(model(), kLast, 2);
  for (std::uint32_t number = 0; number < bulk.people(); ++number) {
    const PersonRef there = bulk.ref_of(number);
    const PersonRef here = ref(live, bulk.id_text(there));
    EXPECT_EQ(live.state(here), bulk.state(there)) << bulk.id_text(there);
    for (std::size_t column = 1; column < people_columns().size(); ++column) {
      EXPECT_EQ(column_text(live, static_cast<int>(column), here),
                column_text(bulk, static_cast<int>(column), there))
          << people_columns()[column].name;
    }
  }
}

TEST(Image, ARepeatIsDroppedAndOtherContentUnderOneIdentityIsAConflict) {
  Image image(2);
  const Line first = order("ada", 10, 1);
  Line retry = first;
  retry.fields.occurred_s += 86400;
  Line other = retry;
  other.fields.amount_minor += 1;
  EXPECT_EQ(add_line(image, first, 1), Added::added);
  EXPECT_EQ(add_line(image, first, 2), Added::duplicate);
  EXPECT_EQ(add_line(image, retry, 3), Added::duplicate) << "its time was corrected otherwise";
  EXPECT_EQ(add_line(image, other, 3), Added::conflict);
  EXPECT_EQ(image.events(), 1U);

  BulkLoader loader = image.begin_bulk();
  push_line(image, loader, other, 4);
  push_line(image, loader, first, 5);
  push_line(image, loader, order("ada", 5, 2), 6);
  const BulkOutcome outcome = loader.finish(2);
  EXPECT_EQ(outcome.offered, 3U);
  EXPECT_EQ(outcome.added, 1U);
  EXPECT_EQ(outcome.duplicates, 1U);
  EXPECT_EQ(outcome.conflicts, 1U);
  ASSERT_EQ(image.events(), 2U);
  const auto timeline = image.timeline(ref(image, "ada"));
  EXPECT_EQ(timeline[0].occurred_s(), order("ada", 5, 2).fields.occurred_s);
  EXPECT_EQ(timeline[1].occurred_s(), first.fields.occurred_s);
}

TEST(Image, TheFirstToArriveWinsInLongTimelinesToo) {
  Image image(1);
  BulkLoader loader = image.begin_bulk();
  for (std::uint32_t i = 0; i < 100; ++i) {
    push_line(image, loader, order("ada", static_cast<std::int32_t>(i), i), 100 + i);
    Line other = order("ada", static_cast<std::int32_t>(i) + 200, i);
    other.fields.amount_minor += 1;
    push_line(image, loader, other, i);
  }
  const BulkOutcome outcome = loader.finish(1);
  EXPECT_EQ(outcome.added, 100U);
  EXPECT_EQ(outcome.conflicts, 100U);
  EXPECT_EQ(image.timeline(ref(image, "ada"))[0].ordinal(), 0U);
}

// Goal: what is kept of people heard of lately changes nothing. Method: events of a few people
// within few seconds, late ones, repeats, conflicts and referrals, in runs; all compared with an
// image that got the same in bulk.
TEST(Image, PeopleHeardOfOftenStandAsIfFoldedAnew) {
  Image live(2);
  live.refold(test_brand::model(), kLast, 1);
  Image slow(2);
  BulkLoader loader = slow.begin_bulk();
  Random random(11);
  std::vector<PersonRef> people;
  std::vector<CompactEvent> run;
  std::int64_t repeats = 0;
  for (std::uint32_t i = 1; i < 6'000; ++i) {
    const bool late = random.below(30) == 0;
    const auto day = static_cast<std::int32_t>(late ? random.below(300) : 300 + i / 100);
    const std::string person = "p" + std::to_string(random.below(25));
    Line line = random.below(60) == 0 ? referral(person, "p3", day, i) : order(person, day, i);
    line.fields.occurred_s += static_cast<std::uint32_t>(random.below(4));
    line.fields.kind = random.below(3) == 0 ? EventKind::visit : line.fields.kind;
    push_line(slow, loader, line, i);
    line.fields.ordinal = i;
    line.fields.subject = line.subject.empty() ? 0 : live.subjects().intern(line.subject);
    people.push_back(live.find_or_add(parse_external_id(line.person)));
    run.emplace_back(line.fields);
    if (random.below(15) == 0) {
      const std::size_t again = random.below(run.size());
      run.push_back(CompactEvent(run[again]));
      people.push_back(PersonRef(people[again]));
      ++repeats;
    }
    if (random.below(20) == 0 || i + 1 == 6'000) {
      std::vector<Added> outcomes(run.size());
      live.add_all(people, run, outcomes);
      repeats -= std::count(outcomes.begin(), outcomes.end(), Added::duplicate);
      people.clear();
      run.clear();
    }
  }
  (void)loader.finish(1);
  slow.refold(test_brand::model(), kLast, 1);
  EXPECT_EQ(digest(live, test_brand::model(), kLast, 1),
            digest(slow, test_brand::model(), kLast, 1));
  EXPECT_EQ(repeats, 0) << "each is known as one";
  EXPECT_GT(live.derived_events(), 0U);
}

// Goal: whoever has a long timeline is folded event by event to the very same bits. Method: events
// in order, late ones, repeats and a referral, one by one and in runs; everyone folded anew after.
TEST(Image, ALongTimelineGrowsToWhatItWouldBeFoldedAnew) {
  Image image(2);
  (void)add_line(image, order("ada", 0, 1), 0);
  image.refold(test_brand::model(), kLast, 1);
  const PersonRef ada = ref(image, "ada");
  Random random(7);
  for (std::uint32_t i = 2; i < 1'500;) {
    std::vector<CompactEvent> run;
    for (const std::uint64_t end = i + 1 + random.below(4); i < end; ++i) {
      const bool late = random.below(50) == 0;
      Line line = order("ada",
                        static_cast<std::int32_t>(late      ? random.below(300)
                                                  : i < 700 ? i / 4
                                                            : 371 + i / 60),
                        i);
      line.fields.ordinal = i;
      run.emplace_back(line.fields);
      if (random.below(20) == 0) {
        run.push_back(run.front());
      }
    }
    const std::vector<PersonRef> people(run.size(), ada);
    std::vector<Added> outcomes(run.size());
    image.add_all(people, run, outcomes);
  }
  EXPECT_GE(image.events(), 1'499U);
  const State grown = image.state(ada);
  const std::uint32_t index = image.columns(ada.shard).index_milli[ada.index];
  const std::uint8_t velocity = image.columns(ada.shard).velocity[ada.index];
  image.refold(test_brand::model(), kLast, 1);
  EXPECT_EQ(image.state(ada), grown);
  EXPECT_EQ(image.columns(ada.shard).index_milli[ada.index], index);
  EXPECT_EQ(image.columns(ada.shard).velocity[ada.index], velocity);
}

TEST(Image, EventsOfNobodyAreKeptApartAndOnlyOnce) {
  Image image(2);
  const Line line = order("", 10, 1);
  EXPECT_EQ(add_line(image, line, 0), Added::added);
  EXPECT_EQ(add_line(image, line, 1), Added::duplicate);
  BulkLoader loader = image.begin_bulk();
  push_line(image, loader, line, 2);
  push_line(image, loader, order("", 11, 2), 3);
  const BulkOutcome outcome = loader.finish(2);
  EXPECT_EQ(outcome.duplicates, 1U);
  EXPECT_EQ(outcome.added, 1U);
  EXPECT_EQ(image.nobody_events(), 2U);
  EXPECT_EQ(image.people(), 0U);
  EXPECT_EQ(image.events(), 0U);
}

TEST(Image, AnOrderCreditsWhoBroughtThemAndARefundTakesItBack) {
  Image image(2);
  image.refold(model(), kLast, 1);
  (void)add_line(image, order("ada", 1, 1), 0);
  (void)add_line(image, referral("bob", "ada", 5, 2), 1);
  EXPECT_EQ(image.derived_events(), 0U);
  (void)add_line(image, order("bob", 6, 3, 77), 2);
  EXPECT_EQ(image.derived_events(), 1U);
  EXPECT_EQ(image.state(ref(image, "ada")).referred_orders, 1U);
  EXPECT_EQ(image.referrer_of(ref(image, "bob")), ref(image, "ada"));
  EXPECT_EQ(image.referred_by(ref(image, "ada")), std::vector{ref(image, "bob")});

  Line refund{"bob", "", on_day(20, EventKind::order_refunded, 4)};
  refund.fields.order_ref = 77;
  refund.fields.amount_minor = -2000;
  (void)add_line(image, refund, 3);
  EXPECT_EQ(image.state(ref(image, "ada")).referred_refunds, 1U);
  EXPECT_EQ(image.timeline(ref(image, "ada")).size(), 3U);
}

TEST(Image, ACreditGoesToTheFirstReferralHoweverLateItArrives) {
  Image image(2);
  image.refold(model(), kLast, 1);
  for (const char* person : {"ada", "eve"}) {
    (void)add_line(image, order(person, 1, hash64(person)), 0);
  }
  (void)add_line(image, referral("bob", "eve", 5, 2), 1);
  (void)add_line(image, order("bob", 9, 3), 2);
  EXPECT_EQ(image.timeline(ref(image, "eve")).size(), 2U);
  (void)add_line(image, referral("bob", "user:ada", 3, 4), 3);
  EXPECT_EQ(image.timeline(ref(image, "eve")).size(), 1U);
  EXPECT_EQ(image.timeline(ref(image, "ada")).size(), 2U);
  EXPECT_EQ(image.state(ref(image, "ada")).referred_orders, 1U);
}

TEST(Image, ACreditWaitsForAReferrerWhoIsNotKnownYet) {
  Image image(2);
  image.refold(model(), kLast, 1);
  (void)add_line(image, referral("bob", "ada", 5, 2), 0);
  (void)add_line(image, order("bob", 6, 3), 1);
  EXPECT_EQ(image.derived_events(), 0U);
  (void)add_line(image, order("ada", 1, 1), 2);
  EXPECT_EQ(image.derived_events(), 1U);
  EXPECT_EQ(image.state(ref(image, "ada")).referred_orders, 1U);
}

TEST(Image, NobodyCreditsThemselves) {
  Image image(2);
  image.refold(model(), kLast, 1);
  (void)add_line(image, referral("ada", "ada", 1, 1), 0);
  (void)add_line(image, order("ada", 2, 2), 1);
  EXPECT_EQ(image.derived_events(), 0U);
}

TEST(Image, AnErasedPersonLeavesNothingBehind) {
  Image image(2);
  image.refold(model(), kLast, 1);
  (void)add_line(image, order("ada", 1, 1), 0);
  (void)add_line(image, order("zoe", 1, 9), 1);
  (void)add_line(image, referral("bob", "ada", 5, 2), 2);
  (void)add_line(image, order("bob", 6, 3), 3);
  (void)add_line(image, referral("ada", "zoe", 1, 5), 4);
  image.erase(ref(image, "ada"));

  EXPECT_EQ(image.people(), 2U);
  EXPECT_FALSE(image.find(parse_external_id("ada")).has_value());
  EXPECT_EQ(image.subjects().find("ada"), 0U);
  EXPECT_EQ(image.derived_events(), 0U);
  EXPECT_EQ(image.events(), 3U);
  EXPECT_FALSE(image.referrer_of(ref(image, "bob")).has_value());
  EXPECT_EQ(image.timeline(ref(image, "zoe")).size(), 1U);

  Image expected(2);
  expected.refold(model(), kLast, 1);
  (void)add_line(expected, order("zoe", 1, 9), 1);
  (void)add_line(expected, referral("bob", "", 5, 2), 2);
  (void)add_line(expected, order("bob", 6, 3), 3);
  EXPECT_EQ(digest(image, model(), kLast), digest(expected, model(), kLast));
}

TEST(Image, EraseKeepsEveryoneElseInPlace) {
  const std::vector<Line> lines = test_brand::life(3, 25, 1000, 400);
  Image image(4);
  BulkLoader loader = image.begin_bulk();
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    push_line(image, loader, lines[i], i);
  }
  (void)loader.finish(2);
  image.refold(model(), kLast, 2);
  for (int gone = 0; gone < 10; ++gone) {
    image.erase(ref(image, "u-" + std::to_string(gone)));
    const Digest before = digest(image, model(), kLast);
    for (std::uint32_t number = 0; number < image.people(); ++number) {
      const PersonRef person = image.ref_of(number);
      ASSERT_EQ(image.find(parse_external_id(image.id_text(person))), person);
    }
    image.refold(model(), kLast, 2);
    EXPECT_EQ(digest(image, model(), kLast), before);
  }
  EXPECT_EQ(image.people(), 15U);
}

TEST(Image, EventsAfterTheDayAskedForAreNotFoldedYet) {
  Image image(2);
  image.refold(model(), Day{test_brand::kFirstDay + 50}, 1);
  (void)add_line(image, order("ada", 10, 1), 0);
  (void)add_line(image, order("ada", 90, 2), 1);
  EXPECT_EQ(image.state(ref(image, "ada")).orders, 1U);
  image.refold(model(), kLast, 1);
  EXPECT_EQ(image.state(ref(image, "ada")).orders, 2U);
}

TEST(Image, MemoryStaysWithinWhatTheDesignAllows) {
  Image image(16);
  BulkLoader loader = image.begin_bulk();
  const std::vector<Line> lines = test_brand::life(5, 20000, 200000, 400);
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    push_line(image, loader, lines[i], i);
  }
  (void)loader.finish(2);
  const MemoryUse use = image.memory();
  EXPECT_EQ(use.people, image.people());
  EXPECT_LT(use.bytes_per_event(), 32.5);
  EXPECT_LT(use.bytes_per_person(), 320);  // a million-byte block of ids weighs here: 52 each
}

}  // namespace
}  // namespace guanxi
