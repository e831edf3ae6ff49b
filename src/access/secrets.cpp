#include "access/secrets.hpp"

#include <sodium.h>

#include <array>

#include "base/check.hpp"

namespace guanxi::access {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void need_sodium() {
  static const bool ready = sodium_init() >= 0;
  GUANXI_CHECK(ready, "libsodium finds the system's random source");
}

std::string blake2b(std::string_view text, std::string_view key) {
  need_sodium();
  std::array<unsigned char, Fingerprinter::kBytes> out{};
  GUANXI_CHECK(crypto_generichash(out.data(), out.size(), bytes_of(text), text.size(),
                                  key.empty() ? nullptr : bytes_of(key), key.size()) == 0,
               "sizes are those of BLAKE2b");
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

}  // namespace

Fingerprinter::Fingerprinter(std::string key) : key_(std::move(key)) {
  GUANXI_CHECK(key_.size() == kBytes, "the file's key has 32 bytes");
}

std::string Fingerprinter::of(std::string_view secret) const { return blake2b(secret, key_); }

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string digest_of(std::string_view bytes) { return blake2b(bytes, {}); }

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4U];
    text += kDigits[value & 15U];
  }
  return text;
}

Result<std::string> hash_password(std::string_view password, PasswordCost cost) {
  need_sodium();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost.passes,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorCode::overloaded, "there is no memory to look at a password; try again");
  }
  return std::string(out.data());
}

bool password_matches(std::string_view hash, std::string_view password) {
  need_sodium();
  return crypto_pwhash_str_verify(std::string(hash).c_str(), password.data(), password.size()) == 0;
}

}  // namespace guanxi::access
