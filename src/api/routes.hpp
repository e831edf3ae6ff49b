#pragma once

#include <memory>

#include "access/store.hpp"
#include "api/brand.hpp"
#include "api/shipped_files.hpp"
#include "events/masking.hpp"
#include "http/routes.hpp"

namespace guanxi::api {

/// Every route of openapi.json, over `brand`. Without `masking` handles last as long as the routes;
/// without `access` those about users, keys and the audit trail answer 503.
[[nodiscard]] http::RouteTable api_routes(std::shared_ptr<const Brand> brand, ShippedFiles files,
                                          std::shared_ptr<const Masking> masking = nullptr,
                                          std::shared_ptr<access::AccessStore> access = nullptr);

}  // namespace guanxi::api
