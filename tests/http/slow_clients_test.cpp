// E1 of the promises: thousands of clients that send or read as slowly as they can, while others go
// on as if there were none.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::http {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kClients = 5000;
constexpr milliseconds kTimeout{3000};
constexpr std::size_t kLargeBytes = 8U << 20U;
constexpr std::size_t kUnsentMost = 64U << 20U;

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * 4096;
}

bool files_allow(std::size_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max >= count;
}

/// Asks small questions one after the other and remembers how long each took.
class Neighbour {
 public:
  explicit Neighbour(std::uint16_t port) : thread_([this, port] { ask(port); }) {}
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  ~Neighbour() { stop(); }

  /// Milliseconds that 99 % of the questions did not exceed; -1 when one was not answered.
  double p99_ms() {
    stop();
    std::sort(taken_ms_.begin(), taken_ms_.end());
    return failed_ || taken_ms_.empty() ? -1 : taken_ms_[taken_ms_.size() * 99 / 100];
  }

 private:
  void stop() {
    over_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  void ask(std::uint16_t port) {
    RawClient client(port);
    while (!over_) {
      const auto begin = Clock::now();
      client.send("GET /api/small HTTP/1.1\r\nHost: localhost\r\n\r\n");
      failed_ = client.read().status != 200 || failed_;
      taken_ms_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  std::vector<double> taken_ms_;
  bool failed_ = false;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

class SlowClientsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!files_allow(2 * kClients + 200)) {
      GTEST_SKIP() << "this process may not open 10,200 files";
    }
    std::vector<Route> routes;
    routes.push_back({Method::get, "/api/small", "", Lane::instant, {}, [](const Request&) {
                        return Response{};
                      }});
    routes.push_back({Method::get, "/api/large", "", Lane::quick, {}, [](const Request&) {
                        static const auto kLarge =
                            std::make_shared<const std::string>(kLargeBytes, 'x');
                        Response response;
                        response.shared_body = kLarge;
                        return response;
                      }});
    routes.push_back({Method::get, "/api/own", "", Lane::quick, {}, [](const Request&) {
                        Response response;
                        response.body.assign(kLargeBytes, 'x');
                        return response;
                      }});
    Route door;
    door.method = Method::post;
    door.pattern = "/v1/batch";
    door.body_types = {kAnyType};
    door.permission = access::Permission::ingest;
    door.deferred = [](const Request&, const Reply& reply) { reply(Response{}); };
    routes.push_back(std::move(door));
    ServerOptions options;
    options.header_timeout = options.body_timeout = options.write_timeout = kTimeout;
    options.unsent_bytes_most = kUnsentMost;
    options.quick_waiting_most = 2 * kClients;
    auto site =
        std::make_shared<const Site>(RouteTable(std::move(routes)), StaticFiles(), allow_all());
    server_ = Server::start(std::move(site), options).value();
  }

  /// Opens them all, sends `begin` on each, then one byte each half second until they are cut off.
  /// The neighbour must not notice; memory stays within `bytes_most` for each.
  void endure(const std::string& begin, bool drip, std::size_t bytes_most,
              std::size_t count = kClients) {
    const std::size_t before = resident_bytes();
    Neighbour neighbour(server_->port());
    std::vector<std::unique_ptr<RawClient>> clients;
    for (std::size_t i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<RawClient>(server_->port()));
      ASSERT_TRUE(clients.back()->connected());
      clients.back()->send(begin);
    }
    std::this_thread::sleep_for(milliseconds(300));
    std::size_t most_open = server_->connections();
    std::size_t most_bytes = 0;
    const auto patience = Clock::now() + 10 * kTimeout;
    while (server_->connections() > 1 && Clock::now() < patience) {
      for (std::size_t i = 0; drip && i < count; ++i) {
        clients[i]->send("x");
      }
      most_bytes = std::max(most_bytes, resident_bytes());
      most_open = std::max(most_open, server_->connections());
      std::this_thread::sleep_for(milliseconds(500));
    }
    EXPECT_LE(server_->connections(), 1U) << "all slow ones are cut off";
    EXPECT_GT(most_open, count == kClients ? count / 4 : 0) << "they were really there";
    EXPECT_LT((most_bytes - std::min(before, most_bytes)) / count, bytes_most);
    const double p99_ms = neighbour.p99_ms();
    EXPECT_GE(p99_ms, 0) << "every question of the neighbour was answered";
    EXPECT_LT(p99_ms, 500);
    std::printf("p99 of the neighbour %.1f ms, %zu connections, %zu bytes each\n", p99_ms,
                most_open, (most_bytes - std::min(before, most_bytes)) / count);
  }

  std::unique_ptr<Server> server_;
};

TEST_F(SlowClientsTest, InTheHeader) { endure("GET /api/small HT", true, 16U << 10U); }

TEST_F(SlowClientsTest, InTheBody) {
  endure("POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n", true,
         100U << 10U);
}

TEST_F(SlowClientsTest, InAChunk) {
  endure(
      "POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
      true, 16U << 10U);
}

TEST_F(SlowClientsTest, Reading) {
  endure("GET /api/large HTTP/1.1\r\nHost: localhost\r\n\r\n", false, 16U << 10U);
}

TEST_F(SlowClientsTest, ReadingAnswersOfTheirOwnWithinALimitForAll) {
  constexpr std::size_t kReaders = 100;
  endure("GET /api/own HTTP/1.1\r\nHost: localhost\r\n\r\n", false, 4 * kUnsentMost / kReaders,
         kReaders);
}

}  // namespace
}  // namespace guanxi::http
