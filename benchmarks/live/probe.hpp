#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "engine/engine.hpp"
#include "live/histogram.hpp"

namespace guanxi::bench {

/// Sends the first order of a new customer now and then, and looks in the image
/// until their tier stands there: how long it takes from an event to what it
/// changed.
///
/// Place       Beside the server of live_server, which it reaches over a socket
/// as others do. Threads     One of its own, until stop().
class Probe {
 public:
  Probe(std::shared_ptr<Engine> engine, std::uint16_t port, double each_second)
      : engine_(std::move(engine)), port_(port), each_second_(each_second) {
    thread_ = std::jthread([this](const std::stop_token &stop) { run(stop); });
  }
  /// Ends it and says what was seen. The first second is left out.
  void stop() {
    thread_.request_stop();
    thread_.join();
    const auto ms = [](std::uint64_t micros) { return static_cast<double>(micros) / 1e3; };
    std::printf(
        "probe: %llu orders, ms until 200 p50 %.2f p99 %.2f, until "
        "their tier is readable "
        "p50 %.2f p99 %.2f most %.2f\n",
        static_cast<unsigned long long>(readable_.total()), ms(acknowledged_.quantile(0.5)),
        ms(acknowledged_.quantile(0.99)), ms(readable_.quantile(0.5)), ms(readable_.quantile(0.99)),
        ms(readable_.most()));
  }

 private:
  using Clock = std::chrono::steady_clock;

  void run(const std::stop_token &stop) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    bool going = ::connect(socket, reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0;
    const Clock::time_point begin = Clock::now();
    for (std::uint64_t i = 0; going && !stop.stop_requested(); ++i) {
      std::this_thread::sleep_until(
          begin + std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(static_cast<double>(i) / each_second_)));
      going = send_one(socket, "probe-" + std::to_string(i), Clock::now() - begin, stop);
    }
    ::close(socket);
  }

  bool send_one(int socket, const std::string &user, Clock::duration since,
                const std::stop_token &stop) {
    const std::string body = R"({"type":"track","event":"Order Completed","userId":")" + user +
                             R"(","messageId":")" + user + R"(","properties":{"order_id":")" +
                             user + R"(","revenue":100,"currency":"CNY"}})";
    const std::string request =
        "POST /v1/track HTTP/1.1\r\nhost: localhost\r\ncontent-type: "
        "application/json\r\n"
        "authorization: Basic YmVuY2g6\r\ncontent-length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    const Clock::time_point sent = Clock::now();
    if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
      return false;
    }
    std::array<char, 4096> answer{};
    const ssize_t count = ::recv(socket, answer.data(), answer.size(), 0);
    if (count <= 0) {
      return false;
    }
    if (!std::string_view(answer.data(), static_cast<std::size_t>(count))
             .starts_with("HTTP/1.1 200")) {
      return true;
    }
    const Clock::time_point acknowledged = Clock::now();
    while (!stands(user)) {
      if (stop.stop_requested()) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    if (since > std::chrono::seconds(1)) {
      acknowledged_.add(micros(acknowledged - sent));
      readable_.add(micros(Clock::now() - sent));
    }
    return true;
  }

  [[nodiscard]] bool stands(const std::string &user) const {
    const ReadAccess access = engine_->read();
    const auto person = access.image().find({IdNamespace::user, user});
    return person && access.image().columns(person->shard).tier[person->index] !=
                         static_cast<std::uint8_t>(Tier::none);
  }

  static std::uint64_t micros(Clock::duration duration) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
  }

  std::shared_ptr<Engine> engine_;
  std::uint16_t port_;
  double each_second_;
  Histogram acknowledged_;
  Histogram readable_;
  std::jthread thread_;
};

}  // namespace guanxi::bench
