#include <charconv>
#include <cmath>

#include "base/json_writer.hpp"
#include "events/json_tree.hpp"
#include "people/purchase_fit.hpp"

namespace guanxi {
namespace {

void write_report(JsonWriter& json, const FitReport& report) {
  json.field("log_likelihood", report.log_likelihood)
      .field("customers", report.customers)
      .field("distinct", report.distinct)
      .field("evaluations", report.evaluations)
      .field("steepness", report.steepness);
  json.key("covariance_of_logs").begin_array();
  for (const double value : report.covariance) {
    json.value(value);
  }
  json.end_array();
}

void write_parameters(JsonWriter& json, const std::vector<KnownParameter>& parameters) {
  json.key("parameters").begin_object();
  for (const KnownParameter& parameter : parameters) {
    json.field(parameter.name, parameter.value);
  }
  json.end_object().key("standard_errors").begin_object();
  for (const KnownParameter& parameter : parameters) {
    if (parameter.standard_error) {
      json.field(parameter.name, *parameter.standard_error);
    } else {
      json.field_null(parameter.name);
    }
  }
  json.end_object();
}

void write_totals(JsonWriter& json, std::string_view name,
                  const std::optional<PurchaseFit::Totals>& totals) {
  if (totals) {
    json.key(name).begin_object();
    json.field("next_90", totals->next_90).field("next_365", totals->next_365).end_object();
  }
}

void write_candidates(JsonWriter& json, const std::vector<PurchaseFit::Candidate>& candidates) {
  json.key("candidates").begin_array();
  for (const PurchaseFit::Candidate& candidate : candidates) {
    json.begin_object().field("name", candidate.name);
    if (candidate.log_likelihood) {
      json.field("log_likelihood", *candidate.log_likelihood);
    } else {
      json.field("refused", candidate.refused);
    }
    json.end_object();
  }
  json.end_array();
}

/// Reads members of one object; the first that is missing or no number is kept.
///
/// Place       purchase_fit_from_json().
/// Threads     One owner.
class Members {
 public:
  Members(const JsonNode* node, std::string& trouble) : node_(node), trouble_(trouble) {}

  [[nodiscard]] const JsonNode* find(std::string_view name) const {
    return node_ == nullptr ? nullptr : node_->find(name);
  }
  [[nodiscard]] Members object(std::string_view name) const { return {find(name), trouble_}; }
  [[nodiscard]] bool present() const { return node_ != nullptr; }
  [[nodiscard]] std::string text(std::string_view name) const {
    const JsonNode* found = find(name);
    return found == nullptr ? std::string() : std::string(found->text);
  }
  template <typename T>
  [[nodiscard]] T number(std::string_view name) const {
    return number_in<T>(find(name), name);
  }
  template <typename T>
  [[nodiscard]] std::optional<T> maybe(std::string_view name) const {
    return find(name) == nullptr ? std::nullopt : std::optional(number<T>(name));
  }
  [[nodiscard]] std::vector<double> numbers(std::string_view name) const {
    std::vector<double> values;
    if (const JsonNode* list = find(name); list != nullptr) {
      for (const JsonNode& child : *list) {
        values.push_back(number_in<double>(&child, name));
      }
    }
    return values;
  }

 private:
  template <typename T>
  [[nodiscard]] T number_in(const JsonNode* found, std::string_view name) const {
    T value{};
    const bool read =
        found != nullptr && found->type == JsonType::number &&
        std::from_chars(found->text.data(), found->text.data() + found->text.size(), value).ec ==
            std::errc();
    if (!read && trouble_.empty()) {
      trouble_ = std::string(name) + " is missing or no number";
    }
    return value;
  }

  const JsonNode* node_;
  std::string& trouble_;
};

FitReport report_of(const Members& members) {
  FitReport report;
  report.log_likelihood = members.number<double>("log_likelihood");
  report.customers = members.number<std::uint64_t>("customers");
  report.distinct = members.number<std::uint64_t>("distinct");
  report.evaluations = members.number<std::uint32_t>("evaluations");
  report.steepness = members.number<double>("steepness");
  report.covariance = members.numbers("covariance_of_logs");
  return report;
}

Result<void> read_buying(const Members& members, PurchaseFit& fit) {
  const Members parameters = members.object("parameters");
  const BetaGeometricKind kind{
      members.text("dropout") == "after_every" ? Dropout::after_every : Dropout::after_repeat,
      members.number<std::uint32_t>("k")};
  GUANXI_TRY(model, BetaGeometric::create(
                        {parameters.number<double>("r"), parameters.number<double>("alpha_days"),
                         parameters.number<double>("a"), parameters.number<double>("b")},
                        kind));
  fit.buying.emplace(BetaGeometricFit{.model = model, .report = report_of(members)});
  return {};
}

Result<void> read_spending(const Members& members, PurchaseFit& fit) {
  const Members parameters = members.object("parameters");
  GUANXI_TRY(model,
             GammaGamma::create({parameters.number<double>("p"), parameters.number<double>("q"),
                                 parameters.number<double>("v")}));
  fit.spending.emplace(GammaGammaFit{.model = model, .report = report_of(members)});
  return {};
}

std::optional<PurchaseFit::Totals> totals_of(const Members& members) {
  if (!members.present()) {
    return std::nullopt;
  }
  return PurchaseFit::Totals{members.number<double>("next_90"), members.number<double>("next_365")};
}

Result<PurchaseFit> read_fit(const Members& root, std::string& trouble) {
  PurchaseFit fit;
  fit.as_of = Day{root.number<std::int32_t>("as_of")};
  fit.choice = purchase_choice_named(root.text("choice")).value_or(PurchaseChoice::likeliest);
  fit.data_hash = root.text("data_hash");
  fit.customers = root.number<std::uint64_t>("customers");
  fit.repeaters = root.number<std::uint64_t>("repeaters");
  fit.purchases = root.number<std::uint64_t>("purchases");
  fit.spenders = root.number<std::uint64_t>("spenders");
  fit.spend_correlation = root.maybe<double>("spend_correlation");
  fit.buying_refused = root.text("buying_refused");
  fit.spending_refused = root.text("spending_refused");
  if (const JsonNode* list = root.find("candidates"); list != nullptr) {
    for (const JsonNode& child : *list) {
      const Members candidate(&child, trouble);
      fit.candidates.push_back({candidate.text("name"), candidate.maybe<double>("log_likelihood"),
                                candidate.text("refused")});
    }
  }
  if (const Members buying = root.object("buying"); buying.present()) {
    GUANXI_TRY_VOID(read_buying(buying, fit));
  }
  if (const Members spending = root.object("spending"); spending.present()) {
    GUANXI_TRY_VOID(read_spending(spending, fit));
  }
  fit.totals = totals_of(root.object("totals"));
  fit.totals_before = totals_of(root.object("totals_before"));
  return fit;
}

}  // namespace

std::string to_json(const PurchaseFit& fit) {
  JsonWriter json;
  json.begin_object()
      .field("as_of", fit.as_of.number)
      .field("choice", name_of(fit.choice))
      .field("data_hash", fit.data_hash)
      .field("customers", fit.customers)
      .field("repeaters", fit.repeaters)
      .field("purchases", fit.purchases)
      .field("spenders", fit.spenders);
  if (fit.spend_correlation) {
    json.field("spend_correlation", *fit.spend_correlation);
  }
  write_candidates(json, fit.candidates);
  if (fit.buying) {
    const BetaGeometricKind& kind = fit.buying->model.kind();
    json.key("buying").begin_object().field("model", name_of(kind));
    json.field("dropout", kind.dropout == Dropout::after_every ? "after_every" : "after_repeat")
        .field("k", kind.stages);
    write_parameters(json, parameters_of(*fit.buying));
    write_report(json, fit.buying->report);
    json.end_object();
  } else {
    json.field("buying_refused", fit.buying_refused);
  }
  if (fit.spending) {
    json.key("spending").begin_object().field("model", "Gamma-Gamma");
    write_parameters(json, parameters_of(*fit.spending));
    write_report(json, fit.spending->report);
    json.end_object();
  } else {
    json.field("spending_refused", fit.spending_refused);
  }
  write_totals(json, "totals", fit.totals);
  write_totals(json, "totals_before", fit.totals_before);
  json.end_object();
  return json.take();
}

Result<PurchaseFit> purchase_fit_from_json(std::string_view json) {
  JsonTree tree;
  std::string trouble;
  if (const auto parsed = tree.parse(json); !parsed) {
    return fail(ErrorCode::corrupted, "a fit in the log cannot be read: " + parsed.error().message);
  }
  auto fit = read_fit(Members(&tree.root(), trouble), trouble);
  if (!fit) {
    trouble = fit.error().message;
  }
  if (!trouble.empty()) {
    return fail(ErrorCode::corrupted, "a fit in the log cannot be read: " + trouble);
  }
  return fit;
}

}  // namespace guanxi
