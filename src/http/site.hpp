#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/gatekeeper.hpp"
#include "http/message.hpp"
#include "http/routes.hpp"
#include "http/static_files.hpp"

namespace guanxi::http {

/// True for an authority that means this machine: localhost, 127.0.0.1 or [::1], with or without a
/// port, or one of `names` (lower case, without port; "*" is every name). Any other Host is a name
/// that was pointed at us (DNS rebinding) and is not answered.
[[nodiscard]] bool is_own_host(std::string_view authority, const std::vector<std::string>& names);

/// True when a changing or computing request may come from this sender: no Origin (no browser), or
/// this very origin.
[[nodiscard]] bool is_same_origin(const Request& request);

/// Headers that every answer of the page and the API carries, as "Name: value\r\n" lines.
[[nodiscard]] std::string_view security_headers();
/// What an answer of a door carries instead: it is data for programs and pages of any origin, which
/// prove themselves by a key, never by a cookie.
[[nodiscard]] std::string_view door_headers();

/// Everything the server can answer: routes first, then the files of the page.
///
/// Place       Given to the server at start; every session asks it on pool threads.
/// Invariants  Paths under /api are never answered with a file. No handler runs that the gatekeeper
///             has not let through; without one, only what is open and the doors.
/// Threads     Immutable; handlers run on several threads at once.
class Site {
 public:
  Site(RouteTable routes, StaticFiles files, std::shared_ptr<Gatekeeper> gatekeeper = nullptr);

  /// Where the answer is to be computed, and by whom. Does not run anything.
  [[nodiscard]] RouteTable::Match find(const Request& request) const {
    return routes_.find(request.method, request.target);
  }
  /// The answer, complete but for security headers and lengths. Exceptions of handlers become 500.
  [[nodiscard]] Response answer(Request request, RouteTable::Match match) const;
  [[nodiscard]] Response answer(Request request) const;
  /// The same for a route with a deferred handler: `reply` is called once, from any thread, perhaps
  /// before this returns.
  void answer_later(Request request, RouteTable::Match match, const Reply& reply) const;

 private:
  [[nodiscard]] Response dispatch(Request& request, RouteTable::Match& match) const;
  [[nodiscard]] Response without_route(const Request& request,
                                       const RouteTable::Match& match) const;
  /// Why the handler may not run; unpacks the body on the way.
  [[nodiscard]] std::optional<Response> refuse(Request& request, const Route& route) const;

  RouteTable routes_;
  std::unique_ptr<StaticFiles> files_;
  std::shared_ptr<Gatekeeper> gatekeeper_;
};

}  // namespace guanxi::http
