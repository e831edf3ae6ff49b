#include <string>

#include "events/kind_table.hpp"

namespace guanxi {
namespace {

constexpr std::string_view kSteps = R"(## Steps of the log

Three things that no door can send stand in the log beside events: a model made active, a decision about
who is who, and

### Parameters Fitted 参数拟合

What the models that predict were found to be: the last day that was known, parameters with their
covariance, model, convergence, number of customers and a hash of the histories
([value](models/value.md)). Of nobody; written by Guanxi alone.
)";

constexpr std::string_view kIntroduction = R"(# Events

<!-- Written by docs_events_md() from src/events/kind_table.cpp; rewrite with
     GUANXI_UPDATE_GOLDEN=1 build/dev/src/events/events_test. Do not edit. -->

What can happen between a brand and a customer. A kind is decoded from its word, from its English or
Chinese title, and from the names listed with it; upper and lower case, spaces and punctuation do
not matter. An unknown name is kept, counted and shown, and feeds nothing.

Which event is worth how much is written in the model file (`models/*.toml`), not here; the column
"can feed" says what the model may use it for.

## Forms of values

| type | valid forms |
|---|---|
| id | text or whole number, 1 to 255 bytes; names such as `null`, `undefined`, `guest`, `0` are refused |
| text | any text |
| money | `19.99`, `"19.99"`, `{"minor": 1999}`, or the property with `_minor` behind its name: `total_minor: 1999`. Never through floating point |
| whole | a whole number, also as text |
| minutes, seconds | a number; kept as whole minutes |
| stars | 1 to 5, also as text and with halves: 1 is kept as 0, 5 as 100. With `rating_max` N: 0 to N |
| score | 0 to 10: 0 is kept as 0, 10 as 100. With `score_max` N: 0 to N |
| moment | `2026-05-01T09:30:00+08:00`, `2026-05-01`, or seconds or milliseconds since 1970 |
| truth | `true` or `false` |
| products | a list of objects with `product_id` (or `sku`), `name`, `price`, `quantity` |
| recipient | personal data of somebody else: only its hash is kept |
| origin | `brand`, `product`, `endorsement`, `friend_referral`, `open_rating`, `advertisement`, `store` |

Every event may also carry `currency` (three letters), and the truths `full_price`, `prepaid`,
`early`, `by_customer` and `reachable`. Of a property that stands twice in one object the last one
counts, as in JavaScript.

## Money of an order

An order with products becomes one `order_completed` and one `order_line` a product. The lines carry
price times quantity; the order carries its total minus the sum of its lines (postage, tax,
discount), so that adding up a person's events never counts money twice. Refunds, returns,
cancellations and disputes carry amounts below zero, and 0 where the amount is not known. An Order
Refunded that names products is part of the order and becomes `line_returned` events besides; one
that names only the order is the whole of it. An order that has wholly come back has no more money
to give: a refund after its cancellation takes nothing away from other orders.

)";

void append_property(std::string& out, const Property& property) {
  out += "| `";
  for (const char c : property.names) {
    out += c == ' ' ? std::string("`, `") : std::string(1, c);
  }
  out += "` | ";
  out += name_of(property.type);
  out += property.required ? " | yes | " : " | | ";
  out += property.fills == Fills::nothing ? std::string()
                                          : "`" + std::string(name_of(property.fills)) + "`";
  out += " | ";
  out += property.meaning;
  out += " |\n";
}

std::string names_of(EventKind kind) {
  std::string names;
  for (const Alias& alias : alias_table()) {
    if (alias.kind == kind) {
      names += names.empty() ? "" : "; ";
      names += alias.name;
      names += " (" + std::string(alias.vocabulary) + ")";
    }
  }
  return names;
}

void append_kind(std::string& out, const KindEntry& entry) {
  out += "### " + std::string(entry.title) + " · " + std::string(entry.title_zh) + "\n\n";
  out += "`" + std::string(name_of(entry.kind)) + "` (" +
         std::to_string(static_cast<int>(entry.kind)) + "). " + std::string(entry.meaning) +
         " Can feed: " + std::string(entry.feeds) + ".";
  out += entry.negative ? " Amounts are kept below zero." : "";
  out += entry.by_customer ? " Begun by the customer unless `by_customer` is false." : "";
  out += entry.reachable ? " Shows a way to reach them." : "";
  out += entry.derived ? " Never taken from outside." : "";
  out += "\n\n";
  const std::string names = names_of(entry.kind);
  if (!names.empty()) {
    out += "Also decoded from: " + names + ".\n\n";
  }
  if (!entry.properties.empty()) {
    out += "| property | type | required | fills | meaning |\n|---|---|---|---|---|\n";
    for (const Property& property : entry.properties) {
      append_property(out, property);
    }
    out += "\n";
  }
}

}  // namespace

std::string_view name_of(PropertyType type) {
  switch (type) {
    case PropertyType::id:
      return "id";
    case PropertyType::text:
      return "text";
    case PropertyType::money:
      return "money";
    case PropertyType::whole:
      return "whole";
    case PropertyType::minutes:
      return "minutes";
    case PropertyType::seconds:
      return "seconds";
    case PropertyType::stars:
      return "stars";
    case PropertyType::score:
      return "score";
    case PropertyType::moment:
      return "moment";
    case PropertyType::truth:
      return "truth";
    case PropertyType::products:
      return "products";
    case PropertyType::recipient:
      return "recipient";
    case PropertyType::origin:
      return "origin";
  }
  return "text";
}

std::string_view name_of(Fills fills) {
  switch (fills) {
    case Fills::nothing:
      return "";
    case Fills::subject:
      return "subject";
    case Fills::order_id:
      return "order_id";
    case Fills::amount:
      return "amount_minor";
    case Fills::quantity:
      return "quantity";
    case Fills::title:
      return "title";
    case Fills::origin:
      return "origin";
  }
  return "";
}

std::string docs_events_md() {
  std::string out(kIntroduction);
  out += "## Kinds\n\n";
  for (const KindEntry& entry : kind_table()) {
    append_kind(out, entry);
  }
  out += kSteps;
  return out;
}

}  // namespace guanxi
