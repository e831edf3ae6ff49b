#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/tls.hpp"

namespace guanxi::http {

/// One accepted socket, plain or under TLS, that never blocks.
///
/// Place       Owned by a connection.
/// Invariants  Closed with the object.
/// Threads     The server's one thread, with SIGPIPE blocked.
class Transport {
 public:
  enum class Outcome : std::uint8_t {
    done,   ///< `bytes` were moved, at least one
    again,  ///< nothing now: wait until it is readable (or writable, see wants_write())
    gone    ///< the peer has ended it
  };
  struct Moved {
    Outcome outcome = Outcome::again;
    std::size_t bytes = 0;
  };

  /// Takes the socket over. `certificate` null: plain.
  Transport(int socket, const Certificate* certificate);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport();

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] bool secure() const { return tls_ != nullptr; }
  [[nodiscard]] Moved read(char* into, std::size_t most);
  [[nodiscard]] Moved write(std::string_view bytes);
  /// Lets go of the socket, which is the caller's from then on. REQUIRES !secure().
  [[nodiscard]] int release();
  /// Says that nothing more will be sent.
  void finish();

  /// A handshake under way waits to write.
  [[nodiscard]] bool wants_write() const { return wants_write_; }
  /// Bytes have been read from the socket that read() has not given yet.
  [[nodiscard]] bool holds_bytes() const;

 private:
  struct FreeTls {
    void operator()(SSL* session) const;
  };

  [[nodiscard]] Moved outcome_of(int result);

  int socket_;
  std::unique_ptr<SSL, FreeTls> tls_;
  bool wants_write_ = false;
};

/// A socket that listens on `address`:`port`, not blocking.
/// Errors: unavailable when it cannot be had.
[[nodiscard]] Result<int> listen_on(const std::string& address, std::uint16_t port);
/// The same over a copy of a socket that listens already.
[[nodiscard]] Result<int> listen_on_inherited(int socket);
[[nodiscard]] std::uint16_t port_of(int socket);

struct Accepted {
  int socket = -1;   ///< none: nobody waits, or errno says why not
  std::string peer;  ///< its address in text; of IPv4 in IPv6 the IPv4 part
};
[[nodiscard]] Accepted accept_one(int listener);
/// A client's socket that another server has accepted.
[[nodiscard]] Accepted taken_over(int socket);

}  // namespace guanxi::http
