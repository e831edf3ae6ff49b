#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace guanxi {

void check_failed(const char* condition, const char* why, const char* file, int line) {
  static_cast<void>(
      std::fprintf(stderr, "guanxi: bug at %s:%d: %s (%s)\n", file, line, why, condition));
  std::abort();
}

}  // namespace guanxi
