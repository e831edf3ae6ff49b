#include "events/json_tree.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/json_writer.hpp"

namespace guanxi {
namespace {

namespace ondemand = simdjson::ondemand;

bool digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && digit(text[at + count])) {
    ++count;
  }
  return count;
}

// The grammar of numbers of RFC 8259, 6.
bool is_json_number(std::string_view text) {
  std::size_t at = text.empty() || text.front() != '-' ? 0 : 1;
  const std::size_t whole = digits_at(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) {
    return false;
  }
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits_at(text, at + 1);
    if (fraction == 0) {
      return false;
    }
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '+' || text[at] == '-') ? 1U : 0U;
    const std::size_t exponent = digits_at(text, at);
    if (exponent == 0) {
      return false;
    }
    at += exponent;
  }
  return at == text.size();
}

int hex_value(char c) {
  return digit(c)               ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// Four hex digits at `at`, or -1.
std::int32_t code_unit(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) {
    return -1;
  }
  std::int32_t unit = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int value = hex_value(text[at + i]);
    if (value < 0) {
      return -1;
    }
    unit = unit * 16 + value;
  }
  return unit;
}

// Appends to a buffer that is large enough: no escape is shorter than what it stands for.
class Unescaper {
 public:
  explicit Unescaper(char* place) : begin_(place), place_(place) {}

  // The text between the quotes; false when an escape is none.
  [[nodiscard]] bool run(std::string_view raw) {
    std::size_t at = 0;
    while (at < raw.size()) {
      if (raw[at] != '\\') {
        *place_++ = raw[at++];
        continue;
      }
      const std::size_t used = escape(raw, at + 1);
      if (used == 0) {
        return false;
      }
      at += 1 + used;
    }
    return true;
  }
  [[nodiscard]] std::string_view text() const {
    return {begin_, static_cast<std::size_t>(place_ - begin_)};
  }
  [[nodiscard]] bool lone_surrogate() const { return lone_surrogate_; }

 private:
  // Bytes used after the backslash; 0 when it is no escape.
  std::size_t escape(std::string_view raw, std::size_t at) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (at >= raw.size()) {
      return 0;
    }
    const std::size_t letter = kLetters.find(raw[at]);
    if (letter != std::string_view::npos) {
      *place_++ = kMeanings[letter];
      return 1;
    }
    return raw[at] == 'u' ? unicode(raw, at + 1) : 0;
  }
  std::size_t unicode(std::string_view raw, std::size_t at) {
    const std::int32_t unit = code_unit(raw, at);
    if (unit < 0) {
      return 0;
    }
    if (unit < 0xD800 || unit > 0xDFFF) {
      append(static_cast<std::uint32_t>(unit));
      return 5;
    }
    const bool pair_follows = unit < 0xDC00 && raw.substr(at + 4).starts_with("\\u");
    const std::int32_t low = pair_follows ? code_unit(raw, at + 6) : -1;
    if (low < 0xDC00 || low > 0xDFFF) {
      lone_surrogate_ = true;
      append(0xFFFD);
      return 5;
    }
    append(0x10000U + ((static_cast<std::uint32_t>(unit) - 0xD800U) << 10U) +
           (static_cast<std::uint32_t>(low) - 0xDC00U));
    return 11;
  }
  void append(std::uint32_t point) {
    const auto put = [&](std::uint32_t byte) {
      *place_++ = static_cast<char>(static_cast<std::uint8_t>(byte));
    };
    if (point < 0x80) {
      put(point);
      return;
    }
    if (point < 0x800) {
      put(0xC0U | (point >> 6U));
    } else if (point < 0x10000) {
      put(0xE0U | (point >> 12U));
      put(0x80U | ((point >> 6U) & 0x3FU));
    } else {
      put(0xF0U | (point >> 18U));
      put(0x80U | ((point >> 12U) & 0x3FU));
      put(0x80U | ((point >> 6U) & 0x3FU));
    }
    put(0x80U | (point & 0x3FU));
  }

  char* begin_;
  char* place_;
  bool lone_surrogate_ = false;
};

// How many bytes come before the first quote or backslash, or some of them. Looks at eight at a
// time; REQUIRES as many bytes of padding after the text.
std::size_t plain_bytes(std::string_view text) {
  static_assert(simdjson::SIMDJSON_PADDING >= 8, "reads past the end");
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
  const auto zero_in = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
  for (std::size_t at = 0; at < text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    const std::uint64_t found = zero_in(word ^ kOnes * '"') | zero_in(word ^ kOnes * '\\');
    if (found != 0) {
      const std::size_t first = std::endian::native == std::endian::little
                                    ? static_cast<std::size_t>(std::countr_zero(found)) / 8
                                    : 0;
      return std::min(at + first, text.size());
    }
  }
  return text.size();
}

// Walks one document and appends its values. The first error ends the walk.
class Walker {
 public:
  Walker(std::string_view json, std::vector<JsonNode>& nodes, char* unescaped)
      : json_(json), nodes_(nodes), unescaped_(unescaped) {}

  [[nodiscard]] bool value(ondemand::value& value, int depth) {
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) {
      return wrong(value.raw_json_token(), "no JSON value");
    }
    const std::string_view token = value.raw_json_token();
    const std::size_t index = nodes_.size() - 1;
    nodes_[index].offset = static_cast<std::uint32_t>(token.data() - json_.data());
    switch (type) {
      case ondemand::json_type::object:
        return object(value, index, depth);
      case ondemand::json_type::array:
        return array(value, index, depth);
      case ondemand::json_type::string:
        return string(token.substr(1), index, false);
      case ondemand::json_type::number:
        return number(token, index);
      case ondemand::json_type::boolean:
      case ondemand::json_type::null:
        return word(token, index);
    }
    return wrong(token, "no JSON value");
  }
  // An object's members or an array's elements, already opened.
  [[nodiscard]] bool members(ondemand::object& members, std::size_t index, int depth) {
    nodes_[index].type = JsonType::object;
    for (auto member : members) {
      ondemand::field field;
      if (std::move(member).get(field) != simdjson::SUCCESS) {
        return broken();
      }
      nodes_.emplace_back();
      const std::size_t child = nodes_.size() - 1;
      const char* key = field.key().raw();
      const auto key_at = static_cast<std::size_t>(key - json_.data());
      if (!string(json_.substr(key_at), child, true) || !this->value(field.value(), depth + 1)) {
        return false;
      }
    }
    nodes_[index].span = static_cast<std::uint32_t>(nodes_.size() - index);
    return true;
  }
  [[nodiscard]] bool elements(ondemand::array& elements, std::size_t index, int depth) {
    nodes_[index].type = JsonType::array;
    for (auto element : elements) {
      ondemand::value inner;
      // get() takes an rvalue alone.  NOLINTNEXTLINE(performance-move-const-arg)
      if (std::move(element).get(inner) != simdjson::SUCCESS) {
        return broken();
      }
      nodes_.emplace_back();
      if (!value(inner, depth + 1)) {
        return false;
      }
    }
    nodes_[index].span = static_cast<std::uint32_t>(nodes_.size() - index);
    return true;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] bool flawed() const { return flawed_; }

 private:
  bool wrong(std::string_view token, const char* what) {
    problem_ = std::string(what) + " at byte " +
               std::to_string(static_cast<std::size_t>(token.data() - json_.data()));
    return false;
  }
  bool broken() {
    problem_ = "a comma, colon, bracket or value is missing or too much";
    return false;
  }
  [[nodiscard]] bool object(ondemand::value& value, std::size_t index, int depth) {
    if (depth >= kJsonDepthMost) {
      nodes_[index].type = JsonType::object;
      nodes_[index].too_deep = flawed_ = true;
      return true;
    }
    ondemand::object inner;
    return value.get_object().get(inner) == simdjson::SUCCESS ? members(inner, index, depth)
                                                              : broken();
  }
  [[nodiscard]] bool array(ondemand::value& value, std::size_t index, int depth) {
    if (depth >= kJsonDepthMost) {
      nodes_[index].type = JsonType::array;
      nodes_[index].too_deep = flawed_ = true;
      return true;
    }
    ondemand::array inner;
    return value.get_array().get(inner) == simdjson::SUCCESS ? elements(inner, index, depth)
                                                             : broken();
  }
  // `rest` begins after the opening quote.
  [[nodiscard]] bool string(std::string_view rest, std::size_t index, bool is_key) {
    std::size_t end = plain_bytes(rest);
    bool escaped = false;
    while (end < rest.size() && rest[end] != '"') {
      const bool escape = rest[end] == '\\';
      escaped = escaped || escape;
      end += escape ? 2U : 1U;
    }
    if (end >= rest.size()) {
      return wrong(rest, "a string without its end");
    }
    std::string_view text = rest.substr(0, end);
    if (escaped) {
      Unescaper unescaper(unescaped_);
      if (!unescaper.run(text)) {
        return wrong(rest, "a string with an escape that is none");
      }
      text = unescaper.text();
      unescaped_ += text.size();
      nodes_[index].lone_surrogate = nodes_[index].lone_surrogate || unescaper.lone_surrogate();
      flawed_ = flawed_ || unescaper.lone_surrogate();
    }
    if (is_key) {
      nodes_[index].key = text;
      nodes_[index].key_tag = json_key_tag(text);
    } else {
      nodes_[index].type = JsonType::string;
      nodes_[index].text = text;
    }
    return true;
  }
  static std::string_view trimmed(std::string_view token) {
    const std::size_t last = token.find_last_not_of(" \t\r\n");
    return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
  }
  [[nodiscard]] bool number(std::string_view token, std::size_t index) {
    nodes_[index].type = JsonType::number;
    nodes_[index].text = trimmed(token);
    return is_json_number(nodes_[index].text) || wrong(token, "no number");
  }
  [[nodiscard]] bool word(std::string_view token, std::size_t index) {
    const std::string_view text = trimmed(token);
    nodes_[index].type = text == "null" ? JsonType::null : JsonType::truth;
    nodes_[index].truth = text == "true";
    return text == "null" || text == "true" || text == "false" || wrong(token, "no JSON value");
  }

  std::string_view json_;
  std::vector<JsonNode>& nodes_;
  char* unescaped_;
  bool flawed_ = false;
  std::string problem_;
};

Unexpected no_json(const std::string& what) {
  return fail(ErrorCode::invalid, "this is not JSON: " + what);
}

}  // namespace

struct JsonTree::Parser {
  ondemand::parser parser;
};

JsonTree::JsonTree() : parser_(std::make_unique<Parser>()) {}
JsonTree::~JsonTree() = default;
JsonTree::JsonTree(JsonTree&&) noexcept = default;
JsonTree& JsonTree::operator=(JsonTree&&) noexcept = default;

std::string_view name_of(JsonType type) {
  switch (type) {
    case JsonType::null:
      return "null";
    case JsonType::truth:
      return "true or false";
    case JsonType::number:
      return "a number";
    case JsonType::string:
      return "a text";
    case JsonType::array:
      return "a list";
    case JsonType::object:
      return "an object";
  }
  return "null";
}

Result<void> JsonTree::parse(std::string_view json) {
  nodes_.clear();
  padded_.resize(json.size() + simdjson::SIMDJSON_PADDING);
  if (!json.empty()) {
    std::memcpy(padded_.data(), json.data(), json.size());
  }
  std::memset(padded_.data() + json.size(), ' ', simdjson::SIMDJSON_PADDING);
  unescaped_.resize(json.size() + 1);
  ondemand::document document;
  const simdjson::padded_string_view view(padded_.data(), json.size(), padded_.size());
  if (const auto error = parser_->parser.iterate(view).get(document); error != simdjson::SUCCESS) {
    return no_json(simdjson::error_message(error));
  }
  ondemand::json_type type{};
  if (document.type().get(type) != simdjson::SUCCESS) {
    return no_json("no JSON value at byte 0");
  }
  if (type != ondemand::json_type::object && type != ondemand::json_type::array) {
    return fail(ErrorCode::invalid, "an event is a JSON object; this is another value");
  }
  const std::string_view text(padded_.data(), json.size());
  Walker walker(text, nodes_, unescaped_.data());
  nodes_.emplace_back();
  ondemand::value root;
  if (document.get_value().get(root) != simdjson::SUCCESS || !walker.value(root, 0)) {
    return no_json(walker.problem().empty() ? "the text ends too early" : walker.problem());
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return no_json("more text after the end of the value");
  }
  flawed_ = walker.flawed();
  return {};
}

void write_node(JsonWriter& json, const JsonNode& node, WriteMember write_member) {
  switch (node.type) {
    case JsonType::null:
      json.null();
      return;
    case JsonType::truth:
      json.boolean(node.truth);
      return;
    case JsonType::number:
      json.raw(node.text);
      return;
    case JsonType::string:
      json.string(node.text);
      return;
    case JsonType::array:
      json.begin_array();
      for (const JsonNode& child : node) {
        write_node(json, child, write_member);
      }
      json.end_array();
      return;
    case JsonType::object:
      json.begin_object();
      for (const JsonNode& child : node) {
        if (write_member != nullptr) {
          write_member(json, child);
        } else {
          json.key(child.key);
          write_node(json, child);
        }
      }
      json.end_object();
      return;
  }
}

}  // namespace guanxi
