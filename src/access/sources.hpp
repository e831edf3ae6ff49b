#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"

namespace guanxi::access {

/// Who sends events, by the language it speaks.
enum class SourceKind : std::uint8_t {
  sdk,  ///< any of the SDKs, by its write key
  shopify,
  woocommerce,
  chatwoot,
  zendesk,
  stripe,
  custom_webhook,
  wecom,
  kafka
};
inline constexpr std::size_t kSourceKinds = 9;
[[nodiscard]] std::string_view name_of(SourceKind kind);
[[nodiscard]] std::optional<SourceKind> source_kind_named(std::string_view name);
/// Whether sources of this kind show a write key; the others sign what they send, or are asked.
[[nodiscard]] bool has_write_key(SourceKind kind);

/// One sender of events.
///
/// Place       Made by AccessStore; the doors look it up by key or by id.
/// Invariants  The id never changes and is never used again; message ids of different sources never
///             meet. A name belongs to one source at a time.
/// Threads     A value, immutable when shared.
struct Source {
  std::string id;  ///< 128 random bits as hex; stands in the address of a webhook
  std::string name;
  SourceKind kind = SourceKind::sdk;
  bool disabled = false;
  std::string settings_json = "{}";
  std::vector<std::string> secrets;  ///< newest first, at most two; of what signs its messages
  Instant created_at;
  Instant last_used_at;  ///< to the minute; 0: never
};

/// "shopify:web shop": how a source is named where people read of it, in the feed, in figures, in
/// dead letters and in the audit trail.
[[nodiscard]] std::string door_name(const Source& source);
/// The source of a door as a dead letter names it: door_name(), or that and the place in a queue
/// after a blank. Null for files, and for what no source is called.
[[nodiscard]] std::shared_ptr<const Source> source_of_door(
    const std::vector<std::shared_ptr<const Source>>& sources, std::string_view door);

/// One write key as it can be shown: never the key itself.
struct KeyInfo {
  std::string hint;  ///< its last four characters
  Instant created_at;
  std::optional<Instant> valid_until;
};

/// What a source is made of.
struct SourceDraft {
  std::string name;
  SourceKind kind = SourceKind::sdk;
  std::string settings_json = "{}";
  std::vector<std::string> secrets{};
};

/// A source and its write key, which nobody can ask for again. Without one the key is empty.
struct NewSource {
  Source source;
  std::string write_key;
};

}  // namespace guanxi::access
