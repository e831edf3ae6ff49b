#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/message.hpp"
#include "http/server.hpp"
#include "http/site.hpp"

namespace guanxi::http {

/// What a session needs of the server that holds it.
///
/// Place       Implemented by the server; sessions call it.
/// Threads     The server's one thread only.
class SessionHost {
 public:
  SessionHost() = default;
  SessionHost(const SessionHost&) = delete;
  SessionHost& operator=(const SessionHost&) = delete;
  virtual ~SessionHost() = default;

  [[nodiscard]] virtual const ServerOptions& options() const = 0;
  [[nodiscard]] virtual bool stopping() const = 0;
  [[nodiscard]] virtual const Site& site() const = 0;
  /// Computes the answer, on a pool thread or wherever a deferred handler likes, and comes back to
  /// the server's.
  [[nodiscard]] virtual boost::asio::awaitable<Response> answer(Request request,
                                                                RouteTable::Match match) = 0;
};

/// One connection: reads requests one after the other and writes their answers in order.
///
/// Place       Made by the server for each accepted socket; ends by itself.
/// Invariants  At most one request is held at a time. Every wait for the peer has a deadline.
/// Threads     The server's one thread only.
class Session {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Phase : std::uint8_t { idle, header, body, answering, writing, closing };

  Session(boost::asio::ip::tcp::socket socket, SessionHost& host);

  [[nodiscard]] boost::asio::awaitable<void> run();

  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  /// Ends the wait that the session is in; it then says 408 when a request had begun, and closes.
  void expire();
  /// Closes the socket at once.
  void close();

 private:
  struct Incoming;

  void take_header(Incoming& incoming) const;
  void witness(const Incoming& incoming, const Response& response,
               Clock::time_point complete) const;
  void enter(Phase phase, std::chrono::milliseconds allowed);
  [[nodiscard]] boost::asio::awaitable<bool> wait_for_first_byte(bool first_request);
  [[nodiscard]] boost::asio::awaitable<void> read_request(Incoming& incoming);
  [[nodiscard]] boost::asio::awaitable<void> read_body(Incoming& incoming);
  void refuse_read(Incoming& incoming, const boost::system::error_code& error) const;
  [[nodiscard]] boost::asio::awaitable<bool> write(const Incoming& incoming,
                                                   const Response& response);
  [[nodiscard]] boost::asio::awaitable<void> linger();

  boost::asio::ip::tcp::socket socket_;
  SessionHost& host_;
  boost::beast::flat_buffer buffer_;
  Phase phase_ = Phase::idle;
  Clock::time_point deadline_;
  bool expired_ = false;
};

}  // namespace guanxi::http
