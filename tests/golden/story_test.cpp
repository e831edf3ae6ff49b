#include "golden/story.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace guanxi {
namespace {

std::vector<std::filesystem::path> stories() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/golden")) {
    if (entry.path().extension() == ".story") {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class Story : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Story, ComesTrue) {
  std::ifstream file(GetParam());
  std::stringstream text;
  text << file.rdbuf();
  for (const std::string& problem : story::run(text.str(), "models")) {
    ADD_FAILURE() << GetParam().string() << ": " << problem;
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Story, ::testing::ValuesIn(stories()),
                         [](const auto& story_info) { return story_info.param.stem().string(); });

// A story that expects what is not so must fail, or the runner proves nothing.
TEST(StoryRunner, FindsWhatDidNotComeTrue) {
  const auto problems = story::run(
      "2026-01-05 order_line ada product=tea order=1 amount=50.00\n"
      "at 2026-01-06\n"
      "ada tier strong\n"
      "ada trust > 0.99\n"
      "ada posting 2026-01-05 none -> weak by evidence\n",
      "models");
  EXPECT_EQ(problems.size(), 3U);
}

TEST(Stories, ThereAreManyOfThem) { EXPECT_GE(stories().size(), 20U); }

}  // namespace
}  // namespace guanxi
