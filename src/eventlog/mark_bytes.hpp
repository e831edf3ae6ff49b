#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "platform/disk.hpp"

namespace guanxi {

/// Whether a mark's file (high_water.hpp) holds no byte that is not written there. The two slots
/// stand in for each other, so that a damaged one would go unnoticed.
[[nodiscard]] bool is_mark_as_written(std::string_view bytes);

/// Tells in the log lines of a damaged mark, and mends what the next two writes of it will not. A
/// file that is not there is as written. Whether it was damaged. Errors: the disk's.
[[nodiscard]] Result<bool> mend_mark(Disk& disk, const std::string& path);

}  // namespace guanxi
