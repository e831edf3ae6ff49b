#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"

namespace guanxi {

/// How the payload of a batch is written. Numbers are part of the log's format.
enum class BatchKind : std::uint8_t { json_lines = 1, columns = 2 };

/// What the log says of a batch beside its payload.
struct BatchInfo {
  std::uint64_t seq = 0;  ///< 1, 2, ... without a gap
  BatchKind kind = BatchKind::json_lines;
  std::uint64_t events = 0;
  Instant first_at;  ///< earliest and latest occurred_at; 0 when it holds none
  Instant last_at;
  std::uint64_t raw_bytes = 0;     ///< of the payload before compression
  std::uint64_t stored_bytes = 0;  ///< of the payload as it lies in the log
  std::uint32_t crc32 = 0;         ///< zlib's crc32 of the stored payload
  Hash128 chain;                   ///< over everything above and the chain of the batch before
};

/// A batch compressed and summed, ready to be appended.
///
/// Place       Made by pack_batch() on any thread; appended by the one writer.
/// Invariants  `payload` is one zstd frame of `info.raw_bytes` bytes; info.seq and info.chain are
///             given by the log.
/// Threads     A value.
struct PackedBatch {
  BatchInfo info;
  std::string payload;
};

/// Compresses (zstd, level 1 to 3) and sums. `first_at` and `last_at` are the caller's to set.
[[nodiscard]] Result<PackedBatch> pack_batch(BatchKind kind, std::string_view payload,
                                             std::uint64_t events, int level = 1);

/// The payload of a stored batch. Errors: corrupted when the sum or the frame is wrong.
[[nodiscard]] Result<std::string> unpack_payload(const BatchInfo& info, std::string_view stored);

/// The chain value of a batch that follows one with `before`.
[[nodiscard]] Hash128 chain_of(const Hash128& before, const BatchInfo& info);

/// Sixteen bytes, low half first, little endian; and back (zero for any other length).
[[nodiscard]] std::string to_bytes(const Hash128& hash);
[[nodiscard]] Hash128 hash_from_bytes(std::string_view bytes);

/// zlib's crc32 (polynomial 0xEDB88320).
[[nodiscard]] std::uint32_t crc32_of(std::string_view bytes);

/// Eight little-endian bytes, and back. REQUIRES bytes.size() >= at + 8.
void append_u64(std::string& out, std::uint64_t value);
[[nodiscard]] std::uint64_t u64_at(std::string_view bytes, std::size_t at);

}  // namespace guanxi
