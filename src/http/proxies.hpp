#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace guanxi::http {

/// The proxies in front of this server whose word on a client is taken.
///
/// Place       Made from the configuration; asked for each request.
/// Invariants  Nobody else's X-Forwarded headers mean anything.
/// Threads     Immutable.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  /// Networks: "10.0.0.0/8", "::1", "192.168.1.7". Errors: invalid, naming the one that is wrong.
  [[nodiscard]] static Result<TrustedProxies> parse(const std::vector<std::string>& networks);

  [[nodiscard]] bool contains(std::string_view address) const;

  /// When request.peer is one of them: who is behind (X-Forwarded-For, read from the right until
  /// somebody who is no proxy of ours), whether over TLS (-Proto), and for which Host (-Host).
  void take_word(Request& request) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address{};
    unsigned bits = 0;
  };
  std::vector<Network> networks_;
};

}  // namespace guanxi::http
