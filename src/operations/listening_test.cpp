#include "operations/listening.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

namespace guanxi::operations {
namespace {

TEST(Listening, AnAddressIsBoundOnceAndNamed) {
  auto first = ListeningSocket::open({"127.0.0.1", 0});
  ASSERT_TRUE(first) << first.error().message;
  const std::string url = first->url(false);
  EXPECT_EQ(url.substr(0, 17), "http://localhost:");
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(17)));
  auto second = ListeningSocket::open({"localhost", port});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
}

TEST(Listening, NamesAreNotAddresses) {
  EXPECT_EQ(ListeningSocket::open({"shop.example", 0}).error().code, ErrorCode::invalid);
}

TEST(Listening, SocketsOfAnotherProcessAreNotTaken) {
  setenv("LISTEN_PID", "1", 1);
  setenv("LISTEN_FDS", "1", 1);
  EXPECT_FALSE(ListeningSocket::activated());
  EXPECT_EQ(getenv("LISTEN_FDS"), nullptr);
}

}  // namespace
}  // namespace guanxi::operations
