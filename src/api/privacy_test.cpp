#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>

#include "access/handles.hpp"
#include "analytics/file_import.hpp"
#include "api/engine_brand.hpp"
#include "api/routes.hpp"
#include "api/schema_check.hpp"
#include "events/decode.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi::api {
namespace {

using access::Role;

constexpr std::string_view kLines =
    R"({"type":"identify","messageId":"m1","userId":"ada","timestamp":"2026-01-02T10:00:00Z","traits":{"email":"ada@lovelace.example"}}
{"type":"track","messageId":"m2","event":"Order Completed","userId":"ada","timestamp":"2026-01-03T10:00:00Z","properties":{"order_id":"o-1","total":30,"currency":"EUR","products":[{"product_id":"tea","price":15,"quantity":2}]}}
{"type":"track","messageId":"m3","event":"Order Completed","userId":"ada","timestamp":"2026-02-03T10:00:00Z","properties":{"order_id":"o-2","total":30,"currency":"EUR","products":[{"product_id":"tea","price":15,"quantity":2}]}}
{"type":"track","messageId":"m4","event":"Consent Given","userId":"ada","timestamp":"2026-02-04T10:00:00Z","properties":{"purpose":"newsletter","channel":"email","text_version":"7"}}
{"type":"track","messageId":"m5","event":"Order Completed","userId":"ben","timestamp":"2026-02-05T10:00:00Z","properties":{"order_id":"o-3","total":50,"currency":"EUR"}}
)";

/// An engine in a folder of its own, with the routes over it.
class Shop {
 public:
  explicit Shop(const std::string& name)
      : folder(::testing::TempDir() + "guanxi_privacy_" + name + std::to_string(::getpid())) {
    std::filesystem::remove_all(folder);
    engine = Engine::open({.folder = folder,
                           .default_model_toml = shipped_files().models.front().toml,
                           .board = &board})
                 .value();
    brand->ready(engine);
    access = access::AccessStore::open(folder, system_clock(), {.ticks = false}).value();
    routes = std::make_unique<http::RouteTable>(
        api_routes(brand, shipped_files(), access::Handles::passing(), access));
  }
  ~Shop() { std::filesystem::remove_all(folder); }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  void take(std::string_view lines) {
    EventBatch batch;
    std::vector<Refusal> refused;
    Decoder decoder;
    DecodeContext context;
    context.source = "test";
    context.received_at = Instant{1'800'000'000};
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = lines.find('\n', at);
      decoder.decode_json(lines.substr(at, end - at), context, batch, refused);
      at = end + 1;
    }
    ASSERT_TRUE(refused.empty()) << refused.front().reason;
    ASSERT_TRUE(engine->admit(std::move(batch)).has_value());
    engine->wait_applied();
  }
  http::Response ask(http::Method method, Role role, const std::string& target,
                     std::string body = {}) {
    http::Request request;
    request.method = method;
    request.target = http::parse_target(target).value();
    request.principal.by = access::Principal::By::session;
    request.principal.user = "carl";
    request.principal.role = role;
    request.principal.granted = access::granted_to(role);
    request.body = std::move(body);
    http::RouteTable::Match match = routes->find(method, request.target);
    request.path_arguments = std::move(match.path_arguments);
    return match.route->handler(request);
  }
  http::Response get(const std::string& target) {
    return ask(http::Method::get, Role::admin, target);
  }
  http::Response post(Role role, const std::string& target, std::string body) {
    return ask(http::Method::post, role, target, std::move(body));
  }
  Reading reading(const std::string& id, std::uint32_t& events) {
    const ReadAccess read = engine->read();
    const auto person = read.image().find(parse_external_id(id)).value();
    events = read.image().state(person).events;
    const Columns& columns = read.image().columns(person.shard);
    Reading out;
    out.tier = static_cast<Tier>(columns.tier[person.index]);
    out.index_milli = columns.index_milli[person.index];
    out.stance = columns.stance[person.index];
    return out;
  }

  std::string folder;
  WorkBoard board;
  std::shared_ptr<EngineBrand> brand = std::make_shared<EngineBrand>(board);
  std::shared_ptr<Engine> engine;
  std::shared_ptr<access::AccessStore> access;
  std::unique_ptr<http::RouteTable> routes;
  SchemaCheck schema{shipped_files().openapi_json};
};

TEST(Privacy, ConsentIsStateByPurposeAndChannel) {
  Shop shop("consent");
  shop.take(kLines);
  const auto before = shop.get("/api/v1/people/ada/privacy");
  EXPECT_EQ(shop.schema.against("Privacy", before.body), "");
  EXPECT_NE(before.body.find(R"("purpose":"newsletter","channel":"email","given":true)"),
            std::string::npos)
      << before.body;
  const std::string target = "/api/v1/people/ada/consent";
  EXPECT_EQ(
      shop.post(Role::service, target,
                R"({"purpose":"newsletter","channel":"email","given":false,"proof":"call 7"})")
          .status,
      200);
  const auto after = shop.get("/api/v1/people/ada/privacy");
  EXPECT_NE(after.body.find(R"("purpose":"newsletter","channel":"email","given":false)"),
            std::string::npos)
      << after.body;
  EXPECT_NE(after.body.find(R"("stated_by":"carl")"), std::string::npos);
  shop.take(
      R"({"type":"track","messageId":"m8","event":"Segment Consent Preference Updated","userId":"ada","timestamp":"2026-02-06T10:00:00Z","context":{"consent":{"categoryPreferences":{"Advertising":false,"Analytics":true}}}}
)");
  const auto chosen = shop.get("/api/v1/people/ada/privacy").body;
  EXPECT_NE(chosen.find(R"("purpose":"Advertising","channel":null,"given":false)"),
            std::string::npos)
      << chosen;
  EXPECT_NE(chosen.find(R"("purpose":"Analytics","channel":null,"given":true)"), std::string::npos);
  EXPECT_EQ(shop.post(Role::service, target, R"({"purpose":"x"})").status, 400);
  EXPECT_EQ(shop.post(Role::service, target, R"({"given":true})").status, 400);
  EXPECT_EQ(shop.post(Role::service, target, R"({"purpose":"x","given":true,"y":1})").status, 400);
  EXPECT_EQ(shop.post(Role::service, "/api/v1/people/no/consent", R"({"purpose":"x","given":true})")
                .status,
            404);
}

// Goal (G4): a restricted person is stored and nothing else, and each refusal leaves a trace.
TEST(Privacy, ARestrictedPersonIsOnlyStored) {
  Shop shop("restricted");
  shop.take(kLines);
  std::uint32_t events = 0;
  EXPECT_GT(shop.reading("ada", events).index_milli, 0U);
  const std::string target = "/api/v1/people/ada/consent";
  const std::string restrict = R"({"purpose":"processing","given":false})";
  EXPECT_EQ(shop.post(Role::service, target, restrict).status, 403) << "that takes erase";
  ASSERT_EQ(shop.post(Role::admin, target, restrict).status, 200);
  EXPECT_EQ(shop.reading("ada", events).index_milli, 0U);
  EXPECT_EQ(events, 0U);
  for (const char* const view : {"", "/timeline", "/history", "/explanation"}) {
    EXPECT_EQ(shop.get(std::string("/api/v1/people/ada") + view).status, 409) << view;
  }
  EXPECT_EQ(shop.get("/api/v1/people").body.find("ada"), std::string::npos);
  EXPECT_EQ(shop.get("/api/v1/people?where=orders%20=%200").body.find("ada"), std::string::npos);
  for (const char* const table : {"people", "events", "tier_changes", "evidence"}) {
    const auto rows = shop.post(Role::admin, "/api/v1/sql",
                                std::string("{\"query\":\"SELECT * FROM ") + table + "\"}");
    EXPECT_EQ(rows.body.find("ada"), std::string::npos) << table;
  }
  ASSERT_TRUE(shop.access->audit().flush().has_value());
  EXPECT_GE(shop.access->audit().page({.action = "people.restricted"})->total, 1U);
  // What comes meanwhile is kept, and counts once the restriction is lifted.
  shop.take(
      R"({"type":"track","messageId":"m9","event":"Order Completed","userId":"ada","timestamp":"2026-02-06T10:00:00Z","properties":{"order_id":"o-9","total":30,"currency":"EUR"}}
)");
  EXPECT_EQ(shop.reading("ada", events).index_milli, 0U);
  ASSERT_EQ(shop.post(Role::admin, target, R"({"purpose":"processing","given":true})").status, 200);
  EXPECT_GT(shop.reading("ada", events).index_milli, 0U);
  EXPECT_EQ(events, 9U);
  EXPECT_EQ(shop.get("/api/v1/people/ada").status, 200);
}

TEST(Privacy, WhoObjectsToProfilingHasNoScore) {
  Shop shop("profiling");
  shop.take(kLines);
  ASSERT_EQ(shop.post(Role::service, "/api/v1/people/ada/consent",
                      R"({"purpose":"profiling","given":false})")
                .status,
            200);
  std::uint32_t events = 0;
  const Reading reading = shop.reading("ada", events);
  EXPECT_EQ(reading.tier, Tier::none);
  EXPECT_EQ(reading.stance, kNoProfiling);
  EXPECT_NE(shop.get("/api/v1/people/ada/timeline").body.find("o-1"), std::string::npos);
  EXPECT_NE(shop.get("/api/v1/people/ada/explanation").body.find("\"evidence\":[]"),
            std::string::npos);
  EXPECT_NE(shop.get("/api/v1/hourglass").body.find("\"no_profiling\":1,"), std::string::npos);
  EXPECT_TRUE(shop.engine->check()->good()) << "a rebuild knows it too";
}

// Goal (G5): what a person takes along gives the same state elsewhere.
TEST(Privacy, APersonTakenAlongIsTheSameElsewhere) {
  Shop shop("export");
  shop.take(kLines);
  ASSERT_EQ(shop.post(Role::service, "/api/v1/people/ada/consent",
                      R"({"purpose":"marketing","given":false})")
                .status,
            200);
  const auto taken = shop.get("/api/v1/people/ada/export");
  ASSERT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(taken.content_type, "application/x-ndjson");
  EXPECT_EQ(taken.body.find("ben"), std::string::npos) << "nobody else's data";
  EXPECT_NE(taken.body.find("\"guanxi_explanation\":1"), std::string::npos);
  EXPECT_EQ(shop.ask(http::Method::get, Role::analyst, "/api/v1/people/ada/export").status, 403);
  EXPECT_EQ(shop.get("/api/v1/people/nobody/export").status, 404);

  const std::string file = shop.folder + "/ada.ndjson";
  std::ofstream(file, std::ios::binary) << taken.body;
  Shop elsewhere("import");
  ImportOptions options;
  options.received_at = Instant{1'800'000'000};
  options.paths = {file};
  auto source = FileImport::open(options);
  ASSERT_TRUE(source) << source.error().message;
  const auto report = elsewhere.engine->import(**source, {.name = "ada.ndjson"});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->refused, 0U);
  const ReadAccess here = shop.engine->read();
  const ReadAccess there = elsewhere.engine->read();
  const auto ada = here.image().find(parse_external_id("ada")).value();
  const auto again = there.image().find(parse_external_id("ada")).value();
  EXPECT_EQ(there.image().ids(again), here.image().ids(ada));
  EXPECT_EQ(there.image().stance(again), kNoMarketing);
  FoldMemory memory;
  const Day day = here.image().as_of();
  State carried = fold(there.image().timeline(again), here.model(), day, memory);
  State kept = fold(here.image().timeline(ada), here.model(), day, memory);
  carried.tip_ordinal = kept.tip_ordinal = 0;  // places in two logs
  EXPECT_EQ(carried, kept);
}

TEST(Privacy, ErasingGivesAReceiptThatTheTrailBears) {
  Shop shop("erase");
  shop.take(kLines);
  const auto receipt = shop.post(Role::admin, "/api/v1/people/ada/erase", "{}");
  ASSERT_EQ(receipt.status, 200) << receipt.body;
  EXPECT_EQ(shop.schema.against("Receipt", receipt.body), "");
  EXPECT_EQ(receipt.body.find("ada"), std::string::npos) << "it names nobody";
  EXPECT_EQ(shop.get("/api/v1/people/ada").status, 404);
  simdjson::dom::parser parser;
  const std::string digest(parser.parse(receipt.body)["digest"].get_string().value());
  const auto page = shop.access->audit().page({.action = "people.erased"});
  ASSERT_EQ(page->total, 1U);
  EXPECT_EQ(page->entries.front().outcome, "receipt " + digest);
  EXPECT_EQ(shop.access->audit().verify()->chain,
            parser.parse(receipt.body)["chain"].get_string().value());
}

}  // namespace
}  // namespace guanxi::api
