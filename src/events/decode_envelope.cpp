#include <algorithm>
#include <array>
#include <string>

#include "events/decode_item.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kMessageIdMost = 100;

constexpr std::array<std::string_view, kMembers> kMemberNames = {"kind",
                                                                 "type",
                                                                 "event",
                                                                 "properties",
                                                                 "traits",
                                                                 "messageId",
                                                                 "uuid",
                                                                 "sentAt",
                                                                 "sent_at",
                                                                 "timestamp",
                                                                 "originalTimestamp",
                                                                 "person",
                                                                 "userId",
                                                                 "user_id",
                                                                 "externalId",
                                                                 "distinct_id",
                                                                 "anonymousId",
                                                                 "anonymous_id",
                                                                 "context",
                                                                 "name"};

constexpr std::size_t kSlots = 128;
constexpr std::size_t slot_of(std::uint32_t tag) { return (tag * 0x9E3779B1U) >> 25U; }

// Members by the slots of their tags: 0 none, else one more than the member. Few share a slot.
constexpr std::array<std::uint8_t, kSlots> kMemberSlots = [] {
  std::array<std::uint8_t, kSlots> slots{};
  for (std::size_t i = 0; i < kMembers; ++i) {
    std::size_t slot = slot_of(json_key_tag(kMemberNames[i]));
    while (slots[slot] != 0) {
      slot = (slot + 1) % kSlots;
    }
    slots[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return slots;
}();

std::string_view read_person_id(Item& item, const JsonNode* node, std::string_view name) {
  if (node == nullptr) {
    return {};
  }
  const Path path(name);
  const auto id = read_id(*node, path, item.problem);
  if (!id) {
    return {};
  }
  if (const std::string_view trouble = trouble_with_id(*id); !trouble.empty()) {
    item.problem.set(path, "'" + std::string(cut_text(*id, 40)) + "' " + std::string(trouble));
    return {};
  }
  return item.out.keep(*id);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void read_message_id(Item& item) {
  const JsonNode* node = item.members.first_of({Member::message_id, Member::uuid});
  if (node == nullptr) {
    return;
  }
  const Path path("messageId");
  if (node->type != JsonType::string) {
    item.problem.set(path, "is " + std::string(name_of(node->type)) +
                               "; valid: a text of at most 100 characters, or none");
  } else if (characters(node->text) > kMessageIdMost) {
    item.problem.set(path, "is longer than 100 characters; valid: at most 100, or none");
  } else if (node->text.find('\0') != std::string_view::npos) {
    item.problem.set(path, "holds a NUL; valid: a text without NUL");
  } else {
    item.base.message_id = item.out.keep(node->text);
  }
}

// Client clocks are wrong; the gap between sending and happening, on the same clock, is not.
// Nothing has happened after it was received, whatever a clock says.
void read_times(Item& item) {
  const DecodeContext& context = item.context;
  item.base.received_at = context.received_at;
  const auto moment = [&](const JsonNode* node, std::string_view name) {
    return node == nullptr ? std::optional<Instant>()
                           : read_moment(*node, item.zone(), false, Path(name), item.problem);
  };
  const JsonNode* sent_node = item.members.first_of({Member::sent_at, Member::sent_at_snake});
  if (sent_node == nullptr) {
    sent_node = item.envelope.first_of({Member::sent_at, Member::sent_at_snake});
  }
  const auto original =
      moment(item.members.first_of({Member::timestamp, Member::original_timestamp}), "timestamp");
  const auto sent = moment(sent_node, "sentAt");
  const bool received = context.received_at.seconds > 0;
  if (!original && !received) {
    item.problem.set(Path("timestamp"),
                     "is missing, and when the event was received is not known; valid: "
                     "2026-05-01T09:30:00Z");
    return;
  }
  item.base.occurred_at = original.value_or(context.received_at);
  if (original && sent && received) {
    item.base.occurred_at.seconds =
        context.received_at.seconds - (sent->seconds - original->seconds);
  }
  item.base.sent_at = sent.value_or(Instant{});
  const std::int64_t occurred = item.base.occurred_at.seconds;
  if (occurred < 0 || occurred > INT64_C(4294967295)) {
    item.problem.set(Path("timestamp"),
                     "lies outside 1970 to 2106 after the client's clock was "
                     "corrected by sentAt");
  } else if (received && occurred > context.received_at.seconds + context.future_s_most) {
    item.problem.set(Path("timestamp"),
                     "lies more than " + std::to_string(context.future_s_most / 3600) +
                         " hours after the event was received; valid: a moment that has been");
  } else if (received && occurred > context.received_at.seconds) {
    item.base.occurred_at = context.received_at;
  }
  if (original && *original != item.base.occurred_at) {
    item.base.original_at = *original;
  }
}

// An address that names one person, from the traits; nothing where it is none.
ExternalId address_in(Item& item, const JsonNode* traits) {
  if (traits == nullptr) {
    return {};
  }
  const JsonNode* email = traits->find("email");
  if (email != nullptr && email->type == JsonType::string && email->text.size() <= 255) {
    const std::string address = normalised_email(email->text);
    if (!address.empty()) {
      return {IdNamespace::email, item.out.keep(address)};
    }
  }
  const JsonNode* phone = traits->find("phone");
  if (phone != nullptr && phone->type == JsonType::string && trouble_with_id(phone->text).empty()) {
    return {IdNamespace::phone, item.out.keep(phone->text)};
  }
  return {};
}

// The two names that a message may give its person.
struct Named {
  const JsonNode* user;
  const JsonNode* anonymous;
};

// PostHog has one id for everybody: a browser's is that of its device until somebody is known, and
// $anon_distinct_id says then which one it was.
Named named_in(const Item& item) {
  const MemberIndex& members = item.members;
  Named named{members.first_of({Member::user_id, Member::user_id_snake, Member::external_id,
                                Member::distinct_id}),
              members.first_of({Member::anonymous_id, Member::anonymous_id_snake})};
  const JsonNode* properties = members[Member::properties];
  if (named.user == nullptr || named.user != members[Member::distinct_id] ||
      named.anonymous != nullptr || properties == nullptr) {
    return named;
  }
  const JsonNode* device = properties->find("$device_id");
  if (device != nullptr && device->text == named.user->text) {
    return {nullptr, named.user};
  }
  return {named.user, properties->find("$anon_distinct_id")};
}

void read_person(Item& item) {
  if (const JsonNode* person = item.members[Member::person]) {
    if (person->type == JsonType::string && person->text.empty()) {
      return;  // nobody is known, and the sender says so
    }
    item.base.person = read_external_id(item, "person");
    item.base.also_known_as = read_external_id(item, "also_known_as");
    return;
  }
  const Named named = named_in(item);
  const std::string_view user = read_person_id(item, named.user, "userId");
  const std::string_view anonymous = read_person_id(item, named.anonymous, "anonymousId");
  const ExternalId stranger{IdNamespace::anonymous, anonymous};
  if (!user.empty()) {
    item.base.person = {IdNamespace::user, user};
    item.base.also_known_as = anonymous.empty() ? ExternalId{} : stranger;
    return;
  }
  const JsonNode* traits = item.members[Member::traits];
  ExternalId address = address_in(item, traits);
  address = address.value.empty() ? address_in(item, item.in_context("traits")) : address;
  if (!address.value.empty()) {
    item.base.person = address;
    item.base.also_known_as = anonymous.empty() ? ExternalId{} : stranger;
  } else if (!anonymous.empty()) {
    item.base.person = stranger;
  } else {
    item.problem.set(Path("userId"),
                     "is missing; valid: userId or anonymousId, or traits with email or phone");
  }
}

}  // namespace

MemberIndex::MemberIndex(const JsonNode& object) {
  if (object.type != JsonType::object) {
    return;
  }
  for (const JsonNode& child : object) {
    std::size_t slot = slot_of(child.key_tag);
    while (kMemberSlots[slot] != 0) {
      const std::size_t member = kMemberSlots[slot] - 1U;
      if (child.key == kMemberNames[member]) {
        at_[member] = child.type == JsonType::null ? nullptr : &child;
        break;
      }
      slot = (slot + 1) % kSlots;
    }
  }
}

Event& Item::add(EventKind kind) {
  base.kind = kind;
  out.events.push_back(base);
  out.events.back().line = static_cast<std::uint32_t>(out.events.size() - 1 - first);
  return out.events.back();
}

const Zone& Item::zone() const {
  static const Zone kUtc;
  return context.zone == nullptr ? kUtc : *context.zone;
}

const JsonNode* Item::in_context(std::string_view name) const {
  for (const JsonNode* context_node : {members[Member::context], envelope[Member::context]}) {
    const JsonNode* found = context_node;
    found = found == nullptr ? nullptr : found->find(name);
    if (found != nullptr) {
      return found;
    }
  }
  return nullptr;
}

void read_message(Item& item) {
  read_message_id(item);
  read_times(item);
}

void read_envelope(Item& item) {
  read_message(item);
  read_person(item);
}

}  // namespace guanxi
