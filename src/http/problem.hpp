#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace guanxi::http {

/// What can be wrong with a request before any handler sees it.
enum class Fault : std::uint8_t {
  malformed,        ///< not HTTP, or lengths that contradict each other
  unauthenticated,  ///< nobody knows who is calling
  forbidden,        ///< a page of another origin sent it
  method_not_allowed,
  timeout,    ///< it came too slowly
  too_large,  ///< the body
  target_too_long,
  unsupported_type,  ///< content type of the body
  misdirected,       ///< the Host is not this server's
  too_many,          ///< requests of this caller
  header_too_large,
  failed,          ///< a bug met while answering
  not_implemented  ///< a transfer coding nobody here reads
};

/// One row of the table from errors to HTTP statuses.
struct ErrorRow {
  ErrorCode code;
  unsigned status;
};
/// The one place where an ErrorCode gets its HTTP status.
inline constexpr std::array<ErrorRow, 6> kErrorTable{{{ErrorCode::invalid, 400},
                                                      {ErrorCode::conflict, 409},
                                                      {ErrorCode::not_found, 404},
                                                      {ErrorCode::overloaded, 503},
                                                      {ErrorCode::unavailable, 503},
                                                      {ErrorCode::corrupted, 500}}};

struct FaultRow {
  Fault fault;
  unsigned status;
  std::string_view code;  ///< as in Error.code of openapi.json
};
inline constexpr std::array<FaultRow, 13> kFaultTable{
    {{Fault::malformed, 400, "invalid"},
     {Fault::unauthenticated, 401, "unauthenticated"},
     {Fault::forbidden, 403, "forbidden"},
     {Fault::method_not_allowed, 405, "method_not_allowed"},
     {Fault::timeout, 408, "timeout"},
     {Fault::too_large, 413, "too_large"},
     {Fault::target_too_long, 414, "too_large"},
     {Fault::unsupported_type, 415, "unsupported_type"},
     {Fault::misdirected, 421, "misdirected"},
     {Fault::too_many, 429, "too_many"},
     {Fault::header_too_large, 431, "too_large"},
     {Fault::failed, 500, "failed"},
     {Fault::not_implemented, 501, "invalid"}}};

[[nodiscard]] unsigned status_of(ErrorCode code);

/// An answer with the Error schema of openapi.json. `field` names the wrong parameter, or is empty.
[[nodiscard]] Response problem(const Error& error, std::string_view field = {});
[[nodiscard]] Response problem(Fault fault, std::string_view message);
/// The answer with this Retry-After, and no other.
[[nodiscard]] Response with_retry_after(Response response, std::int64_t seconds);

}  // namespace guanxi::http
