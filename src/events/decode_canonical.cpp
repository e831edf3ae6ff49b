#include <algorithm>
#include <array>
#include <string>

#include "events/decode_item.hpp"
#include "events/event_json.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kTitleMost = 64UL * 1024;
constexpr std::size_t kNamespaceMost = 16;  // with its colon

constexpr auto kFields = std::to_array<std::string_view>(
    {"kind",        "id_hash", "message_id",   "line",          "occurred_at", "received_at",
     "original_at", "sent_at", "person",       "also_known_as", "name",        "subject",
     "order_id",    "amount",  "amount_minor", "currency",      "quantity",    "flags",
     "origin",      "title",   "properties"});

// The kind by its word; false when it is none or not for outsiders.
bool read_kind(Item& item, Event& event) {
  const JsonNode& node = *item.node.find("kind");
  const auto kind = node.type == JsonType::string ? kind_named(node.text) : std::nullopt;
  if (!kind) {
    item.problem.set(Path("kind"), "'" + std::string(cut_text(node.text, 40)) +
                                       "' is no kind; valid: order_completed, order_line, ... "
                                       "(docs/events.md)");
    return false;
  }
  if (entry_of(*kind).derived && !item.context.own_export) {
    item.problem.set(Path("kind"), "'" + std::string(node.text) +
                                       "' is made by Guanxi itself and never taken from outside");
    return false;
  }
  event.kind = *kind;
  return true;
}

std::string_view read_text(Item& item, std::string_view name, std::size_t most) {
  const JsonNode* node = item.node.find(name);
  if (node == nullptr) {
    return {};
  }
  if (node->type == JsonType::number) {
    return item.out.keep(node->text);
  }
  if (node->type != JsonType::string || node->text.size() > most) {
    item.problem.set(Path(name), node->type != JsonType::string
                                     ? "is " + std::string(name_of(node->type)) + "; valid: a text"
                                     : "is longer than " + std::to_string(most) + " bytes");
    return {};
  }
  return item.out.keep(node->text);
}

void read_moments(Item& item, Event& event) {
  const auto read = [&](std::string_view name) {
    const JsonNode* node = item.node.find(name);
    return node == nullptr ? std::optional<Instant>()
                           : read_moment(*node, item.zone(), false, Path(name), item.problem);
  };
  const bool own = item.context.own_export;
  const auto received = own ? read("received_at") : std::nullopt;
  event.received_at = received.value_or(item.context.received_at);
  event.original_at = own ? read("original_at").value_or(Instant{}) : Instant{};
  event.sent_at = own ? read("sent_at").value_or(Instant{}) : Instant{};
  const auto occurred = read("occurred_at");
  if (!occurred && event.received_at.seconds <= 0) {
    item.problem.set(Path("occurred_at"), "is missing; valid: 2026-05-01T09:30:00Z");
  }
  event.occurred_at = occurred.value_or(event.received_at);
  if (own || event.received_at.seconds <= 0 || event.occurred_at <= event.received_at) {
    return;
  }
  if (event.occurred_at.seconds > event.received_at.seconds + item.context.future_s_most) {
    item.problem.set(Path("occurred_at"), "lies more than " +
                                              std::to_string(item.context.future_s_most / 3600) +
                                              " hours after the event was received");
  }
  event.original_at = event.occurred_at;
  event.occurred_at = event.received_at;
}

void read_flag_words(Item& item, Event& event) {
  const JsonNode* node = item.node.find("flags");
  if (node == nullptr) {
    return;
  }
  const Path path("flags");
  if (node->type != JsonType::array) {
    item.problem.set(path, "is " + std::string(name_of(node->type)) +
                               "; valid: a list such as [\"full_price\"]");
    return;
  }
  for (const JsonNode& word : *node) {
    const auto* const found =
        std::find_if(event_flags().data(), event_flags().data() + event_flags().size(),
                     [&](const NamedFlag& named) { return named.name == word.text; });
    const bool known = found != event_flags().data() + event_flags().size();
    if (!known || (found->flag == kDerived && !item.context.own_export)) {
      item.problem.set(path, "'" + std::string(cut_text(word.text, 40)) +
                                 "' is no flag; valid: full_price, prepaid, early, by_customer, "
                                 "foreign_currency, partial, reachable");
      return;
    }
    event.flags = static_cast<std::uint8_t>(event.flags | static_cast<unsigned>(found->flag));
  }
}

void read_identity(Item& item, Event& event) {
  event.message_id = read_text(item, "message_id", 400);
  const JsonNode* hash = item.node.find("id_hash");
  const JsonNode* line = item.node.find("line");
  if (line != nullptr && item.context.own_export) {
    const Path path("line");
    const auto number = read_whole(*line, path, item.problem);
    if (number && (*number < 0 || *number > UINT32_MAX)) {
      item.problem.set(path, "is out of range; valid: 0 to 4294967295");
    }
    event.line = static_cast<std::uint32_t>(number.value_or(0));
  }
  if (hash == nullptr || !item.context.own_export) {
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t value = 0;
  bool sound = hash->type == JsonType::string && hash->text.size() == 16;
  for (const char c : sound ? hash->text : std::string_view()) {
    const std::size_t digit = kDigits.find(c);
    sound = sound && digit != std::string_view::npos;
    value = value << 4U | (digit & 15U);
  }
  if (!sound) {
    item.problem.set(Path("id_hash"), "is no identity; valid: 16 hexadecimal digits");
  }
  event.id_hash = value;
}

void read_figures(Item& item, Event& event) {
  const Path root("");
  read_currency(item, item.node, root, event);
  event.amount_minor = read_amount(item, "amount", item.node, root, event).value_or(0);
  if (entry_of(event.kind).negative && event.amount_minor > 0 && !item.context.own_export) {
    event.amount_minor = -event.amount_minor;
  }
  if (item.context.own_export) {
    event.flags = 0;
    event.currency = item.node.find("currency") == nullptr ? Currency() : event.currency;
  }
  if (const JsonNode* quantity = item.node.find("quantity")) {
    event.quantity = read_whole(*quantity, Path("quantity"), item.problem).value_or(0);
  }
}

}  // namespace

ExternalId read_external_id(Item& item, std::string_view name) {
  const JsonNode* node = item.node.find(name);
  if (node == nullptr) {
    return {};
  }
  const Path path(name);
  // Its namespace stands before the id and does not count.
  const auto text = read_id(*node, path, item.problem, 255 + kNamespaceMost);
  if (!text) {
    return {};
  }
  ExternalId id = parse_external_id(*text);
  std::string address;
  if (id.name_space == IdNamespace::email) {
    address = normalised_email(id.value);
    if (address.empty()) {
      item.problem.set(path, "'" + std::string(cut_text(*text, 60)) +
                                 "' is no e-mail address; valid: email:ada@example.org");
      return {};
    }
    id.value = address;
  }
  if (const std::string_view trouble = trouble_with_id(id.value); !trouble.empty()) {
    item.problem.set(path, "'" + std::string(cut_text(*text, 40)) + "' " + std::string(trouble));
    return {};
  }
  return {id.name_space, item.out.keep(id.value)};
}

void decode_canonical(Item& item) {
  for (const JsonNode& member : item.node) {
    if (std::find(kFields.begin(), kFields.end(), member.key) == kFields.end()) {
      item.problem.set(Path(member.key),
                       "is no field of an event; what else there is to say goes "
                       "into \"properties\"");
      return;
    }
  }
  Event event;
  if (!read_kind(item, event)) {
    return;
  }
  read_identity(item, event);
  read_moments(item, event);
  event.person = read_external_id(item, "person");
  event.also_known_as = read_external_id(item, "also_known_as");
  event.name = read_text(item, "name", 255);
  event.subject = read_text(item, "subject", 255 + 16);
  event.order_id = read_text(item, "order_id", 255);
  read_figures(item, event);
  read_flag_words(item, event);
  event.origin = read_text(item, "origin", 255);
  event.title = read_text(item, "title", kTitleMost);
  if (const JsonNode* properties = item.node.find("properties")) {
    if (properties->type != JsonType::object) {
      item.problem.set(Path("properties"),
                       "is " + std::string(name_of(properties->type)) + "; valid: an object");
    }
    event.properties = rest_of(item, *properties);
  }
  item.out.events.push_back(event);
}

}  // namespace guanxi
