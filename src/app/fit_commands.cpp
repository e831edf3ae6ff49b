#include <array>
#include <cstdio>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "engine/fit_desk.hpp"

namespace guanxi::app {
namespace {

std::string text_of(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string signed_text(const std::optional<double>& value) {
  std::array<char, 40> text{};
  if (value) {
    std::snprintf(text.data(), text.size(), "%+.1f", *value);
  }
  return text.data();
}

void write_fit(JsonWriter& json, const LoggedFit& logged) {
  json.begin_object().field("number", logged.number);
  json.field("fitted_at", to_string(logged.fitted_at)).field("cause", logged.cause);
  json.field("actor", logged.actor).field("as_of", to_string(logged.fit.as_of));
  json.field("used", logged.fit.used()).field_raw("parameters", to_json(logged.fit));
  json.end_object();
}

void add_rows(Table& table, const std::string& model, const std::vector<KnownParameter>& parameters,
              const std::vector<ParameterDrift>& drift) {
  for (const KnownParameter& parameter : parameters) {
    std::optional<double> moved;
    for (const ParameterDrift& one : drift) {
      moved = one.name == parameter.name ? one.standard_errors : moved;
    }
    table.row({model, parameter.name, text_of(parameter.value),
               parameter.standard_error ? text_of(*parameter.standard_error) : "not known",
               signed_text(moved)});
  }
}

std::string described(const LoggedFit& logged, const LoggedFit* before) {
  const PurchaseFit& fit = logged.fit;
  std::string text = "fit " + std::to_string(logged.number) + " as of " + to_string(fit.as_of) +
                     ": " + grouped(fit.customers) + " customers, " + grouped(fit.repeaters) +
                     " of them bought again, on " + grouped(fit.purchases) + " days\n";
  if (!fit.used()) {
    return text + "not used: " + fit.buying_refused + "\n";
  }
  const std::vector<ParameterDrift> drift =
      before == nullptr ? std::vector<ParameterDrift>() : drift_of(before->fit, fit);
  Table table({{"model"},
               {"parameter"},
               {"value", true},
               {"standard error", true},
               {"moved (s.e.)", true}});
  add_rows(table, name_of(fit.buying->model.kind()), parameters_of(*fit.buying), drift);
  if (fit.spending) {
    add_rows(table, "Gamma-Gamma", parameters_of(*fit.spending), drift);
  }
  text += table.text();
  if (!fit.spending) {
    text += "no value in money: " + fit.spending_refused + "\n";
  }
  text += "expected purchases of all in 90 days: " + text_of(fit.totals->next_90) +
          ", in 365 days: " + text_of(fit.totals->next_365);
  if (fit.totals_before) {
    text += " (by the fit before: " + text_of(fit.totals_before->next_365) + ")";
  }
  return text + "\n";
}

const LoggedFit* used_before(const std::vector<SharedFit>& fits, std::uint64_t number) {
  const LoggedFit* found = nullptr;
  for (const SharedFit& fit : fits) {
    found = fit->number < number && fit->fit.used() ? fit.get() : found;
  }
  return found;
}

}  // namespace

int run_fit(const Common& common, const std::string& model) {
  const auto choice = purchase_choice_named(model.empty() ? "likeliest" : model);
  if (!choice) {
    return report(Error{ErrorCode::invalid,
                        "'" + model +
                            "' is no model; valid: likeliest, bg_nbd, mbg_nbd, bg_cnbd_k, "
                            "mbg_cnbd_k"},
                  common.json);
  }
  return writing(common, [&](Engine& engine) -> Result<int> {
    show_progress(engine.fits().board(), common);
    GUANXI_TRY(fit, engine.fits().fit_now({.choice = *choice, .cause = "asked"}));
    if (common.json) {
      JsonWriter json;
      write_fit(json, *fit);
      print(json.text() + "\n");
    } else {
      print(described(*fit, used_before(engine.fits().fits(), fit->number)));
    }
    return static_cast<int>(fit->fit.used() ? Exit::ok : Exit::refused);
  });
}

int run_fit_list(const Common& common, std::uint64_t limit) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    const std::vector<SharedFit> fits = engine.fits().fits();
    const SharedFit used = engine.fits().used();
    JsonWriter json;
    json.begin_object().key("fits").begin_array();
    std::string text;
    std::uint64_t shown = 0;
    for (auto fit = fits.rbegin(); fit != fits.rend() && shown < limit; ++fit, ++shown) {
      write_fit(json, **fit);
      text += described(**fit, used_before(fits, (*fit)->number)) +
              (used == *fit ? "this one is in use\n" : "") + "\n";
    }
    json.end_array().end_object();
    print(common.json ? json.text() + "\n" : text.empty() ? "nothing was fitted\n" : text);
    return 0;
  });
}

}  // namespace guanxi::app
