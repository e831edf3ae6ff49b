#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "events/decode.hpp"
#include "events/decode_item.hpp"

namespace guanxi {
namespace {

namespace fs = std::filesystem;

fs::path captures() {
  const char* given = std::getenv("GUANXI_SHARED");
  const fs::path shared =
      given != nullptr ? fs::path(given) : fs::path(GUANXI_SOURCE_DIR) / ".." / "shared";
  return shared / "sdk-captures";
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Replayed {
  EventBatch batch;
  std::vector<Refusal> refused;
  std::map<EventKind, int> kinds;
};

// Every body that a real client sent, as the door would get it.
void replay(const fs::path& path, Replayed& replayed) {
  JsonTree requests;
  const auto parsed = requests.parse(text_of(path));
  ASSERT_TRUE(parsed) << parsed.error().message;
  Decoder decoder;
  DecodeContext context;
  context.source = "capture";
  context.received_at = Instant{1795400000};
  for (const JsonNode& request : requests.root()) {
    const JsonNode* body = request.find("body");
    ASSERT_NE(body, nullptr);
    JsonWriter json;
    write_node(json, *body);
    decoder.decode_json(json.text(), context, replayed.batch, replayed.refused);
  }
  for (const Event& event : replayed.batch.events) {
    ++replayed.kinds[event.kind];
  }
}

class SdkCapture : public ::testing::TestWithParam<const char*> {};

TEST_P(SdkCapture, EveryEventOfARealClientIsUnderstood) {
  const fs::path path = captures() / GetParam();
  if (!fs::exists(path)) {
    std::cout << "left out: no captured client bodies at shared/sdk-captures/" << GetParam()
              << " (set GUANXI_SHARED)\n";
    GTEST_SKIP();
  }
  Replayed replayed;
  replay(path, replayed);
  for (const Refusal& refusal : replayed.refused) {
    ADD_FAILURE() << refusal.field << ": " << refusal.reason << "\n"
                  << refusal.original.substr(0, 300);
  }
  EXPECT_GE(replayed.kinds[EventKind::order_completed], 1);
  EXPECT_EQ(replayed.kinds[EventKind::order_completed], replayed.kinds[EventKind::order_line]);
  EXPECT_GE(replayed.kinds[EventKind::identified], 1);
  for (const Event& event : replayed.batch.events) {
    EXPECT_FALSE(event.message_id.empty());
    EXPECT_FALSE(event.person.value.empty());
    EXPECT_LE(event.occurred_at, event.received_at);
    if (event.kind == EventKind::order_line) {
      EXPECT_EQ(event.amount_minor, 24000);
      EXPECT_EQ(event.subject, "p-1");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Clients, SdkCapture,
                         ::testing::Values("segment-ok.json", "rudder-ok.json", "posthog-ok.json",
                                           "jitsu-ok.json", "segment-browser-standard.json",
                                           "segment-browser-batching.json"));

}  // namespace
}  // namespace guanxi
