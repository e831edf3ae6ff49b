#pragma once

#include <functional>

#include "app/session.hpp"
#include "operations/settings.hpp"
#include "operations/supervisor.hpp"

namespace guanxi::app {

/// Serves a data folder on a listening socket until SIGTERM or SIGINT: engine, access, doors, API
/// and page together. `tell` hears how far it has come. Gives the exit code.
[[nodiscard]] int run_worker(const Common& common, const operations::Settings& settings,
                             int listening_socket,
                             const std::function<void(operations::WorkerState)>& tell);

}  // namespace guanxi::app
