#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "api/image_brand.hpp"
#include "api/operations_routes.hpp"
#include "api/parameters.hpp"
#include "api/period.hpp"
#include "api/routes.hpp"
#include "api/schema_check.hpp"
#include "api/words.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"
#include "people/survey.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi::api {
namespace {

using http::RawAnswer;
using http::RawClient;
using simdjson::dom::element;

/// By value: what simdjson hands out of a temporary result would not outlive the loop's head.
simdjson::dom::array items(element value, std::string_view name) {
  simdjson::dom::array out;
  EXPECT_EQ(value[name].get(out), simdjson::SUCCESS) << name;
  return out;
}
simdjson::dom::object members(element value) {
  simdjson::dom::object out;
  EXPECT_EQ(value.get(out), simdjson::SUCCESS);
  return out;
}

std::string text_of(const std::string& file) {
  std::ifstream in(std::string(GUANXI_SOURCE_DIR) + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// A real server on a free port, over a brand of 300 people and 6,000 events.
class ApiTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_brand = std::make_shared<const ImageBrand>(6000U);
    auto site = std::make_shared<const http::Site>(api_routes(shared_brand, shipped_files()),
                                                   http::StaticFiles(), http::allow_all());
    shared_server = http::Server::start(std::move(site), {}).value();
    shared_schema = std::make_unique<SchemaCheck>(shipped_files().openapi_json);
  }
  static void TearDownTestSuite() {
    shared_server.reset();
    shared_brand.reset();
  }

  static RawAnswer get(const std::string& target) {
    return RawClient::get(shared_server->port(), target);
  }
  /// The answer, which must be a success of that schema.
  element good(const std::string& schema, const std::string& target) {
    const RawAnswer answer = get(target);
    EXPECT_EQ(answer.status, 200) << target << answer.body;
    return of_schema(schema, answer);
  }
  element of_schema(const std::string& schema, const RawAnswer& answer) {
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(shared_schema->against(schema, answer.body), "");
    EXPECT_EQ(answer.body.find('<'), std::string::npos) << "names stay harmless inside HTML";
    return parser_.parse(answer.body).value();
  }
  /// A refusal with that status and wrong field.
  void refused(int status, const std::string& field, const std::string& target) {
    const RawAnswer answer = get(target);
    EXPECT_EQ(answer.status, status) << target << answer.body;
    EXPECT_EQ(shared_schema->against("Error", answer.body), "") << target;
    std::string_view named;
    if (!field.empty()) {
      ASSERT_EQ(parser_.parse(answer.body)["field"].get(named), simdjson::SUCCESS) << answer.body;
    }
    EXPECT_EQ(named, field) << target;
  }
  static std::int64_t whole(element value, std::string_view name) {
    return value[name].get_int64().value();
  }
  static std::string text(element value, std::string_view name) {
    return std::string(value[name].get_string().value());
  }

  static inline std::shared_ptr<const ImageBrand> shared_brand;
  static inline std::unique_ptr<http::Server> shared_server;
  static inline std::unique_ptr<SchemaCheck> shared_schema;
  simdjson::dom::parser parser_;
};

TEST_F(ApiTest, OpenApiNamesExactlyTheRoutesOfTheServer) {
  const std::string page = text_of("docs/api.md");
  std::set<std::string> served;
  const http::RouteTable table = api_routes(shared_brand, shipped_files());
  std::vector<http::Route> routes = table.routes();
  for (http::Route& route : operations_routes({})) {
    routes.push_back(std::move(route));
  }
  for (const http::Route& route : routes) {
    served.insert((route.method == http::Method::post ? "post " : "get ") +
                  std::string(route.pattern));
    EXPECT_FALSE(route.description.empty()) << route.pattern;
    const std::string row =
        "| `" + std::string(name_of(route.method)) + ' ' + std::string(route.pattern) + "` |";
    EXPECT_NE(page.find(row), std::string::npos) << "docs/api.md lacks " << row;
  }
  std::set<std::string> described;
  for (const auto path : members(shared_schema->document()["paths"].value())) {
    for (const auto method : members(path.value)) {
      described.insert(std::string(method.key) + " " + std::string(path.key));
    }
  }
  EXPECT_EQ(served, described);
}

TEST_F(ApiTest, EveryExampleIsOfItsSchema) {
  std::size_t examples = 0;
  for (const auto path : members(shared_schema->document()["paths"].value())) {
    for (const auto method : members(path.value)) {
      const auto content = method.value["responses"]["200"]["content"]["application/json"];
      element example;
      if (content["example"].get(example) == simdjson::SUCCESS) {
        const std::string_view ref = content["schema"]["$ref"].get_string().value();
        EXPECT_EQ(shared_schema->against(ref.substr(ref.rfind('/') + 1), simdjson::minify(example)),
                  "");
        ++examples;
      }
    }
  }
  EXPECT_GE(examples, 18U);
}

TEST_F(ApiTest, SortsByTheColumnsThatThereAre) {
  std::set<std::string_view> stated;
  for (const element parameter :
       items(shared_schema->document()["paths"]["/api/v1/people"]["get"].value(), "parameters")) {
    if (parameter["name"].get_string().value() == "sort") {
      for (const element name : items(parameter["schema"].value(), "enum")) {
        stated.insert(name.get_string().value());
      }
    }
  }
  std::set<std::string_view> known;
  for (const ColumnInfo& column : people_columns()) {
    known.insert(column.name);
    EXPECT_FALSE(column_word(column.name).zh.empty()) << column.name;
  }
  EXPECT_EQ(stated, known);
}

TEST_F(ApiTest, StatusCountsWhatTheImageHolds) {
  const element status = good("Status", "/api/v1/status");
  EXPECT_EQ(whole(status, "people"), shared_brand->image().people());
  EXPECT_EQ(whole(status, "events"), static_cast<std::int64_t>(shared_brand->image().events()));
  EXPECT_EQ(text(status, "as_of"), to_string(shared_brand->image().as_of()));
  EXPECT_EQ(text(status["currency"], "code"), "GBP");
}

TEST_F(ApiTest, WordsHoldEveryName) {
  const element words = good("Words", "/api/v1/words");
  EXPECT_EQ(items(words, "kinds").size(), 64U);
  EXPECT_EQ(items(words, "facts").size(), 20U);
  for (int fact = 0; fact < kFacts; ++fact) {
    EXPECT_EQ(fact_words()[static_cast<std::size_t>(fact)].name,
              guanxi::name_of(static_cast<Fact>(fact)));
  }
  for (std::size_t d = 0; d < kDimensions; ++d) {
    EXPECT_EQ(dimension_words()[d].name, guanxi::name_of(static_cast<Dimension>(d)));
  }
  for (std::size_t v = 0; v < kVelocities; ++v) {
    EXPECT_EQ(velocity_words()[v].name, guanxi::name_of(static_cast<Velocity>(v)));
  }
}

TEST_F(ApiTest, ClassesAreEmptyUntilTheyAreWorkedOut) {
  const element classes = good("Classes", "/api/v1/classes");
  EXPECT_TRUE(classes["as_of"].is_null());
  EXPECT_EQ(items(classes, "classes").size(), 0U);
  EXPECT_EQ(items(classes, "grades").size(), 0U);
}

TEST_F(ApiTest, TheHourglassAddsUp) {
  const element glass = good("Hourglass", "/api/v1/hourglass");
  std::int64_t before = 0;
  std::int64_t after = 0;
  for (const element tier : items(glass, "tiers")) {
    before += whole(tier, "people_from");
    after += whole(tier, "people_to");
  }
  EXPECT_EQ(after + whole(glass, "no_profiling"), shared_brand->image().people());
  EXPECT_EQ(after, whole(glass, "people_to"));
  EXPECT_EQ(before + whole(glass, "entered"), after);
  EXPECT_EQ(whole(glass, "rises") + whole(glass, "falls") + whole(glass, "stayed"), before);
  const element last = glass["series"].get_array().at(items(glass, "series").size() - 1).value();
  EXPECT_EQ(text(last, "day"), text(glass, "to"));
  EXPECT_EQ(get("/api/v1/hourglass").body, get("/api/v1/hourglass").body) << "kept and computed";
}

TEST_F(ApiTest, ThePeriodAgreesWithTheSurvey) {
  const Image& image = shared_brand->image();
  const Day to = image.as_of();
  for (const std::int32_t back : {0, 1, 30, 90, 400, 699, 900}) {
    const Day from{to.number - back};
    const Period period = period_of(image, from, to, from);
    const Flows expected = flows(image, image.model(), from, to);
    EXPECT_EQ(period.people_from(), tiers_at(image, image.model(), from).people) << back;
    EXPECT_EQ(period.people_to(), tiers_at(image, image.model(), to).people) << back;
    EXPECT_EQ(period.newcomers, expected.newcomers) << back;
    EXPECT_EQ(period.referred_newcomers, expected.referred_newcomers) << back;
    for (std::size_t i = 0; i < period.days.size(); i += 9) {
      EXPECT_EQ(period.series[i], tiers_at(image, image.model(), period.days[i]).people);
    }
  }
}

TEST(SeriesDays, AreAtMostSixtyAndEndOnTheDay) {
  for (const std::int32_t span : {0, 1, 59, 60, 61, 419, 420, 421, 1770, 40000}) {
    std::string_view step;
    const std::vector<Day> days = series_days(Day{50}, Day{50 + span}, step);
    ASSERT_FALSE(days.empty());
    EXPECT_LE(days.size(), 60U) << span;
    EXPECT_EQ(days.back(), Day{50 + span});
    EXPECT_GE(days.front(), Day{50});
  }
}

TEST_F(ApiTest, PeopleAreFilteredSortedAndPaged) {
  const element all = good("PeoplePage", "/api/v1/people?limit=500");
  EXPECT_EQ(whole(all, "total"), shared_brand->image().people());
  std::int64_t last = INT64_MAX;
  for (const element row : items(all, "rows")) {
    EXPECT_LE(whole(row, "index_milli"), last);
    last = whole(row, "index_milli");
  }
  const element some = good(
      "PeoplePage",
      "/api/v1/"
      "people?tier=micro,weak&where=orders%20%3E%3D%203&sort=spent&desc=false&offset=2&limit=5");
  EXPECT_EQ(items(some, "rows").size(), 5U);
  for (const element row : items(some, "rows")) {
    EXPECT_TRUE(text(row, "tier") == "micro" || text(row, "tier") == "weak");
    EXPECT_GE(whole(row, "orders"), 3);
  }
  const element named = good("PeoplePage", "/api/v1/people?q=onerror");
  EXPECT_EQ(whole(named, "total"), 1);
  EXPECT_EQ(text(named["rows"].at(0).value(), "id"),
            "email:<img src=x onerror=alert(1)>@example.org");
  good("Columns", "/api/v1/people/columns");
}

TEST_F(ApiTest, EveryExampleOfAColumnIsAConditionThatIsUnderstood) {
  const element columns = good("Columns", "/api/v1/people/columns");
  for (const element column : items(columns, "columns")) {
    const Result<Expression> parsed = Expression::parse(text(column, "example"));
    EXPECT_TRUE(parsed.has_value()) << text(column, "example");
  }
}

TEST_F(ApiTest, WrongParametersAreNamedWithTheValidForms) {
  refused(400, "tier", "/api/v1/people?tier=gold");
  refused(400, "velocity", "/api/v1/people?velocity=steady,fast");
  refused(400, "sort", "/api/v1/people?sort=shoe_size");
  refused(400, "where", "/api/v1/people?where=orders%20%3E");
  refused(400, "where", "/api/v1/people?where=DROP%20TABLE%20people");
  refused(400, "limit", "/api/v1/people?limit=501");
  refused(400, "limit", "/api/v1/people?limit=-1");
  refused(400, "offset", "/api/v1/people?offset=1e9");
  refused(400, "desc", "/api/v1/people?desc=perhaps");
  refused(400, "colour", "/api/v1/people?colour=red");
  refused(400, "limit", "/api/v1/people?limit=5&limit=6");
  refused(400, "from", "/api/v1/hourglass?from=2011-02-30");
  refused(400, "from", "/api/v1/hourglass?from=2012-02-02&to=2012-02-01");
  refused(400, "to", "/api/v1/hourglass?to=2100-01-01");
  refused(400, "at", "/api/v1/people/u-1?at=yesterday");
  refused(400, "direction", "/api/v1/changes?direction=sideways");
  refused(400, "ordinal", "/api/v1/events/minus");
  refused(404, "ordinal", "/api/v1/events/4000000000");
  refused(404, "id", "/api/v1/people/nobody-of-this-name");
  refused(404, "", "/api/v1/nothing");
}

TEST_F(ApiTest, APersonIsShownExplainedAndFollowed) {
  const element row = good("PeoplePage", "/api/v1/people?limit=1")["rows"].at(0).value();
  const std::string id = text(row, "id");
  const std::int64_t index = whole(row, "index_milli");
  const element person = good("Person", "/api/v1/people/" + id);
  EXPECT_EQ(whole(person["reading"].value(), "index_milli"), index);
  const element timeline = good("Timeline", "/api/v1/people/" + id + "/timeline?limit=500");
  EXPECT_EQ(items(timeline, "events").size(), static_cast<std::size_t>(whole(timeline, "total")));
  const element history = good("History", "/api/v1/people/" + id + "/history");
  EXPECT_LE(items(history, "points").size(), 400U);
  const element explained = good("Explanation", "/api/v1/people/" + id + "/explanation");
  EXPECT_EQ(whole(explained["reading"].value(), "index_milli"), index);
}

TEST_F(ApiTest, ExplanationsSumExactlyHoweverManyLinesAreShown) {
  const element page = good("PeoplePage", "/api/v1/people?limit=40&sort=events");
  std::vector<std::string> ids;
  for (const element row : items(page, "rows")) {
    ids.push_back(text(row, "id"));
  }
  for (const std::string& id : ids) {
    for (const char* limit : {"1", "5000"}) {
      const element why =
          good("Explanation", "/api/v1/people/" + id + "/explanation?limit=" + limit);
      std::int64_t lines = whole(why["rest"].value(), "index_milli");
      for (const element line : items(why, "evidence")) {
        lines += whole(line, "index_milli");
      }
      std::int64_t dimensions = 0;
      for (const element dimension : items(why, "dimensions")) {
        dimensions += whole(dimension, "index_milli");
      }
      EXPECT_EQ(lines, whole(why["reading"].value(), "index_milli")) << id;
      EXPECT_EQ(dimensions, lines) << id;
    }
  }
}

TEST_F(ApiTest, AnyDayCanBeStoodOn) {
  for (const char* at : {"1970-01-01", "2011-01-25", "2011-06-09", "2012-12-01", "2015-01-01"}) {
    for (const char* view : {"", "/timeline", "/history", "/explanation"}) {
      const RawAnswer answer =
          get("/api/v1/people/u-1" + std::string(view) + "?at=" + std::string(at));
      EXPECT_EQ(answer.status, 200) << view << at << answer.body;
    }
  }
  const element before = good("Timeline", "/api/v1/people/u-1/timeline?at=1970-01-01");
  EXPECT_EQ(whole(before, "total"), 0);
}

TEST_F(ApiTest, NamesThatAreCodeStayText) {
  const std::string id = "email:%3Cimg%20src=x%20onerror=alert(1)%3E@example.org";
  const element person = good("Person", "/api/v1/people/" + id);
  EXPECT_EQ(text(person, "id"), "email:<img src=x onerror=alert(1)>@example.org");
  const element timeline = good("Timeline", "/api/v1/people/" + id + "/timeline");
  const element event = timeline["events"].at(0).value();
  EXPECT_EQ(text(event, "title"), ImageBrand::kTitle);
  EXPECT_EQ(text(event, "subject"), "<b>product</b>");
  good("DeadLetters", "/api/v1/dead-letters");
  good("EventOriginal", "/api/v1/events/0");
}

TEST_F(ApiTest, ChangesCanBeOfRisesOrFallsAlone) {
  const std::string period = "/api/v1/changes?from=2011-01-01&limit=500";
  const element all = good("ChangesPage", period);
  EXPECT_EQ(whole(all, "rises") + whole(all, "falls"), whole(all, "total"));
  const std::int64_t rises = whole(all, "rises");
  const element risen = good("ChangesPage", period + "&direction=rise");
  EXPECT_EQ(whole(risen, "total"), rises);
  EXPECT_GT(rises, 0);
  for (const element change : items(risen, "changes")) {
    EXPECT_TRUE(change["rise"].get_bool().value());
  }
}

TEST_F(ApiTest, ValueIsToldInThreePartsWithItsFit) {
  const element value = good("BrandValue", "/api/v1/value");
  EXPECT_EQ(text(value, "as_of"), to_string(shared_brand->image().as_of()));
  EXPECT_EQ(whole(value["fit"], "number"), 2);
  const element all = value["summary"]["all"].value();
  EXPECT_GT(whole(all, "customers"), 100);
  EXPECT_GT(whole(all, "own_minor"), 0);
  EXPECT_EQ(items(value["summary"].value(), "tiers").size(), 5U);
  EXPECT_EQ(items(value["summary"].value(), "lorenz_bp").size(), 101U);
  const element desk = good("FitDesk", "/api/v1/fits");
  EXPECT_EQ(whole(desk, "used"), 2);
  ASSERT_EQ(items(desk, "fits").size(), 3U);
  EXPECT_FALSE(items(desk, "fits").at(2)["used"].get_bool().value()) << "the oldest stands last";
  EXPECT_EQ(items(good("FitDesk", "/api/v1/fits?limit=1"), "fits").size(), 1U);
  refused(400, "limit", "/api/v1/fits?limit=0");
  refused(400, "at", "/api/v1/value?at=2011-01-01");
}

TEST_F(ApiTest, APersonsValueIsThatOfTheList) {
  const element row =
      good("PeoplePage",
           "/api/v1/people?where=own_value%20%3E%200&sort=value&desc=1&limit=1")["rows"]
          .at(0)
          .value();
  const std::string id = text(row, "id");
  const std::int64_t own = whole(row, "own_value_minor");
  const std::int64_t alive = whole(row, "alive_bp");
  const element value = good("PersonValue", "/api/v1/people/" + id + "/value");
  EXPECT_EQ(whole(value["own"].value(), "mean_minor"), own);
  EXPECT_EQ(whole(value["expected"].value(), "alive_bp"), alive);
  EXPECT_LE(whole(value["own"].value(), "least_minor"), own);
  EXPECT_TRUE(value["own"]["why_not"].is_null());
  EXPECT_EQ(text(value["derived"].value(), "why_not"), "no_tariff");
  refused(404, "id", "/api/v1/people/nobody/value");
}

TEST_F(ApiTest, FitsAreAskedForAndStopped) {
  const auto post = [](const std::string& path, const std::string& body) {
    return RawClient::post(shared_server->port(), "/api/v1/fits" + path, "application/json", body);
  };
  EXPECT_TRUE(of_schema("FitAsked", post("", R"({"model":"bg_nbd"})"))["asked"].get_bool().value());
  EXPECT_TRUE(of_schema("FitAsked", post("", "{}"))["asked"].get_bool().value());
  EXPECT_EQ(post("", R"({"model":"magic"})").status, 400);
  EXPECT_EQ(post("", R"({"modell":"bg_nbd"})").status, 400);
  EXPECT_EQ(post("", R"({"model":"bg_cnbd_k"})").status, 409) << "one is under way";
  EXPECT_FALSE(of_schema("FitStopped", post("/stop", "{}"))["stopped"].get_bool().value());
}

TEST_F(ApiTest, ModelsAreShownAndChecked) {
  const element model = good("Model", "/api/v1/model");
  EXPECT_EQ(text(model, "name"), "test");
  const element models = good("Models", "/api/v1/models");
  EXPECT_EQ(items(models, "models").size(), shipped_files().models.size());
  const RawAnswer right = RawClient::post(shared_server->port(), "/api/v1/model/check",
                                          "application/toml", test_brand::model().source);
  EXPECT_TRUE(of_schema("ModelCheck", right)["ok"].get_bool().value()) << right.body;
  const RawAnswer wrong = RawClient::post(shared_server->port(), "/api/v1/model/check",
                                          "text/plain", "[model]\nname = \"x\"\nversion = 1 2\n");
  const element problem = of_schema("ModelCheck", wrong)["problems"].at(0).value();
  EXPECT_EQ(whole(problem, "line"), 3) << wrong.body;
  EXPECT_GT(whole(problem, "column"), 0) << wrong.body;
}

TEST_F(ApiTest, WhatIfFoldsEveryoneAndChangesNothing) {
  const std::string before = get("/api/v1/people?limit=500").body;
  const RawAnswer answer = RawClient::post(shared_server->port(), "/api/v1/what-if?limit=7",
                                           "application/toml", test_brand::strict_model().source);
  const element result = of_schema("WhatIf", answer);
  EXPECT_EQ(whole(result, "people"), shared_brand->image().people());
  EXPECT_GT(whole(result, "falls"), 0);
  EXPECT_LE(items(result, "movers").size(), 7U);
  for (const element mover : items(result, "movers")) {
    EXPECT_NE(text(mover, "from"), text(mover, "to"));
  }
  EXPECT_EQ(get("/api/v1/people?limit=500").body, before);
  const RawAnswer wrong =
      RawClient::post(shared_server->port(), "/api/v1/what-if", "application/toml", "name = 3");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(shared_schema->against("Error", wrong.body), "");
}

TEST_F(ApiTest, SqlIsAskedForAsJson) {
  const auto ask = [](const std::string& body) {
    return RawClient::post(shared_server->port(), "/api/v1/sql", "application/json", body);
  };
  const RawAnswer answer = ask(
      R"({"query":"SELECT tier, count(*) AS n, 1152921504606846976 AS big, 12.50 AS price, )"
      R"(NULL AS none, true AS yes, '<b>' AS t FROM people GROUP BY tier ORDER BY tier","limit":2})");
  const element table = of_schema("SqlAnswer", answer);
  EXPECT_EQ(items(table, "rows").size(), 2U) << answer.body;
  EXPECT_TRUE(table["truncated"].get_bool().value());
  const simdjson::dom::array row = items(table, "rows").at(0).get_array().value();
  EXPECT_TRUE(row.at(1).is_int64());
  EXPECT_EQ(std::string(row.at(2).get_string().value()), "1152921504606846976");
  EXPECT_EQ(row.at(3).get_double().value(), 12.5);
  EXPECT_TRUE(row.at(4).is_null());
  EXPECT_TRUE(row.at(5).get_bool().value());
  EXPECT_EQ(std::string(row.at(6).get_string().value()), "<b>");
  for (const char* wrong :
       {"", "[]", "{}", R"({"query":3})", R"({"query":"SELECT 1","limit":0})",
        R"({"query":"SELECT 1","path":"/etc/passwd"})", R"({"query":"nonsense"})",
        R"({"query":"DROP VIEW people"})", R"({"query":"SELECT 1; SELECT 2"})",
        R"j({"query":"SELECT * FROM read_csv('/etc/passwd')"})j",
        R"j({"query":"COPY people TO '/tmp/out.csv'"})j"}) {
    const RawAnswer refusal = ask(wrong);
    EXPECT_EQ(refusal.status, 400) << wrong << refusal.body;
    EXPECT_EQ(shared_schema->against("Error", refusal.body), "") << wrong;
  }
  EXPECT_EQ(RawClient::post(shared_server->port(), "/api/v1/sql", "text/plain", "SELECT 1").status,
            415);
}

TEST_F(ApiTest, TellsWhoIsWhoAndDecides) {
  const element identity = good("Identity", "/api/v1/people/u-1/identity");
  EXPECT_EQ(text(identity, "id"), "user:u-1");
  EXPECT_EQ(items(identity, "ids").size(), 1U);
  EXPECT_EQ(get("/api/v1/people/nobody-here/identity").status, 404);
  (void)good("Duplicates", "/api/v1/identities/duplicates?limit=5");
  const element decisions = good("IdentityDecisions", "/api/v1/identities/decisions");
  EXPECT_EQ(items(decisions, "decisions").size(), 2U);
  const auto decide = [](const std::string& body) {
    return RawClient::post(shared_server->port(), "/api/v1/identities/decisions",
                           "application/json", body);
  };
  (void)of_schema("Decided", decide(R"({"kind":"same","first_id":"user:u-1",)"
                                    R"("second_id":"user:u-2","note":"she said so"})"));
  for (const char* wrong : {"", "[]", "{}", R"({"kind":"same"})", R"({"kind":3,"first_id":"a"})",
                            R"({"kind":"marry","first_id":"a","second_id":"b"})",
                            R"({"kind":"same","first_id":"a","second_id":"b","path":"x"})"}) {
    const RawAnswer refusal = decide(wrong);
    EXPECT_EQ(refusal.status, 400) << wrong << refusal.body;
    EXPECT_EQ(shared_schema->against("Error", refusal.body), "") << wrong;
  }
  EXPECT_EQ(decide(R"({"kind":"same","first_id":"user:u-1","second_id":"user:nobody"})").status,
            404);
}

TEST_F(ApiTest, ShipsItsOwnDescriptionAndModels) {
  EXPECT_EQ(shipped_files().openapi_json, text_of("web/openapi.json"));
  ASSERT_FALSE(shipped_files().models.empty());
  for (const ShippedFiles::ModelFile& model : shipped_files().models) {
    EXPECT_EQ(model.toml, text_of("models/" + model.file));
  }
}

TEST_F(ApiTest, ProgressAndDescriptionAreGiven) {
  const element progress = good("Progress", "/api/v1/progress");
  EXPECT_TRUE(progress["running"].get_bool().value());
  EXPECT_EQ(get("/openapi.json").body, shipped_files().openapi_json);
}

TEST_F(ApiTest, ABrandWithoutEventsIsEmptyNotWrong) {
  const auto empty = std::make_shared<const ImageBrand>(0U);
  auto site = std::make_shared<const http::Site>(api_routes(empty, shipped_files()),
                                                 http::StaticFiles(), http::allow_all());
  const auto server = http::Server::start(std::move(site), {}).value();
  const std::vector<std::pair<std::string, std::string>> asked = {
      {"Status", "/api/v1/status"},
      {"Hourglass", "/api/v1/hourglass"},
      {"PeoplePage", "/api/v1/people"},
      {"ChangesPage", "/api/v1/changes"},
      {"Model", "/api/v1/model"},
      {"Progress", "/api/v1/progress"},
      {"DeadLetters", "/api/v1/dead-letters"}};
  for (const auto& [schema, target] : asked) {
    const RawAnswer answer = RawClient::get(server->port(), target);
    EXPECT_EQ(answer.status, 200) << target << answer.body;
    EXPECT_EQ(shared_schema->against(schema, answer.body), "") << target;
  }
  EXPECT_EQ(RawClient::get(server->port(), "/api/v1/people/u-1").status, 404);
  EXPECT_EQ(RawClient::post(server->port(), "/api/v1/what-if", "application/toml",
                            test_brand::model().source)
                .status,
            409);
}

}  // namespace
}  // namespace guanxi::api
