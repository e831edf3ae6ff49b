#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/event.hpp"

namespace guanxi {

/// The identity of an event that has a message id: the same message from the same source is the
/// same event for ever. `line` tells the events decoded out of one message apart. Never 0.
[[nodiscard]] std::uint64_t identity_of_message(std::string_view source_key,
                                                std::string_view message_id, std::uint32_t line);

/// A hash of what an event says, for events without a message id. id_hash, message_id, received_at
/// and sent_at have no part in it, and of the time only what the source's own clock said: the same
/// row is the same event whenever it comes.
[[nodiscard]] std::uint64_t content_hash(const Event& event);

/// The identity of the `occurrence`-th (from 0) event of one content from one source. Never 0.
[[nodiscard]] std::uint64_t identity_of_content(std::string_view source_key, std::uint64_t content,
                                                std::uint32_t occurrence, std::uint32_t line);

/// Of a row of a file that names no message: known by a hash of what the mapping reads of it and by
/// being the k-th of this content, from 0, in its file.
[[nodiscard]] std::uint64_t id_hash_of_content(std::uint64_t content_hash, std::uint32_t k);

/// Why a text cannot be the id of a person, or "" when it can: empty, longer than 255 bytes, NUL,
/// not UTF-8, or one of the words that programs write when they know nobody ("null", "guest", "0").
/// Ids are never folded or normalised: ids that look alike stay different people.
[[nodiscard]] std::string_view trouble_with_id(std::string_view id);

/// "Ada@Example.ORG" becomes "Ada@example.org": only the ASCII letters of the domain are folded.
/// Empty when the text is no address (one '@' with something on both sides, no space).
[[nodiscard]] std::string normalised_email(std::string_view text);

}  // namespace guanxi
