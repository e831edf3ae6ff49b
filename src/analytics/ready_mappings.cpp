#include <fstream>
#include <span>
#include <sstream>

#include "analytics/mapping.hpp"

namespace guanxi {

// Made at build time from mappings/*.toml (cmake/embed_texts.cmake).
std::span<const std::pair<std::string_view, std::string_view>> ready_mapping_texts();

const std::vector<Mapping>& ready_mappings() {
  static const std::vector<Mapping> mappings = [] {
    std::vector<Mapping> parsed;
    for (const auto& [name, text] : ready_mapping_texts()) {
      auto mapping = Mapping::parse(text, std::string(name) + ".toml");
      GUANXI_CHECK(mapping.has_value(),
                   "a ready mapping is valid: ready_mappings_test says why not");
      parsed.push_back(std::move(mapping).value());
    }
    return parsed;
  }();
  return mappings;
}

Result<Mapping> find_mapping(const std::string& name_or_path) {
  std::string valid;
  for (const Mapping& mapping : ready_mappings()) {
    if (mapping.name == name_or_path) {
      return mapping;
    }
    valid += (valid.empty() ? "" : ", ") + mapping.name;
  }
  const bool is_path = name_or_path.find('/') != std::string::npos ||
                       name_or_path.find(".toml") != std::string::npos;
  std::ifstream file(name_or_path, std::ios::binary);
  if (!is_path || !file) {
    return fail(ErrorCode::not_found, "'" + name_or_path + "' is no mapping; ready ones: " + valid +
                                          "; or the path of a mapping file (.toml)");
  }
  std::ostringstream text;
  text << file.rdbuf();
  return Mapping::parse(text.str(), name_or_path);
}

}  // namespace guanxi
