// Who may call what: every route of the server x every kind of caller (F2). The rights stand here a
// second time on purpose: a route that is not in the list, or whose right was changed in passing,
// fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "access/access_testing.hpp"
#include "api/access_gate.hpp"
#include "api/image_brand.hpp"
#include "app/server_routes.hpp"
#include "http/site.hpp"

namespace guanxi {
namespace {

using access::Permission;
using access::Role;
using http::Method;
using http::Request;
using http::Response;
using http::Route;

constexpr unsigned kRan = 299;

using Row = std::pair<const char*, Permission>;
constexpr auto kRows = std::to_array<Row>({
    {"GET /api/v1/audit", Permission::audit},
    {"GET /api/v1/audit/check", Permission::audit},
    {"GET /api/v1/backups", Permission::manage},
    {"POST /api/v1/backups", Permission::manage},
    {"GET /api/v1/changes", Permission::look},
    {"GET /api/v1/dead-letters", Permission::correct},
    {"POST /api/v1/dead-letters/{id}/resend", Permission::correct},
    {"GET /api/v1/demand", Permission::look},
    {"POST /api/v1/demand/build", Permission::decide},
    {"POST /api/v1/demand/cancel", Permission::decide},
    {"GET /api/v1/products/{product}/demand", Permission::look},
    {"GET /api/v1/products/{product}/people", Permission::look},
    {"GET /api/v1/replenishment", Permission::look},
    {"GET /api/v1/replenishment/export", Permission::export_},
    {"GET /api/v1/people/{id}/needs", Permission::look},
    {"GET /api/v1/events/{ordinal}", Permission::look},
    {"GET /api/v1/fits", Permission::look},
    {"POST /api/v1/fits", Permission::decide},
    {"POST /api/v1/fits/stop", Permission::decide},
    {"GET /api/v1/hourglass", Permission::look},
    {"GET /api/v1/identities/decisions", Permission::correct},
    {"POST /api/v1/identities/decisions", Permission::correct},
    {"GET /api/v1/identities/duplicates", Permission::correct},
    {"GET /api/v1/live", Permission::correct},
    {"POST /api/v1/login", Permission::open},
    {"POST /api/v1/logout", Permission::session},
    {"GET /api/v1/me", Permission::open},
    {"POST /api/v1/me/password", Permission::session},
    {"GET /api/v1/me/sessions", Permission::session},
    {"POST /api/v1/me/sessions/{id}/end", Permission::session},
    {"GET /api/v1/me/tokens", Permission::session},
    {"POST /api/v1/me/tokens", Permission::session},
    {"POST /api/v1/me/tokens/{id}/end", Permission::session},
    {"GET /api/v1/model", Permission::look},
    {"GET /api/v1/models", Permission::look},
    {"POST /api/v1/model/check", Permission::decide},
    {"GET /api/v1/people", Permission::look},
    {"GET /api/v1/people/columns", Permission::look},
    {"GET /api/v1/people/{id}", Permission::look},
    {"GET /api/v1/people/{id}/explanation", Permission::look},
    {"GET /api/v1/people/{id}/export", Permission::export_},
    {"GET /api/v1/people/{id}/identity", Permission::look},
    {"GET /api/v1/people/{id}/privacy", Permission::look},
    {"POST /api/v1/people/{id}/consent", Permission::speak},
    {"POST /api/v1/people/{id}/erase", Permission::erase},
    {"GET /api/v1/people/{id}/history", Permission::look},
    {"GET /api/v1/people/{id}/timeline", Permission::look},
    {"GET /api/v1/people/{id}/value", Permission::look},
    {"GET /api/v1/progress", Permission::look},
    {"GET /api/v1/sources", Permission::manage},
    {"GET /api/v1/sources/kinds", Permission::manage},
    {"POST /api/v1/sources", Permission::manage},
    {"POST /api/v1/sources/{id}", Permission::manage},
    {"POST /api/v1/sources/{id}/key", Permission::manage},
    {"POST /api/v1/sources/{id}/secret", Permission::manage},
    {"POST /api/v1/sql", Permission::query},
    {"GET /api/v1/status", Permission::look},
    {"GET /api/v1/classes", Permission::look},
    {"GET /api/v1/truth", Permission::look},
    {"POST /api/v1/truth", Permission::decide},
    {"POST /api/v1/truth/stop", Permission::decide},
    {"GET /api/v1/truth/{number}", Permission::look},
    {"GET /api/v1/truth/{number}/people", Permission::look},
    {"GET /api/v1/tokens", Permission::manage},
    {"POST /api/v1/tokens/{id}/end", Permission::manage},
    {"GET /api/v1/users", Permission::manage},
    {"POST /api/v1/users", Permission::manage},
    {"POST /api/v1/users/{name}", Permission::manage},
    {"POST /api/v1/users/{name}/invite", Permission::manage},
    {"GET /api/v1/value", Permission::look},
    {"POST /api/v1/welcome", Permission::open},
    {"POST /api/v1/welcome/check", Permission::open},
    {"POST /api/v1/what-if", Permission::decide},
    {"GET /api/v1/words", Permission::look},
    {"GET /healthz", Permission::open},
    {"GET /metrics", Permission::open},
    {"GET /openapi.json", Permission::look},
    {"GET /readyz", Permission::open},
});

std::map<std::string, Permission> rights() { return {kRows.begin(), kRows.end()}; }

// What each role has, written out.
const std::map<Role, std::vector<Permission>>& roles() {
  using enum Permission;
  static const std::map<Role, std::vector<Permission>> kRoles{
      {Role::viewer, {open, session, look}},
      {Role::service, {open, session, look, speak}},
      {Role::operator_, {open, session, look, speak, correct}},
      {Role::analyst, {open, session, look, query, export_, decide}},
      {Role::admin,
       {open, session, look, query, export_, speak, correct, decide, erase, manage, audit}},
  };
  return kRoles;
}

std::string name_of_route(const Route& route) {
  return std::string(http::name_of(route.method)) + ' ' + std::string(route.pattern);
}

struct Caller {
  std::string name;
  std::vector<std::pair<std::string, std::string>> headers;
  bool known = true;
  std::vector<Permission> may;
};

class MatrixTest : public access::AccessTest {
 protected:
  MatrixTest() {
    const std::shared_ptr<access::AccessStore> shared(store_.get(), [](auto* /*ours*/) {});
    const auto door = std::make_shared<doors::IngestDoor>(
        [](std::string_view /*key*/) { return nullptr; }, doors::IngestOptions{});
    const auto hooks = std::make_shared<doors::WebhookDoor>(
        [](std::string_view /*id*/) { return nullptr; }, [](std::string_view /*id*/) {});
    const http::RouteTable all = app::server_routes(
        {std::make_shared<const api::ImageBrand>(10U), shared, nullptr, door, hooks, {}});
    routes_ = all.routes();
    std::vector<Route> marked = routes_;
    for (Route& route : marked) {
      route.handler = [](const Request& /*request*/) {
        Response response;
        response.status = kRan;
        return response;
      };
      route.deferred = {};
    }
    site_ = std::make_unique<http::Site>(http::RouteTable(std::move(marked)), http::StaticFiles(),
                                         std::make_shared<api::AccessGate>(shared));
    for (std::size_t r = 0; r < access::kRoles; ++r) {
      add_caller(static_cast<Role>(r));
    }
    add_strangers();
  }

  static std::vector<std::pair<std::string, std::string>> as_page(const std::string& session) {
    return {{"cookie", "guanxi-session=" + session}, {"x-guanxi-page", "1"}};
  }
  static std::vector<std::pair<std::string, std::string>> bearer(const std::string& secret) {
    return {{"authorization", "Bearer " + secret}};
  }

  // A user of that role by session, and by a token with all that a token can have.
  void add_caller(Role role) {
    const std::string name(access::name_of(role));
    add_user(name, role);
    const std::vector<Permission>& may = roles().at(role);
    callers_.push_back({name + " by session", as_page(log_in(name)), true, may});
    std::uint32_t granted = 0;
    std::vector<Permission> by_token;
    for (const Permission permission : may) {
      if (permission != Permission::session) {
        by_token.push_back(permission);
        granted |= 1U << static_cast<unsigned>(permission);
      }
    }
    const auto token = store_->accounts().add_token(name, {"all", granted, 60}, {}).value();
    callers_.push_back({name + " by token", bearer(token.secret), true, by_token});
  }

  // Those who are known no longer, or never were.
  void add_strangers() {
    const std::uint32_t look = 1U << static_cast<unsigned>(Permission::look);
    const auto narrow = store_->accounts().add_token("admin", {"narrow", look, 60}, {}).value();
    callers_.push_back({"narrow token of an admin",
                        bearer(narrow.secret),
                        true,
                        {Permission::open, Permission::look}});
    const auto over = store_->accounts().add_token("admin", {"over", look, 60}, {}).value();
    static_cast<void>(store_->accounts().end_token(over.info.id, {}).has_value());
    strangers_.push_back({"revoked token", bearer(over.secret), false, {}});
    const auto key = store_->add_source({.name = "shop"}).value().write_key;
    strangers_.push_back({"write key as a token", bearer(key), false, {}});
    callers_.push_back({"write key as a session", as_page(key), false, {Permission::open}});
    callers_.push_back({"nobody", {}, false, {Permission::open}});
    const std::string ended = log_in("admin");
    static_cast<void>(store_->accounts()
                          .end_session(store_->accounts().of_session(ended).session, {})
                          .has_value());
    callers_.push_back({"ended session of an admin", as_page(ended), false, {Permission::open}});
    add_user("gone", Role::admin);
    const std::string gone = log_in("gone");
    static_cast<void>(store_->accounts().set_user_disabled("gone", true, {}).has_value());
    callers_.push_back({"disabled admin", as_page(gone), false, {Permission::open}});
  }

  unsigned status(const Route& route, const Caller& caller) {
    Request request;
    request.method = route.method;
    std::string path(route.pattern);
    path.erase(
        std::remove_if(path.begin(), path.end(), [](char c) { return c == '{' || c == '}'; }),
        path.end());
    request.target = http::parse_target(path).value();
    request.host = "localhost";
    request.origin = "http://localhost";
    // Each from an address of its own, so that no limit of guesses is met.
    request.peer = "peer " + std::to_string(++peers_);
    request.headers = caller.headers;
    request.content_type =
        route.body_types.empty() ? std::string() : std::string(route.body_types.front());
    return site_->answer(std::move(request)).status;
  }

  std::vector<Route> routes_;
  std::unique_ptr<http::Site> site_;
  std::vector<Caller> callers_;
  std::vector<Caller> strangers_;  ///< whose Authorization is wrong: refused even where it is open
  int peers_ = 0;
};

TEST_F(MatrixTest, EveryRouteHasARowAndEveryRowARoute) {
  std::map<std::string, Permission> served;
  for (const Route& route : routes_) {
    if (!http::is_door(route)) {
      served[name_of_route(route)] = route.permission;
    }
  }
  const std::map<std::string, Permission> rows = rights();
  for (const auto& [name, permission] : served) {
    const auto row = rows.find(name);
    ASSERT_NE(row, rows.end()) << name << " has no row in tests/access/matrix_test.cpp";
    EXPECT_EQ(access::name_of(permission), access::name_of(row->second)) << name;
  }
  for (const auto& [name, permission] : rows) {
    EXPECT_TRUE(served.count(name) == 1) << name << " is not served";
  }
}

TEST_F(MatrixTest, EveryCallerMayWhatTheirRoleMayAndNothingElse) {
  std::size_t cells = 0;
  for (const Route& route : routes_) {
    if (http::is_door(route)) {
      continue;
    }
    for (const Caller& caller : callers_) {
      const bool may =
          std::find(caller.may.begin(), caller.may.end(), route.permission) != caller.may.end();
      const unsigned expected = may ? kRan : caller.known ? 403U : 401U;
      EXPECT_EQ(status(route, caller), expected) << caller.name << ": " << name_of_route(route);
      ++cells;
    }
    for (const Caller& caller : strangers_) {
      EXPECT_EQ(status(route, caller), 401U) << caller.name << ": " << name_of_route(route);
      ++cells;
    }
  }
  RecordProperty("cells", static_cast<int>(cells));
  EXPECT_GE(cells, kRows.size() * (callers_.size() + strangers_.size()));
}

TEST_F(MatrixTest, DoorsNeverReadCookiesNorTokens) {
  std::size_t doors = 0;
  for (const Route& route : routes_) {
    if (!http::is_door(route)) {
      continue;
    }
    ++doors;
    EXPECT_EQ(route.pattern.substr(0, 8) == "/api/v1/", false) << route.pattern;
    for (const Caller& caller : callers_) {
      Request seen;
      Route marked = route;
      marked.deferred = {};
      marked.handler = [&seen](const Request& request) {
        seen = request;
        return Response();
      };
      const http::Site site(http::RouteTable({marked}), http::StaticFiles(),
                            std::make_shared<api::AccessGate>(nullptr));
      Request request;
      request.method = route.method;
      request.target = http::parse_target(std::string(route.pattern)).value();
      request.headers = caller.headers;
      request.content_type = "application/json";
      EXPECT_EQ(site.answer(std::move(request)).status, 200U) << route.pattern;
      EXPECT_EQ(seen.principal.by, access::Principal::By::nobody) << route.pattern;
    }
  }
  EXPECT_GE(doors, 10U);
}

}  // namespace
}  // namespace guanxi
