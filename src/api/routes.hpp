#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/brand.hpp"
#include "base/result.hpp"
#include "http/routes.hpp"

namespace guanxi::api {

/// Files that come with the program and that the API shows.
struct ShippedFiles {
  std::string openapi_json;
  struct ModelFile {
    std::string file;  ///< "retail.toml"
    std::string toml;
  };
  std::vector<ModelFile> models;  ///< by file name
};
/// Reads them from the folder that holds web/openapi.json and models/*.toml.
/// Errors: not_found when openapi.json is not there.
[[nodiscard]] Result<ShippedFiles> load_shipped_files(const std::string& home);

/// Every route of openapi.json, over `brand`.
[[nodiscard]] http::RouteTable api_routes(std::shared_ptr<const Brand> brand, ShippedFiles files);

}  // namespace guanxi::api
