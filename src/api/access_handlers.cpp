#include "api/access_handlers.hpp"

#include "api/shapes.hpp"

namespace guanxi::api {

ContextHandler on_store(AccessHandler handler) {
  return on_store([handler = std::move(handler)](const Context&, access::AccessStore& store,
                                                 const http::Request& request) {
    return handler(store, request);
  });
}

ContextHandler on_store(ContextAccessHandler handler) {
  return [handler = std::move(handler)](const Context& context, const http::Request& request) {
    if (context.access == nullptr) {
      return http::problem(Error{ErrorCode::unavailable, "this server keeps no users and keys"});
    }
    return handler(context, *context.access, request);
  };
}

http::Response done_response() {
  JsonWriter json;
  json.begin_object().field("ok", true).end_object();
  return json_response(json.take());
}

http::Response answer_of(const Result<void>& result) {
  return result ? done_response() : http::problem(result.error());
}

std::uint32_t bits_of(const std::vector<std::string>& names, JsonBody& body,
                      std::string_view field) {
  std::uint32_t bits = 0;
  for (const std::string& name : names) {
    const std::optional<access::Permission> permission = access::permission_named(name);
    if (!permission) {
      body.refuse(field, "there is no permission of that name");
      return 0;
    }
    bits |= 1U << static_cast<unsigned>(*permission);
  }
  return bits;
}

void permissions_field(JsonWriter& json, std::string_view name, std::uint32_t granted) {
  json.key(name).begin_array();
  for (std::size_t p = 0; p < access::kPermissions; ++p) {
    if ((granted >> p & 1U) != 0) {
      json.string(access::name_of(static_cast<access::Permission>(p)));
    }
  }
  json.end_array();
}

void seen_field(JsonWriter& json, std::string_view name, Instant at) {
  moment_field(json, name, at.seconds == 0 ? std::nullopt : std::optional<Instant>(at));
}

void write_token(JsonWriter& json, const access::TokenInfo& token) {
  json.begin_object().field("id", token.id).field("user", token.user).field("name", token.name);
  permissions_field(json, "permissions", token.granted);
  seen_field(json, "created_at", token.created_at);
  seen_field(json, "valid_until", token.valid_until);
  seen_field(json, "last_used_at", token.last_used_at);
  json.end_object();
}

}  // namespace guanxi::api
