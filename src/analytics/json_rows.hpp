#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytics/row_reader.hpp"
#include "analytics/sample.hpp"

namespace guanxi {

// JSON lines as rows: one object a line; a member of an object inside is "outer.inner". Lists stand
// as JSON text. Only the members seen in the sample are columns.

/// Fills columns and rows from the file's first lines. Errors: invalid when no line is an object.
[[nodiscard]] Result<void> sample_json(FileSample& sample, const std::string& head,
                                       std::size_t rows_most, const FileLimits& limits);

[[nodiscard]] Result<std::unique_ptr<RowSource>> open_json_rows(std::unique_ptr<ByteSource> text,
                                                                std::vector<std::string> columns,
                                                                const FileLimits& limits);

}  // namespace guanxi
