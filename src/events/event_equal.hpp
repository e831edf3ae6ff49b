#pragma once

#include <string>

#include "events/event.hpp"

namespace guanxi {

/// The name of the first field in which two events differ, or "" when they are the same. Empty text
/// is the same whether it points anywhere or not.
///
/// Place       Tests of everything that writes events down and reads them back.
[[nodiscard]] std::string first_difference(const Event& a, const Event& b);

}  // namespace guanxi
