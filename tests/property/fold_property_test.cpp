#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "property/random_timeline.hpp"
#include "property/reference_fold.hpp"
#include "relationship/explain.hpp"
#include "relationship/facts.hpp"
#include "relationship/fold_memory.hpp"
#include "relationship/fold_point.hpp"

namespace guanxi {
namespace {

Model model_named(const std::string& name, bool rhythm_fitted = false) {
  std::ifstream file("models/" + name + ".toml");
  std::stringstream read;
  read << file.rdbuf();
  std::string text = read.str();
  if (rhythm_fitted) {
    const std::string_view table = "[velocity]\n";
    text.insert(text.find(table) + table.size(), "rhythm = \"fitted\"\n");
  }
  auto model = Model::parse(text);
  EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().message);
  return *model;
}

void sort_canonically(std::vector<CompactEvent>& events) {
  std::sort(events.begin(), events.end(),
            [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); });
}

void expect_agreement(std::span<const CompactEvent> events, const Model& model, Day through,
                      FoldMemory& memory) {
  std::vector<Posting> postings;
  State state;
  const Reading reading = fold_reading(events, model, through, memory, &state, &postings);
  const reference::Person person = reference::fold(events, model, through);
  EXPECT_EQ(reading.trust_16, reference::trust(person, model, through));
  EXPECT_EQ(reading.depth_16, reference::depth(person, model, through));
  EXPECT_EQ(reading.index_milli, reference::index_milli(person, model, through));
  EXPECT_EQ(reading.tier, person.tier);
  const Standing standing = standing_on(state, model, through);
  for (int fact = 0; fact < kFacts; ++fact) {
    EXPECT_EQ(fact_value(static_cast<Fact>(fact), state, standing, model, through),
              reference::value_of(static_cast<Fact>(fact), person, model, through))
        << name_of(static_cast<Fact>(fact));
  }
  EXPECT_EQ(state.spent_minor, person.spent);
  ASSERT_EQ(postings.size(), person.postings.size());
  for (std::size_t i = 0; i < postings.size(); ++i) {
    EXPECT_EQ(to_string(postings[i].day), to_string(person.postings[i].first));
    EXPECT_EQ(postings[i].from, person.postings[i].second.first);
    EXPECT_EQ(postings[i].to, person.postings[i].second.second);
  }
}

// Goal: the fast fold and the slow one, written apart, agree bit for bit on figures and on every
// day a tier changed. Method: random timelines, models and observability.
TEST(FoldProperty, AgreesWithTheSlowReference) {
  const std::array<Model, 3> models = {model_named("retail"), model_named("subscription"),
                                       model_named("retail", true)};
  FoldMemory memory;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    std::vector<CompactEvent> events = random_timeline(random, seed % 10 == 0 ? 300 : 40);
    sort_canonically(events);
    const Model model = models[seed % 3].with(random_calibration(random));
    const Day last = model.zone.day_of(events.back().occurred_at());
    const Day through{last.number + static_cast<std::int32_t>(random.below(800)) - 200};
    expect_agreement(events, model, through, memory);
    if (HasFatalFailure() || HasNonfatalFailure()) {
      return;
    }
  }
}

// Goal: folding one event at a time from kept states gives what folding afresh gives.
TEST(FoldProperty, IncrementalEqualsAfresh) {
  const Model stated = model_named("retail");
  FoldMemory memory;
  FoldMemory other;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    std::vector<CompactEvent> events = random_timeline(random, 60);
    sort_canonically(events);
    const Model model = stated.with(random_calibration(random));
    State state = begin(model);
    for (std::size_t i = 0; i < events.size(); ++i) {
      recall(memory, std::span(events).first(i), model);
      advance(state, events[i], model, memory);
      const Day day = model.zone.day_of(events[i].occurred_at());
      const State afresh = fold(std::span(events).first(i + 1), model, Day{day.number - 1}, other);
      if (i + 1 == events.size() || model.zone.day_of(events[i + 1].occurred_at()) != day) {
        State closed = state;
        close_until(closed, day, model);
        EXPECT_EQ(closed, fold(std::span(events).first(i + 1), model, day, other));
      }
      static_cast<void>(afresh);
    }
  }
}

// Goal: a fold that goes on from a point gives what folding afresh gives. Method: events arrive a
// few at a time, shuffled within a second, some of them late, consent among them.
TEST(FoldProperty, FromAPointEqualsAfresh) {
  const Model stated = model_named("retail");
  FoldMemory memory;
  FoldMemory other;
  std::size_t resumed = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed);
    std::vector<CompactEvent> coming = random_timeline(random, 80);
    sort_canonically(coming);
    for (CompactEvent& event : coming) {
      if (random.below(40) == 0) {
        CompactEvent::Fields fields;
        fields.id_hash = event.id_hash();
        fields.occurred_s = event.occurred_s();
        fields.kind =
            random.below(3) == 0 ? EventKind::consent_given : EventKind::consent_withdrawn;
        fields.quantity = static_cast<std::int32_t>(random.below(8));
        event = CompactEvent(fields);
      }
    }
    const Model model = stated.with(random_calibration(random));
    const Day through{model.zone.day_of(coming.back().occurred_at()).number +
                      static_cast<std::int32_t>(random.below(60))};
    for (std::size_t i = 1; i < coming.size(); ++i) {
      if (random.below(12) == 0 || coming[i].occurred_s() == coming[i - 1].occurred_s()) {
        std::swap(coming[i], coming[i - 1]);
      }
    }
    std::vector<CompactEvent> events;
    FoldPoint point;
    for (std::size_t i = 0; i < coming.size();) {
      for (const std::size_t end = std::min(coming.size(), i + 1 + random.below(3)); i < end; ++i) {
        const auto at = std::upper_bound(events.begin(), events.end(), coming[i],
                                         [](const auto& a, const auto& b) { return before(a, b); });
        if (static_cast<std::size_t>(at - events.begin()) < point.events()) {
          point.forget();
        }
        events.insert(at, coming[i]);
      }
      resumed += point.events() > 0 ? 1U : 0U;
      State state;
      State afresh;
      const Reading reading = point.reading(events, model, through, memory, state);
      ASSERT_EQ(reading, fold_reading(events, model, through, other, &afresh));
      ASSERT_EQ(state, afresh);
    }
  }
  EXPECT_GT(resumed, 5'000U);
}

// Goal: whatever is admitted folds, and every line of its explanation sums to the figure it
// explains.
TEST(FoldProperty, ExplanationsSumExactly) {
  const Model stated = model_named("retail");
  FoldMemory memory;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Random random(seed * 7919);
    std::vector<CompactEvent> events = random_timeline(random, 120);
    sort_canonically(events);
    const Model model = stated.with(random_calibration(random));
    const Day day{model.zone.day_of(events.back().occurred_at()).number +
                  static_cast<std::int32_t>(random.below(400))};
    const Explanation why = explain(events, model, day, memory);
    const Standing standing = standing_on(why.state, model, day);
    std::int64_t index = 0;
    std::int64_t good = 0;
    std::int64_t bad = 0;
    std::array<std::int64_t, kDimensions> worth{};
    std::array<std::int64_t, kDimensions> index_of{};
    for (const EvidenceLine& line : why.evidence) {
      index += line.index_milli;
      good += line.good_16;
      bad += line.bad_16;
      worth.at(static_cast<std::size_t>(line.dimension)) += line.worth_16;
      index_of.at(static_cast<std::size_t>(line.dimension)) += line.index_milli;
    }
    EXPECT_EQ(index, why.reading.index_milli);
    EXPECT_EQ(good, standing.good_16);
    EXPECT_EQ(bad, standing.bad_16);
    for (const DimensionLine& line : why.dimensions) {
      EXPECT_EQ(worth.at(static_cast<std::size_t>(line.dimension)), line.invested_16);
      EXPECT_EQ(index_of.at(static_cast<std::size_t>(line.dimension)), line.index_milli);
    }
  }
}

// Goal: the day of the next fall is the first day on which the tier has fallen, and no earlier.
TEST(FoldProperty, NextFallIsTheDayOfTheCrossing) {
  const Model model = model_named("retail").with(Calibration{
      .observed_kinds = std::uint64_t{1} << static_cast<unsigned>(EventKind::order_line)});
  FoldMemory memory;
  int falls = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed * 31);
    std::vector<CompactEvent> events = random_timeline(random, 40);
    sort_canonically(events);
    const Day last = model.zone.day_of(events.back().occurred_at());
    const State state = fold(events, model, last, memory);
    const Day fall = next_fall(state, model, last, 4000);
    if (fall == kNoDay) {
      EXPECT_EQ(read(state, model, Day{last.number + 4000}).tier, state.tier);
    } else {
      ++falls;
      EXPECT_EQ(read(state, model, Day{fall.number - 1}).tier, state.tier);
      EXPECT_LT(read(state, model, fall).tier, state.tier);
    }
  }
  EXPECT_GT(falls, 50);
}

// Goal: no day that can be asked for, and none at all, leads out of the tables.
TEST(FoldProperty, EveryDayCanBeAskedFor) {
  const Model model = model_named("retail").with(Calibration{.observed_kinds = ~std::uint64_t{0}});
  FoldMemory memory;
  const auto order_on = [](std::uint32_t second, std::uint64_t id) {
    CompactEvent::Fields fields;
    fields.id_hash = id;
    fields.occurred_s = second;
    fields.kind = EventKind::order_line;
    fields.subject = 1;
    fields.amount_minor = 5000;
    return CompactEvent(fields);
  };
  const std::array<CompactEvent, 3> events = {order_on(0, 1), order_on(86400, 2),
                                              order_on(UINT32_MAX, 3)};
  EXPECT_EQ(fold_reading(events, model, kNoDay, memory).tier, Tier::none);
  EXPECT_EQ(fold_reading(events, model, Day{-5}, memory).index_milli, 0U);
  const Day last = model.zone.day_of(events.back().occurred_at());
  EXPECT_EQ(fold_reading(events, model, last, memory).tier, Tier::micro);
  EXPECT_EQ(fold_reading(events, model, Day{2932896}, memory).tier, Tier::none);  // 9999-12-31
  EXPECT_EQ(explain(events, model, Day{2932896}, memory).postings.size(), 4U);
}

}  // namespace
}  // namespace guanxi
