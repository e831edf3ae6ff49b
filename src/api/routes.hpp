#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "access/store.hpp"
#include "api/brand.hpp"
#include "api/shipped_files.hpp"
#include "doors/kafka_source.hpp"
#include "events/masking.hpp"
#include "http/routes.hpp"

namespace guanxi::api {

/// What the queues that are read are doing.
using QueuesOf = std::function<std::vector<doors::KafkaStatus>()>;

/// Every route of openapi.json, over `brand`. Without `masking` handles last as long as the routes;
/// without `access` those about users, keys and the audit trail answer 503.
[[nodiscard]] http::RouteTable api_routes(std::shared_ptr<const Brand> brand, ShippedFiles files,
                                          std::shared_ptr<const Masking> masking = nullptr,
                                          std::shared_ptr<access::AccessStore> access = nullptr,
                                          QueuesOf queues = {});

}  // namespace guanxi::api
