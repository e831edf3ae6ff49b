#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "api/handlers.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "people/rhythm.hpp"
#include "people/survey.hpp"
#include "platform/time_zone.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

Response active_model(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  return with_view(context, [](const Brand::View& view) {
    const Model& model = view.model;
    const Calibration& calibration = model.calibration;
    JsonWriter json;
    json.begin_object();
    model_name_fields(json, model);
    json.key("currency");
    write_currency(json, view.currency);
    json.field("zone", model.zone.name()).field("toml", model.source);
    json.key("calibration").begin_object().key("observed_kinds");
    write_kinds(json, calibration.observed_kinds);
    json.key("observed_flags");
    write_flags(json, calibration.observed_flags);
    json.field("products_named", calibration.products_named);
    json.field("typical_order_minor", calibration.typical_order_minor);
    json.field("typical_gap_days", calibration.typical_gap_days).end_object();
    json.field("rules", model.rules.size()).key("unobservable");
    write_unobservable_facts(json, model);
    json.end_object();
    return json_response(json.take());
  });
}

Response shipped_models(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  return with_view(context, [&](const Brand::View& view) {
    JsonWriter json;
    json.begin_object().key("models").begin_array();
    for (const ShippedFiles::ModelFile& file : context.files.models) {
      const Result<Model> model = Model::parse(file.toml, load_zone);
      if (!model) {
        continue;
      }
      json.begin_object().field("file", file.file).field("name", model->name);
      json.field("version", model->version).field("active", file.toml == view.model.source);
      json.field("toml", file.toml).end_object();
    }
    json.end_array().end_object();
    return json_response(json.take());
  });
}

// The number that follows `word` in "line 12, column 3: ..."; 0 when there is none.
std::uint64_t number_after(std::string_view message, std::string_view word) {
  const std::size_t at = message.find(word);
  return at == std::string_view::npos
             ? 0
             : std::strtoull(std::string(message.substr(at + word.size(), 10)).c_str(), nullptr,
                             10);
}

std::string_view without_place(std::string_view message) {
  const std::size_t colon = message.find(": ");
  return message.substr(0, 5) == "line " && colon != std::string_view::npos
             ? message.substr(colon + 2)
             : message;
}

Response check_model(const Context& /*context*/, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<Model> model = Model::parse(request.body, load_zone);
  JsonWriter json;
  json.begin_object().field("ok", model.has_value());
  if (model) {
    json.key("model");
    write_model_name(json, *model);
    json.key("problems").begin_array().end_array();
  } else {
    const std::string& message = model.error().message;
    json.field_null("model").key("problems").begin_array().begin_object();
    json.field("line", number_after(message, "line "));
    json.field("column", number_after(message, "column "));
    json.field("message", without_place(message)).end_object().end_array();
  }
  json.end_object();
  return json_response(json.take());
}

void write_people(JsonWriter& json, const TierMatrix& people, bool after) {
  json.begin_array();
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    std::uint64_t sum = 0;
    for (std::size_t other = 0; other < kTiers; ++other) {
      sum += after ? people[other][tier] : people[tier][other];
    }
    json.begin_object().field("tier", guanxi::name_of(static_cast<Tier>(tier)));
    json.field("people", sum).end_object();
  }
  json.end_array();
}

void write_matrix(JsonWriter& json, const TierMatrix& people) {
  json.begin_array();
  for (std::size_t from = 0; from < kTiers; ++from) {
    for (std::size_t to = 0; to < kTiers; ++to) {
      json.begin_object().field("from", guanxi::name_of(static_cast<Tier>(from)));
      json.field("to", guanxi::name_of(static_cast<Tier>(to)));
      json.field("people", people[from][to]).end_object();
    }
  }
  json.end_array();
}

int distance(const Mover& mover) {
  return std::abs(static_cast<int>(mover.after) - static_cast<int>(mover.before));
}

struct Draft {
  const Brand::View& view;
  const Model& model;
  Day at;
  const Viewer& viewer;
};

void write_mover(JsonWriter& json, const Draft& draft, const Mover& mover, FoldMemory& memory) {
  const auto events = draft.view.image.timeline(mover.person);
  json.begin_object().field("id", draft.viewer.id(mover.id));
  json.field("from", guanxi::name_of(mover.before)).field("to", guanxi::name_of(mover.after));
  json.field("index_before_milli",
             fold_reading(events, draft.view.model, draft.at, memory).index_milli);
  json.field("index_after_milli", fold_reading(events, draft.model, draft.at, memory).index_milli);
  json.end_object();
}

std::string what_if_json(const Draft& draft, const WhatIf& result, std::size_t sample,
                         std::int64_t elapsed_ms) {
  std::uint64_t people = 0;
  for (const auto& row : result.people) {
    for (const std::uint64_t count : row) {
      people += count;
    }
  }
  std::vector<Mover> movers = result.risers;
  movers.insert(movers.end(), result.fallers.begin(), result.fallers.end());
  std::stable_sort(movers.begin(), movers.end(), [](const Mover& a, const Mover& b) {
    return distance(a) != distance(b) ? distance(a) > distance(b) : a.id < b.id;
  });
  movers.resize(std::min(movers.size(), sample));
  JsonWriter json;
  json.begin_object().key("active");
  write_model_name(json, draft.view.model);
  json.key("draft");
  write_model_name(json, draft.model);
  day_field(json, "at", draft.at);
  json.field("people", people).key("before");
  write_people(json, result.people, false);
  json.key("after");
  write_people(json, result.people, true);
  json.key("flows");
  write_matrix(json, result.people);
  json.field("rises", result.rises).field("falls", result.falls);
  json.field("stayed", people - result.rises - result.falls).key("movers").begin_array();
  FoldMemory memory;
  for (const Mover& mover : movers) {
    write_mover(json, draft, mover, memory);
  }
  json.end_array().field("elapsed_ms", elapsed_ms).end_object();
  return json.take();
}

Rhythm rhythm_fitted_last(const Context& context) {
  const Result<FitsReport> fits = context.brand->fits();
  return fits && fits->used != nullptr ? rhythm_of(fits->used->fit.buying->model) : Rhythm{};
}

// The active model's, and the rhythm fitted last where the draft asks for one.
Calibration calibration_of(const Model& draft, const Model& active, const Rhythm& rhythm) {
  Calibration calibration = active.calibration;
  calibration.rhythm = draft.rhythm_fitted ? rhythm : Rhythm{};
  return calibration;
}

Response what_if_draft(const Context& context, const Request& request) {
  Parameters parameters(request, {"at", "limit"});
  const std::uint64_t sample = parameters.number("limit", 1, 500, 50);
  const Result<Model> parsed = Model::parse(request.body, load_zone);
  if (!parsed) {
    parameters.refuse("model", parsed.error().message);
  }
  const Rhythm rhythm = rhythm_fitted_last(context);
  return with_view(context, [&](const Brand::View& view) {
    if (parameters.refusal()) {
      return *parameters.refusal();
    }
    if (!has_day(view)) {
      return http::problem(Error{ErrorCode::conflict, "there are no events to fold yet"});
    }
    const Day at = day_asked(parameters, view);
    if (parameters.refusal()) {
      return *parameters.refusal();
    }
    const Viewer viewer(request, *context.masking);
    const auto began = std::chrono::steady_clock::now();
    const Model draft = parsed->with(calibration_of(*parsed, view.model, rhythm));
    const WhatIf result = what_if(view.image, view.model, draft, at, WhatIfOptions{sample});
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    return json_response(
        what_if_json(Draft{view, draft, at, viewer}, result, sample, elapsed.count()));
  });
}

}  // namespace

void add_model_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  using access::Permission;
  const std::vector<std::string_view> toml{"application/toml", "text/plain"};
  const RouteAdder add(context, routes);
  add.get("/api/v1/model", "The active model", Permission::look, active_model);
  add.get("/api/v1/models", "The model files that are shipped", Permission::look, shipped_models);
  add.post("/api/v1/model/check", "Checks a model file", Permission::decide, check_model,
           http::Lane::quick, toml);
  add.post("/api/v1/what-if", "Folds everyone under a draft model", Permission::decide,
           what_if_draft, http::Lane::slow, toml);
}

}  // namespace guanxi::api
