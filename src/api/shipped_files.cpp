#include "api/shipped_files.hpp"

#include <span>
#include <string_view>
#include <utility>

namespace guanxi {

// Made by cmake/embed_texts.cmake.
std::span<const std::pair<std::string_view, std::string_view>> shipped_texts();

namespace api {

ShippedFiles shipped_files() {
  ShippedFiles files;
  for (const auto& [name, text] : shipped_texts()) {
    if (name == "openapi") {
      files.openapi_json = text;
    } else {
      files.models.push_back({std::string(name) + ".toml", std::string(text)});
    }
  }
  return files;
}

}  // namespace api
}  // namespace guanxi
