#pragma once

#include <memory>

#include "api/brand.hpp"
#include "api/shipped_files.hpp"
#include "http/routes.hpp"

namespace guanxi::api {

/// Every route of openapi.json, over `brand`.
[[nodiscard]] http::RouteTable api_routes(std::shared_ptr<const Brand> brand, ShippedFiles files);

}  // namespace guanxi::api
