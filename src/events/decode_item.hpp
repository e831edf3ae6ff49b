#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "events/decode.hpp"
#include "events/event.hpp"
#include "events/json_tree.hpp"
#include "events/kind_table.hpp"
#include "events/values.hpp"

namespace guanxi {

/// Members of a message, or of the batch around it, that the decoder asks for by name.
enum class Member : std::uint8_t {
  kind,
  type,
  event,
  properties,
  traits,
  message_id,
  uuid,
  sent_at,
  sent_at_snake,
  timestamp,
  original_timestamp,
  person,
  user_id,
  user_id_snake,
  external_id,
  distinct_id,
  anonymous_id,
  anonymous_id_snake,
  context,
  name
};
inline constexpr std::size_t kMembers = 20;

/// Where the members of one object are, found in one walk.
///
/// Place       One a message and one a batch.
/// Invariants  As JsonNode::find(): the last one of a name, if it is not null.
/// Threads     One owner.
class MemberIndex {
 public:
  MemberIndex() = default;
  explicit MemberIndex(const JsonNode& object);
  [[nodiscard]] const JsonNode* operator[](Member member) const {
    return at_[static_cast<std::size_t>(member)];
  }
  /// The first of several that is there.
  [[nodiscard]] const JsonNode* first_of(std::initializer_list<Member> members) const {
    for (const Member member : members) {
      if (const JsonNode* found = (*this)[member]) {
        return found;
      }
    }
    return nullptr;
  }

 private:
  std::array<const JsonNode*, kMembers> at_{};
};

/// One message on its way from JSON to events: what its parts share while it is decoded.
///
/// Place       Inside the decoder only: decode.cpp makes one a message, decode_*.cpp fill it.
/// Invariants  Events of this message are out.events from `first` on; all of them go when `problem`
///             is set.
/// Threads     One owner.
struct Item {
  const DecodeContext& context;
  const JsonNode& node;         ///< the message
  const MemberIndex& envelope;  ///< of the batch around it; empty without one
  MemberIndex members;          ///< of the message
  EventBatch& out;
  std::size_t first;
  Problem problem;
  Event base;                         ///< what every event of this message shares
  std::vector<const JsonNode*> used;  ///< properties that filled a field
  JsonWriter json;

  /// The next event of this message, a copy of `base`. Valid until the next add().
  Event& add(EventKind kind);
  [[nodiscard]] Event& first_event() const { return out.events[first]; }
  [[nodiscard]] const Zone& zone() const;
  /// The message's own member of its context, else the batch's.
  [[nodiscard]] const JsonNode* in_context(std::string_view name) const;
};

/// Fills person, also_known_as, times and message id of `item.base` (Segment's names for them).
void read_envelope(Item& item);
/// The part of it that needs no person: times and message id.
void read_message(Item& item);
/// type track: the event's name and its properties.
void decode_track(Item& item, std::string_view name, const JsonNode* properties);
/// types identify, alias, group, page and screen.
void decode_identify(Item& item, const JsonNode* traits);
void decode_alias(Item& item);
/// type merge (RudderStack): two names of one person, each with its namespace.
void decode_merge(Item& item);
void decode_group(Item& item);
void decode_view(Item& item, const JsonNode* properties);
/// Our own form: fields named as in Event.
void decode_canonical(Item& item);

/// A member "namespace:value" of the message; an empty value where there is none.
[[nodiscard]] ExternalId read_external_id(Item& item, std::string_view name);

/// Reads the currency that stands in `properties` (or the default) into `event`.
void read_currency(Item& item, const JsonNode& properties, const Path& path, Event& event);
/// Fills the fields of `event` that the table says the properties of its kind fill.
void fill_properties(Item& item, const KindEntry& entry, NameReading reading,
                     const JsonNode& properties, const Path& path, Event& event);
/// full_price, prepaid, early, by_customer, reachable and partial, where `properties` has them.
void read_flags(Item& item, const JsonNode& properties, const Path& path, Event& event);
/// A money property by any of its names, as minor units of the event's currency.
[[nodiscard]] std::optional<std::int64_t> read_amount(Item& item, std::string_view names,
                                                      const JsonNode& properties, const Path& path,
                                                      const Event& event);
/// The lines of an order or refund; takes their sum off the order's amount.
void decode_products(Item& item, const JsonNode& properties, const Path& path, EventKind kind);
/// price x quantity of a line that names no total.
void price_line(Item& item, const JsonNode& properties, const Path& path, Event& event);
/// What of `properties` filled no field, as JSON; "" when nothing is left.
[[nodiscard]] std::string_view rest_of(Item& item, const JsonNode& properties);

/// A property by the first of its names that is there; `is_minor` when it was NAME_minor.
struct FoundProperty {
  const JsonNode* node = nullptr;
  std::string_view name;
  bool is_minor = false;
};
[[nodiscard]] FoundProperty find_property(const JsonNode& properties, std::string_view names,
                                          PropertyType type);

}  // namespace guanxi
