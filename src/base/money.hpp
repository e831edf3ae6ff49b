#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace guanxi {

/// An ISO 4217 code such as "CNY"; empty when the source named none (the brand's own is meant).
struct Currency {
  std::array<char, 3> code{};
  [[nodiscard]] bool named() const { return code[0] != '\0'; }
  [[nodiscard]] std::string_view text() const {
    return named() ? std::string_view(code.data(), 3) : std::string_view();
  }
  /// Digits after the point: 2 for most, 0 for JPY, KRW, VND ..., 3 for KWD, BHD, ...
  [[nodiscard]] unsigned minor_digits() const;
  friend bool operator==(const Currency&, const Currency&) = default;
};

/// Reads three letters of any case. Errors: invalid otherwise.
[[nodiscard]] Result<Currency> parse_currency(std::string_view text);

/// A decimal number as it was written, without any floating point: digits * 10^-scale.
struct Decimal {
  std::int64_t digits = 0;
  unsigned scale = 0;
};

/// Reads "19.99", "-3", "1e2", "1,234.50" is refused (no thousands separators).
/// Errors: invalid when it is no number, or has more than 18 significant digits.
[[nodiscard]] Result<Decimal> parse_decimal(std::string_view text);

/// `value` in units of 10^-minor_digits, half away from zero. Errors: invalid on overflow.
[[nodiscard]] Result<std::int64_t> to_minor(Decimal value, unsigned minor_digits);

/// price * quantity, rounded once. Errors: invalid on overflow.
[[nodiscard]] Result<std::int64_t> line_total_minor(Decimal price, std::int64_t quantity,
                                                    unsigned minor_digits);

/// "19.99" of 1999.
[[nodiscard]] std::string minor_to_text(std::int64_t amount_minor, unsigned minor_digits);

}  // namespace guanxi
