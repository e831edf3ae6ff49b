#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace guanxi::doors {

/// How WeCom signs and encrypts what it calls back with.
///
/// A signature is the hex SHA-1 of token, timestamp, nonce and cipher text, sorted and joined. The
/// cipher is AES-256-CBC under a key whose first 16 bytes are the iv too; the plain text is 16
/// random bytes, a length (4 bytes, big endian), the message, and the receiver's id.
///
/// Place       Made by the WeCom door for each secret it tries.
/// Threads     Immutable: any.
class WecomCipher {
 public:
  /// `secret` is "TOKEN:ENCODING_AES_KEY", the key of 43 characters. Errors: invalid.
  [[nodiscard]] static Result<WecomCipher> create(std::string_view secret,
                                                  std::string_view receiver_id);

  [[nodiscard]] bool signed_by(std::string_view signature, std::string_view timestamp,
                               std::string_view nonce, std::string_view cipher) const;
  /// The message inside of a cipher text (base64). Errors: invalid when it is none of ours: another
  /// key, another receiver, lengths that do not fit.
  [[nodiscard]] Result<std::string> open(std::string_view cipher) const;

 private:
  WecomCipher() = default;

  std::string token_;
  std::string key_;
  std::string receiver_id_;
};

}  // namespace guanxi::doors
