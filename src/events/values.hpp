#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/money.hpp"
#include "events/event.hpp"
#include "events/json_tree.hpp"

namespace guanxi {

/// Where in a JSON text a value stands, for refusals: "properties.products[2].price". Links of a
/// chain on the stack, turned into text only when something is wrong.
///
/// Place       The decoders.
/// Ownership   Each link points to the one above it, which must live longer.
/// Threads     One owner.
class Path {
 public:
  explicit Path(std::string_view name, const Path* above = nullptr) : above_(above), name_(name) {}
  Path(std::size_t index, const Path* above) : above_(above), index_(index), is_index_(true) {}
  [[nodiscard]] std::string text() const;

 private:
  const Path* above_;
  std::string_view name_;
  std::size_t index_ = 0;
  bool is_index_ = false;
};

/// The first thing that is wrong with an event.
struct Problem {
  std::string field;
  std::string reason;
  [[nodiscard]] bool any() const { return !reason.empty(); }
  void set(const Path& path, std::string why) {
    if (!any()) {
      field = path.text();
      reason = std::move(why);
    }
  }
};

/// Readers of one value each. They return nothing and set `problem` where the value is not valid.
///
/// An amount: 19.99, "19.99" or {"minor": 1999}; with `is_minor`, 1999.
[[nodiscard]] std::optional<Decimal> read_money(const JsonNode& node, bool is_minor,
                                                unsigned minor_digits, const Path& path,
                                                Problem& problem);
/// A number, written as one or as text.
[[nodiscard]] std::optional<Decimal> read_decimal(const JsonNode& node, const Path& path,
                                                  Problem& problem);
[[nodiscard]] std::optional<std::int64_t> read_whole(const JsonNode& node, const Path& path,
                                                     Problem& problem);
/// value * factor / divisor, rounded half away from zero, within 0 and most.
[[nodiscard]] std::optional<std::int64_t> read_scaled(const JsonNode& node, std::int64_t factor,
                                                      std::int64_t divisor, std::int64_t most,
                                                      const Path& path, Problem& problem);
/// lowest..highest -> 0..100.
[[nodiscard]] std::optional<std::int64_t> read_rating(const JsonNode& node, std::int64_t lowest,
                                                      std::int64_t highest, const Path& path,
                                                      Problem& problem);
/// ISO-8601 or seconds or milliseconds since 1970. Text without a zone is local time in `zone`; a
/// bare date is its first moment, or its last with `end_of_day`.
[[nodiscard]] std::optional<Instant> read_moment(const JsonNode& node, const Zone& zone,
                                                 bool end_of_day, const Path& path,
                                                 Problem& problem);
/// A text or a whole number, as text; checked by length and bytes, not against words for nobody.
[[nodiscard]] std::optional<std::string_view> read_id(const JsonNode& node, const Path& path,
                                                      Problem& problem,
                                                      std::size_t bytes_most = 255);
[[nodiscard]] std::optional<bool> read_truth(const JsonNode& node, const Path& path,
                                             Problem& problem);
/// At most `most` bytes of a text, cut between characters.
[[nodiscard]] std::string_view cut_text(std::string_view text, std::size_t most);

}  // namespace guanxi
