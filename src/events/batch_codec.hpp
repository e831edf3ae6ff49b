#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "events/event.hpp"

namespace guanxi {

/// The most events one encoded batch may hold: hostile bytes cannot ask for more memory than this.
inline constexpr std::size_t kEncodedBatchMost = 262'144;

/// The events as columns in bytes: what the log stores (docs/formats/batch.md). The same events in
/// the same order give the same bytes on every machine.
/// REQUIRES at most kEncodedBatchMost events, and less than 4 GiB of text.
[[nodiscard]] std::string encode_events(std::span<const Event> events);
[[nodiscard]] std::string encode_batch(const EventBatch& batch);

/// The distinct subjects of one decoded batch, so that a reader interns each of them once.
///
///     ids[c] = dictionary.intern(subjects.texts[c]) for every c, then ids[subjects.codes[i]]
///
/// Place       Filled by adopt_batch(); used by the replay of the log.
/// Invariants  codes[i] < texts.size(); codes[i] belongs to the i-th event decoded by that call.
///             texts are distinct unless the bytes were not written by encode_events().
/// Ownership   texts are views into the batch that was decoded into.
/// Threads     A value.
struct BatchSubjects {
  std::vector<std::string_view> texts;
  std::vector<std::uint32_t> codes;
};

/// Appends the events of `bytes` to `out`, with the very fields that were encoded. The bytes are
/// taken over by `out` and the events' text points into them: nothing is allocated per event.
/// Errors: corrupted, with column and offset; `out.events` is then as it was.
[[nodiscard]] Result<void> adopt_batch(std::string bytes, EventBatch& out,
                                       BatchSubjects* subjects = nullptr);
/// The same from bytes that belong to someone else; they are copied once.
[[nodiscard]] Result<void> decode_batch(std::string_view bytes, EventBatch& out,
                                        BatchSubjects* subjects = nullptr);

}  // namespace guanxi
