#include "api/parameters.hpp"

#include <algorithm>
#include <charconv>

#include "http/problem.hpp"

namespace guanxi::api {
namespace {

constexpr std::size_t kQuotedMost = 60;

// What was sent, short enough to be repeated in a message.
std::string quoted(std::string_view text) {
  std::size_t end = std::min(text.size(), kQuotedMost);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return '"' + std::string(text.substr(0, end)) + (end < text.size() ? "...\"" : "\"");
}

std::string listed(const std::vector<std::string_view>& valid) {
  std::string out;
  for (const std::string_view one : valid) {
    out += out.empty() ? "" : ", ";
    out += one;
  }
  return out;
}

}  // namespace

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stopped != end) {
    return std::nullopt;
  }
  return value;
}

Parameters::Parameters(const http::Request& request, std::initializer_list<std::string_view> known)
    : request_(request) {
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : request.target.query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      refuse(name, known.size() == 0 ? "no parameter is known here"
                                     : quoted(name) + " is no parameter here; one of " +
                                           listed(std::vector<std::string_view>(known)));
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      refuse(name, "it is given twice");
    }
    seen.push_back(name);
  }
}

const std::string* Parameters::find(std::string_view name) const {
  for (const auto& [known, value] : request_.target.query) {
    if (known == name && !value.empty()) {
      return &value;
    }
  }
  return nullptr;
}

void Parameters::refuse(std::string_view name, std::string message) {
  if (!refusal_) {
    refusal_ = http::problem(Error{ErrorCode::invalid, std::move(message)}, name);
  }
}

std::optional<std::string> Parameters::text(std::string_view name, std::size_t bytes_most) {
  const std::string* given = find(name);
  if (given == nullptr) {
    return std::nullopt;
  }
  if (given->size() > bytes_most) {
    refuse(name, "it may have " + std::to_string(bytes_most) + " bytes at most");
    return std::nullopt;
  }
  return *given;
}

std::optional<Day> Parameters::day(std::string_view name) {
  const std::string* given = find(name);
  if (given == nullptr) {
    return std::nullopt;
  }
  const Result<Day> parsed = parse_day(*given);
  if (!parsed || parsed->number < 0 || parsed->number > 49710) {
    refuse(name, quoted(*given) + " is no day from 1970 to 2106; write it as 2011-06-09");
    return std::nullopt;
  }
  return *parsed;
}

std::uint64_t Parameters::number(std::string_view name, std::uint64_t least, std::uint64_t most,
                                 std::uint64_t fallback) {
  const std::string* given = find(name);
  if (given == nullptr) {
    return fallback;
  }
  const std::optional<std::uint64_t> value = whole_number(*given);
  if (!value || *value < least || *value > most) {
    refuse(name, quoted(*given) + " is no whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
    return fallback;
  }
  return *value;
}

std::optional<bool> Parameters::yes_no(std::string_view name) {
  const std::string given = choice(name, {"true", "false", "1", "0"});
  if (given.empty()) {
    return std::nullopt;
  }
  return given == "true" || given == "1";
}

std::string Parameters::choice(std::string_view name, const std::vector<std::string_view>& valid) {
  const std::string* given = find(name);
  if (given == nullptr) {
    return {};
  }
  if (std::find(valid.begin(), valid.end(), *given) == valid.end()) {
    refuse(name, quoted(*given) + " is none of " + listed(valid));
    return {};
  }
  return *given;
}

std::vector<std::string> Parameters::choices(std::string_view name,
                                             const std::vector<std::string_view>& valid) {
  std::vector<std::string> out;
  const std::string* given = find(name);
  std::string_view rest = given == nullptr ? std::string_view() : std::string_view(*given);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (std::find(valid.begin(), valid.end(), one) == valid.end()) {
      refuse(name, quoted(one) + " is none of " + listed(valid));
      return {};
    }
    if (std::find(out.begin(), out.end(), one) == out.end()) {
      out.emplace_back(one);
    }
  }
  return out;
}

}  // namespace guanxi::api
