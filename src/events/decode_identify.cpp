#include <algorithm>
#include <array>
#include <string>

#include "events/decode_item.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

struct NamedAddress {
  std::string_view name;
  IdNamespace name_space;
};

// Traits that name the person in another namespace.
constexpr std::array kAddresses = {NamedAddress{"email", IdNamespace::email},
                                   NamedAddress{"phone", IdNamespace::phone},
                                   NamedAddress{"wecom_external_id", IdNamespace::wecom},
                                   NamedAddress{"external_userid", IdNamespace::wecom},
                                   NamedAddress{"loyalty_card", IdNamespace::card},
                                   NamedAddress{"card_number", IdNamespace::card}};

// An id where the trait holds one; a trait that holds none stays a property.
std::string_view address_of(Item& item, const JsonNode& node, IdNamespace name_space) {
  if (node.type != JsonType::string) {
    return {};
  }
  if (name_space == IdNamespace::email) {
    const std::string email = normalised_email(node.text);
    return trouble_with_id(email).empty() ? item.out.keep(email) : std::string_view();
  }
  return trouble_with_id(node.text).empty() ? item.out.keep(node.text) : std::string_view();
}

// One more id of the same person: into the last event where it has room, else an event of its own.
void link(Item& item, const ExternalId& id) {
  if (id == item.base.person || id == item.base.also_known_as) {
    return;
  }
  Event& last = item.out.events.back();
  Event& holder = last.also_known_as.value.empty() ? last : item.add(EventKind::identified);
  holder.also_known_as = id;
}

}  // namespace

void decode_identify(Item& item, const JsonNode* traits) {
  if (traits != nullptr && traits->type != JsonType::object) {
    item.problem.set(Path("traits"),
                     "is " + std::string(name_of(traits->type)) + "; valid: an object");
    return;
  }
  Event& event = item.add(EventKind::identified);
  if (traits == nullptr) {
    return;
  }
  const Path path("traits");
  const KindEntry& entry = entry_of(EventKind::identified);
  read_flags(item, *traits, path, event);
  fill_properties(item, entry, NameReading::usual, *traits, path, event);
  event.properties = rest_of(item, *traits);
  for (const NamedAddress& address : kAddresses) {
    const JsonNode* node = traits->find(address.name);
    const std::string_view id =
        node == nullptr ? std::string_view() : address_of(item, *node, address.name_space);
    if (!id.empty()) {
      item.first_event().flags |= address.name_space == IdNamespace::card ? 0 : kReachable;
      link(item, {address.name_space, id});
    }
  }
}

void decode_alias(Item& item) {
  const JsonNode* properties = item.members[Member::properties];
  const JsonNode* previous = item.node.find("previousId");
  if (previous == nullptr && properties != nullptr) {
    previous = properties->find("alias");
  }
  const Path path("previousId");
  if (previous == nullptr) {
    item.problem.set(path, "is missing; valid: the id that this person had before");
    return;
  }
  const auto id = read_id(*previous, path, item.problem);
  if (!id) {
    return;
  }
  if (const std::string_view trouble = trouble_with_id(*id); !trouble.empty()) {
    item.problem.set(path, "'" + std::string(cut_text(*id, 40)) + "' " + std::string(trouble));
    return;
  }
  item.base.name = kAliasName;
  item.add(EventKind::identified);
  link(item, {IdNamespace::anonymous, item.out.keep(*id)});
}

void decode_merge(Item& item) {
  struct Named {
    std::string_view type;
    IdNamespace name_space;
  };
  constexpr std::array kTypes = {Named{"user_id", IdNamespace::user},
                                 Named{"userId", IdNamespace::user},
                                 Named{"anonymous_id", IdNamespace::anonymous},
                                 Named{"anonymousId", IdNamespace::anonymous},
                                 Named{"email", IdNamespace::email},
                                 Named{"phone", IdNamespace::phone},
                                 Named{"mobile", IdNamespace::phone}};
  const Path path("mergeProperties");
  const JsonNode* list = item.node.find("mergeProperties");
  std::array<ExternalId, 2> ids;
  std::size_t count = 0;
  if (list != nullptr && list->type == JsonType::array) {
    for (const JsonNode& node : *list) {
      const JsonNode* type = node.find("type");
      const JsonNode* value = node.find("value");
      const auto* const named = std::find_if(kTypes.begin(), kTypes.end(), [&](const Named& one) {
        return type != nullptr && one.type == type->text;
      });
      if (count == ids.size() || value == nullptr || named == kTypes.end()) {
        count = 0;
        break;
      }
      ids.at(count) = {named->name_space, address_of(item, *value, named->name_space)};
      count += ids.at(count).value.empty() ? 0U : 1U;
    }
  }
  if (count != ids.size()) {
    item.problem.set(path,
                     "does not name one person twice; valid: two of {\"type\": user_id, "
                     "anonymous_id, email or phone, \"value\": the id}");
    return;
  }
  read_message(item);
  item.base.person = ids[0];
  item.base.also_known_as = ids[1];
  item.base.name = kAliasName;
  item.add(EventKind::identified);
}

// A person's company is kept and shown; it feeds nothing.
void decode_group(Item& item) {
  Event& event = item.add(EventKind::unknown);
  event.name = "group";
  const JsonNode* group = item.node.find("groupId");
  if (group != nullptr) {
    const auto id = read_id(*group, Path("groupId"), item.problem);
    event.subject = item.out.keep(id.value_or(std::string_view()));
  }
  const JsonNode* traits = item.members[Member::traits];
  traits = traits == nullptr ? item.members[Member::properties] : traits;
  if (traits != nullptr && traits->type == JsonType::object) {
    event.properties = rest_of(item, *traits);
  }
}

}  // namespace guanxi
