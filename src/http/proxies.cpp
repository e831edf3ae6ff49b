#include "http/proxies.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace guanxi::http {
namespace {

using Address = std::array<std::uint8_t, 16>;
constexpr unsigned kBitsBeforeV4 = 96;
constexpr unsigned kBits = 128;

/// IPv4 as IPv6 writes it: ::ffff:a.b.c.d.
std::optional<Address> address_of(std::string_view text) {
  const std::string whole(text);
  Address address{};
  std::array<std::uint8_t, 4> v4{};
  if (::inet_pton(AF_INET, whole.c_str(), v4.data()) == 1) {
    address[10] = address[11] = 0xFF;
    std::copy(v4.begin(), v4.end(), address.begin() + 12);
    return address;
  }
  if (::inet_pton(AF_INET6, whole.c_str(), address.data()) == 1) {
    return address;
  }
  return std::nullopt;
}

/// "1.2.3.4:567" and "[::1]:567" without what is not the address.
std::string_view bare(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  if (!text.empty() && text.front() == '[') {
    return text.substr(1, text.find(']') - 1);
  }
  const std::size_t colon = text.find(':');
  const bool port = colon != std::string_view::npos && colon == text.rfind(':');
  return port ? text.substr(0, colon) : text;
}

/// The last of all values of a header: the one that the nearest proxy wrote.
std::string_view last_of(const Request& request, std::string_view name) {
  std::string_view value;
  for (const auto& [there, text] : request.headers) {
    if (there == name) {
      value = text;
    }
  }
  const std::size_t comma = value.rfind(',');
  return comma == std::string_view::npos ? value : value.substr(comma + 1);
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::optional<Address> address = address_of(text.substr(0, slash));
    const bool v4 = text.find(':') == std::string::npos;
    const unsigned most = v4 ? kBits - kBitsBeforeV4 : kBits;
    unsigned bits = most;
    bool right = address.has_value();
    if (slash < text.size()) {
      const char* end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
      right = right && error == std::errc() && stop == end && bits <= most;
    }
    if (!right) {
      return fail(ErrorCode::invalid, "\"" + text + "\" is no address and no network (10.0.0.0/8)");
    }
    proxies.networks_.push_back({*address, bits + (v4 ? kBitsBeforeV4 : 0)});
  }
  return proxies;
}

bool TrustedProxies::contains(std::string_view text) const {
  const std::optional<Address> address = networks_.empty() ? std::nullopt : address_of(text);
  return address && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           const unsigned whole = network.bits / 8;
           const unsigned rest = network.bits % 8;
           const auto mask = static_cast<std::uint8_t>(0xFF00U >> rest);
           return std::equal(address->begin(), address->begin() + whole, network.address.begin()) &&
                  (rest == 0 || ((*address)[whole] & mask) == (network.address[whole] & mask));
         });
}

void TrustedProxies::take_word(Request& request) const {
  if (!contains(request.peer)) {
    return;
  }
  const std::string_view scheme = bare(last_of(request, "x-forwarded-proto"));
  request.secure = request.secure || scheme == "https";
  const std::string_view host = last_of(request, "x-forwarded-host");
  if (!host.empty()) {
    request.host = host.substr(std::min(host.find_first_not_of(' '), host.size()));
  }
  std::string all;
  for (const auto& [name, value] : request.headers) {
    if (name == "x-forwarded-for") {
      all.append(all.empty() ? "" : ",").append(value);
    }
  }
  std::string_view list = all;
  while (!list.empty() && contains(request.peer)) {
    const std::size_t comma = list.rfind(',');
    const std::string_view one =
        bare(comma == std::string_view::npos ? list : list.substr(comma + 1));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
    if (!address_of(one)) {
      return;
    }
    request.peer = one;
  }
}

}  // namespace guanxi::http
