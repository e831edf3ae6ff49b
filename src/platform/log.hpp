#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"

namespace guanxi {

/// How much a line of the log matters.
enum class LogLevel : std::uint8_t { debug, info, warning, error, off };
[[nodiscard]] std::string_view name_of(LogLevel level);
[[nodiscard]] std::optional<LogLevel> log_level_named(std::string_view name);

/// One name and value of a line. Texts are masked when they are written: masked().
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, const std::string& text)
      : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, bool truth) : name(field), value(truth) {}
  LogField(std::string_view field, double number) : name(field), value(number) {}
  template <std::integral Whole>
  LogField(std::string_view field, Whole number)
      : name(field), value(static_cast<std::int64_t>(number)) {}
};

struct LogOptions {
  LogLevel level = LogLevel::info;
  std::string file{};  ///< empty: stderr
};

/// Where lines go from now on. Until it is called nothing is written, so tests are quiet. Called
/// again it opens the file anew. Errors: unavailable when the file cannot be written.
[[nodiscard]] Result<void> open_log(const LogOptions& options);

/// Whether a line of this level would be written, so that its making can be spared.
[[nodiscard]] bool logs(LogLevel level);

/// One JSON object on one line: time, level, event, then the fields. `event` is snake_case and
/// constant; whatever came from outside belongs into fields, and people's data nowhere. Threads:
/// any.
void log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

/// `text` with what looks like an e-mail address, a telephone number or a secret put as [email],
/// [number] and [secret]: a net under the rule that nobody logs them.
[[nodiscard]] std::string masked(std::string_view text);

}  // namespace guanxi
