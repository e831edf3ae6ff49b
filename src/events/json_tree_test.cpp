#include "events/json_tree.hpp"

#include <gtest/gtest.h>

#include <string>

namespace guanxi {
namespace {

TEST(JsonTree, KeepsNumbersAsTheyWereWritten) {
  JsonTree tree;
  ASSERT_TRUE(tree.parse(R"( {"a": 19.990, "b":[1e999 , -0,{"c":"x"}], "d":true,"e":null} )"));
  const JsonNode& root = tree.root();
  EXPECT_EQ(root.find("a")->text, "19.990");
  const JsonNode* list = root.find("b");
  ASSERT_EQ(list->type, JsonType::array);
  auto at = list->begin();
  EXPECT_EQ((*at).text, "1e999");
  EXPECT_EQ((*++at).text, "-0");
  EXPECT_EQ((*++at).find("c")->text, "x");
  EXPECT_TRUE(++at == list->end());
  EXPECT_TRUE(root.find("d")->truth);
  EXPECT_EQ(root.find("e"), nullptr);
  EXPECT_EQ(root.find("nothing"), nullptr);
}

TEST(JsonTree, UnescapesAndMarksLoneSurrogates) {
  JsonTree tree;
  ASSERT_TRUE(tree.parse(R"({"k\u0065y":"\"\\\/\b\f\n\r\t\u0000\u00e9\u9f99\ud83d\udc4d"})"));
  const JsonNode* value = tree.root().find("key");
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(value->text, std::string("\"\\/\b\f\n\r\t\0é龙👍", 8 + 1 + 2 + 3 + 4 - 0));
  EXPECT_FALSE(value->lone_surrogate);
  for (const char* lone : {R"({"a":"\ud800"})", R"({"a":"\udc00x"})", R"({"a":"\ud800\u0041"})",
                           R"({"a\ud800":1})", R"({"a":"\ud800\ud800"})"}) {
    ASSERT_TRUE(tree.parse(lone)) << lone;
    EXPECT_TRUE((*tree.root().begin()).lone_surrogate) << lone;
  }
}

TEST(JsonTree, TheLastOfEqualNamesCounts) {
  JsonTree tree;
  ASSERT_TRUE(tree.parse(R"({"a":1,"b":2,"a":3})"));
  EXPECT_EQ(tree.root().find("a")->text, "3");
}

TEST(JsonTree, RefusesWhatIsNoJson) {
  // clang-format off
  for (const char* text :
       {"", " ", "{", "}", "[", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]",
        "{a:1}", "{'a':1}", "[01]", "[1.]", "[.5]", "[-]", "[+1]", "[1e]", "[0x10]", "[NaN]",
        "[Infinity]", "[nul]", "[nulls]", "[truex]", "[\"a]", "[\"\\x\"]", "[\"\\u12\"]",
        "[\"\\u12G4\"]", "[1 2]", "[1]]", "{}{}", "{} x", "[\"a\tb\"]", "[\"a\nb\"]", "[1,,2]",
        "{\"a\":1 \"b\":2}", "{\"a\" 1}", "[\"\\\"]", "{1:2}", "[1}", "{\"a\":1]", "# comment",
        "[1] // no", "{\"a\":tru}", "[--1]", "[1-]", "[1.5.5]", "[\x01]", "null", "1", "\"a\"",
        "true", "{\"a\":\"b\"", "[{\"a\":[}]", "[\xFF]", "[\"\xC0\xAF\"]", "[\"\xED\xA0\x80\"]"}) {
    JsonTree tree;
    EXPECT_FALSE(tree.parse(text)) << text;
  }
  // clang-format on
}

TEST(JsonTree, ReadsWhatIsJson) {
  JsonTree tree;
  for (const char* text : {"{}", "[]", " [ ] ", "[[[]]]", "[1]", "[-0]", "[0.5e-3]", "[1E+2]",
                           "[\"\"]", "[\"\\u0000\"]", "{\"\":0}", "{\"a\":{\"b\":[{}]}}",
                           "\t\r\n[1]\n", "[\"龙\"]", "[123456789012345678901234567890]", "[1e999]",
                           "[\"\x7f\"]", "[true,false,null]", "{\"a\":\"\\\\\",\"b\":\"\\\"\"}"}) {
    const auto done = tree.parse(text);
    EXPECT_TRUE(done) << text << ": " << (done ? "" : done.error().message);
  }
}

TEST(JsonTree, MarksWhatIsNestedTooDeepAndGoesOnBehindIt) {
  const std::string deep =
      "{\"deep\":" + std::string(10000, '[') + std::string(10000, ']') + ",\"after\":1}";
  JsonTree tree;
  const auto done = tree.parse(deep);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(tree.root().find("after")->text, "1");
  bool marked = false;
  for (std::uint32_t i = 0; i < tree.root().span; ++i) {
    marked = marked || (&tree.root())[i].too_deep;
  }
  EXPECT_TRUE(marked);
  EXPECT_FALSE(tree.parse(std::string(100000, '[')));
  EXPECT_FALSE(tree.parse("{\"a\":" + std::string(100000, '{')));
}

}  // namespace
}  // namespace guanxi
