// Any bytes said to be gzip: never more than the budget comes out, and what we pack comes back.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "http/gzip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 100'000;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string out;
  static_cast<void>(guanxi::http::gunzip(bytes, kMost, out));
  GUANXI_CHECK(out.size() <= kMost, "the budget holds");
  const guanxi::http::Unpacked back =
      guanxi::http::gunzip(guanxi::http::gzip(bytes, 1), kMost, out);
  GUANXI_CHECK(size > kMost || (back == guanxi::http::Unpacked::whole && out == bytes),
               "what was packed comes back");
  return 0;
}
