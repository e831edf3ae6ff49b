#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace guanxi::http {

/// What a server sent back, taken apart without any library that it uses itself.
struct RawAnswer {
  int status = 0;                              ///< 0: the connection ended without an answer
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// A bare TCP connection to a port of this machine, for tests that send what no client library
/// would.
///
/// Place       Tests only.
/// Invariants  Gives up reading after ten seconds without a byte.
/// Threads     One owner.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(socket_); }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int socket() const { return socket_; }

  /// Sends until the server has gone; what it then says is read as usual.
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Says that nothing more will be sent.
  void finish() const { ::shutdown(socket_, SHUT_WR); }

  /// Reads one answer. `without_body` for the answer to HEAD.
  RawAnswer read(bool without_body = false) {
    RawAnswer answer;
    std::size_t end = std::string::npos;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) {
        return answer;
      }
    }
    parse_head(pending_.substr(0, end), answer);
    pending_.erase(0, end + 4);
    if (answer.status == 100) {
      return read(without_body);
    }
    if (!without_body && answer.header("transfer-encoding") == "chunked") {
      read_chunks(answer);
      return answer;
    }
    const std::size_t length =
        without_body ? 0 : std::strtoull(answer.header("content-length").c_str(), nullptr, 10);
    while (pending_.size() < length && more()) {
    }
    answer.body = pending_.substr(0, length);
    pending_.erase(0, length);
    return answer;
  }

  /// Everything that comes until the server closes.
  std::string read_to_end() {
    while (more()) {
    }
    return std::exchange(pending_, {});
  }
  /// What has come so far, without waiting.
  std::string read_what_is_there() {
    char piece[16384];
    ssize_t count = 0;
    while ((count = ::recv(socket_, piece, sizeof(piece), MSG_DONTWAIT)) > 0) {
      pending_.append(piece, static_cast<std::size_t>(count));
    }
    return std::exchange(pending_, {});
  }
  /// Reads until `text` has come; false when the server closes before.
  bool read_until(std::string_view text) {
    while (pending_.find(text) == std::string::npos) {
      if (!more()) {
        return false;
      }
    }
    return true;
  }

  /// True when the server closes without sending anything more.
  bool closed() { return pending_.empty() && !more(); }

  static RawAnswer get(std::uint16_t port, std::string_view target) {
    RawClient client(port);
    client.send(std::string("GET ") + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return client.read();
  }
  static RawAnswer post(std::uint16_t port, std::string_view target, std::string_view type,
                        std::string_view body) {
    RawClient client(port);
    client.send(std::string("POST ") + std::string(target) +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + std::string(type) +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                std::string(body));
    return client.read();
  }

 private:
  static void parse_head(const std::string& head, RawAnswer& answer) {
    answer.status = std::atoi(head.substr(9, 3).c_str());
    std::size_t at = head.find("\r\n");
    while (at != std::string::npos) {
      const std::size_t next = head.find("\r\n", at + 2);
      const std::string line = head.substr(at + 2, next - at - 2);
      const std::size_t colon = line.find(": ");
      std::string name = line.substr(0, colon);
      for (char& c : name) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
      answer.headers[name] = colon == std::string::npos ? "" : line.substr(colon + 2);
      at = next;
    }
  }
  void read_chunks(RawAnswer& answer) {
    std::size_t size = 1;
    while (size > 0 && read_until("\r\n")) {
      size = std::strtoull(pending_.c_str(), nullptr, 16);
      pending_.erase(0, pending_.find("\r\n") + 2);
      while (pending_.size() < size + 2 && more()) {
      }
      answer.body.append(pending_, 0, size);
      pending_.erase(0, size + 2);
    }
  }
  bool more() {
    char piece[16384];
    const ssize_t count = ::recv(socket_, piece, sizeof(piece), 0);
    if (count <= 0) {
      return false;
    }
    pending_.append(piece, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string pending_;
};

}  // namespace guanxi::http
