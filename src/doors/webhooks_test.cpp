#include "doors/webhooks.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <map>

#include "base/json_writer.hpp"
#include "relationship/shipped_models.hpp"

namespace guanxi::doors {
namespace {

using access::SourceKind;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t kNow = 1790000000;  // 2026-09-21T14:13:20Z

// An engine on a fresh folder behind the door of webhooks.
class HookBench {
 public:
  HookBench()
      : folder_(std::filesystem::temp_directory_path() /
                ("guanxi_hooks_" + std::to_string(::getpid()))),
        clock_(Instant{kNow}) {
    std::filesystem::remove_all(folder_);
    door_ = std::make_shared<WebhookDoor>(
        [this](std::string_view id) -> std::shared_ptr<const access::Source> {
          const auto found = sources_.find(std::string(id));
          return found == sources_.end() ? nullptr : found->second;
        },
        [this](std::string_view id) { ++used_[std::string(id)]; }, clock_);
    table_ = std::make_unique<http::RouteTable>(webhook_routes(door_));
    Engine::Options options;
    options.folder = folder_.string();
    options.default_model_toml = std::string(shipped_model("retail"));
    options.threads = 1;
    options.clock = &clock_;
    auto engine = Engine::open(options);
    EXPECT_TRUE(engine) << engine.error().message;
    engine_ = std::shared_ptr<Engine>(std::move(*engine));
  }
  HookBench(const HookBench&) = delete;
  HookBench& operator=(const HookBench&) = delete;
  ~HookBench() {
    door_.reset();
    table_.reset();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() { door_->open(engine_); }
  access::Source& add(const std::string& id, SourceKind kind, std::vector<std::string> secrets,
                      std::string settings = "{}") {
    auto source = std::make_shared<access::Source>();
    source->id = id;
    source->name = id;
    source->kind = kind;
    source->secrets = std::move(secrets);
    source->settings_json = std::move(settings);
    sources_[id] = source;
    return *source;
  }
  http::Response ask(http::Method method, const std::string& path, const Headers& headers,
                     std::string body) {
    http::Request request;
    request.method = method;
    request.target = *http::parse_target(path);
    request.headers = headers;
    request.body = std::move(body);
    const http::RouteTable::Match match = table_->find(method, request.target);
    EXPECT_NE(match.route, nullptr) << path;
    request.path_arguments = match.path_arguments;
    if (match.route->handler) {
      return match.route->handler(request);
    }
    auto promise = std::make_shared<std::promise<http::Response>>();
    match.route->deferred(std::move(request), [promise](http::Response response) {
      promise->set_value(std::move(response));
    });
    return promise->get_future().get();
  }
  http::Response post(const std::string& path, const Headers& headers, std::string body) {
    return ask(http::Method::post, path, headers, std::move(body));
  }
  [[nodiscard]] std::uint64_t events() const {
    engine_->wait_applied();
    return engine_->read().image().events();
  }
  [[nodiscard]] std::vector<DeadLetter> letters() const {
    engine_->wait_applied();
    auto log = engine_->log();
    EXPECT_TRUE(log);
    return *log->dead_letters(0, 100);
  }
  [[nodiscard]] WebhookDoor& door() { return *door_; }
  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] int used(const std::string& id) { return used_[id]; }

 private:
  std::filesystem::path folder_;
  ManualClock clock_;
  std::map<std::string, std::shared_ptr<access::Source>> sources_;
  std::map<std::string, int> used_;
  std::shared_ptr<WebhookDoor> door_;
  std::unique_ptr<http::RouteTable> table_;
  std::shared_ptr<Engine> engine_;
};

constexpr std::string_view kOrder =
    R"({"id":1,"financial_status":"paid","email":"a@b.example","total_price":"9.90","currency":"CNY"})";
constexpr std::string_view kOrderSignature = "RlVrESmK9pgcW1g1ks8KfmCXIueQZtP7fKIjH0Syo7o=";
constexpr std::string_view kOrderSignature2 = "Y057jdK+LSvO7dgmGg1qlmXrM1VRz3foHEAJrhA/7D0=";

Headers shopify(std::string_view signature, std::string_view topic = "orders/create") {
  return {{"x-shopify-topic", std::string(topic)},
          {"x-shopify-hmac-sha256", std::string(signature)}};
}

TEST(WebhookDoor, TakesWhatIsSignedWithEitherSecretAndCountsItOnce) {
  HookBench bench;
  bench.add("tea", SourceKind::shopify, {"shpss_2", "shpss_1"});
  EXPECT_EQ(bench.post("/hooks/tea", shopify(kOrderSignature), std::string(kOrder)).status, 503U);
  bench.open();
  const http::Response first =
      bench.post("/hooks/tea", shopify(kOrderSignature), std::string(kOrder));
  EXPECT_EQ(first.status, 200U);
  EXPECT_EQ(first.body, R"({"success":true})");
  const std::uint64_t events = bench.events();
  EXPECT_GE(events, 2U);  // the order, and the address that names its buyer
  EXPECT_EQ(bench.post("/hooks/tea", shopify(kOrderSignature2), std::string(kOrder)).status, 200U);
  EXPECT_EQ(
      bench.post("/hooks/tea", shopify(kOrderSignature, "orders/paid"), std::string(kOrder)).status,
      200U);
  EXPECT_EQ(bench.events(), events);
  for (const DeadLetter& letter : bench.letters()) {
    ADD_FAILURE() << letter.field << ": " << letter.reason << " " << letter.original;
  }
  EXPECT_EQ(bench.used("tea"), 4);
}

TEST(WebhookDoor, ARefundFindsWhoeverTheOrderNamedWhicheverComesFirst) {
  HookBench bench;
  bench.open();
  bench.add("tea", SourceKind::shopify, {"shpss_1"});
  const std::string order =
      R"({"id":2,"financial_status":"paid","customer":{"id":7},"total_price":"9.90","currency":"CNY","created_at":"2026-09-20T10:00:00Z"})";
  const std::string refund =
      R"({"id":9,"order_id":2,"created_at":"2026-09-21T10:00:00Z","transactions":[{"kind":"refund","status":"success","amount":"4.00","currency":"CNY"}]})";
  const auto post = [&](std::string_view signature, std::string_view topic,
                        const std::string& body) {
    EXPECT_EQ(bench.post("/hooks/tea", shopify(signature, topic), body).status, 200U);
  };
  post("epro6bRWgxXBusiTus+i+SE+HQ76p1W9SGWM0T3cLvc=", "refunds/create", refund);
  post("vX/V9H8Aa4EexIzj1gmpy5qem3QZOJPTe0XcQJKwNjk=", "orders/create", order);
  post("epro6bRWgxXBusiTus+i+SE+HQ76p1W9SGWM0T3cLvc=", "refunds/create", refund);
  EXPECT_EQ(bench.events(), 2U);
  EXPECT_TRUE(bench.letters().empty());
  const ReadAccess access = bench.engine().read();
  const auto person = access.image().find(ExternalId{IdNamespace::contact, "shopify:7"});
  ASSERT_TRUE(person);
  EXPECT_EQ(access.image().state(*person).spent_minor, 590);
  EXPECT_EQ(access.image().state(*person).returned_minor, 400);
}

TEST(WebhookDoor, RefusesWhatIsNotSigned) {
  HookBench bench;
  bench.open();
  bench.add("tea", SourceKind::shopify, {"shpss_2"});
  bench.add("none", SourceKind::shopify, {});
  bench.add("off", SourceKind::shopify, {"shpss_1"}).disabled = true;
  bench.add("sdk", SourceKind::sdk, {"shpss_1"});
  const auto status = [&](const std::string& id, const Headers& headers) {
    return bench.post("/hooks/" + id, headers, std::string(kOrder)).status;
  };
  EXPECT_EQ(status("tea", shopify(kOrderSignature)), 401U);
  EXPECT_EQ(status("tea", shopify("")), 401U);
  EXPECT_EQ(status("tea", {}), 401U);
  EXPECT_EQ(status("none", shopify(kOrderSignature)), 401U);
  EXPECT_EQ(status("off", shopify(kOrderSignature)), 404U);
  EXPECT_EQ(status("sdk", shopify(kOrderSignature)), 404U);
  EXPECT_EQ(status("nobody", shopify(kOrderSignature)), 404U);
  EXPECT_EQ(bench.events(), 0U);
  EXPECT_TRUE(bench.letters().empty());
  EXPECT_EQ(bench.door().counts().unsigned_, 4U);
}

TEST(WebhookDoor, WhatDoesNotFitIsADeadLetterAndStill200) {
  HookBench bench;
  bench.open();
  bench.add("own", SourceKind::custom_webhook, {}, R"({"unsigned":true})");
  bench.add("chat", SourceKind::chatwoot, {}, R"({"unsigned":true})");
  EXPECT_EQ(bench.post("/hooks/own", {}, "{").status, 200U);
  EXPECT_EQ(bench.post("/hooks/own", {}, "").status, 200U);
  EXPECT_EQ(bench.post("/hooks/chat", {}, "[1,2").status, 200U);
  EXPECT_EQ(bench.post("/hooks/chat", {}, R"({"event":"eclipse"})").status, 200U);
  EXPECT_EQ(bench.post("/hooks/chat", {}, "[]").status, 200U);
  EXPECT_EQ(bench.letters().size(), 4U);
  EXPECT_EQ(bench.events(), 0U);
}

TEST(WebhookDoor, AnswersThePingOfWooCommerceAndNothingElseUnsigned) {
  HookBench bench;
  bench.open();
  bench.add("woo", SourceKind::woocommerce, {"ck"});
  EXPECT_EQ(bench.post("/hooks/woo", {}, "webhook_id=7").status, 200U);
  EXPECT_EQ(bench.post("/hooks/woo", {}, "webhook_id=7&x=1").status, 401U);
  EXPECT_EQ(bench.post("/hooks/woo", {}, "webhook_id=").status, 401U);
  EXPECT_EQ(bench.events(), 0U);
}

TEST(WebhookDoor, TakesEventJsonOfOwnSendersAsItIs) {
  HookBench bench;
  bench.open();
  bench.add("own", SourceKind::custom_webhook, {"own"});
  const std::string body = R"({"event":"conversation_typing_on"})";
  EXPECT_EQ(bench
                .post("/hooks/own",
                      {{"x-guanxi-signature",
                        "sha256=687bc6b6cf2bb3e7cf456f57bc1485e351f4d4581f81bc707ae771c2fd2221e9"}},
                      body)
                .status,
            200U);
  ASSERT_EQ(bench.letters().size(), 1U);  // an event of nobody
  EXPECT_EQ(bench.letters()[0].source, "custom_webhook:own");
  EXPECT_EQ(bench.letters()[0].field, "userId");
}

constexpr std::string_view kTill = R"(
name = "till"
topic = "{what}"
[[event]]
topics = ["sale"]
event = "Order Completed"
ids = ["card:{card}", "email:{mail}"]
message_id = "bon/{bon}"
time = "{at}"
[event.properties]
order_id = "{bon}"
total = "{sum}"
currency = "CNY"
)";

TEST(WebhookDoor, AMappingMayStandInTheSettings) {
  HookBench bench;
  bench.open();
  JsonWriter settings;
  settings.begin_object().field("unsigned", true).field("mapping", kTill).end_object();
  bench.add("own", SourceKind::custom_webhook, {}, settings.text());
  const auto post = [&](const std::string& body) {
    return bench.post("/hooks/own", {}, body).status;
  };
  EXPECT_EQ(post(R"({"what":"sale","card":"17","bon":5,"sum":"8.10","at":"2026-05-01T10:00:00Z"})"),
            200U);
  EXPECT_EQ(bench.events(), 1U);
  const auto person = bench.engine().read().image().find(ExternalId{IdNamespace::card, "17"});
  ASSERT_TRUE(person);
  EXPECT_EQ(bench.engine().read().image().state(*person).spent_minor, 810);
}

constexpr std::string_view kWecomBody =
    "Q3stYC6hdFzMh9T8HCvyDKWsCqdBqkLrSHpEzOxV+RHDX5IyhsXAGuBULAX/"
    "tgYivqzg80mygkaUjutetW5iOiN87RpjEuSuogzyemsOXhCaEX6UINKdWUHKAEP6JuOMNHPrJw0zDFBdgFW2miTgLZJ3qE"
    "1RW"
    "OubF9ulK9SJEpCO1GvlUYP5+mJ8QGAQjy3eThKt7uFDHfHqyRsP/"
    "TH2+VsXKWimkBOUyVlmKa5KI809syzo4NXT6GtVxOrjHZV4Pt3/"
    "8UxeE1WpMOkJxtSDRw21BdEcFpphZU87I8Q3gRtsf6I0C6lUEOnhdoRRkW2suuZSiYvtbm+"
    "h1Z9nJygXfwf6jKyxzuMC8L2MLBPY1BkZrGLMFcGsg7QBHVc/8HGMAkpWCIDCukh+L/KW/p0mMW9Ji/"
    "vGEczqN7u29sCtM0MSnTOhBAUrxUGUCJx4UZbd0di7AwlegcQyujVSKpO10+MiuXL/"
    "nXUzKIKwXKknPg6S1S2DiEEPwbLH1PljcHM35w76cqHFgsHcjdbtcBxSAqGz017oUT/"
    "JY9Lb9fOch4Gr7HnHAl4nl35CDLjXd2iFiBi2CtQ0YXSejTGM8K1obA==";

TEST(WebhookDoor, WecomMakesSureOfItsAddressAndCallsBack) {
  HookBench bench;
  bench.open();
  bench.add("wx", SourceKind::wecom, {"QDG6eK:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"},
            R"({"corp_id":"wwcorp1"})");
  const std::string echo =
      "Q3stYC6hdFzMh9T8HCvyDH0IHJENRtL8kKsqSYgg4gCgbgrE3EJmNzl4J8y6gXdcfXJ7ESy0zecCPctVlVpAuw%3D%"
      "3D";
  const std::string query =
      "?msg_signature=825e4d5474b0e3ebf2a1b53d6fcb3e225285dbbe&timestamp=1790000000&nonce=";
  const http::Response good =
      bench.ask(http::Method::get, "/hooks/wx" + query + "n1&echostr=" + echo, {}, "");
  EXPECT_EQ(good.status, 200U);
  EXPECT_EQ(good.body, "1616140317555161061");
  EXPECT_EQ(bench.ask(http::Method::get, "/hooks/wx" + query + "n2&echostr=" + echo, {}, "").status,
            401U);
  const std::string body = "<xml><ToUserName><![CDATA[wwcorp1]]></ToUserName><Encrypt><![CDATA[" +
                           std::string(kWecomBody) + "]]></Encrypt></xml>";
  const std::string address =
      "/hooks/"
      "wx?msg_signature=aa1486aed185bcf68c3797d582aadaca15097aea&timestamp=1790000000&nonce=n2";
  const http::Response taken = bench.post(address, {}, body);
  EXPECT_EQ(taken.status, 200U);
  EXPECT_EQ(taken.body, "");
  const std::uint64_t events = bench.events();
  EXPECT_GE(events, 3U);
  EXPECT_TRUE(bench.letters().empty());
  EXPECT_TRUE(bench.engine().read().image().find(ExternalId{IdNamespace::wecom, "wmAbC123"}));
  // WeCom tries three times when the answer is late: nothing counts twice.
  EXPECT_EQ(bench.post(address, {}, body).status, 200U);
  EXPECT_EQ(bench.events(), events);
  EXPECT_EQ(bench.post(address + "x", {}, body).status, 401U);
  EXPECT_EQ(bench.post(address, {}, "<xml></xml>").status, 401U);
  EXPECT_EQ(bench.post(address, {}, "").status, 401U);
}

TEST(SourceKinds, AreAFormForPeople) {
  ASSERT_EQ(source_kinds().size(), access::kSourceKinds);
  for (std::size_t i = 0; i < access::kSourceKinds; ++i) {
    const SourceKindInfo& info = source_kinds()[i];
    EXPECT_EQ(static_cast<std::size_t>(info.kind), i);
    EXPECT_FALSE(info.title.empty());
    EXPECT_FALSE(info.title_zh.empty());
    for (const SettingField& field : info.fields) {
      EXPECT_FALSE(field.title.empty()) << field.name;
      EXPECT_FALSE(field.title_zh.empty()) << field.name;
      EXPECT_EQ(field.help.empty(), field.help_zh.empty()) << field.name;
    }
  }
}

TEST(SourceKinds, AreTheSameAsJson) {
  JsonTree tree;
  ASSERT_TRUE(tree.parse(source_kinds_json()));
  std::size_t kinds = 0;
  for (const JsonNode& kind : *tree.root().find("kinds")) {
    EXPECT_EQ(access::source_kind_named(kind.find("kind")->text), source_kinds()[kinds++].kind);
    EXPECT_EQ(kind.find("fields")->type, JsonType::array);
  }
  EXPECT_EQ(kinds, access::kSourceKinds);
}

TEST(SourceKinds, SettingsAreCheckedBeforeTheyAreKept) {
  const auto why = [](SourceKind kind, std::string_view settings,
                      const std::vector<std::string>& secrets) {
    const auto checked = check_source(kind, settings, secrets);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(why(SourceKind::shopify, "{}", {"s"}), "");
  EXPECT_EQ(why(SourceKind::shopify, "{}", {}), "") << "the address is told before the secret";
  EXPECT_NE(why(SourceKind::shopify, "{}", {""}), "");
  EXPECT_NE(why(SourceKind::shopify, R"({"orders":"never"})", {"s"}), "");
  EXPECT_NE(why(SourceKind::kafka, "{}", {}), "");
  EXPECT_EQ(why(SourceKind::sdk, R"({"brokers":"b:9092"})", {}),
            "brokers: no setting of this kind of source; it has none");
  EXPECT_EQ(why(SourceKind::kafka, R"({"brokers":"b:9092","topics":"t"})", {}), "");
  EXPECT_NE(why(SourceKind::wecom, R"({"corp_id":"w"})", {"no"}), "");
  EXPECT_EQ(why(SourceKind::custom_webhook, R"({"unsigned":true})", {}), "");
  EXPECT_NE(why(SourceKind::custom_webhook, R"({"mapping":"name ="})", {"s"}), "");
  EXPECT_EQ(why(SourceKind::custom_webhook,
                R"({"mapping":"name = \"x\"\n[[event]]\nidentify = true\n"})", {"s"}),
            "mapping: line 2, column 1: 'message_id' is missing");
}

}  // namespace
}  // namespace guanxi::doors
