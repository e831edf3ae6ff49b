#include "api/access_handlers.hpp"
#include "api/parameters.hpp"

namespace guanxi::api {
namespace {

using access::AccessStore;
using access::LoginDesk;
using access::Permission;
using access::Principal;
using http::Fault;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kNameBytesMost = 64;
constexpr std::size_t kPasswordBytesMost = 4096;
constexpr std::size_t kSecretBytesMost = 200;
constexpr std::uint64_t kDaysMost = 366;
constexpr std::uint64_t kUsualDays = 90;
constexpr std::int64_t kSecondsOfDay = 86400;

std::string me_json(const AccessStore& store, const Principal& principal) {
  JsonWriter json;
  json.begin_object();
  constexpr std::string_view kBy[] = {"nobody", "session", "token", "local"};
  const bool nobody = principal.by == Principal::By::nobody;
  json.field("by", kBy[static_cast<std::size_t>(principal.by)]);
  if (nobody) {
    json.field_null("user").field_null("role");
  } else {
    json.field("user", principal.user).field("role", access::name_of(principal.role));
  }
  permissions_field(json, "permissions", principal.granted);
  json.field("sees_personal_data", principal.sees_personal());
  json.field("first_admin_needed", store.accounts().nobody_yet());
  return json.end_object().take();
}

Response me(AccessStore& store, const Request& request) {
  const Parameters parameters(request, {});
  return parameters.refusal() ? *parameters.refusal()
                              : json_response(me_json(store, request.principal));
}

// The answer to whoever has just come in.
Response let_in(AccessStore& store, const Request& request, const std::string& session,
                const std::string& device) {
  Response response = json_response(me_json(store, store.accounts().of_session(session)));
  response.headers.emplace_back(
      "Set-Cookie", cookie_line(session_cookie(request.secure), session, request.secure, {}));
  if (!device.empty()) {
    response.headers.emplace_back("Set-Cookie",
                                  cookie_line(device_cookie(request.secure), device, request.secure,
                                              store.accounts().limits().device_seconds));
  }
  return response;
}

Response too_many(std::int64_t wait_seconds) {
  return http::with_retry_after(
      http::problem(Fault::too_many, "too many tries; wait " +
                                         std::to_string((wait_seconds + 59) / 60) + " minutes"),
      wait_seconds);
}

// A session that the browser still had ends, whoever comes in now.
void end_old_session(AccessStore& store, const Request& request) {
  if (request.principal.by == Principal::By::session) {
    static_cast<void>(
        store.accounts().end_session(request.principal.session, actor_of(request)).has_value());
  }
}

Response login(AccessStore& store, const Request& request) {
  JsonBody body(request, {"name", "password"});
  const std::string name = body.text("name", kNameBytesMost);
  const std::string password = body.text("password", kPasswordBytesMost);
  if (body.refusal()) {
    return *body.refusal();
  }
  const std::string device = cookie_of(request, device_cookie(request.secure));
  const Result<LoginDesk::Answer> answer =
      store.desk().login({name, password, device, request.peer});
  if (!answer) {
    return http::problem(answer.error());
  }
  switch (answer->kind) {
    case LoginDesk::Answer::Kind::too_often:
      return too_many(answer->wait_seconds);
    case LoginDesk::Answer::Kind::wrong:
      return http::problem(Fault::unauthenticated, "name or password is wrong");
    case LoginDesk::Answer::Kind::welcome:
      break;
  }
  end_old_session(store, request);
  return let_in(store, request, answer->session, answer->device);
}

Response logout(AccessStore& store, const Request& request) {
  const JsonBody body(request, {});
  if (body.refusal()) {
    return *body.refusal();
  }
  const Result<void> ended =
      store.accounts().end_session(request.principal.session, actor_of(request));
  Response response = answer_of(ended);
  response.headers.emplace_back("Set-Cookie",
                                cookie_line(session_cookie(request.secure), "", request.secure, 0));
  return response;
}

// Whom a link is for. Guesses are counted by address.
Result<std::optional<std::string>> invited_by(AccessStore& store, const Request& request,
                                              const std::string& link, bool& too_often) {
  GUANXI_TRY(invited, store.accounts().invited(link));
  too_often = !invited && !store.desk().guess_allowed(request.peer);
  return invited;
}

Response link_is_over() {
  return http::problem(
      Error{ErrorCode::not_found, "this link has been used, or is too old; ask for a new one"},
      "link");
}

Response check_link(AccessStore& store, const Request& request) {
  JsonBody body(request, {"link"});
  const std::string link = body.text("link", kSecretBytesMost);
  if (body.refusal()) {
    return *body.refusal();
  }
  bool too_often = false;
  const auto invited = invited_by(store, request, link, too_often);
  if (!invited) {
    return http::problem(invited.error());
  }
  if (!*invited) {
    return too_often ? too_many(store.desk().window_seconds()) : link_is_over();
  }
  JsonWriter json;
  json.begin_object();
  if ((*invited)->empty()) {
    json.field_null("user");
  } else {
    json.field("user", **invited);
  }
  json.field("first_admin", (*invited)->empty()).end_object();
  return json_response(json.take());
}

Response welcome(AccessStore& store, const Request& request) {
  JsonBody body(request, {"link", "name", "password"});
  const std::string link = body.text("link", kSecretBytesMost);
  const std::string name = body.has("name") ? body.text("name", kNameBytesMost) : std::string();
  const std::string password = body.text("password", kPasswordBytesMost);
  if (body.refusal()) {
    return *body.refusal();
  }
  bool too_often = false;
  const auto invited = invited_by(store, request, link, too_often);
  if (invited && !*invited) {
    return too_often ? too_many(store.desk().window_seconds()) : link_is_over();
  }
  const access::Actor actor = actor_of(request);
  const Result<std::string> user = store.accounts().accept(link, name, password, actor);
  if (!user) {
    const bool about_name = user.error().message.rfind("a user's name", 0) == 0;
    const bool invalid = user.error().code == ErrorCode::invalid;
    return http::problem(user.error(), about_name ? "name" : invalid ? "password" : "");
  }
  const Result<std::string> session = store.accounts().begin_session(*user, actor);
  const Result<std::string> device = store.accounts().remember_device(*user);
  if (!session || !device) {
    return http::problem(session ? device.error() : session.error());
  }
  end_old_session(store, request);
  return let_in(store, request, *session, *device);
}

Response change_password(AccessStore& store, const Request& request) {
  JsonBody body(request, {"old", "new"});
  const std::string old = body.text("old", kPasswordBytesMost);
  const std::string fresh = body.text("new", kPasswordBytesMost);
  if (body.refusal()) {
    return *body.refusal();
  }
  const access::Actor actor = actor_of(request);
  switch (store.desk().confirm(request.principal.user, old, actor)) {
    case LoginDesk::Answer::Kind::too_often:
      return too_many(store.desk().window_seconds());
    case LoginDesk::Answer::Kind::wrong:
      return http::problem(Error{ErrorCode::invalid, "this is not your password"}, "old");
    case LoginDesk::Answer::Kind::welcome:
      break;
  }
  const Result<void> changed = store.accounts().set_password(request.principal.user, fresh,
                                                             request.principal.session, actor);
  return changed ? done_response() : http::problem(changed.error(), "new");
}

Response my_sessions(AccessStore& store, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  JsonWriter json;
  json.begin_object().key("sessions").begin_array();
  for (const access::SessionInfo& session : store.accounts().sessions_of(request.principal.user)) {
    json.begin_object().field("id", session.id);
    json.field("this_one", session.id == request.principal.session);
    seen_field(json, "created_at", session.created_at);
    seen_field(json, "last_used_at", session.last_used_at);
    json.end_object();
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response end_my_session(AccessStore& store, const Request& request) {
  const JsonBody body(request, {});
  if (body.refusal()) {
    return *body.refusal();
  }
  const std::string& id = request.path_argument("id");
  for (const access::SessionInfo& session : store.accounts().sessions_of(request.principal.user)) {
    if (session.id == id) {
      return answer_of(store.accounts().end_session(id, actor_of(request)));
    }
  }
  return http::problem(Error{ErrorCode::not_found, "you have no session of that id"}, "id");
}

Response my_tokens(AccessStore& store, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  JsonWriter json;
  json.begin_object().key("tokens").begin_array();
  for (const access::TokenInfo& token : store.accounts().tokens(request.principal.user)) {
    write_token(json, token);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response add_token(AccessStore& store, const Request& request) {
  JsonBody body(request, {"name", "permissions", "days"});
  access::AccountBook::TokenDraft draft;
  draft.name = body.text("name", 80);
  draft.granted = bits_of(body.texts("permissions"), body, "permissions");
  draft.valid_seconds =
      static_cast<std::int64_t>(body.number("days", 1, kDaysMost, kUsualDays)) * kSecondsOfDay;
  if (body.refusal()) {
    return *body.refusal();
  }
  const auto made = store.accounts().add_token(request.principal.user, draft, actor_of(request));
  return answer_of<access::AccountBook::NewToken>(made, [](JsonWriter& json, const auto& token) {
    json.begin_object().key("token");
    write_token(json, token.info);
    json.field("secret", token.secret).end_object();
  });
}

Response end_my_token(AccessStore& store, const Request& request) {
  const JsonBody body(request, {});
  if (body.refusal()) {
    return *body.refusal();
  }
  const std::string& id = request.path_argument("id");
  const std::optional<access::TokenInfo> token = store.accounts().token(id);
  if (!token || token->user != request.principal.user) {
    return http::problem(Error{ErrorCode::not_found, "you have no token of that id"}, "id");
  }
  return answer_of(store.accounts().end_token(id, actor_of(request)));
}

}  // namespace

void add_account_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  const auto open = Permission::open;
  const auto own = Permission::session;
  add.get("/api/v1/me", "Who is calling, and what they may", open, on_store(me), Lane::instant);
  add.post("/api/v1/login", "Opens a session by name and password", open, on_store(login),
           Lane::slow);
  add.post("/api/v1/welcome", "Sets the first password by a one-time link", open, on_store(welcome),
           Lane::slow);
  add.post("/api/v1/welcome/check", "Whom a one-time link is for", open, on_store(check_link));
  add.post("/api/v1/logout", "Ends the session", own, on_store(logout));
  add.post("/api/v1/me/password", "Changes one's own password", own, on_store(change_password),
           Lane::slow);
  add.get("/api/v1/me/sessions", "Where one is logged in", own, on_store(my_sessions));
  add.post("/api/v1/me/sessions/{id}/end", "Ends one of one's own sessions", own,
           on_store(end_my_session));
  add.get("/api/v1/me/tokens", "One's own tokens", own, on_store(my_tokens));
  add.post("/api/v1/me/tokens", "Makes a token, shown once", own, on_store(add_token));
  add.post("/api/v1/me/tokens/{id}/end", "Revokes one of one's own tokens", own,
           on_store(end_my_token));
}

}  // namespace guanxi::api
