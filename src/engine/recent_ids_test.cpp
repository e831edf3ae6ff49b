#include "engine/recent_ids.hpp"

#include <gtest/gtest.h>

namespace guanxi {
namespace {

using Seen = RecentIds::Seen;
constexpr Instant kNow{1'700'000'000};
constexpr std::int64_t kDay = 86'400;

TEST(RecentIds, TellsRetriesFromConflicts) {
  RecentIds ids(1'000);
  EXPECT_EQ(ids.see(7, 100, kNow), Seen::fresh);
  EXPECT_EQ(ids.see(7, 100, kNow), Seen::repeated);
  EXPECT_EQ(ids.see(7, 101, kNow), Seen::conflicting);
  EXPECT_EQ(ids.see(0, 100, kNow), Seen::fresh) << "0 is an identity like any other";
  EXPECT_EQ(ids.see(0, 100, kNow), Seen::repeated);
}

TEST(RecentIds, WhatWasTakenBackIsFreshAgain) {
  RecentIds ids(1'000);
  EXPECT_EQ(ids.see(7, 100, kNow), Seen::fresh);
  ids.forget(7);
  ids.forget(8);
  EXPECT_EQ(ids.see(7, 101, kNow), Seen::fresh);
  EXPECT_EQ(ids.see(7, 101, kNow), Seen::repeated);
}

TEST(RecentIds, RemembersForAtLeastSevenDays) {
  RecentIds ids(1'000'000);
  for (std::uint64_t id = 0; id < 14 * 24; ++id) {
    const Instant now{kNow.seconds + static_cast<std::int64_t>(id) * 3'600};
    ASSERT_EQ(ids.see(id, 9, now), Seen::fresh);
    if (id >= 7 * 24) {
      ASSERT_EQ(ids.see(id - 7 * 24, 9, now), Seen::repeated) << id;
    }
  }
  EXPECT_EQ(ids.see(1'000, 9, Instant{kNow.seconds + 60 * kDay}), Seen::fresh);
  EXPECT_EQ(ids.see(1'001, 9, Instant{kNow.seconds + 68 * kDay}), Seen::fresh);
  EXPECT_EQ(ids.see(3, 9, Instant{kNow.seconds + 68 * kDay}), Seen::fresh) << "long forgotten";
}

TEST(RecentIds, IsBoundedHoweverManyCome) {
  RecentIds ids(20'000);
  for (std::uint64_t id = 0; id < 200'000; ++id) {
    ASSERT_EQ(ids.see(id, 5, kNow), Seen::fresh);
    ASSERT_LE(ids.size(), 20'000U);
  }
  EXPECT_EQ(ids.see(199'999 - 9'000, 5, kNow), Seen::repeated) << "half of the most stay";
  EXPECT_LE(ids.bytes(), 20'000U * 36);
}

TEST(ContentOf, LeavesTimesOutAndNothingElse) {
  Event event;
  event.kind = EventKind::visit;
  event.subject = "ab";
  event.order_id = "c";
  Event later = event;
  later.occurred_at = Instant{5};
  later.received_at = Instant{6};
  EXPECT_EQ(content_of(later), content_of(event));
  Event moved = event;
  moved.subject = "a";
  moved.order_id = "bc";
  EXPECT_NE(content_of(moved), content_of(event));
  Event other = event;
  other.amount_minor = 1;
  EXPECT_NE(content_of(other), content_of(event));
}

}  // namespace
}  // namespace guanxi
