#include <gtest/gtest.h>

#include "api/image_brand.hpp"
#include "api/routes.hpp"
#include "api/schema_check.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::api {
namespace {

using http::RawAnswer;
using http::RawClient;
using simdjson::dom::element;

/// A real server over a brand of 300 people and 6,000 events about five products.
class NeedRoutesTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = serve(6000); }
  static void TearDownTestSuite() { server_.reset(); }

  static std::unique_ptr<http::Server> serve(std::uint32_t events) {
    auto site = std::make_shared<const http::Site>(
        api_routes(std::make_shared<const ImageBrand>(events), shipped_files()),
        http::StaticFiles(), http::allow_all());
    return http::Server::start(std::move(site), {}).value();
  }
  element good(const std::string& schema, const std::string& target) {
    const RawAnswer answer = RawClient::get(server_->port(), target);
    EXPECT_EQ(answer.status, 200) << target << answer.body;
    EXPECT_EQ(schema_.against(schema, answer.body), "") << target;
    EXPECT_EQ(answer.body.find('<'), std::string::npos) << "names stay harmless inside HTML";
    return parser_.parse(answer.body).value();
  }
  static std::int64_t whole(element value, std::string_view name) {
    return value[name].get_int64().value();
  }
  static int status(const std::string& target) {
    return RawClient::get(server_->port(), target).status;
  }

  static inline std::unique_ptr<http::Server> server_;
  SchemaCheck schema_{shipped_files().openapi_json};
  simdjson::dom::parser parser_;
};

TEST_F(NeedRoutesTest, EveryFigureOfTheBoardIsTheSizeOfItsList) {
  const element board = good("DemandBoard", "/api/v1/demand?q=PRODUCT-&sort=buyers");
  EXPECT_EQ(whole(board, "total"), 5);
  const std::vector<std::pair<std::string, std::string>> figures = {{"buyers", "buyers"},
                                                                    {"due_people", "due"}};
  const std::vector<std::pair<std::string, std::string>> shares = {{"repeats", "repeaters"},
                                                                   {"converts", "converted"}};
  struct Figure {
    std::string target;
    std::int64_t size;
  };
  std::vector<Figure> asked;
  const simdjson::dom::array rows = board["rows"].get_array().value();
  for (const element row : rows) {
    const std::string product(row["product"].get_string().value());
    const std::string path = "/api/v1/products/" + product + "/people?limit=1&of=";
    for (const auto& [field, crowd] : figures) {
      asked.push_back({path + crowd, whole(row, field)});
    }
    for (const auto& [field, crowd] : shares) {
      asked.push_back({path + crowd, whole(row[field].value(), "happened")});
    }
    asked.push_back({path + "entered", whole(row["converts"].value(), "of")});
    asked.push_back({path + "wanting", whole(row["wanting"].value(), "people")});
    asked.push_back({path + "looked", whole(row["wanting"].value(), "looked")});
    EXPECT_LE(whole(row["forecast"].value(), "least_milli"),
              whole(row["forecast"].value(), "most_milli"));
  }
  for (const Figure& figure : asked) {
    EXPECT_EQ(whole(good("ProductPeople", figure.target), "total"), figure.size) << figure.target;
  }
}

TEST_F(NeedRoutesTest, OrdersAndFindsProducts) {
  std::int64_t before = INT64_MAX;
  const element board = good("DemandBoard", "/api/v1/demand?sort=units_sold&desc=true");
  const simdjson::dom::array rows = board["rows"].get_array().value();
  for (const element row : rows) {
    EXPECT_LE(whole(row, "units"), before);
    before = whole(row, "units");
  }
  EXPECT_EQ(whole(good("DemandBoard", "/api/v1/demand?q=nothing-such"), "total"), 0);
  EXPECT_EQ(whole(good("DemandBoard", "/api/v1/demand?limit=2&offset=1"), "offset"), 1);
  EXPECT_EQ(status("/api/v1/demand?sort=beauty"), 400);
  EXPECT_EQ(status("/api/v1/demand?margin_minor=0"), 400);
  EXPECT_EQ(status("/api/v1/products/nothing/demand"), 404);
  EXPECT_EQ(status("/api/v1/products/product-1/people?of=enemies"), 400);
  good("ProductDemand", "/api/v1/products/product-1/demand");
}

TEST_F(NeedRoutesTest, AHigherMarginOrdersMore) {
  const auto units = [&](const std::string& prices) {
    return whole(
        good("ProductDemand", "/api/v1/products/product-1/demand?" + prices)["row"].value(),
        "order_units");
  };
  EXPECT_LT(units("margin_minor=1&loss_minor=9"), units("margin_minor=1&loss_minor=1"));
  EXPECT_LT(units("margin_minor=1&loss_minor=1"), units("margin_minor=900&loss_minor=100"));
}

TEST_F(NeedRoutesTest, ThePeopleOfTheReplenishmentListHaveTheseNeeds) {
  const element list = good("Replenishment", "/api/v1/replenishment?days=60&limit=500");
  ASSERT_GT(whole(list, "total"), 0);
  std::vector<std::pair<std::string, std::string>> lines;
  std::int64_t chance = 10'001;
  const simdjson::dom::array rows = list["rows"].get_array().value();
  for (const element row : rows) {
    lines.emplace_back(row["id"].get_string().value(), row["product"].get_string().value());
    EXPECT_LE(whole(row, "chance_bp"), chance);
    chance = whole(row, "chance_bp");
  }
  for (std::size_t i = 0; i < lines.size(); i += 1 + lines.size() / 10) {
    bool found = false;
    const element needs = good("Needs", "/api/v1/people/" + lines[i].first + "/needs");
    const simdjson::dom::array rows_of_one = needs["rows"].get_array().value();
    for (const element row : rows_of_one) {
      found = found ||
              (row["product"].get_string().value() == lines[i].second && !row["due"].is_null());
    }
    EXPECT_TRUE(found) << lines[i].first << " needs " << lines[i].second;
  }
  const RawAnswer file =
      RawClient::get(server_->port(), "/api/v1/replenishment/export?days=60&product=product-1");
  EXPECT_EQ(file.status, 200);
  EXPECT_NE(file.header("content-type").find("text/csv"), std::string::npos);
  EXPECT_EQ(file.body.substr(0, 15), "person,product,");
  EXPECT_EQ(status("/api/v1/replenishment?product=nothing"), 404);
}

TEST_F(NeedRoutesTest, ListsOfPeopleKnowTheNextNeed) {
  const element page = good(
      "PeoplePage", "/api/v1/people?where=not%20next_due%20is%20none&sort=next_due&desc=false");
  ASSERT_GT(whole(page, "total"), 0);
  std::string before;
  const simdjson::dom::array rows = page["rows"].get_array().value();
  for (const element row : rows) {
    const std::string due(row["next_due"].get_string().value());
    EXPECT_GE(due, before);
    before = due;
    EXPECT_FALSE(row["next_due_product"].is_null());
  }
}

TEST_F(NeedRoutesTest, SaysThatNothingIsKnownYet) {
  const auto empty = serve(0);
  const RawAnswer board = RawClient::get(empty->port(), "/api/v1/demand");
  EXPECT_EQ(schema_.against("DemandBoard", board.body), "") << board.body;
  EXPECT_EQ(RawClient::get(empty->port(), "/api/v1/replenishment").status, 503);
  EXPECT_EQ(RawClient::post(server_->port(), "/api/v1/demand/build", "application/json",
                            R"({"horizon_days":0})")
                .status,
            400);
  EXPECT_EQ(
      RawClient::post(server_->port(), "/api/v1/demand/cancel", "application/json", "{}").status,
      409);
}

}  // namespace
}  // namespace guanxi::api
