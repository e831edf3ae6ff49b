#include "http/site.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <future>

#include "http/gzip.hpp"
#include "http/problem.hpp"

namespace guanxi::http {
namespace {

constexpr std::size_t kCompressFromBytes = 1024;
constexpr int kQuickCompression = 1;

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char lower = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] + ('a' - 'A')) : a[i];
    if (lower != b[i]) {
      return false;
    }
  }
  return true;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) {
    return false;
  }
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return false;
    }
  }
  return true;
}

Response options_answer(const std::string& allow) {
  Response response;
  response.status = 204;
  response.content_type.clear();
  response.headers.emplace_back("Allow", allow);
  return response;
}

Response wrong_method(const std::string& allow) {
  Response response = problem(Fault::method_not_allowed, "this path answers " + allow);
  response.headers.emplace_back("Allow", allow);
  return response;
}

std::string joined(const std::vector<std::string_view>& texts) {
  std::string out;
  for (const std::string_view text : texts) {
    out += out.empty() ? "" : " or ";
    out += text;
  }
  return out;
}

bool reads(const Route& route, std::string_view content_type) {
  for (const std::string_view type : route.body_types) {
    if (type == kAnyType || type == content_type) {
      return true;
    }
  }
  return false;
}

/// Replaces a gzip'd body by what it holds; a body that cannot be read stays as it came.
void unpack(Request& request, std::size_t most) {
  const std::string_view coding = request.header("content-encoding");
  if (coding.empty() || equals_ignoring_case(coding, "identity") || request.body.empty()) {
    return;
  }
  if (!equals_ignoring_case(coding, "gzip") && !equals_ignoring_case(coding, "x-gzip") &&
      !equals_ignoring_case(coding, "deflate")) {
    request.body_fault = BodyFault::unknown_coding;
    return;
  }
  std::string plain;
  const Unpacked unpacked = gunzip(request.body, most, plain);
  if (unpacked == Unpacked::whole) {
    request.body = std::move(plain);
  } else {
    request.body_fault =
        unpacked == Unpacked::too_large ? BodyFault::unpacks_large : BodyFault::damaged;
  }
}

Response problem_of(BodyFault fault) {
  switch (fault) {
    case BodyFault::unpacks_large:
      return problem(Fault::too_large, "the body unpacks to more than this path takes");
    case BodyFault::unknown_coding:
      return problem(Fault::unsupported_type, "a body may be packed with gzip, or not at all");
    case BodyFault::none:
    case BodyFault::damaged:
      break;
  }
  return problem(Fault::malformed, "the body is said to be gzip and cannot be unpacked");
}

void compress(Response& response) {
  if (response.shared_body != nullptr || response.stream != nullptr ||
      response.body.size() <= kCompressFromBytes) {
    return;
  }
  std::string packed = gzip(response.body, kQuickCompression);
  if (!packed.empty()) {
    response.body = std::move(packed);
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
}

bool is_api(const Target& target) { return target.segments.front() == "api"; }

}  // namespace

bool is_own_host(std::string_view authority, const std::vector<std::string>& names) {
  std::string_view name = authority;
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    if (!is_port(authority.substr(colon + 1))) {
      return false;
    }
    name = authority.substr(0, colon);
  }
  constexpr std::array<std::string_view, 3> kNames{"localhost", "127.0.0.1", "[::1]"};
  for (const std::string_view known : kNames) {
    if (equals_ignoring_case(name, known)) {
      return true;
    }
  }
  return std::any_of(names.begin(), names.end(), [name](const std::string& own) {
    return own == "*" || equals_ignoring_case(name, own);
  });
}

bool is_same_origin(const Request& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" &&
      request.fetch_site != "none") {
    return false;
  }
  return request.origin.empty() ||
         request.origin == (request.secure ? "https://" : "http://") + request.host;
}

std::string_view security_headers() {
  return "Content-Security-Policy: default-src 'self'; script-src 'self'; "
         "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
         "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
         "form-action 'self'; frame-ancestors 'none'\r\n"
         "X-Content-Type-Options: nosniff\r\n"
         "X-Frame-Options: DENY\r\n"
         "Referrer-Policy: no-referrer\r\n"
         "Cross-Origin-Opener-Policy: same-origin\r\n"
         "Cross-Origin-Resource-Policy: same-origin\r\n"
         "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=()\r\n";
}

std::string_view door_headers() {
  return "X-Content-Type-Options: nosniff\r\n"
         "Cross-Origin-Resource-Policy: cross-origin\r\n"
         "Access-Control-Allow-Origin: *\r\n"
         "Access-Control-Expose-Headers: Retry-After\r\n";
}

Site::Site(RouteTable routes, StaticFiles files, std::shared_ptr<Gatekeeper> gatekeeper)
    : routes_(std::move(routes)),
      files_(std::make_unique<StaticFiles>(std::move(files))),
      gatekeeper_(std::move(gatekeeper)) {}

Response Site::answer(Request request) const {
  RouteTable::Match match = find(request);
  return answer(std::move(request), std::move(match));
}

Response Site::answer(Request request, RouteTable::Match match) const {
  Response response;
  const bool accepts_gzip = request.accepts_gzip;
  try {
    if (match.route != nullptr && match.route->deferred) {
      std::promise<Response> promise;
      answer_later(std::move(request), std::move(match),
                   [&promise](Response later) { promise.set_value(std::move(later)); });
      response = promise.get_future().get();
    } else {
      response = dispatch(request, match);
    }
  } catch (const std::exception&) {
    response = problem(Fault::failed, "the server failed while answering this");
  }
  if (accepts_gzip) {
    compress(response);
  }
  return response;
}

void Site::answer_later(Request request, RouteTable::Match match, const Reply& reply) const {
  try {
    request.path_arguments = std::move(match.path_arguments);
    if (std::optional<Response> refusal = refuse(request, *match.route)) {
      reply(std::move(*refusal));
      return;
    }
    match.route->deferred(std::move(request), reply);
  } catch (const std::exception&) {
    reply(problem(Fault::failed, "the server failed while answering this"));
  }
}

Response Site::without_route(const Request& request, const RouteTable::Match& match) const {
  if (!match.allow.empty()) {
    return request.method == Method::options ? options_answer(match.allow)
                                             : wrong_method(match.allow);
  }
  if (is_api(request.target)) {
    return problem(Error{ErrorCode::not_found, "there is no such path in the API"});
  }
  if (request.method == Method::get || request.method == Method::head) {
    return files_->answer(request);
  }
  return request.method == Method::options ? options_answer("GET, HEAD, OPTIONS")
                                           : wrong_method("GET, HEAD, OPTIONS");
}

std::optional<Response> Site::refuse(Request& request, const Route& route) const {
  const bool door = is_door(route);
  if (request.method == Method::post && !door && !is_same_origin(request)) {
    return problem(Fault::forbidden, "only this server's own page may send this");
  }
  if (!door && gatekeeper_ != nullptr) {
    if (std::optional<Response> refusal = gatekeeper_->admit(request, route)) {
      return refusal;
    }
  } else if (!door && route.permission != access::Permission::open) {
    return problem(Fault::unauthenticated, "nobody may ask this here");
  }
  if (request.method == Method::post && !reads(route, request.content_type)) {
    return problem(Fault::unsupported_type,
                   "send a body of content type " + joined(route.body_types));
  }
  unpack(request,
         kUnpackFactor * (route.body_bytes_most == 0 ? kBodyBytesMost : route.body_bytes_most));
  if (request.body_fault != BodyFault::none && !door) {
    return problem_of(request.body_fault);
  }
  return std::nullopt;
}

Response Site::dispatch(Request& request, RouteTable::Match& match) const {
  if (match.route == nullptr) {
    return without_route(request, match);
  }
  request.path_arguments = std::move(match.path_arguments);
  if (std::optional<Response> refusal = refuse(request, *match.route)) {
    refusal->headers.emplace_back("Cache-Control", "no-store");
    return std::move(*refusal);
  }
  Response response = match.route->handler(request);
  const bool said = std::any_of(response.headers.begin(), response.headers.end(),
                                [](const auto& header) { return header.first == "Cache-Control"; });
  if (!said) {
    response.headers.emplace_back("Cache-Control", "no-store");
  }
  return response;
}

}  // namespace guanxi::http
