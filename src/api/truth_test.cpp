#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "api/image_brand.hpp"
#include "api/routes.hpp"
#include "api/schema_check.hpp"
#include "api/truth_desk.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::api {
namespace {

using http::RawAnswer;
using http::RawClient;
using simdjson::dom::element;

void wait_for(const TruthDesk& desk) {
  for (int i = 0; i < 20'000 && desk.doing() && desk.doing()->running; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

class TruthTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    brand = std::make_shared<const ImageBrand>(6000U);
    at = Day{brand->image().as_of().number - 200};
  }
  static void TearDownTestSuite() { brand.reset(); }
  void SetUp() override {
    auto site = std::make_shared<const http::Site>(api_routes(brand, shipped_files()),
                                                   http::StaticFiles(), http::allow_all());
    server_ = http::Server::start(std::move(site), {}).value();
  }

  RawAnswer get(const std::string& target) { return RawClient::get(server_->port(), target); }
  RawAnswer post(const std::string& target, const std::string& body) {
    return RawClient::post(server_->port(), target, "application/json", body);
  }
  element good(const std::string& schema, const std::string& target) {
    const RawAnswer answer = get(target);
    EXPECT_EQ(answer.status, 200) << target << answer.body;
    EXPECT_EQ(schema_.against(schema, answer.body), "");
    EXPECT_EQ(answer.body.find('<'), std::string::npos);
    return parser_.parse(answer.body).value();
  }
  void look_back() {
    const std::string ask = "{\"at\":\"" + to_string(at) + "\",\"horizon_days\":90}";
    const RawAnswer begun = post("/api/v1/truth", ask);
    ASSERT_EQ(begun.status, 200) << begun.body;
    EXPECT_EQ(schema_.against("TruthDesk", begun.body), "");
    for (int i = 0; i < 20'000; ++i) {
      const element desk = good("TruthDesk", "/api/v1/truth");
      if (!desk["running"].get_bool().value()) {
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    FAIL() << "it never ends";
  }
  std::int64_t people(const std::string& query) {
    const element page = good("TruthPeople", "/api/v1/truth/1/people?limit=500&" + query);
    return page["total"].get_int64().value();
  }

  static inline std::shared_ptr<const ImageBrand> brand;
  static inline Day at;
  std::unique_ptr<http::Server> server_;
  SchemaCheck schema_{shipped_files().openapi_json};
  simdjson::dom::parser parser_;
};

TEST_F(TruthTest, LooksBackInTheBackgroundAndKeepsWhatItFound) {
  EXPECT_EQ(get("/api/v1/truth/1").status, 404);
  look_back();
  const element truth = good("Truth", "/api/v1/truth/1");
  const std::int64_t all = truth["people"].get_int64().value();
  EXPECT_GT(all, 100);
  EXPECT_EQ(truth["at"].get_string().value(), to_string(at));
  std::vector<std::pair<std::string, std::int64_t>> lowest;
  const simdjson::dom::array predictors = truth["predictors"].get_array().value();
  for (const element predictor : predictors) {
    EXPECT_EQ(predictor["missing"].is_null(), !predictor["auc"].is_null());
    if (!predictor["purchases"].is_null()) {
      const element part = predictor["purchases"]["parts"].at(0).value();
      lowest.emplace_back(predictor["name"].get_string().value(),
                          part["people"].get_int64().value());
    }
  }
  EXPECT_GE(lowest.size(), 2U);
  for (const auto& [name, count] : lowest) {
    EXPECT_EQ(people("predictor=" + name + "&what=purchases&part=0"), count) << name;
  }
}

TEST_F(TruthTest, EveryPointLeadsToItsPeople) {
  look_back();
  EXPECT_EQ(good("Truth", "/api/v1/truth/1")["listed"].get_bool().value(), true);
  const std::int64_t all = people("");
  EXPECT_EQ(people("predictor=index&what=rank&part=0&above=true"), all);
  std::int64_t by_tier = 0;
  for (const char* tier : {"none", "micro", "weak", "strong", "super_strong"}) {
    by_tier += people(std::string("tier=") + tier);
  }
  EXPECT_EQ(by_tier, all);
  std::int64_t by_part = 0;
  for (int part = 0; part < 10; ++part) {
    by_part += people("predictor=frequency&what=rank&part=" + std::to_string(part));
  }
  EXPECT_EQ(by_part, all);
  const std::int64_t of_week = people("week=" + to_string(at));
  EXPECT_GT(of_week, 0);
  EXPECT_LT(of_week, all);
  EXPECT_EQ(people("predictor=index&what=purchases&part=3"), 0) << "a ranking says no amounts";
}

TEST_F(TruthTest, RefusesWhatCannotBeKnown) {
  const std::string last = to_string(brand->image().as_of());
  const RawAnswer late = post("/api/v1/truth", "{\"at\":\"" + last + "\",\"horizon_days\":30}");
  EXPECT_EQ(late.status, 400);
  EXPECT_EQ(schema_.against("Error", late.body), "");
  EXPECT_EQ(post("/api/v1/truth", "{\"at\":\"soon\",\"horizon_days\":30}").status, 400);
  EXPECT_EQ(post("/api/v1/truth", "{\"at\":\"2011-05-01\",\"horizon_days\":0}").status, 400);
  EXPECT_EQ(get("/api/v1/truth/nine").status, 404);
  EXPECT_EQ(get("/api/v1/truth/1/people?predictor=oracle").status, 400);
  // Before the first purchase there is nobody: it ends without a result, and says so.
  ASSERT_EQ(post("/api/v1/truth", "{\"at\":\"1990-01-01\",\"horizon_days\":30}").status, 200);
  element desk = good("TruthDesk", "/api/v1/truth");
  while (desk["running"].get_bool().value()) {
    desk = good("TruthDesk", "/api/v1/truth");
  }
  EXPECT_EQ(desk["work"]["ok"].get_bool().value(), false);
  EXPECT_EQ(desk["runs"].get_array().value().size(), 0U);
}

TEST_F(TruthTest, KeepsTheNewestRuns) {
  TruthDesk desk(brand);
  for (std::size_t i = 0; i < TruthDesk::kRunsMost + 1; ++i) {
    ASSERT_TRUE(desk.begin({Day{at.number - static_cast<std::int32_t>(i)}, 30}));
    wait_for(desk);
  }
  ASSERT_EQ(desk.runs().size(), TruthDesk::kRunsMost);
  EXPECT_EQ(desk.runs().front()->number, TruthDesk::kRunsMost + 1);
  EXPECT_EQ(desk.run(1), nullptr);
  EXPECT_EQ(desk.doing()->work.ok, true);
}

// A reading that waits until it is let go on: so the run is there to be stopped.
class SlowBrand final : public Brand {
 public:
  explicit SlowBrand(std::shared_ptr<const ImageBrand> brand) : brand_(std::move(brand)) {}
  [[nodiscard]] Result<void> read(const std::function<void(const View&)>& use) const override {
    while (!let_go) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return brand_->read(use);
  }
  [[nodiscard]] Result<LogFacts> log_facts() const override { return brand_->log_facts(); }
  [[nodiscard]] Result<void> originals(
      std::span<const std::uint32_t> ordinals,
      const std::function<void(std::size_t, const Event&)>& visit) const override {
    return brand_->originals(ordinals, visit);
  }
  [[nodiscard]] Result<void> admit(EventBatch batch) const override {
    return brand_->admit(std::move(batch));
  }
  [[nodiscard]] Result<EraseReport> erase(const std::string& id) const override {
    return brand_->erase(id);
  }
  [[nodiscard]] WorkReport work() const override { return brand_->work(); }
  [[nodiscard]] Result<DeadLetterPage> dead_letters(std::uint64_t offset, std::uint64_t limit,
                                                    const std::string& source) const override {
    return brand_->dead_letters(offset, limit, source);
  }
  [[nodiscard]] Result<std::map<std::string, DoorReport>> doors(
      const std::vector<std::string>& names) const override {
    return brand_->doors(names);
  }
  [[nodiscard]] Result<ImportReport> resend(std::uint64_t letter, const Engine::KeyOfDoor& key,
                                            std::optional<std::string> corrected) const override {
    return brand_->resend(letter, key, std::move(corrected));
  }
  [[nodiscard]] Result<std::vector<DecisionRecord>> decisions() const override {
    return brand_->decisions();
  }
  [[nodiscard]] Result<DecisionReport> decide(const DecisionRequest& request) const override {
    return brand_->decide(request);
  }
  [[nodiscard]] Result<FitsReport> fits() const override { return brand_->fits(); }
  [[nodiscard]] Result<void> fit(const FitRequest& request) const override {
    return brand_->fit(request);
  }
  [[nodiscard]] Result<bool> stop_fit() const override { return brand_->stop_fit(); }
  [[nodiscard]] Result<std::shared_ptr<LiveFeed::Watcher>> watch(std::size_t most) const override {
    return brand_->watch(most);
  }
  [[nodiscard]] Result<SqlAnswer> sql(const std::string& query, std::uint64_t rows_most,
                                      const Masking* masking) const override {
    return brand_->sql(query, rows_most, masking);
  }
  mutable std::atomic<bool> let_go{false};

 private:
  std::shared_ptr<const ImageBrand> brand_;
};

TEST_F(TruthTest, IsStoppedAndDoesOneAtATime) {
  const auto slow = std::make_shared<const SlowBrand>(brand);
  TruthDesk desk(slow);
  desk.stop();
  ASSERT_TRUE(desk.begin({at, 30}));
  EXPECT_EQ(desk.begin({at, 60}).error().code, ErrorCode::conflict);
  desk.stop();
  slow->let_go = true;
  wait_for(desk);
  EXPECT_EQ(desk.doing()->work.ok, false);
  EXPECT_EQ(desk.doing()->work.message, "it was stopped");
  EXPECT_TRUE(desk.runs().empty());
  ASSERT_TRUE(desk.begin({at, 60}));
  wait_for(desk);
  EXPECT_EQ(desk.runs().size(), 1U);
}

}  // namespace
}  // namespace guanxi::api
