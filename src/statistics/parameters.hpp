#pragma once

#include <initializer_list>
#include <string_view>

#include "base/result.hpp"

namespace guanxi {

/// A parameter by its name in the papers.
struct NamedParameter {
  std::string_view name;
  double value = 0;
};

/// Refuses (ErrorCode::invalid) the first that is not finite and above 0, by the model's name and
/// its own.
[[nodiscard]] Result<void> all_above_zero(std::string_view model,
                                          std::initializer_list<NamedParameter> parameters);

}  // namespace guanxi
