#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "doors/payload_path.hpp"
#include "doors/signature.hpp"
#include "events/json_tree.hpp"

namespace guanxi::doors {

/// One test of a payload: all tests of a rule must hold.
struct PayloadTest {
  enum class Kind : std::uint8_t {
    in,           ///< is one of the values
    starts_with,  ///< begins with one of them
    contains,     ///< a list of texts has one of them
    present       ///< is there at all
  };
  PayloadText value;
  Kind kind = Kind::in;
  bool negate = false;
  std::vector<PayloadText> values;
};

/// One name of a person: "email:{email}".
struct PayloadId {
  PayloadText text;
  std::vector<PayloadTest> when;
};

/// One property of an event.
struct PayloadProperty {
  enum class Kind : std::uint8_t {
    text,      ///< a text, or the value itself where it is one place alone
    constant,  ///< JSON that stands in the mapping
    list,      ///< a list of objects, one for each item that meets `item_when`
    sum        ///< an exact sum over the items that meet `item_when`
  };
  std::string name;
  Kind kind = Kind::text;
  PayloadText value;
  std::string json;
  PayloadText after;     ///< the value is what stands behind this text, which must begin it
  PayloadText prefixes;  ///< "store_=store, ad_=advertisement": the word of the longest that fits
  PayloadPath list;
  std::vector<PayloadTest> item_when;
  std::vector<PayloadProperty> items;
  std::vector<PayloadTest> when;
};

/// "A payload like this is an event of that name."
struct PayloadEvent {
  std::vector<std::string> topics;  ///< "orders/create", "orders/*"
  std::vector<PayloadTest> when;
  std::optional<PayloadPath> at;  ///< one event for each item of this list
  std::string event;              ///< a name of docs/events.md, or of the sender's; empty: identify
  std::vector<PayloadId> ids;     ///< the first one there is the person, the others are linked
  bool link = true;               ///< false: the others are left out
  PayloadText message_id;
  PayloadText time;
  std::vector<PayloadProperty> properties;
};

/// Topics that are no events: left out, or shown to people.
struct PayloadTopics {
  std::vector<std::string> topics;
  std::vector<PayloadTest> when;
  std::string why;
};

/// One setting of a source of this kind, as people fill it in.
struct SettingField {
  enum class Type : std::uint8_t { text, choice, truth, code };
  std::string name;
  Type type = Type::text;
  std::string title;
  std::string title_zh;
  std::string help;
  std::string help_zh;
  bool required = false;
  std::string fallback;              ///< meant when it is left out
  std::vector<std::string> choices;  ///< of a choice
};

/// What became of one payload.
struct PayloadReading {
  enum class Outcome : std::uint8_t {
    events,   ///< `json` is {"batch": [...]} for the decoder
    nothing,  ///< a known topic that has nothing to tell this time, or is left out
    notice,   ///< for people to act on; `words` say what
    unknown,  ///< the topic stands in no rule
    unfit     ///< a rule applies, but what it needs is not there; `words` say what
  };
  Outcome outcome = Outcome::unknown;
  std::string json;
  std::string words;
};

/// How the payloads of one kind of sender become events: who signs how, where the topic stands,
/// which payload is which event. Data, not code.
///
/// Place       mappings/webhooks/*.toml, or the settings of a source; the webhook door and the
///             queue apply it. Format: docs/formats/webhooks.md.
/// Invariants  Checked completely by parse(). The same payload, topic and settings give the same
///             text, so that a retry is the same event.
/// Threads     Immutable: any.
class PayloadMapping {
 public:
  using Variables = std::function<std::optional<std::string>(std::string_view)>;

  std::string name;
  std::string title;
  std::string title_zh;
  std::optional<SignatureRule> signature;
  PayloadText topic;     ///< of the payload or a header; empty: there is only one topic, ""
  PayloadText delivery;  ///< the sender's number of this delivery, {$delivery}
  std::vector<SettingField> settings;
  std::vector<PayloadTopics> ignored;
  std::vector<PayloadTopics> notices;
  std::vector<PayloadEvent> events;

  /// Errors: invalid, with line, column and the valid words.
  [[nodiscard]] static Result<PayloadMapping> parse(std::string_view toml,
                                                    std::string_view file_name);

  /// `variables` answers for $source, $digest, $setting.NAME and $header.NAME.
  [[nodiscard]] PayloadReading read(const JsonNode& payload, const Variables& variables) const;
};

/// The ready mappings, compiled into the program from mappings/webhooks/*.toml, by name.
[[nodiscard]] const PayloadMapping* ready_payload_mapping(std::string_view name);
[[nodiscard]] const std::vector<PayloadMapping>& ready_payload_mappings();

/// "orders/*" matches "orders/paid"; a star may stand at the end alone.
[[nodiscard]] bool matches_topic(std::string_view topic, std::string_view pattern);

}  // namespace guanxi::doors
