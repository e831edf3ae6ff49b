#pragma once

#include <string>

#include "api/brand.hpp"
#include "api/shapes.hpp"
#include "people/demand.hpp"

namespace guanxi::api {

/// Writes what is known of needs and of products, as the schemas of openapi.json have it.
///
/// Place       need_routes.cpp.
/// Threads     A value; what it is made of outlives it.
class NeedShapes {
 public:
  NeedShapes(const NeedReport& report, const Viewer& viewer) : report_(report), viewer_(viewer) {}

  /// Fields `product` and `title`.
  void product_fields(JsonWriter& json, std::uint32_t product) const;
  /// The schema DemandRow.
  void write_row(JsonWriter& json, const DemandRow& row) const;
  /// The schema Need.
  void write_need(JsonWriter& json, const Need& need) const;
  /// The schema DueLine, of the person with this id.
  void write_due(JsonWriter& json, const std::string& id, const Need& need) const;
  /// Names of columns, and the same line for a spreadsheet.
  [[nodiscard]] static std::string due_head();
  [[nodiscard]] std::string due_line(const std::string& id, const Need& need) const;
  /// Fields `day`, `horizon_days`, `built_at`, `note` and `check`.
  void report_fields(JsonWriter& json) const;
  /// A product's name, or its title.
  [[nodiscard]] std::string name(std::uint32_t product) const;
  [[nodiscard]] std::string title(std::uint32_t product) const;

 private:
  const NeedReport& report_;
  const Viewer& viewer_;
};

/// The fields of a report that is not there yet: all null.
void no_report_fields(JsonWriter& json);

}  // namespace guanxi::api
