#include "api/access_gate.hpp"

#include <algorithm>
#include <array>

#include "events/event.hpp"
#include "http/problem.hpp"
#include "http/site.hpp"

namespace guanxi::api {
namespace {

using access::Permission;
using access::Principal;
using http::Fault;
using http::Method;
using http::Request;
using http::Response;
using http::Route;

constexpr std::string_view kBearer = "bearer ";
// Paths whose names are no customer's; every other {name} stands in the trail as a code.
constexpr std::array<std::string_view, 6> kNoPersonNamed{
    "/api/v1/users/", "/api/v1/sources/",      "/api/v1/tokens/",
    "/api/v1/me/",    "/api/v1/dead-letters/", "/api/v1/events/"};
// What shows figures and words and nobody; every other look stands in the trail.
constexpr std::array<std::string_view, 8> kNobodyShown{
    "/api/v1/status", "/api/v1/words",    "/api/v1/hourglass",      "/api/v1/model",
    "/api/v1/models", "/api/v1/progress", "/api/v1/people/columns", "/openapi.json"};

bool changes_something(const Request& request) {
  return request.method != Method::get && request.method != Method::head &&
         request.method != Method::options;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) {
    return false;
  }
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) {
      return false;
    }
  }
  return true;
}

std::string action_of(const Route& route) {
  return std::string(http::name_of(route.method)) + ' ' + std::string(route.pattern);
}

// Whether what the route does stands in the trail each time, and not only as a look.
bool is_grave(const Request& request, const Route& route) {
  switch (route.permission) {
    case Permission::query:
    case Permission::export_:
    case Permission::erase:
    case Permission::audit:
      return true;
    case Permission::speak:
    case Permission::correct:
    case Permission::decide:
    case Permission::manage:
      return changes_something(request);
    case Permission::open:
    case Permission::session:
    case Permission::look:
    case Permission::ingest:
    case Permission::signed_:
      return false;
  }
  return true;
}

bool shows_people(const Route& route) {
  return std::find(kNobodyShown.begin(), kNobodyShown.end(), route.pattern) == kNobodyShown.end();
}

bool names_a_person(const Route& route) {
  return std::none_of(kNoPersonNamed.begin(), kNoPersonNamed.end(), [&](std::string_view begin) {
    return route.pattern.substr(0, begin.size()) == begin;
  });
}

}  // namespace

std::string_view session_cookie(bool secure) {
  return secure ? "__Host-guanxi-session" : "guanxi-session";
}

std::string_view device_cookie(bool secure) {
  return secure ? "__Host-guanxi-device" : "guanxi-device";
}

std::string cookie_of(const Request& request, std::string_view name) {
  std::string found;
  for (const auto& [header, text] : request.headers) {
    if (header != "cookie") {
      continue;
    }
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      std::string_view pair = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      while (!pair.empty() && pair.front() == ' ') {
        pair.remove_prefix(1);
      }
      if (pair.size() <= name.size() || pair.substr(0, name.size()) != name ||
          pair[name.size()] != '=') {
        continue;
      }
      const std::string_view value = pair.substr(name.size() + 1);
      if (!found.empty() && found != value) {
        return {};
      }
      found = value;
    }
  }
  return found;
}

std::string cookie_line(std::string_view name, std::string_view value, bool secure,
                        std::optional<std::int64_t> seconds) {
  std::string line(name);
  line += '=';
  line += value;
  line += "; Path=/; HttpOnly; SameSite=Strict";
  line += secure ? "; Secure" : "";
  line += seconds ? "; Max-Age=" + std::to_string(*seconds) : "";
  return line;
}

access::Actor actor_of(const Request& request) {
  return {request.principal.user.empty() ? "nobody" : request.principal.user,
          request.principal.session, request.peer};
}

std::optional<Response> AccessGate::admit(Request& request, const Route& route) {
  if (std::optional<Response> refusal = identify(request)) {
    return refusal;
  }
  if (!request.principal.may(route.permission)) {
    if (request.principal.by == Principal::By::nobody) {
      Response response = http::problem(Fault::unauthenticated, "log in, or send a token");
      response.headers.emplace_back("WWW-Authenticate", "Bearer");
      return response;
    }
    return refused(request, route,
                   "this takes the right to " + std::string(access::name_of(route.permission)));
  }
  if (request.principal.by == Principal::By::session && changes_something(request) &&
      (request.header(kPageHeader) != "1" || request.origin.empty() ||
       !http::is_same_origin(request))) {
    return refused(request, route, "only this server's own page may send this with a session");
  }
  return keep_trace(request, route);
}

std::optional<Response> AccessGate::identify(Request& request) const {
  request.principal = {};
  const std::string_view authorization = request.header("authorization");
  if (!authorization.empty()) {
    if (starts_with_ignoring_case(authorization, kBearer)) {
      request.principal = store_->accounts().of_token(authorization.substr(kBearer.size()));
    }
    if (request.principal.by != Principal::By::nobody) {
      return std::nullopt;
    }
    if (!store_->desk().guess_allowed(request.peer)) {
      return http::with_retry_after(
          http::problem(Fault::too_many, "too many tokens that nobody has"),
          store_->desk().window_seconds());
    }
    Response response = http::problem(Fault::unauthenticated, "this token is unknown or over");
    response.headers.emplace_back("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    return response;
  }
  const std::string secret = cookie_of(request, session_cookie(request.secure));
  if (!secret.empty()) {
    request.principal = store_->accounts().of_session(secret);
  }
  return std::nullopt;
}

std::optional<Response> AccessGate::refused(const Request& request, const Route& route,
                                            const std::string& why) const {
  if (!store_->audit().note(actor_of(request), action_of(route), "", "refused")) {
    return http::problem(Error{ErrorCode::unavailable, "the audit trail cannot be written"});
  }
  return http::problem(Fault::forbidden, why);
}

std::string AccessGate::code_of(const std::string& named) const {
  const std::optional<std::string> id = masking_ == nullptr ? std::nullopt : masking_->id_of(named);
  return store_->audit().code_of(to_string(parse_external_id(id.value_or(named))));
}

std::optional<Response> AccessGate::keep_trace(const Request& request, const Route& route) const {
  std::string subject;
  if (!request.path_arguments.empty()) {
    const std::string& named = request.path_arguments.front().second;
    subject = names_a_person(route) ? code_of(named) : named;
  }
  const access::Actor actor = actor_of(request);
  bool kept = true;
  if (is_grave(request, route)) {
    // What is answered on the server's own thread must not wait for the disk.
    kept = route.deferred ? store_->audit().note(actor, action_of(route), subject)
                          : store_->audit().write(actor, action_of(route), subject).has_value();
  } else if (route.permission == Permission::look && shows_people(route)) {
    kept = store_->audit().note(actor, action_of(route), subject);
  }
  if (!kept) {
    return http::problem(Error{ErrorCode::unavailable, "the audit trail cannot be written"});
  }
  return std::nullopt;
}

}  // namespace guanxi::api
