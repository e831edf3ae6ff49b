#include "base/money.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

namespace guanxi {
namespace {

std::int64_t cents(std::string_view text) {
  const Result<Decimal> value = parse_decimal(text);
  EXPECT_TRUE(value.has_value()) << text;
  const Result<std::int64_t> minor = to_minor(*value, 2);
  EXPECT_TRUE(minor.has_value()) << text;
  return *minor;
}

TEST(Money, TheSameAmountInEveryFormIsTheSameCents) {
  EXPECT_EQ(cents("19.99"), 1999);
  EXPECT_EQ(cents("+19.990000000000000000000"), 1999);
  EXPECT_EQ(cents("1999e-2"), 1999);
  EXPECT_EQ(cents("0.1999E2"), 1999);
  EXPECT_EQ(cents("-0.005"), -1);
  EXPECT_EQ(cents("0.0049"), 0);
  EXPECT_EQ(cents("-0"), 0);
  EXPECT_EQ(cents("1e2"), 10000);
  EXPECT_EQ(cents(".5"), 50);
}

TEST(Money, WhatIsNoNumberIsRefused) {
  for (const std::string_view text :
       {"", "-", ".", "e2", "1e", "1e+", "1e1000", "1,234.50", "0x10", "nan", "inf", " 1", "1 ",
        "1.2.3", "--1", "1234567890123456789", "1e18e1", "1e25"}) {
    EXPECT_FALSE(parse_decimal(text).has_value()) << text;
  }
}

TEST(Money, HugeProductsAreRefusedInsteadOfWrapping) {
  const Decimal huge{999'999'999'999'999'999, 0};
  EXPECT_FALSE(line_total_minor(huge, INT64_MAX, 3).has_value());
  EXPECT_FALSE(line_total_minor(huge, INT64_MIN, 3).has_value());
  EXPECT_FALSE(to_minor(huge, 3).has_value());
  EXPECT_EQ(*line_total_minor(Decimal{335, 3}, 3, 2), 101);  // 1.005, half away from zero
}

TEST(Money, TextOfMinorUnits) {
  EXPECT_EQ(minor_to_text(1999, 2), "19.99");
  EXPECT_EQ(minor_to_text(-5, 2), "-0.05");
  EXPECT_EQ(minor_to_text(1999, 0), "1999");
  EXPECT_EQ(minor_to_text(INT64_MIN, 2), "-92233720368547758.08");
}

}  // namespace
}  // namespace guanxi
