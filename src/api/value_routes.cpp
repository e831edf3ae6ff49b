#include <algorithm>
#include <cmath>

#include "api/handlers.hpp"
#include "api/json_body.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "people/people_values.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kBroughtMost = 200;

std::int64_t thousandths(double value) { return std::llround(value * 1000); }
std::int64_t share_bp(double value) { return std::llround(value * 10000); }
std::int64_t minor(double value) { return std::llround(value); }

void number_field(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  if (value && std::isfinite(*value)) {
    json.field(name, *value);
  } else {
    json.field_null(name);
  }
}

void milli_field(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  if (value) {
    json.field(name, thousandths(*value));
  } else {
    json.field_null(name);
  }
}

const ParameterDrift* drift_for(const std::vector<ParameterDrift>& drift, std::string_view name) {
  const auto found = std::ranges::find(drift, name, &ParameterDrift::name);
  return found == drift.end() ? nullptr : &*found;
}

void write_parameters(JsonWriter& json, const std::vector<KnownParameter>& parameters,
                      const std::vector<ParameterDrift>& drift) {
  json.key("parameters").begin_array();
  for (const KnownParameter& parameter : parameters) {
    json.begin_object().field("name", std::string_view(parameter.name));
    json.field("value", parameter.value);
    number_field(json, "standard_error", parameter.standard_error);
    const ParameterDrift* const moved = drift_for(drift, parameter.name);
    number_field(json, "drift", moved == nullptr ? std::nullopt : moved->standard_errors);
    json.end_object();
  }
  json.end_array();
}

void write_found(JsonWriter& json, std::string_view name, std::string_view model,
                 const std::vector<KnownParameter>& parameters, const FitReport& report,
                 const std::vector<ParameterDrift>& drift) {
  json.key(name).begin_object().field("model", model);
  write_parameters(json, parameters, drift);
  json.field("log_likelihood", report.log_likelihood).field("steepness", report.steepness);
  json.field("evaluations", report.evaluations).field("distinct", report.distinct).end_object();
}

void write_candidates(JsonWriter& json, const PurchaseFit& fit) {
  json.key("candidates").begin_array();
  for (const PurchaseFit::Candidate& candidate : fit.candidates) {
    json.begin_object().field("model", std::string_view(candidate.name));
    number_field(json, "log_likelihood", candidate.log_likelihood);
    text_field(json, "refused", candidate.refused);
    json.end_object();
  }
  json.end_array();
}

// The schema Fit. `before`: the last used fit before it, or null.
void write_fit(JsonWriter& json, const LoggedFit& logged, const LoggedFit* before) {
  const PurchaseFit& fit = logged.fit;
  const std::vector<ParameterDrift> drift =
      before == nullptr ? std::vector<ParameterDrift>() : drift_of(before->fit, fit);
  json.begin_object().field("number", logged.number);
  moment_field(json, "fitted_at", logged.fitted_at);
  day_field(json, "as_of", fit.as_of);
  json.field("used", fit.used()).field("cause", std::string_view(logged.cause));
  text_field(json, "actor", logged.actor);
  json.field("choice", guanxi::name_of(fit.choice));
  json.field("data_hash", std::string_view(fit.data_hash));
  json.field("customers", fit.customers).field("repeaters", fit.repeaters);
  json.field("purchases", fit.purchases).field("spenders", fit.spenders);
  write_candidates(json, fit);
  if (fit.buying) {
    write_found(json, "buying", guanxi::name_of(fit.buying->model.kind()),
                parameters_of(*fit.buying), fit.buying->report, drift);
  } else {
    json.field_null("buying");
  }
  text_field(json, "buying_refused", fit.buying_refused);
  if (fit.spending) {
    write_found(json, "spending", "Gamma-Gamma", parameters_of(*fit.spending), fit.spending->report,
                drift);
  } else {
    json.field_null("spending");
  }
  text_field(json, "spending_refused", fit.spending_refused);
  number_field(json, "spend_correlation", fit.spend_correlation);
  const auto total = [](const std::optional<PurchaseFit::Totals>& totals, bool year) {
    return totals ? std::optional(year ? totals->next_365 : totals->next_90) : std::nullopt;
  };
  milli_field(json, "expected_90_milli", total(fit.totals, false));
  milli_field(json, "expected_365_milli", total(fit.totals, true));
  milli_field(json, "expected_365_before_milli", total(fit.totals_before, true));
  json.end_object();
}

const LoggedFit* used_before(const std::vector<SharedFit>& fits, std::size_t place) {
  for (std::size_t i = place; i > 0; --i) {
    if (fits[i - 1]->fit.used()) {
      return fits[i - 1].get();
    }
  }
  return nullptr;
}

Response list_fits(const Context& context, const Request& request) {
  Parameters parameters(request, {"limit"});
  const std::uint64_t limit = parameters.number("limit", 1, 500, 30);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<FitsReport> report = context.brand->fits();
  if (!report) {
    return http::problem(report.error());
  }
  const Viewer viewer(request, *context.masking);
  JsonWriter json;
  json.begin_object().field("running", report->work.current.has_value());
  write_work(json, "current", report->work.current, viewer);
  write_work(json, "last", report->work.last, viewer);
  if (report->used == nullptr) {
    json.field_null("used");
  } else {
    json.field("used", report->used->number);
  }
  json.field("total", report->fits.size()).key("fits").begin_array();
  for (std::size_t i = report->fits.size(); i > 0 && report->fits.size() - i < limit; --i) {
    write_fit(json, *report->fits[i - 1], used_before(report->fits, i - 1));
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response ask_fit(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  JsonBody body(request, {"model"});
  FitRequest asked;
  if (body.has("model")) {
    const auto choice = purchase_choice_named(body.text("model", 20));
    if (!choice) {
      body.refuse("model", "valid: likeliest, bg_nbd, mbg_nbd, bg_cnbd_k, mbg_cnbd_k");
    }
    asked.choice = choice.value_or(PurchaseChoice::likeliest);
  }
  if (body.refusal()) {
    return *body.refusal();
  }
  asked.actor = request.principal.user;
  if (const auto done = context.brand->fit(asked); !done) {
    return http::problem(done.error());
  }
  JsonWriter json;
  json.begin_object().field("asked", true).end_object();
  return json_response(json.take());
}

Response stop_fit(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const JsonBody body(request, {});
  if (body.refusal()) {
    return *body.refusal();
  }
  const Result<bool> stopped = context.brand->stop_fit();
  if (!stopped) {
    return http::problem(stopped.error());
  }
  JsonWriter json;
  json.begin_object().field("stopped", *stopped).end_object();
  return json_response(json.take());
}

void why_not_field(JsonWriter& json, NotYet reason) {
  text_field(json, "why_not", guanxi::name_of(reason));
}

void write_rules(JsonWriter& json, const Model& model) {
  json.key("rules").begin_object().field("horizon_days", model.value.horizon_days);
  json.field("discount_bp", model.value.discount_micros / 100);
  json.field("second_degree_bp", model.value.second_degree_micros / 100);
  json.field("derived_days", model.value.derived_days);
  json.field("typical_order_minor", model.typical_order_minor).end_object();
}

void write_history(JsonWriter& json, const PersonValue& value) {
  if (!value.purchases) {
    json.field_null("history");
    return;
  }
  json.key("history").begin_object();
  day_field(json, "first", value.purchases->first);
  day_field(json, "last", value.purchases->last);
  json.field("repeat_purchases", value.history.repeat_purchases);
  json.field("recency_days", minor(value.history.recency_days));
  json.field("age_days", minor(value.history.age_days));
  json.field("paid_minor", value.purchases->paid_minor);
  json.field("spend_purchases", value.spend.purchases);
  json.field("mean_spend_minor", minor(value.spend.mean_spend)).end_object();
}

void write_own(JsonWriter& json, const PersonValue& value) {
  json.key("own").begin_object();
  why_not_field(json, value.why_no_own);
  const bool known = value.why_no_own == NotYet::nothing_missing;
  const auto field = [&](std::string_view name, std::int64_t number) {
    if (known) {
      json.field(name, number);
    } else {
      json.field_null(name);
    }
  };
  field("mean_minor", minor(value.own.mean));
  field("least_minor", minor(value.own.least));
  field("most_minor", minor(value.own.most));
  field("none_bp", share_bp(value.own.none));
  field("purchases_milli", thousandths(value.horizon_purchases));
  field("left_bp", share_bp(value.discount_left));
  field("expected_spend_minor", minor(value.expected_spend_minor));
  json.end_object();
}

void write_brought(JsonWriter& json, const PersonValue::Brought& brought, const Image& image,
                   const Viewer& viewer) {
  const bool shown = !image.only_stored(brought.person);
  json.begin_object();
  text_field(json, "id", shown ? viewer.id(image.id_text(brought.person)) : std::string());
  if (brought.through && !image.only_stored(*brought.through)) {
    json.field("through", viewer.id(image.id_text(*brought.through)));
  } else {
    json.field_null("through");
  }
  json.field("degree", brought.through ? 2 : 1);
  why_not_field(json, brought.why);
  if (brought.why == NotYet::nothing_missing) {
    json.field("own_minor", minor(brought.own_minor));
  } else {
    json.field_null("own_minor");
  }
  json.field("share_bp", share_bp(brought.share));
  json.field("counted_minor", minor(brought.own_minor * brought.share)).end_object();
}

void write_fission(JsonWriter& json, const PersonValue& value, const Image& image,
                   const Viewer& viewer) {
  json.key("fission").begin_object();
  why_not_field(json, value.why_no_fission);
  if (value.why_no_fission == NotYet::nothing_missing) {
    json.field("mean_minor", minor(value.fission_minor));
    json.field("least_minor", minor(value.fission_interval.least));
    json.field("most_minor", minor(value.fission_interval.most));
  } else {
    json.field_null("mean_minor").field_null("least_minor").field_null("most_minor");
  }
  json.field("people", value.brought.size()).key("brought").begin_array();
  for (std::size_t i = 0; i < std::min(kBroughtMost, value.brought.size()); ++i) {
    write_brought(json, value.brought[i], image, viewer);
  }
  json.end_array().end_object();
}

void write_derived(JsonWriter& json, const PersonValue& value, const Model& model) {
  json.key("derived").begin_object();
  why_not_field(json, value.why_no_derived);
  if (value.why_no_derived == NotYet::nothing_missing) {
    json.field("mean_minor", minor(value.derived_minor));
  } else {
    json.field_null("mean_minor");
  }
  json.key("given").begin_array();
  for (const PersonValue::Given& given : value.given) {
    const double each = given.each_micros / 1e6 * static_cast<double>(model.typical_order_minor);
    json.begin_object().field("kind", guanxi::name_of(given.kind));
    json.field("events", given.events).field("orders_bp", given.each_micros / 100);
    json.field("each_minor", minor(each));
    json.field("sum_minor", minor(each * static_cast<double>(given.events))).end_object();
  }
  json.end_array().end_object();
}

void write_used(JsonWriter& json, const FitsReport& report) {
  json.key("fit");
  if (report.used == nullptr) {
    json.null();
    return;
  }
  const auto place = std::ranges::find(report.fits, report.used) - report.fits.begin();
  write_fit(json, *report.used, used_before(report.fits, static_cast<std::size_t>(place)));
}

void write_expected(JsonWriter& json, const PersonValue& value) {
  json.key("expected").begin_object();
  why_not_field(json, value.why_no_purchases);
  if (value.why_no_purchases == NotYet::nothing_missing) {
    json.field("alive_bp", share_bp(value.alive));
    json.field("next_90_milli", thousandths(value.next_90));
    json.field("next_365_milli", thousandths(value.next_365)).end_object();
  } else {
    json.field_null("alive_bp").field_null("next_90_milli").field_null("next_365_milli");
    json.end_object();
  }
}

std::string person_value_json(const Brand::View& view, PersonRef person, const FitsReport& report,
                              const Viewer& viewer) {
  const PersonValue value = value_of(view.image, view.model, person,
                                     report.used == nullptr ? nullptr : &report.used->fit);
  JsonWriter json;
  json.begin_object().field("id", viewer.id(view.image.id_text(person)));
  day_field(json, "as_of", value.as_of);
  json.key("model");
  write_model_name(json, view.model);
  json.key("currency");
  write_currency(json, view.currency);
  write_rules(json, view.model);
  write_used(json, report);
  write_history(json, value);
  write_expected(json, value);
  write_own(json, value);
  write_fission(json, value, view.image, viewer);
  write_derived(json, value, view.model);
  if (value.why_no_own == NotYet::nothing_missing) {
    json.field("total_minor", minor(value.own.mean + value.fission_minor + value.derived_minor));
  } else {
    json.field_null("total_minor");
  }
  json.end_object();
  return json.take();
}

Response person_value(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<FitsReport> report = context.brand->fits();
  if (!report) {
    return http::problem(report.error());
  }
  return with_view(context, [&](const Brand::View& view) {
    const Viewer viewer(request, *context.masking);
    const std::optional<PersonRef> person =
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
    return json_response(person_value_json(view, *person, *report, viewer));
  });
}

void sum_fields(JsonWriter& json, const ValueSums& sums) {
  json.field("people", sums.people).field("customers", sums.customers);
  json.field("valued", sums.valued).field("alive_milli", thousandths(sums.alive));
  json.field("next_365_milli", thousandths(sums.next_365));
  json.field("own_minor", minor(sums.own_minor)).field("fission_minor", minor(sums.fission_minor));
  json.field("derived_minor", minor(sums.derived_minor));
}

void write_summary(JsonWriter& json, const ValueSummary& summary) {
  json.key("all").begin_object();
  sum_fields(json, summary.all);
  json.end_object().field("own_least_minor", minor(summary.own_interval.least));
  json.field("own_most_minor", minor(summary.own_interval.most)).key("tiers").begin_array();
  for (std::size_t tier = 0; tier < summary.tiers.size(); ++tier) {
    json.begin_object().field("tier", guanxi::name_of(static_cast<Tier>(tier)));
    sum_fields(json, summary.tiers[tier]);
    json.end_object();
  }
  json.end_array().key("cohorts").begin_array();
  for (const ValueSummary::Cohort& cohort : summary.cohorts) {
    json.begin_object().field("year", cohort.year).field("quarter", cohort.quarter);
    sum_fields(json, cohort.sums);
    json.end_object();
  }
  json.end_array().key("lorenz_bp").begin_array();
  for (const double share : summary.lorenz) {
    json.value(share_bp(share));
  }
  json.end_array().field("gini_bp", share_bp(summary.gini));
}

std::string value_json(const Brand::View& view, const FitsReport& report) {
  const PeopleValues* const values = view.image.values();
  JsonWriter json;
  json.begin_object();
  day_field(json, "as_of", values == nullptr ? kNoDay : values->as_of);
  json.key("currency");
  write_currency(json, view.currency);
  write_rules(json, view.model);
  json.field("priced", view.model.value.priced);
  write_used(json, report);
  json.key("summary");
  if (values == nullptr) {
    json.null();
  } else {
    json.begin_object();
    write_summary(json, summarise(view.image));
    json.end_object();
  }
  json.end_object();
  return json.take();
}

Response brand_value(Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<FitsReport> report = context.brand->fits();
  if (!report) {
    return http::problem(report.error());
  }
  return with_view(context, [&](const Brand::View& view) {
    const std::string key =
        "value " + std::to_string(report->used == nullptr ? 0 : report->used->number);
    if (const auto kept = context.cache.find(view.image.version(), key)) {
      return json_response(*kept);
    }
    std::string body = value_json(view, *report);
    context.cache.keep(view.image.version(), key, body);
    return json_response(std::move(body));
  });
}

}  // namespace

void add_value_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  using access::Permission;
  const RouteAdder add(context, routes);
  add.get("/api/v1/people/{id}/value", "What one person is worth, and how that was made",
          Permission::look, person_value);
  add.get("/api/v1/value", "What everybody is worth, in three parts", Permission::look, brand_value,
          http::Lane::slow);
  add.get("/api/v1/fits", "Fits of the models that predict", Permission::look, list_fits);
  add.post("/api/v1/fits", "Fits them anew, in the background", Permission::decide, ask_fit);
  add.post("/api/v1/fits/stop", "Stops the fit that runs", Permission::decide, stop_fit);
}

}  // namespace guanxi::api
