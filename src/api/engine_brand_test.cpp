#include "api/engine_brand.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "api/routes.hpp"
#include "api/schema_check.hpp"
#include "base/hash.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::api {
namespace {

using http::RawAnswer;
using http::RawClient;

void add_order(EventBatch& batch, const std::string& id, std::string_view person, int day) {
  Event event;
  event.kind = EventKind::order_line;
  event.message_id = batch.keep(id);
  event.id_hash = hash64(id);
  event.occurred_at = Instant{1'300'000'000 + day * kSecondsPerDay};
  event.received_at = event.occurred_at;
  event.person = ExternalId{IdNamespace::user, batch.keep(person)};
  event.order_id = batch.keep("order-" + id);
  event.subject = "85123A";
  event.title = "WHITE HANGING HEART";
  event.amount_minor = 1530;
  event.currency = parse_currency("GBP").value();
  event.quantity = 6;
  batch.events.push_back(event);
}

/// A server over a real engine in a folder of its own.
class EngineBrandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "guanxi_api_engine_" + std::to_string(::getpid());
    std::filesystem::remove_all(folder_);
    auto site = std::make_shared<const http::Site>(api_routes(brand_, shipped_files()),
                                                   http::StaticFiles(), http::allow_all());
    server_ = http::Server::start(std::move(site), {}).value();
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    auto engine = Engine::open({.folder = folder_,
                                .default_model_toml = shipped_files().models.front().toml,
                                .board = &board_});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    brand_->ready(engine_);
  }
  /// The answer, which must be a success of that schema.
  simdjson::dom::element good(const std::string& schema, const std::string& target) {
    const RawAnswer answer = RawClient::get(server_->port(), target);
    EXPECT_EQ(answer.status, 200) << target << answer.body;
    EXPECT_EQ(schema_.against(schema, answer.body), "") << target;
    return parser_.parse(answer.body).value();
  }

  std::string folder_;
  WorkBoard board_;
  std::shared_ptr<EngineBrand> brand_ = std::make_shared<EngineBrand>(board_);
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<http::Server> server_;
  SchemaCheck schema_{shipped_files().openapi_json};
  simdjson::dom::parser parser_;
};

TEST_F(EngineBrandTest, TheDoorIsOpenBeforeTheDataAreRead) {
  EXPECT_EQ(RawClient::get(server_->port(), "/api/v1/status").status, 503);
  EXPECT_EQ(RawClient::get(server_->port(), "/api/v1/people").status, 503);
  EXPECT_FALSE(good("Progress", "/api/v1/progress")["running"].get_bool().value());
  open();
  EXPECT_EQ(good("Status", "/api/v1/status")["people"].get_int64().value(), 0);
  good("Hourglass", "/api/v1/hourglass");
  good("PeoplePage", "/api/v1/people");
  EXPECT_FALSE(good("Progress", "/api/v1/progress")["last"].is_null());
}

TEST_F(EngineBrandTest, ShowsWhatTheEngineAdmitted) {
  open();
  EventBatch batch;
  for (int day = 0; day < 50; day += 5) {
    add_order(batch, "a" + std::to_string(day), "ada", day);
    add_order(batch, "b" + std::to_string(day), day % 2 == 0 ? "ben" : "eve", day + 1);
  }
  std::vector<Refusal> refused(1);
  refused[0].source = "orders.csv";
  refused[0].field = "Price";
  refused[0].reason = "\"abc\" is no number";
  ASSERT_TRUE(engine_->admit(std::move(batch), std::move(refused)));
  const auto status = good("Status", "/api/v1/status");
  EXPECT_EQ(status["events"].get_int64().value(), 20);
  EXPECT_EQ(status["refused"].get_int64().value(), 1);
  EXPECT_EQ(std::string(status["currency"]["code"].get_string().value()), "GBP");
  EXPECT_EQ(good("DeadLetters", "/api/v1/dead-letters")["total"].get_int64().value(), 1);
  const auto timeline = good("Timeline", "/api/v1/people/ada/timeline");
  EXPECT_EQ(timeline["total"].get_int64().value(), 10);
  const auto event = timeline["events"].at(0).value();
  EXPECT_EQ(std::string(event["title"].get_string().value()), "WHITE HANGING HEART");
  EXPECT_EQ(std::string(event["order_id"].get_string().value()), "order-a45");
  const auto ordinal = std::to_string(event["ordinal"].get_int64().value());
  const auto original = good("EventOriginal", "/api/v1/events/" + ordinal);
  EXPECT_EQ(std::string(original["event"]["message_id"].get_string().value()), "a45");
  const auto explained = good("Explanation", "/api/v1/people/user:ada/explanation");
  EXPECT_GT(explained["evidence_total"].get_int64().value(), 0);
  good("Model", "/api/v1/model");
  EXPECT_EQ(RawClient::get(server_->port(), "/api/v1/events/20").status, 404);
}

TEST_F(EngineBrandTest, AnswersSql) {
  open();
  EventBatch batch;
  add_order(batch, "a", "ada", 1);
  ASSERT_TRUE(engine_->admit(std::move(batch)));
  const RawAnswer answer =
      RawClient::post(server_->port(), "/api/v1/sql", "application/json",
                      R"({"query":"SELECT count(*) AS n, sum(amount) AS money FROM events"})");
  EXPECT_EQ(schema_.against("SqlAnswer", answer.body), "") << answer.body;
  EXPECT_NE(answer.body.find("15.3"), std::string::npos) << answer.body;
}

}  // namespace
}  // namespace guanxi::api
