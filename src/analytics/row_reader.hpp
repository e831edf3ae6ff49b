#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/byte_source.hpp"
#include "base/result.hpp"

namespace guanxi {

/// How rows and fields are told apart in a text file.
struct RowFormat {
  char delimiter = ',';  ///< ' ' means: runs of blanks and tabs, leading ones left out
  bool quotes = true;    ///< a field may stand in "...", with "" for a quote inside
  char comment = '\0';   ///< lines that begin with it are left out
  char newline = '\n';   ///< '\r' for files that know no '\n'
};

/// One row. Views are valid until the next call of next().
struct Row {
  std::uint64_t line = 0;  ///< the physical line it begins on, 1-based
  std::span<const std::string_view> fields;
  std::string_view text;          ///< as it came
  const char* problem = nullptr;  ///< why it cannot be split; fields are empty then
};

/// Rows one after another: of a text file, of JSON lines, of a Parquet file.
///
/// Place       Read by FileImport, recognition and joins.
/// Threads     One owner.
class RowSource {
 public:
  RowSource() = default;
  RowSource(const RowSource&) = delete;
  RowSource& operator=(const RowSource&) = delete;
  virtual ~RowSource() = default;
  /// False at the end. Errors: the source cannot be read further.
  [[nodiscard]] virtual Result<bool> next(Row& row) = 0;
  /// Bytes taken from the disk so far; 0 where nobody knows.
  [[nodiscard]] virtual std::uint64_t disk_bytes() const = 0;
};

/// Splits text into rows and fields, and knows on which line of the file each row begins.
///
/// Place       Over a ByteSource; FileImport and recognition read files through it.
/// Invariants  Holds at most one row and one block in memory, whatever the file. A quote that is
///             never closed, a row beyond the limit, a NUL or text that is not UTF-8 spoils that
///             line alone: the row is given with `problem`, and reading goes on with the next line.
///             Blank lines are no rows.
/// Threads     One owner.
class RowReader final : public RowSource {
 public:
  RowReader(std::unique_ptr<ByteSource> source, const RowFormat& format,
            std::size_t row_bytes_most);

  [[nodiscard]] Result<bool> next(Row& row) override;
  [[nodiscard]] std::uint64_t disk_bytes() const override { return source_->disk_bytes(); }

 private:
  enum class Split { complete, need_more, in_quote, bad_quote };
  struct Bounds {
    std::size_t begin;
    std::size_t end;
    bool escaped;
  };

  [[nodiscard]] Split split_delimited();
  [[nodiscard]] Split split_quoted(std::size_t& at);
  [[nodiscard]] Split split_blanks();
  [[nodiscard]] Result<bool> refill();
  [[nodiscard]] Result<bool> skip_to_content();
  [[nodiscard]] Result<void> give_broken(Row& row, const char* problem);
  [[nodiscard]] Result<void> skip_line();
  void give(Row& row);
  void make_fields();

  std::unique_ptr<ByteSource> source_;
  RowFormat format_;
  std::size_t row_bytes_most_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;       ///< where the row begins
  std::size_t end_ = 0;      ///< end of what is read
  std::size_t next_at_ = 0;  ///< where the row after it begins
  std::uint64_t line_ = 1;   ///< of at_
  std::uint64_t lines_taken_ = 0;
  bool source_ended_ = false;
  std::array<bool, 256> stops_{};
  std::vector<Bounds> bounds_;
  std::vector<std::string_view> fields_;
  std::string unescaped_;
};

}  // namespace guanxi
