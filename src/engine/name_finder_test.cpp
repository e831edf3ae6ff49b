#include "engine/name_finder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "base/random.hpp"

namespace guanxi {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The slow reference: every name is looked for by itself.
bool slow_word(const std::string& text, const std::vector<std::string>& names,
               std::size_t shortest) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    if (name.empty() || name.size() < shortest) {
      return false;
    }
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) {
        return true;
      }
    }
    return false;
  });
}

bool slow_quoted(const std::string& text, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return !name.empty() && text.find('"' + name + '"') != std::string::npos;
  });
}

std::size_t slow_longest(const std::string& text, std::size_t at,
                         const std::vector<std::string>& names) {
  std::size_t longest = 0;
  for (const std::string& name : names) {
    if (text.compare(at, name.size(), name) == 0) {
      longest = std::max(longest, name.size());
    }
  }
  return longest;
}

// Goal: exactly what looking for each name by itself finds. Method: short words over a small
// alphabet, so that names begin, contain and touch each other.
TEST(NameFinder, FindsWhatLookingForEachNameFinds) {
  Random random(7);
  const auto word = [&](std::size_t most) {
    std::string out;
    for (std::size_t i = random.below(most + 1); i > 0; --i) {
      out += "ab1 -\"_\xc3"[random.below(8)];
    }
    return out;
  };
  std::size_t found = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::string> names;
    for (std::size_t i = random.below(6); i > 0; --i) {
      names.push_back(word(7));
    }
    const NameFinder finder(names);
    const std::string text = word(24);
    for (const std::size_t shortest : {std::size_t{1}, std::size_t{4}}) {
      ASSERT_EQ(finder.any_word(text, shortest), slow_word(text, names, shortest)) << text;
    }
    ASSERT_EQ(finder.any_quoted(text), slow_quoted(text, names)) << text;
    for (std::size_t at = 0; at < text.size(); ++at) {
      ASSERT_EQ(finder.longest_at(text, at), slow_longest(text, at, names)) << text << " " << at;
      found += finder.longest_at(text, at) > 0 ? 1U : 0U;
    }
  }
  EXPECT_GT(found, 1000U);
}

TEST(NameFinder, WithoutNamesNothingIsFound) {
  const NameFinder finder({});
  EXPECT_EQ(finder.size(), 0U);
  EXPECT_FALSE(finder.any_word("anything", 1));
  EXPECT_FALSE(finder.any_quoted("\"\""));
}

}  // namespace
}  // namespace guanxi
