#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "analytics/sql.hpp"
#include "base/money.hpp"
#include "events/event_source.hpp"
#include "people/image.hpp"

namespace guanxi {

/// How a file is written.
enum class FileFormat { csv, ndjson, parquet };
/// "csv", "ndjson" or "parquet"; or by the ending of a file's name. Errors: invalid.
[[nodiscard]] Result<FileFormat> file_format_named(std::string_view word);
[[nodiscard]] Result<FileFormat> file_format_of(std::string_view path);

/// Writes one of the tables that SQL sees (people, events, tier_changes, evidence, products) to a
/// file, in a stated order, whole or not at all. CSV has a header, and no cell that a spreadsheet
/// would take for a formula. Gives the number of rows.
/// REQUIRES a folded image that does not change meanwhile.
[[nodiscard]] Result<std::uint64_t> export_table(const Image& image, Currency currency,
                                                 const std::string& table, const std::string& path,
                                                 FileFormat format);

/// Writes the whole of a source's events, so that importing the file gives the same events again:
/// Parquet with the columns of docs/formats/events-parquet.md, or canonical JSON lines. `progress`
/// is called now and then with what is written. Gives the number of events.
/// Errors: those of the source; invalid for CSV; unavailable when the disk refuses.
[[nodiscard]] Result<std::uint64_t> write_events(
    EventSource& source, const std::string& path, FileFormat format,
    const std::function<void(std::uint64_t events)>& progress = {});

}  // namespace guanxi
