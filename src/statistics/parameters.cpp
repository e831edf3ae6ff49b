#include "statistics/parameters.hpp"

#include <cmath>
#include <string>

namespace guanxi {

Result<void> all_above_zero(std::string_view model,
                            std::initializer_list<NamedParameter> parameters) {
  for (const NamedParameter& parameter : parameters) {
    if (!std::isfinite(parameter.value) || parameter.value <= 0) {
      return fail(ErrorCode::invalid, std::string(model) + ": " + std::string(parameter.name) +
                                          " is " + std::to_string(parameter.value) +
                                          ", must be finite and above 0");
    }
  }
  return {};
}

}  // namespace guanxi
