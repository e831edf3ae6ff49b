#include <algorithm>
#include <string>

#include "base/hash.hpp"
#include "events/decode_item.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kTitleMost = 64UL * 1024;
constexpr std::size_t kSubjectMost = 255;
constexpr std::int64_t kMinutesMost = 100'000;

bool has_fill(const Event& event, Fills fills) {
  switch (fills) {
    case Fills::subject:
      return !event.subject.empty();
    case Fills::order_id:
      return !event.order_id.empty();
    case Fills::title:
      return !event.title.empty();
    case Fills::origin:
      return !event.origin.empty();
    case Fills::quantity:
    case Fills::amount:
    case Fills::nothing:
      return false;
  }
  return false;
}

void fill_text(Item& item, Fills fills, std::string_view text, Event& event) {
  if (fills == Fills::subject) {
    const bool address = text.find("://") != std::string_view::npos;
    event.subject =
        item.out.keep(cut_text(address ? text.substr(0, text.find('?')) : text, kSubjectMost));
  } else if (fills == Fills::order_id) {
    event.order_id = item.out.keep(text);
  } else if (fills == Fills::title) {
    event.title = item.out.keep(cut_text(text, kTitleMost));
  } else if (fills == Fills::origin) {
    event.origin = item.out.keep(cut_text(text, kSubjectMost));
  }
}

// How a rating's range is given: rating_max or score_max beside it.
std::int64_t highest_of(Item& item, std::string_view name, const JsonNode& properties,
                        const Path& path) {
  const JsonNode* most = properties.find(name);
  if (most == nullptr) {
    return 0;
  }
  const Path most_path(name, &path);
  const auto highest = read_whole(*most, most_path, item.problem);
  if (highest && (*highest < 1 || *highest > 1000)) {
    item.problem.set(most_path, "is out of range; valid: 1 to 1000");
  }
  return highest.value_or(1);
}

std::optional<std::int64_t> read_rating_of(Item& item, const Property& property,
                                           NameReading reading, const FoundProperty& found,
                                           const JsonNode& properties, const Path& path,
                                           const Path& at) {
  const bool of_stars = property.type == PropertyType::stars;
  const std::int64_t highest =
      highest_of(item, of_stars ? "rating_max" : "score_max", properties, path);
  if (item.problem.any()) {
    return std::nullopt;
  }
  if (highest > 0) {
    return read_rating(*found.node, 0, highest, at, item.problem);
  }
  return of_stars || reading == NameReading::stars_score
             ? read_rating(*found.node, 1, 5, at, item.problem)
             : read_rating(*found.node, 0, 10, at, item.problem);
}

void fill_quantity(Item& item, const Property& property, NameReading reading,
                   const FoundProperty& found, const JsonNode& properties, const Path& path,
                   Event& event) {
  const Path at(found.name, &path);
  std::optional<std::int64_t> value;
  if (property.type == PropertyType::whole) {
    value = read_whole(*found.node, at, item.problem);
  } else if (property.type == PropertyType::minutes) {
    value = read_scaled(*found.node, 1, 1, kMinutesMost, at, item.problem);
  } else if (property.type == PropertyType::seconds) {
    value = read_scaled(*found.node, 1, 60, kMinutesMost, at, item.problem);
  } else {
    value = read_rating_of(item, property, reading, found, properties, path, at);
  }
  event.quantity = value.value_or(0);
}

void fill_money(Item& item, const KindEntry& entry, const FoundProperty& found, const Path& path,
                Event& event) {
  const Path at(found.name, &path);
  const unsigned digits = event.currency.minor_digits();
  const auto decimal = read_money(*found.node, found.is_minor, digits, at, item.problem);
  if (!decimal) {
    return;
  }
  const auto minor = to_minor(*decimal, digits);
  if (!minor) {
    item.problem.set(at, minor.error().message);
    return;
  }
  event.amount_minor = entry.negative && *minor > 0 ? -*minor : *minor;
}

// True when the property's value was understood and need not be kept beside the field.
bool fill_one(Item& item, const KindEntry& entry, const Property& property, NameReading reading,
              const FoundProperty& found, const JsonNode& properties, const Path& path,
              Event& event) {
  const Path at(found.name, &path);
  switch (property.fills) {
    case Fills::nothing:
      return false;
    case Fills::amount:
      fill_money(item, entry, found, path, event);
      return true;
    case Fills::quantity:
      fill_quantity(item, property, reading, found, properties, path, event);
      return true;
    case Fills::subject:
    case Fills::order_id:
    case Fills::title:
    case Fills::origin:
      break;
  }
  if (property.type == PropertyType::id) {
    const auto id = read_id(*found.node, at, item.problem);
    fill_text(item, property.fills, id.value_or(std::string_view()), event);
    return true;
  }
  if (found.node->type != JsonType::string) {
    return false;
  }
  fill_text(item, property.fills, found.node->text, event);
  return true;
}

bool is_empty_text(const JsonNode& node) {
  return node.type == JsonType::string && node.text.empty();
}

void write_member(JsonWriter& json, const JsonNode& node) {
  // Somebody else's address is not ours to keep: only that it was the same one can be seen.
  if (node.key == "recipient" || node.key == "recipients") {
    JsonWriter inner;
    write_node(inner, node, write_member);
    const Hash128 hash = hash128(inner.text());
    json.field("recipient_hash", std::to_string(hash.high) + "-" + std::to_string(hash.low));
    return;
  }
  json.key(node.key);
  write_node(json, node, write_member);
}

}  // namespace

FoundProperty find_property(const JsonNode& properties, std::string_view names, PropertyType type) {
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(' '));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    if (const JsonNode* node = properties.find(name); node != nullptr && !is_empty_text(*node)) {
      return {node, name, false};
    }
    if (type == PropertyType::money) {
      for (const JsonNode& child : properties) {
        if (child.key.size() == name.size() + 6 && child.key.starts_with(name) &&
            child.key.ends_with("_minor") && child.type != JsonType::null) {
          return {&child, child.key, true};
        }
      }
    }
  }
  return {};
}

void fill_properties(Item& item, const KindEntry& entry, NameReading reading,
                     const JsonNode& properties, const Path& path, Event& event) {
  bool quantity_filled = false;
  for (const Property& property : entry.properties) {
    const bool is_quantity = property.fills == Fills::quantity;
    if (has_fill(event, property.fills) || (is_quantity && quantity_filled)) {
      continue;
    }
    const FoundProperty found = find_property(properties, property.names, property.type);
    if (found.node == nullptr) {
      if (property.required) {
        const std::string_view name = property.names.substr(0, property.names.find(' '));
        item.problem.set(Path(name, &path), "is missing; " + std::string(entry.title) + " needs " +
                                                std::string(property.meaning));
      }
      continue;
    }
    if (fill_one(item, entry, property, reading, found, properties, path, event)) {
      item.used.push_back(found.node);
      quantity_filled = quantity_filled || is_quantity;
    }
  }
}

void read_currency(Item& item, const JsonNode& properties, const Path& path, Event& event) {
  const JsonNode* node = properties.find("currency");
  event.currency = item.context.default_currency;
  if (node == nullptr || is_empty_text(*node)) {
    return;
  }
  const Path at("currency", &path);
  const auto currency =
      parse_currency(node->type == JsonType::string ? node->text : std::string_view("?"));
  if (!currency) {
    item.problem.set(at, currency.error().message);
    return;
  }
  event.currency = *currency;
  item.used.push_back(node);
  if (item.context.default_currency.named() && !(*currency == item.context.default_currency)) {
    event.flags |= kForeignCurrency;
  }
}

void read_flags(Item& item, const JsonNode& properties, const Path& path, Event& event) {
  struct Named {
    std::string_view name;
    EventFlag flag;
  };
  constexpr std::array kNamed = {Named{"full_price", kFullPrice}, Named{"prepaid", kPrepaid},
                                 Named{"early", kEarly},          Named{"by_customer", kByCustomer},
                                 Named{"in_person", kByCustomer}, Named{"reachable", kReachable},
                                 Named{"partial", kPartial}};
  for (const Named& named : kNamed) {
    if (const JsonNode* node = properties.find(named.name)) {
      const auto truth = read_truth(*node, Path(named.name, &path), item.problem);
      const auto bit = static_cast<std::uint8_t>(named.flag);
      event.flags = truth.value_or(false)
                        ? static_cast<std::uint8_t>(event.flags | bit)
                        : static_cast<std::uint8_t>(event.flags & static_cast<std::uint8_t>(~bit));
      item.used.push_back(node);
    }
  }
}

std::optional<std::int64_t> read_amount(Item& item, std::string_view names,
                                        const JsonNode& properties, const Path& path,
                                        const Event& event) {
  const FoundProperty found = find_property(properties, names, PropertyType::money);
  if (found.node == nullptr) {
    return std::nullopt;
  }
  const Path at(found.name, &path);
  const unsigned digits = event.currency.minor_digits();
  const auto decimal = read_money(*found.node, found.is_minor, digits, at, item.problem);
  if (!decimal) {
    return std::nullopt;
  }
  const auto minor = to_minor(*decimal, digits);
  if (!minor) {
    item.problem.set(at, minor.error().message);
    return std::nullopt;
  }
  return *minor;
}

std::string_view rest_of(Item& item, const JsonNode& properties) {
  item.json.clear();
  item.json.begin_object();
  for (const JsonNode& child : properties) {
    if (std::find(item.used.begin(), item.used.end(), &child) == item.used.end()) {
      write_member(item.json, child);
    }
  }
  item.json.end_object();
  return item.json.text() == "{}" ? std::string_view() : item.out.keep(item.json.text());
}

}  // namespace guanxi
