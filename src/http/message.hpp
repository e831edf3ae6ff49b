#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/principal.hpp"
#include "base/result.hpp"

namespace guanxi::http {

enum class Method : std::uint8_t { get, head, post, options, other };
[[nodiscard]] std::string_view name_of(Method method);

/// The path and query of a request, percent-decoded once and for all.
///
/// Place       Made by parse_target(); routes, static files and handlers read it.
/// Invariants  Every text is valid UTF-8 without control characters; no segment is empty (but the
///             last, after a final slash), "." or "..".
/// Threads     A value.
struct Target {
  std::vector<std::string> segments;  ///< "/a/b" is {"a", "b"}, "/" is {""}
  std::vector<std::pair<std::string, std::string>> query;
};
/// Errors: invalid when it is no path, or an escape in it is wrong.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

/// What is wrong with the packed body of a request. The door of a source keeps what it cannot read;
/// everyone else is told before a handler sees it.
enum class BodyFault : std::uint8_t {
  none,
  damaged,        ///< Content-Encoding says gzip, and it is none, or ends early
  unpacks_large,  ///< beyond the budget of its route: a bomb
  unknown_coding  ///< neither gzip nor identity
};

/// One request, read completely and within its limits.
///
/// Place       Made by the session, consumed by a route's handler.
/// Invariants  The Host is one of this server's names.
/// Threads     A value.
struct Request {
  Method method = Method::get;
  Target target;
  std::vector<std::pair<std::string, std::string>> path_arguments;  ///< {id} of the pattern
  std::string host;          ///< authority as sent: "localhost:8300"
  std::string content_type;  ///< media type in lower case, without parameters
  std::string origin;
  std::string fetch_site;  ///< Sec-Fetch-Site
  std::string if_none_match;
  bool accepts_gzip = false;
  /// Every header as sent, names in lower case, in order.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string peer;     ///< address of the client; behind a trusted proxy, as the proxy says
  bool secure = false;  ///< came over TLS, here or at a trusted proxy
  access::Principal principal;
  std::string body;  ///< unpacked; as sent when there is a body_fault
  BodyFault body_fault = BodyFault::none;
  /// The first header of this (lower-case) name; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;

  /// The value of {name} in the route's pattern. REQUIRES that the pattern has it.
  [[nodiscard]] const std::string& path_argument(std::string_view name) const;
};

/// The body of an answer that is made while it is sent: server-sent events, a long export.
///
/// Place       Made by a handler, owned by the answer; the server asks it for one piece after the
///             other, as fast as the reader takes them.
/// Threads     next() runs on a pool thread of the route's lane (on the server's own for a deferred
///             route), one call at a time; the end may come on any thread, when the reader has
///             gone.
class BodyStream {
 public:
  enum class State : std::uint8_t {
    more,   ///< there is more at once
    later,  ///< nothing now: ask again soon
    end
  };
  BodyStream() = default;
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;
  virtual ~BodyStream() = default;
  /// Appends what comes next to `out`, which is empty: some 64 kB at most. Must not wait.
  [[nodiscard]] virtual State next(std::string& out) = 0;
};

/// What is sent back. Security headers, Date and lengths are added by the server.
struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::shared_ptr<const std::string> shared_body;  ///< instead of `body` when set
  std::shared_ptr<BodyStream> stream;              ///< instead of both when set
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::string_view content() const {
    return shared_body != nullptr ? std::string_view(*shared_body) : std::string_view(body);
  }
};

}  // namespace guanxi::http
