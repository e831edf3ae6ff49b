#include <gtest/gtest.h>

#include <filesystem>

#include "access/access_testing.hpp"
#include "api/access_gate.hpp"
#include "api/image_brand.hpp"
#include "api/routes.hpp"
#include "api/schema_check.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::api {
namespace {

using access::Role;
using http::RawAnswer;
using http::RawClient;

/// A real server whose gate is shut, over a brand of a few people.
class AccessRoutesTest : public access::AccessTest {
 protected:
  AccessRoutesTest() {
    const std::shared_ptr<access::AccessStore> shared(store_.get(), [](auto* /*ours*/) {});
    const auto brand = std::make_shared<const ImageBrand>(600U);
    auto site = std::make_shared<const http::Site>(
        api_routes(brand, shipped_files(), nullptr, shared), http::StaticFiles(),
        std::make_shared<AccessGate>(shared));
    server_ = http::Server::start(std::move(site), {}).value();
    schema_ = std::make_unique<SchemaCheck>(shipped_files().openapi_json);
    own_ = "Origin: http://localhost\r\nX-Guanxi-Page: 1\r\n";
  }
  ~AccessRoutesTest() override { server_->stop(); }

  RawAnswer ask(const std::string& method, const std::string& target, const std::string& headers,
                const std::string& body = "") {
    RawClient client(server_->port());
    std::string text = method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
    if (method == "POST") {
      text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n";
    }
    client.send(text + "\r\n" + body);
    return client.read();
  }
  RawAnswer get(const std::string& target, const std::string& headers = "") {
    return ask("GET", "/api/v1" + target, headers);
  }
  /// As the page sends it.
  RawAnswer post(const std::string& target, const std::string& body,
                 const std::string& headers = "") {
    return ask("POST", "/api/v1" + target, own_ + headers, body);
  }
  std::string good(const std::string& schema, const RawAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(schema_->against(schema, answer.body), "");
    return answer.body;
  }
  void refused(int status, const RawAnswer& answer) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(schema_->against("Error", answer.body), "");
  }
  static std::string member(const std::string& json, const std::string& name) {
    simdjson::dom::parser parser;
    return std::string(parser.parse(json)[name].get_string().value());
  }
  static std::string cookie_from(const RawAnswer& answer) {
    const std::string line = answer.header("set-cookie");
    return "Cookie: " + line.substr(0, line.find(';')) + "\r\n";
  }
  /// The Cookie header of a new session of that user, who is added.
  std::string session_of(const std::string& name, Role role) {
    add_user(name, role);
    return "Cookie: guanxi-session=" + log_in(name) + "\r\n";
  }

  std::unique_ptr<http::Server> server_;
  std::unique_ptr<SchemaCheck> schema_;
  std::string own_;
};

TEST_F(AccessRoutesTest, TheFirstAdminComesInByTheLinkAndWorks) {
  EXPECT_NE(good("Me", get("/me")).find("\"first_admin_needed\":true"), std::string::npos);
  refused(401, get("/people"));
  const std::string link = store_->accounts().invite_first().value();
  good("LinkFor", post("/welcome/check", R"({"link":")" + link + R"("})"));
  refused(404, post("/welcome/check", R"({"link":"guessed"})"));
  refused(400, post("/welcome", R"({"link":")" + link + R"(","name":"ada","password":"short"})"));
  const RawAnswer in = post(
      "/welcome", R"({"link":")" + link + R"(","name":"ada","password":"correct horse battery"})");
  EXPECT_EQ(member(good("Me", in), "role"), "admin");
  const std::string cookie = "Cookie: guanxi-session=" + log_in("ada") + "\r\n";
  good("PeoplePage", get("/people", cookie));
  refused(404, post("/welcome", R"({"link":")" + link +
                                    R"(","name":"eve","password":"correct horse battery"})"));
}

TEST_F(AccessRoutesTest, LoginSetsACookieThatScriptsCannotRead) {
  add_user("ada", Role::viewer);
  const RawAnswer in = post("/login", R"({"name":"ada","password":"correct horse battery"})");
  good("Me", in);
  const std::string line = in.header("set-cookie");
  for (const char* part : {"HttpOnly", "SameSite=Strict", "Path=/"}) {
    EXPECT_NE(line.find(part), std::string::npos) << line;
  }
  EXPECT_EQ(cookie_line(session_cookie(true), "x", true, {}),
            "__Host-guanxi-session=x; Path=/; HttpOnly; SameSite=Strict; Secure");
  refused(401, post("/login", R"({"name":"ada","password":"wrong"})"));
  refused(401, post("/login", R"({"name":"eve","password":"wrong"})"));
  EXPECT_EQ(post("/login", R"({"name":"ada","password":"wrong"})").body,
            post("/login", R"({"name":"eve","password":"wrong"})").body);
  refused(400, post("/login", R"({"name":"ada"})"));
  refused(400, post("/login", R"({"name":"ada","password":"x","role":"admin"})"));
  refused(400, post("/login", "[]"));
}

TEST_F(AccessRoutesTest, ASessionThatTheBrowserHadIsNotKeptAtLogin) {
  const std::string before = session_of("ada", Role::viewer);
  const RawAnswer in =
      post("/login", R"({"name":"ada","password":"correct horse battery"})", before);
  good("Me", in);
  refused(401, get("/people", before));
  const std::string planted = "Cookie: guanxi-session=" + std::string(64, 'a') + "\r\n";
  const RawAnswer again =
      post("/login", R"({"name":"ada","password":"correct horse battery"})", planted);
  EXPECT_EQ(again.header("set-cookie").find(std::string(64, 'a')), std::string::npos);
  refused(401, get("/people", planted));
}

TEST_F(AccessRoutesTest, LogoutEndsTheSessionForGood) {
  const std::string cookie = session_of("ada", Role::viewer);
  good("PeoplePage", get("/people", cookie));
  const RawAnswer out = post("/logout", "{}", cookie);
  good("Done", out);
  EXPECT_NE(out.header("set-cookie").find("Max-Age=0"), std::string::npos);
  refused(401, get("/people", cookie));
  refused(401, post("/logout", "{}", cookie));
}

TEST_F(AccessRoutesTest, TooManyTriesAreToldToWait) {
  add_user("ada", Role::viewer);
  for (int i = 0; i < 10; ++i) {
    refused(401, post("/login", R"({"name":"ada","password":"guess"})",
                      "X-Forwarded-For: 10.0.0." + std::to_string(i) + "\r\n"));
  }
  const RawAnswer waits = post("/login", R"({"name":"ada","password":"correct horse battery"})",
                               "X-Forwarded-For: 10.0.1.1\r\n");
  refused(429, waits);
  EXPECT_EQ(waits.header("retry-after"), "900");
}

// Goal: no page of another origin changes anything by a session (F4). Method: each route that
// changes something, in every way that a form, a script or a link could send it.
TEST_F(AccessRoutesTest, NothingChangesByASessionWithoutThePagesHeaderAndOrigin) {
  const std::string cookie = session_of("ada", Role::admin);
  std::size_t sent = 0;
  const auto routes = api_routes(std::make_shared<const ImageBrand>(10U), shipped_files()).routes();
  for (const http::Route& route : routes) {
    if (route.method != http::Method::post || route.permission == access::Permission::open) {
      continue;
    }
    std::string path(route.pattern);
    for (const char* name : {"{id}", "{name}"}) {
      const std::size_t at = path.find(name);
      path = at == std::string::npos ? path : path.replace(at, std::string(name).size(), "x");
    }
    for (const char* headers :
         {"", "Origin: http://localhost\r\n", "X-Guanxi-Page: 1\r\n",
          "Origin: https://evil.example\r\nX-Guanxi-Page: 1\r\n",
          "Origin: null\r\nX-Guanxi-Page: 1\r\n",
          "Origin: http://localhost:1\r\nX-Guanxi-Page: 1\r\n",
          "Origin: http://localhost\r\nX-Guanxi-Page: 1\r\nSec-Fetch-Site: cross-site\r\n",
          "Origin: http://localhost\r\nX-Guanxi-Page: 1\r\nSec-Fetch-Site: same-site\r\n",
          "Origin: http://localhost\r\nX-Guanxi-Page: 2\r\n"}) {
      EXPECT_EQ(ask("POST", path, cookie + headers, "{}").status, 403) << path << headers;
      ++sent;
    }
  }
  EXPECT_GE(sent, 9U * 15U);
  EXPECT_EQ(store_->accounts().users().size(), 1U);
  EXPECT_TRUE(store_->sources().empty());
  // A form can send these types, and is refused for the type when all else is right.
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"}) {
    RawClient client(server_->port());
    client.send("POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\n" + own_ + cookie +
                "Content-Type: " + type + "\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(client.read().status, 415) << type;
  }
}

TEST_F(AccessRoutesTest, UsersAreInvitedChangedAndKeptOut) {
  const std::string ada = session_of("ada", Role::admin);
  const std::string made =
      good("Invitation", post("/users", R"({"name":"ben","role":"analyst"})", ada));
  const std::string link = member(made, "link");
  EXPECT_EQ(link.rfind("/welcome#", 0), 0U);
  refused(409, post("/users", R"({"name":"ben","role":"viewer"})", ada));
  refused(400, post("/users", R"({"name":"cleo","role":"god"})", ada));
  const std::string secret = link.substr(std::string("/welcome#").size());
  good("Me",
       post("/welcome", R"({"link":")" + secret + R"(","password":"correct horse battery"})"));
  const std::string ben = "Cookie: guanxi-session=" + log_in("ben") + "\r\n";
  refused(403, get("/users", ben));
  refused(403, post("/users/ben", R"({"role":"admin"})", ben));
  good("User", post("/users/ben", R"({"role":"admin"})", ada));
  good("Users", get("/users", ben));
  refused(400, post("/users/ada", R"({"role":"viewer"})", ada));
  refused(400, post("/users/ada", R"({"disabled":true})", ada));
  refused(404, post("/users/eve", R"({"disabled":true})", ada));
  good("User", post("/users/ben", R"({"disabled":true})", ada));
  refused(401, get("/people", ben));
  good("Invitation", post("/users/ben/invite", "{}", ada));
}

TEST_F(AccessRoutesTest, ObjectsOfOthersAreNotOnesOwn) {
  const std::string ada = session_of("ada", Role::admin);
  const std::string ben = session_of("ben", Role::viewer);
  const std::string made =
      good("NewToken", post("/me/tokens", R"({"name":"a","permissions":["look","manage"]})", ada));
  simdjson::dom::parser parser;
  const std::string id(parser.parse(made)["token"]["id"].get_string().value());
  refused(404, post("/me/tokens/" + id + "/end", "{}", ben));
  const std::string session = store_->accounts().sessions_of("ada").front().id;
  refused(404, post("/me/sessions/" + session + "/end", "{}", ben));
  refused(400, post("/me/tokens", R"({"name":"a","permissions":["manage"]})", ben));
  good("Tokens", get("/me/tokens", ada));
  good("Tokens", get("/tokens", ada));
  good("Sessions", get("/me/sessions", ada));
  const std::string bearer = "Authorization: Bearer " + member(made, "secret") + "\r\n";
  good("Users", get("/users", bearer));
  refused(403, post("/me/tokens", R"({"name":"b","permissions":["look"]})", bearer));
  good("Done", post("/tokens/" + id + "/end", "{}", ada));
  refused(401, get("/users", bearer));
}

TEST_F(AccessRoutesTest, ATokenChangesThingsWithoutThePagesHeader) {
  add_user("ada", Role::admin);
  const auto token = store_->accounts().add_token("ada", {"script", 1U << 9U, 60}, {}).value();
  const RawAnswer answer =
      ask("POST", "/api/v1/sources", "Authorization: bearer " + token.secret + "\r\n",
          R"({"name":"shop","kind":"sdk"})");
  good("NewSource", answer);
}

TEST_F(AccessRoutesTest, GuessedTokensAreLimitedByAddressAndRealOnesAreNot) {
  add_user("ada", Role::admin);
  const auto token = store_->accounts().add_token("ada", {"script", 1U << 2U, 60}, {}).value();
  for (int i = 0; i < 10; ++i) {
    refused(401, get("/people", "Authorization: Bearer gxp_" + std::to_string(i) + "\r\n"));
  }
  refused(429, get("/people", "Authorization: Bearer gxp_x\r\n"));
  good("PeoplePage", get("/people", "Authorization: Bearer " + token.secret + "\r\n"));
}

TEST_F(AccessRoutesTest, SourcesAreAddedRotatedAndDisabled) {
  const std::string ada = session_of("ada", Role::admin);
  const std::string made =
      good("NewSource", post("/sources", R"({"name":"网店","kind":"sdk"})", ada));
  const std::string key = member(made, "write_key");
  EXPECT_NE(store_->source_of_key(key), nullptr);
  const std::string id = store_->sources().front()->id;
  const std::string next =
      member(good("NewKey", post("/sources/" + id + "/key", R"({"old_valid_hours":0})", ada)),
             "write_key");
  EXPECT_EQ(store_->source_of_key(key), nullptr);
  EXPECT_NE(store_->source_of_key(next), nullptr);
  good("EventSource", post("/sources/" + id, R"({"disabled":true,"settings":{}})", ada));
  EXPECT_TRUE(store_->source_of_key(next)->disabled);
  good("NewSource", post("/sources", R"({"name":"hook","kind":"shopify","secret":"s3cret"})", ada));
  const std::string hook = store_->sources().back()->id;
  const std::string shown =
      good("EventSource", post("/sources/" + hook + "/secret", R"({"secret":"other5"})", ada));
  EXPECT_EQ(shown.find("other5"), std::string::npos);
  EXPECT_EQ(good("EventSources", get("/sources", ada)).find(next), std::string::npos);
  refused(409, post("/sources", R"({"name":"hook","kind":"sdk"})", ada));
  refused(400, post("/sources", R"({"name":"fax","kind":"fax"})", ada));
  refused(400, post("/sources", R"({"name":"x","kind":"sdk","id":"mine"})", ada));
}

TEST_F(AccessRoutesTest, SettingsOfASourceAreCheckedWhereTheyAreGiven) {
  const std::string ada = session_of("ada", Role::admin);
  good("SourceKinds", get("/sources/kinds", ada));
  const auto wrong_at = [&](const std::string& path, const std::string& body) {
    const RawAnswer answer = post(path, body, ada);
    refused(400, answer);
    return member(answer.body, "field");
  };
  EXPECT_EQ(wrong_at("/sources", R"({"name":"q","kind":"kafka","settings":{"topics":"t"}})"),
            "settings.brokers");
  EXPECT_EQ(wrong_at("/sources", R"({"name":"s","kind":"sdk","settings":{"a":1}})"), "settings.a");
  EXPECT_EQ(wrong_at("/sources", R"({"name":"w","kind":"wecom","secret":"no key at all",)"
                                 R"("settings":{"corp_id":"ww1"}})"),
            "secret");
  EXPECT_TRUE(store_->sources().empty());
  const std::string made = good("NewSource", post("/sources",
                                                  R"({"name":"q","kind":"kafka","secret":"hush7",)"
                                                  R"("settings":{"brokers":"b:1","topics":"t"}})",
                                                  ada));
  EXPECT_EQ(made.find("hush7"), std::string::npos);
  const std::string queue = "/sources/" + store_->sources().front()->id;
  EXPECT_EQ(wrong_at(queue, R"({"settings":{"brokers":"b:1","topics":"t","from":"never"}})"),
            "settings.from");
  good("EventSource", post(queue, R"({"settings":{"brokers":"b:2","topics":"t"}})", ada));
  EXPECT_NE(store_->sources().front()->settings_json.find("b:2"), std::string::npos);
  good("NewSource", post("/sources",
                         R"({"name":"w","kind":"wecom","settings":{"corp_id":"ww1"},)"
                         R"("secret":"tok:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"})",
                         ada));
  EXPECT_EQ(wrong_at("/sources/" + store_->sources().back()->id + "/secret",
                     R"({"secret":"no key at all"})"),
            "secret");
}

TEST_F(AccessRoutesTest, ThePasswordIsChangedByWhoKnowsIt) {
  const std::string here = session_of("ada", Role::viewer);
  const std::string there = "Cookie: guanxi-session=" + log_in("ada") + "\r\n";
  refused(400, post("/me/password", R"({"old":"wrong","new":"another set of words"})", here));
  refused(400, post("/me/password", R"({"old":"correct horse battery","new":"short"})", here));
  good("Done", post("/me/password",
                    R"({"old":"correct horse battery","new":"another set of words"})", here));
  good("PeoplePage", get("/people", here));
  refused(401, get("/people", there));
}

TEST_F(AccessRoutesTest, TheTrailTellsWhoDidWhat) {
  const std::string ada = session_of("ada", Role::admin);
  const std::string ben = session_of("ben", Role::service);
  refused(403, get("/users", ben));
  EXPECT_EQ(get("/people/u-1", ben).status, 200);
  EXPECT_EQ(post("/sql", R"({"query":"SELECT 'my own secret'"})", ada).status != 401, true);
  const std::string trail = good("AuditPage", get("/audit?limit=500", ada));
  EXPECT_NE(trail.find(R"("action":"GET /api/v1/users","subject":"","outcome":"refused")"),
            std::string::npos);
  EXPECT_NE(trail.find("POST /api/v1/sql"), std::string::npos);
  EXPECT_EQ(trail.find("my own secret"), std::string::npos);
  EXPECT_EQ(trail.find("u-1"), std::string::npos) << "customers stand there as codes";
  const std::string looks = good("AuditPage", get("/audit?person=u-1", ada));
  EXPECT_NE(looks.find(R"("total":1,)"), std::string::npos) << looks;
  EXPECT_NE(looks.find(R"("user":"ben")"), std::string::npos);
  EXPECT_NE(good("AuditCheck", get("/audit/check", ada)).find("\"ok\":true"), std::string::npos);
  refused(403, get("/audit", ben));
  refused(400, get("/audit?colour=red", ada));
}

TEST_F(AccessRoutesTest, ACookieThatIsSentTwiceIsNone) {
  const std::string cookie = session_of("ada", Role::viewer);
  const std::string value = cookie.substr(8, cookie.size() - 10);
  refused(401, get("/people", "Cookie: guanxi-session=x; " + value + "\r\n"));
  good("PeoplePage", get("/people", "Cookie: a=b; " + value + "; c=d\r\n"));
  refused(401, get("/people", "Cookie: xguanxi-session=" + value.substr(15) + "\r\n"));
  refused(401, get("/people", "Cookie: __Host-guanxi-session=" + value.substr(15) + "\r\n"));
}

}  // namespace
}  // namespace guanxi::api
