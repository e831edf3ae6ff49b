#include <algorithm>
#include <array>

#include "api/handlers.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "people/expression.hpp"
#include "people/survey.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kWhereBytesMost = 4000;
constexpr std::size_t kTextBytesMost = 200;

std::vector<std::string_view> column_names() {
  std::vector<std::string_view> names;
  for (const ColumnInfo& column : people_columns()) {
    names.push_back(column.name);
  }
  return names;
}

std::string any_of(std::string_view column, const std::vector<std::string>& values) {
  std::string out(column);
  out += " in (";
  for (const std::string& value : values) {
    out += (&value == &values.front() ? "" : ", ") + value;
  }
  return out + ")";
}

// The conditions of all parameters as one. The caller's own text is parsed alone first, so that a
// mistake is told by its place in that text.
Expression conditions(Parameters& parameters, const Viewer& viewer) {
  const std::string where = parameters.text("where", kWhereBytesMost).value_or("");
  const Result<Expression> own = Expression::parse(where);
  if (!own) {
    parameters.refuse("where", own.error().message);
    return {};
  }
  if (own->asks_for_ids() && !viewer.sees_personal()) {
    parameters.refuse("where", "only who may see personal data can ask for ids");
    return {};
  }
  std::string all = own->everyone() ? "" : "(" + where + ")";
  const std::vector<std::string> tiers = parameters.choices("tier", names_of(tier_words()));
  const std::vector<std::string> velocities =
      parameters.choices("velocity", names_of(velocity_words()));
  if (!tiers.empty()) {
    all += (all.empty() ? "" : " and ") + any_of("tier", tiers);
  }
  if (!velocities.empty()) {
    all += (all.empty() ? "" : " and ") + any_of("velocity", velocities);
  }
  const Result<Expression> joined = Expression::parse(all);
  if (!joined) {
    parameters.refuse("where", joined.error().message);
    return {};
  }
  return *joined;
}

Selection selection_asked(Parameters& parameters, const Viewer& viewer) {
  Selection selection;
  selection.where = conditions(parameters, viewer);
  selection.text = parameters.text("q", kTextBytesMost).value_or("");
  std::string sort = parameters.choice("sort", column_names());
  sort = sort.empty() ? "index" : sort;
  if (sort == "id" && !viewer.sees_personal()) {
    parameters.refuse("sort", "only who may see personal data can sort by id");
  }
  selection.sort_column = sort == "id" ? -1 : column_named(sort);
  selection.descending = parameters.yes_no("desc").value_or(sort != "id");
  selection.offset = parameters.number("offset", 0, UINT32_MAX, 0);
  selection.limit = parameters.number("limit", 1, 500, 50);
  return selection;
}

// Whoever may not see ids finds people by their handles, whole.
Page page_asked(const Image& image, Selection& selection, const Viewer& viewer) {
  if (!viewer.sees_personal() && !selection.text.empty()) {
    selection.only = viewer.find(image, selection.text);
    selection.text.clear();
    if (!selection.only) {
      return {};
    }
  }
  return select(image, selection);
}

Response people(const Context& context, const Request& request) {
  Parameters parameters(request,
                        {"where", "tier", "velocity", "q", "sort", "desc", "offset", "limit"});
  const Viewer viewer(request, *context.masking);
  Selection selection = selection_asked(parameters, viewer);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  return with_view(context, [&](const Brand::View& view) {
    const bool known = has_day(view);
    const Page page = known ? page_asked(view.image, selection, viewer) : Page{};
    JsonWriter json;
    json.begin_object();
    day_field(json, "as_of", known ? view.image.as_of() : kNoDay);
    json.key("currency");
    write_currency(json, view.currency);
    json.field("total", page.total).field("offset", selection.offset);
    json.field("limit", selection.limit).key("rows").begin_array();
    for (const PersonRef person : page.people) {
      write_person_row(json, view.image, person, viewer);
    }
    json.end_array().end_object();
    return json_response(json.take());
  });
}

std::string_view type_name(const ColumnInfo& column) {
  switch (column.type) {
    case ColumnType::number:
      return column.decimals == 0 ? "integer" : "decimal";
    case ColumnType::money:
      return "money";
    case ColumnType::day:
      return "day";
    case ColumnType::tier:
    case ColumnType::velocity:
      return "choice";
    case ColumnType::yes_no:
      return "boolean";
    case ColumnType::text:
      return "text";
  }
  return "text";
}

std::string example_of(const ColumnInfo& column) {
  std::string name(column.name);
  switch (column.type) {
    case ColumnType::number:
      return name + (column.decimals == 0 ? " >= 3" : " > 0.5");
    case ColumnType::money:
      return name + " >= 100.00";
    case ColumnType::day:
      return name + " < 2011-06-09";
    case ColumnType::tier:
      return name + " >= strong";
    case ColumnType::velocity:
      return name + " in (drifting, at_risk)";
    case ColumnType::yes_no:
      return name + " = yes";
    case ColumnType::text:
      return name + " contains \"130\"";
  }
  return name;
}

std::vector<std::string_view> operators_of(ColumnType type) {
  if (type == ColumnType::text) {
    return {"=", "!=", "contains"};
  }
  if (type == ColumnType::yes_no) {
    return {"=", "!="};
  }
  if (type == ColumnType::velocity) {
    return {"=", "!=", "in"};
  }
  return {"=", "!=", "<", "<=", ">", ">=", "in", "between", "is none"};
}

void write_column(JsonWriter& json, const ColumnInfo& column) {
  const Word word = column_word(column.name);
  json.begin_object().field("name", column.name);
  json.field("en", word.en.empty() ? column.name : word.en);
  json.field("zh", word.zh.empty() ? column.name : word.zh);
  json.field("type", type_name(column)).field("unit", column.unit);
  json.field("description", column.description);
  json.key("operators").begin_array();
  for (const std::string_view one : operators_of(column.type)) {
    json.string(one);
  }
  json.end_array().key("values").begin_array();
  const std::span<const Word> values = column.type == ColumnType::tier ? tier_words()
                                       : column.type == ColumnType::velocity
                                           ? velocity_words()
                                           : std::span<const Word>();
  for (const Word& value : values) {
    json.string(value.name);
  }
  json.end_array().field("sortable", true);
  json.field("example", example_of(column)).end_object();
}

Response columns(const Context& /*context*/, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  JsonWriter json;
  json.begin_object().key("columns").begin_array();
  for (const ColumnInfo& column : people_columns()) {
    write_column(json, column);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Direction direction_asked(Parameters& parameters) {
  const std::string direction = parameters.choice("direction", {"all", "rise", "fall"});
  if (direction == "rise") {
    return Direction::rise;
  }
  return direction == "fall" ? Direction::fall : Direction::any;
}

std::string changes_json(const ChangePage& page, const ChangeQuery& query, const Viewer& viewer) {
  JsonWriter json;
  json.begin_object();
  day_field(json, "from", query.from);
  day_field(json, "to", query.to);
  json.field("total", page.total).field("rises", page.rises).field("falls", page.falls);
  json.field("offset", query.offset).field("limit", query.limit);
  json.key("changes").begin_array();
  for (const Change& change : page.changes) {
    json.begin_object().field("id", viewer.id(change.id));
    posting_fields(json, change.posting);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

Response tier_changes(Context& context, const Request& request) {
  Parameters parameters(request, {"from", "to", "direction", "offset", "limit"});
  const Viewer viewer(request, *context.masking);
  ChangeQuery query{kNoDay, kNoDay};
  query.direction = direction_asked(parameters);
  query.offset = parameters.number("offset", 0, UINT32_MAX, 0);
  query.limit = parameters.number("limit", 1, 500, 50);
  return with_view(context, [&](const Brand::View& view) {
    if (parameters.refusal()) {
      return *parameters.refusal();
    }
    if (!has_day(view)) {
      return json_response(changes_json({}, query, viewer));
    }
    const FromTo period = period_asked(parameters, view);
    if (parameters.refusal()) {
      return *parameters.refusal();
    }
    query.from = period.from;
    query.to = period.to;
    const std::uint64_t version = view.image.version();
    std::string key = "changes " + std::string(viewer.key()) + ' ' + to_string(query.from) + ' ' +
                      to_string(query.to);
    key += ' ' + std::to_string(static_cast<int>(query.direction)) + ' ' +
           std::to_string(query.offset) + ' ' + std::to_string(query.limit);
    if (const auto kept = context.cache.find(version, key)) {
      return json_response(*kept);
    }
    std::string body = changes_json(changes(view.image, view.model, query), query, viewer);
    context.cache.keep(version, key, body);
    return json_response(std::move(body));
  });
}

}  // namespace

void add_people_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  const auto look = access::Permission::look;
  add.get("/api/v1/people", "People by filter, sorted, paged", look, people);
  add.get("/api/v1/people/columns", "What lists can be filtered and sorted by", look, columns);
  add.get("/api/v1/changes", "Changes of tier in a period", look, tier_changes, http::Lane::slow);
}

}  // namespace guanxi::api
