#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace guanxi {

/// Writes JSON by appending to one string. Commas come by themselves.
///
///     JsonWriter json;
///     json.begin_object().field("id", "user:u-1").field_decimal("index", 17305, 3).end_object();
///     json.text();  // {"id":"user:u-1","index":17.305}
///
/// Place       Wherever the product writes JSON: API, --json, export, logs, settings.
/// Invariants  Strings come out as valid UTF-8 and are safe inside an HTML page or a <script>:
///             control characters, U+2028, U+2029, '<', '"' and '\' are escaped; each byte that is
///             not well-formed UTF-8 becomes U+FFFD. The result is valid JSON when every begin has
///             its end and every key its value.
/// Threads     One owner.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& unsigned_integer(std::uint64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// `value` * 10^-digits exactly: decimal(17305, 3) is 17.305, decimal(-5, 2) is -0.05.
  JsonWriter& decimal(std::int64_t value, unsigned digits);
  /// The shortest text that reads back as the same double; null when it is not finite.
  JsonWriter& number(double value);
  /// Text that is valid JSON already, put in as it stands.
  JsonWriter& raw(std::string_view json);
  /// Ends one line of JSON lines; the next value starts without a comma.
  JsonWriter& end_line();

  /// A value of any of the types above: text, bool, integer or double.
  JsonWriter& value(std::string_view text) { return string(text); }
  JsonWriter& value(double number_value) { return number(number_value); }
  template <typename T>
  requires std::same_as<T, bool> JsonWriter& value(T truth) { return boolean(truth); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonWriter& value(T whole) {
    if constexpr (std::is_signed_v<T>) {
      return integer(whole);
    } else {
      return unsigned_integer(whole);
    }
  }
  /// key() and value() at once.
  template <typename T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  JsonWriter& field_decimal(std::string_view name, std::int64_t content, unsigned digits) {
    return key(name).decimal(content, digits);
  }
  JsonWriter& field_raw(std::string_view name, std::string_view json) {
    return key(name).raw(json);
  }
  JsonWriter& field_null(std::string_view name) { return key(name).null(); }

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The text so far; the writer is empty afterwards.
  [[nodiscard]] std::string take();
  /// Forgets the text, keeps the memory.
  void clear() { text_.clear(); }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }

 private:
  void separate();

  std::string text_;
};

/// Appends `text` as a JSON string with its quotes, escaped as JsonWriter does.
void append_json_string(std::string& out, std::string_view text);

}  // namespace guanxi
