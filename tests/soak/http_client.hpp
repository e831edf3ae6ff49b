#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/random.hpp"

namespace guanxi::soak {

/// A request of events `first` to `first + count - 1`.
struct Numbers {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// A connection to a port of this machine that does not block; -1 when it is refused.
inline int connect_to(int port) {
  const int opened = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(opened, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(opened);
    return -1;
  }
  const int on = 1;
  ::setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::fcntl(opened, F_SETFL, O_NONBLOCK);
  return opened;
}

inline std::string base64(const std::string& text) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > text.size() ? '=' : kDigits[bits >> (18 - 6 * k) & 63U];
    }
  }
  return out;
}

/// A request of events, as an SDK sends it.
inline std::string batch_request(const std::string& authorization, const Numbers& numbers) {
  std::string body = R"({"batch":[)";
  for (std::uint64_t n = numbers.first; n < numbers.first + numbers.count; ++n) {
    body += n == numbers.first ? "" : ",";
    body += R"({"type":"track","event":"Ticked","messageId":"e-)" + std::to_string(n) +
            R"(","userId":"p-)" + std::to_string(mix64(n) % 500) +
            R"(","timestamp":"2026-01-05T09:00:00Z","properties":{"number":)" + std::to_string(n) +
            "}}";
  }
  body += "]}";
  return "POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + authorization +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

/// Takes one whole answer off `in`; its status, or 0 while it is not whole.
inline int whole_answer(std::string& in) {
  const std::size_t head = in.find("\r\n\r\n");
  if (head == std::string::npos) {
    return 0;
  }
  std::size_t length = 0;
  for (std::size_t at = in.find("\r\n"); at < head; at = in.find("\r\n", at + 2)) {
    const std::string_view line = std::string_view(in).substr(at + 2, 15);
    if (strncasecmp(line.data(), "content-length:", std::min<std::size_t>(15, line.size())) == 0) {
      length = std::strtoul(in.c_str() + at + 17, nullptr, 10);
    }
  }
  if (in.size() < head + 4 + length) {
    return 0;
  }
  const int status = std::atoi(in.c_str() + 9);
  in.erase(0, head + 4 + length);
  return status;
}

/// A client of a door that does as the SDKs do: keep-alive connections, batches of twenty, the same
/// batch again until it is acknowledged, and now and then one again that was.
///
/// Place       http_kill_test.cpp.
/// Threads     One of its own; acknowledged() and the counts from any.
class RetryingClient {
 public:
  RetryingClient(std::string authorization, unsigned connections, std::uint64_t seed)
      : authorization_(std::move(authorization)), random_(seed), lines_(connections) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  RetryingClient(const RetryingClient&) = delete;
  RetryingClient& operator=(const RetryingClient&) = delete;
  ~RetryingClient() {
    thread_.request_stop();
    thread_.join();
    for (Line& line : lines_) {
      hang_up(line);
    }
  }

  void call(int port) { port_ = port; }
  /// What was answered 200 since the last time this was asked.
  std::vector<Numbers> acknowledged() {
    const std::lock_guard lock(mutex_);
    return std::exchange(acknowledged_, {});
  }
  [[nodiscard]] std::uint64_t answers() const { return answers_; }
  /// Requests sent again although they had been acknowledged.
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }
  /// Requests without an answer, sent again over another connection.
  [[nodiscard]] std::uint64_t broken() const { return broken_; }
  /// Answers 429 and 503: sent again.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  /// Statuses other than 200, 429 and 503.
  [[nodiscard]] std::string strange() {
    const std::lock_guard lock(mutex_);
    return strange_;
  }

 private:
  struct Line {
    int socket = -1;
    bool open = false;  ///< there is a request that waits for its answer
    Numbers request;
    std::string out;
    std::size_t sent = 0;
    std::string in;
    std::chrono::steady_clock::time_point not_before{};
  };

  static void hang_up(Line& line) {
    if (line.socket >= 0) {
      ::close(line.socket);
    }
    line.socket = -1;
    line.sent = 0;
    line.in.clear();
  }

  void connect(Line& line) {
    line.socket = connect_to(port_);
    if (line.socket < 0) {
      line.not_before = std::chrono::steady_clock::now() + std::chrono::milliseconds(3);
    }
  }

  // The connection is gone: the same request again, over another one, a little later.
  void fail(Line& line) {
    hang_up(line);
    broken_ += line.open ? 1U : 0U;
    line.not_before = std::chrono::steady_clock::now() + std::chrono::milliseconds(3);
  }

  void next_request(Line& line) {
    if (answered_.size() > 50 && random_.below(10) == 0) {
      line.request = answered_[random_.below(answered_.size())];
      ++repeated_;
    } else {
      line.request = {next_, 20};
      next_ += 20;
    }
    line.out = batch_request(authorization_, line.request);
    line.open = true;
    line.sent = 0;
  }

  void take_answer(Line& line, int status) {
    ++answers_;
    if (status == 200) {
      line.open = false;
      answered_.push_back(line.request);
      if (answered_.size() > 5'000) {
        answered_.pop_front();
      }
      const std::lock_guard lock(mutex_);
      acknowledged_.push_back(line.request);
      return;
    }
    if (status != 429 && status != 503) {
      const std::lock_guard lock(mutex_);
      strange_ = "status " + std::to_string(status) + ": " + line.in.substr(0, 400);
    }
    ++refused_;
    line.sent = 0;
    line.not_before = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
  }

  void go_on(Line& line) {
    if (std::chrono::steady_clock::now() < line.not_before || port_ == 0) {
      return;
    }
    if (line.socket < 0) {
      connect(line);
      if (line.socket < 0) {
        return;
      }
    }
    if (!line.open) {
      next_request(line);
    }
    if (line.sent < line.out.size()) {
      const ssize_t sent = ::send(line.socket, line.out.data() + line.sent,
                                  line.out.size() - line.sent, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) {
        fail(line);
        return;
      }
      line.sent += sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }
    char buffer[4096];
    const ssize_t got = ::recv(line.socket, buffer, sizeof(buffer), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
      fail(line);
    } else if (got > 0) {
      line.in.append(buffer, static_cast<std::size_t>(got));
      if (const int status = whole_answer(line.in); status != 0) {
        take_answer(line, status);
        go_on(line);
      }
    }
  }

  void run(const std::stop_token& stop) {
    std::vector<pollfd> watched;
    while (!stop.stop_requested()) {
      watched.clear();
      bool waits = false;
      for (Line& line : lines_) {
        go_on(line);
        if (line.socket >= 0 && line.open) {
          watched.push_back({line.socket, POLLIN, 0});
        }
        waits = waits || line.socket < 0 || line.sent < line.out.size();
      }
      ::poll(watched.data(), watched.size(), waits ? 1 : 20);
    }
  }

  std::string authorization_;
  Random random_;
  std::vector<Line> lines_;
  std::deque<Numbers> answered_;
  std::uint64_t next_ = 0;
  std::atomic<int> port_{0};
  std::atomic<std::uint64_t> answers_{0};
  std::atomic<std::uint64_t> repeated_{0};
  std::atomic<std::uint64_t> broken_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::mutex mutex_;
  std::vector<Numbers> acknowledged_;
  std::string strange_;
  std::jthread thread_;
};

}  // namespace guanxi::soak
