#include "base/money.hpp"

#include <algorithm>

#include "base/fixed.hpp"

namespace guanxi {
namespace {

__extension__ using Int128 = __int128;

constexpr std::string_view kNoMinor = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
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
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
    rest.remove_prefix(1);
  }
  std::int64_t digits = 0;
  unsigned significant = 0;
  int scale = 0;
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
        return no_number(text);
      }
      continue;
    }
    digits = digits * 10 + (c - '0');
    scale += after_point ? 1 : 0;
  }
  rest.remove_prefix(at);
  if (!any) {
    return no_number(text);
  }
  if (!rest.empty()) {
    if ((rest.front() != 'e' && rest.front() != 'E') || rest.size() < 2) {
      return no_number(text);
    }
    rest.remove_prefix(1);
    const bool minus = rest.front() == '-';
    if (rest.front() == '-' || rest.front() == '+') {
      rest.remove_prefix(1);
    }
    if (rest.empty() || rest.size() > 3 ||
        !std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return no_number(text);
    }
    int exponent = 0;
    for (const char c : rest) {
      exponent = exponent * 10 + (c - '0');
    }
    scale += minus ? exponent : -exponent;
  }
  while (scale > 0 && digits % 10 == 0 && digits != 0) {
    digits /= 10;
    --scale;
  }
  while (scale < 0 && digits != 0) {
    if (digits > INT64_MAX / 10) {
      return no_number(text);
    }
    digits *= 10;
    ++scale;
  }
  if (digits == 0) {
    scale = 0;
  }
  if (scale > 30) {
    return no_number(text);
  }
  return Decimal{negative ? -digits : digits, static_cast<unsigned>(scale)};
}

Result<std::int64_t> to_minor(Decimal value, unsigned minor_digits) {
  return line_total_minor(value, 1, minor_digits);
}

Result<std::int64_t> line_total_minor(Decimal price, std::int64_t quantity,
                                      unsigned minor_digits) {
  Int128 total = static_cast<Int128>(price.digits) * quantity;
  if (price.scale > minor_digits) {
    total = divide_rounded(total, power_of_ten(price.scale - minor_digits));
  } else {
    total *= power_of_ten(minor_digits - price.scale);
  }
  return narrow(total);
}

std::string minor_to_text(std::int64_t amount_minor, unsigned minor_digits) {
  const bool negative = amount_minor < 0;
  std::string digits = std::to_string(negative ? -amount_minor : amount_minor);
  if (minor_digits > 0) {
    if (digits.size() <= minor_digits) {
      digits.insert(0, minor_digits + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - minor_digits, ".");
  }
  return negative ? "-" + digits : digits;
}

}  // namespace guanxi
