#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "doors/crypto.hpp"
#include "http/message.hpp"

namespace guanxi::doors {

/// How a sender signs what it sends, as data: where the signature stands, what was signed, and how
/// old it may be.
///
/// Place       Read from a mapping file's [signature]; check_signature() applies it.
/// Invariants  `headers` is never empty; header names are in lower case.
/// Threads     A value.
struct SignatureRule {
  enum class Encoding : std::uint8_t { base64, hex };
  std::vector<std::string> headers;  ///< the first one that is there counts
  DigestKind digest = DigestKind::sha256;
  Encoding encoding = Encoding::base64;
  std::string prefix;                  ///< stands before the signature: "sha256="
  std::string signed_text = "{body}";  ///< with {body} and {timestamp}
  std::string timestamp_header;
  /// Of a header such as "t=1777600000,v1=ab..": the names of its parts. Empty: no such header.
  std::string signature_part;
  std::string timestamp_part;
  std::int64_t tolerance_s = 0;  ///< how far the timestamp may lie off, both ways; 0: any
};

enum class SignatureVerdict : std::uint8_t { good, missing, wrong, too_old };
[[nodiscard]] std::string_view name_of(SignatureVerdict verdict);

/// Whether one of `secrets` made the signature. Signatures are compared in constant time; with no
/// secret at all, none is good.
[[nodiscard]] SignatureVerdict check_signature(const SignatureRule& rule,
                                               const http::Request& request,
                                               std::span<const std::string> secrets, Instant now);

}  // namespace guanxi::doors
