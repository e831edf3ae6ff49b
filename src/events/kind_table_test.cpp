#include "events/kind_table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace guanxi {
namespace {

TEST(KindTable, HasOneEntryAKindInTheOrderOfTheNumbers) {
  ASSERT_EQ(kind_table().size(), static_cast<std::size_t>(kEventKinds));
  std::set<std::string_view> titles;
  for (std::size_t i = 0; i < kind_table().size(); ++i) {
    const KindEntry& entry = kind_table()[i];
    EXPECT_EQ(static_cast<std::size_t>(entry.kind), i);
    EXPECT_TRUE(titles.insert(entry.title).second) << entry.title;
    EXPECT_TRUE(titles.insert(entry.title_zh).second) << entry.title_zh;
    EXPECT_FALSE(entry.feeds.empty());
    EXPECT_EQ(&entry_of(entry.kind), &entry);
  }
  EXPECT_EQ(title_of(EventKind::promise_broken, Language::en), "Promise Broken");
  EXPECT_EQ(title_of(EventKind::promise_broken, Language::zh), "违背承诺");
}

TEST(KindTable, EveryKindIsNamedByItsWordAndItsTitles) {
  for (const KindEntry& entry : kind_table()) {
    if (entry.kind == EventKind::unknown) {
      continue;
    }
    for (const std::string_view name : {name_of(entry.kind), entry.title, entry.title_zh}) {
      const auto found = kind_of_event_name(name);
      ASSERT_TRUE(found) << name;
      EXPECT_EQ(found->kind, entry.kind) << name;
    }
  }
}

TEST(KindTable, CaseAndSeparatorsDoNotMatter) {
  for (const std::string_view name : {"Order Completed", "order completed", "ORDER_COMPLETED",
                                      "orderCompleted", "order-completed", " Order  Completed "}) {
    const auto found = kind_of_event_name(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->kind, EventKind::order_completed) << name;
  }
  EXPECT_FALSE(kind_of_event_name(""));
  EXPECT_FALSE(kind_of_event_name("   "));
  EXPECT_FALSE(kind_of_event_name("Order Completely"));
  EXPECT_FALSE(kind_of_event_name("Unknown"));
  EXPECT_FALSE(kind_of_event_name(std::string(1000000, 'a')));
  EXPECT_FALSE(kind_of_event_name("__proto__"));
  EXPECT_FALSE(kind_of_event_name("Оrder Completed"));  // a Cyrillic O
}

TEST(KindTable, KnowsTheWholeSegmentVocabulary) {
  constexpr std::array kSegmentNames = {"Products Searched",
                                        "Product List Viewed",
                                        "Product List Filtered",
                                        "Promotion Viewed",
                                        "Promotion Clicked",
                                        "Product Clicked",
                                        "Product Viewed",
                                        "Product Added",
                                        "Product Removed",
                                        "Cart Viewed",
                                        "Checkout Started",
                                        "Checkout Step Viewed",
                                        "Checkout Step Completed",
                                        "Payment Info Entered",
                                        "Order Completed",
                                        "Order Updated",
                                        "Order Refunded",
                                        "Order Cancelled",
                                        "Coupon Entered",
                                        "Coupon Applied",
                                        "Coupon Denied",
                                        "Coupon Removed",
                                        "Product Added to Wishlist",
                                        "Product Removed from Wishlist",
                                        "Wishlist Product Added to Cart",
                                        "Product Shared",
                                        "Cart Shared",
                                        "Product Reviewed",
                                        "Email Delivered",
                                        "Email Opened",
                                        "Email Link Clicked",
                                        "Email Bounced",
                                        "Email Marked as Spam",
                                        "Unsubscribed",
                                        "Live Chat Conversation Started",
                                        "Live Chat Conversation Ended",
                                        "Live Chat Message Sent",
                                        "Live Chat Message Received"};
  for (const char* name : kSegmentNames) {
    EXPECT_TRUE(kind_of_event_name(name)) << name;
  }
  // Segment speaks from the customer's side, our kinds from the brand's.
  EXPECT_EQ(kind_of_event_name("Live Chat Message Sent")->kind, EventKind::message_received);
}

TEST(KindTable, PropertyNamesAreClean) {
  for (const KindEntry& entry : kind_table()) {
    for (const Property& property : entry.properties) {
      EXPECT_FALSE(property.names.empty());
      EXPECT_FALSE(property.meaning.empty());
      EXPECT_EQ(property.names.find("  "), std::string_view::npos);
    }
  }
}

// docs/events.md is written from the table; GUANXI_UPDATE_GOLDEN=1 writes it anew.
TEST(KindTable, TheDocumentIsWhatTheTableSays) {
  const std::string path = std::string(GUANXI_SOURCE_DIR) + "/docs/events.md";
  if (std::getenv("GUANXI_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << docs_events_md();
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), docs_events_md()) << "rewrite it with GUANXI_UPDATE_GOLDEN=1";
}

}  // namespace
}  // namespace guanxi
