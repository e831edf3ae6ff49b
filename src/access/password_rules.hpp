#pragma once

#include <string_view>

#include "base/result.hpp"

namespace guanxi::access {

inline constexpr std::size_t kPasswordCharactersLeast = 12;
inline constexpr std::size_t kPasswordBytesMost = 512;

/// Whether `password` may be that of the user `name`. What is refused is short, or long only by
/// what everybody would try first: the user's or the product's name, runs of keys or digits,
/// one piece repeated. There are no rules about kinds of characters.
/// Errors: invalid, saying why.
[[nodiscard]] Result<void> check_password(std::string_view name, std::string_view password);

}  // namespace guanxi::access
