#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace guanxi::access {

/// What a secret is remembered by: 32 bytes that say whether it is the same, and nothing else.
///
/// Place       One per access file, with the file's own random key; every book of the room uses it.
/// Invariants  The same secret gives the same fingerprint for the life of the file. Without the
///             file's key nobody can tell which secret belongs to a fingerprint, nor steer one, so
///             finding it in a table by its first bytes gives no time away.
/// Threads     Immutable.
class Fingerprinter {
 public:
  static constexpr std::size_t kBytes = 32;
  /// REQUIRES a key of kBytes bytes.
  explicit Fingerprinter(std::string key);
  [[nodiscard]] std::string of(std::string_view secret) const;

 private:
  std::string key_;
};

/// Whether two texts are the same, in a time that depends on their lengths alone.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

/// 32 bytes of BLAKE2b over `bytes`, without a key: what chains the audit trail.
[[nodiscard]] std::string digest_of(std::string_view bytes);
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// What one look at a password costs whoever looks.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = std::size_t{64} << 20U;
};

/// argon2id with its own salt and its cost in the text. Errors: overloaded without the memory.
[[nodiscard]] Result<std::string> hash_password(std::string_view password, PasswordCost cost);
/// Takes as long for a wrong password as for the right one.
[[nodiscard]] bool password_matches(std::string_view hash, std::string_view password);

}  // namespace guanxi::access
