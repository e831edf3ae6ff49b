#include "events/event_equal.hpp"

#include "events/batch_format.hpp"

namespace guanxi {

std::string first_difference(const Event& a, const Event& b) {
  std::string found = a.id_hash == b.id_hash ? "" : "id_hash";
  batch_format::for_each_number_column([&](auto column) {
    if (found.empty() && column.get(a) != column.get(b)) {
      found = column.kName;
    }
  });
  batch_format::for_each_text_column([&](auto column) {
    using Column = decltype(column);
    if (found.empty() && batch_format::text_of<Column>(a) != batch_format::text_of<Column>(b)) {
      found = Column::kName;
    }
  });
  return found;
}

}  // namespace guanxi
