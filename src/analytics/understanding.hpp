#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analytics/mapping.hpp"
#include "analytics/sample.hpp"
#include "analytics/table_mapper.hpp"

namespace guanxi {

/// What one column of a file was taken for.
struct ColumnUnderstanding {
  std::string name;
  std::string role;          ///< "person", "time", "amount, quantity" ...; empty: not used
  std::string example;       ///< the first value that is not empty
  std::uint64_t filled = 0;  ///< rows of the sample where it is not empty
};

/// What one file was taken for, before anything of it is written: the command line shows it.
struct FileUnderstanding {
  std::string path;
  std::uint64_t bytes = 0;
  std::string format;  ///< "csv", "tsv", "blanks", "ndjson", "parquet", "guanxi events"
  bool gzip = false;
  std::string encoding;
  char delimiter = '\0';
  bool header = false;
  std::string mapping;  ///< a ready or own mapping's name; "recognised" when found out
  std::string table;
  std::string known_by;     ///< "named", "its columns", "names and content of its columns"
  bool reference = false;   ///< gives no events of its own; other files look things up in it
  std::string currency;     ///< of its amounts; empty: the brand's
  std::string time_format;  ///< how moments are written
  std::string time_zone;    ///< "brand", "UTC", "+08:00", or "in the text"
  std::vector<ColumnUnderstanding> columns;
  MappingCounts sample_counts;  ///< events by rule, rows by filter, of the sample
  std::uint64_t rows_sampled = 0;
  std::uint64_t rows_decoded = 0;        ///< rows that gave events or were left out on purpose
  std::vector<Refusal> sample_refusals;  ///< the first few
  std::vector<std::string> notes;        ///< doubts and decisions, for people to read
};

/// Every file of an import.
struct Understanding {
  std::vector<FileUnderstanding> files;
};

/// The columns and the roles that a mapping's table gives them.
[[nodiscard]] std::vector<ColumnUnderstanding> columns_understood(const TableMapping& table,
                                                                  const FileSample& sample);

/// True when the sample is of this table's shape. `score` then says how closely.
[[nodiscard]] bool fits(const TableMapping& table, const FileSample& sample, std::size_t& score);

/// Works out "auto" time formats by looking at the sample, further into the file where days and
/// months cannot be told apart otherwise. Errors: invalid when the column holds no moments.
[[nodiscard]] Result<void> settle_time_formats(TableMapping& table, const FileSample& sample,
                                               const FileLimits& limits,
                                               std::vector<std::string>& notes);

}  // namespace guanxi
