#include "doors/signature.hpp"

#include <algorithm>

#include "base/money.hpp"

namespace guanxi::doors {
namespace {

constexpr std::size_t kHeaderMost = 4096;
constexpr std::int64_t kMostSeconds = 99'999'999'999;

// All values of one part of "t=1,v1=a,v1=b".
std::vector<std::string_view> parts_named(std::string_view header, std::string_view name) {
  std::vector<std::string_view> found;
  while (!header.empty()) {
    std::string_view part = header.substr(0, header.find(','));
    header.remove_prefix(std::min(part.size() + 1, header.size()));
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
      found.push_back(part.substr(name.size() + 1));
    }
  }
  return found;
}

std::optional<Instant> moment_of(std::string_view text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (digits) {
    const auto number = parse_decimal(text);
    if (!number) {
      return std::nullopt;
    }
    return Instant{number->digits > kMostSeconds ? number->digits / 1000 : number->digits};
  }
  const auto parsed = parse_instant(text);
  return parsed ? std::optional(parsed->instant) : std::nullopt;
}

std::string signed_text_of(const SignatureRule& rule, std::string_view timestamp,
                           std::string_view body) {
  std::string text;
  text.reserve(rule.signed_text.size() + timestamp.size() + body.size());
  std::string_view rest = rule.signed_text;
  while (!rest.empty()) {
    if (rest.starts_with("{body}")) {
      text += body;
      rest.remove_prefix(6);
    } else if (rest.starts_with("{timestamp}")) {
      text += timestamp;
      rest.remove_prefix(11);
    } else {
      text += rest.front();
      rest.remove_prefix(1);
    }
  }
  return text;
}

// The signatures that a request carries, decoded.
std::vector<std::string> given_signatures(const SignatureRule& rule, std::string_view header) {
  std::vector<std::string_view> texts = {header};
  if (!rule.signature_part.empty()) {
    texts = parts_named(header, rule.signature_part);
  }
  std::vector<std::string> signatures;
  for (std::string_view text : texts) {
    if (!text.starts_with(rule.prefix)) {
      continue;
    }
    text.remove_prefix(rule.prefix.size());
    auto bytes =
        rule.encoding == SignatureRule::Encoding::hex ? bytes_of_hex(text) : bytes_of_base64(text);
    if (bytes) {
      signatures.push_back(std::move(*bytes));
    }
  }
  return signatures;
}

}  // namespace

std::string_view name_of(SignatureVerdict verdict) {
  switch (verdict) {
    case SignatureVerdict::good:
      return "good";
    case SignatureVerdict::missing:
      return "missing";
    case SignatureVerdict::wrong:
      return "wrong";
    case SignatureVerdict::too_old:
      return "too_old";
  }
  return "wrong";
}

SignatureVerdict check_signature(const SignatureRule& rule, const http::Request& request,
                                 std::span<const std::string> secrets, Instant now) {
  std::string_view given;
  for (const std::string& name : rule.headers) {
    given = given.empty() ? request.header(name) : given;
  }
  if (given.empty() || given.size() > kHeaderMost) {
    return SignatureVerdict::missing;
  }
  std::string_view timestamp;
  if (!rule.timestamp_part.empty()) {
    const auto parts = parts_named(given, rule.timestamp_part);
    timestamp = parts.empty() ? std::string_view() : parts.front();
  } else if (!rule.timestamp_header.empty()) {
    timestamp = request.header(rule.timestamp_header);
  }
  const std::vector<std::string> signatures = given_signatures(rule, given);
  const std::string text = signed_text_of(rule, timestamp, request.body);
  bool good = false;
  for (const std::string& secret : secrets) {
    if (secret.empty()) {
      continue;
    }
    const std::string expected = hmac_of(rule.digest, secret, text);
    for (const std::string& signature : signatures) {
      good = same_bytes(expected, signature) || good;
    }
  }
  if (!good) {
    return SignatureVerdict::wrong;
  }
  if (rule.tolerance_s > 0) {
    const auto moment = moment_of(timestamp);
    if (!moment || moment->seconds < now.seconds - rule.tolerance_s ||
        moment->seconds > now.seconds + rule.tolerance_s) {
      return SignatureVerdict::too_old;
    }
  }
  return SignatureVerdict::good;
}

}  // namespace guanxi::doors
