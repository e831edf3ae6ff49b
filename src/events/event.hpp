#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/money.hpp"
#include "events/kind.hpp"

namespace guanxi {

/// What kind of name an external id is. Numbers are part of the log's format.
enum class IdNamespace : std::uint8_t {
  user = 0,
  anonymous = 1,
  email = 2,
  phone = 3,
  wecom = 4,
  card = 5,
  device = 6,
  household = 7,
  staff = 8,
  contact = 9,  ///< a record of another system, with the system's name: "zendesk.1f3a:55"
  order = 10    ///< an order's number, for whoever placed it: "shopify:1001"
};
/// "user", "email", ... as in "email:ada@example.org"; a bare id means "user".
[[nodiscard]] std::string_view name_of(IdNamespace name_space);

/// A person's name in one namespace, as a source knows it. Views into the batch that holds it.
struct ExternalId {
  IdNamespace name_space = IdNamespace::user;
  std::string_view value;
  friend bool operator==(const ExternalId&, const ExternalId&) = default;
};
/// "user:u-1"; the text form used in the API, the command line, digests and referrals.
[[nodiscard]] std::string to_string(const ExternalId& id);
/// "email:a@b", "u-1" (= user:u-1), "user:a:b". The namespace is split off only when it is known.
[[nodiscard]] ExternalId parse_external_id(std::string_view text);

/// How a person came to the brand: what their trust starts from (relationship.md 3). Numbers are
/// part of the compact form (quantity of an identified event).
enum class Origin : std::uint8_t {
  unknown = 0,
  brand = 1,        ///< knew the brand
  product = 2,      ///< found the product
  endorsement = 3,  ///< somebody they look up to
  friend_referral = 4,
  open_rating = 5,  ///< public ratings and reviews
  advertisement = 6,
  store = 7  ///< walked in
};
inline constexpr int kOrigins = 8;
[[nodiscard]] std::string_view name_of(Origin origin);
/// Errors: nothing; an unknown name is Origin::unknown.
[[nodiscard]] Origin origin_named(std::string_view name);

/// Bits that events of any kind may carry.
enum EventFlag : std::uint8_t {
  kFullPrice = 1,  ///< bought without discount or coupon, and the source can tell
  kPrepaid = 2,
  kEarly = 4,             ///< of a product that had just come out
  kByCustomer = 8,        ///< they began it, or came in person
  kDerived = 16,          ///< made by the engine from another person's events
  kForeignCurrency = 32,  ///< amount is in another currency than the brand's; not summed
  kPartial = 64,          ///< of a refund: part of the order
  kReachable = 128        ///< this event shows a direct way to reach them (e-mail, phone, chat)
};

/// One thing that happened, decoded and checked, in full. Text members are views into the
/// EventBatch (or caller's buffer) that holds it and live as long as that does.
///
/// Place       Made by the decoders (events/, analytics/import), consumed by engine admit.
/// Invariants  Of an admitted event: 0 <= occurred_at <= 2^32-1 seconds; ids valid UTF-8 without
///             NUL; at most 255 bytes each.
/// Threads     A value.
struct Event {
  EventKind kind = EventKind::unknown;
  std::uint8_t flags = 0;  ///< EventFlag bits
  Instant occurred_at;     ///< as counted: corrected, and never after received_at
  Instant received_at;
  Instant original_at;          ///< as the source's clock had it, where that is not occurred_at
  Instant sent_at;              ///< of the source's clock when it sent; 0: it did not say
  std::uint64_t id_hash = 0;    ///< identity: hash64 of message id (or content, k) and line
  std::string_view message_id;  ///< as the source gave it; may be empty (content identity)
  std::uint32_t line = 0;       ///< 0 the event itself, 1.. the lines decoded out of it
  ExternalId person;            ///< empty value: nobody's (kept, counted, not folded)
  ExternalId also_known_as;     ///< a second id of the same person, or empty
  std::string_view name;        ///< the event's name as it came; empty: the kind's own
  std::string_view subject;     ///< product, staff, campaign, promise, ticket; by kind
  std::string_view order_id;    ///< of orders, lines, refunds; ticket or promise id else
  std::int64_t amount_minor = 0;
  Currency currency;
  std::int64_t quantity = 0;    ///< units; or rating 0..100; or minutes; by kind
  std::string_view origin;      ///< how they came (initial trust): model's [origins] names
  std::string_view title;       ///< product name, review text ...: for people to read
  std::string_view properties;  ///< what else the source said, a JSON object, or empty
};

/// Name of the identified event that an alias becomes: it says in so many words that two ids are of
/// one person, and not just that they were seen together.
inline constexpr std::string_view kAliasName = "alias";
[[nodiscard]] bool is_alias(const Event& event);

/// What the fold needs of an event, in 32 bytes.
///
/// Place       Timelines in people/; read by relationship/ for every fold.
/// Invariants  Order is (occurred_s, id_hash): canonical order. `order_ref` 0 means none.
/// Threads     A value.
class CompactEvent {
 public:
  struct Fields {
    std::uint64_t id_hash = 0;
    std::uint32_t occurred_s = 0;
    std::uint32_t order_ref = 0;  ///< 32 bits of the order's (ticket's, promise's) id; 0 none
    std::uint32_t subject = 0;    ///< dictionary id, < 2^26; 0 none
    EventKind kind = EventKind::unknown;
    std::uint8_t flags = 0;
    std::int32_t quantity = 0;      ///< saturates at +-131,071
    std::int64_t amount_minor = 0;  ///< saturates at +-137,438,953,471
    std::uint32_t ordinal = 0;      ///< place of the original in the log
  };
  static constexpr std::uint32_t kSubjectMost = (1U << 26U) - 1;
  static constexpr std::int64_t kAmountMost = (std::int64_t{1} << 37U) - 1;
  static constexpr std::int32_t kQuantityMost = (1 << 17) - 1;

  CompactEvent() = default;
  explicit CompactEvent(const Fields& fields)
      : id_hash_(fields.id_hash),
        occurred_s_(fields.occurred_s),
        order_ref_(fields.order_ref),
        packed_(std::uint64_t{fields.subject & kSubjectMost} |
                (std::uint64_t{static_cast<std::uint8_t>(fields.kind)} << 26U) |
                (std::uint64_t{fields.flags} << 32U) |
                ((std::uint64_t{static_cast<std::uint32_t>(saturated(fields.quantity))} & 0x3FFFFU)
                 << 40U) |
                (std::uint64_t{fields.ordinal >> 26U} << 58U)),
        amount_(static_cast<std::uint64_t>(saturated(fields.amount_minor)) << 26U |
                (fields.ordinal & kSubjectMost)) {}

  [[nodiscard]] std::uint64_t id_hash() const { return id_hash_; }
  [[nodiscard]] std::uint32_t occurred_s() const { return occurred_s_; }
  [[nodiscard]] Instant occurred_at() const { return Instant{occurred_s_}; }
  [[nodiscard]] std::uint32_t order_ref() const { return order_ref_; }
  [[nodiscard]] std::uint32_t subject() const {
    return static_cast<std::uint32_t>(packed_ & kSubjectMost);
  }
  [[nodiscard]] EventKind kind() const { return static_cast<EventKind>((packed_ >> 26U) & 63U); }
  [[nodiscard]] std::uint8_t flags() const { return static_cast<std::uint8_t>(packed_ >> 32U); }
  [[nodiscard]] bool has(EventFlag flag) const { return (flags() & flag) != 0; }
  [[nodiscard]] std::int32_t quantity() const {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(packed_ >> 40U) << 14U) >> 14;
  }
  [[nodiscard]] std::int64_t amount_minor() const {
    return static_cast<std::int64_t>(amount_) >> 26;
  }
  [[nodiscard]] std::uint32_t ordinal() const {
    return static_cast<std::uint32_t>((packed_ >> 58U) << 26U) |
           static_cast<std::uint32_t>(amount_ & kSubjectMost);
  }
  [[nodiscard]] friend bool before(const CompactEvent& a, const CompactEvent& b) {
    return a.occurred_s_ != b.occurred_s_ ? a.occurred_s_ < b.occurred_s_ : a.id_hash_ < b.id_hash_;
  }

 private:
  static constexpr std::int32_t saturated(std::int32_t value) {
    return value > kQuantityMost ? kQuantityMost : value < -kQuantityMost ? -kQuantityMost : value;
  }
  static constexpr std::int64_t saturated(std::int64_t value) {
    return value > kAmountMost ? kAmountMost : value < -kAmountMost ? -kAmountMost : value;
  }

  std::uint64_t id_hash_ = 0;
  std::uint32_t occurred_s_ = 0;
  std::uint32_t order_ref_ = 0;
  std::uint64_t packed_ = 0;
  std::uint64_t amount_ = 0;
};
static_assert(sizeof(CompactEvent) == 32);

/// Purposes of consent that say how a person's data may be used as a whole. Numbers are part of the
/// compact form (quantity of consent events).
enum class Purpose : std::uint8_t { other = 0, processing = 1, profiling = 2, marketing = 3 };
/// "processing", "profiling", "marketing"; any other is Purpose::other.
[[nodiscard]] Purpose purpose_named(std::string_view name);

/// 32 bits of an order's id, never 0.
[[nodiscard]] std::uint32_t order_ref_of(std::string_view order_id);

/// The compact form of an event. `subject` is the dictionary id of event.subject (0: none). An
/// identified event's quantity becomes its origin, that of a consent its purpose.
[[nodiscard]] CompactEvent compact(const Event& event, std::uint32_t subject,
                                   std::uint32_t ordinal);

/// A run of events with the text they point into. Made by decoders, moved through the engine whole.
///
/// Place       Decoders fill it; engine admits, logs and applies it.
/// Invariants  Views in `events` point into `texts` blocks or into static storage.
/// Threads     One owner at a time.
class EventBatch {
 public:
  std::vector<Event> events;

  /// Copies `text` into the batch; the view lives as long as the batch.
  [[nodiscard]] std::string_view keep(std::string_view text);
  /// Takes a whole buffer over; views into it live as long as the batch.
  std::string_view adopt(std::string buffer);
  [[nodiscard]] std::size_t size() const { return events.size(); }
  [[nodiscard]] bool empty() const { return events.empty(); }
  /// Memory held, events included.
  [[nodiscard]] std::size_t bytes() const;
  void clear();

 private:
  /// The first block holds a request of a few events, the largest a run of an import.
  static constexpr std::size_t kFirstBlockBytes = 1U << 12U;
  static constexpr std::size_t kLargestBlockBytes = 1U << 18U;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<std::string>> adopted_;
  std::size_t block_bytes_ = 0;  ///< of the last block
  std::size_t used_ = 0;         ///< of these
  std::size_t held_bytes_ = 0;
};

/// An event that was not admitted: what came, which field was wrong, why, and what is valid.
struct Refusal {
  std::string source;      ///< file name or door
  std::uint64_t line = 0;  ///< line or row number in it, 1-based, 0 if none
  std::string field;       ///< "timestamp", "properties.products[2].price"
  std::string reason;      ///< what is wrong and which forms are valid
  std::string original;    ///< as it came (cut at 64 KiB)
};

}  // namespace guanxi
