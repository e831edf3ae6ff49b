#include "api/json_body.hpp"

#include <simdjson.h>

#include <algorithm>

#include "base/check.hpp"
#include "http/problem.hpp"

namespace guanxi::api {
namespace {

constexpr std::size_t kTextsMost = 100;
constexpr std::size_t kTextOfListBytesMost = 100;

}  // namespace

struct JsonBody::Parsed {
  simdjson::dom::parser parser;
  simdjson::dom::object members;

  [[nodiscard]] std::optional<simdjson::dom::element> find(std::string_view name) const {
    simdjson::dom::element value;
    const auto found = members.at_key(name);
    return found.get(value) == simdjson::SUCCESS && !value.is_null()
               ? std::optional<simdjson::dom::element>(value)
               : std::nullopt;
  }
};

JsonBody::JsonBody(const http::Request& request, std::initializer_list<std::string_view> known)
    : parsed_(std::make_unique<Parsed>()) {
  const std::string_view body = request.body.empty() ? std::string_view("{}") : request.body;
  if (parsed_->parser.parse(body.data(), body.size()).get(parsed_->members) != simdjson::SUCCESS) {
    refuse("", "the body is no JSON object");
    const auto nothing = parsed_->parser.parse(std::string_view("{}")).get(parsed_->members);
    GUANXI_CHECK(nothing == simdjson::SUCCESS, "an empty object is JSON");
    return;
  }
  std::vector<std::string_view> seen;
  for (const auto member : parsed_->members) {
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      refuse(member.key, "nothing of that name is known here");
    }
    if (std::find(seen.begin(), seen.end(), member.key) != seen.end()) {
      refuse(member.key, "it is given twice");
    }
    seen.push_back(member.key);
  }
}

JsonBody::~JsonBody() = default;

bool JsonBody::has(std::string_view name) const { return parsed_->find(name).has_value(); }

std::string JsonBody::text(std::string_view name, std::size_t bytes_most) {
  const auto value = parsed_->find(name);
  std::string_view text;
  if (!value || value->get(text) != simdjson::SUCCESS || text.empty() || text.size() > bytes_most) {
    refuse(name, "it is needed, as a text of 1 to " + std::to_string(bytes_most) + " bytes");
    return {};
  }
  return std::string(text);
}

std::optional<bool> JsonBody::yes_no(std::string_view name) {
  const auto value = parsed_->find(name);
  bool truth = false;
  if (!value) {
    return std::nullopt;
  }
  if (value->get(truth) != simdjson::SUCCESS) {
    refuse(name, "it is true or false");
    return std::nullopt;
  }
  return truth;
}

std::uint64_t JsonBody::number(std::string_view name, std::uint64_t least, std::uint64_t most,
                               std::uint64_t fallback) {
  const auto value = parsed_->find(name);
  std::uint64_t number = 0;
  if (!value) {
    return fallback;
  }
  if (value->get(number) != simdjson::SUCCESS || number < least || number > most) {
    refuse(name,
           "it is a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return fallback;
  }
  return number;
}

std::vector<std::string> JsonBody::texts(std::string_view name) {
  const auto value = parsed_->find(name);
  simdjson::dom::array array;
  std::vector<std::string> out;
  if (!value || value->get(array) != simdjson::SUCCESS || array.size() > kTextsMost) {
    refuse(name, "it is needed, as a list of texts");
    return out;
  }
  for (const auto one : array) {
    std::string_view text;
    if (one.get(text) != simdjson::SUCCESS || text.size() > kTextOfListBytesMost) {
      refuse(name, "it is a list of texts");
      return {};
    }
    out.emplace_back(text);
  }
  return out;
}

std::string JsonBody::object(std::string_view name) {
  const auto value = parsed_->find(name);
  if (!value) {
    return {};
  }
  if (!value->is_object()) {
    refuse(name, "it is a JSON object");
    return {};
  }
  return simdjson::minify(*value);
}

void JsonBody::refuse(std::string_view name, std::string message) {
  if (!refusal_) {
    refusal_ = http::problem(Error{ErrorCode::invalid, std::move(message)}, name);
  }
}

}  // namespace guanxi::api
