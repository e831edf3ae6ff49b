#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/targets.hpp"

namespace guanxi::fuzz {
namespace {

// Goal: no input that was ever worth keeping breaks anything again. Method: every file of
// tests/fuzz/corpus/TARGET, whole and cut short.
TEST(FuzzCorpus, EveryKeptInputIsRead) {
  for (const Target& target : targets()) {
    std::size_t files = 0;
    const std::filesystem::path folder = "tests/fuzz/corpus/" + std::string(target.name);
    ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
      for (const std::size_t part : {bytes.size(), bytes.size() / 2, bytes.size() / 3}) {
        target.run(std::string_view(bytes).substr(0, part));
      }
      ++files;
    }
    EXPECT_GT(files, 0U) << target.name;
  }
}

}  // namespace
}  // namespace guanxi::fuzz
