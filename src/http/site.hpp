#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/routes.hpp"
#include "http/static_files.hpp"

namespace guanxi::http {

/// True for an authority that means this machine: localhost, 127.0.0.1 or [::1], with or without a
/// port. Any other Host is a name that was pointed at us (DNS rebinding) and is not answered.
[[nodiscard]] bool is_local_host(std::string_view authority);

/// True when a changing or computing request may come from this sender: no Origin (no browser), or
/// this very origin.
[[nodiscard]] bool is_same_origin(const Request& request);

/// Headers that every answer carries, as "Name: value\r\n" lines.
[[nodiscard]] std::string_view security_headers();

/// Everything the server can answer: routes first, then the files of the page.
///
/// Place       Given to the server at start; every session asks it on pool threads.
/// Invariants  Paths under /api are never answered with a file.
/// Threads     Immutable; handlers run on several threads at once.
class Site {
 public:
  Site(RouteTable routes, StaticFiles files);

  /// Where the answer is to be computed. Does not run anything.
  [[nodiscard]] Lane lane_of(const Request& request) const;
  /// The answer, complete but for security headers and lengths. Exceptions of handlers become 500.
  [[nodiscard]] Response answer(Request request) const;

 private:
  [[nodiscard]] Response dispatch(Request& request) const;

  RouteTable routes_;
  std::unique_ptr<StaticFiles> files_;
};

}  // namespace guanxi::http
