// How much processor time decoding takes: a batch of 20 events as @segment/analytics-node sends
// them, again and again, with everything that the door does to a body once it is there.
//
//   decode_speed [ROUNDS]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "events/decode.hpp"

namespace guanxi {
namespace {

constexpr int kEvents = 20;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string segment_batch() {
  std::string body = R"({"batch":[)";
  for (int i = 0; i < kEvents; ++i) {
    const std::string n = std::to_string(100'000 + i);
    body += i == 0 ? "" : ",";
    body +=
        R"({"timestamp":"2026-11-22T00:42:19.397Z","integrations":{},"event":"Product Viewed",)";
    body += R"("type":"track","properties":{"product_id":"p-)" + n + R"(","price":120},)";
    body += R"("context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},)";
    body += R"("userId":"u-)" + n + R"(","messageId":"node-next-1795308139397-16971a55-56a2-4783-)";
    body += "ac2a-f71f93" + n + R"(","_metadata":{"nodeVersion":"v20.20.2"}})";
  }
  return body + R"(],"sentAt":"2026-11-22T00:42:20.100Z"})";
}

int run(int rounds) {
  const std::string body = segment_batch();
  Decoder decoder;
  DecodeContext context;
  context.source = "sdk:shop";
  context.source_key = "0123456789abcdef0123456789abcdef";
  context.received_at = Instant{1795308141};
  std::size_t events = 0;
  std::vector<Refusal> refused;
  const double began = processor_seconds();
  for (int i = 0; i < rounds; ++i) {
    EventBatch batch;
    decoder.decode_json(body, context, batch, refused);
    events += batch.size();
  }
  const double seconds = processor_seconds() - began;
  if (events != static_cast<std::size_t>(rounds) * kEvents || !refused.empty()) {
    std::fprintf(stderr, "the batch was not understood\n");
    return 1;
  }
  std::printf("%zu bytes an event, %.3f us of processor time an event\n", body.size() / kEvents,
              seconds * 1e6 / static_cast<double>(events));
  return 0;
}

}  // namespace
}  // namespace guanxi

int main(int count, char** words) { return guanxi::run(count > 1 ? std::atoi(words[1]) : 20'000); }
