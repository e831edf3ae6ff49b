#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/site.hpp"

namespace guanxi::http {

/// One request and its answer, for figures and the log of requests. No text of the sender.
struct Exchange {
  const Route* route = nullptr;  ///< null: a file of the page, or refused before
  Method method = Method::other;
  unsigned status = 0;
  std::chrono::microseconds took{};  ///< from the last byte read to the first byte written
  std::size_t bytes_in = 0;          ///< of the body, on the wire
  std::size_t bytes_out = 0;         ///< of the body as far as known
  /// As the answer's X-Request-Id says; valid during the call. Empty: a door's, and good.
  std::string_view request_id{};
};

/// Limits of the server. The defaults are the product's; tests set smaller ones.
struct ServerOptions {
  std::string address = "127.0.0.1";  ///< to listen on; "::" is every interface
  std::uint16_t port = 0;             ///< 0: any free one
  int inherited_socket = -1;          ///< a listening socket to use instead; it is copied
  /// Sockets of clients, from the hand_over() of the server before.
  std::vector<int> inherited_connections;
  /// Answered to, beside localhost; lower case, without port. "*": every name.
  std::vector<std::string> host_names;
  /// Networks whose X-Forwarded-For, -Proto and -Host are believed.
  std::vector<std::string> trusted_proxies;
  /// PEM files; empty: no TLS. Read again when they change.
  std::string certificate_file;
  std::string key_file;
  /// Called for each answer, on the server's thread: must be quick.
  std::function<void(const Exchange&)> witness;
  /// Told what an operator should know (a certificate that cannot be read), on the server's thread.
  std::function<void(std::string_view)> notice;
  /// Begins every X-Request-Id, so that those of two servers differ.
  std::string run_name = "r";
  std::size_t connections_most = 10'000;
  std::size_t unfinished_bytes_most = 256U << 20U;  ///< of bodies on their way in, all together
  std::size_t header_bytes_most = 16U << 10U;
  std::size_t target_bytes_most = 8U << 10U;
  std::size_t unsent_bytes_most = 256U << 20U;  ///< of answers; beyond, the slowest reader goes
  /// When requests have waited longer than this to be read, doors answer most of them 429 until
  /// they do not.
  std::chrono::milliseconds lag_most{500};
  std::chrono::milliseconds header_timeout{10'000};  ///< from the first byte to the empty line
  std::chrono::milliseconds idle_timeout{60'000};    ///< between requests
  std::chrono::milliseconds body_timeout{30'000};    ///< and a second more for each 16 KB
  std::chrono::milliseconds write_timeout{30'000};   ///< for each piece of an answer
  std::chrono::milliseconds stop_grace{5'000};
  unsigned instant_threads = 1;
  unsigned quick_threads = 2;
  unsigned slow_threads = 2;
  std::size_t quick_waiting_most = 1024;  ///< beyond: 503
  std::size_t slow_waiting_most = 32;
};

/// An HTTP/1.1 server on one address.
///
/// One thread moves bytes for all connections and runs deferred handlers; blocking handlers run on
/// three small pools, one for each Lane, so that no answer waits for a slower one. Deadlines are
/// plain values that one timer looks through.
///
/// Place       Started by app/ (serve) and by tests.
/// Invariants  Every answer carries the security headers. Memory is bounded: per connection by the
///             header, and for all by the number of connections and of unfinished bytes.
/// Threads     start(), stop() and port() from the owner's thread; it has threads of its own.
class Server {
 public:
  /// Errors: unavailable when the port cannot be had.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(std::shared_ptr<const Site> site,
                                                             const ServerOptions& options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] std::uint16_t port() const;
  /// Open now. Any thread.
  [[nodiscard]] std::size_t connections() const;

  /// Reads certificate and key again, for connections from now on. Any thread.
  /// Errors: invalid when they cannot be used; the old ones then stay.
  [[nodiscard]] Result<void> reload_certificate();

  /// Takes no new connection, finishes the answers under way (waits up to stop_grace for readers
  /// and doors, and for blocking handlers until they return), then ends all threads. A deferred
  /// answer may still come later: nobody hears it. Again: does nothing.
  void stop();
  /// Stops, but closes no plain connection that is between two requests: their sockets are the
  /// caller's, to be inherited by the next server, and their clients notice nothing.
  [[nodiscard]] std::vector<int> hand_over();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace guanxi::http
