#include "http/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/random.hpp"
#include "http/raw_client.hpp"

namespace guanxi::http {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

Response text(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

/// A small page on disk, a few routes, a real server on a free port.
class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("guanxi_http_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "dist" / "assets");
    put("dist/index.html", "<!doctype html><title>page</title>");
    put("dist/assets/app-1234.js", "console.log(1);" + std::string(5000, ' '));
    put("dist/.hidden", "secret");
    put("secret.txt", "secret");
    fs::create_symlink(folder_ / "secret.txt", folder_ / "dist" / "link.txt");
  }
  void TearDown() override {
    server_.reset();
    fs::remove_all(folder_);
  }
  void put(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  std::uint16_t start(ServerOptions options = {}) {
    std::vector<Route> routes;
    routes.push_back({Method::get, "/api/hello", "", Lane::quick, {}, [](const Request&) {
                        return text("hello");
                      }});
    routes.push_back({Method::get, "/api/large", "", Lane::quick, {}, [](const Request&) {
                        return text(std::string(3'000'000, 'x'));
                      }});
    routes.push_back({Method::get, "/api/slow", "", Lane::slow, {}, [this](const Request&) {
                        while (!released_) {
                          std::this_thread::sleep_for(milliseconds(2));
                        }
                        return text("slow");
                      }});
    routes.push_back({Method::get, "/api/waiting", "", Lane::quick, {}, [this](const Request&) {
                        while (!released_) {
                          std::this_thread::sleep_for(milliseconds(2));
                        }
                        return text("waited");
                      }});
    routes.push_back({Method::get, "/api/progress", "", Lane::instant, {}, [](const Request&) {
                        return text("progress");
                      }});
    routes.push_back(
        {Method::post, "/api/echo", "", Lane::quick, {"text/plain"}, [](const Request& request) {
           return text(request.body);
         }});
    auto site = std::make_shared<const Site>(RouteTable(std::move(routes)),
                                             StaticFiles((folder_ / "dist").string()), allow_all());
    auto server = Server::start(std::move(site), options);
    EXPECT_TRUE(server);
    server_ = std::move(*server);
    return server_->port();
  }
  [[nodiscard]] RawAnswer ask(const std::string& bytes) const {
    RawClient client(server_->port());
    client.send(bytes);
    return client.read();
  }

  fs::path folder_;
  std::unique_ptr<Server> server_;
  std::atomic<bool> released_{false};
};

TEST_F(ServerTest, EveryAnswerCarriesTheSecurityHeaders) {
  const auto port = start();
  for (const char* target : {"/api/hello", "/", "/api/none", "/assets/app-1234.js", "/%"}) {
    const RawAnswer answer = RawClient::get(port, target);
    const std::string policy = answer.header("content-security-policy");
    EXPECT_NE(policy.find("script-src 'self';"), std::string::npos) << target;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << target;
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff") << target;
    EXPECT_EQ(answer.header("referrer-policy"), "no-referrer") << target;
    EXPECT_EQ(answer.header("cross-origin-opener-policy"), "same-origin") << target;
    EXPECT_FALSE(answer.header("date").empty()) << target;
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  RawClient client(start());
  client.send(
      "GET /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Length: 3\r\n\r\nabc"
      "HEAD /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(client.read().body, "abc");
  const RawAnswer head = client.read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "5");
  client.send("GET /api/hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read().header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, SpeaksHttp10) {
  const auto port = start();
  RawClient closing(port);
  closing.send("GET /api/hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.read().body, "hello");
  EXPECT_TRUE(closing.closed());
  RawClient keeping(port);
  keeping.send("GET /api/hello HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.read().header("connection"), "keep-alive");
  keeping.send("GET /api/hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(keeping.read().body, "hello");
}

TEST_F(ServerTest, ReadsChunkedBodies) {
  start();
  const std::string head =
      "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(ask(head + "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n").body, "abcdefg");
  for (const char* chunk : {"g\r\nabc\r\n0\r\n\r\n", "-1\r\n\r\n", "ffffffffffffffffff\r\n",
                            "3\r\nabcd\r\n0\r\n\r\n"}) {
    EXPECT_EQ(ask(head + chunk).status, 400) << chunk;
  }
}

TEST_F(ServerTest, RefusesWhatCouldBeReadAsTwoRequests) {
  start();
  const std::string post =
      "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n";
  EXPECT_EQ(ask(post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status,
            400);
  EXPECT_EQ(ask(post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n").status,
            400);
  EXPECT_EQ(ask(post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc").status, 400);
  EXPECT_EQ(ask(post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd").status, 400);
  EXPECT_EQ(ask(post + "Content-Length: 3, 3\r\n\r\nabc").status, 400);
  EXPECT_EQ(ask(post + "Content-Length: +3\r\n\r\nabc").status, 400);
  EXPECT_EQ(ask(post + "Content-Length: -3\r\n\r\nabc").status, 400);
  EXPECT_EQ(ask(post + "Content-Length: 0x3\r\n\r\nabc").status, 400);
  EXPECT_EQ(ask(post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n").status, 501);
  EXPECT_EQ(ask(post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n").status, 501);
  EXPECT_EQ(ask(post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n").status, 400);
  EXPECT_EQ(ask("POST /api/echo HTTP/1.0\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                .status,
            400);
  RawClient client(server_->port());
  client.send(post +
              "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"
              "GET /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read().status, 400);
  EXPECT_TRUE(client.closed()) << "nothing after a doubtful request is answered";
}

TEST_F(ServerTest, RefusesHeaderBombs) {
  start();
  const std::string begin = "GET /api/hello HTTP/1.1\r\nHost: localhost\r\n";
  EXPECT_EQ(ask(begin + "X: " + std::string(1U << 20U, 'a') + "\r\n\r\n").status, 431);
  std::string many = begin;
  for (int i = 0; i < 10000; ++i) {
    many += "X-" + std::to_string(i) + ": 1\r\n";
  }
  EXPECT_EQ(ask(many + "\r\n").status, 431);
  EXPECT_EQ(ask("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n").status,
            414);
  EXPECT_EQ(ask(begin + std::string("X: a\0b\r\n\r\n", 10)).status, 400);
  EXPECT_EQ(ask(begin + "X: a\rb\r\n\r\n").status, 400);
  EXPECT_EQ(ask(begin + "no colon\r\n\r\n").status, 400);
  EXPECT_EQ(ask("GET /api/hello HTTP/2.0\r\nHost: localhost\r\n\r\n").status, 400);
  EXPECT_EQ(ask("nonsense\r\n\r\n").status, 400);
  EXPECT_EQ(RawClient::get(server_->port(), "/api/hello").status, 200);
}

// Goal: no bytes stop the server. Method: seeded mutations of good requests, cut and repeated.
TEST_F(ServerTest, GarbageIsRefusedAndStopsNothing) {
  const auto port = start();
  const std::string good =
      "POST /api/echo?a=%41 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Transfer-Encoding: chunked\r\nAccept-Encoding: gzip;q=0.5\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "GET /people/x HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok";
  const std::string_view spice = std::string_view("\r\n\0 :;,%/?#\x80\xff\t0Aa", 18);
  Random random(20260105);
  for (int round = 0; round < 400; ++round) {
    std::string bytes = good;
    for (std::uint64_t change = 1 + random.below(8); change > 0; --change) {
      const std::size_t at = random.below(bytes.size());
      if (random.below(3) == 0) {
        bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(40)));
      } else {
        bytes[at] = spice[random.below(spice.size())];
      }
    }
    bytes.resize(random.below(4) == 0 ? random.below(bytes.size()) : bytes.size());
    RawClient client(port);
    client.send(bytes);
    client.finish();
    const int status = client.read().status;
    EXPECT_TRUE(status == 0 || (status >= 200 && status < 600)) << "round " << round;
  }
  EXPECT_EQ(RawClient::get(port, "/api/hello").body, "hello");
}

TEST_F(ServerTest, AnswersOnlyToItsOwnNames) {
  start();
  EXPECT_EQ(ask("GET /api/hello HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 421);
  EXPECT_EQ(ask("GET /api/hello HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(ask("GET /api/hello HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n").status,
            400);
  EXPECT_EQ(ask("GET http://evil.example/api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n").status,
            421);
  EXPECT_EQ(ask("GET http://localhost/api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n").body,
            "hello");
  EXPECT_EQ(ask("GET /api/hello HTTP/1.1\r\nHost: [::1]:8300\r\n\r\n").body, "hello");
}

TEST_F(ServerTest, APageOfAnotherOriginMayNotPost) {
  start();
  const std::string begin =
      "POST /api/echo HTTP/1.1\r\nHost: localhost:8300\r\n"
      "Content-Length: 1\r\nContent-Type: text/plain\r\n";
  EXPECT_EQ(ask(begin + "Origin: http://evil.example\r\n\r\nx").status, 403);
  EXPECT_EQ(ask(begin + "Sec-Fetch-Site: cross-site\r\n\r\nx").status, 403);
  EXPECT_EQ(
      ask(begin + "Origin: http://localhost:8300\r\nSec-Fetch-Site: same-origin\r\n\r\nx").status,
      200);
  EXPECT_EQ(RawClient::post(server_->port(), "/api/echo", "application/x-www-form-urlencoded", "x")
                .status,
            415);
}

TEST_F(ServerTest, SaysWhichMethodsAPathAnswers) {
  start();
  const RawAnswer options = ask("OPTIONS /api/echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("allow"), "POST, OPTIONS");
  for (const char* method : {"DELETE", "PUT", "PATCH", "TRACE", "BREW"}) {
    const RawAnswer answer =
        ask(std::string(method) + " /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.header("allow"), "GET, HEAD, OPTIONS") << method;
  }
  EXPECT_EQ(ask("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 405);
}

TEST_F(ServerTest, TooLargeABodyIsSaidAndTheConnectionGoesOn) {
  RawClient client(start());
  const std::string head =
      "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n";
  const std::size_t most = kBodyBytesMost;
  client.send(head + "Content-Length: " + std::to_string(most) + "\r\n\r\n" +
              std::string(most, 'a'));
  EXPECT_EQ(client.read().body.size(), most);
  client.send(head + "Content-Length: " + std::to_string(most + 1) + "\r\n\r\n" +
              std::string(most + 1, 'a'));
  EXPECT_EQ(client.read().status, 413);
  client.send("GET /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read().body, "hello");
  client.send(head + "Content-Length: 99999999999\r\n\r\n");
  const RawAnswer huge = client.read();
  EXPECT_EQ(huge.status, 413);
  EXPECT_EQ(huge.header("connection"), "close");
}

TEST_F(ServerTest, TellsAClientThatWaitsToGoOn) {
  RawClient client(start());
  client.send(
      "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(20));
  client.send("abc");
  EXPECT_EQ(client.read().body, "abc");
}

TEST_F(ServerTest, GivesOnlyFilesOfTheFolder) {
  const auto port = start();
  for (const char* target :
       {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt",
        "/link.txt", "/.hidden", "//secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt",
        "/..%5csecret.txt", "/secret.txt", "/assets%2fapp-1234.js"}) {
    const RawAnswer answer = RawClient::get(port, target);
    EXPECT_TRUE(answer.status == 400 || answer.status == 404) << target << ' ' << answer.status;
    EXPECT_EQ(answer.body.find("secret\n"), std::string::npos) << target;
  }
}

TEST_F(ServerTest, ViewsOfThePageGetTheIndexAndFilesDoNot) {
  const auto port = start();
  const RawAnswer index = RawClient::get(port, "/");
  EXPECT_EQ(index.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(index.header("cache-control"), "no-cache");
  EXPECT_EQ(RawClient::get(port, "/people/user%3A1").body, index.body);
  EXPECT_EQ(RawClient::get(port, "/what-if?x=1").body, index.body);
  EXPECT_EQ(RawClient::get(port, "/person/email%3Aada@example.org").body, index.body);
  EXPECT_EQ(RawClient::get(port, "/person/user%3Aa%2Fb..%2F%3Cx%3E.js").body, index.body);
  EXPECT_EQ(RawClient::get(port, "/none.js").status, 404);
  EXPECT_EQ(RawClient::get(port, "/assets/none.js").status, 404);
  EXPECT_EQ(RawClient::get(port, "/api/none").status, 404);
  EXPECT_EQ(RawClient::get(port, "/api").status, 404);
  const RawAnswer script = RawClient::get(port, "/assets/app-1234.js");
  EXPECT_NE(script.header("cache-control").find("immutable"), std::string::npos);
}

TEST_F(ServerTest, CompressesAndRevalidates) {
  start();
  const std::string get = "GET /assets/app-1234.js HTTP/1.1\r\nHost: localhost\r\n";
  const RawAnswer packed = ask(get + "Accept-Encoding: br, gzip;q=0.8\r\n\r\n");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 1000U);
  EXPECT_EQ(ask(get + "Accept-Encoding: gzip;q=0\r\n\r\n").header("content-encoding"), "");
  const RawAnswer same = ask(get + "If-None-Match: " + packed.header("etag") + "\r\n\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  EXPECT_EQ(ask("GET /api/large HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
                .header("content-encoding"),
            "gzip");
  EXPECT_EQ(RawClient::get(server_->port(), "/api/large").body.size(), 3'000'000U);
}

TEST_F(ServerTest, ASlowAnswerDelaysNobody) {
  ServerOptions options;
  options.slow_waiting_most = 2;
  const auto port = start(options);
  RawClient first(port);
  RawClient second(port);
  first.send("GET /api/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  second.send("GET /api/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(RawClient::get(port, "/api/hello").body, "hello");
  const RawAnswer third = RawClient::get(port, "/api/slow");
  EXPECT_EQ(third.status, 503);
  EXPECT_FALSE(third.header("retry-after").empty());
  released_ = true;
  EXPECT_EQ(first.read().body, "slow");
  EXPECT_EQ(second.read().body, "slow");
}

TEST_F(ServerTest, WhenEverythingWaitsForDataProgressAndThePageAreStillGiven) {
  const auto port = start();
  std::vector<std::unique_ptr<RawClient>> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(std::make_unique<RawClient>(port));
    waiting.back()->send("GET /api/waiting HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  EXPECT_EQ(RawClient::get(port, "/api/progress").body, "progress");
  EXPECT_EQ(RawClient::get(port, "/").status, 200);
  released_ = true;
  for (const auto& client : waiting) {
    EXPECT_EQ(client->read().body, "waited");
  }
}

TEST_F(ServerTest, ASlowSenderIsCutOff) {
  ServerOptions options;
  options.header_timeout = milliseconds(200);
  options.idle_timeout = milliseconds(200);
  options.body_timeout = milliseconds(200);
  const auto port = start(options);
  RawClient header(port);
  header.send("GET /api/hello HT");
  EXPECT_EQ(header.read().status, 408);
  EXPECT_TRUE(header.closed());
  RawClient body(port);
  body.send(
      "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Length: 10\r\n\r\nabc");
  EXPECT_EQ(body.read().status, 408);
  RawClient silent(port);
  EXPECT_TRUE(silent.closed());
}

TEST_F(ServerTest, WhenFullTheLongestSilentConnectionMakesRoom) {
  ServerOptions options;
  options.connections_most = 3;
  const auto port = start(options);
  RawClient oldest(port);
  oldest.send("GET");
  std::this_thread::sleep_for(milliseconds(30));
  RawClient second(port);
  RawClient third(port);
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(RawClient::get(port, "/api/hello").body, "hello");
  EXPECT_EQ(oldest.read().status, 0);
}

TEST_F(ServerTest, StopFinishesWhatIsUnderWay) {
  const auto port = start();
  RawClient idle(port);
  RawClient busy(port);
  busy.send("GET /api/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(50));
  std::thread stopping([this] { server_->stop(); });
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_TRUE(idle.closed());
  released_ = true;
  const RawAnswer answer = busy.read();
  EXPECT_EQ(answer.body, "slow");
  EXPECT_EQ(answer.header("connection"), "close");
  stopping.join();
  EXPECT_FALSE(RawClient(port).connected());
}

TEST_F(ServerTest, ConnectionsAreHandedOverAndTheirClientsNoticeNothing) {
  const auto port = start();
  RawClient idle(port);
  RawClient used(port);
  used.send("GET /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(used.read().body, "hello");
  RawClient busy(port);
  busy.send("GET /api/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(50));
  ServerOptions next;
  std::thread stopping([&] { next.inherited_connections = server_->hand_over(); });
  std::this_thread::sleep_for(milliseconds(50));
  used.send("GET /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  released_ = true;
  stopping.join();
  const RawAnswer answer = busy.read();
  EXPECT_EQ(answer.body, "slow");
  EXPECT_NE(answer.header("connection"), "close");
  EXPECT_EQ(next.inherited_connections.size(), 3U);
  start(next);
  EXPECT_EQ(used.read().body, "hello");
  for (RawClient* client : {&idle, &busy}) {
    client->send("GET /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client->read().body, "hello");
  }
}

TEST_F(ServerTest, APortInUseIsSaid) {
  ServerOptions options;
  options.port = start();
  auto second = Server::start(std::make_shared<const Site>(RouteTable({}), StaticFiles()), options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace guanxi::http
