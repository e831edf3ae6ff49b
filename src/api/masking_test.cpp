#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>

#include "access/handles.hpp"
#include "api/engine_brand.hpp"
#include "api/routes.hpp"
#include "events/decode.hpp"

namespace guanxi::api {
namespace {

using access::Principal;
using access::Role;

// All that is known of people here, in every place where an event can have it. None of these texts
// may reach those who are not to see personal data.
constexpr std::string_view kLines =
    R"({"type":"identify","messageId":"i-ada.lovelace","userId":"u-lovelace","timestamp":"2026-01-02T10:00:00Z","traits":{"name":"Augusta Byron","email":"ada@lovelace.example","phone":"+442079460958"}}
{"type":"alias","messageId":"m2","userId":"u-lovelace","previousId":"anon-babbage","timestamp":"2026-01-02T10:01:00Z"}
{"type":"track","messageId":"m3","event":"Order Completed","userId":"u-lovelace","timestamp":"2026-01-03T10:00:00Z","properties":{"order_id":"o-1","total":30,"currency":"EUR","note":"ring at Byron","products":[{"product_id":"tea","name":"Green tea","price":15,"quantity":2}]}}
{"type":"track","messageId":"m4","event":"Product Reviewed","userId":"u-lovelace","timestamp":"2026-01-05T10:00:00Z","properties":{"product_id":"tea","rating":5,"review_body":"I am Augusta Byron"}}
{"type":"track","messageId":"m5","event":"Message Received","userId":"u-lovelace","timestamp":"2026-01-06T10:00:00Z","properties":{"agent_id":"clerk-menabrea","text":"call 13800138000"}}
{"type":"track","messageId":"m6","event":"Referral Accepted","userId":"friend@lovelace.example","timestamp":"2026-01-07T10:00:00Z","properties":{"referrer_id":"user:u-lovelace"}}
{"type":"page","messageId":"m7","name":"Tea","userId":"friend@lovelace.example","timestamp":"2026-01-08T10:00:00Z","properties":{"path":"/tea?for=ada@lovelace.example","title":"For Augusta Byron"}}
{"type":"track","messageId":"m8","event":"ada@lovelace.example did it","userId":"u-lovelace","timestamp":"2026-01-08T11:00:00Z","properties":{"subject":"Byron"}}
{"type":"track","messageId":"m9","event":"Order Completed","userId":"friend@lovelace.example","timestamp":"2026-01-09T10:00:00Z","properties":{"order_id":"o-2","total":30,"currency":"EUR","products":[{"product_id":"gift for 13800138000","name":"Engraved: ada@lovelace.example","price":15,"quantity":2}]}}
{"type":"track","messageId":"m10","event":"Order Completed","userId":"u-lovelace","timestamp":"ada@lovelace.example","properties":{"total":"Augusta Byron"}}
)";
constexpr std::array<std::string_view, 7> kPersonal = {"lovelace",    "Byron",    "babbage", "7946",
                                                       "13800138000", "menabrea", "Augusta"};

std::string first_personal(std::string_view text) {
  for (const std::string_view one : kPersonal) {
    if (text.find(one) != std::string_view::npos) {
      return std::string(one);
    }
  }
  return {};
}

/// The routes over a real engine that knows two people.
class MaskingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "guanxi_masking_" + std::to_string(::getpid());
    std::filesystem::remove_all(folder_);
    engine_ = Engine::open({.folder = folder_,
                            .default_model_toml = shipped_files().models.front().toml,
                            .board = &board_})
                  .value();
    EventBatch batch;
    std::vector<Refusal> refused;
    Decoder decoder;
    DecodeContext context;
    context.source = "test";
    context.received_at = Instant{1'800'000'000};
    for (std::size_t at = 0; at < kLines.size();) {
      const std::size_t end = kLines.find('\n', at);
      ++context.line;
      decoder.decode_json(kLines.substr(at, end - at), context, batch, refused);
      at = end + 1;
    }
    ASSERT_FALSE(refused.empty());
    ASSERT_TRUE(engine_->admit(std::move(batch), std::move(refused)).has_value());
    brand_->ready(engine_);
    handles_ = access::Handles::passing();
    routes_ = std::make_unique<http::RouteTable>(api_routes(brand_, shipped_files(), handles_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static http::Request asked(Role role, const std::string& target, std::string body = {}) {
    http::Request request;
    request.target = http::parse_target(target).value();
    request.principal.by = Principal::By::session;
    request.principal.user = "someone";
    request.principal.role = role;
    request.principal.granted = access::granted_to(role);
    request.body = std::move(body);
    return request;
  }
  http::Response answer(http::Method method, http::Request request) const {
    request.method = method;
    http::RouteTable::Match match = routes_->find(method, request.target);
    if (match.route == nullptr || !match.route->handler) {
      return {};
    }
    request.path_arguments = std::move(match.path_arguments);
    return match.route->handler(request);
  }
  http::Response get(Role role, const std::string& target) const {
    return answer(http::Method::get, asked(role, target));
  }
  std::string handle(std::string_view id) const { return handles_->handle_of(id); }

  // The pattern with every {name} filled: ids by the person's handle, the rest by small numbers.
  std::vector<std::string> targets_of(const http::Route& route) const {
    std::string filled;
    const http::Target pattern = http::parse_target(route.pattern).value();
    for (const std::string& segment : pattern.segments) {
      filled += '/';
      filled += segment == "{id}" ? handle("user:u-lovelace") : segment;
    }
    const std::size_t open = filled.find('{');
    if (open == std::string::npos) {
      return {filled};
    }
    std::vector<std::string> all;
    for (int i = 0; i < 24; ++i) {
      all.push_back(filled.substr(0, open) + std::to_string(i) +
                    filled.substr(filled.find('}') + 1));
    }
    return all;
  }

  std::string folder_;
  WorkBoard board_;
  std::shared_ptr<EngineBrand> brand_ = std::make_shared<EngineBrand>(board_);
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<const access::Handles> handles_;
  std::unique_ptr<http::RouteTable> routes_;
};

TEST_F(MaskingTest, NoRouteTellsViewersAndAnalystsWhoPeopleAre) {
  std::size_t answered = 0;
  for (const http::Route& route : routes_->routes()) {
    const auto body =
        route.method == http::Method::post ? shipped_files().models.front().toml : std::string();
    for (const std::string& target : targets_of(route)) {
      for (const Role role : {Role::viewer, Role::analyst}) {
        const http::Response response = answer(route.method, asked(role, target, body));
        EXPECT_EQ(first_personal(response.content()), "") << name_of(role) << " " << target << "\n"
                                                          << response.content();
        answered += response.status == 200 && !response.content().empty() ? 1U : 0U;
      }
    }
  }
  EXPECT_GT(answered, 50U);
}

TEST_F(MaskingTest, WhoTalksWithPeopleSeesThem) {
  for (const Role role : {Role::service, Role::operator_, Role::admin}) {
    EXPECT_NE(get(role, "/api/v1/people").body.find("u-lovelace"), std::string::npos);
    EXPECT_NE(get(role, "/api/v1/people/u-lovelace/timeline").body.find("Augusta Byron"),
              std::string::npos);
    EXPECT_EQ(get(role, "/api/v1/people/" + handle("u-lovelace")).status, 200)
        << "a link from a colleague works";
  }
}

TEST_F(MaskingTest, AHandleLeadsToThePersonAndAnIdDoesNot) {
  for (const char* const view : {"", "/timeline", "/history", "/explanation"}) {
    EXPECT_EQ(get(Role::viewer, "/api/v1/people/" + handle("user:u-lovelace") + view).status, 200);
    const auto known = get(Role::viewer, std::string("/api/v1/people/u-lovelace") + view);
    const auto unknown = get(Role::viewer, std::string("/api/v1/people/nobody") + view);
    EXPECT_EQ(known.status, 404);
    EXPECT_EQ(known.body, unknown.body) << "whether an id is known is not told";
  }
  EXPECT_EQ(get(Role::viewer, "/api/v1/people/" + handle("email:ada@lovelace.example")).status,
            get(Role::admin, "/api/v1/people/email:ada@lovelace.example").status);
}

TEST_F(MaskingTest, FiltersAndSearchTellNothingOfIds) {
  const auto rows = [&](const std::string& query) {
    simdjson::dom::parser parser;
    const http::Response response = get(Role::analyst, "/api/v1/people?" + query);
    return response.status == 200
               ? static_cast<int>(parser.parse(response.body)["total"].get_int64().value())
               : -static_cast<int>(response.status);
  };
  EXPECT_GE(rows("q="), 2);
  EXPECT_EQ(rows("q=lovelace"), 0);
  EXPECT_EQ(rows("q=u-lovelace"), 0);
  EXPECT_EQ(rows("q=" + handle("user:u-lovelace")), 1);
  EXPECT_EQ(rows("where=id%20contains%20%22lovelace%22"), -400);
  EXPECT_EQ(rows("where=orders%20%3E%200%20and%20not%20(tier%20=%20none%20or%20id%20=%20%22x%22)"),
            -400);
  EXPECT_EQ(rows("where=id%20is%20none"), -400);
  EXPECT_EQ(rows("sort=id"), -400);
  EXPECT_GE(rows("where=orders%20%3E%200"), 1);
}

TEST_F(MaskingTest, SqlSeesHandlesBeforeItCompares) {
  const auto sql = [&](Role role, const std::string& query) {
    http::Request request = asked(role, "/api/v1/sql", "{\"query\":\"" + query + "\"}");
    request.content_type = "application/json";
    return answer(http::Method::post, std::move(request));
  };
  for (const char* const table : {"people", "events", "tier_changes", "evidence", "products"}) {
    const auto all = sql(Role::analyst, std::string("SELECT * FROM ") + table);
    EXPECT_EQ(all.status, 200) << all.body;
    EXPECT_EQ(first_personal(all.body), "") << table;
  }
  const std::string like = "SELECT count(*) AS n FROM people WHERE id LIKE '%lovelace%'";
  EXPECT_NE(sql(Role::analyst, like).body.find("[[0]]"), std::string::npos);
  EXPECT_EQ(sql(Role::admin, like).body.find("[[0]]"), std::string::npos);
  const auto joined = sql(Role::analyst,
                          "SELECT count(DISTINCT e.person) AS n FROM events e JOIN people p ON "
                          "e.person = p.id WHERE p.orders > 0");
  EXPECT_EQ(joined.body.find("[[0]]"), std::string::npos) << joined.body;
}

TEST_F(MaskingTest, ListsKeptForOneRoleAreNotGivenToAnother) {
  const std::string target = "/api/v1/changes?from=2026-01-01";
  const auto full = get(Role::admin, target);
  const auto masked = get(Role::viewer, target);
  EXPECT_EQ(full.status, 200);
  EXPECT_EQ(first_personal(masked.body), "");
  EXPECT_EQ(get(Role::admin, target).body, full.body);
}

}  // namespace
}  // namespace guanxi::api
