#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "events/event.hpp"

/// What the encoder and the decoder of event batches share: marks and the columns in their order.
/// The grammar stands in docs/formats/batch.md.
///
/// Place       batch_encode.cpp and batch_decode.cpp; nobody else.
/// Invariants  A column, once released, keeps its place and meaning: a change is a new magic.
/// Threads     Constants and pure functions.
namespace guanxi::batch_format {

inline constexpr std::string_view kMagic = "GXB2";
/// Written before events had original_at and sent_at; read as if both were 0 everywhere.
inline constexpr std::string_view kMagicBefore = "GXB1";
/// Events are turned between rows and columns in blocks that stay in the processor's cache.
inline constexpr std::size_t kBlock = 256;

/// First byte of a column.
enum Mark : std::uint8_t {
  kZero = 0x00,       ///< 0, or empty text, everywhere
  kConstant = 0x01,   ///< one value everywhere
  kOffsets = 0x10,    ///< + width: values as unsigned offsets from the least
  kDeltas = 0x20,     ///< + width: zigzag differences from the value before
  kPlain = 0x30,      ///< texts one after another
  kDictionary = 0x40  ///< distinct texts, then a code an event
};

[[nodiscard]] constexpr std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1U) ^ (0 - (difference >> 63U));
}
[[nodiscard]] constexpr std::uint64_t unzigzag(std::uint64_t coded) {
  return (coded >> 1U) ^ (0 - (coded & 1U));
}

[[nodiscard]] inline std::uint64_t bits_of(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}
[[nodiscard]] inline std::int64_t signed_of(std::uint64_t bits) {
  return static_cast<std::int64_t>(bits);
}

/// Columns of numbers: `get` and `set` one field; no value above `kMost` is taken.
struct Kind {
  static constexpr std::string_view kName = "kind";
  static constexpr std::uint64_t kMost = kEventKinds - 1;
  static std::uint64_t get(const Event& e) { return static_cast<std::uint64_t>(e.kind); }
  static void set(Event& e, std::uint64_t v) { e.kind = static_cast<EventKind>(v); }
};
struct Flags {
  static constexpr std::string_view kName = "flags";
  static constexpr std::uint64_t kMost = 255;
  static std::uint64_t get(const Event& e) { return e.flags; }
  static void set(Event& e, std::uint64_t v) { e.flags = static_cast<std::uint8_t>(v); }
};
struct OccurredAt {
  static constexpr std::string_view kName = "occurred_at";
  static constexpr std::uint64_t kMost = UINT64_MAX;
  static std::uint64_t get(const Event& e) { return bits_of(e.occurred_at.seconds); }
  static void set(Event& e, std::uint64_t v) { e.occurred_at.seconds = signed_of(v); }
};
struct ReceivedAt {
  static constexpr std::string_view kName = "received_at";
  static constexpr std::uint64_t kMost = UINT64_MAX;
  static std::uint64_t get(const Event& e) { return bits_of(e.received_at.seconds); }
  static void set(Event& e, std::uint64_t v) { e.received_at.seconds = signed_of(v); }
};
struct Line {
  static constexpr std::string_view kName = "line";
  static constexpr std::uint64_t kMost = UINT32_MAX;
  static std::uint64_t get(const Event& e) { return e.line; }
  static void set(Event& e, std::uint64_t v) { e.line = static_cast<std::uint32_t>(v); }
};
struct PersonSpace {
  static constexpr std::string_view kName = "person namespace";
  static constexpr std::uint64_t kMost = static_cast<std::uint64_t>(IdNamespace::order);
  static std::uint64_t get(const Event& e) {
    return static_cast<std::uint64_t>(e.person.name_space);
  }
  static void set(Event& e, std::uint64_t v) { e.person.name_space = static_cast<IdNamespace>(v); }
};
struct AlsoSpace {
  static constexpr std::string_view kName = "also_known_as namespace";
  static constexpr std::uint64_t kMost = static_cast<std::uint64_t>(IdNamespace::order);
  static std::uint64_t get(const Event& e) {
    return static_cast<std::uint64_t>(e.also_known_as.name_space);
  }
  static void set(Event& e, std::uint64_t v) {
    e.also_known_as.name_space = static_cast<IdNamespace>(v);
  }
};
struct Amount {
  static constexpr std::string_view kName = "amount_minor";
  static constexpr std::uint64_t kMost = UINT64_MAX;
  static std::uint64_t get(const Event& e) { return bits_of(e.amount_minor); }
  static void set(Event& e, std::uint64_t v) { e.amount_minor = signed_of(v); }
};
struct Quantity {
  static constexpr std::string_view kName = "quantity";
  static constexpr std::uint64_t kMost = UINT64_MAX;
  static std::uint64_t get(const Event& e) { return bits_of(e.quantity); }
  static void set(Event& e, std::uint64_t v) { e.quantity = signed_of(v); }
};
struct Money {
  static constexpr std::string_view kName = "currency";
  static constexpr std::uint64_t kMost = 0xFFFFFF;
  static std::uint64_t get(const Event& e) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits |= std::uint64_t{static_cast<std::uint8_t>(e.currency.code[i])} << (8U * i);
    }
    return bits;
  }
  static void set(Event& e, std::uint64_t v) {
    for (std::size_t i = 0; i < 3; ++i) {
      e.currency.code[i] = static_cast<char>(static_cast<std::uint8_t>(v >> (8U * i)));
    }
  }
};

struct OriginalAt {
  static constexpr std::string_view kName = "original_at";
  static constexpr std::uint64_t kMost = UINT64_MAX;
  static std::uint64_t get(const Event& e) { return bits_of(e.original_at.seconds); }
  static void set(Event& e, std::uint64_t v) { e.original_at.seconds = signed_of(v); }
};
struct SentAt {
  static constexpr std::string_view kName = "sent_at";
  static constexpr std::uint64_t kMost = UINT64_MAX;
  static std::uint64_t get(const Event& e) { return bits_of(e.sent_at.seconds); }
  static void set(Event& e, std::uint64_t v) { e.sent_at.seconds = signed_of(v); }
};

/// Columns of text: `at` is the field. A dictionary is tried where texts are likely to repeat.
struct MessageId {
  static constexpr std::string_view kName = "message_id";
  static constexpr bool kRepeats = false;
  static std::string_view& at(Event& e) { return e.message_id; }
};
struct Person {
  static constexpr std::string_view kName = "person";
  static constexpr bool kRepeats = true;
  static std::string_view& at(Event& e) { return e.person.value; }
};
struct Also {
  static constexpr std::string_view kName = "also_known_as";
  static constexpr bool kRepeats = true;
  static std::string_view& at(Event& e) { return e.also_known_as.value; }
};
struct Name {
  static constexpr std::string_view kName = "name";
  static constexpr bool kRepeats = true;
  static std::string_view& at(Event& e) { return e.name; }
};
struct Subject {
  static constexpr std::string_view kName = "subject";
  static constexpr bool kRepeats = true;
  static std::string_view& at(Event& e) { return e.subject; }
};
struct OrderId {
  static constexpr std::string_view kName = "order_id";
  static constexpr bool kRepeats = true;
  static std::string_view& at(Event& e) { return e.order_id; }
};
struct OriginName {
  static constexpr std::string_view kName = "origin";
  static constexpr bool kRepeats = true;
  static std::string_view& at(Event& e) { return e.origin; }
};
struct Title {
  static constexpr std::string_view kName = "title";
  static constexpr bool kRepeats = true;
  static std::string_view& at(Event& e) { return e.title; }
};
struct Properties {
  static constexpr std::string_view kName = "properties";
  static constexpr bool kRepeats = false;
  static std::string_view& at(Event& e) { return e.properties; }
};

/// The text of one event that is only read.
template <typename Column>
[[nodiscard]] std::string_view text_of(const Event& event) {
  return Column::at(const_cast<Event&>(event));
}

/// Calls `visit` with a value of each column's type, in the order of the format; the id hashes,
/// eight bytes each without a mark, stand before them all.
template <typename Visitor>
void for_each_number_column(Visitor&& visit) {
  visit(Kind{});
  visit(Flags{});
  visit(OccurredAt{});
  visit(ReceivedAt{});
  visit(Line{});
  visit(PersonSpace{});
  visit(AlsoSpace{});
  visit(Amount{});
  visit(Quantity{});
  visit(Money{});
  visit(OriginalAt{});
  visit(SentAt{});
}
template <typename Visitor>
void for_each_text_column(Visitor&& visit) {
  visit(MessageId{});
  visit(Person{});
  visit(Also{});
  visit(Name{});
  visit(Subject{});
  visit(OrderId{});
  visit(OriginName{});
  visit(Title{});
  visit(Properties{});
}
inline constexpr std::size_t kNumberColumns = 12;
inline constexpr std::size_t kNumberColumnsBefore = 10;  ///< of kMagicBefore
inline constexpr std::size_t kTextColumns = 9;

}  // namespace guanxi::batch_format
