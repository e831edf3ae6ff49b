#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace guanxi::doors {

// Hashes and ciphers of senders, and the texts that carry them. crypto.cpp is the one file of this
// room that knows OpenSSL.

enum class DigestKind : std::uint8_t { sha1, sha256, sha512 };
[[nodiscard]] std::optional<DigestKind> digest_named(std::string_view name);

/// HMAC (RFC 2104) of `text`, as raw bytes.
[[nodiscard]] std::string hmac_of(DigestKind digest, std::string_view key, std::string_view text);
/// The digest of `text`, as raw bytes.
[[nodiscard]] std::string digest_of(DigestKind digest, std::string_view text);

/// Compares in a time that depends on the lengths alone.
[[nodiscard]] bool same_bytes(std::string_view a, std::string_view b);

/// Undoes AES-256 in CBC mode; padding is the caller's business.
/// Errors: invalid for a key that has not 32 bytes, an iv that has not 16, or bytes that are no
/// whole number of blocks.
[[nodiscard]] Result<std::string> aes_256_cbc_decrypted(std::string_view key, std::string_view iv,
                                                        std::string_view cipher);

[[nodiscard]] std::string hex_of(std::string_view bytes);
/// Nothing where a character is no digit, or their number is odd. Takes both cases.
[[nodiscard]] std::optional<std::string> bytes_of_hex(std::string_view text);
/// RFC 4648 with the standard alphabet and padding; nothing for any other text, also where bits
/// that carry nothing are set.
[[nodiscard]] std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace guanxi::doors
