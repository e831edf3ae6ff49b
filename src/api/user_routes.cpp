#include "api/access_handlers.hpp"
#include "api/parameters.hpp"

namespace guanxi::api {
namespace {

using access::AccessStore;
using access::Permission;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kNameBytesMost = 64;
constexpr std::size_t kRoleBytesMost = 20;

void write_user(JsonWriter& json, const access::User& user) {
  json.begin_object().field("name", user.name).field("role", access::name_of(user.role));
  json.field("disabled", user.disabled).field("has_password", user.has_password);
  seen_field(json, "created_at", user.created_at);
  seen_field(json, "last_login_at", user.last_login_at);
  json.end_object();
}

Response user_response(AccessStore& store, const std::string& name) {
  const std::optional<access::User> user = store.accounts().user(name);
  if (!user) {
    return http::problem(Error{ErrorCode::not_found, "there is no user of that name"}, "name");
  }
  JsonWriter json;
  write_user(json, *user);
  return json_response(json.take());
}

access::Role role_asked(JsonBody& body) {
  const std::string name = body.text("role", kRoleBytesMost);
  const std::optional<access::Role> role = access::role_named(name);
  if (!role) {
    body.refuse("role", "one of viewer, service, operator, analyst, admin");
  }
  return role.value_or(access::Role::viewer);
}

// The secret stands after '#', so that no server, proxy or log sees it in an address.
Response link_response(AccessStore& store, const std::string& name, const std::string& secret) {
  JsonWriter json;
  json.begin_object().field("user", name).field("link", "/welcome#" + secret);
  seen_field(json, "valid_until",
             Instant{store.now().seconds + store.accounts().limits().invitation_seconds});
  json.end_object();
  return json_response(json.take());
}

Response users(AccessStore& store, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  JsonWriter json;
  json.begin_object().key("users").begin_array();
  for (const access::User& user : store.accounts().users()) {
    write_user(json, user);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response add_user(AccessStore& store, const Request& request) {
  JsonBody body(request, {"name", "role"});
  const std::string name = body.text("name", kNameBytesMost);
  const access::Role role = role_asked(body);
  if (body.refusal()) {
    return *body.refusal();
  }
  const Result<std::string> secret = store.accounts().add(name, role, actor_of(request));
  return secret ? link_response(store, name, *secret) : http::problem(secret.error(), "name");
}

Response change_user(AccessStore& store, const Request& request) {
  JsonBody body(request, {"role", "disabled"});
  const std::string& name = request.path_argument("name");
  const std::optional<access::Role> role =
      body.has("role") ? std::optional<access::Role>(role_asked(body)) : std::nullopt;
  const std::optional<bool> disabled = body.yes_no("disabled");
  if (name == request.principal.user) {
    body.refuse("name", "another admin has to change your own role");
  }
  if (body.refusal()) {
    return *body.refusal();
  }
  const access::Actor actor = actor_of(request);
  Result<void> changed = role ? store.accounts().set_role(name, *role, actor) : Result<void>();
  if (changed && disabled) {
    changed = store.accounts().set_user_disabled(name, *disabled, actor);
  }
  return changed ? user_response(store, name) : http::problem(changed.error());
}

Response invite_user(AccessStore& store, const Request& request) {
  JsonBody body(request, {});
  const std::string& name = request.path_argument("name");
  if (name == request.principal.user) {
    body.refuse("name", "change your own password instead");
  }
  if (body.refusal()) {
    return *body.refusal();
  }
  const Result<std::string> secret = store.accounts().invite_again(name, actor_of(request));
  return secret ? link_response(store, name, *secret) : http::problem(secret.error(), "name");
}

Response tokens(AccessStore& store, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  JsonWriter json;
  json.begin_object().key("tokens").begin_array();
  for (const access::TokenInfo& token : store.accounts().tokens()) {
    write_token(json, token);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response end_token(AccessStore& store, const Request& request) {
  const JsonBody body(request, {});
  return body.refusal() ? *body.refusal()
                        : answer_of(store.accounts().end_token(request.path_argument("id"),
                                                               actor_of(request)));
}

}  // namespace

void add_user_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  const auto may = Permission::manage;
  add.get("/api/v1/users", "Who works with Guanxi", may, on_store(users));
  add.post("/api/v1/users", "Adds a user; gives a one-time link", may, on_store(add_user));
  add.post("/api/v1/users/{name}", "Changes role, disables or enables", may, on_store(change_user));
  add.post("/api/v1/users/{name}/invite", "A new one-time link; ends all they had", may,
           on_store(invite_user));
  add.get("/api/v1/tokens", "Everybody's tokens", may, on_store(tokens));
  add.post("/api/v1/tokens/{id}/end", "Revokes anybody's token", may, on_store(end_token));
}

}  // namespace guanxi::api
