#pragma once

#include <string>
#include <vector>

#include "analytics/mapping.hpp"
#include "analytics/sample.hpp"

namespace guanxi {

/// What recognition made of a file that no ready mapping fits.
struct Recognised {
  TableMapping table;
  Currency currency;
  std::string known_by;            ///< "names and content of its columns", "content of its columns"
  std::vector<std::string> notes;  ///< decisions and doubts
};

/// Finds out which columns name the person, the moment, the amount, the order, the product, by
/// their names in English and Chinese and by what stands in them, and writes the mapping that says
/// so. Errors: invalid when no column can be the person or the moment, with what was found instead.
[[nodiscard]] Result<Recognised> recognise(const FileSample& sample, const FileLimits& limits);

}  // namespace guanxi
