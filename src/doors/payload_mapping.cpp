#include "doors/payload_mapping.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/money.hpp"
#include "events/event.hpp"
#include "events/identity.hpp"

namespace guanxi::doors {
namespace {

constexpr std::size_t kMessageIdMost = 100;
constexpr unsigned kScaleMost = 18;
constexpr std::size_t kEventsMost = 2500;

bool list_has(const PayloadTest& test, const PayloadScope& scope, const std::string& wanted) {
  const JsonNode* list = test.value.node(scope);
  if (list == nullptr || list->type != JsonType::array) {
    return false;
  }
  for (const JsonNode& item : *list) {
    if (item.type == JsonType::string && item.text == wanted) {
      return true;
    }
  }
  return false;
}

bool meets(const PayloadTest& test, const PayloadScope& scope) {
  const auto given = test.value.fill(scope);
  if (test.kind == PayloadTest::Kind::present) {
    return (given.has_value() || test.value.node(scope) != nullptr) != test.negate;
  }
  bool met = false;
  for (const PayloadText& value : test.values) {
    const auto wanted = value.fill(scope);
    if (!wanted) {
      continue;
    }
    if (test.kind == PayloadTest::Kind::contains) {
      met = met || list_has(test, scope, *wanted);
    } else if (test.kind == PayloadTest::Kind::starts_with) {
      met = met || (given && given->starts_with(*wanted));
    } else {
      met = met || (given && *given == *wanted);
    }
  }
  return met != test.negate;
}

bool meets_all(const std::vector<PayloadTest>& tests, const PayloadScope& scope) {
  return std::all_of(tests.begin(), tests.end(),
                     [&](const PayloadTest& test) { return meets(test, scope); });
}

bool is_topic_of(const std::vector<std::string>& patterns, std::string_view topic) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_topic(topic, pattern); });
}

// The word whose prefix fits best: "store_=store, ad_=advertisement".
std::string word_of_prefix(std::string_view table, std::string_view text) {
  std::string_view best;
  std::size_t longest = 0;
  while (!table.empty()) {
    std::string_view row = table.substr(0, table.find_first_of(",\n"));
    table.remove_prefix(std::min(row.size() + 1, table.size()));
    row.remove_prefix(std::min(row.find_first_not_of(" \t\r"), row.size()));
    const std::size_t equals = row.find('=');
    if (equals == std::string_view::npos || equals < longest || equals == 0 ||
        !text.starts_with(row.substr(0, equals))) {
      continue;
    }
    longest = equals;
    best = row.substr(equals + 1);
    best.remove_prefix(std::min(best.find_first_not_of(' '), best.size()));
    best = best.substr(0, best.find_last_not_of(" \t\r") + 1);
  }
  return std::string(best);
}

// Adds exactly; nothing where it does not fit into 18 digits.
std::optional<Decimal> sum_of(Decimal a, Decimal b) {
  const unsigned scale = std::max(a.scale, b.scale);
  if (scale > kScaleMost) {
    return std::nullopt;
  }
  for (Decimal* one : {&a, &b}) {
    for (; one->scale < scale; ++one->scale) {
      if (__builtin_mul_overflow(one->digits, 10, &one->digits)) {
        return std::nullopt;
      }
    }
  }
  Decimal sum{0, scale};
  return __builtin_add_overflow(a.digits, b.digits, &sum.digits) ? std::nullopt
                                                                 : std::optional(sum);
}

// One message on its way from a payload to the decoder's JSON.
class MessageWriter {
 public:
  MessageWriter(const PayloadEvent& rule, PayloadScope scope, JsonWriter& json)
      : rule_(rule), scope_(scope), json_(json) {}

  // Why it cannot be written; empty when it was.
  std::string write();

 private:
  void name_people();
  void write_message(const std::string& message_id);
  void write_links(const std::string& message_id);
  void write_time(std::string_view name);
  void write_property(const PayloadProperty& property, const PayloadScope& scope);
  void write_properties(const std::vector<PayloadProperty>& properties, const PayloadScope& scope);
  std::optional<Decimal> sum(const PayloadProperty& property, const PayloadScope& scope);

  const PayloadEvent& rule_;
  PayloadScope scope_;
  JsonWriter& json_;
  std::vector<std::string> people_;
  std::string also_;
  std::string problem_;
};

bool is_address(std::string_view id) {
  const IdNamespace space = parse_external_id(id).name_space;
  return space == IdNamespace::email || space == IdNamespace::phone || space == IdNamespace::wecom;
}

// Ids that name somebody; what is none is left out, since it says nothing about anybody.
void MessageWriter::name_people() {
  for (const PayloadId& id : rule_.ids) {
    const auto text = meets_all(id.when, scope_) ? id.text.fill(scope_) : std::nullopt;
    if (!text) {
      continue;
    }
    const ExternalId parsed = parse_external_id(*text);
    const bool email = parsed.name_space == IdNamespace::email;
    const std::string address = email ? normalised_email(parsed.value) : std::string(parsed.value);
    if (!trouble_with_id(address).empty()) {
      continue;
    }
    std::string whole = std::string(name_of(parsed.name_space)) + ":" + address;
    if (std::find(people_.begin(), people_.end(), whole) == people_.end()) {
      people_.push_back(std::move(whole));
    }
  }
  // An order alone is nobody, unless it is all that this sender ever says.
  if (rule_.ids.size() > 1 && people_.size() == 1 && people_[0].starts_with("order:")) {
    people_.clear();
  }
  for (std::size_t i = 1; i < people_.size() && rule_.link && also_.empty(); ++i) {
    also_ = is_address(people_[i]) ? "" : people_[i];
  }
}

void MessageWriter::write_time(std::string_view name) {
  if (const JsonNode* node = rule_.time.node(scope_)) {
    json_.key(name);
    write_node(json_, *node);
  } else if (const auto text = rule_.time.fill(scope_)) {
    json_.field(name, *text);
  }
}

std::optional<Decimal> MessageWriter::sum(const PayloadProperty& property,
                                          const PayloadScope& scope) {
  const JsonNode* list = property.list.find(*scope.root, scope.each);
  if (list == nullptr || list->type != JsonType::array) {
    return std::nullopt;
  }
  std::optional<Decimal> total;
  for (const JsonNode& item : *list) {
    const PayloadScope inner{scope.root, &item, scope.variables};
    const auto text =
        meets_all(property.item_when, inner) ? property.value.fill(inner) : std::nullopt;
    if (!text) {
      continue;
    }
    const auto number = parse_decimal(*text);
    total = number ? sum_of(total.value_or(Decimal{}), *number) : std::nullopt;
    if (!total) {
      problem_ = "'" + property.name + "' is the sum of what is no number, or too large";
      return std::nullopt;
    }
  }
  return total;
}

void MessageWriter::write_property(const PayloadProperty& property, const PayloadScope& scope) {
  if (!meets_all(property.when, scope)) {
    return;
  }
  if (property.kind == PayloadProperty::Kind::constant) {
    json_.field_raw(property.name, property.json);
  } else if (property.kind == PayloadProperty::Kind::sum) {
    if (const auto total = sum(property, scope)) {
      json_.field(property.name, minor_to_text(total->digits, total->scale));
    }
  } else if (property.kind == PayloadProperty::Kind::list) {
    const JsonNode* list = property.list.find(*scope.root, scope.each);
    if (list == nullptr || list->type != JsonType::array) {
      return;
    }
    json_.key(property.name).begin_array();
    for (const JsonNode& item : *list) {
      const PayloadScope inner{scope.root, &item, scope.variables};
      if (meets_all(property.item_when, inner)) {
        json_.begin_object();
        write_properties(property.items, inner);
        json_.end_object();
      }
    }
    json_.end_array();
  } else if (const JsonNode* node = property.value.node(scope);
             node != nullptr && !property.after.named() && !property.prefixes.named()) {
    json_.key(property.name);
    write_node(json_, *node);
  } else if (auto text = property.value.fill(scope)) {
    if (property.after.named()) {
      const auto front = property.after.fill(scope);
      text = front && text->starts_with(*front) ? text->substr(front->size()) : "";
    } else if (property.prefixes.named()) {
      text = word_of_prefix(property.prefixes.fill(scope).value_or(""), *text);
    }
    if (!text->empty()) {
      json_.field(property.name, *text);
    }
  }
}

void MessageWriter::write_properties(const std::vector<PayloadProperty>& properties,
                                     const PayloadScope& scope) {
  for (const PayloadProperty& property : properties) {
    write_property(property, scope);
  }
}

void MessageWriter::write_message(const std::string& message_id) {
  const bool identify = rule_.event.empty();
  json_.begin_object().field("type", identify ? "identify" : "track");
  if (!identify) {
    json_.field("event", rule_.event);
  }
  json_.field("messageId", message_id);
  json_.field("person", people_.empty() ? std::string_view() : std::string_view(people_[0]));
  if (!also_.empty()) {
    json_.field("also_known_as", also_);
  }
  write_time("timestamp");
  json_.key(identify ? "traits" : "properties").begin_object();
  write_properties(rule_.properties, scope_);
  json_.end_object().end_object();
}

// Each further name is a fact of its own, and an address is a way to reach them.
void MessageWriter::write_links(const std::string& message_id) {
  for (std::size_t i = 0; i < people_.size() && rule_.link; ++i) {
    const std::string& id = people_[i];
    const bool address = is_address(id);
    if (id == also_ || (i == 0 && !address)) {
      continue;
    }
    json_.begin_object().field("kind", "identified");
    json_.field("message_id", message_id + "/" + std::to_string(hash64(id)));
    json_.field("person", people_[0]);
    if (i > 0) {
      json_.field("also_known_as", id);
    }
    write_time("occurred_at");
    if (address) {
      json_.key("flags").begin_array().string("reachable").end_array();
    }
    json_.end_object();
  }
}

std::string MessageWriter::write() {
  auto message_id = rule_.message_id.fill(scope_);
  if (!message_id) {
    return "what the message id is made of is missing";
  }
  if (message_id->size() > kMessageIdMost) {
    const Hash128 hash = hash128(*message_id);
    message_id = "long/" + std::to_string(hash.high) + "-" + std::to_string(hash.low);
  }
  name_people();
  if (rule_.event.empty() && people_.empty()) {
    return "there is no id of the person";
  }
  write_message(*message_id);
  write_links(*message_id);
  return problem_;
}

// Applies a rule to the payload, or to each item of its list.
std::string apply_rule(const PayloadEvent& rule, const PayloadScope& scope, JsonWriter& json,
                       std::size_t& written) {
  if (!rule.at) {
    if (!meets_all(rule.when, scope)) {
      return {};
    }
    ++written;
    return MessageWriter(rule, scope, json).write();
  }
  const JsonNode* list = rule.at->find(*scope.root, nullptr);
  if (list == nullptr || list->type != JsonType::array) {
    return {};
  }
  for (const JsonNode& item : *list) {
    const PayloadScope inner{scope.root, &item, scope.variables};
    if (!meets_all(rule.when, inner)) {
      continue;
    }
    if (++written > kEventsMost) {
      return "it holds more than 2,500 events";
    }
    if (std::string problem = MessageWriter(rule, inner, json).write(); !problem.empty()) {
      return problem;
    }
  }
  return {};
}

}  // namespace

bool matches_topic(std::string_view topic, std::string_view pattern) {
  return pattern.ends_with('*') ? topic.starts_with(pattern.substr(0, pattern.size() - 1))
                                : topic == pattern;
}

PayloadReading PayloadMapping::read(const JsonNode& payload, const Variables& variables) const {
  PayloadScope scope{&payload, nullptr, &variables};
  const std::string is = topic.named() ? topic.fill(scope).value_or("") : "";
  const std::string number = delivery.fill(scope).value_or("");
  const Variables all = [&](std::string_view name_asked) -> std::optional<std::string> {
    return name_asked == "topic"      ? std::optional(is)
           : name_asked == "delivery" ? std::optional(number)
                                      : variables(name_asked);
  };
  scope.variables = &all;
  PayloadReading reading;
  for (const PayloadTopics& topics : ignored) {
    if (is_topic_of(topics.topics, is) && meets_all(topics.when, scope)) {
      reading.outcome = PayloadReading::Outcome::nothing;
      reading.words = topics.why;
      return reading;
    }
  }
  for (const PayloadTopics& topics : notices) {
    if (is_topic_of(topics.topics, is) && meets_all(topics.when, scope)) {
      reading.outcome = PayloadReading::Outcome::notice;
      reading.words = topics.why;
      return reading;
    }
  }
  JsonWriter json;
  json.begin_object().key("batch").begin_array();
  std::size_t written = 0;
  bool known = false;
  for (const PayloadEvent& rule : events) {
    if (!is_topic_of(rule.topics, is)) {
      continue;
    }
    known = true;
    if (const std::string problem = apply_rule(rule, scope, json, written); !problem.empty()) {
      reading.outcome = PayloadReading::Outcome::unfit;
      reading.words = problem;
      return reading;
    }
  }
  json.end_array().end_object();
  if (written > 0) {
    reading.outcome = PayloadReading::Outcome::events;
    reading.json = json.take();
  } else if (known) {
    reading.outcome = PayloadReading::Outcome::nothing;
  } else {
    reading.words = is;
  }
  return reading;
}

}  // namespace guanxi::doors
