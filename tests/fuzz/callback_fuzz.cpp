// WeCom's callbacks: the envelope, the cipher text inside of it, and what a right key would have
// given.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "doors/crypto.hpp"
#include "doors/flat_xml.hpp"
#include "doors/wecom_cipher.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace guanxi::doors;
  static const auto kCipher =
      WecomCipher::create("token:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "ww1");
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(kCipher->open(bytes).has_value());
  static_cast<void>(kCipher->signed_by(bytes, "1", "2", bytes));
  static_cast<void>(WecomCipher::create(bytes, "ww1").has_value());
  if (const auto binary = bytes_of_base64(bytes)) {
    GUANXI_CHECK(binary->size() <= size, "base64 never grows");
  }
  if (const auto elements = read_flat_xml(bytes)) {
    std::size_t held = 0;
    for (const auto& [name, text] : *elements) {
      held += text.size();
      GUANXI_CHECK(text.find('\0') == std::string::npos, "no NUL comes through");
      static_cast<void>(kCipher->open(text).has_value());
    }
    GUANXI_CHECK(held <= size, "text never grows: there are no entities to multiply it");
  }
  return 0;
}
