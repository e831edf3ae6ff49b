#include "doors/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>

#include "base/check.hpp"

namespace guanxi::doors {
namespace {

const EVP_MD* md_of(DigestKind digest) {
  switch (digest) {
    case DigestKind::sha1:
      return EVP_sha1();
    case DigestKind::sha256:
      return EVP_sha256();
    case DigestKind::sha512:
      return EVP_sha512();
  }
  return EVP_sha256();
}

const unsigned char* bytes_of(std::string_view text) {
  return static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
}

std::string text_of(const std::array<unsigned char, EVP_MAX_MD_SIZE>& bytes, unsigned size) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), size};
}

int value_of_hex(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int value_of_base64(char c) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::optional<DigestKind> digest_named(std::string_view name) {
  return name == "sha1"     ? std::optional(DigestKind::sha1)
         : name == "sha256" ? std::optional(DigestKind::sha256)
         : name == "sha512" ? std::optional(DigestKind::sha512)
                            : std::nullopt;
}

std::string hmac_of(DigestKind digest, std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const unsigned char* const done = HMAC(md_of(digest), key.data(), static_cast<int>(key.size()),
                                         bytes_of(text), text.size(), out.data(), &size);
  GUANXI_CHECK(done != nullptr, "OpenSSL has the digests that it names");
  return text_of(out, size);
}

std::string digest_of(DigestKind digest, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const int done = EVP_Digest(text.data(), text.size(), out.data(), &size, md_of(digest), nullptr);
  GUANXI_CHECK(done == 1, "OpenSSL has the digests that it names");
  return text_of(out, size);
}

bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> aes_256_cbc_decrypted(std::string_view key, std::string_view iv,
                                          std::string_view cipher) {
  constexpr std::size_t kKeyBytes = 32;
  constexpr std::size_t kBlockBytes = 16;
  if (key.size() != kKeyBytes || iv.size() != kBlockBytes || cipher.empty() ||
      cipher.size() % kBlockBytes != 0 || cipher.size() > INT32_MAX) {
    return fail(ErrorCode::invalid, "the text is no whole number of AES blocks");
  }
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(),
                                                                           &EVP_CIPHER_CTX_free);
  std::string plain(cipher.size() + kBlockBytes, '\0');
  auto* const out = static_cast<unsigned char*>(static_cast<void*>(plain.data()));
  int first = 0;
  int last = 0;
  if (context == nullptr ||
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, bytes_of(key), bytes_of(iv)) !=
          1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_DecryptUpdate(context.get(), out, &first, bytes_of(cipher),
                        static_cast<int>(cipher.size())) != 1 ||
      EVP_DecryptFinal_ex(context.get(), out + first, &last) != 1) {
    return fail(ErrorCode::invalid, "the text cannot be decrypted");
  }
  plain.resize(static_cast<std::size_t>(first) + static_cast<std::size_t>(last));
  return plain;
}

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::optional<std::string> bytes_of_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; };
    const int high = value_of_hex(lower(text[at]));
    const int low = value_of_hex(lower(text[at + 1]));
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::optional<std::string> bytes_of_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  text.remove_suffix(padding);
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const int value = value_of_base64(c);
    if (value < 0) {
      return std::nullopt;
    }
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 0xFFU);
    }
  }
  const bool stray = (bits & ((1U << held) - 1U)) != 0;
  return stray ? std::nullopt : std::optional(std::move(bytes));
}

}  // namespace guanxi::doors
