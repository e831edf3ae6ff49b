#pragma once

#include <string_view>

namespace guanxi::operations {

/// Tells the service manager that started this process how it is ("READY=1", "STATUS=..."), as
/// sd_notify(3) does. Does nothing without one; never waits and never fails.
void notify_service_manager(std::string_view state);

}  // namespace guanxi::operations
