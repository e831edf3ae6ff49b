#include "platform/entropy.hpp"

#include <sys/random.h>

#include <cerrno>
#include <vector>

namespace guanxi {

Result<std::string> random_hex(std::size_t bytes) {
  std::vector<unsigned char> drawn(bytes);
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got = ::getrandom(drawn.data() + done, bytes - done, 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return fail(ErrorCode::unavailable, "the system's random source gives nothing");
    }
    done += static_cast<std::size_t>(got);
  }
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes * 2);
  for (const unsigned char byte : drawn) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace guanxi
