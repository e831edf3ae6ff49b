#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::http {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kPieceBytes = 64U << 10U;

/// So many pieces of 64 kB; counts how many were made, and that it ended.
class Export final : public BodyStream {
 public:
  Export(std::size_t pieces, std::atomic<std::size_t>& made, std::atomic<bool>& ended)
      : pieces_(pieces), made_(made), ended_(ended) {}
  ~Export() override { ended_ = true; }
  State next(std::string& out) override {
    out.assign(kPieceBytes, static_cast<char>('a' + made_ % 26));
    return ++made_ == pieces_ ? State::end : State::more;
  }

 private:
  std::size_t pieces_;
  std::atomic<std::size_t>& made_;
  std::atomic<bool>& ended_;
};

/// Events, one for each time the test allows one.
class Ticker final : public BodyStream {
 public:
  Ticker(std::atomic<int>& allowed, std::atomic<bool>& ended) : allowed_(allowed), ended_(ended) {}
  ~Ticker() override { ended_ = true; }
  State next(std::string& out) override {
    if (allowed_ > 0) {
      --allowed_;
      out = "data: " + std::to_string(++told_) + "\n\n";
    }
    return State::later;
  }

 private:
  std::atomic<int>& allowed_;
  std::atomic<bool>& ended_;
  int told_ = 0;
};

class StreamsTest : public ::testing::Test {
 protected:
  std::uint16_t start(ServerOptions options = {}) {
    std::vector<Route> routes;
    routes.push_back({Method::get, "/api/export", "", Lane::slow, {}, [this](const Request&) {
                        Response response;
                        response.stream = std::make_shared<Export>(pieces_, made_, ended_);
                        return response;
                      }});
    routes.push_back({Method::get, "/api/live", "", Lane::quick, {}, [this](const Request&) {
                        Response response;
                        response.content_type = "text/event-stream";
                        response.stream = std::make_shared<Ticker>(allowed_, ended_);
                        return response;
                      }});
    Route deferred;
    deferred.method = Method::get;
    deferred.pattern = "/api/deferred";
    deferred.deferred = [this](const Request&, const Reply& reply) {
      Response response;
      response.stream = std::make_shared<Ticker>(allowed_, ended_);
      reply(std::move(response));
    };
    routes.push_back(std::move(deferred));
    auto site =
        std::make_shared<const Site>(RouteTable(std::move(routes)), StaticFiles(), allow_all());
    server_ = Server::start(std::move(site), options).value();
    return server_->port();
  }
  static std::string get(std::string_view path, std::string_view version = "1.1") {
    return "GET " + std::string(path) + " HTTP/" + std::string(version) +
           "\r\nHost: localhost\r\n\r\n";
  }
  /// Waits until it is true, ten seconds at most.
  template <typename Condition>
  static bool soon(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    return condition();
  }

  std::size_t pieces_ = 40;
  std::atomic<std::size_t> made_{0};
  std::atomic<bool> ended_{false};
  std::atomic<int> allowed_{0};
  std::unique_ptr<Server> server_;
};

TEST_F(StreamsTest, AnExportComesInChunksAndTheConnectionGoesOn) {
  RawClient client(start());
  client.send(get("/api/export"));
  RawAnswer answer = client.read();
  EXPECT_EQ(answer.header("transfer-encoding"), "chunked");
  EXPECT_EQ(answer.body.size(), pieces_ * kPieceBytes);
  EXPECT_EQ(answer.body[kPieceBytes], 'b');
  client.send("HEAD /api/export HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read(true).status, 200);
  made_ = 0;
  client.send(get("/api/export"));
  EXPECT_EQ(client.read().body.size(), pieces_ * kPieceBytes);
}

TEST_F(StreamsTest, AnOldClientReadsToTheEndOfTheConnection) {
  RawClient client(start());
  client.send(get("/api/export", "1.0"));
  const std::string all = client.read_to_end();
  EXPECT_EQ(all.find("chunked"), std::string::npos);
  EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, pieces_ * kPieceBytes);
}

TEST_F(StreamsTest, ASlowReaderCostsOnePieceAndIsGivenUp) {
  pieces_ = 16384;  // 1 GB
  ServerOptions options;
  options.write_timeout = milliseconds(500);
  RawClient client(start(options));
  client.send(get("/api/export"));
  EXPECT_TRUE(soon([this] { return ended_.load(); })) << "nobody reads";
  EXPECT_LT(made_, 200U) << "the kernel's buffers and one piece, not the export";
  EXPECT_TRUE(soon([this] { return server_->connections() == 0; }));
}

TEST_F(StreamsTest, EventsComeWhenTheyHappen) {
  const auto port = start();
  for (const char* path : {"/api/live", "/api/deferred"}) {
    ended_ = false;
    allowed_ = 1;
    {
      RawClient client(port);
      client.send(get(path));
      EXPECT_TRUE(client.read_until("data: 1\n\n")) << path;
      allowed_ = 2;
      EXPECT_TRUE(client.read_until("data: 3\n\n")) << path;
    }
    EXPECT_TRUE(soon([this] { return ended_.load(); })) << "the watcher has gone";
  }
}

TEST_F(StreamsTest, ManyWatchersDelayNobody) {
  const auto port = start();
  std::vector<std::unique_ptr<RawClient>> watchers;
  for (int i = 0; i < 50; ++i) {
    watchers.push_back(std::make_unique<RawClient>(port));
    watchers.back()->send(get("/api/live"));
  }
  EXPECT_EQ(RawClient::get(port, "/api/export").body.size(), pieces_ * kPieceBytes);
}

TEST_F(StreamsTest, StopEndsThem) {
  RawClient client(start());
  client.send(get("/api/live"));
  allowed_ = 1;
  EXPECT_TRUE(client.read_until("data: 1\n\n"));
  const auto begin = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2000));
  EXPECT_TRUE(ended_);
}

}  // namespace
}  // namespace guanxi::http
