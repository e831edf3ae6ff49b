#include "events/values.hpp"

#include <algorithm>

#include "base/fixed.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

constexpr std::int64_t kLastSecond = 4294967295;
// Numbers above it cannot be seconds that an event has; they are milliseconds.
constexpr std::int64_t kMostSeconds = 99'999'999'999;

std::string is_a(const JsonNode& node, std::string_view valid) {
  return "is " + std::string(name_of(node.type)) + "; valid: " + std::string(valid);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  const std::size_t last = text.find_last_not_of(" \t");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, last - first + 1);
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Instant> epoch(const JsonNode& node, const Path& path, Problem& problem) {
  const auto number = parse_decimal(node.text);
  if (number) {
    std::int64_t value = number->digits;
    for (unsigned scale = number->scale; scale > 0; --scale) {
      value /= 10;
    }
    value = value > kMostSeconds ? value / 1000 : value;
    if (value >= 0 && value <= kLastSecond && number->digits >= 0) {
      return Instant{value};
    }
  }
  problem.set(path, std::string(node.text.substr(0, 40)) +
                        " is no moment; valid: 2026-05-01T09:30:00Z, or seconds or milliseconds "
                        "since 1970, up to 2106");
  return std::nullopt;
}

}  // namespace

std::string Path::text() const {
  std::string text = above_ == nullptr ? std::string() : above_->text();
  if (is_index_) {
    return text + "[" + std::to_string(index_) + "]";
  }
  if (!text.empty() && !name_.empty()) {
    text += '.';
  }
  return text + std::string(name_.substr(0, 80));
}

std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) {
    return text;
  }
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) {
    --most;
  }
  return text.substr(0, most);
}

std::optional<Decimal> read_decimal(const JsonNode& node, const Path& path, Problem& problem) {
  if (node.type != JsonType::number && node.type != JsonType::string) {
    problem.set(path, is_a(node, "19.99 or \"19.99\""));
    return std::nullopt;
  }
  const auto number = parse_decimal(trimmed(node.text));
  if (!number) {
    problem.set(path, number.error().message);
    return std::nullopt;
  }
  return *number;
}

std::optional<std::int64_t> read_whole(const JsonNode& node, const Path& path, Problem& problem) {
  const auto number = read_decimal(node, path, problem);
  if (!number) {
    return std::nullopt;
  }
  if (number->scale != 0) {
    problem.set(
        path, "'" + std::string(node.text.substr(0, 40)) + "' is no whole number; valid: 2, \"2\"");
    return std::nullopt;
  }
  return number->digits;
}

std::optional<Decimal> read_money(const JsonNode& node, bool is_minor, unsigned minor_digits,
                                  const Path& path, Problem& problem) {
  if (node.type == JsonType::object) {
    const Path inner("minor", &path);
    if (const JsonNode* minor = node.find("minor")) {
      return read_money(*minor, true, minor_digits, inner, problem);
    }
    if (const JsonNode* amount = node.find("amount")) {
      return read_money(*amount, false, minor_digits, Path("amount", &path), problem);
    }
    problem.set(path, "is an object without an amount; valid: 19.99, \"19.99\", {\"minor\": 1999}");
    return std::nullopt;
  }
  if (!is_minor) {
    return read_decimal(node, path, problem);
  }
  const auto minor = read_whole(node, path, problem);
  return minor ? std::optional(Decimal{*minor, minor_digits}) : std::nullopt;
}

std::optional<std::int64_t> read_scaled(const JsonNode& node, std::int64_t factor,
                                        std::int64_t divisor, std::int64_t most, const Path& path,
                                        Problem& problem) {
  const auto number = read_decimal(node, path, problem);
  if (!number) {
    return std::nullopt;
  }
  __extension__ using Int128 = __int128;
  Int128 below = divisor;
  for (unsigned i = 0; i < number->scale && below < (Int128{1} << 100U); ++i) {
    below *= 10;
  }
  const Int128 value = (Int128{number->digits} * factor + below / 2) / below;
  if (number->digits < 0 || value > most) {
    problem.set(path, "'" + std::string(node.text.substr(0, 40)) +
                          "' is out of range; valid: 0 to " +
                          std::to_string(most * divisor / factor));
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> read_rating(const JsonNode& node, std::int64_t lowest,
                                        std::int64_t highest, const Path& path, Problem& problem) {
  const auto number = read_decimal(node, path, problem);
  if (!number) {
    return std::nullopt;
  }
  __extension__ using Int128 = __int128;
  Int128 unit = 1;
  for (unsigned i = 0; i < number->scale; ++i) {
    unit *= 10;
  }
  const Int128 above = Int128{number->digits} - lowest * unit;
  const Int128 range = (highest - lowest) * unit;
  if (above < 0 || above > range) {
    problem.set(path, "'" + std::string(node.text.substr(0, 40)) + "' is out of range; valid: " +
                          std::to_string(lowest) + " to " + std::to_string(highest));
    return std::nullopt;
  }
  return static_cast<std::int64_t>((above * 100 + range / 2) / range);
}

std::optional<Instant> read_moment(const JsonNode& node, const Zone& zone, bool end_of_day,
                                   const Path& path, Problem& problem) {
  const bool digits_only =
      node.type == JsonType::string && node.text.size() >= 10 && all_digits(node.text);
  if (node.type == JsonType::number || digits_only) {
    return epoch(node, path, problem);
  }
  if (node.type != JsonType::string) {
    problem.set(path, is_a(node, "2026-05-01T09:30:00Z, or seconds or milliseconds since 1970"));
    return std::nullopt;
  }
  const auto parsed = parse_instant(trimmed(node.text));
  if (!parsed) {
    problem.set(path, parsed.error().message);
    return std::nullopt;
  }
  Instant instant = parsed->had_zone ? parsed->instant : zone.from_local(parsed->instant.seconds);
  if (end_of_day && !parsed->had_time) {
    instant = Instant{zone.from_local(parsed->instant.seconds + kSecondsPerDay).seconds - 1};
  }
  if (instant.seconds < 0 || instant.seconds > kLastSecond) {
    problem.set(path, "lies outside 1970 to 2106 in this zone");
    return std::nullopt;
  }
  return instant;
}

std::optional<std::string_view> read_id(const JsonNode& node, const Path& path, Problem& problem,
                                        std::size_t bytes_most) {
  const bool number = node.type == JsonType::number &&
                      all_digits(node.text.starts_with('-') ? node.text.substr(1) : node.text);
  if (node.type != JsonType::string && !number) {
    problem.set(path, is_a(node, "a text or a whole number"));
    return std::nullopt;
  }
  if (node.lone_surrogate) {
    problem.set(path, "holds half of a surrogate pair; valid: UTF-8");
    return std::nullopt;
  }
  if (node.text.size() > bytes_most) {
    problem.set(path, "is longer than 255 bytes; valid: 1 to 255 bytes of UTF-8");
    return std::nullopt;
  }
  if (node.text.find('\0') != std::string_view::npos) {
    problem.set(path, "holds a NUL; valid: 1 to 255 bytes of UTF-8 without NUL");
    return std::nullopt;
  }
  return node.text;
}

std::optional<bool> read_truth(const JsonNode& node, const Path& path, Problem& problem) {
  if (node.type == JsonType::truth) {
    return node.truth;
  }
  const bool yes = node.text == "true" || node.text == "1";
  if (node.type != JsonType::null && (yes || node.text == "false" || node.text == "0")) {
    return yes;
  }
  problem.set(path, is_a(node, "true or false"));
  return std::nullopt;
}

}  // namespace guanxi
