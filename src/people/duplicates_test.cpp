#include <gtest/gtest.h>

#include <chrono>

#include "base/random.hpp"
#include "people/duplicate_traits.hpp"
#include "people/test_brand.hpp"

namespace guanxi {
namespace {

ExternalId id(std::string_view text) { return parse_external_id(text); }

std::string story(const Duplicates& found) {
  std::string text;
  for (const Duplicate& pair : found.pairs) {
    text += pair.a + " | " + pair.b + " " + std::to_string(pair.points);
    for (const DuplicateSign& sign : pair.signs) {
      text += " " + std::string(name_of(sign.kind)) + "(" + sign.a + "," + sign.b + ")";
    }
    text += "\n";
  }
  return text;
}

TEST(Duplicates, AreFoundByWhatTheirIdsHaveInCommon) {
  Image image(2);
  for (const char* one : {"email:Ada.L@example.org", "email:ada.l+shop@EXAMPLE.org",
                          "user:bob@example.org", "email:bob@example.org", "phone:+44 20 7946 0018",
                          "phone:(020) 7946-0018", "phone:18", "card:1234 5678", "card:1234-5678",
                          "user:abcdef1", "anonymous:abcdef1", "user:1", "anonymous:1"}) {
    (void)image.find_or_add(id(one));
  }
  EXPECT_EQ(story(find_duplicates(image, 10)),
            "card:1234 5678 | card:1234-5678 60 same_card(card:1234 5678,card:1234-5678)\n"
            "email:Ada.L@example.org | email:ada.l+shop@EXAMPLE.org 60 "
            "same_email(email:Ada.L@example.org,email:ada.l+shop@EXAMPLE.org)\n"
            "email:bob@example.org | user:bob@example.org 60 "
            "same_email(email:bob@example.org,user:bob@example.org)\n"
            "phone:(020) 7946-0018 | phone:+44 20 7946 0018 50 "
            "same_phone(phone:(020) 7946-0018,phone:+44 20 7946 0018)\n"
            "anonymous:abcdef1 | user:abcdef1 40 same_text(anonymous:abcdef1,user:abcdef1)\n");
  EXPECT_EQ(find_duplicates(image, 2).pairs.size(), 2U);
  EXPECT_EQ(find_duplicates(image, 2).found, 5U);
}

TEST(Duplicates, ARefusedLinkIsASignUntilSomebodyDecides) {
  Image image(2);
  (void)image.identify(id("ada"), id("anonymous:web"), {1, 100, 1});
  (void)image.identify(id("eve"), id("anonymous:web"), {2, 200, 1});
  (void)image.identify(id("eve"), id("anonymous:web"), {3, 300, 1});
  ASSERT_TRUE(image.settle_people({}, false));
  const Duplicates found = find_duplicates(image, 10);
  ASSERT_EQ(found.pairs.size(), 1U);
  EXPECT_EQ(story(found), "user:ada | user:eve 32 refused_link(anonymous:web,user:eve)\n");
  EXPECT_EQ(found.pairs[0].signs[0].times, 2U);
  EXPECT_EQ(found.pairs[0].signs[0].first_at.seconds, 200);
  image.decide({1, IdDecision::Kind::apart, id("ada"), id("eve")});
  ASSERT_TRUE(image.settle_people({}, false));
  EXPECT_TRUE(find_duplicates(image, 10).pairs.empty());
}

TEST(Duplicates, NamesAndAddressesInTraitsAreASign) {
  Image image(2);
  const auto told = [&](const char* who, const char* traits, std::vector<TraitSight>& sights) {
    (void)image.find_or_add(id(who));
    Event event;
    event.person = id(who);
    event.properties = traits;
    look_at_traits(event, sights);
  };
  std::vector<TraitSight> sights;
  told("ada", R"({"firstName":"Ada","lastName":"King-Noel","birthday":"1815-12-10",
       "address":{"street":"12 St. James's Square","postalCode":"SW1Y 4JH"}})",
       sights);
  told("countess", R"({"name":"KING NOEL, Ada","address":{"street":"12, St James's Sq.",
       "postalCode":"sw1y-4jh"}})",
       sights);
  told("byron", R"({"name":"ada king noel","birthday":"18151210"})", sights);
  told("other", R"({"name":"Ada","birthday":"1815-12-10","address":"12 St James's Square"})",
       sights);
  told("nobody-wrong", R"({"name":["x"],"address":5)", sights);
  EXPECT_EQ(story(find_duplicates(image, 10, sights)),
            "user:ada | user:countess 45 same_name_address(user:ada,user:countess)\n"
            "user:ada | user:byron 40 same_name_birthday(user:ada,user:byron)\n");
  EXPECT_TRUE(find_duplicates(image, 10).pairs.empty()) << "nothing else speaks for it";
}

TEST(Duplicates, WhatIsComparedOfNamesAddressesAndDates) {
  EXPECT_EQ(comparable_name("  Byron,\tAugusta "), "augusta byron");
  EXPECT_EQ(comparable_name("Augusta"), "");
  EXPECT_EQ(comparable_name("王小明"), "王小明");
  EXPECT_EQ(comparable_address("No. 5, Long Road"), "5 long no rd");
  EXPECT_EQ(comparable_address("Long Road, Oldtown"), "") << "without a number";
  EXPECT_EQ(comparable_date("1990-01-31T00:00:00Z"), "19900131");
  EXPECT_EQ(comparable_date("31.01.1990"), "");
}

TEST(Duplicates, WhatManyShareSaysNothing) {
  Image image(2);
  for (int i = 0; i < 6; ++i) {
    (void)image.find_or_add(id("email:desk+" + std::to_string(i) + "@example.org"));
  }
  EXPECT_TRUE(find_duplicates(image, 10).pairs.empty());
}

// B4: one who was anonymous for a million events and then says who they are.
TEST(Duplicates, IdentifyingAfterAMillionAnonymousEventsIsQuick) {
  constexpr std::uint32_t kMany = 1'000'000;
  Image image(4);
  BulkLoader loader = image.begin_bulk();
  const PersonRef web = image.find_or_add(id("anonymous:web"));
  const PersonRef ada = image.find_or_add(id("ada"));
  for (std::uint32_t i = 0; i < kMany; ++i) {
    CompactEvent::Fields fields =
        test_brand::on_day(static_cast<std::int32_t>(i / 5000), EventKind::visit, mix64(i + 1));
    fields.ordinal = i;
    loader.push(i % 1000 == 0 ? ada : web, CompactEvent(fields));
  }
  (void)loader.finish(2);
  image.refold(test_brand::model(), Day{test_brand::kFirstDay + 300}, 2);
  const auto began = std::chrono::steady_clock::now();
  const PersonRef person = image.identify(id("ada"), id("anonymous:web"), {1, 100, 1});
  (void)image.add(person, CompactEvent(test_brand::on_day(250, EventKind::identified, 7)));
  ASSERT_TRUE(image.settle_people({}, true));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(image.people(), 1U);
  EXPECT_EQ(image.timeline(*image.find(id("ada"))).size(), kMany + 1U);
  EXPECT_LT(took.count(), 20.0) << "also in a build that is not optimised, on a busy machine";
}

}  // namespace
}  // namespace guanxi
