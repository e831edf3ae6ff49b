#include <string>

#include "events/decode_item.hpp"

namespace guanxi {
namespace {

__extension__ using Int128 = __int128;

// What an order keeps of its total once its lines are taken off.
void take_off(Item& item, Int128 lines, const Path& path) {
  const Int128 rest = Int128{item.first_event().amount_minor} - lines;
  if (rest > INT64_MAX || rest < -Int128{INT64_MAX}) {
    item.problem.set(path, "the amounts of the products do not fit into 64 bits");
    return;
  }
  item.first_event().amount_minor = static_cast<std::int64_t>(rest);
}

void decode_product(Item& item, const JsonNode& product, const Path& path, EventKind kind) {
  if (product.type != JsonType::object) {
    item.problem.set(path, "is " + std::string(name_of(product.type)) + "; valid: an object");
    return;
  }
  const Event order = item.first_event();
  Event& line = item.add(kind);
  line.currency = order.currency;
  line.flags = order.flags;
  line.order_id = order.order_id;
  read_flags(item, product, path, line);
  if (find_property(product, "coupon", PropertyType::text).node != nullptr) {
    line.flags = static_cast<std::uint8_t>(line.flags & static_cast<std::uint8_t>(~kFullPrice));
  }
  fill_properties(item, entry_of(kind), NameReading::usual, product, path, line);
  if (!item.problem.any()) {
    price_line(item, product, path, line);
    line.properties = rest_of(item, product);
  }
}

}  // namespace

void price_line(Item& item, const JsonNode& properties, const Path& path, Event& event) {
  const KindEntry& entry = entry_of(event.kind);
  const bool counted = find_property(properties, "quantity", PropertyType::whole).node != nullptr;
  event.quantity = counted ? event.quantity : 1;
  if (read_amount(item, entry.negative ? "total amount refund value" : "total amount", properties,
                  path, event)) {
    return;
  }
  const FoundProperty price = find_property(properties, "price unit_price", PropertyType::money);
  if (price.node == nullptr) {
    return;
  }
  const Path at(price.name, &path);
  const unsigned digits = event.currency.minor_digits();
  const auto decimal = read_money(*price.node, price.is_minor, digits, at, item.problem);
  if (!decimal) {
    return;
  }
  const auto total = line_total_minor(*decimal, event.quantity, digits);
  if (!total) {
    item.problem.set(at, total.error().message);
    return;
  }
  event.amount_minor = entry.negative && *total > 0 ? -*total : *total;
}

void decode_products(Item& item, const JsonNode& properties, const Path& path, EventKind kind) {
  const FoundProperty found = find_property(properties, "products items", PropertyType::products);
  if (found.node == nullptr) {
    return;
  }
  const Path at(found.name, &path);
  if (found.node->type != JsonType::array) {
    item.problem.set(
        at, "is " + std::string(name_of(found.node->type)) + "; valid: a list of products");
    return;
  }
  const bool total_known =
      item.first_event().amount_minor != 0 ||
      find_property(properties, "total revenue value amount refund", PropertyType::money).node !=
          nullptr;
  Int128 lines = 0;
  std::size_t index = 0;
  for (const JsonNode& product : *found.node) {
    decode_product(item, product, Path(index++, &at), kind);
    if (item.problem.any()) {
      return;
    }
    lines += item.out.events.back().amount_minor;
  }
  if (kind == EventKind::line_returned && index > 0) {
    item.first_event().flags |= kPartial;
  }
  if (total_known) {
    take_off(item, lines, at);
  }
}

}  // namespace guanxi
