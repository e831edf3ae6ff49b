#include "base/hash.hpp"
#include "doors/webhooks.hpp"
#include "events/decode.hpp"
#include "events/json_tree.hpp"

namespace guanxi::doors {
namespace {

constexpr std::size_t kOriginalMost = 64UL * 1024;
constexpr std::size_t kShownSource = 8;

PayloadMapping::Variables variables_of(const TrustedMessage& message) {
  return [&message](std::string_view name) -> std::optional<std::string> {
    constexpr std::string_view kSetting = "setting.";
    if (name == "source") {
      return message.source.id.substr(0, kShownSource);
    }
    if (name == "digest") {
      const Hash128 hash = hash128(message.body);
      return std::to_string(hash.high) + "-" + std::to_string(hash.low);
    }
    if (name.starts_with(kSetting)) {
      return message.settings.value(name.substr(kSetting.size()));
    }
    return message.headers(name);
  };
}

void keep(const TrustedMessage& message, std::string_view field, std::string reason,
          std::vector<Refusal>& refused) {
  Refusal refusal;
  refusal.source = access::door_name(message.source);
  refusal.field = field;
  refusal.reason = std::move(reason);
  refusal.original = message.body.substr(0, kOriginalMost);
  refused.push_back(std::move(refusal));
}

void decode_events(const TrustedMessage& message, std::string_view json, EventBatch& events,
                   std::vector<Refusal>& refused) {
  const std::string door = access::door_name(message.source);
  DecodeContext context;
  context.source = door;
  context.source_key = message.source.id;
  context.received_at = message.received_at;
  context.default_currency = message.currency;
  static thread_local Decoder decoder;
  const std::size_t first = events.size();
  decoder.decode_json(json, context, events, refused);
  // The brand's currency may become known between a message and its retry: what names no money
  // names no currency, so that both say the same.
  for (std::size_t i = first; i < events.size(); ++i) {
    Event& event = events.events[i];
    if (event.amount_minor == 0) {
      event.currency = {};
      event.flags =
          static_cast<std::uint8_t>(event.flags & static_cast<unsigned>(~kForeignCurrency));
    }
  }
}

}  // namespace

bool decode_message(const TrustedMessage& message, EventBatch& events,
                    std::vector<Refusal>& refused) {
  const PayloadMapping* mapping = message.settings.mapping();
  if (mapping == nullptr) {
    decode_events(message, message.body, events, refused);
    return true;
  }
  static thread_local JsonTree tree;
  if (const auto parsed = tree.parse(message.body); !parsed) {
    keep(message, "", parsed.error().message, refused);
    return true;
  }
  const PayloadReading reading = mapping->read(tree.root(), variables_of(message));
  switch (reading.outcome) {
    case PayloadReading::Outcome::events:
      decode_events(message, reading.json, events, refused);
      break;
    case PayloadReading::Outcome::nothing:
      return false;
    case PayloadReading::Outcome::notice:
      keep(message, "notice", reading.words, refused);
      break;
    case PayloadReading::Outcome::unknown:
      keep(message, "topic",
           "'" + reading.words.substr(0, 80) + "' is no topic of the mapping '" + mapping->name +
               "'; valid ones stand in docs/formats/webhooks.md",
           refused);
      break;
    case PayloadReading::Outcome::unfit:
      keep(message, "",
           "the message does not fit the mapping '" + mapping->name + "': " + reading.words,
           refused);
      break;
  }
  return true;
}

}  // namespace guanxi::doors
