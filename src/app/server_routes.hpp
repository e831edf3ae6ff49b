#pragma once

#include <memory>
#include <string>

#include "access/store.hpp"
#include "api/brand.hpp"
#include "api/operations_routes.hpp"
#include "api/routes.hpp"
#include "doors/ingest.hpp"
#include "doors/webhooks.hpp"
#include "http/routes.hpp"

namespace guanxi::app {

/// Everything that a server answers, in one table: what the matrix of tests/access goes through.
struct ServerParts {
  std::shared_ptr<const api::Brand> brand;
  std::shared_ptr<access::AccessStore> access;
  std::shared_ptr<const Masking> masking;
  std::shared_ptr<doors::IngestDoor> ingest;
  std::shared_ptr<doors::WebhookDoor> webhooks;
  api::OperationsParts operations;
  api::QueuesOf queues{};
};
[[nodiscard]] http::RouteTable server_routes(const ServerParts& parts);

/// What the console shows while there is no user: the link by which the first admin comes in, once.
/// Empty when there is one.
[[nodiscard]] Result<std::string> first_admin_line(access::AccessStore& access,
                                                   const std::string& url);

}  // namespace guanxi::app
