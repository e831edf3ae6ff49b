#pragma once

#include <string>
#include <vector>

#include "analytics/byte_source.hpp"
#include "analytics/mapping.hpp"
#include "analytics/row_reader.hpp"

namespace guanxi {

/// The first rows of a file and how they were told apart.
///
/// Place       Made by take_sample() before anything is written; recognition judges by it.
/// Threads     A value.
struct FileSample {
  std::string path;
  Container container = Container::plain;
  std::string format;  ///< "csv", "blanks", "ndjson", "parquet"
  TextEncoding encoding;
  RowFormat rows_as;
  bool header = false;
  std::vector<std::string> columns;  ///< the header's, or "1", "2", ...
  std::vector<std::vector<std::string>> rows;
  std::size_t rows_broken = 0;  ///< of the rows looked at
  bool ragged = false;          ///< rows differ in length
};

/// Reads the first rows. What `read` states is taken; the rest is found out.
/// Errors: not_found, corrupted, invalid when no rows can be made of the file.
[[nodiscard]] Result<FileSample> take_sample(const std::string& path, const ReadRule& read,
                                             const FileLimits& limits);

/// Opens the whole file as rows, in the way its sample was read. The header is passed already.
[[nodiscard]] Result<std::unique_ptr<RowSource>> open_rows(const FileSample& sample,
                                                           const FileLimits& limits);

/// The file's name without its folder.
[[nodiscard]] std::string base_name(const std::string& path);

}  // namespace guanxi
