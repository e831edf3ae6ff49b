// Whether the time of an answer tells anything about a secret or a name (F6). Not part of ./test,
// since a busy machine decides what it measures; by hand:
//
//     access_test --gtest_also_run_disabled_tests --gtest_filter='*Timing*'
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>

#include "access/access_testing.hpp"

namespace guanxi::access {
namespace {

struct Moments {
  double count = 0, mean = 0, squares = 0;
  void add(double value) {
    count += 1;
    const double step = value - mean;
    mean += step / count;
    squares += step * (value - mean);
  }
  [[nodiscard]] double variance() const { return squares / (count - 1); }
};

double nanoseconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - began).count();
}

// Welch's t; with so many samples it is normally distributed, and p < 0.01 beyond 2.58.
void compare(const char* what, int samples, const std::function<void(int)>& one,
             const std::function<void(int)>& other) {
  Moments a;
  Moments b;
  for (int i = 0; i < samples; ++i) {
    const bool first = i % 2 == 0;
    const double left = nanoseconds_of([&] { (first ? one : other)(i); });
    const double right = nanoseconds_of([&] { (first ? other : one)(i); });
    a.add(first ? left : right);
    b.add(first ? right : left);
  }
  const double t = (a.mean - b.mean) / std::sqrt(a.variance() / a.count + b.variance() / b.count);
  const double p = std::erfc(std::abs(t) / std::sqrt(2.0));
  std::printf("%s: %.0f and %.0f ns over %d samples, t = %.2f, p = %.3f\n", what, a.mean, b.mean,
              samples, t, p);
  EXPECT_GE(p, 0.01) << what;
}

class DISABLED_Timing : public AccessTest {};

TEST_F(DISABLED_Timing, AKeyWithTheRightBeginningTakesAsLongAsAnyWrongOne) {
  const std::string key = store_->add_source({.name = "shop"}).value().write_key;
  std::string near = key;
  near.back() = near.back() == '0' ? '1' : '0';
  const std::string far = "gxw_" + random_hex(20).value();
  compare(
      "write key, 43 of 44 characters right, and none", 100'000,
      [&](int /*i*/) { EXPECT_EQ(store_->source_of_key(near), nullptr); },
      [&](int /*i*/) { EXPECT_EQ(store_->source_of_key(far), nullptr); });
}

TEST_F(DISABLED_Timing, AnUnknownNameTakesAsLongAsAKnownOne) {
  add_user("ada", Role::admin);
  static_cast<void>(store_->desk().login({"ada", "warm up", "", "x"}).has_value());
  compare(
      "login of a known and of an unknown name", 5'000,
      [&](int i) {
        EXPECT_TRUE(store_->desk().login({"ada", "wrong", "", "a" + std::to_string(i)}));
        clock_.advance(AttemptLimits::kWindowSeconds);
      },
      [&](int i) {
        EXPECT_TRUE(store_->desk().login({"eve", "wrong", "", "b" + std::to_string(i)}));
        clock_.advance(AttemptLimits::kWindowSeconds);
      });
}

}  // namespace
}  // namespace guanxi::access
