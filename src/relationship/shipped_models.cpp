#include "relationship/shipped_models.hpp"

namespace guanxi {

std::string_view shipped_model(std::string_view name) {
  for (const auto& [model, toml] : shipped_models()) {
    if (model == name) {
      return toml;
    }
  }
  return {};
}

}  // namespace guanxi
