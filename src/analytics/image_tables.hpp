#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytics/table_function.hpp"
#include "base/money.hpp"
#include "events/masking.hpp"
#include "people/image.hpp"

namespace guanxi {

/// One table or view that SQL sees; docs/sql.md lists them and is checked against this.
struct SqlTable {
  std::string name;
  std::string meaning;
  std::vector<TableColumn> columns;
  std::string view_of;  ///< SQL text when it is worked out from the other tables
};

/// people, events, tier_changes, evidence, products. Money has the currency's decimals.
[[nodiscard]] std::vector<SqlTable> sql_tables(Currency currency);

/// Makes them readable in `connection`. They read the image's memory as it is; nothing is copied or
/// kept. With `masking`, ids are handles and subjects are shown as masking.hpp says, before any
/// condition or grouping sees them. REQUIRES a folded image that outlives the database and does not
/// change during a query; the same of `masking`.
[[nodiscard]] Result<void> add_image_tables(Connection& connection, const Image& image,
                                            Currency currency, const Masking* masking = nullptr);

}  // namespace guanxi
