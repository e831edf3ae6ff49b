#include "toml/toml_reader.hpp"

#include <algorithm>
#include <cmath>

namespace guanxi {
namespace {

std::string micros_text(std::int64_t micros) {
  std::string text = std::to_string(micros / 1000000);
  const std::int64_t rest = std::llabs(micros % 1000000);
  if (rest != 0) {
    std::string fraction = std::to_string(rest + 1000000).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text;
}

}  // namespace

Result<toml::table> parse_toml(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::invalid,
                place_text(error.source()) + ": " + std::string(error.description()));
  }
}

std::string place_text(const toml::source_region& place) {
  return "line " + std::to_string(place.begin.line) + ", column " +
         std::to_string(place.begin.column);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += text.empty() ? word : ", " + word;
  }
  return text;
}

TomlReader::TomlReader(const toml::table* table, std::string where, std::optional<Problem>& problem)
    : table_(table), where_(std::move(where)), problem_(problem) {}

bool TomlReader::has(std::string_view key) const {
  return table_ != nullptr && table_->contains(key);
}

void TomlReader::complain(std::string_view key, const std::string& what) {
  if (problem_) {
    return;
  }
  std::string place;
  if (table_ != nullptr) {
    const toml::node* node = table_->get(key);
    place = place_text(node != nullptr ? node->source() : table_->source()) + ": ";
  }
  problem_ = Problem{place + where_ + " " + std::string(key) + ": " + what};
}

const toml::node* TomlReader::take(std::string_view key, bool required) {
  asked_.emplace_back(key);
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  if (node == nullptr && required) {
    complain(key, "is missing");
  }
  return node;
}

std::int64_t TomlReader::micros(std::string_view key, std::int64_t least_micros,
                                std::int64_t most_micros,
                                std::optional<std::int64_t> fallback_micros) {
  const toml::node* node = take(key, !fallback_micros);
  if (node == nullptr) {
    return fallback_micros.value_or(least_micros);
  }
  const std::optional<double> value = node->value<double>();
  const double scaled = value.value_or(0) * 1e6;
  if (!value || !node->is_number() || !(scaled >= static_cast<double>(least_micros)) ||
      !(scaled <= static_cast<double>(most_micros))) {
    complain(key, "must be a number from " + micros_text(least_micros) + " to " +
                      micros_text(most_micros));
    return least_micros;
  }
  return std::llround(scaled);
}

std::int64_t TomlReader::integer(std::string_view key, std::int64_t least, std::int64_t most,
                                 std::optional<std::int64_t> fallback) {
  const toml::node* node = take(key, !fallback);
  if (node == nullptr) {
    return fallback.value_or(least);
  }
  const auto* const whole = node->as_integer();
  if (whole == nullptr || whole->get() < least || whole->get() > most) {
    complain(key, "must be a whole number from " + std::to_string(least) + " to " +
                      std::to_string(most));
    return least;
  }
  return whole->get();
}

std::string TomlReader::text(std::string_view key, const std::optional<std::string>& fallback) {
  const toml::node* node = take(key, !fallback);
  if (node == nullptr) {
    return fallback.value_or("");
  }
  const auto* const words = node->as_string();
  if (words == nullptr) {
    complain(key, "must be a text in quotes");
    return {};
  }
  return words->get();
}

bool TomlReader::boolean(std::string_view key, bool fallback) {
  const toml::node* node = take(key, false);
  if (node == nullptr) {
    return fallback;
  }
  const auto* const truth = node->as_boolean();
  if (truth == nullptr) {
    complain(key, "must be true or false");
    return fallback;
  }
  return truth->get();
}

std::vector<std::string> TomlReader::texts(std::string_view key, bool required) {
  const toml::node* node = take(key, required);
  std::vector<std::string> words;
  if (node == nullptr) {
    return words;
  }
  if (const auto* const single = node->as_string(); single != nullptr) {
    words.push_back(single->get());
    return words;
  }
  const toml::array* list = node->as_array();
  if (list != nullptr) {
    for (const toml::node& entry : *list) {
      const auto* const word = entry.as_string();
      if (word == nullptr) {
        complain(key, "must hold texts in quotes only");
        return words;
      }
      words.push_back(word->get());
    }
  }
  if (words.empty() && (required || list == nullptr)) {
    complain(key, "must be a text or a list of texts");
  }
  return words;
}

TomlReader TomlReader::table(std::string_view key, bool required) {
  const toml::node* node = take(key, required);
  if (node != nullptr && !node->is_table()) {
    complain(key, "must be a table");
  }
  const std::string inner =
      where_.empty() ? "[" + std::string(key) + "]"
                     : where_.substr(0, where_.size() - 1) + "." + std::string(key) + "]";
  return {node == nullptr ? nullptr : node->as_table(), inner, problem_};
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) {
  const toml::node* node = take(key, false);
  std::vector<TomlReader> readers;
  if (node == nullptr) {
    return readers;
  }
  const toml::array* list = node->as_array();
  if (list == nullptr) {
    complain(key, "must be a list of tables");
    return readers;
  }
  for (const toml::node& entry : *list) {
    if (!entry.is_table()) {
      complain(key, "must hold tables only");
      return readers;
    }
    readers.emplace_back(entry.as_table(), where_ + "[" + std::string(key) + "]", problem_);
  }
  return readers;
}

void TomlReader::finish() {
  if (table_ == nullptr || problem_) {
    return;
  }
  for (const auto& [key, node] : *table_) {
    if (std::find(asked_.begin(), asked_.end(), key.str()) == asked_.end()) {
      complain(key.str(), "is not known here; valid: " + joined(asked_));
      return;
    }
  }
}

}  // namespace guanxi
