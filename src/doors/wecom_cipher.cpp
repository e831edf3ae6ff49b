#include "doors/wecom_cipher.hpp"

#include <algorithm>
#include <array>

#include "doors/crypto.hpp"

namespace guanxi::doors {
namespace {

constexpr std::size_t kEncodedKey = 43;
constexpr std::size_t kRandomBytes = 16;
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kPaddingMost = 32;

Unexpected no_message() {
  return fail(ErrorCode::invalid, "this was not encrypted with the key of this source");
}

}  // namespace

Result<WecomCipher> WecomCipher::create(std::string_view secret, std::string_view receiver_id) {
  const std::size_t colon = secret.find(':');
  if (colon == std::string_view::npos || colon == 0 || secret.size() - colon - 1 != kEncodedKey) {
    return fail(ErrorCode::invalid,
                "secret: valid is TOKEN:EncodingAESKey, the key of 43 characters");
  }
  // 43 characters hold 258 bits; the two that carry nothing may be set.
  std::string encoded(secret.substr(colon + 1));
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t last = kAlphabet.find(encoded.back());
  encoded.back() = last == std::string_view::npos ? '?' : kAlphabet[last & ~std::size_t{3}];
  auto key = bytes_of_base64(encoded + "=");
  if (!key || key->size() != 32) {
    return fail(ErrorCode::invalid, "secret: the EncodingAESKey is no base64");
  }
  WecomCipher cipher;
  cipher.token_ = secret.substr(0, colon);
  cipher.key_ = std::move(*key);
  cipher.receiver_id_ = receiver_id;
  return cipher;
}

bool WecomCipher::signed_by(std::string_view signature, std::string_view timestamp,
                            std::string_view nonce, std::string_view cipher) const {
  std::array<std::string_view, 4> parts = {token_, timestamp, nonce, cipher};
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string_view part : parts) {
    text += part;
  }
  const auto given = bytes_of_hex(signature);
  return given && same_bytes(*given, digest_of(DigestKind::sha1, text));
}

Result<std::string> WecomCipher::open(std::string_view cipher) const {
  const auto bytes = bytes_of_base64(cipher);
  if (!bytes) {
    return fail(ErrorCode::invalid, "the cipher text is no base64");
  }
  GUANXI_TRY(plain, aes_256_cbc_decrypted(key_, std::string_view(key_).substr(0, 16), *bytes));
  const auto padding = static_cast<unsigned char>(plain.back());
  if (padding == 0 || padding > kPaddingMost || padding > plain.size()) {
    return no_message();
  }
  std::string_view content = std::string_view(plain).substr(0, plain.size() - padding);
  if (content.size() < kRandomBytes + kLengthBytes) {
    return no_message();
  }
  content.remove_prefix(kRandomBytes);
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length = length << 8U | static_cast<unsigned char>(content[i]);
  }
  content.remove_prefix(kLengthBytes);
  if (length > content.size() || content.substr(length) != receiver_id_) {
    return no_message();
  }
  return std::string(content.substr(0, length));
}

}  // namespace guanxi::doors
