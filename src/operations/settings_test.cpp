#include "operations/settings.hpp"

#include <gtest/gtest.h>

#include <set>

namespace guanxi::operations {
namespace {

std::string problem_of(std::string_view toml) {
  auto settings = read_settings(toml);
  return settings ? "" : settings.error().message;
}

TEST(Settings, AnEmptyFileGivesTheDefaults) {
  auto settings = read_settings("");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings_file(*settings), settings_file(Settings{}));
  EXPECT_EQ(settings->server_listen, "127.0.0.1:8300");
}

TEST(Settings, WhatIsShownReadsBackAsTheSame) {
  Settings settings;
  settings.server_listen = "[::1]:9";
  settings.server_trusted_proxies = {"127.0.0.1", "10.0.0.0/8"};
  settings.server_public_names = {"guanxi.example"};
  settings.data_folder = "C:\\shop \"one\"";
  settings.server_idle_timeout_seconds = 7;
  settings.log_level = "debug";
  const std::string text = settings_file(settings);
  auto again = read_settings(text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(settings_file(*again), text);
}

TEST(Settings, EveryMistakeIsRefusedWithItsPlace) {
  EXPECT_EQ(problem_of("[server]\nlisen = \"x\"\n").substr(0, 43),
            "line 2, column 9: [server] lisen: is not kn");
  EXPECT_NE(problem_of("[serve]\n").find("serve: is not known"), std::string::npos);
  EXPECT_NE(problem_of("[server]\nidle_timeout_seconds = \"60\"").find("whole number from 1 to"),
            std::string::npos);
  EXPECT_NE(problem_of("[server]\nquick_threads = 0").find("line 2"), std::string::npos);
  EXPECT_NE(problem_of("[log]\nlevel = \"loud\"").find("debug, info"), std::string::npos);
  EXPECT_NE(problem_of("[server]\nlisten = \"8300\"").find("is not host:port"), std::string::npos);
  EXPECT_NE(problem_of("[tls]\nkey = \"k.pem\"").find("needs both"), std::string::npos);
  EXPECT_NE(problem_of("[server\n").find("line 1"), std::string::npos);
}

TEST(Settings, EveryRowSaysWhatItMeansAndNoneIsTwice) {
  std::set<std::string> names;
  for (const Setting& setting : settings_table()) {
    EXPECT_TRUE(names.insert(std::string(setting.table) + "." + std::string(setting.name)).second);
    EXPECT_FALSE(setting.meaning.empty()) << setting.name;
    EXPECT_NE(settings_page().find(setting.meaning), std::string::npos);
  }
}

TEST(Settings, AddressesAreTakenApart) {
  EXPECT_EQ(parse_listen("127.0.0.1:8300")->port, 8300);
  EXPECT_EQ(parse_listen("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_listen(":0")->host, "");
  for (const char* wrong : {"", "8300", "a:", "a:70000", "a:1x", "::1:80", "a:-1"}) {
    EXPECT_FALSE(parse_listen(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace guanxi::operations
