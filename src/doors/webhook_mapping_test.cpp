#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "base/random.hpp"
#include "doors/webhooks.hpp"
#include "events/batch_codec.hpp"
#include "events/event_json.hpp"

namespace guanxi::doors {
namespace {

using access::SourceKind;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string folder() { return std::string(GUANXI_SOURCE_DIR) + "/tests/webhooks/"; }

// One line of a file of payloads (tests/webhooks/make_fixtures.py).
struct Fixture {
  std::string title;
  std::map<std::string, std::string> headers;
  std::string settings_json;
  std::string body;
};

Fixture fixture_of(const std::string& line) {
  JsonTree tree;
  EXPECT_TRUE(tree.parse(line));
  Fixture fixture;
  fixture.title = tree.root().find("title")->text;
  for (const JsonNode& header : *tree.root().find("headers")) {
    fixture.headers[std::string(header.key)] = header.text;
  }
  const std::size_t settings = tree.root().find("settings")->offset;
  const std::size_t body = tree.root().find("body")->offset;
  fixture.settings_json = line.substr(settings, line.find("\"body\": ", settings) - settings - 2);
  fixture.body = line.substr(body, line.size() - body - 1);
  return fixture;
}

struct DecodedMessage {
  EventBatch batch;
  std::vector<Refusal> refused;
  bool nothing = false;
};

access::Source source_of(SourceKind kind, const std::string& settings_json) {
  access::Source source;
  source.id = "0123456789abcdef0123456789abcdef";
  source.name = "tea";
  source.kind = kind;
  source.settings_json = settings_json;
  return source;
}

DecodedMessage decode(const access::Source& source, const std::string& body,
                      const std::map<std::string, std::string>& headers = {}) {
  const auto settings = SourceSettings::read(source.kind, source.settings_json);
  EXPECT_TRUE(settings) << settings.error().message;
  const PayloadMapping::Variables variables =
      [&](std::string_view name) -> std::optional<std::string> {
    const auto found =
        name.starts_with("header.") ? headers.find(std::string(name.substr(7))) : headers.end();
    return found == headers.end() ? std::nullopt : std::optional(found->second);
  };
  DecodedMessage decoded;
  decoded.nothing = !decode_message(
      {body, source, *settings, variables, Instant{1790000000}, *parse_currency("CNY")},
      decoded.batch, decoded.refused);
  return decoded;
}

std::string told(const DecodedMessage& decoded) {
  std::string text = decoded.nothing ? "nothing\n" : "";
  for (const Event& event : decoded.batch.events) {
    Event shown = event;
    shown.received_at = Instant{};
    shown.id_hash = 0;
    text += event_json(shown) + "\n";
  }
  for (const Refusal& refusal : decoded.refused) {
    text += "letter " + refusal.field + ": " + refusal.reason + "\n";
  }
  return text;
}

class Senders : public ::testing::TestWithParam<SourceKind> {};

// Goal: every kind of message of every sender becomes just these events. The texts are rewritten
// with GUANXI_UPDATE_GOLDEN=1 and read by people.
TEST_P(Senders, TellTheseEvents) {
  const std::string name(access::name_of(GetParam()));
  std::istringstream lines(read_file(folder() + name + ".ndjson"));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const Fixture fixture = fixture_of(line);
    text +=
        "== " + fixture.title + "\n" +
        told(decode(source_of(GetParam(), fixture.settings_json), fixture.body, fixture.headers));
  }
  const std::string path = folder() + name + ".golden";
  if (std::getenv("GUANXI_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(text, read_file(path));
}

INSTANTIATE_TEST_SUITE_P(All, Senders,
                         ::testing::Values(SourceKind::shopify, SourceKind::woocommerce,
                                           SourceKind::chatwoot, SourceKind::zendesk,
                                           SourceKind::stripe, SourceKind::wecom),
                         [](const auto& kind) { return std::string(access::name_of(kind.param)); });

// One value of a JSON text becomes another one, or some bytes of it go.
std::string mutated(std::string text, Random& random) {
  constexpr auto kValues = std::to_array<std::string_view>(
      {"null", "{}", "[]", "[{}]", "true", "-1", "1e999", "12345678901234567890123", "\"\"",
       "\"9999-99-99\"", "\"{id}\"", "\"\\u0000\"", "\"0\"", "\"a@b@c\"", "0.1"});
  for (int i = 0; i < 2; ++i) {
    const std::size_t colon = text.find(':', random.below(text.size()));
    if (colon == std::string::npos) {
      continue;
    }
    const std::size_t end = text.find_first_of(",}", colon);
    const std::string_view value = kValues.at(random.below(kValues.size()));
    text.replace(colon + 1, end - colon - 1, value);
  }
  return random.below(10) == 0 ? text.substr(0, random.below(text.size())) : text;
}

// Goal: no message of a trusted sender can do harm, whatever stands in it. Method: seeded changes
// of messages of all senders; what is admitted can be written down and read again.
TEST(PayloadMapping, SurvivesMessagesThatNoSenderSends) {
  Random random(11);
  for (const SourceKind kind : {SourceKind::shopify, SourceKind::woocommerce, SourceKind::chatwoot,
                                SourceKind::zendesk, SourceKind::stripe, SourceKind::wecom}) {
    std::istringstream lines(read_file(folder() + std::string(access::name_of(kind)) + ".ndjson"));
    for (std::string line; std::getline(lines, line);) {
      const Fixture fixture = fixture_of(line);
      const access::Source source = source_of(kind, fixture.settings_json);
      for (int i = 0; i < 25; ++i) {
        const std::string body = mutated(fixture.body, random);
        SCOPED_TRACE(body);
        const DecodedMessage decoded = decode(source, body, fixture.headers);
        const std::string bytes = encode_batch(decoded.batch);
        EventBatch again;
        ASSERT_TRUE(decode_batch(bytes, again));
        for (const Event& event : decoded.batch.events) {
          ASSERT_GE(event.occurred_at.seconds, 0);
          ASSERT_LE(event.occurred_at.seconds, 1790000000 + 23 * 3600);
          ASSERT_NE(event.id_hash, 0U);
        }
      }
    }
  }
}

TEST(PayloadMapping, TheExampleOfTheDocumentIsValid) {
  const std::string page = read_file(std::string(GUANXI_SOURCE_DIR) + "/docs/formats/webhooks.md");
  const std::size_t from = page.find("```toml\n") + 8;
  const auto mapping =
      PayloadMapping::parse(page.substr(from, page.find("```", from) - from), "webhooks.md");
  EXPECT_TRUE(mapping) << mapping.error().message;
}

TEST(PayloadMapping, MistakesAreToldWithTheirPlace) {
  const auto why = [](std::string_view toml) {
    const auto mapping = PayloadMapping::parse(toml, "m");
    return mapping ? std::string() : mapping.error().message;
  };
  EXPECT_EQ(why("name = \"x\"\nnmae = 1\n"),
            "m: line 2, column 8: 'nmae' is not known here; valid: name, title, title_zh, topic, "
            "delivery, signature, ids, setting, ignore, notice, event");
  EXPECT_NE(why("name = \"x\"\ntopic = \"{a..b}\"\n"), "");
  EXPECT_NE(why("name = \"x\"\ntopic = \"{a[}\"\n"), "");
  EXPECT_NE(why("name = \"x\"\n[signature]\ndigest = \"sha256\"\n"), "");
  EXPECT_NE(why("name = \"x\"\n[signature]\nheaders = \"a\"\ntext = \"{timestamp}\"\n"), "");
  EXPECT_NE(why("name = \"x\"\n[[event]]\nevent = \"a\"\nidentify = true\nmessage_id = \"b\"\n"),
            "");
  EXPECT_NE(why("name = \"x\"\n[[event]]\nevent = \"a\"\nmessage_id = \"b\"\nids = \"none\"\n"),
            "");
  EXPECT_EQ(why("name = \"x\"\n[[event]]\nevent = \"a\"\nmessage_id = \"b\"\n"), "");
}

}  // namespace
}  // namespace guanxi::doors
