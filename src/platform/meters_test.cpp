#include "platform/meters.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace guanxi {
namespace {

TEST(Meters, ManyThreadsLoseNothing) {
  Meter meter;
  Histogram histogram(kSizeBounds);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10'000; ++round) {
        meter.add(2);
        histogram.observe(3);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(meter.value(), 80'000U);
  EXPECT_EQ(histogram.count(), 40'000U);
  EXPECT_EQ(histogram.sum(), 120'000.0);
}

TEST(Meters, AMeasureLiesAtOrUnderItsBound) {
  Histogram histogram(kSizeBounds);
  for (const double value : {0.0, 1.0, 1.5, 4.0, 262144.0, 262145.0, -1.0}) {
    histogram.observe(value);
  }
  EXPECT_EQ(histogram.count_at(0), 3U);
  EXPECT_EQ(histogram.count_at(1), 2U);
  EXPECT_EQ(histogram.count_at(9), 1U);
  EXPECT_EQ(histogram.count_at(10), 1U);
}

}  // namespace
}  // namespace guanxi
