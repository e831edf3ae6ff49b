#pragma once

#include <memory>

#include "api/brand.hpp"
#include "api/shipped_files.hpp"
#include "events/masking.hpp"
#include "http/routes.hpp"

namespace guanxi::api {

/// Every route of openapi.json, over `brand`. Without `masking` handles last as long as the routes.
[[nodiscard]] http::RouteTable api_routes(std::shared_ptr<const Brand> brand, ShippedFiles files,
                                          std::shared_ptr<const Masking> masking = nullptr);

}  // namespace guanxi::api
