#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

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

/// The name of a column, as a template argument.
template <std::size_t N>
struct ColumnName {
  // NOLINTNEXTLINE(google-explicit-constructor): written as a text where a column is named.
  constexpr ColumnName(const char (&given)[N]) {
    for (std::size_t i = 0; i < N; ++i) {
      text[i] = given[i];
    }
  }
  char text[N] = {};
  [[nodiscard]] constexpr std::string_view view() const { return {text, N - 1}; }
};

/// Columns of numbers: `get` and `set` the field that a path of members leads to; no value above
/// `kMost` is taken.
template <ColumnName kTitle, std::uint64_t kLargest, auto... kPath>
struct NumberColumn {
  static constexpr std::string_view kName = kTitle.view();
  static constexpr std::uint64_t kMost = kLargest;
  static std::uint64_t get(const Event& e) { return static_cast<std::uint64_t>((e.*....*kPath)); }
  static void set(Event& e, std::uint64_t v) {
    auto& field = (e.*....*kPath);
    field = static_cast<std::remove_reference_t<decltype(field)>>(v);
  }
};
inline constexpr std::uint64_t kSpaceMost = static_cast<std::uint64_t>(IdNamespace::order);
using Kind = NumberColumn<"kind", kEventKinds - 1, &Event::kind>;
using Flags = NumberColumn<"flags", 255, &Event::flags>;
using OccurredAt = NumberColumn<"occurred_at", UINT64_MAX, &Event::occurred_at, &Instant::seconds>;
using ReceivedAt = NumberColumn<"received_at", UINT64_MAX, &Event::received_at, &Instant::seconds>;
using Line = NumberColumn<"line", UINT32_MAX, &Event::line>;
using PersonSpace =
    NumberColumn<"person namespace", kSpaceMost, &Event::person, &ExternalId::name_space>;
using AlsoSpace = NumberColumn<"also_known_as namespace", kSpaceMost, &Event::also_known_as,
                               &ExternalId::name_space>;
using Amount = NumberColumn<"amount_minor", UINT64_MAX, &Event::amount_minor>;
using Quantity = NumberColumn<"quantity", UINT64_MAX, &Event::quantity>;
using OriginalAt = NumberColumn<"original_at", UINT64_MAX, &Event::original_at, &Instant::seconds>;
using SentAt = NumberColumn<"sent_at", UINT64_MAX, &Event::sent_at, &Instant::seconds>;
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

/// Columns of text: `at` is the field. A dictionary is tried where texts are likely to repeat.
template <ColumnName kTitle, bool kMayRepeat, auto... kPath>
struct TextColumn {
  static constexpr std::string_view kName = kTitle.view();
  static constexpr bool kRepeats = kMayRepeat;
  static std::string_view& at(Event& e) { return (e.*....*kPath); }
};
using MessageId = TextColumn<"message_id", false, &Event::message_id>;
using Person = TextColumn<"person", true, &Event::person, &ExternalId::value>;
using Also = TextColumn<"also_known_as", true, &Event::also_known_as, &ExternalId::value>;
using Name = TextColumn<"name", true, &Event::name>;
using Subject = TextColumn<"subject", true, &Event::subject>;
using OrderId = TextColumn<"order_id", true, &Event::order_id>;
using OriginName = TextColumn<"origin", true, &Event::origin>;
using Title = TextColumn<"title", true, &Event::title>;
using Properties = TextColumn<"properties", false, &Event::properties>;

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
