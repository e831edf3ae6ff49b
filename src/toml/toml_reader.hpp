#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// Reads one TOML table with checks: every key must be asked for, every value be of its type and
/// in range. The first thing wrong is kept, with line and column; later reads give defaults.
///
/// Place       One per table of a model file or of guanxi.toml.
/// Invariants  After finish() without an error, every key of the table was read.
/// Threads     One owner.
class TomlReader {
 public:
  struct Problem {
    std::string message;  ///< "line 12, column 3: ..."
  };
  /// `where` names the table in messages: "[trust]".
  TomlReader(const toml::table* table, std::string where, std::optional<Problem>& problem);

  /// A decimal number in millionths; half away from zero. Missing and no fallback: a problem.
  [[nodiscard]] std::int64_t micros(std::string_view key, std::int64_t least_micros,
                                    std::int64_t most_micros,
                                    std::optional<std::int64_t> fallback_micros = std::nullopt);
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most,
                                     std::optional<std::int64_t> fallback = std::nullopt);
  [[nodiscard]] std::string text(std::string_view key,
                                 const std::optional<std::string>& fallback = std::nullopt);
  [[nodiscard]] bool boolean(std::string_view key, bool fallback);
  /// A list of texts; a single text counts as a list of one. Empty only when not required.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key, bool required);
  [[nodiscard]] TomlReader table(std::string_view key, bool required);
  /// The tables of an array of tables; empty when missing.
  [[nodiscard]] std::vector<TomlReader> tables(std::string_view key);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool present() const { return table_ != nullptr; }
  /// Complains of `key` (or of the table when the key is missing) with the valid forms.
  void complain(std::string_view key, const std::string& what);
  /// Complains of the first key that was never asked for.
  void finish();

 private:
  [[nodiscard]] const toml::node* take(std::string_view key, bool required);

  const toml::table* table_;
  std::string where_;
  std::optional<Problem>& problem_;
  std::vector<std::string> asked_;
};

/// The whole document. Errors: invalid, "line 3, column 7: ...".
[[nodiscard]] Result<toml::table> parse_toml(std::string_view text);
/// "line 3, column 7".
[[nodiscard]] std::string place_text(const toml::source_region& place);
/// "transaction, service, ..." for messages.
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

}  // namespace guanxi
