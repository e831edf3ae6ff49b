#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/routes.hpp"
#include "operations/backup_desk.hpp"

namespace guanxi::api {

/// How far a server is.
struct Readiness {
  bool takes_events = false;  ///< what comes is durable before it is answered
  bool answers = false;       ///< the log has been read
  std::string reason;         ///< why not; empty when both
};

/// Who may read the figures.
enum class FiguresFor : std::uint8_t { local, admin, open };

/// What the routes for running a server stand on.
struct OperationsParts {
  std::function<Readiness()> readiness;
  std::function<std::string()> figures;  ///< in Prometheus' text format
  FiguresFor figures_for = FiguresFor::local;
  std::shared_ptr<operations::BackupDesk> backups;
};

/// Health, readiness, figures and backups.
[[nodiscard]] std::vector<http::Route> operations_routes(OperationsParts parts);

}  // namespace guanxi::api
