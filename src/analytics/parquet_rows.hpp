#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytics/row_reader.hpp"
#include "analytics/sample.hpp"

namespace guanxi {

// Parquet files of any columns as rows of text, for mappings and recognition: whole numbers and
// decimals exactly as they are, moments as 2026-05-01 09:30:00. Row numbers stand for lines.

/// Fills columns and rows from the file's first rows. Errors: corrupted, naming the file.
[[nodiscard]] Result<void> sample_parquet(FileSample& sample, std::size_t rows_most);

[[nodiscard]] Result<std::unique_ptr<RowSource>> open_parquet_rows(
    const std::string& path, const std::vector<std::string>& columns);

/// " FROM read_parquet('...')" of one file, whatever characters its name has.
[[nodiscard]] std::string from_parquet(const std::string& path);

/// How many rows the file's footer says that it holds.
[[nodiscard]] Result<std::uint64_t> parquet_row_count(const std::string& path);

}  // namespace guanxi
