#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "people/survey.hpp"
#include "people/test_brand.hpp"
#include "relationship/fold_memory.hpp"

// The image as a function of a set of events: whatever the order of arrival, the cuts between
// batches, the doors they came through, the number of shards and threads.
namespace guanxi {
namespace {

using test_brand::Line;
using test_brand::model;

constexpr std::int32_t kDays = 300;
constexpr Day kLast{test_brand::kFirstDay + kDays + 60};

void shuffle(std::vector<Line>& lines, Random& random) {
  for (std::size_t i = lines.size(); i > 1; --i) {
    std::swap(lines[i - 1], lines[random.below(i)]);
  }
}

// Brings the lines in as they stand, cut into runs at random, each run through the loader or one
// by one, with a refold now and then.
void arrive(Image& image, const std::vector<Line>& lines, Random& random) {
  bool folded = false;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.size(), at + 1 + random.below(8));
    if (random.below(2) == 0) {
      BulkLoader loader = image.begin_bulk();
      for (; at < end; ++at) {
        test_brand::push_line(image, loader, lines[at], static_cast<std::uint32_t>(at));
      }
      (void)loader.finish(1);
      if (folded) {
        image.refold(model(), kLast, 1);
      }
    } else {
      for (; at < end; ++at) {
        (void)test_brand::add_line(image, lines[at], static_cast<std::uint32_t>(at));
      }
    }
    if (!folded && random.below(3) == 0) {
      image.refold(model(), kLast, 1);
      folded = true;
    }
  }
  if (!folded) {
    image.refold(model(), kLast, 1);
  }
}

// What the image keeps for each person is the fold of their timeline.
bool keeps_what_it_folds(const Image& image, FoldMemory& memory) {
  for (std::uint32_t number = 0; number < image.people(); ++number) {
    const PersonRef person = image.ref_of(number);
    State state;
    const Reading reading = fold_reading(image.timeline(person), model(), kLast, memory, &state);
    const Columns& columns = image.columns(person.shard);
    if (state != image.state(person) || columns.index_milli[person.index] != reading.index_milli ||
        columns.velocity[person.index] != static_cast<std::uint8_t>(reading.velocity)) {
      return false;
    }
  }
  return true;
}

// Goal: 100,000 permutations of small lives, repeats among them, end in the same digest and the
// same kept states. Method: 1,000 lives of up to 24 events of 4 people who bring one another, each
// in 100 random orders, cuts, doors and shard counts.
TEST(ImageProperty, AnyOrderOfArrivalEndsInTheSameImage) {
  FoldMemory memory;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    Random random(seed);
    const auto events = static_cast<std::uint32_t>(4 + random.below(20));
    std::vector<Line> lines = test_brand::life(seed, 4, events, kDays);
    for (std::uint64_t repeats = random.below(4); repeats > 0; --repeats) {
      const Line again = lines[random.below(lines.size())];
      lines.push_back(again);
    }
    std::set<std::string> digests;
    for (int permutation = 0; permutation < 100; ++permutation) {
      shuffle(lines, random);
      Image image(1U << random.below(4));
      arrive(image, lines, random);
      digests.insert(to_string(digest(image, model(), kLast, 1)));
      ASSERT_TRUE(keeps_what_it_folds(image, memory)) << "seed " << seed;
      ASSERT_EQ(image.events() + image.nobody_events(), events) << "seed " << seed;
    }
    ASSERT_EQ(digests.size(), 1U) << "seed " << seed;
  }
}

// Goal: the number of threads changes nothing, also where blocks of people are many.
TEST(ImageProperty, AnyNumberOfThreadsEndsInTheSameImage) {
  const std::vector<Line> lines = test_brand::life(42, 20000, 60000, kDays);
  std::set<std::string> digests;
  for (const unsigned threads : {1U, 2U, 5U}) {
    Image image(threads);
    BulkLoader loader = image.begin_bulk();
    for (std::uint32_t i = 0; i < lines.size(); ++i) {
      test_brand::push_line(image, loader, lines[i], i);
    }
    (void)loader.finish(threads);
    image.refold(model(), kLast, threads);
    digests.insert(to_string(digest(image, model(), kLast, threads)));
    FoldMemory memory;
    EXPECT_TRUE(keeps_what_it_folds(image, memory)) << threads << " threads";
  }
  EXPECT_EQ(digests.size(), 1U);
}

// Goal: forgetting someone equals never having heard of them, but for those who name them as the
// one who brought them: their referral stays, nameless. Method: random lives, one person erased.
TEST(ImageProperty, AnErasedPersonWasNeverThere) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const std::vector<Line> lines = test_brand::life(seed * 31, 5, 40, kDays);
    const std::string gone = "u-" + std::to_string(random.below(5));
    Image erased(1U << random.below(3));
    arrive(erased, lines, random);
    const auto person = erased.find(parse_external_id(gone));
    if (!person) {
      continue;
    }
    erased.erase(*person);
    Image never(1U << random.below(3));
    never.refold(model(), kLast, 1);
    for (std::uint32_t i = 0; i < lines.size(); ++i) {
      Line line = lines[i];
      if (line.fields.kind == EventKind::referral_accepted &&
          parse_external_id(line.subject) == parse_external_id(gone)) {
        line.subject.clear();
      }
      if (line.person != gone) {
        (void)test_brand::add_line(never, line, i);
      }
    }
    ASSERT_EQ(digest(erased, model(), kLast, 1), digest(never, model(), kLast, 1))
        << "seed " << seed;
    ASSERT_EQ(erased.events(), never.events());
    ASSERT_EQ(erased.derived_events(), never.derived_events());
    FoldMemory memory;
    ASSERT_TRUE(keeps_what_it_folds(erased, memory)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace guanxi
