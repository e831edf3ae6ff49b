#pragma once

#include <functional>
#include <vector>

#include "app/session.hpp"
#include "operations/settings.hpp"
#include "operations/supervisor.hpp"

namespace guanxi::app {

/// Where a worker stands: what it is given, and whom it tells.
struct WorkerPost {
  int listening_socket = -1;
  std::vector<int> connections{};                        ///< of clients, left by the worker before
  std::function<void(operations::WorkerState)> tell;     ///< how far it has come
  std::function<void(const std::vector<int>&)> leave{};  ///< connections to the next worker
};

/// Serves a data folder until SIGTERM or SIGINT, or until SIGUSR1 says that another worker comes:
/// engine, access, doors, API and page together. Gives the exit code.
[[nodiscard]] int run_worker(const Common& common, const operations::Settings& settings,
                             WorkerPost post);

}  // namespace guanxi::app
