#pragma once

namespace guanxi {

/// Prints the broken condition with its place and aborts. Called by GUANXI_CHECK only.
[[noreturn]] void check_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace guanxi

// A condition that only a bug can break. On in every build; the process stops at once.
#define GUANXI_CHECK(condition, why)                                     \
  do {                                                                   \
    if (!(condition)) [[unlikely]] {                                     \
      ::guanxi::check_failed(#condition, why, __FILE__, __LINE__);       \
    }                                                                    \
  } while (false)
