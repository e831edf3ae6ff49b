#include <simdjson.h>

#include "api/handlers.hpp"
#include "api/live_stream.hpp"
#include "base/json_writer.hpp"

namespace guanxi::api {
namespace {

using access::Permission;
using http::Request;
using http::Response;

constexpr std::size_t kFilterBytesMost = 512;
constexpr std::size_t kCorrectedBytesMost = 600UL * 1024;

std::vector<std::string_view> outcome_names() {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(LiveNote::Outcome::refused); ++i) {
    names.push_back(name_of(static_cast<LiveNote::Outcome>(i)));
  }
  return names;
}

std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names;
  for (int i = 0; i < kEventKinds; ++i) {
    names.push_back(guanxi::name_of(static_cast<EventKind>(i)));
  }
  return names;
}

Response live(const Context& context, const Request& request) {
  Parameters parameters(request, {"outcome", "kind", "door", "person"});
  LiveFilter filter;
  filter.outcomes = parameters.choices("outcome", outcome_names());
  filter.kinds = parameters.choices("kind", kind_names());
  filter.door = parameters.text("door", kFilterBytesMost).value_or("");
  const std::string person = parameters.text("person", kFilterBytesMost).value_or("");
  filter.person = person.empty() ? "" : to_string(parse_external_id(person));
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  auto watcher = context.brand->watch(LiveStream::kHeldMost);
  if (!watcher) {
    return http::problem(watcher.error());
  }
  Response response;
  response.content_type = "text/event-stream";
  response.stream =
      std::make_shared<LiveStream>(std::move(*watcher), std::move(filter), system_clock());
  return response;
}

// Reads {} or {"original": "..."}; every other member is refused with its name.
std::optional<Response> read_correction(const std::string& body,
                                        std::optional<std::string>& corrected) {
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(body).get(members) != simdjson::SUCCESS) {
    return http::problem(
        Error{ErrorCode::invalid,
              "the body is no JSON object; send {}, or {\"original\": \"{...}\"} to correct it"});
  }
  for (const auto member : members) {
    std::string_view text;
    if (member.key != "original" || member.value.get(text) != simdjson::SUCCESS || text.empty() ||
        text.size() > kCorrectedBytesMost) {
      return http::problem(
          Error{ErrorCode::invalid, "known is original, the event as JSON in a text"}, member.key);
    }
    corrected = std::string(text);
  }
  return std::nullopt;
}

Engine::KeyOfDoor key_of_door(const Context& context) {
  return [&context](std::string_view door) {
    const auto source = context.access == nullptr
                            ? nullptr
                            : access::source_of_door(context.access->sources(), door);
    return source == nullptr ? std::string() : source->id;
  };
}

Response resend(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const auto id = whole_number(request.path_argument("id"));
  if (!id) {
    return http::problem(Error{ErrorCode::not_found, "there is no such dead letter"}, "id");
  }
  std::optional<std::string> corrected;
  if (auto refusal = read_correction(request.body, corrected)) {
    return *refusal;
  }
  const auto report = context.brand->resend(*id, key_of_door(context), std::move(corrected));
  if (!report) {
    return http::problem(report.error(),
                         report.error().code == ErrorCode::invalid ? "original" : "");
  }
  JsonWriter json;
  json.begin_object().field("added", report->added).field("repeated", report->repeated);
  json.field("conflicting", report->conflicting).field("erased", report->erased).end_object();
  return json_response(json.take());
}

}  // namespace

void add_live_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  add.get("/api/v1/live", "What comes through the doors, as it comes", Permission::correct, live,
          http::Lane::instant);
  add.post("/api/v1/dead-letters/{id}/resend",
           "Sends a refused event again, as it came or corrected", Permission::correct, resend);
}

}  // namespace guanxi::api
