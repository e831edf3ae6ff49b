#include "base/money.hpp"

#include <algorithm>
#include <optional>

#include "base/fixed.hpp"

namespace guanxi {
namespace {

__extension__ using Int128 = __int128;

constexpr std::string_view kNoMinor =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kThreeMinor = "BHD IQD JOD KWD LYD OMR TND";

Unexpected no_number(std::string_view text) {
  return fail(ErrorCode::invalid, "'" + std::string(text.substr(0, 40)) +
                                      "' is no amount; valid: 19.99, -3, 1999 (a point for the "
                                      "decimals, no thousands separators, at most 18 digits)");
}

Result<std::int64_t> narrow(Int128 value) {
  constexpr Int128 kMost = INT64_MAX;
  if (value > kMost || value < -kMost) {
    return fail(ErrorCode::invalid, "the amount is larger than 64 bits of minor units");
  }
  return static_cast<std::int64_t>(value);
}

// value / divisor, half away from zero.
Int128 divide_rounded(Int128 value, Int128 divisor) {
  const Int128 half = divisor / 2;
  return value >= 0 ? (value + half) / divisor : -((-value + half) / divisor);
}

Int128 power_of_ten(unsigned exponent) {
  Int128 power = 1;
  for (unsigned i = 0; i < exponent; ++i) {
    power *= 10;
  }
  return power;
}

/// digits * 10^-scale, where the scale may still be negative.
struct Mantissa {
  std::int64_t digits = 0;
  int scale = 0;
};

/// Takes "123.45" off the front of `rest`; nothing when there is no digit, or more than 18 that
/// count.
std::optional<Mantissa> take_mantissa(std::string_view& rest) {
  Mantissa mantissa;
  unsigned significant = 0;
  bool any = false;
  bool after_point = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (c < '0' || c > '9') {
      break;
    }
    any = true;
    if (significant > 0 || c != '0') {
      ++significant;
    }
    // Digits beyond 18 are allowed only where they are trailing zeros of the fraction.
    if (significant > 18) {
      if (!after_point || c != '0') {
        return std::nullopt;
      }
      continue;
    }
    mantissa.digits = mantissa.digits * 10 + (c - '0');
    mantissa.scale += after_point ? 1 : 0;
  }
  rest.remove_prefix(at);
  return any ? std::optional(mantissa) : std::nullopt;
}

/// Reads "", "e2", "E-3", up to three digits; nothing when `text` is something else.
std::optional<int> exponent_of(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  if (text.front() != 'e' && text.front() != 'E') {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const bool minus = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    text.remove_prefix(1);
  }
  if (text.empty() || text.size() > 3 ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  int exponent = 0;
  for (const char c : text) {
    exponent = exponent * 10 + (c - '0');
  }
  return minus ? -exponent : exponent;
}

/// Brings the scale into 0..30 without trailing zeros; false when the number does not fit.
bool normalise(Mantissa& mantissa) {
  if (mantissa.digits == 0) {
    mantissa.scale = 0;
  }
  while (mantissa.scale > 0 && mantissa.digits % 10 == 0) {
    mantissa.digits /= 10;
    --mantissa.scale;
  }
  while (mantissa.scale < 0) {
    if (mantissa.digits > INT64_MAX / 10) {
      return false;
    }
    mantissa.digits *= 10;
    ++mantissa.scale;
  }
  return mantissa.scale <= 30;
}

}  // namespace

unsigned Currency::minor_digits() const {
  if (!named()) {
    return 2;
  }
  if (kNoMinor.find(text()) != std::string_view::npos) {
    return 0;
  }
  return kThreeMinor.find(text()) != std::string_view::npos ? 3 : 2;
}

Result<Currency> parse_currency(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), letter)) {
    return fail(ErrorCode::invalid, "'" + std::string(text.substr(0, 20)) +
                                        "' is no currency; valid: three letters such as CNY");
  }
  Currency currency;
  std::transform(text.begin(), text.end(), currency.code.begin(),
                 [](char c) { return static_cast<char>(c & ~0x20); });
  return currency;
}

Result<Decimal> parse_decimal(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  std::string_view rest = text;
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
    rest.remove_prefix(1);
  }
  std::optional<Mantissa> mantissa = take_mantissa(rest);
  const std::optional<int> exponent = exponent_of(rest);
  if (!mantissa || !exponent) {
    return no_number(text);
  }
  mantissa->scale -= *exponent;
  if (!normalise(*mantissa)) {
    return no_number(text);
  }
  return Decimal{negative ? -mantissa->digits : mantissa->digits,
                 static_cast<unsigned>(mantissa->scale)};
}

Result<std::int64_t> to_minor(Decimal value, unsigned minor_digits) {
  return line_total_minor(value, 1, minor_digits);
}

Result<std::int64_t> line_total_minor(Decimal price, std::int64_t quantity, unsigned minor_digits) {
  Int128 total = static_cast<Int128>(price.digits) * quantity;
  if (price.scale > minor_digits) {
    total = divide_rounded(total, power_of_ten(price.scale - minor_digits));
  } else {
    // Narrowed first, so that the product of two huge numbers cannot overflow 128 bits either.
    Result<std::int64_t> units = narrow(total);
    if (!units) {
      return units;
    }
    total *= power_of_ten(minor_digits - price.scale);
  }
  return narrow(total);
}

std::string minor_to_text(std::int64_t amount_minor, unsigned minor_digits) {
  const bool negative = amount_minor < 0;
  const auto bits = static_cast<std::uint64_t>(amount_minor);
  std::string digits = std::to_string(negative ? std::uint64_t{0} - bits : bits);
  if (minor_digits > 0) {
    if (digits.size() <= minor_digits) {
      digits.insert(0, minor_digits + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - minor_digits, 1, '.');
  }
  if (negative) {
    digits.insert(0, 1, '-');
  }
  return digits;
}

}  // namespace guanxi
