#include "doors/ingest.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json_writer.hpp"
#include "doors/body_text.hpp"
#include "doors/write_keys.hpp"
#include "events/decode.hpp"
#include "http/problem.hpp"

namespace guanxi::doors {
namespace {

constexpr std::int64_t kHabitsFreshNs = 1'000'000'000;
constexpr std::int64_t kComeAgainSoonSeconds = 1;
constexpr std::int64_t kComeAgainLaterSeconds = 5;

http::Response success() {
  static const auto kBody = std::make_shared<const std::string>(R"({"success":true})");
  http::Response response;
  response.shared_body = kBody;
  return response;
}

http::Response overloaded() {
  return http::with_retry_after(
      http::problem(http::Fault::too_many, "too much waits already; come again"),
      kComeAgainSoonSeconds);
}

http::Response unavailable() {
  return http::with_retry_after(
      http::problem(Error{ErrorCode::unavailable, "nothing can be written now; come again"}),
      kComeAgainLaterSeconds);
}

http::Response unknown_key() {
  return http::problem(http::Fault::unauthenticated, "invalid write key");
}

// One a thread: its memory is used again.
Decoder& own_decoder() {
  static thread_local Decoder decoder;
  return decoder;
}

}  // namespace

/// One request on its way to the engine.
struct IngestDoor::Taken {
  std::shared_ptr<const access::Source> source;
  BodyText body;
  bool read = false;  ///< the decoder has read the body
  std::string_view type;
  std::size_t bytes = 0;  ///< held of the source's share
};

IngestDoor::IngestDoor(SourceOfKey source_of_key, const IngestOptions& options, Clock& clock)
    : source_of_key_(std::move(source_of_key)),
      options_(options),
      clock_(clock),
      book_(std::make_shared<Book>(options.waiting_bytes_most)) {}

void IngestDoor::open(std::shared_ptr<Engine> engine) {
  const std::lock_guard lock(mutex_);
  engine_ = std::move(engine);
}

std::shared_ptr<const access::Source> IngestDoor::find(const std::vector<std::string>& keys) const {
  for (const std::string& key : keys) {
    auto source = source_of_key_(key);
    if (source != nullptr && !source->disabled) {
      return source;
    }
  }
  return nullptr;
}

// Read again each second: a calibration or a new model may change them.
std::shared_ptr<const IngestDoor::Habits> IngestDoor::habits(const Engine& engine) {
  const std::int64_t now_ns = clock_.monotonic_ns();
  {
    const std::lock_guard lock(mutex_);
    if (habits_ != nullptr && now_ns - habits_read_ns_ < kHabitsFreshNs) {
      return habits_;
    }
  }
  auto fresh = std::make_shared<const Habits>(Habits{engine.currency(), engine.habits()->zone});
  const std::lock_guard lock(mutex_);
  habits_ = std::move(fresh);
  habits_read_ns_ = now_ns;
  return habits_;
}

// By the headers, else by what the body says itself.
bool IngestDoor::identify(Taken& taken, const http::Request& request) {
  taken.source = find(keys_in_headers(request));
  if (taken.source == nullptr && taken.body.state == BodyText::State::text) {
    Decoder& decoder = own_decoder();
    decoder.read(taken.body.text);
    taken.read = true;
    std::vector<std::string> keys;
    for (const std::string_view name : {"writeKey", "api_key", "token"}) {
      if (const std::string_view key = decoder.text_member(name); !key.empty()) {
        keys.emplace_back(key);
      }
    }
    taken.source = find(keys);
  }
  return taken.source != nullptr;
}

void IngestDoor::take(http::Request request, const http::Reply& reply, std::string_view type) {
  book_->requests.fetch_add(1, std::memory_order_relaxed);
  std::shared_ptr<Engine> engine;
  {
    const std::lock_guard lock(mutex_);
    engine = engine_;
  }
  Taken taken;
  taken.type = type;
  taken.body = text_of_body(request, options_.body_bytes_most * http::kUnpackFactor);
  if (!identify(taken, request)) {
    book_->unknown_key.fetch_add(1, std::memory_order_relaxed);
    reply(unknown_key());
    return;
  }
  if (taken.body.state == BodyText::State::too_large) {
    reply(http::problem(http::Fault::too_large, "the body unpacks to more than is taken"));
    return;
  }
  if (engine == nullptr) {
    book_->unavailable.fetch_add(1, std::memory_order_relaxed);
    reply(unavailable());
    return;
  }
  const std::size_t bytes = taken.body.text.size() + taken.body.original.size() + 1;
  if (!book_->share.take(taken.source->id, bytes)) {
    book_->overloaded.fetch_add(1, std::memory_order_relaxed);
    reply(overloaded());
    return;
  }
  taken.bytes = bytes;
  submit(*engine, taken, reply);
}

void IngestDoor::submit(Engine& engine, Taken& taken, const http::Reply& reply) {
  Admission admission;
  admission.door = access::door_name(*taken.source);
  if (taken.body.state == BodyText::State::unreadable) {
    admission.refused.push_back(
        {admission.door, 0, "", std::move(taken.body.problem), std::move(taken.body.original)});
  } else {
    const auto brand = habits(engine);
    DecodeContext context;
    context.source = admission.door;
    context.source_key = taken.source->id;
    context.received_at = clock_.now();
    context.default_currency = brand->currency;
    context.zone = &brand->zone;
    context.default_type = taken.type;
    context.batch_events_most = options_.batch_events_most;
    context.event_bytes_most = options_.event_bytes_most;
    Decoder& decoder = own_decoder();
    if (!taken.read) {
      decoder.read(taken.body.text);
    }
    decoder.decode_read(context, admission.batch, admission.refused);
  }
  book_->events.fetch_add(admission.batch.size(), std::memory_order_relaxed);
  book_->refused.fetch_add(admission.refused.size(), std::memory_order_relaxed);
  admission.done = [book = book_, source = taken.source, bytes = taken.bytes,
                    reply](const Result<Admitted>& admitted) {
    book->share.release(source->id, bytes);
    answer(*book, admitted, reply);
  };
  if (const auto submitted = engine.submit(std::move(admission)); !submitted) {
    book_->share.release(taken.source->id, taken.bytes);
    answer(*book_, forward_error(submitted), reply);
  }
}

void IngestDoor::answer(Book& book, const Result<Admitted>& admitted, const http::Reply& reply) {
  if (admitted) {
    reply(success());
  } else if (admitted.error().code == ErrorCode::overloaded) {
    book.overloaded.fetch_add(1, std::memory_order_relaxed);
    reply(overloaded());
  } else {
    book.unavailable.fetch_add(1, std::memory_order_relaxed);
    reply(unavailable());
  }
}

IngestCounts IngestDoor::counts() const {
  IngestCounts counts;
  counts.requests = book_->requests.load(std::memory_order_relaxed);
  counts.events = book_->events.load(std::memory_order_relaxed);
  counts.refused = book_->refused.load(std::memory_order_relaxed);
  counts.unknown_key = book_->unknown_key.load(std::memory_order_relaxed);
  counts.overloaded = book_->overloaded.load(std::memory_order_relaxed);
  counts.unavailable = book_->unavailable.load(std::memory_order_relaxed);
  return counts;
}

// Segment's browser library reads it from its CDN; here it learns to send to this server.
http::Response IngestDoor::settings(const http::Request& request) const {
  const std::string& key = request.path_argument("writeKey");
  const auto source = source_of_key_(key);
  if (source == nullptr || source->disabled) {
    return unknown_key();
  }
  JsonWriter json;
  json.begin_object().key("integrations").begin_object().key("Segment.io").begin_object();
  json.field("apiKey", key).field("apiHost", request.host + "/v1");
  json.field("protocol", request.secure ? "https" : "http");
  json.field_raw("unbundledIntegrations", "[]").field("addBundledMetadata", true).end_object();
  json.end_object();
  json.field_raw("plan", R"({"track":{"__default":{"enabled":true,"integrations":{}}},)"
                         R"("identify":{"__default":{"enabled":true}},)"
                         R"("group":{"__default":{"enabled":true}}})");
  json.field_raw("edgeFunction", "{}").field("analyticsNextEnabled", true);
  json.field_raw("middlewareSettings", "{}").field_raw("enabledMiddleware", "{}");
  json.field_raw("metrics", R"({"sampleRate":0})").field("legacyVideoPluginsEnabled", false);
  json.field_raw("remotePlugins", "[]").end_object();
  http::Response response;
  response.body = json.take();
  return response;
}

}  // namespace guanxi::doors
