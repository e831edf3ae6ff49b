#include "engine/compactor.hpp"

#include <gtest/gtest.h>

#include "events/batch_codec.hpp"

namespace guanxi {
namespace {

Event sale(const char* product, std::int64_t amount_minor, const char* currency) {
  Event event;
  event.kind = EventKind::order_line;
  event.subject = product;
  event.amount_minor = amount_minor;
  if (*currency != '\0') {
    event.currency = *parse_currency(currency);
  }
  return event;
}

TEST(Compactor, FlagsAmountsInAnotherCurrency) {
  Dictionary subjects;
  Compactor compactor(subjects, *parse_currency("GBP"));
  const std::vector<Event> events = {sale("a", 5, "GBP"), sale("b", 5, "EUR"), sale("a", 5, ""),
                                     sale("b", 0, "EUR")};
  std::vector<CompactEvent> compacts;
  compactor.compact_all(events, 100, nullptr, compacts);
  ASSERT_EQ(compacts.size(), 4U);
  EXPECT_FALSE(compacts[0].has(kForeignCurrency));
  EXPECT_TRUE(compacts[1].has(kForeignCurrency));
  EXPECT_FALSE(compacts[2].has(kForeignCurrency)) << "unnamed means the brand's own";
  EXPECT_FALSE(compacts[3].has(kForeignCurrency)) << "no money, no currency";
  EXPECT_EQ(compacts[3].ordinal(), 103U);
  EXPECT_EQ(subjects.text(compacts[2].subject()), "a");
}

TEST(Compactor, AFlagThatWasStoredIsWorkedOutAnew) {
  Dictionary subjects;
  Compactor compactor(subjects, *parse_currency("EUR"));
  Event event = sale("a", 5, "EUR");
  event.flags = kForeignCurrency | kPrepaid;
  std::vector<CompactEvent> compacts;
  compactor.compact_all({&event, 1}, 0, nullptr, compacts);
  EXPECT_EQ(compacts[0].flags(), kPrepaid);
}

TEST(Compactor, SubjectsOfABatchAreTheSameAsOneByOne) {
  std::vector<Event> events;
  for (int i = 0; i < 50; ++i) {
    events.push_back(sale(i % 3 == 0 ? "x" : i % 3 == 1 ? "y" : "", i, "GBP"));
  }
  EventBatch decoded;
  BatchSubjects of_batch;
  ASSERT_TRUE(decode_batch(encode_events(events), decoded, &of_batch));
  Dictionary subjects;
  Compactor compactor(subjects, {});
  std::vector<CompactEvent> one_by_one;
  std::vector<CompactEvent> at_once;
  compactor.compact_all(events, 0, nullptr, one_by_one);
  compactor.compact_all(decoded.events, 0, &of_batch, at_once);
  ASSERT_EQ(at_once.size(), one_by_one.size());
  for (std::size_t i = 0; i < at_once.size(); ++i) {
    EXPECT_EQ(at_once[i].subject(), one_by_one[i].subject());
  }
  EXPECT_EQ(subjects.size(), 2U);
}

TEST(MainCurrency, IsTheMostUsedAndTheFirstOfEquals) {
  EXPECT_FALSE(main_currency({}).named());
  CurrencyCounts counts;
  counts[{'U', 'S', 'D'}] = 2;
  counts[{'E', 'U', 'R'}] = 2;
  EXPECT_EQ(main_currency(counts).text(), "EUR");
  counts[{'U', 'S', 'D'}] = 3;
  EXPECT_EQ(main_currency(counts).text(), "USD");
}

TEST(PeopleFinder, TakesPeopleInTheOrderOfTheEvents) {
  Image image(4);
  PeopleFinder finder;
  std::vector<Event> events(5);
  events[0].person = {IdNamespace::user, "a"};
  events[1].person = {IdNamespace::user, "a"};
  events[2].person = {IdNamespace::user, "b"};
  events[2].also_known_as = {IdNamespace::email, "b@x"};
  events[4].person = {IdNamespace::email, "b@x"};
  const auto refs = finder.people_of(image, events);
  EXPECT_EQ(refs[0], refs[1]);
  EXPECT_NE(refs[0], refs[2]);
  EXPECT_EQ(refs[2], refs[4]) << "the second name is the same person's";
  EXPECT_EQ(refs[3], PeopleFinder::kNobodyRef);
  EXPECT_EQ(image.people(), 2U);
}

}  // namespace
}  // namespace guanxi
