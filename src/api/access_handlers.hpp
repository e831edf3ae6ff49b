#pragma once

#include <functional>
#include <string>
#include <vector>

#include "access/store.hpp"
#include "api/access_gate.hpp"
#include "api/handlers.hpp"
#include "api/json_body.hpp"
#include "base/json_writer.hpp"

namespace guanxi::api {

using AccessHandler = std::function<http::Response(access::AccessStore&, const http::Request&)>;
/// Answers a route about users, keys or the trail from the access store; 503 without one. What
/// hashes a password or reads the whole trail belongs to the slow lane.
[[nodiscard]] ContextHandler on_store(AccessHandler handler);
using ContextAccessHandler =
    std::function<http::Response(const Context&, access::AccessStore&, const http::Request&)>;
[[nodiscard]] ContextHandler on_store(ContextAccessHandler handler);

/// {"ok":true}.
[[nodiscard]] http::Response done_response();
/// The value written by `write`, or the error of what went before it.
template <typename T>
[[nodiscard]] http::Response answer_of(const Result<T>& result,
                                       const std::function<void(JsonWriter&, const T&)>& write) {
  if (!result) {
    return http::problem(result.error());
  }
  JsonWriter json;
  write(json, *result);
  return json_response(json.take());
}
[[nodiscard]] http::Response answer_of(const Result<void>& result);

/// Names of permissions as bits of Principal::granted, and back.
[[nodiscard]] std::uint32_t bits_of(const std::vector<std::string>& names, JsonBody& body,
                                    std::string_view field);
void permissions_field(JsonWriter& json, std::string_view name, std::uint32_t granted);

/// A moment, or null for the one that stands for never.
void seen_field(JsonWriter& json, std::string_view name, Instant at);
void write_token(JsonWriter& json, const access::TokenInfo& token);

void add_account_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_user_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_source_routes(const SharedContext& context, std::vector<http::Route>& routes);
void add_audit_routes(const SharedContext& context, std::vector<http::Route>& routes);

}  // namespace guanxi::api
