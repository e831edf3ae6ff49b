#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/money.hpp"
#include "events/event.hpp"

namespace guanxi {

/// What a decoder must know besides the text itself.
struct DecodeContext {
  std::string_view source;        ///< file or door, named in refusals
  std::string_view source_key;    ///< message ids of different keys never meet ("" for files)
  std::uint64_t line = 0;         ///< line in the file, 1-based; 0 if none
  Instant received_at;            ///< 0: not known; then every event must bring its own time
  Currency default_currency;      ///< meant where the source names none
  const Zone* zone = nullptr;     ///< of times without a zone; UTC when null
  std::string_view default_type;  ///< of a body without "type": "track" at /v1/track
  std::size_t batch_events_most = 2500;
  std::size_t event_bytes_most = 512UL * 1024;
  /// Later than received_at by more is refused; by less, it counts as received_at.
  std::int64_t future_s_most = std::int64_t{23} * 3600;
  bool own_export = false;  ///< trust id_hash, line and kinds that only Guanxi makes
};

/// What two events without a message id and with the very same content are.
enum class Repeats : std::uint8_t {
  one_event,  ///< a retry: the door
  counted     ///< the k-th of them is the k-th event: lines of one file
};

/// Turns JSON texts into events: our canonical form (event_json.hpp), Segment's track, identify,
/// page, screen, group, alias and merge, a list or {"batch": [...]} of them, and PostHog's
/// spelling.
///
/// Place       Doors and importers; one a thread. With Repeats::counted one a file.
/// Invariants  One bad event never hurts the others of its batch, and nothing of it is kept: each
///             event of a text comes out whole or as one refusal that names the field, the reason
///             and the valid forms. The same text and context give the same events.
/// Threads     One owner.
class Decoder {
 public:
  explicit Decoder(Repeats repeats = Repeats::one_event);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Appends the events of one JSON text to `out` and what was refused to `refused`. An order gives
  /// its lines besides (kind_table.hpp); the events of one message share its message_id and differ
  /// in `line`. Text is copied into `out`.
  void decode_json(std::string_view json, const DecodeContext& context, EventBatch& out,
                   std::vector<Refusal>& refused);

  /// The same in two steps, for doors that must know what a text says of its sender before they
  /// know the context. The text must live until decode_read().
  void read(std::string_view json);
  /// A text member of what was read, or of the first event in its list; "" when there is none.
  [[nodiscard]] std::string_view text_member(std::string_view name) const;
  void decode_read(const DecodeContext& context, EventBatch& out, std::vector<Refusal>& refused);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace guanxi
