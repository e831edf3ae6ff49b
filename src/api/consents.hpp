#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/brand.hpp"
#include "base/json_writer.hpp"

namespace guanxi::api {

/// What a person has allowed or taken back, for one purpose and channel, as of their latest event
/// about it.
struct Consent {
  std::string purpose;
  std::string channel;  ///< empty: all channels
  bool given = false;
  Instant at;
  std::uint32_t ordinal = 0;  ///< of that event in the log
  std::string text_version;   ///< of what they were shown; may be empty
  std::string proof;          ///< how it can be shown: a form's number, a recording; may be empty
  std::string stated_by;      ///< the colleague who stated it, when it was not their own doing
  std::string name;           ///< the event as its source called it
};

/// The places of a person's consent events in the log, in canonical order.
[[nodiscard]] std::vector<std::uint32_t> consent_ordinals(const Image& image, PersonRef person);
/// The state after these events, by purpose, then channel. Errors: as Brand::originals().
[[nodiscard]] Result<std::vector<Consent>> consents_of(const Brand& brand,
                                                       std::vector<std::uint32_t> ordinals);

/// What somebody states on behalf of a person, as an event.
struct ConsentStatement {
  std::string person;  ///< any id
  std::string purpose;
  std::string channel{};
  bool given = false;
  std::string text_version{};
  std::string proof{};
  std::string stated_by{};
};
/// Errors: unavailable when the system gives no chance for the message id.
[[nodiscard]] Result<EventBatch> as_events(const ConsentStatement& statement, Instant now);

/// Takes the statement in, at `now`, or just after what was said before (`earlier`:
/// consent_ordinals() of the person): what is stated later counts, also within one second.
/// Errors: invalid when a text is too long; as as_events(), Brand::originals(), Brand::admit().
[[nodiscard]] Result<void> state_consent(const Brand& brand, const ConsentStatement& statement,
                                         std::vector<std::uint32_t> earlier, Instant now);

/// {"restricted":..,"no_profiling":..,"no_marketing":..}
void write_stance(JsonWriter& json, std::uint8_t stance);

}  // namespace guanxi::api
