#pragma once

#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace guanxi {

/// A zone by its IANA name ("Asia/Shanghai"), read from the system's zoneinfo folder, or a fixed
/// offset ("UTC", "+08:00"). Transitions are known to the end of 2106.
/// Errors: invalid for a name that is none (letters, digits, "_+-/" only, no ".." and no leading
/// "/"), not_found for one the system does not know, corrupted for a file that is no TZif.
[[nodiscard]] Result<Zone> load_zone(std::string_view iana_or_fixed);

/// The same from the bytes of a TZif file (RFC 8536, version 2 or later).
[[nodiscard]] Result<Zone> parse_tzif(std::string_view name, std::string_view bytes);

}  // namespace guanxi
