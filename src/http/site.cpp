#include "http/site.hpp"

#include <array>
#include <exception>

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
    if (type == content_type) {
      return true;
    }
  }
  return false;
}

void compress(const Request& request, Response& response) {
  if (!request.accepts_gzip || response.shared_body != nullptr ||
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

bool is_local_host(std::string_view authority) {
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
  return false;
}

bool is_same_origin(const Request& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" &&
      request.fetch_site != "none") {
    return false;
  }
  return request.origin.empty() || request.origin == "http://" + request.host;
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

Site::Site(RouteTable routes, StaticFiles files)
    : routes_(std::move(routes)), files_(std::make_unique<StaticFiles>(std::move(files))) {}

Lane Site::lane_of(const Request& request) const {
  const RouteTable::Match match = routes_.find(request.method, request.target);
  return match.route == nullptr ? Lane::instant : match.route->lane;
}

Response Site::answer(Request request) const {
  Response response;
  try {
    response = dispatch(request);
  } catch (const std::exception&) {
    response = problem(Fault::failed, "the server failed while answering this");
  }
  compress(request, response);
  return response;
}

Response Site::dispatch(Request& request) const {
  RouteTable::Match match = routes_.find(request.method, request.target);
  if (match.allow.empty()) {
    if (is_api(request.target)) {
      return problem(Error{ErrorCode::not_found, "there is no such path in the API"});
    }
    if (request.method == Method::get || request.method == Method::head) {
      return files_->answer(request);
    }
    return request.method == Method::options ? options_answer("GET, HEAD, OPTIONS")
                                             : wrong_method("GET, HEAD, OPTIONS");
  }
  if (match.route == nullptr) {
    return request.method == Method::options ? options_answer(match.allow)
                                             : wrong_method(match.allow);
  }
  if (request.method == Method::post) {
    if (!is_same_origin(request)) {
      return problem(Fault::forbidden, "only this server's own page may send this");
    }
    if (!reads(*match.route, request.content_type)) {
      return problem(Fault::unsupported_type,
                     "send a body of content type " + joined(match.route->body_types));
    }
  }
  request.path_arguments = std::move(match.path_arguments);
  Response response = match.route->handler(request);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace guanxi::http
