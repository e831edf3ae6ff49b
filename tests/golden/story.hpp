#pragma once

#include <string>
#include <vector>

#include "relationship/model.hpp"

namespace guanxi::story {

/// Runs one .story text (docs/formats/story.md): events, then what is expected of people at a day.
/// Returns what did not come true, each with its line; empty when all did.
///
/// Place       tests/golden/story_test.cpp, for every tests/golden/*.story.
/// Threads     None.
[[nodiscard]] std::vector<std::string> run(const std::string& text,
                                           const std::string& models_folder);

}  // namespace guanxi::story
