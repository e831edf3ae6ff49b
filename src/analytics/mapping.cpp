#include "analytics/mapping.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <functional>
#include <sstream>

#include "analytics/time_format.hpp"
#include "base/instant.hpp"

namespace guanxi {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> kFlagWords = {
    {{"full_price", kFullPrice},
     {"prepaid", kPrepaid},
     {"early", kEarly},
     {"by_customer", kByCustomer},
     {"partial", kPartial},
     {"reachable", kReachable},
     {"foreign_currency", kForeignCurrency}}};
constexpr std::array<std::string_view, 4> kSigns = {"as_is", "negative", "positive", "flip"};
constexpr std::array<std::string_view, 5> kFormats = {"csv", "tsv", "blanks", "ndjson", "parquet"};

// Reads the tables of one mapping file; remembers the first thing that is wrong, with its place.
class Reader {
 public:
  explicit Reader(std::string_view file_name) : file_name_(file_name) {}

  [[nodiscard]] bool failed() const { return !error_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }

  void wrong(const toml::node& node, const std::string& why) {
    if (error_.empty()) {
      std::ostringstream text;
      text << file_name_ << ":" << node.source().begin.line << ":" << node.source().begin.column
           << ": " << why;
      error_ = text.str();
    }
  }

  // Refuses keys that nobody would read.
  void only(const toml::table& table, std::initializer_list<std::string_view> keys) {
    for (const auto& [key, node] : table) {
      if (std::find(keys.begin(), keys.end(), key.str()) == keys.end()) {
        std::string valid;
        for (const auto name : keys) {
          valid += (valid.empty() ? "" : ", ") + std::string(name);
        }
        wrong(node, "'" + std::string(key.str()) + "' is no key here; valid: " + valid);
      }
    }
  }

  std::string text(const toml::table& table, std::string_view key, bool required = false) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      if (required) {
        wrong(table, "'" + std::string(key) + "' is missing");
      }
      return {};
    }
    const auto value = node->value_exact<std::string>();
    if (!value) {
      wrong(*node, "'" + std::string(key) + "' must be a text in quotes");
    }
    return value.value_or("");
  }

  char letter(const toml::table& table, std::string_view key, char otherwise) {
    const std::string value = text(table, key);
    if (value.size() > 1) {
      wrong(*table.get(key), "'" + std::string(key) + "' must be one character");
    }
    return value.empty() ? otherwise : value.front();
  }

  bool truth(const toml::table& table, std::string_view key, bool otherwise) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return otherwise;
    }
    const auto value = node->value_exact<bool>();
    if (!value) {
      wrong(*node, "'" + std::string(key) + "' must be true or false");
    }
    return value.value_or(otherwise);
  }

  // A text, or a list of texts.
  std::vector<std::string> texts(const toml::table& table, std::string_view key) {
    std::vector<std::string> values;
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return values;
    }
    if (const auto one = node->value_exact<std::string>()) {
      values.push_back(*one);
      return values;
    }
    const toml::array* list = node->as_array();
    if (list == nullptr) {
      wrong(*node, "'" + std::string(key) + "' must be a text or a list of texts");
      return values;
    }
    for (const toml::node& item : *list) {
      const auto value = item.value_exact<std::string>();
      if (!value) {
        wrong(item, "'" + std::string(key) + "' must hold texts in quotes");
      }
      values.push_back(value.value_or(""));
    }
    return values;
  }

  Decimal number(const toml::node& node) {
    if (const auto whole = node.value_exact<std::int64_t>()) {
      return Decimal{*whole, 0};
    }
    const auto written = node.value_exact<std::string>();
    const auto parsed = parse_decimal(written.value_or(""));
    if (!parsed) {
      wrong(node, "a number is needed here: 5, or \"0.5\" in quotes when it has decimals");
      return {};
    }
    return *parsed;
  }

  void each_table(const toml::table& table, std::string_view key,
                  const std::function<void(const toml::table&)>& use) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return;
    }
    const toml::array* list = node->as_array();
    if (list == nullptr) {
      wrong(*node, "'" + std::string(key) + "' must be a list of tables");
      return;
    }
    for (const toml::node& item : *list) {
      if (const toml::table* one = item.as_table()) {
        use(*one);
      } else {
        wrong(item, "'" + std::string(key) + "' must hold tables");
      }
    }
  }

  TextRule text_rule(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return {};
    }
    std::string written;
    const toml::table* options = node->as_table();
    if (options != nullptr) {
      only(*options, {"text", "upper", "integer", "namespace"});
      written = text(*options, "text", true);
    } else {
      written = text(table, key);
    }
    auto rule = TextRule::parse(written);
    if (!rule) {
      wrong(*node, rule.error().message);
      return {};
    }
    if (options != nullptr) {
      rule->upper = truth(*options, "upper", false);
      rule->integer = truth(*options, "integer", false);
    }
    return std::move(rule).value();
  }

  std::vector<RowTest> tests(const toml::table& table, std::string_view key) {
    std::vector<RowTest> made;
    each_table(table, key, [&](const toml::table& one) { made.push_back(test(one)); });
    return made;
  }

  RowTest test(const toml::table& table) {
    RowTest made;
    made.column = text(table, "column", true);
    made.ignore_case = truth(table, "ignore_case", false);
    int conditions = 0;
    for (const auto& [key, node] : table) {
      std::string_view word = key.str();
      if (word == "column" || word == "ignore_case") {
        continue;
      }
      ++conditions;
      made.negate = word.substr(0, 4) == "not_";
      word.remove_prefix(made.negate ? 4 : 0);
      read_condition(table, key.str(), word, node, made);
    }
    if (conditions != 1) {
      wrong(table,
            "a test needs one condition: equals, in, starts_with, matches (each also with "
            "not_ in front), above, below, at_least, at_most, empty, number or time");
    }
    return made;
  }

  AmountRule::Sign sign(const toml::table& table) {
    const std::string word = text(table, "sign");
    const auto* found = std::find(kSigns.begin(), kSigns.end(), word);
    if (word.empty()) {
      return AmountRule::Sign::as_is;
    }
    if (found == kSigns.end()) {
      wrong(*table.get("sign"),
            "'" + word + "' is no sign; valid: as_is, negative, positive, flip");
      return AmountRule::Sign::as_is;
    }
    return static_cast<AmountRule::Sign>(found - kSigns.begin());
  }

  // A column's name as "Price" or { column = "Price", ... }.
  AmountRule amount(const toml::table& table) {
    AmountRule made;
    const toml::node* node = table.get("amount");
    if (node == nullptr) {
      return made;
    }
    const toml::table* options = node->as_table();
    if (options == nullptr) {
      made.column = text(table, "amount");
      return made;
    }
    only(*options, {"column", "price", "quantity", "sign"});
    made.column = text(*options, "column");
    made.price = text(*options, "price");
    made.quantity = text(*options, "quantity");
    made.sign = sign(*options);
    if (made.column.empty() == made.price.empty() || made.price.empty() != made.quantity.empty()) {
      wrong(*node, "an amount is { column = ... } or { price = ..., quantity = ... }");
    }
    return made;
  }

  NumberRule quantity(const toml::table& table) {
    NumberRule made;
    const toml::node* rating = table.get("rating");
    const toml::node* node = rating != nullptr ? rating : table.get("quantity");
    if (node == nullptr) {
      return made;
    }
    if (const auto whole = node->value_exact<std::int64_t>()) {
      made.constant = *whole;
      return made;
    }
    const toml::table* options = node->as_table();
    if (options == nullptr) {
      made.column = text(table, rating != nullptr ? "rating" : "quantity");
    } else {
      only(*options, {"column", "from", "to", "sign"});
      made.column = text(*options, "column", true);
      made.sign = sign(*options);
    }
    if (rating != nullptr) {
      made.rating = true;
      const toml::node* from = options == nullptr ? nullptr : options->get("from");
      const toml::node* to = options == nullptr ? nullptr : options->get("to");
      if (from == nullptr || to == nullptr) {
        wrong(*node, "a rating is { column = ..., from = worst, to = best }");
        return made;
      }
      made.from = number(*from);
      made.to = number(*to);
    }
    return made;
  }

  TimeRule time(const toml::table& table) {
    TimeRule made;
    const toml::node* node = table.get("time");
    if (node == nullptr) {
      wrong(table, "'time' is missing: an event needs its moment");
      return made;
    }
    const toml::table* options = node->as_table();
    if (options == nullptr) {
      made.text = text_rule(table, "time");
    } else {
      only(*options, {"text", "format", "zone"});
      made.text = text_rule(*options, "text");
      made.formats = texts(*options, "format");
      const std::string zone = text(*options, "zone");
      made.zone = zone.empty() ? "brand" : zone;
    }
    if (made.formats.empty()) {
      made.formats = {"%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"};
    }
    for (const std::string& format : made.formats) {
      if (format == "auto") {
        continue;
      }
      if (const auto compiled = TimeFormat::compile(format); !compiled) {
        wrong(*node, compiled.error().message);
      }
    }
    if (made.zone != "brand" && !Zone::fixed(made.zone)) {
      wrong(*node, "'" + made.zone + "' is no zone; valid: brand (the brand's own), UTC, +08:00");
    }
    return made;
  }

 private:
  void read_condition(const toml::table& table, std::string_view key, std::string_view word,
                      const toml::node& node, RowTest& made) {
    using Kind = RowTest::Kind;
    constexpr std::array<std::pair<std::string_view, Kind>, 4> kTexts = {
        {{"equals", Kind::in},
         {"in", Kind::in},
         {"starts_with", Kind::starts_with},
         {"matches", Kind::matches}}};
    for (const auto& [name, kind] : kTexts) {
      if (word == name) {
        made.kind = kind;
        made.values = texts(table, key);
        return;
      }
    }
    constexpr std::array<std::pair<std::string_view, Kind>, 4> kBounds = {
        {{"above", Kind::above},
         {"below", Kind::below},
         {"at_least", Kind::at_least},
         {"at_most", Kind::at_most}}};
    for (const auto& [name, kind] : kBounds) {
      if (word == name) {
        made.kind = kind;
        if (const toml::table* other = node.as_table()) {
          made.other_column = text(*other, "column", true);
        } else {
          made.bound = number(node);
        }
        return;
      }
    }
    constexpr std::array<std::pair<std::string_view, Kind>, 3> kTruths = {
        {{"empty", Kind::empty}, {"number", Kind::number}, {"time", Kind::time}}};
    for (const auto& [name, kind] : kTruths) {
      if (word == name && !made.negate) {
        made.kind = kind;
        if (kind == Kind::time) {
          made.values = texts(table, key);
        } else {
          made.negate = !truth(table, key, true);
        }
        return;
      }
    }
    wrong(node, "'" + std::string(key) +
                    "' is no condition; valid: equals, in, starts_with, matches (each also with "
                    "not_ in front), above, below, at_least, at_most, empty, number, time");
  }

  std::string file_name_;
  std::string error_;
};

ReadRule read_rule(Reader& reader, const toml::table& table) {
  ReadRule made;
  const toml::node* node = table.get("read");
  if (node == nullptr) {
    return made;
  }
  const toml::table* options = node->as_table();
  if (options == nullptr) {
    reader.wrong(*node, "'read' must be a table");
    return made;
  }
  reader.only(*options, {"format", "delimiter", "header", "columns", "rest", "encoding", "comment",
                         "quotes", "decimal_mark"});
  made.format = reader.text(*options, "format");
  if (!made.format.empty() &&
      std::find(kFormats.begin(), kFormats.end(), made.format) == kFormats.end()) {
    reader.wrong(*options->get("format"),
                 "'" + made.format + "' is no format; valid: csv, tsv, blanks, ndjson, parquet");
  }
  made.delimiter = reader.letter(*options, "delimiter", '\0');
  if (options->get("header") != nullptr) {
    made.header = reader.truth(*options, "header", true);
  }
  made.columns = reader.texts(*options, "columns");
  made.rest = reader.text(*options, "rest");
  made.encoding = reader.text(*options, "encoding");
  made.comment = reader.letter(*options, "comment", '\0');
  made.quotes = reader.truth(*options, "quotes", true);
  made.decimal_mark = reader.letter(*options, "decimal_mark", '.');
  return made;
}

RecogniseRule recognise_rule(Reader& reader, const toml::table& table) {
  RecogniseRule made;
  const toml::node* node = table.get("recognise");
  const toml::table* options = node == nullptr ? nullptr : node->as_table();
  if (options == nullptr) {
    return made;
  }
  reader.only(*options, {"columns", "files", "tests", "fields"});
  made.columns = reader.texts(*options, "columns");
  made.files = reader.texts(*options, "files");
  made.tests = reader.tests(*options, "tests");
  if (const toml::node* fields = options->get("fields")) {
    made.fields = static_cast<std::size_t>(fields->value<std::uint32_t>().value_or(0));
  }
  return made;
}

void read_person(Reader& reader, const toml::table& table, EventRule& rule) {
  rule.person = reader.text_rule(table, "person");
  const toml::node* node = table.get("person");
  const toml::table* options = node == nullptr ? nullptr : node->as_table();
  if (options == nullptr || options->get("namespace") == nullptr) {
    return;
  }
  const std::string word = reader.text(*options, "namespace");
  const ExternalId id = parse_external_id(word + ":x");
  if (name_of(id.name_space) != word) {
    reader.wrong(*options->get("namespace"),
                 "'" + word +
                     "' is no namespace of ids; valid: user, anonymous, email, phone, "
                     "wecom, card, device, household, staff, contact, order");
  }
  rule.name_space = id.name_space;
}

EventRule event_rule(Reader& reader, const toml::table& table) {
  reader.only(table, {"name", "kind", "when", "for_each", "person", "also_known_as", "order_id",
                      "subject", "title", "origin", "currency", "message_id", "amount", "quantity",
                      "rating", "time", "flags"});
  EventRule rule;
  const std::string word = reader.text(table, "kind", true);
  const auto kind = kind_named(word);
  if (!kind && !word.empty()) {
    reader.wrong(*table.get("kind"),
                 "'" + word +
                     "' is no kind of event; docs/events.md lists "
                     "them, such as order_completed, order_line, line_returned");
  }
  rule.kind = kind.value_or(EventKind::unknown);
  rule.name = reader.text(table, "name");
  rule.name = rule.name.empty() ? word : rule.name;
  rule.when = reader.tests(table, "when");
  rule.for_each = reader.text(table, "for_each");
  read_person(reader, table, rule);
  rule.also_known_as = reader.text_rule(table, "also_known_as");
  rule.order_id = reader.text_rule(table, "order_id");
  rule.subject = reader.text_rule(table, "subject");
  rule.title = reader.text_rule(table, "title");
  rule.origin = reader.text_rule(table, "origin");
  rule.currency = reader.text_rule(table, "currency");
  rule.message_id = reader.text_rule(table, "message_id");
  rule.amount = reader.amount(table);
  rule.quantity = reader.quantity(table);
  rule.time = reader.time(table);
  for (const std::string& flag : reader.texts(table, "flags")) {
    const auto* found = std::find_if(kFlagWords.begin(), kFlagWords.end(),
                                     [&](const auto& known) { return known.first == flag; });
    if (found == kFlagWords.end()) {
      reader.wrong(*table.get("flags"),
                   "'" + flag +
                       "' is no flag; valid: full_price, prepaid, early, by_customer, "
                       "partial, reachable, foreign_currency");
      continue;
    }
    rule.flags = static_cast<std::uint8_t>(rule.flags | found->second);
  }
  return rule;
}

TableMapping table_mapping(Reader& reader, const toml::table& table) {
  reader.only(table,
              {"name", "reference", "first_only", "recognise", "read", "skip", "join", "event"});
  TableMapping made;
  made.name = reader.text(table, "name", true);
  made.reference = reader.truth(table, "reference", false);
  made.first_only = reader.truth(table, "first_only", false);
  made.recognise = recognise_rule(reader, table);
  made.read = read_rule(reader, table);
  reader.each_table(table, "skip", [&](const toml::table& one) {
    reader.only(one, {"name", "when"});
    made.skips.push_back({reader.text(one, "name", true), reader.tests(one, "when")});
  });
  reader.each_table(table, "join", [&](const toml::table& one) {
    reader.only(one, {"name", "file", "key", "on", "required", "columns"});
    made.joins.push_back({reader.text(one, "name", true), reader.text(one, "file", true),
                          reader.text(one, "key", true), reader.text(one, "on", true),
                          reader.truth(one, "required", false), reader.texts(one, "columns")});
  });
  reader.each_table(table, "event", [&](const toml::table& one) {
    made.events.push_back(event_rule(reader, one));
  });
  if (made.events.empty() != made.reference && !reader.failed()) {
    reader.wrong(table, made.reference ? "a reference table gives no events"
                                       : "a table needs at least one [[table.event]]");
  }
  return made;
}

}  // namespace

std::optional<std::string> TextRule::single_column() const {
  return parts.size() == 1 && parts.front().is_column ? std::optional(parts.front().text)
                                                      : std::nullopt;
}

std::string TextRule::text() const {
  std::string written;
  for (const Part& part : parts) {
    written += part.is_column ? "{" + part.text + "}" : part.text;
  }
  return written;
}

TextRule TextRule::column(std::string name) {
  TextRule rule;
  rule.parts.push_back({std::move(name), true});
  return rule;
}

Result<TextRule> TextRule::parse(std::string_view text) {
  TextRule rule;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    if (open != 0) {
      rule.parts.push_back({std::string(text.substr(0, open)), false});
      text.remove_prefix(std::min(open, text.size()));
      continue;
    }
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos || close == 1) {
      return fail(ErrorCode::invalid,
                  "'" + std::string(text) + "' opens a column that is not closed; valid: {column}");
    }
    rule.parts.push_back({std::string(text.substr(1, close - 1)), true});
    text.remove_prefix(close + 1);
  }
  return rule;
}

std::string_view word_of(AmountRule::Sign sign) {
  return kSigns.at(static_cast<std::size_t>(sign));
}

bool matches_pattern(std::string_view text, std::string_view pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++t;
      ++p;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

Result<Mapping> Mapping::parse(std::string_view toml_text, std::string_view file_name) {
  Reader reader(file_name);
  Mapping mapping;
  try {
    const toml::table root = toml::parse(toml_text, file_name);
    reader.only(root, {"name", "title", "currency", "table"});
    mapping.name = reader.text(root, "name", true);
    mapping.title = reader.text(root, "title");
    const std::string currency = reader.text(root, "currency");
    if (!currency.empty()) {
      const auto parsed = parse_currency(currency);
      if (!parsed) {
        reader.wrong(*root.get("currency"), parsed.error().message);
      } else {
        mapping.currency = *parsed;
      }
    }
    reader.each_table(root, "table", [&](const toml::table& one) {
      mapping.tables.push_back(table_mapping(reader, one));
    });
    if (mapping.tables.empty()) {
      reader.wrong(root, "a mapping needs at least one [[table]]");
    }
  } catch (const toml::parse_error& error) {
    std::ostringstream text;
    text << file_name << ":" << error.source().begin.line << ":" << error.source().begin.column
         << ": " << error.description();
    return fail(ErrorCode::invalid, text.str());
  }
  if (reader.failed()) {
    return fail(ErrorCode::invalid, reader.error());
  }
  return mapping;
}

}  // namespace guanxi
