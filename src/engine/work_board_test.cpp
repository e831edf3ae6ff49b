#include "engine/work_board.hpp"

#include <gtest/gtest.h>

namespace guanxi {
namespace {

TEST(WorkBoard, TellsRateAndTimeLeft) {
  ManualClock clock(Instant{1000});
  WorkBoard board(clock);
  EXPECT_FALSE(board.current());
  board.update(1, 2);
  EXPECT_FALSE(board.current()) << "no work has begun";
  board.begin("import", "a.csv");
  board.phase("read", "rows", 0);
  clock.advance(10);
  board.update(500, 2000, "b.csv");
  const auto work = board.current();
  ASSERT_TRUE(work);
  EXPECT_EQ(work->name, "import");
  EXPECT_EQ(work->detail, "b.csv");
  EXPECT_EQ(work->per_second, 50U);
  EXPECT_EQ(work->seconds_left, 30U);
  board.phase("fold", "people", 10);
  EXPECT_EQ(board.current()->done, 0U);
  EXPECT_FALSE(board.current()->seconds_left);
  board.end(false, "no space");
  EXPECT_FALSE(board.current());
  EXPECT_EQ(board.last()->ok, false);
  EXPECT_EQ(board.last()->message, "no space");
  EXPECT_EQ(board.last()->finished_at->seconds, 1010);
}

TEST(WorkBoard, TellsItsListenerEveryChange) {
  WorkBoard board;
  int told = 0;
  board.listen([&](const Work& work) { told += work.name == "check" ? 1 : 0; });
  board.begin("check", "");
  board.phase("read", "batches", 3);
  board.update(1, 3);
  board.end(true, "");
  EXPECT_EQ(told, 3);
}

}  // namespace
}  // namespace guanxi
