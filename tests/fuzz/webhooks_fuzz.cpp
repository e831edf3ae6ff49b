// Any message of a trusted sender: the first line is its topic, the rest its body. What is admitted
// can be written and read again, and every event has an identity and a moment.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "doors/webhooks.hpp"
#include "events/batch_codec.hpp"

namespace {

using guanxi::access::Source;
using guanxi::access::SourceKind;
using guanxi::doors::SourceSettings;

constexpr std::array kKinds = {SourceKind::shopify, SourceKind::woocommerce, SourceKind::chatwoot,
                               SourceKind::zendesk, SourceKind::stripe,      SourceKind::wecom};

void take(SourceKind kind, std::string_view topic, std::string_view body) {
  Source source;
  source.id = "0123456789abcdef0123456789abcdef";
  source.kind = kind;
  static const std::string kSettings = R"({"corp_id":"ww1","origins":"store_=store"})";
  const auto settings = SourceSettings::read(kind, kSettings);
  GUANXI_CHECK(settings.has_value(), "these settings are valid for every kind");
  const guanxi::doors::PayloadMapping::Variables headers =
      [&](std::string_view name) -> std::optional<std::string> {
    return name.ends_with("-topic") ? std::optional(std::string(topic)) : std::nullopt;
  };
  guanxi::EventBatch batch;
  std::vector<guanxi::Refusal> refused;
  static_cast<void>(guanxi::doors::decode_message(
      {body, source, *settings, headers, guanxi::Instant{1'790'000'000}, {}}, batch, refused));
  const std::string bytes = guanxi::encode_batch(batch);
  guanxi::EventBatch again;
  GUANXI_CHECK(guanxi::decode_batch(bytes, again).has_value(), "what was admitted can be read");
  for (const guanxi::Event& event : batch.events) {
    GUANXI_CHECK(event.id_hash != 0 && event.occurred_at.seconds >= 0, "it is known, and when");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t line = bytes.find('\n');
  if (line == std::string_view::npos) {
    static_cast<void>(guanxi::doors::PayloadMapping::parse(bytes, "fuzz").has_value());
    return 0;
  }
  for (const SourceKind kind : kKinds) {
    take(kind, bytes.substr(0, line), bytes.substr(line + 1));
  }
  return 0;
}
