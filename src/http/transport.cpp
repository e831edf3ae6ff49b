#include "http/transport.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

namespace guanxi::http {
namespace {

constexpr int kBacklog = 4096;
constexpr int kSendBufferBytes = 64 << 10;  // bounds what a slow reader costs the kernel

std::string why() { return std::generic_category().message(errno); }

Unexpected unusable(const std::string& what) {
  return fail(ErrorCode::unavailable, what + " cannot be used: " + why());
}

int any_length(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

Result<void> bind_and_listen(int socket, const std::string& address, std::uint16_t port) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof(kSendBufferBytes));
  const std::string name = "port " + std::to_string(port) + " of " + address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  int status = -1;
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    status = ::bind(socket, reinterpret_cast<const sockaddr*>(&v4), sizeof(v4));
  } else {
    static_cast<void>(::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr));
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    const int no = 0;
    ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
    status = ::bind(socket, reinterpret_cast<const sockaddr*>(&v6), sizeof(v6));
  }
  if (status != 0 || ::listen(socket, kBacklog) != 0) {
    return unusable(name);
  }
  return {};
}

std::string text_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  constexpr std::string_view kMapped = "::ffff:";
  const std::string_view whole(text.data());
  const bool mapped =
      whole.substr(0, kMapped.size()) == kMapped && whole.find('.') != std::string_view::npos;
  return std::string(mapped ? whole.substr(kMapped.size()) : whole);
}

}  // namespace

void Transport::FreeTls::operator()(SSL* session) const { SSL_free(session); }

Transport::Transport(int socket, const Certificate* certificate)
    : socket_(socket), tls_(certificate == nullptr ? nullptr : certificate->new_session(socket)) {
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

Transport::~Transport() {
  tls_.reset();
  if (socket_ >= 0) {
    ::close(socket_);
  }
}

int Transport::release() {
  GUANXI_CHECK(tls_ == nullptr, "only a plain socket can be given away");
  return std::exchange(socket_, -1);
}

Transport::Moved Transport::outcome_of(int result) {
  const int error = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  wants_write_ = error == SSL_ERROR_WANT_WRITE;
  const bool again = wants_write_ || error == SSL_ERROR_WANT_READ;
  return {again ? Outcome::again : Outcome::gone, 0};
}

Transport::Moved Transport::read(char* into, std::size_t most) {
  if (tls_ == nullptr) {
    const ssize_t count = ::recv(socket_, into, most, 0);
    if (count > 0) {
      return {Outcome::done, static_cast<std::size_t>(count)};
    }
    const bool again = count < 0 && (errno == EAGAIN || errno == EINTR);
    return {again ? Outcome::again : Outcome::gone, 0};
  }
  std::size_t total = 0;
  while (total < most) {  // a record holds 16 KB; what waits behind it would not wake us
    const int count = SSL_read(tls_.get(), into + total, any_length(most - total));
    if (count <= 0) {
      const Moved end = outcome_of(count);
      return total > 0 ? Moved{Outcome::done, total} : end;
    }
    total += static_cast<std::size_t>(count);
  }
  return {Outcome::done, total};
}

Transport::Moved Transport::write(std::string_view bytes) {
  if (tls_ == nullptr) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      return {Outcome::done, static_cast<std::size_t>(count)};
    }
    const bool again = count < 0 && (errno == EAGAIN || errno == EINTR);
    return {again ? Outcome::again : Outcome::gone, 0};
  }
  const int count = SSL_write(tls_.get(), bytes.data(), any_length(bytes.size()));
  if (count <= 0) {
    return outcome_of(count);
  }
  wants_write_ = false;
  return {Outcome::done, static_cast<std::size_t>(count)};
}

void Transport::finish() {
  if (tls_ != nullptr) {
    static_cast<void>(SSL_shutdown(tls_.get()));
    ERR_clear_error();
  }
  ::shutdown(socket_, SHUT_WR);
}

bool Transport::holds_bytes() const { return tls_ != nullptr && SSL_has_pending(tls_.get()) == 1; }

Result<int> listen_on(const std::string& address, std::uint16_t port) {
  in6_addr parsed{};
  const int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (::inet_pton(family, address.c_str(), &parsed) != 1) {
    return fail(ErrorCode::invalid, "\"" + address + "\" is no address to listen on");
  }
  const int socket = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return unusable(address);
  }
  auto bound = bind_and_listen(socket, address, port);
  if (!bound) {
    ::close(socket);
    return Unexpected{bound.error()};
  }
  return socket;
}

Result<int> listen_on_inherited(int socket) {
  const int own = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  int listens = 0;
  socklen_t size = sizeof(listens);
  if (own < 0 || ::getsockopt(own, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
      listens == 0) {
    const Unexpected error = unusable("the inherited socket");
    ::close(own);
    return error;
  }
  ::fcntl(own, F_SETFL, ::fcntl(own, F_GETFL) | O_NONBLOCK);
  ::setsockopt(own, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof(kSendBufferBytes));
  return own;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return 0;
  }
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  std::memcpy(&v4, &bound, sizeof(v4));
  std::memcpy(&v6, &bound, sizeof(v6));
  return ntohs(bound.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

Accepted accept_one(int listener) {
  sockaddr_storage from{};
  socklen_t size = sizeof(from);
  Accepted accepted;
  accepted.socket =
      ::accept4(listener, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted.socket >= 0) {
    accepted.peer = text_of(from);
  }
  return accepted;
}

Accepted taken_over(int socket) {
  sockaddr_storage from{};
  socklen_t size = sizeof(from);
  Accepted accepted;
  accepted.socket = socket;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&from), &size) == 0) {
    accepted.peer = text_of(from);
  }
  return accepted;
}

}  // namespace guanxi::http
