#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "http/gzip.hpp"
#include "http/problem.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::http {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kDoorBytesMost = 4U << 20U;

/// Says what it got, so that a test can compare.
std::string told(const Request& request) {
  return std::to_string(static_cast<int>(request.body_fault)) + " " +
         std::to_string(request.body.size()) + " " +
         request.body.substr(0, std::min<std::size_t>(request.body.size(), 20));
}

Response text(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

/// Replies held back until a test lets them go.
struct Held {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Reply> replies;

  Reply take() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this] { return !replies.empty(); });
    Reply reply = std::move(replies.front());
    replies.pop_front();
    return reply;
  }
};

/// A server with doors: deferred, for any sender.
class DoorsTest : public ::testing::Test {
 protected:
  static Route door(std::string_view pattern, DeferredHandler handler) {
    Route route;
    route.method = Method::post;
    route.pattern = pattern;
    route.body_types = {kAnyType};
    route.permission = access::Permission::ingest;
    route.deferred = std::move(handler);
    route.body_bytes_most = kDoorBytesMost;
    return route;
  }
  std::vector<Route> routes() {
    std::vector<Route> routes;
    routes.push_back(door("/v1/batch", [](const Request& request, const Reply& reply) {
      reply(text(told(request)));
    }));
    routes.push_back(door("/v1/held", [this](const Request&, Reply reply) {
      const std::lock_guard<std::mutex> lock(held_.mutex);
      held_.replies.push_back(std::move(reply));
      held_.changed.notify_one();
    }));
    routes.push_back(door("/v1/thread", [](const Request&, const Reply& reply) {
      reply(text(std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()))));
    }));
    routes.push_back(door("/v1/slow", [](const Request&, const Reply& reply) {
      std::this_thread::sleep_for(milliseconds(1));
      reply(text(""));
    }));
    routes.push_back(door("/v1/dropped", [](const Request&, const Reply&) {}));
    routes.push_back(door("/v1/thrown", [](const Request& request, const Reply&) {
      static_cast<void>(request.headers.at(1000));
    }));
    routes.push_back({Method::post,
                      "/api/told",
                      "",
                      Lane::quick,
                      {"text/plain"},
                      [](const Request& request) { return text(told(request)); },
                      access::Permission::look});
    routes.push_back({Method::get,
                      "/api/headers",
                      "",
                      Lane::quick,
                      {},
                      [](const Request& request) {
                        return text(std::string(request.header("x-one")) + "|" +
                                    std::string(request.header("none")) + "|" + request.peer);
                      },
                      access::Permission::open});
    return routes;
  }
  std::uint16_t start(ServerOptions options = {},
                      std::shared_ptr<Gatekeeper> gatekeeper = allow_all()) {
    auto site =
        std::make_shared<const Site>(RouteTable(routes()), StaticFiles(), std::move(gatekeeper));
    auto server = Server::start(std::move(site), options);
    EXPECT_TRUE(server);
    server_ = std::move(*server);
    return server_->port();
  }
  static std::string post(std::string_view path, std::string_view body,
                          std::string_view more = "") {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + std::string(more) + "\r\n" + std::string(body);
  }
  [[nodiscard]] RawAnswer ask(const std::string& bytes) const {
    RawClient client(server_->port());
    client.send(bytes);
    return client.read();
  }

  Held held_;
  std::unique_ptr<Server> server_;
};

TEST_F(DoorsTest, AnswerLaterFromAnyThread) {
  const auto port = start();
  RawClient first(port);
  RawClient second(port);
  first.send(post("/v1/held", "a"));
  const Reply for_first = held_.take();
  second.send(post("/v1/held", "b"));
  const Reply for_second = held_.take();
  std::thread other([&] { for_second(text("two")); });
  EXPECT_EQ(second.read().body, "two");
  for_first(text("one"));
  for_first(text("again"));
  EXPECT_EQ(first.read().body, "one");
  other.join();
}

TEST_F(DoorsTest, APeerThatWentAwayHurtsNobody) {
  const auto port = start();
  Reply late;
  {
    RawClient gone(port);
    gone.send(post("/v1/held", "a"));
    late = held_.take();
  }
  late(text("too late"));
  EXPECT_EQ(ask(post("/v1/batch", "abc")).body, "0 3 abc");
}

TEST_F(DoorsTest, AHandlerThatForgetsOrThrowsIsAFailedAnswer) {
  start();
  EXPECT_EQ(ask(post("/v1/dropped", "a")).status, 500);
  EXPECT_EQ(ask(post("/v1/thrown", "a")).status, 500);
}

TEST_F(DoorsTest, ReadAnyTypeFromAnyOriginUnderAnyHost) {
  start();
  for (const char* type : {"", "Content-Type: text/plain\r\n", "Content-Type: nonsense\r\n",
                           "Origin: https://shop.example\r\nSec-Fetch-Site: cross-site\r\n"}) {
    EXPECT_EQ(ask(post("/v1/batch", "abc", type)).body, "0 3 abc") << type;
  }
  const RawAnswer foreign =
      ask("POST /v1/batch HTTP/1.1\r\nHost: in.brand.example\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(foreign.body, "0 1 x");
  EXPECT_EQ(foreign.header("cross-origin-resource-policy"), "cross-origin");
  EXPECT_EQ(foreign.header("content-security-policy"), "");
}

TEST_F(DoorsTest, GetUnpackedBodiesOrTheirFault) {
  start();
  const std::string coded = "Content-Encoding: gzip\r\n";
  const std::string packed = gzip("hello, hello, hello", 6);
  EXPECT_EQ(ask(post("/v1/batch", packed, coded)).body, "0 19 hello, hello, hello");
  EXPECT_EQ(ask(post("/v1/batch", packed + packed, coded)).body.substr(0, 5), "0 38 ");
  EXPECT_EQ(ask(post("/v1/batch", "plain", coded)).body, "1 5 plain");
  EXPECT_EQ(ask(post("/v1/batch", packed.substr(0, packed.size() - 3), coded)).body.substr(0, 2),
            "1 ");
  EXPECT_EQ(ask(post("/v1/batch", "plain", "Content-Encoding: br\r\n")).body, "3 5 plain");
  EXPECT_EQ(ask(post("/v1/batch", packed, "Content-Encoding: gzip, gzip\r\n")).body.substr(0, 2),
            "3 ");
  const std::string bomb = gzip(std::string(kUnpackFactor * kDoorBytesMost + 1, 'a'), 9);
  EXPECT_EQ(ask(post("/v1/batch", bomb, coded)).body.substr(0, 2), "2 ");
  const std::string large = gzip(std::string(kUnpackFactor * kDoorBytesMost, 'a'), 9);
  EXPECT_EQ(ask(post("/v1/batch", large, coded)).body.substr(0, 11), "0 20971520 ");
}

TEST_F(DoorsTest, APageIsToldWhatIsWrongWithItsBody) {
  start();
  const std::string head = "Content-Type: text/plain\r\nContent-Encoding: ";
  EXPECT_EQ(ask(post("/api/told", gzip("abc", 1), head + "GZip\r\n")).body, "0 3 abc");
  EXPECT_EQ(ask(post("/api/told", "abc", head + "gzip\r\n")).status, 400);
  EXPECT_EQ(ask(post("/api/told", "abc", head + "zstd\r\n")).status, 415);
  EXPECT_EQ(ask(post("/api/told", gzip(std::string(6U << 20U, 'a'), 9), head + "gzip\r\n")).status,
            413);
}

TEST_F(DoorsTest, ALargeBodyIsReadBesideTheOthers) {
  const auto port = start();
  const auto thread_of = [this](const std::string& bytes) { return ask(bytes).body; };
  const std::string usual = thread_of(post("/v1/thread", "x"));
  EXPECT_EQ(thread_of(post("/v1/thread", std::string(100'000, 'a'))), usual);
  EXPECT_NE(thread_of(post("/v1/thread", std::string(300'000, 'a'))), usual);
  RawClient client(port);
  client.send(post("/v1/batch", std::string(300'000, 'a')) + post("/v1/batch", "b"));
  EXPECT_EQ(client.read().body.substr(0, 9), "0 300000 ");
  EXPECT_EQ(client.read().body, "0 1 b") << "answers stay in order";
}

TEST_F(DoorsTest, TellEveryoneToComeAgainWhenMoreComesThanCanBeRead) {
  ServerOptions options;
  options.lag_most = milliseconds(50);
  const auto port = start(options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
  }
  for (const auto& client : clients) {
    client->send(post("/v1/slow", "x") + post("/v1/slow", "x"));
  }
  int taken = 0;
  int told = 0;
  for (const auto& client : clients) {
    for (int i = 0; i < 2; ++i) {
      const RawAnswer answer = client->read();
      taken += answer.status == 200 ? 1 : 0;
      told += answer.status == 429 && answer.header("retry-after") == "2" ? 1 : 0;
    }
  }
  EXPECT_EQ(taken + told, 2000);
  EXPECT_GT(taken, 50);
  EXPECT_GT(told, 50);
  EXPECT_GT(taken, 256 + 20) << "some of every round";
  EXPECT_EQ(ask(post("/v1/slow", "x")).status, 200) << "and then all is well again";
}

TEST_F(DoorsTest, UnfinishedBodiesHaveALimitForAllTogether) {
  ServerOptions options;
  options.unfinished_bytes_most = 100'000;
  const auto port = start(options);
  const std::string whole = post("/v1/batch", std::string(150'000, 'a'));
  const std::string_view begin = std::string_view(whole).substr(0, 80'000);
  const std::string_view rest = std::string_view(whole).substr(80'000);
  RawClient first(port);
  first.send(begin);
  std::this_thread::sleep_for(milliseconds(100));
  RawClient second(port);
  second.send(begin);
  std::this_thread::sleep_for(milliseconds(100));
  second.send(rest);
  const RawAnswer refused = second.read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_FALSE(refused.header("retry-after").empty());
  EXPECT_EQ(refused.header("connection"), "keep-alive");
  first.send("a");
  EXPECT_EQ(ask(post("/v1/batch", "abc")).body, "0 3 abc") << "small ones go on";
}

TEST_F(DoorsTest, HaveTheirOwnLimitOfABody) {
  const auto port = start();
  RawClient client(port);
  client.send(post("/v1/batch", std::string(kDoorBytesMost, 'a')));
  EXPECT_EQ(client.read().body.substr(0, 10), "0 4194304 ");
  client.send(post("/v1/batch", std::string(kDoorBytesMost + 1, 'a')));
  EXPECT_EQ(client.read().status, 413);
  client.send(
      post("/api/told", std::string(kBodyBytesMost + 1, 'a'), "Content-Type: text/plain\r\n"));
  EXPECT_EQ(client.read().status, 413);
  client.send(post("/v1/batch", "x"));
  EXPECT_EQ(client.read().body, "0 1 x");
}

TEST_F(DoorsTest, WithoutAGatekeeperOnlyDoorsAndWhatIsOpenAnswer) {
  const auto port = start({}, nullptr);
  EXPECT_EQ(ask(post("/v1/batch", "x")).status, 200);
  EXPECT_EQ(RawClient::get(port, "/api/headers").status, 200);
  EXPECT_EQ(ask(post("/api/told", "x", "Content-Type: text/plain\r\n")).status, 401);
}

/// Admits who says the word, as an analyst.
class Word final : public Gatekeeper {
 public:
  std::optional<Response> admit(Request& request, const Route& route) override {
    if (route.permission == access::Permission::open) {
      return std::nullopt;
    }
    if (request.header("authorization") != "Bearer sesame") {
      return problem(Fault::unauthenticated, "say the word");
    }
    request.principal.role = access::Role::analyst;
    return std::nullopt;
  }
};

TEST_F(DoorsTest, TheGatekeeperIsAskedBeforeEveryHandlerButADoors) {
  start({}, std::make_shared<Word>());
  const std::string type = "Content-Type: text/plain\r\n";
  EXPECT_EQ(ask(post("/api/told", "x", type)).status, 401);
  EXPECT_EQ(ask(post("/api/told", "x", type + "Authorization: Bearer sesame\r\n")).status, 200);
  EXPECT_EQ(ask(post("/v1/batch", "x")).status, 200);
}

TEST_F(DoorsTest, RequestsCarryEveryHeaderAndTheirPeer) {
  start();
  EXPECT_EQ(ask("GET /api/headers HTTP/1.1\r\nHost: localhost\r\nX-ONE:  a, b \r\n\r\n").body,
            "a, b||127.0.0.1");
}

TEST_F(DoorsTest, AnswersToConfiguredNames) {
  ServerOptions options;
  options.host_names = {"crm.brand.example"};
  start(options);
  const auto status = [this](const std::string& host) {
    return ask("GET /api/headers HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  EXPECT_EQ(status("CRM.brand.example:8300"), 200);
  EXPECT_EQ(status("localhost"), 200);
  EXPECT_EQ(status("other.example"), 421);
  EXPECT_EQ(status("crm.brand.example.evil.example"), 421);
}

TEST_F(DoorsTest, ListensOnAnInheritedSocketAndLeavesItOpen) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(socket, 16), 0);
  ServerOptions options;
  options.inherited_socket = socket;
  const auto port = start(options);
  EXPECT_EQ(RawClient::get(port, "/api/headers").status, 200);
  server_->stop();
  RawClient waiting(port);
  EXPECT_TRUE(waiting.connected()) << "the port is never refused between two servers";
  waiting.send("GET /api/headers HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(start(options), port);
  EXPECT_EQ(waiting.read().status, 200);
  ::close(socket);
}

TEST_F(DoorsTest, EveryAnswerIsWitnessed) {
  std::mutex mutex;
  std::vector<std::pair<std::string, unsigned>> seen;
  ServerOptions options;
  options.witness = [&](const Exchange& exchange) {
    const std::lock_guard<std::mutex> lock(mutex);
    seen.emplace_back(exchange.route == nullptr ? "" : std::string(exchange.route->pattern),
                      exchange.status);
  };
  const auto port = start(options);
  static_cast<void>(ask(post("/v1/batch", "abc")));
  RawClient::get(port, "/api/none");
  const std::lock_guard<std::mutex> lock(mutex);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0], (std::pair<std::string, unsigned>("/v1/batch", 200U)));
  EXPECT_EQ(seen[1], (std::pair<std::string, unsigned>("", 404U)));
}

}  // namespace
}  // namespace guanxi::http
