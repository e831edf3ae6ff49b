#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "doors/ingest.hpp"
#include "relationship/shipped_models.hpp"

namespace guanxi::doors {

inline constexpr std::int64_t kDoorTestNow = 1795400000;

/// An engine on a fresh folder behind the ingest door, with two sources: "shop" (key "key-1") and
/// "app" (key "id:secret"), and a disabled one (key "off").
///
/// Place       Tests of doors.
/// Threads     One owner.
class DoorBench {
 public:
  explicit DoorBench(const IngestOptions& options = {}, bool with_engine = true)
      : folder_(std::filesystem::temp_directory_path() /
                ("guanxi_doors_" + std::to_string(::getpid()))),
        clock_(Instant{kDoorTestNow}) {
    std::filesystem::remove_all(folder_);
    add_source("key-1", "shop");
    add_source("id:secret", "app");
    add_source("off", "closed")->disabled = true;
    door_ = std::make_shared<IngestDoor>(
        [this](std::string_view key) -> std::shared_ptr<const access::Source> {
          const auto found = sources_.find(std::string(key));
          return found == sources_.end() ? nullptr : found->second;
        },
        options, clock_);
    table_ = std::make_unique<http::RouteTable>(ingest_routes(door_));
    if (with_engine) {
      open();
    }
  }
  DoorBench(const DoorBench&) = delete;
  DoorBench& operator=(const DoorBench&) = delete;
  ~DoorBench() {
    door_.reset();
    table_.reset();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  void open() {
    Engine::Options options;
    options.folder = folder_.string();
    options.default_model_toml = std::string(shipped_model("retail"));
    options.threads = 1;
    options.clock = &clock_;
    auto engine = Engine::open(options);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::shared_ptr<Engine>(std::move(*engine));
    door_->open(engine_);
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  http::Response ask(http::Method method, const std::string& path, const Headers& headers,
                     std::string body, http::BodyFault fault = http::BodyFault::none) {
    http::Request request;
    request.method = method;
    request.target = *http::parse_target(path);
    request.host = "events.example.org";
    request.headers = headers;
    request.body = std::move(body);
    request.body_fault = fault;
    const http::RouteTable::Match match = table_->find(method, request.target);
    EXPECT_NE(match.route, nullptr) << path;
    request.path_arguments = match.path_arguments;
    if (match.route->handler) {
      return match.route->handler(request);
    }
    std::promise<http::Response> promise;
    match.route->deferred(std::move(request), [&promise](http::Response response) {
      promise.set_value(std::move(response));
    });
    return promise.get_future().get();
  }
  /// Posts to `path` as source "shop".
  http::Response post(const std::string& path, std::string body) {
    return ask(http::Method::post, path, {{"authorization", "Basic a2V5LTE6"}}, std::move(body));
  }
  [[nodiscard]] std::uint64_t events() const {
    engine_->wait_applied();
    return engine_->read().image().events();
  }
  [[nodiscard]] std::vector<DeadLetter> letters() const {
    auto log = engine_->log();
    EXPECT_TRUE(log);
    const auto letters = log->dead_letters(0, 10'000);
    EXPECT_TRUE(letters);
    return *letters;
  }
  [[nodiscard]] Engine& engine() {
    engine_->wait_applied();
    return *engine_;
  }
  [[nodiscard]] IngestDoor& door() { return *door_; }
  [[nodiscard]] const std::shared_ptr<IngestDoor>& shared_door() const { return door_; }
  [[nodiscard]] ManualClock& clock() { return clock_; }

 private:
  std::shared_ptr<access::Source> add_source(const std::string& key, const std::string& name) {
    auto source = std::make_shared<access::Source>();
    source->id = "source-of-" + name;
    source->name = name;
    sources_[key] = source;
    return source;
  }

  std::filesystem::path folder_;
  ManualClock clock_;
  std::map<std::string, std::shared_ptr<access::Source>> sources_;
  std::shared_ptr<IngestDoor> door_;
  std::unique_ptr<http::RouteTable> table_;
  std::shared_ptr<Engine> engine_;
};

}  // namespace guanxi::doors
