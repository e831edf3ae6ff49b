#include "api/shapes.hpp"

#include <algorithm>

#include "events/kind_table.hpp"
#include "people/expression.hpp"
#include "people/need_model.hpp"
#include "relationship/facts.hpp"

namespace guanxi::api {
namespace {

const Word& fact_word(Fact fact) { return fact_words()[static_cast<std::size_t>(fact)]; }

}  // namespace

std::string hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = out.size(); i-- > 0; value >>= 4U) {
    out[i] = kDigits[value & 15U];
  }
  return out;
}

std::int64_t within_json(std::int64_t value) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 53U) - 1;
  return std::clamp(value, -kMost, kMost);
}

void day_field(JsonWriter& json, std::string_view name, Day day) {
  if (day == kNoDay) {
    json.field_null(name);
  } else {
    json.field(name, std::string_view(to_string(day)));
  }
}

void moment_field(JsonWriter& json, std::string_view name, std::optional<Instant> instant) {
  if (instant) {
    json.field(name, std::string_view(to_string(*instant)));
  } else {
    json.field_null(name);
  }
}

void text_field(JsonWriter& json, std::string_view name, std::string_view text) {
  if (text.empty()) {
    json.field_null(name);
  } else {
    json.field(name, text);
  }
}

void write_word(JsonWriter& json, const Word& word) {
  json.begin_object().field("name", word.name).field("en", word.en).field("zh", word.zh);
  json.end_object();
}

void write_kind_word(JsonWriter& json, EventKind kind) {
  write_word(json, Word{guanxi::name_of(kind), title_of(kind, Language::en),
                        title_of(kind, Language::zh)});
}

void model_name_fields(JsonWriter& json, const Model& model) {
  json.field("name", std::string_view(model.name));
  json.field("version", std::string_view(model.version));
  json.field("hash", std::string_view(hex(model.hash)));
}

void write_model_name(JsonWriter& json, const Model& model) {
  json.begin_object();
  model_name_fields(json, model);
  json.end_object();
}

void write_currency(JsonWriter& json, Currency currency) {
  json.begin_object().field("code", currency.text());
  json.field("minor_digits", currency.named() ? currency.minor_digits() : 2U);
  json.end_object();
}

void write_unobservable(JsonWriter& json, Fact fact, const Model& model) {
  json.begin_object().field("fact", guanxi::name_of(fact));
  json.field("en", fact_word(fact).en).field("zh", fact_word(fact).zh);
  json.key("connect").begin_array();
  for (const EventKind kind : kinds_showing(fact, model)) {
    write_kind_word(json, kind);
  }
  json.end_array().end_object();
}

void write_unobservable_facts(JsonWriter& json, const Model& model) {
  json.begin_array();
  for (int fact = 0; fact < kFacts; ++fact) {
    if (!model.observable(static_cast<Fact>(fact))) {
      write_unobservable(json, static_cast<Fact>(fact), model);
    }
  }
  json.end_array();
}

void write_flags(JsonWriter& json, std::uint8_t flags) {
  json.begin_array();
  for (std::size_t bit = 0; bit < flag_words().size(); ++bit) {
    if ((flags >> bit & 1U) != 0) {
      json.string(flag_words()[bit].name);
    }
  }
  json.end_array();
}

void write_kinds(JsonWriter& json, std::uint64_t kinds) {
  json.begin_array();
  for (unsigned kind = 0; kind < kEventKinds; ++kind) {
    if ((kinds >> kind & 1U) != 0) {
      json.string(guanxi::name_of(static_cast<EventKind>(kind)));
    }
  }
  json.end_array();
}

void reading_fields(JsonWriter& json, const Reading& reading) {
  json.field("tier", guanxi::name_of(reading.tier));
  json.field("velocity", guanxi::name_of(reading.velocity));
  json.field("index_milli", reading.index_milli);
  json.field("trust_bp", bp(reading.trust_16));
  json.field("uncertainty_bp", bp(reading.uncertainty_16));
  json.field("depth_bp", bp(reading.depth_16));
}

// Of a row in a list, and the columns they stand in.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kValueFields = {
    {{"alive_bp", "p_alive"},
     {"expected_365_milli", "expected_365"},
     {"own_value_minor", "own_value"},
     {"fission_value_minor", "fission_value"},
     {"derived_value_minor", "derived_value"},
     {"value_minor", "value"},
     {"class", "class"},
     {"grade", "grade"},
     {"potential_minor", "potential"}}};

void write_person_row(JsonWriter& json, const Image& image, PersonRef person,
                      const Viewer& viewer) {
  const Columns& columns = image.columns(person.shard);
  const std::uint32_t row = person.index;
  json.begin_object().field("id", viewer.id(image.id_text(person)));
  json.field("tier", guanxi::name_of(static_cast<Tier>(columns.tier[row])));
  json.field("velocity", guanxi::name_of(static_cast<Velocity>(columns.velocity[row])));
  json.field("index_milli", columns.index_milli[row]);
  json.field("trust_bp", columns.trust[row]);
  json.field("uncertainty_bp", columns.uncertainty[row]);
  json.field("depth_bp", columns.depth[row]);
  json.field("events", image.state(person).events);
  json.field("orders", columns.orders[row]);
  json.field("spent_minor", columns.spent_minor[row]);
  day_field(json, "first_day", day_of(columns.first_day[row]));
  const Day last_order = day_of(columns.last_order_day[row]);
  day_field(json, "last_order_day", last_order);
  if (last_order == kNoDay) {
    json.field_null("silence_days");
  } else {
    json.field("silence_days", image.as_of().number - last_order.number);
  }
  day_field(json, "tier_since", day_of(columns.tier_since[row]));
  json.field("no_marketing", (image.stance(person) & kNoMarketing) != 0);
  const NextNeed next =
      image.next_needs() == nullptr ? NextNeed() : image.next_needs()->next(image, person);
  day_field(json, "next_due", next.day);
  text_field(json, "next_due_product",
             next.product == ProductIndex::kNone
                 ? std::string_view()
                 : std::string_view(image.next_needs()->model().products().name(next.product)));
  for (const auto& [field, name] : kValueFields) {
    const std::int64_t value = column_value(image, column_named(name), person);
    if (value == kNoValue) {
      json.field_null(field);
    } else {
      json.field(field, value);
    }
  }
  json.end_object();
}

void write_work(JsonWriter& json, std::string_view name, const std::optional<Work>& work,
                const Viewer& viewer) {
  if (!work) {
    json.field_null(name);
    return;
  }
  json.key(name).begin_object().field("name", std::string_view(work->name));
  json.field("phase", std::string_view(work->phase));
  text_field(json, "detail", viewer.text(work->detail));
  json.field("done", work->done);
  if (work->total == 0) {
    json.field_null("total");
  } else {
    json.field("total", work->total);
  }
  json.field("unit", std::string_view(work->unit)).field("per_second", work->per_second);
  if (work->seconds_left) {
    json.field("seconds_left", *work->seconds_left);
  } else {
    json.field_null("seconds_left");
  }
  moment_field(json, "started_at", work->started_at);
  moment_field(json, "finished_at", work->finished_at);
  if (work->ok) {
    json.field("ok", *work->ok);
  } else {
    json.field_null("ok");
  }
  text_field(json, "message", viewer.text(work->message));
  json.end_object();
}

void write_trust(JsonWriter& json, const Explanation& explanation, const Model& model) {
  const Standing standing = standing_on(explanation.state, model, explanation.day);
  json.begin_object();
  json.field("good_16", standing.good_16).field("bad_16", standing.bad_16);
  json.field("prior_16", model.prior_weight_16);
  json.field("initial_16", explanation.state.initial_trust_16);
  json.field("expectation_16", explanation.state.expectation_16).end_object();
}

void write_dimensions(JsonWriter& json, const Explanation& explanation) {
  json.begin_array();
  for (const DimensionLine& line : explanation.dimensions) {
    json.begin_object().field("dimension", guanxi::name_of(line.dimension));
    json.field("observable", line.observable).field("invested_16", line.invested_16);
    json.field("depth_bp", bp(line.depth_16)).field("weight_bp", bp(line.weight_16));
    json.field("index_milli", line.index_milli).end_object();
  }
  json.end_array();
}

void posting_fields(JsonWriter& json, const Posting& posting) {
  day_field(json, "day", posting.day);
  json.field("from", guanxi::name_of(posting.from)).field("to", guanxi::name_of(posting.to));
  json.field("rise", posting.to > posting.from).field("cause", name_of(posting.cause));
  json.field("fact", guanxi::name_of(posting.fact));
  json.field("value", within_json(posting.value));
  json.field("value_text", std::string_view(fact_text(posting.fact, posting.value)));
  json.field("bar", within_json(posting.bar));
  json.field("bar_text", std::string_view(fact_text(posting.fact, posting.bar)));
  if (posting.event_id_hash == 0) {
    json.field_null("event_ordinal");
  } else {
    json.field("event_ordinal", posting.event_ordinal);
  }
}

void write_check(JsonWriter& json, const ConditionCheck& check) {
  const Condition& condition = check.condition;
  json.begin_object().field("fact", guanxi::name_of(condition.fact));
  json.field("at_least", condition.at_least).field("option", check.option);
  json.field("observable", check.observable);
  json.field("enters", check.enters).field("keeps", check.keeps);
  json.field("value", within_json(check.value));
  json.field("value_text", std::string_view(fact_text(condition.fact, check.value)));
  json.field("enter", within_json(condition.enter));
  json.field("enter_text", std::string_view(fact_text(condition.fact, condition.enter)));
  json.field("keep", within_json(condition.keep));
  json.field("keep_text", std::string_view(fact_text(condition.fact, condition.keep)));
  json.field("en", fact_word(condition.fact).en).field("zh", fact_word(condition.fact).zh);
  json.end_object();
}

void evidence_fields(JsonWriter& json, const EvidenceLine& line, const Model& model) {
  json.field("rule", std::string_view(model.rules[line.rule].name));
  json.field("dimension", guanxi::name_of(line.dimension));
  json.field("first_16", line.first_16).field("worth_16", line.worth_16);
  json.field("good_16", line.good_16).field("bad_16", line.bad_16);
  json.field("index_milli", line.index_milli);
}

}  // namespace guanxi::api
