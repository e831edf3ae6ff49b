#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/money.hpp"
#include "base/result.hpp"

namespace guanxi::app {

/// The exit codes of the program, one table (docs/cli.md).
enum class Exit : int {
  ok = 0,
  failed = 1,   ///< a check found differences
  usage = 2,    ///< the command line itself is wrong
  refused = 3,  ///< the input was refused, nothing changed
  not_found = 4,
  corrupted = 5,
  unavailable = 6  ///< disk full, folder locked, failed sync
};
[[nodiscard]] Exit exit_of(ErrorCode code);

/// Prints "guanxi: MESSAGE" to stderr (or {"error":...} to stdout with --json) and gives the code.
[[nodiscard]] int report(const Error& error, bool json);

/// How many columns of a terminal a UTF-8 text fills: two for a Chinese character.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// A table of texts with aligned columns.
///
/// Place       Commands fill it row by row and print it.
/// Threads     One owner.
class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;  ///< numbers stand right
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells);
  /// The whole table, a line a row; control characters in cells stand as '?'.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// "1,044,847".
[[nodiscard]] std::string grouped(std::uint64_t number);
/// "42.350" of 42350 with 3 digits.
[[nodiscard]] std::string decimal(std::int64_t value, unsigned digits);
/// "73.5 %" of a part of a whole; "-" of nothing.
[[nodiscard]] std::string percent(std::uint64_t part, std::uint64_t whole);
/// "1,234.50 GBP".
[[nodiscard]] std::string money(std::int64_t amount_minor, Currency currency);
/// "-" for no day.
[[nodiscard]] std::string day_text(Day day);
/// Data on its way to a terminal: control characters, which could move the cursor, become '?'.
[[nodiscard]] std::string plain(std::string_view text);
/// Writes to stdout.
void print(std::string_view text);

}  // namespace guanxi::app
