#include <algorithm>
#include <array>
#include <utility>

#include "doors/ingest.hpp"

namespace guanxi::doors {
namespace {

/// One path at which SDKs knock, and what a body without "type" means there.
struct Knock {
  std::string_view pattern;
  std::string_view type;
  std::string_view description;
};

constexpr auto kKnocks = std::to_array<Knock>({
    {"/v1/track", "track", "Segment: one track"},
    {"/v1/identify", "identify", "Segment: one identify"},
    {"/v1/page", "page", "Segment: one page"},
    {"/v1/screen", "screen", "Segment: one screen"},
    {"/v1/group", "group", "Segment: one group"},
    {"/v1/alias", "alias", "Segment: one alias"},
    {"/v1/merge", "merge", "RudderStack: two names of one person"},
    {"/v1/batch", "", "Segment: several events"},
    {"/v1/import", "", "RudderStack: several events of the past"},
    {"/v1/t", "track", "Segment's browser library: one track"},
    {"/v1/i", "identify", "Segment's browser library: one identify"},
    {"/v1/p", "page", "Segment's browser library: one page"},
    {"/v1/s", "screen", "Segment's browser library: one screen"},
    {"/v1/g", "group", "Segment's browser library: one group"},
    {"/v1/a", "alias", "Segment's browser library: one alias"},
    {"/v1/b", "", "Segment's browser library: several events"},
    {"/v1/batch/b", "", "Jitsu: several events"},
    {"/api/s/s2s/track", "track", "Jitsu on a server: one track"},
    {"/api/s/s2s/identify", "identify", "Jitsu on a server: one identify"},
    {"/api/s/s2s/page", "page", "Jitsu on a server: one page"},
    {"/api/s/s2s/screen", "screen", "Jitsu on a server: one screen"},
    {"/api/s/s2s/group", "group", "Jitsu on a server: one group"},
    {"/api/s/s2s/alias", "alias", "Jitsu on a server: one alias"},
    {"/api/s/s2s/batch", "", "Jitsu on a server: several events"},
    {"/api/s/s2s/event", "", "Jitsu on a server: one event of any type"},
    {"/api/s/track", "track", "Jitsu in a browser: one track"},
    {"/api/s/identify", "identify", "Jitsu in a browser: one identify"},
    {"/api/s/page", "page", "Jitsu in a browser: one page"},
    {"/api/s/screen", "screen", "Jitsu in a browser: one screen"},
    {"/api/s/group", "group", "Jitsu in a browser: one group"},
    {"/api/s/alias", "alias", "Jitsu in a browser: one alias"},
    {"/api/s/batch", "", "Jitsu in a browser: several events"},
    {"/api/s/event", "", "Jitsu in a browser: one event of any type"},
    {"/batch", "", "PostHog: several events"},
    {"/batch/", "", "PostHog: several events"},
    {"/capture", "", "PostHog: one event"},
    {"/capture/", "", "PostHog: one event"},
    {"/e", "", "PostHog's browser library"},
    {"/e/", "", "PostHog's browser library"},
    {"/i/v0/e", "", "PostHog's browser library"},
    {"/i/v0/e/", "", "PostHog's browser library"},
    {"/i/v1/analytics/events", "", "PostHog: several events, answered in its newer form"},
});

constexpr std::string_view kSettings = "/v1/projects/{writeKey}/settings";
constexpr std::string_view kUsualHeaders = "authorization, content-type, x-write-key";
constexpr std::size_t kHeaderNamesMost = 1024;

bool names_headers(std::string_view text) {
  return !text.empty() && text.size() <= kHeaderNamesMost &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == ',' || c == ' ';
         });
}

// Pages of every origin may send: what they may send proves itself by its write key, never by a
// cookie.
http::Response preflight(const http::Request& request) {
  const std::string_view asked = request.header("access-control-request-headers");
  http::Response response;
  response.status = 204;
  response.content_type.clear();
  response.headers = {
      {"Access-Control-Allow-Methods", "GET, POST, OPTIONS"},
      {"Access-Control-Allow-Headers", std::string(names_headers(asked) ? asked : kUsualHeaders)},
      {"Access-Control-Max-Age", "86400"}};
  return response;
}

http::Route preflight_route(std::string_view pattern) {
  http::Route route;
  route.method = http::Method::options;
  route.pattern = pattern;
  route.description = "what a browser asks before it sends from another origin";
  route.lane = http::Lane::instant;
  route.permission = access::Permission::ingest;
  route.deferred = [](const http::Request& request, const http::Reply& reply) {
    reply(preflight(request));
  };
  return route;
}

http::Route knock_route(const Knock& knock, const std::shared_ptr<IngestDoor>& door) {
  http::Route route;
  route.method = http::Method::post;
  route.pattern = knock.pattern;
  route.description = knock.description;
  route.lane = http::Lane::instant;
  route.body_types = {http::kAnyType};
  route.permission = access::Permission::ingest;
  route.body_bytes_most = door->options().body_bytes_most;
  route.deferred = [door, type = knock.type](http::Request request, const http::Reply& reply) {
    door->take(std::move(request), reply, type);
  };
  return route;
}

}  // namespace

std::vector<http::Route> ingest_routes(const std::shared_ptr<IngestDoor>& door) {
  std::vector<http::Route> routes;
  for (const Knock& knock : kKnocks) {
    routes.push_back(knock_route(knock, door));
    routes.push_back(preflight_route(knock.pattern));
  }
  http::Route settings;
  settings.method = http::Method::get;
  settings.pattern = kSettings;
  settings.description = "what Segment's browser library asks before it sends";
  settings.lane = http::Lane::instant;
  settings.permission = access::Permission::ingest;
  settings.handler = [door](const http::Request& request) { return door->settings(request); };
  routes.push_back(std::move(settings));
  routes.push_back(preflight_route(kSettings));
  return routes;
}

}  // namespace guanxi::doors
