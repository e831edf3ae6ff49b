#include "api/consents.hpp"

#include <simdjson.h>

#include <algorithm>
#include <map>

#include "events/identity.hpp"
#include "platform/entropy.hpp"
#include "relationship/stance.hpp"

namespace guanxi::api {
namespace {

constexpr std::size_t kWordBytesMost = 100;
constexpr std::size_t kProofBytesMost = 1000;

std::string text_in(const simdjson::dom::element& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

Consent read_consent(const Event& event, std::uint32_t ordinal) {
  Consent consent;
  consent.purpose = std::string(event.subject);
  consent.given = event.kind == EventKind::consent_given;
  consent.at = event.occurred_at;
  consent.ordinal = ordinal;
  consent.name = std::string(event.name);
  simdjson::dom::parser parser;
  simdjson::dom::element properties;
  if (!event.properties.empty() &&
      parser.parse(event.properties.data(), event.properties.size()).get(properties) ==
          simdjson::SUCCESS) {
    consent.channel = text_in(properties, "channel");
    consent.text_version = text_in(properties, "text_version");
    consent.proof = text_in(properties, "proof");
    consent.stated_by = text_in(properties, "stated_by");
  }
  return consent;
}

void optional_field(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) {
    json.field(name, text);
  }
}

}  // namespace

std::vector<std::uint32_t> consent_ordinals(const Image& image, PersonRef person) {
  std::vector<std::uint32_t> ordinals;
  for (const CompactEvent& event : image.timeline(person)) {
    if (event.kind() == EventKind::consent_given || event.kind() == EventKind::consent_withdrawn) {
      ordinals.push_back(event.ordinal());
    }
  }
  return ordinals;
}

Result<std::vector<Consent>> consents_of(const Brand& brand, std::vector<std::uint32_t> ordinals) {
  std::vector<Consent> said(ordinals.size());
  GUANXI_TRY_VOID(brand.originals(ordinals, [&](std::size_t place, const Event& event) {
    said[place] = read_consent(event, ordinals[place]);
  }));
  std::map<std::pair<std::string, std::string>, Consent> latest;
  for (Consent& one : said) {
    auto key = std::make_pair(one.purpose, one.channel);
    latest[std::move(key)] = std::move(one);
  }
  std::vector<Consent> all;
  for (auto& [key, consent] : latest) {
    all.push_back(std::move(consent));
  }
  return all;
}

Result<EventBatch> as_events(const ConsentStatement& statement, Instant now) {
  constexpr std::size_t kIdBytes = 16;
  GUANXI_TRY(chance, random_hex(kIdBytes));
  EventBatch batch;
  Event event;
  event.kind = statement.given ? EventKind::consent_given : EventKind::consent_withdrawn;
  event.message_id = batch.keep("consent-" + chance);
  event.id_hash = identity_of_message("guanxi.consents", event.message_id, 0);
  event.occurred_at = event.received_at = now;
  const ExternalId id = parse_external_id(statement.person);
  event.person = {id.name_space, batch.keep(id.value)};
  event.subject = batch.keep(statement.purpose);
  JsonWriter json;
  json.begin_object();
  optional_field(json, "channel", statement.channel);
  optional_field(json, "text_version", statement.text_version);
  optional_field(json, "proof", statement.proof);
  optional_field(json, "stated_by", statement.stated_by);
  json.end_object();
  event.properties = batch.keep(json.text());
  batch.events.push_back(event);
  return batch;
}

Result<void> state_consent(const Brand& brand, const ConsentStatement& statement,
                           std::vector<std::uint32_t> earlier, Instant now) {
  for (const std::string* word :
       {&statement.purpose, &statement.channel, &statement.text_version}) {
    if (word->size() > kWordBytesMost) {
      return fail(ErrorCode::invalid, "purpose, channel and text version have 100 bytes at most");
    }
  }
  if (statement.purpose.empty() || statement.proof.size() > kProofBytesMost) {
    return fail(ErrorCode::invalid, "a purpose is needed; the proof has 1000 bytes at most");
  }
  GUANXI_TRY(before, consents_of(brand, std::move(earlier)));
  for (const Consent& one : before) {
    now.seconds = std::max(now.seconds, one.at.seconds + 1);
  }
  GUANXI_TRY(batch, as_events(statement, now));
  return brand.admit(std::move(batch));
}

void write_stance(JsonWriter& json, std::uint8_t stance) {
  json.begin_object().field("restricted", (stance & kRestricted) != 0);
  json.field("no_profiling", (stance & kNoProfiling) != 0);
  json.field("no_marketing", (stance & kNoMarketing) != 0).end_object();
}

}  // namespace guanxi::api
