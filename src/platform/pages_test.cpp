#include "platform/pages.hpp"

#include <gtest/gtest.h>

namespace guanxi {
namespace {

TEST(Pages, AreZeroUntilWrittenAndAgainWhenForgotten) {
  const Pages pages(8 * Pages::kPageBytes, true);
  ASSERT_EQ(pages.bytes().size(), 8 * Pages::kPageBytes);
  for (const std::byte byte : pages.bytes()) {
    ASSERT_EQ(byte, std::byte{0});
  }
  std::fill(pages.bytes().begin(), pages.bytes().end(), std::byte{7});
  pages.forget(Pages::kPageBytes, 2 * Pages::kPageBytes);
  EXPECT_EQ(pages.bytes()[0], std::byte{7});
  EXPECT_EQ(pages.bytes()[Pages::kPageBytes], std::byte{0});
  EXPECT_EQ(pages.bytes()[3 * Pages::kPageBytes - 1], std::byte{0});
  EXPECT_EQ(pages.bytes()[3 * Pages::kPageBytes], std::byte{7});
}

TEST(Pages, MoveWithTheirContent) {
  Pages first(Pages::kPageBytes, false);
  first.bytes()[5] = std::byte{9};
  Pages second(std::move(first));
  EXPECT_EQ(second.bytes()[5], std::byte{9});
  Pages third;
  EXPECT_TRUE(third.bytes().empty());
  third = std::move(second);
  EXPECT_EQ(third.bytes()[5], std::byte{9});
}

}  // namespace
}  // namespace guanxi
