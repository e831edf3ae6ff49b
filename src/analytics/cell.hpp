#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace guanxi {

// Reading of single cells, shared by recognition and mapping.

/// Without blanks, no-break spaces and carriage returns at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// "12", "-3.50", "1,234.50", "£12.00", "(12.00)", "12.00-"; with `decimal_mark` ',' also
/// "1.234,50". Nothing when it is no number.
[[nodiscard]] std::optional<Decimal> read_number(std::string_view text, char decimal_mark = '.');

/// How a source writes "no value": "", NULL, NaN, None, N/A, \N, undefined.
[[nodiscard]] bool is_missing(std::string_view text);

/// A column's name as it is compared: letters and digits only, ASCII lower case, other bytes as
/// they are: "Customer ID", "customer_id" and "CustomerID" are one name.
[[nodiscard]] std::string plain_name(std::string_view name);

[[nodiscard]] std::string lower_ascii(std::string_view text);

}  // namespace guanxi
