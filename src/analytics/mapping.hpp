#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "events/event.hpp"

namespace guanxi {

/// A text made of columns and constants: "{Invoice}", "{user}-{time}", "user:{who}".
struct TextRule {
  struct Part {
    std::string text;
    bool is_column = false;
  };
  std::vector<Part> parts;
  bool upper = false;    ///< letters A-Z only
  bool integer = false;  ///< "13085.0" is 13085, "007" stays

  [[nodiscard]] bool named() const { return !parts.empty(); }
  /// "{column}" alone gives the column's name, anything else nothing.
  [[nodiscard]] std::optional<std::string> single_column() const;
  /// As it stands in a mapping file.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static TextRule column(std::string name);
  [[nodiscard]] static Result<TextRule> parse(std::string_view text);
};

/// One test of a row: all tests of a rule must hold.
struct RowTest {
  enum class Kind {
    in,
    starts_with,
    matches,
    above,
    below,
    at_least,
    at_most,
    empty,
    number,
    time
  };
  std::string column;
  Kind kind = Kind::in;
  bool negate = false;
  bool ignore_case = false;
  std::vector<std::string> values;  ///< of in, starts_with, matches
  std::string other_column;         ///< of above .. at_most: compare with this column
  Decimal bound;                    ///< of above .. at_most: or with this number
};

/// Money of a row: one column, or price times quantity, or nothing.
struct AmountRule {
  enum class Sign { as_is, negative, positive, flip };
  std::string column;
  std::string price;
  std::string quantity;
  Sign sign = Sign::as_is;
  [[nodiscard]] bool named() const { return !column.empty() || !price.empty(); }
};

/// A whole number of a row: units, or a rating brought to 0..100, or a constant.
struct NumberRule {
  std::string column;
  std::int64_t constant = 0;
  bool rating = false;
  Decimal from;  ///< the rating that becomes 0
  Decimal to;    ///< the rating that becomes 100
  AmountRule::Sign sign = AmountRule::Sign::as_is;
};

struct TimeRule {
  TextRule text;
  std::vector<std::string> formats;
  std::string zone = "brand";  ///< or "UTC", "+08:00"; a zone in the text itself comes first
};

/// "A row like this is an event of that kind."
struct EventRule {
  std::string name;
  EventKind kind = EventKind::unknown;
  std::vector<RowTest> when;
  std::string for_each;  ///< the name of the rest columns: one event for each of them
  TextRule person;
  IdNamespace name_space = IdNamespace::user;
  TextRule also_known_as;  ///< with its namespace in front: "email:{mail}"
  TextRule order_id;
  TextRule subject;
  TextRule title;
  TextRule origin;
  TextRule currency;
  TextRule message_id;
  AmountRule amount;
  NumberRule quantity;
  TimeRule time;
  std::uint8_t flags = 0;
};

/// Rows that are left out, counted under a name.
struct SkipRule {
  std::string name;
  std::vector<RowTest> when;
};

/// Columns of another file of the same folder, found by a key: then named "join.column".
struct JoinRule {
  std::string name;
  std::string file;  ///< with * and ?
  std::string key;   ///< column of this row, or of an earlier join
  std::string on;    ///< column of the other file; the first row of a key counts
  bool required = false;
  std::vector<std::string> columns;  ///< when stated, the file may be missing: they are empty then
};

/// How the file is to be read.
struct ReadRule {
  std::string format;     ///< "csv", "tsv", "blanks", "ndjson", "parquet"; empty: found out
  char delimiter = '\0';  ///< '\0': by the format
  std::optional<bool> header;
  std::vector<std::string> columns;  ///< names, when there is no header
  std::string rest;                  ///< name of all further columns of a row
  std::string encoding;              ///< empty: found out
  char comment = '\0';
  bool quotes = true;
  char decimal_mark = '.';
};

/// How a file is known to be of this shape.
struct RecogniseRule {
  std::vector<std::string> columns;  ///< all of them must be there
  std::vector<std::string> files;    ///< one of these patterns must match the file's name
  std::vector<RowTest> tests;        ///< must hold for the rows looked at
  std::size_t fields = 0;            ///< headerless: so many columns at least
};

/// One shape of file.
struct TableMapping {
  std::string name;
  bool reference = false;   ///< gives no events; other tables join it
  bool first_only = false;  ///< the first rule that fits a row gives its event; else every one
  RecogniseRule recognise;
  ReadRule read;
  std::vector<SkipRule> skips;
  std::vector<JoinRule> joins;
  std::vector<EventRule> events;
};

/// How files of one origin become events: a mapping file, or what recognition made of a file.
///
/// Place       mappings/*.toml, a user's own, or recognise(); compiled against a file's columns by
///             TableMapper. Format: docs/formats/mapping.md.
/// Invariants  Checked completely by parse(), but for the columns' names, which only a file knows.
/// Threads     A value.
struct Mapping {
  std::string name;
  std::string title;
  Currency currency;
  std::vector<TableMapping> tables;

  /// Errors: invalid, with the place in the file and the valid names.
  [[nodiscard]] static Result<Mapping> parse(std::string_view toml, std::string_view file_name);
};

/// The ready mappings, compiled into the program from mappings/*.toml, in order of name.
[[nodiscard]] const std::vector<Mapping>& ready_mappings();
/// A ready mapping's name, or the path of a mapping file. Errors: not_found with the valid names.
[[nodiscard]] Result<Mapping> find_mapping(const std::string& name_or_path);

/// Simple patterns: * any text, ? one byte; all of `text` must match.
[[nodiscard]] bool matches_pattern(std::string_view text, std::string_view pattern);

[[nodiscard]] std::string_view word_of(AmountRule::Sign sign);

}  // namespace guanxi
