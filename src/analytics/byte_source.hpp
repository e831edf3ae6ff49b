#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace guanxi {

/// How far a file may be trusted before it is refused.
struct FileLimits {
  std::uint64_t text_bytes_most = std::uint64_t{1} << 38U;  ///< after decompression: 256 GiB
  std::uint32_t gzip_ratio_most = 300;                      ///< beyond the first 64 MiB of text
  std::size_t row_bytes_most = std::size_t{1} << 20U;       ///< one row, line breaks in quotes too
};

/// The bytes of a file, in order, after decompression and conversion.
///
/// Place       Made by open_bytes() and decode_text(); read by RowReader.
/// Invariants  read() gives 0 bytes only at the end. Errors name the file.
/// Threads     One owner.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual Result<std::size_t> read(char* out, std::size_t capacity) = 0;
  /// Bytes taken from the disk so far.
  [[nodiscard]] virtual std::uint64_t disk_bytes() const = 0;
};

/// What the first bytes of a file say it is.
enum class Container { plain, gzip, parquet, zip, zstd, bzip2, xz, empty };
[[nodiscard]] Result<Container> container_of(const std::string& path);

/// Opens a plain or gzip file (several members allowed). Errors: not_found; invalid when it is
/// empty or another kind of archive; a broken or too greedy gzip stream is an error of read().
[[nodiscard]] Result<std::unique_ptr<ByteSource>> open_bytes(const std::string& path,
                                                             const FileLimits& limits);

/// Bytes held in memory, for tests and samples.
[[nodiscard]] std::unique_ptr<ByteSource> bytes_of(std::string text);

/// "utf-8", "gb18030", "utf-16le", "utf-16be" or "windows-1252": what the text's first bytes look
/// like. `certain` is false when they are all ASCII or empty. `bom_bytes` are to be skipped.
struct TextEncoding {
  std::string name = "utf-8";
  bool certain = false;
  std::size_t bom_bytes = 0;
};
[[nodiscard]] TextEncoding guess_encoding(std::string_view sample);

/// `source` as UTF-8. Bytes that are no text of `encoding` come out as 0xFF, which no UTF-8 text
/// holds, so that the row they stand in can be refused by its number.
/// Errors: invalid when the encoding is unknown.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> decode_text(std::unique_ptr<ByteSource> source,
                                                              const std::string& encoding);

/// The encodings a mapping may name, for messages.
[[nodiscard]] std::string_view encodings_known();

}  // namespace guanxi
