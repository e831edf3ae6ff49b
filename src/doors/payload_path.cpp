#include "doors/payload_path.hpp"

#include <algorithm>

#include "base/money.hpp"

namespace guanxi::doors {
namespace {

constexpr std::size_t kStepsMost = 16;
constexpr std::size_t kTextMost = 1024;
constexpr std::string_view kValid =
    "; valid: customer.id, codes[0].code, note_attributes[name=web].value, each.price";

Unexpected no_path(std::string_view text, std::string_view why) {
  return fail(ErrorCode::invalid,
              "'" + std::string(text) + "' " + std::string(why) + std::string(kValid));
}

// The text of a value that has one: text, number, truth. A list of texts is joined by commas.
std::optional<std::string> text_of(const JsonNode& node) {
  switch (node.type) {
    case JsonType::string:
    case JsonType::number:
      return node.text.empty() ? std::nullopt : std::optional(std::string(node.text));
    case JsonType::truth:
      return node.truth ? "true" : "false";
    case JsonType::null:
    case JsonType::array:
    case JsonType::object:
      break;
  }
  return std::nullopt;
}

const JsonNode* select_of(const JsonNode& list, const PayloadPath::Step& step) {
  for (const JsonNode& item : list) {
    const JsonNode* key = item.type == JsonType::object ? item.find(step.name) : nullptr;
    if (key != nullptr && key->type == JsonType::string && key->text == step.value) {
      return &item;
    }
  }
  return nullptr;
}

const JsonNode* step_into(const JsonNode& node, const PayloadPath::Step& step) {
  if (step.kind == PayloadPath::Step::Kind::member) {
    return node.type == JsonType::object ? node.find(step.name) : nullptr;
  }
  if (node.type != JsonType::array) {
    return nullptr;
  }
  if (step.kind == PayloadPath::Step::Kind::select) {
    return select_of(node, step);
  }
  std::size_t at = 0;
  for (const JsonNode& item : node) {
    if (at++ == step.index) {
      return &item;
    }
  }
  return nullptr;
}

Result<PayloadPath::Step> bracket_of(std::string_view inside, std::string_view text) {
  PayloadPath::Step step;
  const std::size_t equals = inside.find('=');
  if (equals != std::string_view::npos && equals > 0) {
    step.kind = PayloadPath::Step::Kind::select;
    step.name = inside.substr(0, equals);
    step.value = inside.substr(equals + 1);
    return step;
  }
  const auto number = parse_decimal(inside);
  if (!number || number->scale != 0 || number->digits < 0 || number->digits > 9999) {
    return no_path(text, "has brackets around neither a place in a list nor name=value");
  }
  step.kind = PayloadPath::Step::Kind::index;
  step.index = static_cast<std::size_t>(number->digits);
  return step;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

Result<PayloadPath> PayloadPath::parse(std::string_view text) {
  PayloadPath path;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (path.steps.size() >= kStepsMost) {
      return no_path(text, "has more than 16 steps");
    }
    if (rest.front() == '[') {
      const std::size_t end = rest.find(']');
      if (end == std::string_view::npos) {
        return no_path(text, "has a bracket that is never closed");
      }
      GUANXI_TRY(step, bracket_of(rest.substr(1, end - 1), text));
      path.steps.push_back(std::move(step));
      rest.remove_prefix(end + 1);
      rest.remove_prefix(rest.starts_with('.') ? 1 : 0);
      continue;
    }
    const std::size_t end = rest.find_first_of(".[");
    const std::string_view name = rest.substr(0, end);
    if (name.empty() ||
        (end != std::string_view::npos && rest[end] == '.' && end + 1 == rest.size())) {
      return no_path(text, "has an empty name");
    }
    Step step;
    step.name = name;
    path.steps.push_back(std::move(step));
    rest.remove_prefix(name.size());
    rest.remove_prefix(rest.starts_with('.') ? 1 : 0);
  }
  if (path.steps.empty()) {
    return no_path(text, "names nothing");
  }
  path.of_each = path.steps.front().kind == Step::Kind::member && path.steps.front().name == "each";
  if (path.of_each) {
    path.steps.erase(path.steps.begin());
  }
  return path;
}

const JsonNode* PayloadPath::find(const JsonNode& root, const JsonNode* each) const {
  const JsonNode* node = of_each ? each : &root;
  for (const Step& step : steps) {
    if (node == nullptr) {
      return nullptr;
    }
    node = step_into(*node, step);
  }
  return node != nullptr && node->type == JsonType::null ? nullptr : node;
}

Result<PayloadText> PayloadText::parse(std::string_view text) {
  if (text.size() > kTextMost) {
    return fail(ErrorCode::invalid, "a text of a mapping is longer than 1024 bytes");
  }
  PayloadText result;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) {
      result.parts_.push_back({literal, {}, false});
      literal.clear();
    }
  };
  while (!text.empty()) {
    if (text.front() != '{') {
      literal += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return fail(ErrorCode::invalid, "'" + std::string(text) + "' is never closed; valid: {id}");
    }
    flush();
    std::string_view inside = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    Part part;
    part.optional = inside.ends_with('?');
    inside.remove_suffix(part.optional ? 1 : 0);
    for (bool more = true; more;) {
      const std::size_t bar = inside.find('|');
      const std::string_view one = inside.substr(0, bar);
      more = bar != std::string_view::npos;
      inside.remove_prefix(more ? bar + 1 : inside.size());
      Choice choice;
      if (one.starts_with('$')) {
        choice.variable = one.substr(1);
      } else {
        GUANXI_TRY(path, PayloadPath::parse(one));
        choice.path = std::move(path);
      }
      part.choices.push_back(std::move(choice));
    }
    result.parts_.push_back(std::move(part));
  }
  flush();
  return result;
}

std::optional<std::string> PayloadText::fill(const PayloadScope& scope) const {
  if (parts_.empty()) {
    return std::nullopt;
  }
  std::string text;
  for (const Part& part : parts_) {
    if (part.choices.empty()) {
      text += part.literal;
      continue;
    }
    std::optional<std::string> value;
    for (const Choice& choice : part.choices) {
      if (!choice.variable.empty()) {
        value = scope.variables == nullptr ? std::nullopt : (*scope.variables)(choice.variable);
        value = value && value->empty() ? std::nullopt : value;
      } else if (const JsonNode* node = choice.path.find(*scope.root, scope.each)) {
        value = text_of(*node);
      }
      if (value) {
        break;
      }
    }
    if (!value && !part.optional) {
      return std::nullopt;
    }
    text += value.value_or("");
  }
  text = std::string(trimmed(text));
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

bool PayloadText::is_place() const {
  return parts_.size() == 1 && !parts_[0].choices.empty() &&
         std::all_of(parts_[0].choices.begin(), parts_[0].choices.end(),
                     [](const Choice& choice) { return choice.variable.empty(); });
}

const JsonNode* PayloadText::node(const PayloadScope& scope) const {
  if (!is_place()) {
    return nullptr;
  }
  for (const Choice& choice : parts_[0].choices) {
    const JsonNode* node = choice.path.find(*scope.root, scope.each);
    if (node != nullptr && !(node->type == JsonType::string && node->text.empty())) {
      return node;
    }
  }
  return nullptr;
}

}  // namespace guanxi::doors
