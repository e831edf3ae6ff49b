// E3 of the promises: bytes that one server could take for other requests than the next one does.
// Ours, node's, and nginx before node are asked the same; what ours answers, one of the others must
// have understood in the same way, and what is plainly right all three must.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/random.hpp"
#include "http/raw_client.hpp"
#include "http/server.hpp"

namespace guanxi::http {
namespace {

namespace fs = std::filesystem;

/// A program that runs until the end of the test.
class Child {
 public:
  /// Its output goes into the file `output`.
  Child(const std::vector<std::string>& command, const fs::path& output) : pid_(fork()) {
    if (pid_ == 0) {
      static_cast<void>(!std::freopen(output.c_str(), "w", stdout));
      static_cast<void>(!std::freopen("/dev/null", "w", stderr));
      std::vector<char*> arguments;
      for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
      }
      arguments.push_back(nullptr);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

/// What a server made of some bytes: "POST abc" for each request it took, "?" for one it took and
/// answered otherwise, and nothing behind a refusal.
struct Understood {
  std::vector<std::string> requests;
  bool refused = false;
};

Understood understood(const std::string& answers) {
  Understood out;
  std::size_t at = 0;
  while (answers.compare(at, 9, "HTTP/1.1 ") == 0) {
    const int status = std::atoi(answers.c_str() + at + 9);
    const std::size_t end = answers.find("\r\n\r\n", at);
    if (end == std::string::npos) {
      break;
    }
    std::string head = answers.substr(at, end - at + 2);
    std::transform(head.begin(), head.end(), head.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t named = head.find("\r\ncontent-length: ");
    const std::size_t length =
        named == std::string::npos ? 0 : std::strtoull(head.c_str() + named + 18, nullptr, 10);
    at = end + 4;
    if (status == 100) {
      continue;
    }
    if (status != 200 && status != 404 && status != 405) {
      out.refused = true;
      break;
    }
    out.requests.push_back(status == 200 ? answers.substr(at, length) : "?");
    at += length;
  }
  return out;
}

/// Whether `other` read request k as `ours` did. Where both refuse something, what node read before
/// cannot be told: it drops the answers that it owes.
bool read_so(const Understood& other, const Understood& ours, std::size_t k) {
  if (k < other.requests.size()) {
    return other.requests[k] == ours.requests[k] || other.requests[k] == "?";
  }
  return other.refused && ours.refused;
}

const std::string kPost = "POST /e HTTP/1.1\r\nHost: h\r\n";
const std::string kGet = "GET /e HTTP/1.1\r\nHost: h\r\n\r\n";

/// What every server must read alike.
std::vector<std::string> plain_cases() {
  return {
      kGet,
      kGet + kGet + kGet,
      kPost + "Content-Length: 3\r\n\r\nabc",
      kPost + "Content-Length: 0\r\n\r\n" + kGet,
      kPost + "content-length:3\r\nX:\r\n\r\nabc" + kGet,
      kPost + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + kGet,
      kPost + "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n00\r\n\r\n",
      kPost + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n" + kGet,
      kPost + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n" + kGet,
      kPost + "Content-Length: 44\r\n\r\n" + "GET /e HTTP/1.1\r\nHost: h\r\nX: yyyyyyyyyyy\r\n\r\n",
      "POST /e HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
      "POST /e HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc" + kGet,
      "\r\n" + kGet,
      "GET http://h/e HTTP/1.1\r\nHost: h\r\n\r\n",
      kPost + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"};
}

/// What some refuse and some do not.
std::vector<std::string> doubtful_cases() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string body = "\r\n3\r\nabc\r\n0\r\n\r\n";
  std::vector<std::string> out;
  for (const char* framing :
       {"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "Content-Length: 3, 3\r\n\r\nabc",
        "Content-Length: +3\r\n\r\nabc", "Content-Length: 0x3\r\n\r\nabc",
        "Content-Length: 3 \r\n\r\nabc", "Content-Length : 3\r\n\r\nabc", "Content-Length:\r\n\r\n",
        "Content-Length: 00003\r\n\r\nabc", "Content-Length: 18446744073709551619\r\n\r\nabc",
        "Content-Length: 3\n\r\nabc", "Content-Length: 3\r\n folded\r\n\r\nabc",
        "X: a\r\n Content-Length: 3\r\n\r\nabc", "Content-Length\r\n\r\n",
        "Content\tLength: 3\r\n\r\nabc", "X: a\rb\r\n\r\n"}) {
    out.push_back(kPost + framing + kGet);
  }
  for (const char* coding :
       {"Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: identity, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\tchunked\r\n", "Transfer-Encoding: chunked \r\n",
        "Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding:\r\n chunked\r\n",
        "transfer-encoding: CHUNKED\r\n", "Transfer-Encoding: chunked\n",
        "Transfer-Encoding: gzip, chunked\r\n"}) {
    out.push_back(kPost + coding + body + kGet);
  }
  for (const char* chunks :
       {"\r\n3\nabc\n0\n\n", "\r\n3\r\nabcd\r\n0\r\n\r\n", "\r\n3 \r\nabc\r\n0\r\n\r\n",
        "\r\n 3\r\nabc\r\n0\r\n\r\n", "\r\n0x3\r\nabc\r\n0\r\n\r\n", "\r\n+3\r\nabc\r\n0\r\n\r\n",
        "\r\n3;\r\nabc\r\n0\r\n\r\n", "\r\n3;a\nb\r\nabc\r\n0\r\n\r\n", "\r\n3\rabc\r\n0\r\n\r\n",
        "\r\n10000000000000003\r\nabc\r\n0\r\n\r\n", "\r\n3\r\nabc0\r\n\r\n", "\r\n\r\n",
        "\r\n3\r\nabc\r\n0\r\nbad trailer\r\n\r\n", "\r\n3\r\nabc\r\n0\r\n",
        "\r\n00000000000000000003\r\nabc\r\n0\r\n\r\n"}) {
    out.push_back(kPost + chunked + chunks + kGet);
  }
  for (const char* line :
       {"GET  /e HTTP/1.1", "GET /e  HTTP/1.1", "GET /e", "GET /e HTTP/1.2", "GET /e HTTP/2.0",
        "GET /e http/1.1", " GET /e HTTP/1.1", "get /e HTTP/1.1", "GET e HTTP/1.1",
        "GET /e HTTP/1.1 ", "GET /e\tHTTP/1.1", "GE\x01T /e HTTP/1.1", "GET /\x80 HTTP/1.1"}) {
    out.push_back(std::string(line) + "\r\nHost: h\r\n\r\n" + kGet);
  }
  out.push_back("GET /e HTTP/1.1\r\n\r\n" + kGet);
  out.push_back("GET /e HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n" + kGet);
  out.push_back("GET /e HTTP/1.1\nHost: h\n\n" + kGet);
  out.push_back("POST /e HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + body + kGet);
  return out;
}

std::vector<std::string> mutated_cases() {
  const std::vector<std::string> good = plain_cases();
  const std::string_view spice("\r\n\0 :;,\t0A", 11);
  Random random(20261122);
  std::vector<std::string> out;
  while (out.size() < 600) {
    std::string bytes = good[random.below(good.size())] + good[random.below(good.size())];
    for (std::uint64_t change = 1 + random.below(3); change > 0; --change) {
      const std::size_t at = random.below(bytes.size());
      if (random.below(3) == 0) {
        bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(20)));
      } else {
        bytes[at] = spice[random.below(spice.size())];
      }
    }
    out.push_back(std::move(bytes));
  }
  return out;
}

class DifferentialTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("guanxi_differ_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    if (std::system("node --version >/dev/null 2>&1") != 0 ||
        std::system("nginx -v >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "node and nginx are not both on this machine";
    }
    node_ = std::make_unique<Child>(std::vector<std::string>{"node", "tests/http/echo.mjs"},
                                    folder_ / "port");
    node_port_ = soon_port();
    ASSERT_NE(node_port_, 0);
    start_nginx();
    start_ours();
  }
  void TearDown() override {
    nginx_.reset();
    node_.reset();
    server_.reset();
    fs::remove_all(folder_);
  }

  std::uint16_t soon_port() {
    for (int i = 0; i < 200; ++i) {
      int port = 0;
      std::ifstream(folder_ / "port") >> port;
      if (port != 0) {
        return static_cast<std::uint16_t>(port);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return 0;
  }

  void start_nginx() {
    for (nginx_port_ = 29000; nginx_port_ < 30000 && RawClient(nginx_port_).connected();
         ++nginx_port_) {
    }
    std::ofstream(folder_ / "nginx.conf")
        << "daemon off; master_process off; pid " << (folder_ / "pid").string()
        << "; error_log /dev/null; events { worker_connections 4096; } http { access_log off; "
        << "client_body_temp_path " << (folder_ / "a").string() << "; proxy_temp_path "
        << (folder_ / "b").string() << "; fastcgi_temp_path " << (folder_ / "c").string()
        << "; uwsgi_temp_path " << (folder_ / "d").string() << "; scgi_temp_path "
        << (folder_ / "e").string() << "; server { listen 127.0.0.1:" << nginx_port_
        << "; location / { proxy_http_version 1.1; proxy_pass http://127.0.0.1:" << node_port_
        << "; } } }";
    nginx_ = std::make_unique<Child>(std::vector<std::string>{"nginx", "-p", folder_.string(), "-c",
                                                              (folder_ / "nginx.conf").string()},
                                     folder_ / "nginx.out");
    for (int i = 0; i < 200 && !RawClient(nginx_port_).connected(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  void start_ours() {
    std::vector<Route> routes;
    for (const Method method : {Method::get, Method::post}) {
      Route route;
      route.method = method;
      route.pattern = "/e";
      route.body_types = {kAnyType};
      route.permission = access::Permission::ingest;
      route.deferred = [](const Request& request, const Reply& reply) {
        Response response;
        response.body = std::string(name_of(request.method)) + " " + request.body;
        reply(std::move(response));
      };
      routes.push_back(std::move(route));
    }
    auto site = std::make_shared<const Site>(RouteTable(std::move(routes)), StaticFiles());
    server_ = Server::start(std::move(site), {}).value();
  }

  /// What a server makes of each of them, all asked at once.
  static std::vector<Understood> ask(std::uint16_t port, const std::vector<std::string>& cases) {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (const std::string& bytes : cases) {
      clients.push_back(std::make_unique<RawClient>(port));
      clients.back()->send(bytes);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2000));
    std::vector<Understood> out;
    for (const auto& client : clients) {
      out.push_back(understood(client->read_what_is_there()));
    }
    return out;
  }

  /// Ours must have read nothing that neither of the others read so.
  void compare(const std::vector<std::string>& cases, bool all_alike) {
    const auto ours = ask(server_->port(), cases);
    const auto node = ask(node_port_, cases);
    const auto nginx = ask(nginx_port_, cases);
    std::size_t taken = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const std::vector<std::string>& requests = ours[i].requests;
      for (std::size_t k = 0; k < requests.size() && requests[k] != "?"; ++k) {
        const bool as_node = read_so(node[i], ours[i], k);
        const bool as_nginx = read_so(nginx[i], ours[i], k);
        EXPECT_TRUE(all_alike ? as_node && as_nginx : as_node || as_nginx)
            << "request " << k << " \"" << requests[k] << "\" of:\n"
            << cases[i];
      }
      taken += requests.size();
      if (all_alike) {
        EXPECT_EQ(requests.size(), node[i].requests.size()) << cases[i];
        EXPECT_FALSE(requests.empty()) << cases[i];
      }
    }
    EXPECT_GT(taken, cases.size() / 20) << "they do take requests";
  }

  fs::path folder_;
  std::unique_ptr<Child> node_;
  std::unique_ptr<Child> nginx_;
  std::unique_ptr<Server> server_;
  std::uint16_t node_port_ = 0;
  std::uint16_t nginx_port_ = 0;
};

TEST_F(DifferentialTest, WhatIsPlainAllReadAlike) { compare(plain_cases(), true); }

TEST_F(DifferentialTest, WhatIsDoubtfulNobodyElseReadsOtherwise) {
  compare(doubtful_cases(), false);
  compare(mutated_cases(), false);
}

}  // namespace
}  // namespace guanxi::http
