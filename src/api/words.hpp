#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "events/event.hpp"
#include "relationship/fold.hpp"
#include "relationship/model.hpp"
#include "relationship/words.hpp"

namespace guanxi::api {

/// A name of the API and how people say it.
struct Word {
  std::string_view name;
  std::string_view en;
  std::string_view zh;
};

[[nodiscard]] std::span<const Word> tier_words();
[[nodiscard]] std::span<const Word> velocity_words();
[[nodiscard]] std::span<const Word> dimension_words();
[[nodiscard]] std::span<const Word> fact_words();
[[nodiscard]] std::span<const Word> cause_words();
/// In the order of the EventFlag bits.
[[nodiscard]] std::span<const Word> flag_words();
/// How columns of people are said; empty texts for a column that is not known here.
[[nodiscard]] Word column_word(std::string_view name);

[[nodiscard]] std::string_view name_of(Cause cause);

/// Kinds of events that would make a fact observable under the model.
[[nodiscard]] std::vector<EventKind> kinds_showing(Fact fact, const Model& model);

}  // namespace guanxi::api
