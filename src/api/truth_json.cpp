#include "api/truth_json.hpp"

#include "api/shapes.hpp"

namespace guanxi::api {
namespace {

constexpr std::array<Foretold, 3> kAmounts = {Foretold::purchases, Foretold::spend,
                                              Foretold::activity};

void optional_field(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  if (value) {
    json.field(name, *value);
  } else {
    json.field_null(name);
  }
}

void write_tier(JsonWriter& json, const TierOutcome& tier) {
  json.begin_object()
      .field("tier", guanxi::name_of(tier.tier))
      .field("people", tier.people)
      .field("buyers", tier.buyers)
      .field("repeat_rate", tier.repeat_rate)
      .field("mean_purchases", tier.mean_purchases)
      .field("mean_spend_minor", tier.mean_spend_minor)
      .field("mean_refunds", tier.mean_refunds)
      .field("mean_refunded_minor", tier.mean_refunded_minor)
      .field("mean_complaints", tier.mean_complaints)
      .field("mean_referred_orders", tier.mean_referred_orders)
      .end_object();
}

void error_fields(JsonWriter& json, const ForecastErrors& errors) {
  json.field("mae", errors.mean_absolute)
      .field("rmse", errors.root_mean_square)
      .field("bias", errors.bias)
      .field("forecast_sum", errors.forecast_sum)
      .field("actual_sum", errors.actual_sum);
  optional_field(json, "correlation", errors.correlation);
}

void write_judged(JsonWriter& json, const Judged& judged) {
  json.begin_object();
  error_fields(json, judged.errors);
  optional_field(json, "brier", judged.chance ? std::optional(judged.chance->brier) : std::nullopt);
  optional_field(json, "log_loss",
                 judged.chance ? std::optional(judged.chance->log_loss) : std::nullopt);
  json.key("parts").begin_array();
  for (const ForecastPart& part : judged.parts) {
    json.begin_object()
        .field("part", std::uint64_t{part.part})
        .field("people", part.people)
        .field("forecast", part.forecast)
        .field("actual", part.actual.value)
        .field("least", part.actual.least)
        .field("most", part.actual.most)
        .end_object();
  }
  json.end_array().key("tiers").begin_array();
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    json.begin_object().field("tier", guanxi::name_of(static_cast<Tier>(tier)));
    error_fields(json, judged.by_tier[tier]);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_fitted(JsonWriter& json, const std::optional<FittedParameters>& fitted) {
  if (!fitted) {
    json.null();
    return;
  }
  json.begin_object().field("model", fitted->model);
  json.field("log_likelihood", fitted->log_likelihood).key("parameters").begin_array();
  for (const FittedParameters::Parameter& parameter : fitted->parameters) {
    json.begin_object().field("name", parameter.name).field("value", parameter.value);
    optional_field(json, "standard_error", parameter.standard_error);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_catches(JsonWriter& json, const std::vector<Catch>& catches) {
  json.begin_array();
  for (const Catch& caught : catches) {
    json.begin_object()
        .field("part", std::uint64_t{caught.part})
        .field("people_share", caught.people_share)
        .field("caught_share", caught.caught_share)
        .end_object();
  }
  json.end_array();
}

void write_judgement(JsonWriter& json, const Judgement& judgement) {
  json.begin_object().field("name", guanxi::name_of(judgement.by));
  text_field(json, "missing", judgement.missing);
  text_field(json, "note", judgement.note);
  const auto& auc = judgement.auc;
  optional_field(json, "auc", auc ? std::optional(auc->value) : std::nullopt);
  optional_field(json, "auc_least", auc ? std::optional(auc->least) : std::nullopt);
  optional_field(json, "auc_most", auc ? std::optional(auc->most) : std::nullopt);
  optional_field(json, "spearman", judgement.spearman_spend);
  json.key("buyers_caught");
  write_catches(json, judgement.buyers_caught);
  json.key("spend_caught");
  write_catches(json, judgement.spend_caught);
  for (const Foretold what : kAmounts) {
    json.key(guanxi::name_of(what));
    if (const auto& judged = judgement.judged[static_cast<std::size_t>(what)]) {
      write_judged(json, *judged);
    } else {
      json.null();
    }
  }
  json.key("fitted");
  write_fitted(json, judgement.fitted);
  json.end_object();
}

void write_week(JsonWriter& json, const TrackedWeek& week, const Validation& validation) {
  json.begin_object();
  day_field(json, "from", week.from);
  json.field("purchases", week.purchases).key("expected").begin_object();
  for (const Judgement& judgement : validation.judgements) {
    if (judgement.fitted) {
      json.field(guanxi::name_of(judgement.by),
                 week.expected[static_cast<std::size_t>(judgement.by)]);
    }
  }
  json.end_object().end_object();
}

}  // namespace

void truth_fields(JsonWriter& json, const Validation& validation) {
  day_field(json, "at", validation.at);
  json.field("horizon_days", validation.horizon_days)
      .field("people", validation.people)
      .field("buyers", validation.buyers)
      .field("repeat_rate", validation.repeat_rate)
      .field("purchases", validation.purchases)
      .field("spend_minor", within_json(validation.spend_minor))
      .field("repeat_rate_rises", validation.repeat_rate_rises);
  json.key("tiers").begin_array();
  for (const TierOutcome& tier : validation.tiers) {
    write_tier(json, tier);
  }
  json.end_array().key("predictors").begin_array();
  for (const Judgement& judgement : validation.judgements) {
    write_judgement(json, judgement);
  }
  json.end_array().key("deciles").begin_array();
  for (const Decile& decile : validation.deciles) {
    json.begin_object()
        .field("people", decile.people)
        .field("mean_index", decile.mean_index)
        .field("repeat_rate", decile.repeat_rate)
        .field("mean_spend_minor", decile.mean_spend_minor)
        .end_object();
  }
  json.end_array().key("weeks").begin_array();
  for (const TrackedWeek& week : validation.weeks) {
    write_week(json, week, validation);
  }
  json.end_array().key("spend_fit");
  write_fitted(json, validation.spend_fit);
  text_field(json, "spend_note", validation.spend_note);
  optional_field(json, "spend_purchase_correlation", validation.spend_purchase_correlation);
}

}  // namespace guanxi::api
