#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace guanxi::doors {

/// The elements of an XML text that hold text, in order: names below the root joined by points, and
/// what stands inside: {"CreateTime", "1777600000"}.
using FlatXml = std::vector<std::pair<std::string, std::string>>;

/// Reads the small XML that callbacks send. Elements, text, CDATA, the five entities every XML has,
/// and a declaration in front; nothing else: no document type, no entities of its own, no
/// attributes, no comments, no processing instructions. At most 64 KiB, 8 levels and 256 elements.
/// Errors: invalid, with the offset.
[[nodiscard]] Result<FlatXml> read_flat_xml(std::string_view text);

}  // namespace guanxi::doors
