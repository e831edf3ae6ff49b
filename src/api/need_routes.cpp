#include <algorithm>
#include <mutex>

#include "api/handlers.hpp"
#include "api/json_body.hpp"
#include "api/need_shapes.hpp"
#include "base/json_writer.hpp"
#include "people/demand.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kTextBytesMost = 200;
constexpr std::uint64_t kMoneyMost = 1'000'000'000'000;
constexpr std::size_t kPairsShown = 12;
constexpr std::size_t kExportLinesMost = 1'000'000;

using Report = std::shared_ptr<const NeedReport>;

Response not_yet() {
  return http::problem(Error{ErrorCode::unavailable,
                             "needs have not been worked out yet; see `work` of /api/v1/demand"});
}

/// The product of the path.
std::uint32_t product_of(const NeedModel& model, const Request& request) {
  return model.products().find(request.path_argument("product"));
}
Response no_product() {
  return http::problem(Error{ErrorCode::not_found, "no event names this product"}, "product");
}

std::vector<std::string_view> as_choices(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

void write_works(JsonWriter& json, const WorkReport& work, const Viewer& viewer) {
  json.key("work").begin_object();
  write_work(json, "current", work.current, viewer);
  write_work(json, "last", work.last, viewer);
  json.end_object();
}

/// Margin and loss of one unit; only their relation matters.
struct Prices {
  double margin = 1;
  double loss = 1;
};
Prices prices_asked(Parameters& parameters) {
  return {static_cast<double>(parameters.number("margin_minor", 1, kMoneyMost, 1)),
          static_cast<double>(parameters.number("loss_minor", 1, kMoneyMost, 1))};
}

DemandBoard::Query board_asked(Parameters& parameters) {
  DemandBoard::Query query;
  query.text = parameters.text("q", kTextBytesMost).value_or("");
  const auto names = as_choices(demand_sorts());
  const std::string sort = parameters.choice("sort", names);
  query.sort =
      sort.empty()
          ? DemandSort::forecast
          : static_cast<DemandSort>(std::find(names.begin(), names.end(), sort) - names.begin());
  query.descending = parameters.yes_no("desc").value_or(query.sort != DemandSort::product);
  query.wanted_only = parameters.yes_no("wanted").value_or(false);
  return query;
}

Response board(const Context& context, const Request& request) {
  Parameters parameters(
      request, {"q", "sort", "desc", "wanted", "margin_minor", "loss_minor", "offset", "limit"});
  const Prices prices = prices_asked(parameters);
  const DemandBoard::Query query = board_asked(parameters);
  const std::uint64_t offset = parameters.number("offset", 0, UINT32_MAX, 0);
  const std::uint64_t limit = parameters.number("limit", 1, 500, 50);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<Report> report = context.brand->needs();
  if (!report) {
    return http::problem(report.error());
  }
  const Viewer viewer(request, *context.masking);
  JsonWriter json;
  json.begin_object();
  std::vector<std::uint32_t> products;
  std::optional<NeedShapes> shapes;
  std::optional<DemandBoard> board;
  if (*report != nullptr) {
    shapes.emplace(**report, viewer);
    shapes->report_fields(json);
    board.emplace(*(*report)->model, prices.margin, prices.loss);
    products = board->products(query, (*report)->titles);
  } else {
    no_report_fields(json);
  }
  write_works(json, context.brand->needs_work(), viewer);
  Currency currency;
  static_cast<void>(
      context.brand->read([&](const Brand::View& view) { currency = view.currency; }).has_value());
  json.key("currency");
  write_currency(json, currency);
  json.field("critical_ratio_bp",
             std::llround(10'000 * prices.margin / (prices.margin + prices.loss)));
  json.field("total", products.size()).field("offset", offset).field("limit", limit);
  json.key("rows").begin_array();
  for (std::uint64_t i = offset; i < products.size() && i < offset + limit; ++i) {
    shapes->write_row(json, board->row(products[i]));
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response product(const Context& context, const Request& request) {
  Parameters parameters(request, {"margin_minor", "loss_minor"});
  const Prices prices = prices_asked(parameters);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<Report> report = context.brand->needs();
  if (!report) {
    return http::problem(report.error());
  }
  if (*report == nullptr) {
    return not_yet();
  }
  const NeedModel& model = *(*report)->model;
  const std::uint32_t product = product_of(model, request);
  if (product == ProductIndex::kNone) {
    return no_product();
  }
  const Viewer viewer(request, *context.masking);
  const NeedShapes shapes(**report, viewer);
  JsonWriter json;
  json.begin_object();
  shapes.report_fields(json);
  json.key("row");
  shapes.write_row(json, DemandBoard(model, prices.margin, prices.loss).row(product));
  json.key("goes_with").begin_array();
  for (const ProductPair& pair : model.goes_with(product, kPairsShown)) {
    json.begin_object();
    shapes.product_fields(json, pair.with);
    json.field("together", pair.evidence.together);
    json.field("lift_milli", std::llround(pair.evidence.lift * 1000));
    json.field("surprise_milli", std::llround(pair.evidence.likelihood_ratio * 1000));
    json.end_object();
  }
  json.end_array().end_object();
  return json_response(json.take());
}

void write_person(JsonWriter& json, const Image& image, const ProductPerson& one,
                  const Viewer& viewer) {
  const Columns& columns = image.columns(one.person.shard);
  json.begin_object().field("id", viewer.id(image.id_text(one.person)));
  json.field("tier", guanxi::name_of(static_cast<Tier>(columns.tier[one.person.index])));
  day_field(json, "day", one.day);
  json.field("ordinal", one.ordinal).field("times", one.times);
  json.field("chance_bp", std::llround(one.chance * 10'000)).end_object();
}

Response people_of_product(Context& context, const Request& request) {
  Parameters parameters(request, {"of", "offset", "limit"});
  const auto names = as_choices(product_crowds());
  const std::string of = parameters.choice("of", names);
  const std::uint64_t offset = parameters.number("offset", 0, UINT32_MAX, 0);
  const std::uint64_t limit = parameters.number("limit", 1, 500, 50);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<Report> report = context.brand->needs();
  if (!report) {
    return http::problem(report.error());
  }
  if (*report == nullptr) {
    return not_yet();
  }
  const NeedModel& model = *(*report)->model;
  const std::uint32_t product = product_of(model, request);
  if (product == ProductIndex::kNone) {
    return no_product();
  }
  const auto crowd = static_cast<ProductCrowd>(
      of.empty() ? 0 : std::find(names.begin(), names.end(), of) - names.begin());
  const Viewer viewer(request, *context.masking);
  return with_view(context, [&](const Brand::View& view) {
    const auto people = people_behind(view.image, view.model, model, product, crowd);
    JsonWriter json;
    json.begin_object();
    day_field(json, "day", model.day());
    json.field("total", people.size()).field("offset", offset).field("limit", limit);
    json.key("rows").begin_array();
    for (std::uint64_t i = offset; i < people.size() && i < offset + limit; ++i) {
      write_person(json, view.image, people[i], viewer);
    }
    json.end_array().end_object();
    return json_response(json.take());
  });
}

/// What a replenishment list is asked for.
struct DueAsked {
  std::uint32_t days = 14;
  std::string product;
};
DueAsked due_asked(Parameters& parameters) {
  DueAsked asked;
  asked.days = static_cast<std::uint32_t>(parameters.number("days", 0, 365, 14));
  asked.product = parameters.text("product", 255).value_or("");
  return asked;
}

using AnswerDue = std::function<Response(const Brand::View&, const NeedReport&, const DueList&)>;

Response with_due(const Context& context, const DueAsked& asked, const AnswerDue& answer) {
  const Result<Report> report = context.brand->needs();
  if (!report) {
    return http::problem(report.error());
  }
  if (*report == nullptr) {
    return not_yet();
  }
  return with_view(context, [&](const Brand::View& view) {
    const NextNeeds* const needs = view.image.next_needs();
    if (needs == nullptr || &needs->model() != (*report)->model.get()) {
      return not_yet();  // between the one and the other
    }
    std::optional<std::uint32_t> product;
    if (!asked.product.empty()) {
      product = needs->model().products().find(asked.product);
      if (*product == ProductIndex::kNone) {
        return no_product();
      }
    }
    return answer(view, **report, due_list(view.image, view.model, *needs, asked.days, product));
  });
}

Response replenishment(const Context& context, const Request& request) {
  Parameters parameters(request, {"days", "product", "offset", "limit"});
  const DueAsked asked = due_asked(parameters);
  const std::uint64_t offset = parameters.number("offset", 0, UINT32_MAX, 0);
  const std::uint64_t limit = parameters.number("limit", 1, 500, 50);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Viewer viewer(request, *context.masking);
  return with_due(
      context, asked, [&](const Brand::View& view, const NeedReport& report, const DueList& list) {
        const NeedShapes shapes(report, viewer);
        JsonWriter json;
        json.begin_object();
        shapes.report_fields(json);
        json.field("days", asked.days)
            .field("people", list.people)
            .field("left_out", list.left_out);
        json.field("total", list.lines.size()).field("offset", offset).field("limit", limit);
        json.key("rows").begin_array();
        for (std::uint64_t i = offset; i < list.lines.size() && i < offset + limit; ++i) {
          shapes.write_due(json, view.image.id_text(list.lines[i].person), list.lines[i].need);
        }
        json.end_array().end_object();
        return json_response(json.take());
      });
}

Response replenishment_export(const Context& context, const Request& request) {
  Parameters parameters(request, {"days", "product"});
  const DueAsked asked = due_asked(parameters);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Viewer viewer(request, *context.masking);
  return with_due(
      context, asked, [&](const Brand::View& view, const NeedReport& report, const DueList& list) {
        const NeedShapes shapes(report, viewer);
        Response response;
        response.content_type = "text/csv; charset=utf-8";
        response.headers.emplace_back(
            "Content-Disposition",
            "attachment; filename=\"due-" + to_string(report.model->day()) + ".csv\"");
        response.body = NeedShapes::due_head();
        const std::size_t lines = std::min(list.lines.size(), kExportLinesMost);
        for (std::size_t i = 0; i < lines; ++i) {
          response.body +=
              shapes.due_line(view.image.id_text(list.lines[i].person), list.lines[i].need);
        }
        return response;
      });
}

Response needs_json(const Brand::View& view, PersonRef person, const NeedReport& report,
                    const Viewer& viewer, std::size_t limit) {
  const NeedModel& model = *report.model;
  const bool objects = (view.image.stance(person) & kNoProfiling) != 0;
  JsonWriter json;
  json.begin_object().field("id", viewer.id(view.image.id_text(person)));
  const NeedShapes shapes(report, viewer);
  shapes.report_fields(json);
  json.field("objects", objects);
  PersonProducts products;
  if (!objects) {
    products.read(view.image.timeline(person), view.model.zone,
                  std::max(model.day(), view.image.as_of()), [&](std::uint32_t subject) {
                    return model.products().find(view.image.subjects().text(subject));
                  });
  }
  const NextNeed next = objects ? NextNeed() : model.next(products);
  day_field(json, "next_due", next.day);
  text_field(json, "next_due_product",
             next.product == ProductIndex::kNone ? std::string() : shapes.name(next.product));
  json.key("rows").begin_array();
  if (!objects) {
    for (const Need& need : model.needs(products, limit)) {
      shapes.write_need(json, need);
    }
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response needs_of_person(const Context& context, const Request& request) {
  Parameters parameters(request, {"limit"});
  const std::uint64_t limit = parameters.number("limit", 1, 200, 20);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<Report> report = context.brand->needs();
  if (!report) {
    return http::problem(report.error());
  }
  if (*report == nullptr) {
    return not_yet();
  }
  const Viewer viewer(request, *context.masking);
  return with_view(context, [&](const Brand::View& view) {
    const auto person =
        has_day(view) ? viewer.find(view.image, request.path_argument("id")) : std::nullopt;
    if (!person) {
      return http::problem(Error{ErrorCode::not_found, "nobody is known by this id"}, "id");
    }
    if (view.image.only_stored(*person)) {
      return http::problem(Error{ErrorCode::conflict,
                                 "the use of this person's data is restricted: they are stored and "
                                 "nothing else"},
                           "id");
    }
    return needs_json(view, *person, **report, viewer, limit);
  });
}

Response build(const Context& context, const Request& request) {
  JsonBody body(request, {"horizon_days"});
  std::optional<std::uint32_t> horizon;
  if (body.has("horizon_days")) {
    horizon = static_cast<std::uint32_t>(body.number("horizon_days", 1, 365, 28));
  }
  if (body.refusal()) {
    return *body.refusal();
  }
  if (const auto begun = context.brand->rebuild_needs(horizon); !begun) {
    return http::problem(begun.error());
  }
  return json_response(R"({"ok":true})");
}

Response cancel(const Context& context, const Request& request) {
  JsonBody body(request, {});
  if (body.refusal()) {
    return *body.refusal();
  }
  const Result<bool> stopped = context.brand->cancel_needs();
  if (!stopped) {
    return http::problem(stopped.error());
  }
  if (!*stopped) {
    return http::problem(Error{ErrorCode::conflict, "nothing is being worked out"});
  }
  return json_response(R"({"ok":true})");
}

}  // namespace

void add_need_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  using access::Permission;
  constexpr auto slow = http::Lane::slow;
  add.get("/api/v1/demand", "What each product does and will be asked for", Permission::look,
          board);
  add.post("/api/v1/demand/build", "Works out needs and demand anew", Permission::decide, build);
  add.post("/api/v1/demand/cancel", "Stops working them out", Permission::decide, cancel);
  add.get("/api/v1/products/{product}/demand", "One product, and what goes with it",
          Permission::look, product);
  add.get("/api/v1/products/{product}/people", "The people behind a figure of a product",
          Permission::look, people_of_product, slow);
  add.get("/api/v1/replenishment", "Who is due for what", Permission::look, replenishment, slow);
  add.get("/api/v1/replenishment/export", "The same as a file", Permission::export_,
          replenishment_export, slow);
  add.get("/api/v1/people/{id}/needs", "What they need next, and why", Permission::look,
          needs_of_person);
}

}  // namespace guanxi::api
