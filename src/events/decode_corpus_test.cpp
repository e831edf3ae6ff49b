#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "base/utf8.hpp"
#include "events/decode.hpp"
#include "events/event_equal.hpp"
#include "events/event_json.hpp"

namespace guanxi {
namespace {

constexpr std::int64_t kReceived = 1777600000;

DecodeContext door() {
  DecodeContext context;
  context.source = "corpus";
  context.source_key = "source";
  context.received_at = Instant{kReceived};
  return context;
}

struct Decoded {
  EventBatch batch;
  std::vector<Refusal> refused;
};

Decoded decode(std::string_view json) {
  static Decoder decoder;
  Decoded decoded;
  decoder.decode_json(json, door(), decoded.batch, decoded.refused);
  return decoded;
}

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// Texts that have broken programs, by what they are; all UTF-8.
std::vector<std::string> seeds() {
  return {// words that programs take for something else
          "undefined", "undef", "null", "NULL", "(null)", "nil", "None", "true", "FALSE",
          "hasOwnProperty", "__proto__", "constructor", "prototype", "then", "toString", "this",
          "NaN", "Infinity", "-0",
          // numbers and what looks like them
          "0", "1", "-1", "1.00", "1/2", "1e2", "1E+02", "0x10", "0b11", "0o7", "1,000.00",
          "1 000,00", "1'000", "1_000", "999999999999999999999999", "1e999", "2147483648",
          "-9223372036854775808", "１２３", "٣٤٥", "Ⅷ", "½", "²",
          // places, hosts, files, commands
          "../../../../etc/passwd", "..\\..\\boot.ini", "C:\\CON\\NUL", "file:///etc/hosts",
          "localhost", "http://a/%%30%30", "//evil.example", "~root", "$HOME", "$(id)", "`id`",
          "; ls -la", "| cat", "&& true", "> /dev/null", "%s%s%n%x", "%00", "{0}", "${7*7}",
          "#{7*7}", "{{7*7}}", "<%= 7 %>",
          // markup and code
          "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg/onload=alert(1)>",
          "javascript:alert(1)", "<![CDATA[x]]>", "<!--", "-->", "&lt;&#x3c;&nbsp;", "</title>",
          "' OR '1'='1", "\"; DROP TABLE people; --", "1; SELECT 1", "/* */", "\\' OR 1=1",
          "admin'--", "=1+1", "+1", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "＝１",
          // white space and control
          " ", "\t", "\n", "\r\n", "\r\nSet-Cookie: a=b", "\x01", "\x07", "\x1b[31mred\x1b[0m",
          "\x7f", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029", "\u3000", "\ufeff",
          "\u200b", "\u200d", "\u2060", "\u00ad", "\u180e",
          // scripts, directions, marks
          "李娜", "田中さん", "김영희", "Ελλάδα", "Привет", "שלום", "مرحبا", "नमस्ते", "ภาษาไทย",
          "ქართული", "Ḽơᶉëᶆ", "İıŞş", "ß", "ﬀ", "ǅ", "ſ", "\u202eabc\u202c", "\u2066a\u2069",
          "a\u0301", "\u0301", "Z\u0351\u036b\u0343\u036a\u0302a\u0317\u0349l\u0313g\u0308o",
          "ａｂｃ", "аbс", "𝒜𝒷", "𠜎𠜱", "﷽",
          // signs
          "👍", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "1️⃣", "❤️",
          "\U0010FFFD", "\uE000", "\uFFFD", "¯\\_(ツ)_/¯", "“”‘’", "…", "™", "°", "€£¥", "∀∂∈",
          "░▒▓", "\"", "'", "\\", "\\\\", "/", "\\u0000", "\\x41",
          // other notations inside
          "{\"a\":1}", "[]", "{", "}", "\"quoted\"", "a,b;c\td", "a=b&c=d", "a:b", "user:u-1",
          "email:x", "a@b", "a@b@c", "@", "<a@b.example>", "mailto:a@b", "+86 138 0013 8000",
          "tel:1", "2026-02-30", "9999-12-31T23:59:59Z", "12:60", "127.0.0.1", "::1",
          "169.254.169.254", "-----BEGIN KEY-----", "Basic YTpi", "data:text/html,x",
          "\u202e\u2066\u2067", "test\u0000test"};
}

/// Every seed by itself, with neighbours, in the middle of text, twice, and long.
std::vector<std::string> corpus() {
  std::set<std::string> texts;
  for (const std::string& seed : seeds()) {
    for (const std::string& text :
         {seed, "a" + seed, seed + "b", "x " + seed + " y", seed + seed}) {
      texts.insert(text);
    }
  }
  for (const std::size_t length : {99U, 100U, 101U, 254U, 255U, 256U, 10'000U}) {
    texts.insert(std::string(length, 'l'));
  }
  texts.insert("nul" + std::string(1, '\0') + "nul");
  return {texts.begin(), texts.end()};
}

/// A message with `%` where the text goes, and the field that a refusal names.
struct Place {
  std::string_view pattern;
  std::string_view field;
};
constexpr Place kPlaces[] = {
    {R"({"type":"page","userId":%})", "userId"},
    {R"({"type":"page","anonymousId":%})", "anonymousId"},
    {R"({"type":"page","userId":"u","messageId":%})", "messageId"},
    {R"({"type":"track","userId":"u","event":%})", "event"},
    {R"({"type":"track","userId":"u","event":"X","properties":{%:1}})", ""},
    {R"({"type":"track","userId":"u","event":"X","properties":{"a":{"b":[%]}}})", ""},
    {R"({"type":"identify","userId":"u","traits":{"name":%,"email":%,"phone":%}})", ""},
    {R"({"type":"track","userId":"u","event":"Order Completed","properties":{"order_id":%}})",
     "properties.order_id"},
    {R"({"type":"track","userId":"u","event":"Product Viewed","properties":{"product_id":%}})",
     "properties.product_id"},
    {R"({"type":"track","userId":"u","event":"Product Reviewed","properties":{"rating":5,
        "review_body":%}})",
     ""},
    {R"({"type":"page","userId":"u","name":%,"properties":{"url":%,"title":%}})", ""},
    {R"({"type":"group","userId":"u","groupId":%})", "groupId"},
    {R"({"type":"alias","userId":"u","previousId":%})", "previousId"},
    {R"({"type":"page","userId":"u","context":{"userAgent":%,"page":{"referrer":%}}})", ""},
};

std::string filled(std::string_view pattern, std::string_view text) {
  std::string out;
  const std::string json = as_json(text);
  for (const char c : pattern) {
    c == '%' ? out += json : out += c;
  }
  return out;
}

// Whatever an admitted event holds must come back the same from its own JSON.
void expect_whole(const Event& event) {
  for (const std::string_view text :
       {event.person.value, event.also_known_as.value, event.name, event.subject, event.order_id,
        event.title, event.properties}) {
    ASSERT_TRUE(is_utf8(text));
  }
  ASSERT_LE(event.occurred_at, event.received_at);
  DecodeContext own = door();
  own.own_export = true;
  Decoder decoder;
  EventBatch again;
  std::vector<Refusal> refused;
  const std::string json = event_json(event);
  decoder.decode_json(json, own, again, refused);
  ASSERT_TRUE(refused.empty()) << json << refused.front().field << refused.front().reason;
  ASSERT_EQ(first_difference(again.events.at(0), event), "") << json;
}

TEST(DecodeCorpus, HasManyTextsOfManyKinds) { EXPECT_GE(corpus().size(), 515U); }

// Goal: no text in any field breaks the decoder, hurts its neighbours or is half taken.
TEST(DecodeCorpus, EveryTextInEveryFieldIsTakenWholeOrRefusedByName) {
  const std::string good = R"({"type":"page","userId":"good","messageId":"good"})";
  for (const std::string& text : corpus()) {
    for (const Place& place : kPlaces) {
      const std::string json =
          R"({"batch":[)" + good + "," + filled(place.pattern, text) + "," + good + "]}";
      const Decoded decoded = decode(json);
      ASSERT_LE(decoded.refused.size(), 1U) << json;
      std::size_t neighbours = 0;
      for (const Event& event : decoded.batch.events) {
        neighbours += event.person.value == "good" ? 1U : 0U;
        ASSERT_NO_FATAL_FAILURE(expect_whole(event));
      }
      ASSERT_EQ(neighbours, 2U) << json;
      ASSERT_EQ(decoded.refused.empty(), decoded.batch.size() > 2) << json;
      if (!decoded.refused.empty()) {
        EXPECT_EQ(decoded.refused.front().field, place.field) << json;
        EXPECT_FALSE(decoded.refused.front().reason.empty());
      }
    }
  }
}

TEST(DecodeCorpus, IdsThatDifferStayDifferent) {
  std::set<std::uint64_t> identities;
  std::set<std::string> people;
  for (const std::string& text : corpus()) {
    const Decoded decoded =
        decode(R"({"type":"page","userId":"p","messageId":)" + as_json(text) + "}");
    if (decoded.refused.empty()) {
      EXPECT_TRUE(identities.insert(decoded.batch.events.at(0).id_hash).second) << text;
    }
    const Decoded person = decode(R"({"type":"page","userId":)" + as_json(text) + "}");
    if (person.refused.empty()) {
      EXPECT_EQ(person.batch.events.at(0).person.value, text);
      people.insert(std::string(person.batch.events.at(0).person.value));
    }
  }
  EXPECT_GE(people.size(), 500U);
}

constexpr const char* kJsonValues[] = {"0",
                                       "-0",
                                       "1",
                                       "-1.5",
                                       "0e1",
                                       "1E+2",
                                       "0.1e-9",
                                       "123456789012345678901234567890",
                                       "1e999",
                                       "true",
                                       "false",
                                       "null",
                                       "\"\"",
                                       "\"\\u0041\"",
                                       "\"\\\\\\/\\b\\f\\n\\r\\t\\\"\"",
                                       "\"\\u0000\"",
                                       "\"\\ud83d\\udc4d\"",
                                       "\"\x7f\"",
                                       "[]",
                                       "[ ]",
                                       "[1 , 2]",
                                       "[[[[]]]]",
                                       "{}",
                                       "{\"\":0}",
                                       "{\"a\":1,\"a\":2}",
                                       " \t\r\n1",
                                       "\"\xC2\x80\"",
                                       "\"\xF4\x8F\xBF\xBF\"",
                                       "\"\xEF\xBB\xBF\""};
constexpr const char* kNoJsonValues[] = {"",
                                         ",",
                                         "01",
                                         "+1",
                                         "-",
                                         ".5",
                                         "1.",
                                         "1e",
                                         "1e+",
                                         "0x1",
                                         "1 2",
                                         "NaN",
                                         "Infinity",
                                         "-Inf",
                                         "True",
                                         "nul",
                                         "nulll",
                                         "tru",
                                         "undefined",
                                         "'a'",
                                         "\"a",
                                         "a\"",
                                         "\"\\x41\"",
                                         "\"\\u12\"",
                                         "\"\\u00g0\"",
                                         "\"\\\"",
                                         "\"\n\"",
                                         "\"\t\"",
                                         "\"\x01\"",
                                         "[",
                                         "]",
                                         "[1",
                                         "[1,]",
                                         "[,1]",
                                         "[1 1]",
                                         "[1,,2]",
                                         "{",
                                         "}",
                                         "{a:1}",
                                         "{\"a\"}",
                                         "{\"a\":}",
                                         "{\"a\":1,}",
                                         "{,}",
                                         "{1:2}",
                                         "{\"a\" 1}",
                                         "{\"a\"::1}",
                                         "// c\n1",
                                         "/* c */1",
                                         "1;",
                                         "(1)",
                                         "\"\xC3\x28\"",
                                         "\"\xFF\"",
                                         "\"\xED\xA0\x80\"",
                                         "\"\xC0\x80\"",
                                         "\"\xF5\x80\x80\x80\"",
                                         "\"\xE2\x82\""};

std::string page_with(std::string_view value) {
  return R"({"type":"page","userId":"u","properties":{"x":)" + std::string(value) + "}}";
}

TEST(DecodeCorpus, WhatIsJsonIsTaken) {
  for (const char* value : kJsonValues) {
    const Decoded decoded = decode(page_with(value));
    EXPECT_TRUE(decoded.refused.empty()) << value << ": " << decoded.refused.front().reason;
  }
}

TEST(DecodeCorpus, WhatIsNoJsonIsRefused) {
  for (const char* value : kNoJsonValues) {
    const Decoded decoded = decode(page_with(value));
    EXPECT_EQ(decoded.refused.size(), 1U) << value;
    EXPECT_EQ(decoded.batch.size(), 0U) << value;
  }
}

TEST(DecodeCorpus, EveryCutOfATextIsRefusedAsAWhole) {
  const std::string json =
      R"({"batch":[{"type":"track","event":"Order Completed","userId":"u-\u00e9\\","messageId":"m",)"
      R"("properties":{"order_id":"o","total":-1.5e1,"products":[{"product_id":"p","price":5}]}},)"
      R"({"type":"page","anonymousId":"👍","context":{"traits":{"a":[true,null]}}}],"sentAt":null})";
  ASSERT_EQ(decode(json).batch.size(), 3U);
  for (std::size_t length = 0; length < json.size(); ++length) {
    const Decoded decoded = decode(std::string_view(json).substr(0, length));
    ASSERT_EQ(decoded.batch.size(), 0U) << length;
    ASSERT_EQ(decoded.refused.size(), 1U) << length;
  }
}

TEST(DecodeCorpus, EverySizeThatIsTooLargeHasItsReason) {
  const auto reason = [](const std::string& json) {
    const Decoded decoded = decode(json);
    EXPECT_EQ(decoded.batch.size(), 0U);
    return decoded.refused.empty() ? std::string() : decoded.refused.front().reason;
  };
  const auto page = [](const std::string& properties) {
    return R"({"type":"page","userId":"u","properties":)" + properties + "}";
  };
  EXPECT_NE(reason(page("{\"s\":\"" + std::string(1U << 20U, 'x') + "\"}")).find("larger than"),
            std::string::npos);
  EXPECT_NE(reason(page("{\"a\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}"))
                .find("deep"),
            std::string::npos);
  std::string many = "{";
  for (int i = 0; i <= 10'000; ++i) {
    many += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  }
  EXPECT_NE(reason(page(many + "}")).find("10,000"), std::string::npos);
}

// B5 of what is promised of clocks: whatever they say, nothing is counted in the future, and the
// same message is the same event.
TEST(DecodeCorpus, NoClockMovesAnythingIntoTheFuture) {
  const std::vector<std::string> moments = {"\"2016-05-01T01:46:40Z\"",
                                            "\"2036-05-01T01:46:40Z\"",
                                            "\"1970-01-01T00:00:00Z\"",
                                            "\"9999-12-31T23:59:59Z\"",
                                            "\"2024-02-29T12:00:00Z\"",
                                            "\"2025-02-29T12:00:00Z\"",
                                            "\"2016-12-31T23:59:60Z\"",
                                            "\"2026-05-01 01:46:40\"",
                                            "\"2026-05-01\"",
                                            "\"2026-05-01T01:46:40+14:00\"",
                                            "1777600000",
                                            "1777600000123",
                                            "\"1777600000\"",
                                            "-1",
                                            "0",
                                            "4294967295",
                                            "4294967296",
                                            "1e9",
                                            "\"\"",
                                            "null",
                                            "true",
                                            "\"2026-05-01T22:00:00Z\"",
                                            "\"2026-05-03T01:46:40Z\"",
                                            "\"2106-02-07T06:28:16Z\""};
  std::size_t taken = 0;
  for (const std::string& original : moments) {
    for (const std::string& sent : moments) {
      const Decoded decoded = decode(R"({"type":"page","userId":"u","messageId":"m","timestamp":)" +
                                     original + R"(,"sentAt":)" + sent + "}");
      ASSERT_EQ(decoded.batch.size() + decoded.refused.size(), 1U);
      for (const Event& event : decoded.batch.events) {
        ++taken;
        EXPECT_LE(event.occurred_at.seconds, kReceived) << original << " " << sent;
        EXPECT_GE(event.occurred_at.seconds, 0);
        EXPECT_EQ(event.received_at.seconds, kReceived);
        EXPECT_EQ(
            event.id_hash,
            decode(R"({"type":"page","userId":"u","messageId":"m"})").batch.events.at(0).id_hash);
      }
      for (const Refusal& refusal : decoded.refused) {
        EXPECT_TRUE(refusal.field == "timestamp" || refusal.field == "sentAt") << refusal.field;
      }
    }
  }
  EXPECT_GE(taken, 100U);
}

}  // namespace
}  // namespace guanxi
