#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace guanxi {

/// The model files of models/, compiled into the program, by name and in order of name.
[[nodiscard]] std::span<const std::pair<std::string_view, std::string_view>> shipped_models();
/// The TOML text of one, or nothing. Names are those of the files: "retail", "subscription".
[[nodiscard]] std::string_view shipped_model(std::string_view name);

}  // namespace guanxi
