#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "events/json_tree.hpp"

namespace guanxi::doors {

/// A place in a JSON payload: `customer.id`, `discount_codes[0].code`,
/// `note_attributes[name=anonymousId].value`, `each.price`.
///
/// Place       Part of a PayloadText.
/// Invariants  Has at least one step.
/// Threads     A value.
struct PayloadPath {
  struct Step {
    enum class Kind : std::uint8_t { member, index, select };
    Kind kind = Kind::member;
    std::string name;  ///< of a member, or of the member that select compares
    std::string value;
    std::size_t index = 0;
  };
  bool of_each = false;  ///< begins at the item of the list that is walked, not at the root
  std::vector<Step> steps;

  /// Errors: invalid, with the valid forms.
  [[nodiscard]] static Result<PayloadPath> parse(std::string_view text);
  /// The value there; null when there is none, or it is null.
  [[nodiscard]] const JsonNode* find(const JsonNode& root, const JsonNode* each) const;
};

/// What a text is filled from.
///
/// Place       Made for each payload, and for each item of a list.
/// Ownership   Points into the parsed payload.
/// Threads     One owner.
struct PayloadScope {
  const JsonNode* root = nullptr;
  const JsonNode* each = nullptr;
  /// Values with a `$` in front: "topic", "source", "header.x-event", "setting.orders".
  const std::function<std::optional<std::string>(std::string_view)>* variables = nullptr;
};

/// A text made of values and constants: "order/{id}", "{email|contact_email}", "{first} {last?}".
/// Of places joined by `|` the first one that is there counts; one that ends with `?` may be
/// missing; when another one is missing, there is no text at all.
///
/// Place       Mappings of payloads.
/// Threads     A value.
class PayloadText {
 public:
  [[nodiscard]] static Result<PayloadText> parse(std::string_view text);
  [[nodiscard]] bool named() const { return !parts_.empty(); }
  /// Nothing when a value is missing, empty, or neither text, number nor truth.
  [[nodiscard]] std::optional<std::string> fill(const PayloadScope& scope) const;
  /// The value itself where the text is one place alone ("{total_price}"); else null.
  [[nodiscard]] const JsonNode* node(const PayloadScope& scope) const;
  /// Whether the text is one place alone, without variables.
  [[nodiscard]] bool is_place() const;

 private:
  struct Choice {
    std::string variable;  ///< without its $; empty: a place
    PayloadPath path;
  };
  struct Part {
    std::string literal;
    std::vector<Choice> choices;  ///< empty: the literal
    bool optional = false;
  };
  std::vector<Part> parts_;
};

}  // namespace guanxi::doors
