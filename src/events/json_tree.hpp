#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

class JsonWriter;

enum class JsonType : std::uint8_t { null, truth, number, string, array, object };
[[nodiscard]] std::string_view name_of(JsonType type);

/// Length, first and last byte of a key: tells most keys apart without looking at all of them.
[[nodiscard]] constexpr std::uint32_t json_key_tag(std::string_view key) {
  return key.empty() ? 0
                     : static_cast<std::uint32_t>(key.size()) << 16U |
                           std::uint32_t{static_cast<std::uint8_t>(key.front())} << 8U |
                           std::uint32_t{static_cast<std::uint8_t>(key.back())};
}

/// One value of a JSON text. Values stand in a row, each followed by what is inside of it, so that
/// the children of a value are reached by steps of `span`:
///
///     for (const JsonNode& child : node) ...
///
/// Numbers are kept as they were written: nothing here knows floating point.
struct JsonNode {
  JsonType type = JsonType::null;
  bool truth = false;
  bool lone_surrogate = false;  ///< of a string or its key: \ud800 without its other half
  bool too_deep = false;        ///< nested deeper than kJsonDepthMost; what is inside is left out
  std::uint32_t span = 1;       ///< this value and all inside of it
  std::uint32_t offset = 0;     ///< where its text begins
  std::uint32_t key_tag = 0;    ///< json_key_tag() of the key: two keys of one tag may be the same
  std::string_view key;         ///< of an object's member, unescaped
  std::string_view text;        ///< of a string, unescaped; of a number, as it was written

  class Iterator {
   public:
    explicit Iterator(const JsonNode* node) : node_(node) {}
    const JsonNode& operator*() const { return *node_; }
    Iterator& operator++() {
      node_ += node_->span;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const JsonNode* node_;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(this + 1); }
  [[nodiscard]] Iterator end() const { return Iterator(this + span); }
  /// The member of that name that is not null: the last one where several have it. Null otherwise.
  [[nodiscard]] const JsonNode* find(std::string_view name) const {
    const std::uint32_t tag = json_key_tag(name);
    const JsonNode* found = nullptr;
    if (type == JsonType::object) {
      for (const JsonNode& child : *this) {
        if (child.key_tag == tag && child.key == name) {
          found = &child;
        }
      }
    }
    return found == nullptr || found->type == JsonType::null ? nullptr : found;
  }
};

/// Levels of nesting that are read; deeper ones are marked.
inline constexpr int kJsonDepthMost = 64;

/// Writes a value and all inside of it, as it was read; what lay too deep was not. `write_member`
/// writes the members of objects, key and value, where they are not to be written as they are.
using WriteMember = void (*)(JsonWriter& json, const JsonNode& member);
void write_node(JsonWriter& json, const JsonNode& node, WriteMember write_member = nullptr);

/// Reads JSON texts into rows of values, with simdjson. The one place that knows simdjson.
///
/// Place       Decoder; one a thread, reused so that nothing is allocated in the long run.
/// Invariants  After parse() the whole text was checked against RFC 8259, but for what lies too
///             deep.
/// Ownership   Values and their text live until the next parse().
/// Threads     One owner.
class JsonTree {
 public:
  JsonTree();
  ~JsonTree();
  JsonTree(JsonTree&&) noexcept;
  JsonTree& operator=(JsonTree&&) noexcept;
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  /// Errors: invalid with the offset; what is no object and no array at its root is refused too.
  [[nodiscard]] Result<void> parse(std::string_view json);
  [[nodiscard]] const JsonNode& root() const { return nodes_.front(); }
  /// Whether any value is marked: too_deep or lone_surrogate.
  [[nodiscard]] bool flawed() const { return flawed_; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::vector<JsonNode> nodes_;
  std::string padded_;
  std::vector<char> unescaped_;
  bool flawed_ = false;
};

}  // namespace guanxi
