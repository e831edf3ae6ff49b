#pragma once

#include <string>
#include <vector>

namespace guanxi::api {

/// Files that are built into the program and that the API shows.
struct ShippedFiles {
  std::string openapi_json;
  struct ModelFile {
    std::string file;  ///< "retail.toml"
    std::string toml;
  };
  std::vector<ModelFile> models;  ///< by file name
};
/// web/openapi.json and models/*.toml as they were when the program was built.
[[nodiscard]] ShippedFiles shipped_files();

}  // namespace guanxi::api
