#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <span>
#include <sstream>

#include "doors/payload_mapping.hpp"

namespace guanxi::doors {
namespace {

using Words = std::initializer_list<std::string_view>;

std::string listed(Words words) {
  std::string text;
  for (const std::string_view word : words) {
    text += (text.empty() ? "" : ", ") + std::string(word);
  }
  return text;
}

// Reads the tables of one mapping; the first mistake stays, and what follows it is empty.
class MappingReader {
 public:
  explicit MappingReader(std::string_view file) : file_(file) {}

  PayloadMapping mapping(const toml::table& table);
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void wrong(const toml::node& node, const std::string& what) {
    if (problem_.empty()) {
      std::ostringstream text;
      text << file_ << ": line " << node.source().begin.line << ", column "
           << node.source().begin.column << ": " << what;
      problem_ = text.str();
    }
  }
  void only(const toml::table& table, Words valid) {
    for (const auto& [key, node] : table) {
      if (std::find(valid.begin(), valid.end(), key.str()) == valid.end()) {
        wrong(node, "'" + std::string(key.str()) + "' is not known here; valid: " + listed(valid));
      }
    }
  }
  std::string text(const toml::table& table, std::string_view key, bool required = false);
  std::vector<std::string> texts(const toml::table& table, std::string_view key);
  bool truth(const toml::table& table, std::string_view key, bool fallback);
  PayloadText filled(const toml::node& node);
  PayloadText filled_in(const toml::table& table, std::string_view key, bool required = false);
  PayloadPath place(const toml::table& table, std::string_view key);
  std::vector<const toml::table*> tables(const toml::table& table, std::string_view key);
  std::vector<PayloadTest> tests(const toml::table& table, std::string_view key);
  PayloadTest test(const toml::table& table);
  std::vector<PayloadId> ids(const toml::table& table, std::string_view key);
  PayloadProperty property(std::string_view name, const toml::node& node);
  std::vector<PayloadProperty> properties(const toml::table& table, std::string_view key);
  PayloadEvent event(const toml::table& table);
  PayloadTopics topics(const toml::table& table);
  SignatureRule signature(const toml::table& table);
  SettingField setting(const toml::table& table);

  std::string file_;
  std::string problem_;
  std::vector<std::pair<std::string, std::vector<PayloadId>>> named_ids_;
};

std::string MappingReader::text(const toml::table& table, std::string_view key, bool required) {
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    if (required) {
      wrong(table, "'" + std::string(key) + "' is missing");
    }
    return {};
  }
  const auto* value = node->as_string();
  if (value == nullptr) {
    wrong(*node, "'" + std::string(key) + "' is no text");
    return {};
  }
  return value->get();
}

std::vector<std::string> MappingReader::texts(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  std::vector<std::string> found;
  if (node == nullptr) {
    return found;
  }
  if (const auto* one = node->as_string()) {
    found.push_back(one->get());
    return found;
  }
  const toml::array* list = node->as_array();
  if (list == nullptr) {
    wrong(*node, "'" + std::string(key) + "' is no list of texts");
    return found;
  }
  for (const toml::node& item : *list) {
    if (const auto* one = item.as_string()) {
      found.push_back(one->get());
    } else {
      wrong(item, "'" + std::string(key) + "' holds what is no text");
    }
  }
  return found;
}

bool MappingReader::truth(const toml::table& table, std::string_view key, bool fallback) {
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    return fallback;
  }
  if (const auto* value = node->as_boolean()) {
    return value->get();
  }
  wrong(*node, "'" + std::string(key) + "' is neither true nor false");
  return fallback;
}

PayloadText MappingReader::filled(const toml::node& node) {
  const auto* value = node.as_string();
  if (value == nullptr) {
    wrong(node, "this is no text; valid: \"{id}\"");
    return {};
  }
  auto parsed = PayloadText::parse(value->get());
  if (!parsed) {
    wrong(node, parsed.error().message);
    return {};
  }
  return std::move(parsed).value();
}

PayloadText MappingReader::filled_in(const toml::table& table, std::string_view key,
                                     bool required) {
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    if (required) {
      wrong(table, "'" + std::string(key) + "' is missing");
    }
    return {};
  }
  return filled(*node);
}

PayloadPath MappingReader::place(const toml::table& table, std::string_view key) {
  auto path = PayloadPath::parse(text(table, key, true));
  if (!path) {
    wrong(table, path.error().message);
    return {};
  }
  return std::move(path).value();
}

std::vector<const toml::table*> MappingReader::tables(const toml::table& table,
                                                      std::string_view key) {
  std::vector<const toml::table*> found;
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    return found;
  }
  const toml::array* list = node->as_array();
  if (list == nullptr) {
    wrong(*node, "'" + std::string(key) + "' is no list of tables");
    return found;
  }
  for (const toml::node& item : *list) {
    if (const toml::table* one = item.as_table()) {
      found.push_back(one);
    } else {
      wrong(item, "'" + std::string(key) + "' holds what is no table");
    }
  }
  return found;
}

PayloadTest MappingReader::test(const toml::table& table) {
  struct Form {
    std::string_view key;
    PayloadTest::Kind kind;
    bool negate;
  };
  constexpr auto kForms =
      std::to_array<Form>({{"equals", PayloadTest::Kind::in, false},
                           {"not_equals", PayloadTest::Kind::in, true},
                           {"in", PayloadTest::Kind::in, false},
                           {"not_in", PayloadTest::Kind::in, true},
                           {"starts_with", PayloadTest::Kind::starts_with, false},
                           {"contains", PayloadTest::Kind::contains, false}});
  only(table,
       {"value", "equals", "not_equals", "in", "not_in", "starts_with", "contains", "empty"});
  PayloadTest result;
  result.value = filled_in(table, "value", true);
  std::size_t forms = 0;
  if (table.contains("empty")) {
    result.kind = PayloadTest::Kind::present;
    result.negate = truth(table, "empty", false);
    ++forms;
  }
  for (const Form& form : kForms) {
    if (!table.contains(form.key)) {
      continue;
    }
    ++forms;
    result.kind = form.kind;
    result.negate = form.negate;
    for (const std::string& value : texts(table, form.key)) {
      auto parsed = PayloadText::parse(value);
      if (!parsed) {
        wrong(table, parsed.error().message);
        return result;
      }
      result.values.push_back(std::move(parsed).value());
    }
  }
  if (forms != 1) {
    wrong(table, "a test has one of equals, not_equals, in, not_in, starts_with, contains, empty");
  }
  return result;
}

std::vector<PayloadTest> MappingReader::tests(const toml::table& table, std::string_view key) {
  std::vector<PayloadTest> found;
  for (const toml::table* one : tables(table, key)) {
    found.push_back(test(*one));
  }
  return found;
}

std::vector<PayloadId> MappingReader::ids(const toml::table& table, std::string_view key) {
  std::vector<PayloadId> found;
  const toml::node* node = table.get(key);
  if (node == nullptr) {
    return found;
  }
  if (const auto* name = node->as_string()) {
    const auto named = std::find_if(named_ids_.begin(), named_ids_.end(),
                                    [&](const auto& one) { return one.first == name->get(); });
    if (named == named_ids_.end()) {
      wrong(*node, "there is no '" + name->get() + "' under [ids]");
      return found;
    }
    return named->second;
  }
  const toml::array* list = node->as_array();
  if (list == nullptr) {
    wrong(*node, "ids are a list such as [\"email:{email}\"], or a name of [ids]");
    return found;
  }
  for (const toml::node& item : *list) {
    PayloadId id;
    if (const toml::table* one = item.as_table()) {
      only(*one, {"text", "when"});
      id.text = filled_in(*one, "text", true);
      id.when = tests(*one, "when");
    } else {
      id.text = filled(item);
    }
    found.push_back(std::move(id));
  }
  return found;
}

PayloadProperty MappingReader::property(std::string_view name, const toml::node& node) {
  PayloadProperty result;
  result.name = name;
  const toml::table* table = node.as_table();
  if (table == nullptr && node.is_string()) {
    result.value = filled(node);
    return result;
  }
  if (table == nullptr) {
    result.kind = PayloadProperty::Kind::constant;
    if (const auto* yes = node.as_boolean()) {
      result.json = yes->get() ? "true" : "false";
    } else if (const auto* number = node.as_integer()) {
      result.json = std::to_string(number->get());
    } else {
      wrong(node, "a property is a text, true, false, a whole number or a table");
    }
    return result;
  }
  result.when = tests(*table, "when");
  if (table->contains("each")) {
    only(*table, {"each", "item_when", "items", "when"});
    result.kind = PayloadProperty::Kind::list;
    result.list = place(*table, "each");
    result.item_when = tests(*table, "item_when");
    result.items = properties(*table, "items");
  } else if (table->contains("sum")) {
    only(*table, {"sum", "of", "item_when", "when"});
    result.kind = PayloadProperty::Kind::sum;
    result.list = place(*table, "sum");
    result.value = filled_in(*table, "of", true);
    result.item_when = tests(*table, "item_when");
  } else if (table->contains("is")) {
    only(*table, {"is", "when"});
    PayloadProperty constant = property(name, *table->get("is"));
    constant.when = std::move(result.when);
    return constant;
  } else {
    only(*table, {"value", "after", "prefixes", "when"});
    result.value = filled_in(*table, "value", true);
    result.after = filled_in(*table, "after");
    result.prefixes = filled_in(*table, "prefixes");
  }
  return result;
}

std::vector<PayloadProperty> MappingReader::properties(const toml::table& table,
                                                       std::string_view key) {
  std::vector<PayloadProperty> found;
  const toml::node* node = table.get(key);
  const toml::table* inner = node == nullptr ? nullptr : node->as_table();
  if (node != nullptr && inner == nullptr) {
    wrong(*node, "'" + std::string(key) + "' is no table");
  }
  if (inner != nullptr) {
    for (const auto& [name, value] : *inner) {
      found.push_back(property(name.str(), value));
    }
  }
  return found;
}

PayloadEvent MappingReader::event(const toml::table& table) {
  only(table, {"topics", "when", "at", "event", "identify", "ids", "link", "message_id", "time",
               "properties"});
  PayloadEvent result;
  result.topics = texts(table, "topics");
  if (result.topics.empty()) {
    result.topics.emplace_back("*");
  }
  result.when = tests(table, "when");
  if (table.contains("at")) {
    result.at = place(table, "at");
  }
  result.event = text(table, "event");
  if (result.event.empty() != truth(table, "identify", false)) {
    wrong(table, "a rule has a name in 'event', or identify = true");
  }
  result.ids = ids(table, "ids");
  result.link = truth(table, "link", true);
  result.message_id = filled_in(table, "message_id", true);
  result.time = filled_in(table, "time");
  result.properties = properties(table, "properties");
  return result;
}

PayloadTopics MappingReader::topics(const toml::table& table) {
  only(table, {"topics", "when", "why"});
  PayloadTopics result;
  result.topics = texts(table, "topics");
  result.when = tests(table, "when");
  result.why = text(table, "why", true);
  return result;
}

SignatureRule MappingReader::signature(const toml::table& table) {
  only(table, {"headers", "digest", "encoding", "prefix", "text", "timestamp_header",
               "signature_part", "timestamp_part", "tolerance_s"});
  SignatureRule rule;
  rule.headers = texts(table, "headers");
  if (rule.headers.empty()) {
    wrong(table, "'headers' is missing: where the signature stands");
  }
  for (std::string* header : {&rule.timestamp_header}) {
    *header = text(table, "timestamp_header");
  }
  const auto digest = digest_named(table.contains("digest") ? text(table, "digest") : "sha256");
  if (!digest) {
    wrong(table, "'digest' is none of sha1, sha256, sha512");
  }
  rule.digest = digest.value_or(DigestKind::sha256);
  const std::string encoding = table.contains("encoding") ? text(table, "encoding") : "base64";
  if (encoding != "hex" && encoding != "base64") {
    wrong(table, "'encoding' is neither base64 nor hex");
  }
  rule.encoding =
      encoding == "hex" ? SignatureRule::Encoding::hex : SignatureRule::Encoding::base64;
  rule.prefix = text(table, "prefix");
  if (table.contains("text")) {
    rule.signed_text = text(table, "text");
  }
  if (rule.signed_text.find("{body}") == std::string::npos) {
    wrong(table, "'text', which is signed, does not hold {body}");
  }
  rule.signature_part = text(table, "signature_part");
  rule.timestamp_part = text(table, "timestamp_part");
  if (const auto* seconds = table.get_as<std::int64_t>("tolerance_s")) {
    rule.tolerance_s = std::clamp<std::int64_t>(seconds->get(), 0, 7 * kSecondsPerDay);
  }
  const auto lower = [](std::string& header) {
    std::transform(header.begin(), header.end(), header.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  };
  std::for_each(rule.headers.begin(), rule.headers.end(), lower);
  lower(rule.timestamp_header);
  return rule;
}

SettingField MappingReader::setting(const toml::table& table) {
  only(table,
       {"name", "type", "title", "title_zh", "help", "help_zh", "required", "fallback", "choices"});
  SettingField field;
  field.name = text(table, "name", true);
  field.title = text(table, "title", true);
  field.title_zh = text(table, "title_zh", true);
  field.help = text(table, "help");
  field.help_zh = text(table, "help_zh");
  field.required = truth(table, "required", false);
  field.fallback = text(table, "fallback");
  field.choices = texts(table, "choices");
  const std::string type = text(table, "type");
  field.type = !field.choices.empty() ? SettingField::Type::choice
               : type == "truth"      ? SettingField::Type::truth
               : type == "code"       ? SettingField::Type::code
                                      : SettingField::Type::text;
  return field;
}

PayloadMapping MappingReader::mapping(const toml::table& table) {
  only(table, {"name", "title", "title_zh", "topic", "delivery", "signature", "ids", "setting",
               "ignore", "notice", "event"});
  PayloadMapping result;
  result.name = text(table, "name", true);
  result.title = text(table, "title");
  result.title_zh = text(table, "title_zh");
  result.topic = filled_in(table, "topic");
  result.delivery = filled_in(table, "delivery");
  if (const toml::table* rule = table.get_as<toml::table>("signature")) {
    result.signature = signature(*rule);
  }
  if (const toml::table* named = table.get_as<toml::table>("ids")) {
    for (const auto& [name, node] : *named) {
      named_ids_.emplace_back(std::string(name.str()), ids(*named, name.str()));
    }
  }
  for (const toml::table* one : tables(table, "setting")) {
    result.settings.push_back(setting(*one));
  }
  for (const toml::table* one : tables(table, "ignore")) {
    result.ignored.push_back(topics(*one));
  }
  for (const toml::table* one : tables(table, "notice")) {
    result.notices.push_back(topics(*one));
  }
  for (const toml::table* one : tables(table, "event")) {
    result.events.push_back(event(*one));
  }
  return result;
}

}  // namespace

// Made at build time from mappings/webhooks/*.toml (cmake/embed_texts.cmake).
}  // namespace guanxi::doors

namespace guanxi {
std::span<const std::pair<std::string_view, std::string_view>> ready_payload_mapping_texts();
}  // namespace guanxi

namespace guanxi::doors {

Result<PayloadMapping> PayloadMapping::parse(std::string_view toml, std::string_view file_name) {
  toml::table table;
  try {
    table = toml::parse(toml);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::invalid, std::string(file_name) + ": line " +
                                        std::to_string(error.source().begin.line) + ", column " +
                                        std::to_string(error.source().begin.column) + ": " +
                                        std::string(error.description()));
  }
  MappingReader reader(file_name);
  PayloadMapping mapping = reader.mapping(table);
  if (!reader.problem().empty()) {
    return fail(ErrorCode::invalid, reader.problem());
  }
  return mapping;
}

const std::vector<PayloadMapping>& ready_payload_mappings() {
  static const std::vector<PayloadMapping> kMappings = [] {
    std::vector<PayloadMapping> parsed;
    for (const auto& [name, text] : ready_payload_mapping_texts()) {
      auto mapping = PayloadMapping::parse(text, std::string(name) + ".toml");
      GUANXI_CHECK(mapping.has_value(), "a ready mapping is valid: payload_mapping_test says why");
      parsed.push_back(std::move(mapping).value());
    }
    return parsed;
  }();
  return kMappings;
}

const PayloadMapping* ready_payload_mapping(std::string_view name) {
  for (const PayloadMapping& mapping : ready_payload_mappings()) {
    if (mapping.name == name) {
      return &mapping;
    }
  }
  return nullptr;
}

}  // namespace guanxi::doors
