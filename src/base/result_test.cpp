#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace guanxi {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) {
    return fail(ErrorCode::invalid, std::to_string(value) + " is odd; valid: even numbers");
  }
  return value / 2;
}

Result<void> check_quarter(int value) {
  GUANXI_TRY(once, half(value));
  GUANXI_TRY_VOID(half(once));
  return {};
}

Result<std::unique_ptr<int>> boxed_half(int value) {
  GUANXI_TRY(halved, half(value));
  return std::make_unique<int>(halved);
}

TEST(Result, HoldsAValueOrAReason) {
  EXPECT_TRUE(half(4));
  EXPECT_EQ(*half(4), 2);
  const auto refused = half(3);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_EQ(refused.error().message, "3 is odd; valid: even numbers");
}

TEST(Result, TryPassesTheErrorOn) {
  EXPECT_TRUE(check_quarter(8));
  EXPECT_EQ(check_quarter(7).error().message, "7 is odd; valid: even numbers");
  EXPECT_EQ(check_quarter(6).error().message, "3 is odd; valid: even numbers");
}

TEST(Result, CarriesValuesThatCanOnlyMove) {
  auto boxed = boxed_half(10);
  ASSERT_TRUE(boxed);
  const std::unique_ptr<int> taken = std::move(boxed).value();
  EXPECT_EQ(*taken, 5);
  EXPECT_FALSE(boxed_half(5));
}

TEST(ResultDeathTest, TakingAValueThatIsNotThereIsABug) {
  EXPECT_DEATH(static_cast<void>(half(3).value()), "holds an error");
  EXPECT_DEATH(static_cast<void>(half(4).error()), "holds a value");
}

TEST(Result, EveryCodeHasItsName) {
  EXPECT_STREQ(name_of(ErrorCode::invalid), "invalid");
  EXPECT_STREQ(name_of(ErrorCode::conflict), "conflict");
  EXPECT_STREQ(name_of(ErrorCode::not_found), "not_found");
  EXPECT_STREQ(name_of(ErrorCode::overloaded), "overloaded");
  EXPECT_STREQ(name_of(ErrorCode::unavailable), "unavailable");
  EXPECT_STREQ(name_of(ErrorCode::corrupted), "corrupted");
}

}  // namespace
}  // namespace guanxi
