#include "api/need_shapes.hpp"

#include <cmath>

namespace guanxi::api {
namespace {

std::int64_t milli(double value) { return within_json(std::llround(value * 1000)); }
std::int64_t share_bp(double share) { return std::llround(share * 10'000); }

void write_share(JsonWriter& json, std::string_view name, const BelievedShare& share) {
  json.key(name).begin_object().field("mean_bp", share_bp(share.mean));
  json.field("least_bp", share_bp(share.least)).field("most_bp", share_bp(share.most));
  json.field("happened", std::llround(share.happened));
  json.field("of", std::llround(share.of)).end_object();
}

void write_wanting(JsonWriter& json, const DemandRow& row) {
  const ProductFacts& facts = *row.facts;
  json.key("wanting").begin_object().field("people", row.wanting);
  for (std::size_t signal = 1; signal < kSignals; ++signal) {
    json.field(guanxi::name_of(static_cast<Signal>(signal)), facts.wanting[signal]);
  }
  json.field("ideas", facts.idea_people);
  json.field("buyers_milli", milli(row.wanting_buyers)).end_object();
}

// A spreadsheet takes a cell that begins so for a formula.
std::string cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    text.insert(text.begin(), '\'');
  }
  std::string out = "\"";
  for (const char c : text) {
    out += c == '"' ? std::string("\"\"") : std::string(1, c);
  }
  return out + '"';
}

}  // namespace

std::string NeedShapes::name(std::uint32_t product) const {
  return viewer_.subject(EventKind::order_line, report_.model->products().name(product));
}

std::string NeedShapes::title(std::uint32_t product) const {
  return product < report_.titles.size()
             ? viewer_.title(EventKind::order_line, report_.titles[product])
             : std::string();
}

void NeedShapes::product_fields(JsonWriter& json, std::uint32_t product) const {
  json.field("product", name(product));
  text_field(json, "title", title(product));
}

void NeedShapes::report_fields(JsonWriter& json) const {
  const NeedModel& model = *report_.model;
  day_field(json, "day", model.day());
  json.field("horizon_days", model.horizon_days());
  moment_field(json, "built_at", report_.built_at);
  json.field("built_in_ms", std::llround(report_.seconds * 1000));
  text_field(json, "note", model.note());
  const NeedCheck& check = model.check();
  json.key("check").begin_object();
  day_field(json, "stand", check.stand);
  json.field("expected_milli", milli(check.expected)).field("came", check.came);
  json.field("products", check.products).field("within_bp", share_bp(check.within));
  json.field("dispersion_milli", milli(check.dispersion));
  json.field("learned_from", check.rows).field("learned_bought", check.bought).end_object();
}

void no_report_fields(JsonWriter& json) {
  for (const std::string_view name :
       {"day", "horizon_days", "built_at", "built_in_ms", "note", "check"}) {
    json.field_null(name);
  }
}

void NeedShapes::write_row(JsonWriter& json, const DemandRow& row) const {
  const ProductFacts& facts = *row.facts;
  json.begin_object();
  product_fields(json, row.product);
  json.field("buyers", facts.buyers).field("purchases", facts.purchases);
  json.field("nobody_purchases", facts.nobody_purchases).field("units", facts.units);
  json.field("returned_units", facts.returned_units);
  json.field("spent_minor", within_json(facts.amount_minor));
  write_share(json, "converts", row.converts);
  write_share(json, "repeats", row.repeats);
  write_share(json, "look_buys", row.look_buys);
  write_share(json, "rating", row.rating);
  json.field("due_people", row.due_people);
  json.field("again_milli", milli(row.again)).field("fresh_milli", milli(row.fresh));
  json.key("forecast").begin_object().field("mean_milli", milli(row.units.mean));
  json.field("least_milli", milli(row.units.least));
  json.field("most_milli", milli(row.units.most)).end_object();
  json.field("order_units", within_json(std::llround(std::ceil(row.order.quantity - 1e-9))));
  write_wanting(json, row);
  json.key("weeks").begin_array();
  for (std::size_t week = ProductFacts::kWeeks; week > 0; --week) {
    json.value(facts.weeks[week - 1]);
  }
  json.end_array().end_object();
}

void NeedShapes::write_need(JsonWriter& json, const Need& need) const {
  const auto has = [&](Need::Reason reason) { return (need.reasons & reason) != 0; };
  json.begin_object();
  product_fields(json, need.product);
  json.field("chance_bp", share_bp(need.chance));
  if (has(Need::kDue)) {
    json.key("due").begin_object().field("bought_days", need.record.bought_days);
    day_field(json, "last_bought", need.record.last_bought);
    json.field("last_ordinal", need.record.last_ordinal);
    json.field("typical_gap_milli", milli(need.typical_gap_days));
    day_field(json, "expected", need.expected);
    day_field(json, "least", need.least);
    day_field(json, "most", need.most);
    json.field("gone_bp", share_bp(need.gone)).end_object();
  } else {
    json.field_null("due");
  }
  if (has(Need::kGoesWith)) {
    json.key("goes_with").begin_object();
    product_fields(json, need.because_of);
    json.field("affinity_milli", milli(need.affinity));
    json.field("together", need.together.together);
    json.field("lift_milli", milli(need.together.lift));
    json.field("surprise_milli", milli(need.together.likelihood_ratio)).end_object();
  } else {
    json.field_null("goes_with");
  }
  if (has(Need::kLooked)) {
    json.key("looked").begin_object().field("looks", need.record.looks);
    json.field("signal", guanxi::name_of(need.record.signal));
    day_field(json, "last_look", need.record.last_look);
    json.field("ordinal", need.record.look_ordinal).end_object();
  } else {
    json.field_null("looked");
  }
  json.end_object();
}

void NeedShapes::write_due(JsonWriter& json, const std::string& id, const Need& need) const {
  json.begin_object().field("id", viewer_.id(id));
  product_fields(json, need.product);
  day_field(json, "expected", need.expected);
  day_field(json, "least", need.least);
  day_field(json, "most", need.most);
  json.field("chance_bp", share_bp(need.chance)).field("bought_days", need.record.bought_days);
  json.field("typical_gap_milli", milli(need.typical_gap_days));
  day_field(json, "last_bought", need.record.last_bought);
  json.field("last_ordinal", need.record.last_ordinal).end_object();
}

std::string NeedShapes::due_head() {
  return "person,product,title,expected,least,most,chance,bought_days,typical_gap_days,"
         "last_bought\r\n";
}

std::string NeedShapes::due_line(const std::string& id, const Need& need) const {
  JsonWriter chance;
  chance.decimal(share_bp(need.chance), 4);
  JsonWriter gap;
  gap.decimal(std::llround(need.typical_gap_days * 10), 1);
  return cell(viewer_.id(id)) + ',' + cell(name(need.product)) + ',' + cell(title(need.product)) +
         ',' + to_string(need.expected) + ',' + to_string(need.least) + ',' + to_string(need.most) +
         ',' + chance.text() + ',' + std::to_string(need.record.bought_days) + ',' + gap.text() +
         ',' + to_string(need.record.last_bought) + "\r\n";
}

}  // namespace guanxi::api
