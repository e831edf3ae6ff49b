#include "operations/listening.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace guanxi::operations {
namespace {

constexpr int kFirstActivated = 3;  // sd_listen_fds(3)
constexpr int kWaitingMost = 4096;

struct Address {
  sockaddr_storage bytes{};
  socklen_t length = 0;
};

Result<Address> address_of(const ListenAddress& listen) {
  Address address;
  auto* const four = reinterpret_cast<sockaddr_in*>(&address.bytes);
  auto* const six = reinterpret_cast<sockaddr_in6*>(&address.bytes);
  const std::string host = listen.host == "localhost" ? "127.0.0.1" : listen.host;
  if (inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(listen.port);
    address.length = sizeof(sockaddr_in);
    return address;
  }
  const std::string any_or_host = host.empty() ? "::" : host;
  if (inet_pton(AF_INET6, any_or_host.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(listen.port);
    address.length = sizeof(sockaddr_in6);
    return address;
  }
  return fail(ErrorCode::invalid, "'" + listen.host + "' is no numeric address to listen on");
}

std::string problem_of(const ListenAddress& listen) {
  return "port " + std::to_string(listen.port) + " cannot be used: " + std::strerror(errno);
}

}  // namespace

Result<ListeningSocket> ListeningSocket::open(const ListenAddress& listen) {
  GUANXI_TRY(address, address_of(listen));
  ListeningSocket socket(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  const int no = 0;
  setsockopt(socket.descriptor_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (listen.host.empty()) {  // IPv4 as well
    setsockopt(socket.descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
  }
  if (::bind(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address.bytes),
             address.length) != 0 ||
      ::listen(socket.descriptor_, kWaitingMost) != 0) {
    return fail(ErrorCode::unavailable, problem_of(listen));
  }
  return socket;
}

std::optional<ListeningSocket> ListeningSocket::activated() {
  const char* const process = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  const bool for_us = process != nullptr && count != nullptr &&
                      std::strtol(process, nullptr, 10) == ::getpid() &&
                      std::strtol(count, nullptr, 10) >= 1;
  unsetenv("LISTEN_PID");
  unsetenv("LISTEN_FDS");
  unsetenv("LISTEN_FDNAMES");
  if (!for_us) {
    return std::nullopt;
  }
  static_cast<void>(fcntl(kFirstActivated, F_SETFD, FD_CLOEXEC));
  return ListeningSocket(kFirstActivated);
}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

ListeningSocket::~ListeningSocket() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

std::string ListeningSocket::url(bool tls) const {
  sockaddr_storage bytes{};
  socklen_t length = sizeof(bytes);
  std::string host = "localhost";
  std::uint16_t port = 0;
  if (getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bytes), &length) == 0) {
    const auto* const four = reinterpret_cast<const sockaddr_in*>(&bytes);
    const auto* const six = reinterpret_cast<const sockaddr_in6*>(&bytes);
    const bool is_four = bytes.ss_family == AF_INET;
    port = ntohs(is_four ? four->sin_port : six->sin6_port);
    const bool here =
        is_four ? four->sin_addr.s_addr == htonl(INADDR_LOOPBACK) ||
                      four->sin_addr.s_addr == htonl(INADDR_ANY)
                : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (!here && is_four) {
      host = inet_ntop(AF_INET, &four->sin_addr, text.data(), text.size());
    } else if (!here) {
      host =
          "[" + std::string(inet_ntop(AF_INET6, &six->sin6_addr, text.data(), text.size())) + "]";
    }
  }
  return (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

}  // namespace guanxi::operations
