#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "base/hash.hpp"
#include "relationship/facts.hpp"
#include "relationship/model.hpp"
#include "toml/toml_reader.hpp"

namespace guanxi {
namespace {

constexpr std::int64_t kMicro = 1000000;
constexpr std::int64_t kMostDays = 36500;

std::uint32_t to_16(std::int64_t micros) {
  return static_cast<std::uint32_t>((micros * 65536 + kMicro / 2) / kMicro);
}
std::int32_t to_signed_16(std::int64_t micros) {
  return micros < 0 ? -static_cast<std::int32_t>(to_16(-micros))
                    : static_cast<std::int32_t>(to_16(micros));
}

template <typename Named>
std::vector<std::string> all_names(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.emplace_back(name_of(static_cast<Named>(i)));
  }
  return names;
}

void read_head(TomlReader& root, Model& model, Model::ZoneLoader zone_of,
               std::optional<std::string>& zone_problem) {
  TomlReader head = root.table("model", true);
  model.name = head.text("name");
  model.version = head.text("version");
  static_cast<void>(head.text("description", ""));
  const std::string currency = head.text("currency", "");
  if (!currency.empty()) {
    auto parsed = parse_currency(currency);
    if (parsed) {
      model.currency = *parsed;
    } else {
      head.complain("currency", parsed.error().message);
    }
  }
  const std::string zone = head.text("time_zone", "UTC");
  auto fixed = Zone::fixed(zone);
  if (!fixed && zone_of != nullptr) {
    fixed = zone_of(zone);
  }
  if (fixed) {
    model.zone = *fixed;
  } else {
    zone_problem = fixed.error().message;
    head.complain("time_zone", fixed.error().message);
  }
  head.finish();
}

void read_trust(TomlReader& root, Model& model) {
  TomlReader trust = root.table("trust", true);
  model.prior_weight_16 = to_16(trust.micros("prior_weight", kMicro / 100, 1000 * kMicro));
  model.good_half_life_days =
      static_cast<std::uint32_t>(trust.integer("good_half_life_days", 1, kMostDays));
  model.bad_half_life_days =
      static_cast<std::uint32_t>(trust.integer("bad_half_life_days", 1, kMostDays));
  model.expectation = static_cast<std::uint32_t>(trust.integer("expectation", 0, 100));
  model.surprise_16 = to_16(trust.micros("surprise", 0, 100 * kMicro));
  model.expectation_pace_16 = to_16(trust.micros("expectation_pace", 0, kMicro));
  TomlReader origins = trust.table("initial", true);
  const std::int64_t fallback = origins.micros("unknown", 0, kMicro);
  model.origin_trust_16[0] = to_16(fallback);
  for (std::size_t i = 1; i < kOrigins; ++i) {
    model.origin_trust_16[i] =
        to_16(origins.micros(name_of(static_cast<Origin>(i)), 0, kMicro, fallback));
  }
  origins.finish();
  trust.finish();
  if (model.bad_half_life_days < model.good_half_life_days) {
    trust.complain("bad_half_life_days",
                   "must not be shorter than good_half_life_days: bad news "
                   "decays slower");
  }
}

void read_dimensions(TomlReader& root, Model& model) {
  TomlReader dimensions = root.table("dimensions", true);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    TomlReader one = dimensions.table(name_of(static_cast<Dimension>(d)), true);
    model.half_life_days[d] =
        static_cast<std::uint32_t>(one.integer("half_life_days", 1, kMostDays));
    model.saturation_16[d] = to_16(one.micros("saturation", kMicro / 1000, 10000 * kMicro));
    model.stated_weight_16[d] = to_16(one.micros("weight", 0, 1000 * kMicro));
    one.finish();
  }
  dimensions.finish();
}

void read_brand(TomlReader& root, Model& model) {
  TomlReader brand = root.table("brand", true);
  model.typical_order_minor = brand.integer("typical_order_minor", 1, 1000000000000);
  model.typical_gap_days =
      static_cast<std::uint32_t>(brand.integer("typical_gap_days", 1, kMostDays));
  model.stretch_gap_days =
      static_cast<std::uint32_t>(brand.integer("half_lives_stated_for_gap_days", 0, kMostDays, 0));
  model.stretch_most_16 =
      to_16(brand.micros("half_lives_stretch_at_most", kMicro, 100 * kMicro, kMicro));
  brand.finish();
  TomlReader velocity = root.table("velocity", true);
  model.velocity.deepening_milli =
      static_cast<std::int32_t>(velocity.micros("deepening", 0, 100 * kMicro) / 1000);
  model.velocity.drifting_milli =
      static_cast<std::int32_t>(velocity.micros("drifting", 0, 100 * kMicro) / 1000);
  model.velocity.at_risk_rhythms_16 = to_16(velocity.micros("at_risk_rhythms", 0, 1000 * kMicro));
  model.velocity.lost_rhythms_16 = to_16(velocity.micros("lost_rhythms", 0, 1000 * kMicro));
  model.velocity.least_gap_days =
      static_cast<std::uint32_t>(velocity.integer("least_gap_days", 1, kMostDays));
  const std::string rhythm = velocity.text("rhythm", "mean");
  if (rhythm != "mean" && rhythm != "fitted") {
    velocity.complain("rhythm", "is \"" + rhythm + "\"; it may be mean, fitted");
  }
  model.rhythm_fitted = rhythm == "fitted";
  velocity.finish();
}

std::uint8_t read_flags(TomlReader& rule) {
  static const std::map<std::string, EventFlag, std::less<>> kNames = {
      {"full_price", kFullPrice},   {"prepaid", kPrepaid}, {"early", kEarly},
      {"by_customer", kByCustomer}, {"partial", kPartial}, {"reachable", kReachable}};
  std::uint8_t flags = 0;
  for (const std::string& word : rule.texts("flags", false)) {
    const auto found = kNames.find(word);
    if (found == kNames.end()) {
      rule.complain("flags", "'" + word +
                                 "' is no flag; valid: full_price, prepaid, early, "
                                 "by_customer, partial, reachable");
      return flags;
    }
    flags = static_cast<std::uint8_t>(flags | found->second);
  }
  return flags;
}

// One of a closed list of words, by its place in the list.
std::uint8_t choice(TomlReader& table, std::string_view key, const std::vector<std::string>& words,
                    const std::optional<std::string>& fallback) {
  const std::string word = table.text(key, fallback);
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) {
    table.complain(key, "'" + word + "' is not known; valid: " + joined(words));
    return 0;
  }
  return static_cast<std::uint8_t>(found - words.begin());
}

EvidenceRule read_rule_body(TomlReader& table) {
  EvidenceRule rule;
  rule.name = table.text("name");
  rule.dimension = static_cast<Dimension>(
      choice(table, "dimension", all_names<Dimension>(kDimensions), std::nullopt));
  rule.scale =
      static_cast<Scale>(choice(table, "scale", {"one", "amount", "minutes", "rating"}, "one"));
  rule.once = static_cast<Once>(
      choice(table, "once", {"event", "order", "day", "new_product", "repeat"}, "event"));
  rule.flags = read_flags(table);
  rule.weight_16 = to_signed_16(table.micros("weight", -1000 * kMicro, 1000 * kMicro, 0));
  rule.good_16 = to_16(table.micros("good", 0, 1000 * kMicro, 0));
  rule.bad_16 = to_16(table.micros("bad", 0, 1000 * kMicro, 0));
  rule.breach_16 = to_16(table.micros("breach", 0, kMicro, 0));
  rule.cap_16 = to_16(table.micros("cap", 0, 10000 * kMicro, 0));
  static_cast<void>(table.text("why", ""));
  return rule;
}

void read_evidence(TomlReader& root, Model& model) {
  std::uint8_t slots = 0;
  for (TomlReader& table : root.tables("evidence")) {
    EvidenceRule rule = read_rule_body(table);
    if (rule.once == Once::day) {
      if (slots == Model::kDaySlots) {
        table.complain("once", "at most 32 rules may count once a day");
        return;
      }
      rule.day_slot = slots++;
    }
    for (const std::string& word : table.texts("on", true)) {
      const auto kind = kind_named(word);
      if (!kind) {
        table.complain("on", "'" + word + "' is no kind of event; valid: " +
                                 joined(all_names<EventKind>(kEventKinds)));
        return;
      }
      rule.kind = *kind;
      model.rules.push_back(rule);
    }
    table.finish();
  }
  if (model.rules.empty()) {
    root.complain("evidence", "a model needs at least one [[evidence]] table");
  }
  std::stable_sort(model.rules.begin(), model.rules.end(),
                   [](const EvidenceRule& a, const EvidenceRule& b) { return a.kind < b.kind; });
  for (std::size_t i = 0; i < model.rules.size(); ++i) {
    const auto kind = static_cast<std::size_t>(model.rules[i].kind);
    if (model.rule_end[kind] == 0) {
      model.rule_begin[kind] = static_cast<std::uint16_t>(i);
    }
    model.rule_end[kind] = static_cast<std::uint16_t>(i + 1);
  }
}

Condition read_condition(TomlReader& table) {
  Condition condition;
  const std::string word = table.text("fact");
  const auto fact = fact_named(word);
  if (!fact) {
    table.complain("fact", "'" + word + "' is no fact; valid: " + joined(all_names<Fact>(kFacts)));
    return condition;
  }
  condition.fact = *fact;
  condition.at_least = !table.has("at_most");
  const std::string_view key = condition.at_least ? "at_least" : "at_most";
  const std::int64_t most = unit_of(*fact) == FactUnit::share_16 ? kMicro : 1000000 * kMicro;
  const std::int64_t enter = table.micros(key, 0, most);
  const std::int64_t keep = table.micros("keep", 0, most, enter);
  condition.enter = stored_from_micros(*fact, enter);
  condition.keep = stored_from_micros(*fact, keep);
  condition.where_observable = table.boolean("where_observable", false);
  if (condition.at_least ? keep > enter : keep < enter) {
    table.complain("keep", "must not be harder than the bar for entering");
  }
  table.finish();
  return condition;
}

void read_gates(TomlReader& root, Model& model) {
  TomlReader tiers = root.table("tiers", true);
  for (std::size_t t = 1; t < kTiers; ++t) {
    TomlReader one = tiers.table(name_of(static_cast<Tier>(t)), true);
    Gate& gate = model.gates[t];
    for (TomlReader& condition : one.tables("all")) {
      gate.all.push_back(read_condition(condition));
    }
    for (TomlReader& condition : one.tables("options")) {
      gate.options.push_back(read_condition(condition));
    }
    gate.options_needed = static_cast<std::uint32_t>(
        one.integer("options_needed", 0, static_cast<std::int64_t>(gate.options.size()), 0));
    if (gate.all.empty()) {
      one.complain("all", "a tier needs at least one condition");
    }
    one.finish();
  }
  tiers.finish();
}

// No part of the fold: a model file without it has the defaults, and no tariff.
void read_value(TomlReader& root, Model& model) {
  TomlReader value = root.table("value", false);
  if (!value.present()) {
    return;
  }
  Model::ValueRules& rules = model.value;
  rules.horizon_days = static_cast<std::uint32_t>(
      value.integer("horizon_days", 30, 3650, std::int64_t{rules.horizon_days}));
  rules.discount_micros = static_cast<std::uint32_t>(
      value.micros("discount_per_year", 0, kMicro, std::int64_t{rules.discount_micros}));
  rules.second_degree_micros = static_cast<std::uint32_t>(
      value.micros("second_degree_share", 0, kMicro, std::int64_t{rules.second_degree_micros}));
  rules.derived_days = static_cast<std::uint32_t>(
      value.integer("derived_days", 1, 3650, std::int64_t{rules.derived_days}));
  TomlReader tariff = value.table("tariff", false);
  rules.priced = tariff.present();
  if (rules.priced) {
    for (std::size_t kind = 1; kind < kEventKinds; ++kind) {
      rules.tariff_micros[kind] = static_cast<std::uint32_t>(
          tariff.micros(name_of(static_cast<EventKind>(kind)), 0, 100 * kMicro, 0));
    }
    tariff.finish();
  }
  value.finish();
}

}  // namespace

Result<Model> Model::parse(std::string_view toml_text, ZoneLoader zone_of) {
  GUANXI_TRY(root_table, parse_toml(toml_text));
  Model model;
  std::optional<TomlReader::Problem> problem;
  std::optional<std::string> zone_problem;
  TomlReader root(&root_table, "", problem);
  read_head(root, model, zone_of, zone_problem);
  read_brand(root, model);
  read_trust(root, model);
  read_dimensions(root, model);
  read_evidence(root, model);
  read_gates(root, model);
  read_value(root, model);
  root.finish();
  if (problem) {
    return fail(ErrorCode::invalid, problem->message);
  }
  model.source = std::string(toml_text);
  return model.with(Calibration{});
}

}  // namespace guanxi
