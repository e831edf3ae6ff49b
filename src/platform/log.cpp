#include "platform/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include "base/instant.hpp"
#include "base/json_writer.hpp"

namespace guanxi {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames{"debug", "info", "warning", "error", "off"};
constexpr std::size_t kDigitsOfNumber = 9;
constexpr std::size_t kSecretMost = 24;  // longer words of letters and digits are keys, not names

std::atomic<LogLevel> level_now{LogLevel::off};
std::mutex sink_mutex;
std::shared_ptr<spdlog::logger> sink;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool in_address(char c) { return is_word(c) || c == '.' || c == '-' || c == '+' || c == '%'; }
bool in_number(char c) {
  return is_digit(c) || c == ' ' || c == '-' || c == '(' || c == ')' || c == '.';
}

// The end of the e-mail address that begins at `from`, or `from`.
std::size_t address_end(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (at < text.size() && in_address(text[at])) {
    ++at;
  }
  if (at == from || at >= text.size() || text[at] != '@') {
    return from;
  }
  const std::size_t domain = ++at;
  while (at < text.size() && in_address(text[at])) {
    ++at;
  }
  return at == domain ? from : at;
}

// The end of the telephone number that begins at `from`, or `from`. An instant (2026-05-01T...)
// and words with digits in them are none.
std::size_t number_end(std::string_view text, std::size_t from) {
  std::size_t at = from + (text[from] == '+' ? 1 : 0);
  std::size_t digits = 0;
  std::size_t last = from;
  for (; at < text.size() && in_number(text[at]); ++at) {
    if (is_digit(text[at])) {
      ++digits;
      last = at + 1;
    }
  }
  const bool word_goes_on = last < text.size() && is_word(text[last]);
  return digits >= kDigitsOfNumber && !word_goes_on ? last : from;
}

// The end of the word at `from` when it is as long as keys and tokens are, or `from`.
std::size_t secret_end(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (at < text.size() && is_word(text[at])) {
    ++at;
  }
  return at - from > kSecretMost ? at : from;
}

void write_value(JsonWriter& json, const LogField& field) {
  json.key(field.name);
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    json.value(std::string_view(masked(*text)));
  } else if (const auto* whole = std::get_if<std::int64_t>(&field.value)) {
    json.value(*whole);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    json.value(*number);
  } else {
    json.value(std::get<bool>(field.value));
  }
}

std::string time_text() {
  using std::chrono::milliseconds;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto whole = std::chrono::duration_cast<milliseconds>(since).count();
  std::string text = to_string(Instant{whole / 1000});
  const std::string fraction = std::to_string(1000 + whole % 1000).substr(1);
  return text.substr(0, text.find('Z')) + "." + fraction + "Z";
}

}  // namespace

std::string_view name_of(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> log_level_named(std::string_view name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) {
      return static_cast<LogLevel>(i);
    }
  }
  return std::nullopt;
}

Result<void> open_log(const LogOptions& options) {
  try {
    std::shared_ptr<spdlog::sinks::sink> target;
    if (options.file.empty()) {
      target = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      target = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    }
    auto opened = std::make_shared<spdlog::logger>("guanxi", std::move(target));
    opened->set_pattern("%v");
    opened->set_level(spdlog::level::trace);
    opened->flush_on(spdlog::level::trace);
    const std::lock_guard lock(sink_mutex);
    sink = std::move(opened);
    level_now = options.level;
    return {};
  } catch (const spdlog::spdlog_ex& failure) {
    return fail(ErrorCode::unavailable,
                std::string("the log cannot be written: ") + failure.what());
  }
}

bool logs(LogLevel level) {
  return level != LogLevel::off && level >= level_now.load(std::memory_order_relaxed);
}

void log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!logs(level)) {
    return;
  }
  JsonWriter json;
  json.begin_object()
      .field("time", std::string_view(time_text()))
      .field("level", name_of(level))
      .field("event", event);
  for (const LogField& field : fields) {
    write_value(json, field);
  }
  json.end_object();
  std::shared_ptr<spdlog::logger> target;
  {
    const std::lock_guard lock(sink_mutex);
    target = sink;
  }
  if (target != nullptr) {
    target->log(spdlog::level::info, spdlog::string_view_t(json.text()));
  }
}

std::string masked(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    if (const std::size_t address = address_end(text, at); address != at) {
      clean += "[email]";
      at = address;
    } else if (const std::size_t number =
                   is_digit(text[at]) || text[at] == '+' ? number_end(text, at) : at;
               number != at) {
      clean += "[number]";
      at = number;
    } else if (const std::size_t secret = secret_end(text, at); secret != at) {
      clean += "[secret]";
      at = secret;
    } else {
      // A word is taken whole, so that no number begins in the middle of one.
      const std::size_t from = at++;
      while (is_word(text[from]) && at < text.size() && is_word(text[at])) {
        ++at;
      }
      clean += text.substr(from, at - from);
    }
  }
  return clean;
}

}  // namespace guanxi
