#include "base/json_writer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "base/utf8.hpp"

namespace guanxi {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasBetweenValuesAndNowhereElse) {
  JsonWriter json;
  json.begin_object()
      .field("id", "user:u-1")
      .field("count", 3)
      .field("known", true)
      .field_null("note")
      .key("list")
      .begin_array()
      .value(1)
      .begin_object()
      .end_object()
      .begin_array()
      .end_array()
      .value("two")
      .end_array()
      .field_raw("raw", R"({"a":[]})")
      .end_object();
  EXPECT_EQ(
      json.text(),
      R"({"id":"user:u-1","count":3,"known":true,"note":null,"list":[1,{},[],"two"],"raw":{"a":[]}})");
}

TEST(JsonWriter, TextThatEndsInAnOpeningBracketStillGetsItsComma) {
  JsonWriter json;
  json.begin_array().value("{").value("[").value(":").value("\n").value("").end_array();
  EXPECT_EQ(json.text(), R"(["{","[",":","\n",""])");
}

TEST(JsonWriter, WritesLinesOneAfterAnother) {
  JsonWriter json;
  json.begin_object().field("a", 1).end_object().end_line().begin_object().end_object().end_line();
  EXPECT_EQ(json.take(), "{\"a\":1}\n{}\n");
  EXPECT_TRUE(json.text().empty());
}

TEST(JsonWriter, EscapesWhatJsonAndHtmlMustNotSee) {
  EXPECT_EQ(quoted("\"\\/"), R"("\"\\/")");
  EXPECT_EQ(quoted(std::string_view("\0\x01\x1F\x7F\b\f\n\r\t", 9)),
            R"("\u0000\u0001\u001f\u007f\u0008\u000c\n\r\t")");
  EXPECT_EQ(quoted("</script><!--"), R"("\u003c/script>\u003c!--")");
  EXPECT_EQ(quoted("a\u2028b\u2029c"), R"("a\u2028b\u2029c")");
  EXPECT_EQ(quoted("龙井茶 👍 é"), "\"龙井茶 👍 é\"");
}

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(quoted("a\xFFz"), "\"a" + replacement + "z\"");
  EXPECT_EQ(quoted("\xC0\xAF"), "\"" + replacement + replacement + "\"");  // overlong '/'
  EXPECT_EQ(quoted("\xED\xA0\x80"), "\"" + replacement + replacement + replacement + "\"");
  EXPECT_EQ(quoted("\xE9\xBE"), "\"" + replacement + replacement + "\"");  // cut short
}

TEST(JsonWriter, WritesTheExtremesOfIntegers) {
  JsonWriter json;
  json.begin_array()
      .value(std::numeric_limits<std::int64_t>::min())
      .value(std::numeric_limits<std::uint64_t>::max())
      .value(std::uint8_t{7})
      .end_array();
  EXPECT_EQ(json.text(), "[-9223372036854775808,18446744073709551615,7]");
}

TEST(JsonWriter, WritesDecimalsWithoutFloatingPoint) {
  JsonWriter json;
  json.begin_array()
      .decimal(17305, 3)
      .decimal(-5, 2)
      .decimal(0, 2)
      .decimal(1999, 0)
      .decimal(std::numeric_limits<std::int64_t>::min(), 2)
      .end_array();
  EXPECT_EQ(json.text(), "[17.305,-0.05,0.00,1999,-92233720368547758.08]");
}

TEST(JsonWriter, WritesTheShortestDoubleAndNullForWhatIsNoNumber) {
  JsonWriter json;
  json.begin_array()
      .value(0.1)
      .value(1.0)
      .value(1e300)
      .value(std::numeric_limits<double>::quiet_NaN())
      .value(std::numeric_limits<double>::infinity())
      .end_array();
  EXPECT_EQ(json.text(), "[0.1,1,1e+300,null,null]");
}

TEST(Utf8, KnowsWellFormedText) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain ascii of more than eight bytes"));
  EXPECT_TRUE(is_utf8("é 龙 👍 \xF4\x8F\xBF\xBF"));
  EXPECT_FALSE(is_utf8("12345678\xFF"));
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xED\xBF\xBF"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xE0\x9F\xBF"));      // overlong
  EXPECT_FALSE(is_utf8("\x80"));
}

}  // namespace
}  // namespace guanxi
