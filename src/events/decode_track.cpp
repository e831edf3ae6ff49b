#include <string>

#include "events/decode_item.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

const JsonNode& empty_object() {
  static const JsonNode kEmpty = [] {
    JsonNode node;
    node.type = JsonType::object;
    return node;
  }();
  return kEmpty;
}

std::uint8_t flags_of(const KindEntry& entry) {
  return static_cast<std::uint8_t>((entry.by_customer ? kByCustomer : 0) |
                                   (entry.reachable ? kReachable : 0));
}

// The name as it came, unless it is the kind's own.
std::string_view own_name(Item& item, const KindEntry& entry, std::string_view name) {
  return entry.kind != EventKind::unknown && (name == entry.title || name == name_of(entry.kind))
             ? std::string_view()
             : item.out.keep(cut_text(name, 255));
}

// Bought without discount and coupon, where the source says something about discounts.
void read_full_price(Item& item, const JsonNode& properties, const Path& path, Event& event) {
  if (properties.find("full_price") != nullptr) {
    return;
  }
  const auto discount = read_amount(item, "discount", properties, path, event);
  const bool coupon = find_property(properties, "coupon", PropertyType::text).node != nullptr;
  if (discount == 0 && !coupon) {
    event.flags |= kFullPrice;
  }
}

// Who brought them, as "user:u-1"; an address as "email:...".
void name_referrer(Item& item, const Path& path, Event& event) {
  const std::string_view given = event.subject;
  if (given.empty()) {
    return;
  }
  ExternalId referrer = parse_external_id(given);
  std::string address;
  const bool bare = !given.starts_with(std::string(name_of(referrer.name_space)) + ":");
  if (referrer.name_space == IdNamespace::email || (bare && !normalised_email(given).empty())) {
    address = normalised_email(referrer.value);
    referrer = {IdNamespace::email, address};
  }
  if (const std::string_view trouble = trouble_with_id(referrer.value); !trouble.empty()) {
    item.problem.set(Path("referrer_id", &path),
                     "'" + std::string(cut_text(given, 40)) + "' " + std::string(trouble));
    return;
  }
  event.subject = item.out.keep(to_string(referrer));
  if (event.origin.empty()) {
    event.origin = name_of(Origin::friend_referral);
  }
}

// A promised moment beside the deed: a promise kept or broken. Says nothing when none was given.
std::optional<EventKind> promise_of(Item& item, const JsonNode& properties, const Path& path,
                                    Instant happened) {
  const FoundProperty promised =
      find_property(properties, "promised_at due_at", PropertyType::moment);
  if (promised.node == nullptr) {
    return std::nullopt;
  }
  const auto until =
      read_moment(*promised.node, item.zone(), true, Path(promised.name, &path), item.problem);
  const FoundProperty actual = find_property(
      properties, "delivered_at solved_at finished_at actual_at", PropertyType::moment);
  const auto moment = actual.node == nullptr ? std::optional(happened)
                                             : read_moment(*actual.node, item.zone(), false,
                                                           Path(actual.name, &path), item.problem);
  if (!until || !moment) {
    return std::nullopt;
  }
  return *moment <= *until ? EventKind::promise_kept : EventKind::promise_broken;
}

void finish_order(Item& item, const JsonNode& properties, const Path& path, Event& event) {
  if (event.kind == EventKind::order_completed) {
    read_full_price(item, properties, path, event);
    decode_products(item, properties, path, EventKind::order_line);
    return;
  }
  const auto whole = read_amount(item, "order_total", properties, path, event);
  if (whole && event.amount_minor != 0 && -event.amount_minor < *whole) {
    event.flags |= kPartial;
  }
  decode_products(item, properties, path, EventKind::line_returned);
}

// What follows from a kind once its fields are filled. May add events: `event` is gone afterwards.
void finish(Item& item, NameReading reading, const JsonNode& properties, const Path& path) {
  Event& event = item.first_event();
  const EventKind kind = event.kind;
  const bool order = kind == EventKind::order_completed || kind == EventKind::order_refunded;
  if (kind == EventKind::order_line || kind == EventKind::line_returned) {
    price_line(item, properties, path, event);
  } else if (kind == EventKind::referral_accepted) {
    name_referrer(item, path, event);
  }
  if (order) {
    const FoundProperty lines = find_property(properties, "products items", PropertyType::products);
    item.used.push_back(lines.node);
  }
  event.properties = rest_of(item, properties);
  if (order) {
    finish_order(item, properties, path, event);
    return;
  }
  if (kind != EventKind::service_delivered && kind != EventKind::ticket_solved) {
    return;
  }
  const auto promise = promise_of(item, properties, path, event.occurred_at);
  if (!promise) {
    return;
  }
  const std::string_view order_id = event.order_id;
  const std::uint8_t flags = event.flags;
  Event& outcome = reading == NameReading::delivery ? event : item.add(*promise);
  outcome.kind = *promise;
  outcome.order_id = order_id;
  outcome.flags = flags;
  outcome.quantity = 0;
  outcome.subject = reading == NameReading::delivery   ? "delivery"
                    : kind == EventKind::ticket_solved ? "ticket"
                                                       : "service";
}

EventKind kind_by_reading(Item& item, const NamedKind& named, const JsonNode& properties,
                          const Path& path) {
  const JsonNode* agrees =
      named.reading == NameReading::value_signal ? properties.find("agrees") : nullptr;
  if (agrees == nullptr) {
    return named.kind;
  }
  item.used.push_back(agrees);
  return read_truth(*agrees, Path("agrees", &path), item.problem).value_or(true)
             ? EventKind::value_affirmed
             : EventKind::values_conflict;
}

// Segment's consent managers say with this event what a person chose, category by category; other
// events only repeat it. False when it says nothing.
bool decode_consent_preferences(Item& item, std::string_view name) {
  if (name != "Segment Consent Preference Updated") {
    return false;
  }
  const JsonNode* consent = item.in_context("consent");
  const JsonNode* chosen = consent == nullptr ? nullptr : consent->find("categoryPreferences");
  if (chosen == nullptr || chosen->type != JsonType::object) {
    return false;
  }
  bool any = false;
  for (const JsonNode& category : *chosen) {
    if (category.type != JsonType::truth || category.key.empty() ||
        chosen->find(category.key) != &category) {
      continue;
    }
    Event& event =
        item.add(category.truth ? EventKind::consent_given : EventKind::consent_withdrawn);
    event.name = item.out.keep(name);
    event.subject = item.out.keep(cut_text(category.key, 255));
    event.flags = flags_of(entry_of(event.kind));
    any = true;
  }
  return any;
}

}  // namespace

void decode_track(Item& item, std::string_view name, const JsonNode* given) {
  if (decode_consent_preferences(item, name)) {
    return;
  }
  const JsonNode& properties = given == nullptr ? empty_object() : *given;
  const Path path("properties");
  const NamedKind named = kind_of_event_name(name).value_or(NamedKind{});
  const EventKind kind = kind_by_reading(item, named, properties, path);
  const KindEntry& entry = entry_of(kind);
  if (entry.derived) {
    item.problem.set(Path("event"), "'" + std::string(entry.title) +
                                        "' is made by Guanxi itself and never taken from outside");
    return;
  }
  Event& event = item.add(kind);
  event.name = own_name(item, entry, name);
  event.flags = flags_of(entry);
  read_currency(item, properties, path, event);
  read_flags(item, properties, path, event);
  fill_properties(item, entry, named.reading, properties, path, event);
  if (!item.problem.any()) {
    finish(item, named.reading, properties, path);
  }
}

void decode_view(Item& item, const JsonNode* given) {
  const JsonNode& properties = given == nullptr ? empty_object() : *given;
  Event& event = item.add(EventKind::visit);
  event.flags = flags_of(entry_of(EventKind::visit));
  const Path path("properties");
  fill_properties(item, entry_of(EventKind::visit), NameReading::usual, properties, path, event);
  const JsonNode* name = item.members[Member::name];
  if (name != nullptr && name->type == JsonType::string) {
    const std::string_view text = item.out.keep(cut_text(name->text, 255));
    event.subject = event.subject.empty() ? text : event.subject;
    event.title = event.title.empty() ? text : event.title;
  }
  event.properties = rest_of(item, properties);
}

}  // namespace guanxi
