# Every outside library, found once. docs/dependencies.md says which room wraps it, and why.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(simdjson REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(spdlog REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(NLOPT REQUIRED IMPORTED_TARGET nlopt)
find_package(Eigen3 REQUIRED NO_MODULE)
pkg_check_modules(ARMADILLO REQUIRED armadillo)  # its headers alone are used, nothing is linked
pkg_check_modules(XGBOOST REQUIRED IMPORTED_TARGET xgboost)
find_package(Boost 1.74 REQUIRED)  # headers: Boost.Math
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)

# DuckDB's library and C header come from npm (tools/fetch_duckdb.sh puts them there).
set(DUCKDB_DIR ${PROJECT_SOURCE_DIR}/.cache/duckdb CACHE PATH "Folder with duckdb.h and libduckdb.so")
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_DIR}/libduckdb.so
  INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_DIR})

if(GUANXI_TESTS)
  find_package(GTest REQUIRED)
  add_library(guanxi_test_options INTERFACE)
  target_link_libraries(guanxi_test_options INTERFACE GTest::gtest GTest::gtest_main)
endif()
