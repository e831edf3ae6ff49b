#include "platform/log.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace guanxi {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Log, LinesAreJsonObjectsFromTheLevelUp) {
  const std::string path = testing::TempDir() + "guanxi_log_test.jsonl";
  std::remove(path.c_str());
  ASSERT_TRUE(open_log({.level = LogLevel::info, .file = path}));
  log_line(LogLevel::debug, "too_small", {});
  log_line(LogLevel::warning, "disk_full",
           {{"bytes", 12}, {"share", 0.5}, {"again", true}, {"path", "a \"b\"\nc {}"}});
  ASSERT_TRUE(open_log({.level = LogLevel::off, .file = path}));
  log_line(LogLevel::error, "nobody_reads_this", {});
  const std::string text = content_of(path);
  EXPECT_EQ(text.find("{\"time\":\"20"), 0U) << text;
  EXPECT_EQ(
      text.substr(text.find("\"level\"")),
      "\"level\":\"warning\",\"event\":\"disk_full\",\"bytes\":12,\"share\":0.5,\"again\":true,"
      "\"path\":\"a \\\"b\\\"\\nc {}\"}\n");
}

TEST(Log, AFolderThatIsNotThereIsRefused) {
  auto opened = open_log({.level = LogLevel::info, .file = "/proc/no/such/place.log"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
}

TEST(Log, WhatLooksLikePeopleOrSecretsIsMasked) {
  EXPECT_EQ(masked("of ada@example.org, please"), "of [email], please");
  EXPECT_EQ(masked("call +86 138 0013 8000 now"), "call [number] now");
  EXPECT_EQ(masked("13800138000"), "[number]");
  EXPECT_EQ(masked("key 0123456789abcdef0123456789abcdef"), "key [secret]");
}

TEST(Log, WhatIsNeitherStays) {
  for (const char* text : {"/api/v1/people/{id}", "2026-05-01T10:00:00Z", "127.0.0.1:8300",
                           "cannot write 'data/guanxi.log': No space left on device", "r-1f", "@",
                           "9f8e7d6c5b4a39281706", ""}) {
    EXPECT_EQ(masked(text), text);
  }
}

}  // namespace
}  // namespace guanxi
