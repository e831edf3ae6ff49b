#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytics/file_import.hpp"

namespace guanxi {

/// One file, ready to be read: what it is, how it is split, and the rules for its rows.
///
/// Place       Made by plan_file() for each file of an import; FileImport reads by it.
/// Invariants  `table` has no "auto" time format left.
struct FilePlan {
  enum class Kind { rows, event_json, event_parquet };
  Kind kind = Kind::rows;
  FileSample sample;  ///< its rows are dropped once understood
  TableMapping table;
  Currency currency;
  FileUnderstanding understanding;
};

/// Finds out what a file is. Errors: as FileImport::open.
[[nodiscard]] Result<FilePlan> plan_file(const std::string& path, const Mapping* named,
                                         const ImportOptions& options);

/// The files that options.paths name, patterns resolved, in order, each once.
/// Errors: not_found when one names nothing.
[[nodiscard]] Result<std::vector<std::string>> expand_paths(const std::vector<std::string>& paths);

/// Loads the other files that a table joins: from the import's own paths, else from the folder of
/// `path`. Errors: not_found, naming the pattern and the folder.
[[nodiscard]] Result<std::vector<TableMapper::Join>> load_joins(
    const TableMapping& table, const std::string& path, const std::vector<std::string>& paths,
    const FileLimits& limits);

}  // namespace guanxi
