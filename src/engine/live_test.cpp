#include "engine/live.hpp"

#include <gtest/gtest.h>

namespace guanxi {
namespace {

LiveNote named(std::string name) {
  LiveNote note;
  note.name = std::move(name);
  return note;
}

TEST(LiveFeed, EveryWatcherSeesEveryNoteInOrder) {
  LiveFeed feed;
  EXPECT_FALSE(feed.watched());
  const auto one = feed.watch(10, false);
  const auto two = feed.watch(10, false);
  EXPECT_TRUE(feed.watched());
  feed.publish(named("a"));
  feed.publish(named("b"));
  std::uint64_t missed = 9;
  for (const auto& watcher : {one, two}) {
    const auto notes = watcher->take(0, missed);
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_EQ(notes[0]->name, "a");
    EXPECT_EQ(notes[1]->number, 2U);
    EXPECT_EQ(missed, 0U);
  }
}

TEST(LiveFeed, ASlowWatcherLosesTheOldestAndIsTold) {
  LiveFeed feed;
  const auto watcher = feed.watch(3, false);
  for (int i = 0; i < 10; ++i) {
    feed.publish(named(std::to_string(i)));
  }
  std::uint64_t missed = 0;
  const auto notes = watcher->take(0, missed);
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_EQ(notes[0]->name, "7");
  EXPECT_EQ(missed, 7U);
}

TEST(LiveFeed, ALateWatcherMayBeginWithWhatCameLately) {
  LiveFeed feed;
  for (std::size_t i = 0; i < LiveFeed::kRecent + 5; ++i) {
    feed.publish(named("x"));
  }
  std::uint64_t missed = 0;
  EXPECT_EQ(feed.watch(1000, true)->take(0, missed).size(), LiveFeed::kRecent);
  EXPECT_TRUE(feed.watch(1000, false)->take(0, missed).empty());
}

}  // namespace
}  // namespace guanxi
