#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace guanxi {

/// `bytes` bytes from the operating system's random source, as lower-case hex digits (two a byte).
/// For names that nobody may guess; never for anything a relationship is computed from.
/// Errors: unavailable when the system gives none.
[[nodiscard]] Result<std::string> random_hex(std::size_t bytes);

}  // namespace guanxi
