#include "analytics/mapping.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "analytics/event_columns.hpp"

namespace guanxi {
namespace {

std::string document(const std::string& path) {
  std::ifstream file(std::string(GUANXI_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string error_of(const std::string& toml) {
  const auto mapping = Mapping::parse(toml, "x.toml");
  return mapping ? "" : mapping.error().message;
}

const std::string kGood =
    "name = \"x\"\n[[table]]\nname = \"t\"\nrecognise.columns = [\"a\"]\n[[table.event]]\n"
    "kind = \"visit\"\nperson = \"{a}\"\ntime = { text = \"{b}\", format = \"%Y-%m-%d\" }\n";

TEST(Mapping, ReadyOnesAreWhole) {
  EXPECT_EQ(ready_mappings().size(), 8U);
  for (const Mapping& mapping : ready_mappings()) {
    EXPECT_TRUE(find_mapping(mapping.name)) << mapping.name;
    EXPECT_FALSE(mapping.title.empty());
  }
  const auto none = find_mapping("nonsense");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("cdnow"), std::string::npos);
}

TEST(Mapping, TheDocumentsExampleIsValid) {
  const std::string text = document("docs/formats/mapping.md");
  const std::size_t begin = text.find("```toml\n") + 8;
  ASSERT_NE(begin, std::string::npos + 8);
  const auto mapping = Mapping::parse(text.substr(begin, text.find("```", begin) - begin), "doc");
  ASSERT_TRUE(mapping) << mapping.error().message;
  ASSERT_EQ(mapping->tables.size(), 1U);
  EXPECT_EQ(mapping->tables[0].events.size(), 2U);
  EXPECT_EQ(mapping->tables[0].joins.size(), 1U);
}

TEST(Mapping, TheDocumentListsEveryColumnOfEventFiles) {
  const std::string text = document("docs/formats/events-parquet.md");
  for (const EventColumn& column : kEventColumns) {
    std::string line = "| `" + std::string(column.name) + "` | " + std::string(column.type);
    line += std::string(" | ") + (column.required ? "yes" : "no") + " | ";
    line += std::string(column.meaning) + " |";
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST(Mapping, MistakesAreToldWithTheirPlaceAndTheValidWords) {
  EXPECT_EQ(error_of(kGood), "");
  const auto broken = [](const std::string& from, const std::string& to) {
    std::string text = kGood;
    text.replace(text.find(from), from.size(), to);
    return error_of(text);
  };
  EXPECT_EQ(broken("kind = \"visit\"", "kind = \"visits\"").substr(0, 18), "x.toml:6:8: 'visit");
  EXPECT_NE(broken("person", "persona").find("valid: name, kind, when"), std::string::npos);
  EXPECT_NE(broken("\"{a}\"", "\"{a\"").find("not closed"), std::string::npos);
  EXPECT_NE(broken("%Y-%m-%d", "%Y-%Q").find("is no part of a time"), std::string::npos);
  EXPECT_NE(broken("name = \"x\"", "name = ").find("x.toml:1:"), std::string::npos);
  EXPECT_NE(broken("name = \"t\"", "names = \"t\"").find("'names' is no key here"),
            std::string::npos);
  EXPECT_NE(broken("\"%Y-%m-%d\" }", "\"%Y-%m-%d\", zone = \"Mars\" }").find("is no zone"),
            std::string::npos);
}

TEST(Mapping, Patterns) {
  EXPECT_TRUE(matches_pattern("orders_2020.csv.gz", "orders_*.csv*"));
  EXPECT_TRUE(matches_pattern("", "*"));
  EXPECT_TRUE(matches_pattern("abc", "a?c"));
  EXPECT_FALSE(matches_pattern("abc", "a?"));
  EXPECT_FALSE(matches_pattern("abc", "*d*"));
}

}  // namespace
}  // namespace guanxi
