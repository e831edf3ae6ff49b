#include "api/shipped_files.hpp"

#include <span>
#include <string_view>
#include <utility>

#include "relationship/shipped_models.hpp"

namespace guanxi {

// Made by cmake/embed_texts.cmake.
std::span<const std::pair<std::string_view, std::string_view>> openapi_texts();

namespace api {

ShippedFiles shipped_files() {
  ShippedFiles files;
  files.openapi_json = openapi_texts().front().second;
  for (const auto& [name, toml] : shipped_models()) {
    files.models.push_back({std::string(name) + ".toml", std::string(toml)});
  }
  return files;
}

}  // namespace api
}  // namespace guanxi
