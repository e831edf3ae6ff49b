#include "eventlog/batch.hpp"

#include <zlib.h>
#include <zstd.h>

namespace guanxi {
namespace {

constexpr std::uint64_t kMostRawBytes = std::uint64_t{1} << 30U;

Unexpected damaged(const BatchInfo& info, const std::string& what) {
  return fail(ErrorCode::corrupted, "batch " + std::to_string(info.seq) +
                                        " of the event log is damaged: " + what +
                                        "; restore a backup");
}

}  // namespace

void append_u64(std::string& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    out += static_cast<char>(value >> shift & 0xFFU);
  }
}

std::uint64_t u64_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8U * i);
  }
  return value;
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string to_bytes(const Hash128& hash) {
  std::string bytes;
  append_u64(bytes, hash.low);
  append_u64(bytes, hash.high);
  return bytes;
}

Hash128 hash_from_bytes(std::string_view bytes) {
  return bytes.size() == 16 ? Hash128{u64_at(bytes, 0), u64_at(bytes, 8)} : Hash128{};
}

Hash128 chain_of(const Hash128& before, const BatchInfo& info) {
  std::string text = to_bytes(before);
  for (const std::uint64_t field : {info.seq, std::uint64_t{static_cast<std::uint8_t>(info.kind)},
                                    info.events, static_cast<std::uint64_t>(info.first_at.seconds),
                                    static_cast<std::uint64_t>(info.last_at.seconds),
                                    info.raw_bytes, info.stored_bytes, std::uint64_t{info.crc32}}) {
    append_u64(text, field);
  }
  return hash128(text);
}

Result<PackedBatch> pack_batch(BatchKind kind, std::string_view payload, std::uint64_t events,
                               int level) {
  GUANXI_CHECK(level >= 1 && level <= 3, "compression levels are 1 to 3");
  if (payload.size() > kMostRawBytes) {
    return fail(ErrorCode::invalid, "a batch of " + std::to_string(payload.size()) +
                                        " bytes is larger than the log takes (1 GiB)");
  }
  PackedBatch batch;
  batch.payload.resize(ZSTD_compressBound(payload.size()));
  const std::size_t bytes = ZSTD_compress(batch.payload.data(), batch.payload.size(),
                                          payload.data(), payload.size(), level);
  if (ZSTD_isError(bytes) != 0) {
    return fail(ErrorCode::unavailable,
                std::string("cannot compress a batch: ") + ZSTD_getErrorName(bytes));
  }
  batch.payload.resize(bytes);
  batch.info.kind = kind;
  batch.info.events = events;
  batch.info.raw_bytes = payload.size();
  batch.info.stored_bytes = bytes;
  batch.info.crc32 = crc32_of(batch.payload);
  return batch;
}

Result<std::string> unpack_payload(const BatchInfo& info, std::string_view stored) {
  if (stored.size() != info.stored_bytes || crc32_of(stored) != info.crc32) {
    return damaged(info, "its bytes do not have the sum they were written with");
  }
  if (info.raw_bytes > kMostRawBytes ||
      ZSTD_getFrameContentSize(stored.data(), stored.size()) != info.raw_bytes) {
    return damaged(info, "its size is not what was written");
  }
  std::string payload(info.raw_bytes, '\0');
  const std::size_t bytes =
      ZSTD_decompress(payload.data(), payload.size(), stored.data(), stored.size());
  if (ZSTD_isError(bytes) != 0 || bytes != info.raw_bytes) {
    return damaged(info, "it cannot be decompressed");
  }
  return payload;
}

}  // namespace guanxi
