#include "api/shapes.hpp"
#include "api/words.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "relationship/explain.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi::app {
namespace {

struct Asked {
  std::unique_ptr<Engine> engine;
  std::string id;
  std::vector<std::string> ids;
  Explanation why;
};

std::string share(std::uint32_t value_16) {
  return decimal((std::int64_t{value_16} * 1000 + kOne16 / 2) / kOne16, 3);
}

std::string points(std::int64_t value_16) {
  const bool negative = value_16 < 0;
  const std::int64_t milli = ((negative ? -value_16 : value_16) * 1000 + kOne16 / 2) / kOne16;
  return (negative ? "-" : "") + decimal(milli, 3);
}

Result<Asked> ask(const Common& common, const std::string& id, const std::string& at) {
  Asked asked;
  GUANXI_TRY(engine, open_for_reading(common));
  asked.engine = std::move(engine);
  const ReadAccess access = asked.engine->read();
  GUANXI_TRY(person, person_named(access.image(), id));
  if (access.image().only_stored(person)) {
    GUANXI_TRY_VOID(leave_trace(common, {.action = "person.look",
                                         .person = access.image().id_text(person),
                                         .outcome = "refused: only stored"}));
    return fail(ErrorCode::conflict,
                "their data is only stored, as they asked: see guanxi privacy show");
  }
  GUANXI_TRY(day, day_or_latest(at, access.image()));
  FoldMemory memory;
  asked.id = access.image().id_text(person);
  asked.ids = access.image().ids(person);
  asked.why = explain(access.image().timeline(person), access.model(), day, memory);
  return asked;
}

std::string standing_text(const Asked& asked, Currency currency) {
  const Reading& reading = asked.why.reading;
  const State& state = asked.why.state;
  const api::Word& tier = api::tier_words()[static_cast<std::size_t>(reading.tier)];
  std::string text = asked.id + " at the close of " + day_text(asked.why.day) + "\n";
  text += "  tier         " + std::string(tier.en) + " " + std::string(tier.zh) + ", since " +
          day_text(state.tier_since) + "\n";
  text += "  velocity     " + std::string(name_of(reading.velocity)) + "\n";
  text += "  index        " + decimal(reading.index_milli, 3) + " = 100 x trust " +
          share(reading.trust_16) + " x depth " + share(reading.depth_16) + "\n";
  text += "  uncertainty  " + share(reading.uncertainty_16) + " of the trust is first impression\n";
  text += "  orders       " + std::to_string(state.orders) + " on " +
          std::to_string(state.order_days) + " days, " + std::to_string(state.orders_returned) +
          " taken back; " + money(state.spent_minor, currency) + " kept, " +
          money(state.returned_minor, currency) + " returned\n";
  text += "  last order   " + day_text(state.last_order_day) + ", first event " +
          day_text(state.first_day) + ", " + std::to_string(state.events) + " events\n";
  return text;
}

std::string posting_text(const Posting& posting) {
  const std::string fact = std::string(name_of(posting.fact));
  return day_text(posting.day) + "  " + std::string(name_of(posting.from)) + " -> " +
         std::string(name_of(posting.to)) + " by " + std::string(api::name_of(posting.cause)) +
         ": " + fact + " " + fact_text(posting.fact, posting.value) +
         (posting.to > posting.from ? " reached " : " where it needed ") +
         fact_text(posting.fact, posting.bar);
}

void timeline_text(const Asked& asked, std::uint64_t events) {
  const ReadAccess access = asked.engine->read();
  const auto person = access.image().find(parse_external_id(asked.id));
  const std::span<const CompactEvent> timeline = access.image().timeline(*person);
  Table table({{"when"}, {"kind"}, {"about"}, {"quantity", true}, {"amount", true}});
  std::uint64_t shown = 0;
  for (std::size_t i = timeline.size(); i > 0 && shown < events; --i) {
    const CompactEvent& event = timeline[i - 1];
    if (access.model().zone.day_of(event.occurred_at()) > asked.why.day) {
      continue;
    }
    ++shown;
    const std::string about =
        event.subject() == 0 ? "" : std::string(access.image().subjects().text(event.subject()));
    table.row(
        {to_string(event.occurred_at()), std::string(name_of(event.kind())), about,
         std::to_string(event.quantity()),
         event.amount_minor() == 0 ? "" : money(event.amount_minor(), asked.engine->currency())});
  }
  print("latest events\n" + table.text());
}

void person_json(const Asked& asked) {
  JsonWriter json;
  json.begin_object().field("id", asked.id).field("at", day_text(asked.why.day));
  json.key("ids").begin_array();
  for (const std::string& id : asked.ids) {
    json.value(id);
  }
  json.end_array();
  api::reading_fields(json, asked.why.reading);
  const State& state = asked.why.state;
  json.field("tier_since", day_text(state.tier_since))
      .field("orders", state.orders)
      .field("orders_returned", state.orders_returned)
      .field("order_days", state.order_days)
      .field("repeat_occasions", state.repeat_occasions)
      .field("spent_minor", state.spent_minor)
      .field("returned_minor", state.returned_minor)
      .field("first_day", day_text(state.first_day))
      .field("last_order_day", day_text(state.last_order_day))
      .field("events", state.events);
  json.key("postings").begin_array();
  for (const Posting& posting : asked.why.postings) {
    json.begin_object();
    api::posting_fields(json, posting);
    json.end_object();
  }
  json.end_array().end_object();
  print(json.text() + "\n");
}

std::string check_text(const ConditionCheck& check) {
  const Condition& condition = check.condition;
  const std::string mark = !check.observable ? "?" : check.enters ? "+" : check.keeps ? "~" : "-";
  std::string text = "    " + mark + " " + std::string(name_of(condition.fact)) +
                     (condition.at_least ? " at least " : " at most ") +
                     fact_text(condition.fact, condition.enter);
  if (condition.keep != condition.enter) {
    text += " (to stay " + fact_text(condition.fact, condition.keep) + ")";
  }
  text += check.observable ? ": " + fact_text(condition.fact, check.value)
                           : ": no source shows it, so it is left out";
  return text + (check.option ? "  [option]" : "") + "\n";
}

void gates_text(const Explanation& why) {
  print("gates (+ opens, ~ only keeps, - shut, ? not observable)\n");
  for (const GateCheck& gate : why.gates) {
    std::string text = "  " + std::string(name_of(gate.tier)) +
                       (!gate.observable ? ": not observable yet"
                        : gate.enters    ? ": open"
                        : gate.keeps     ? ": keeps"
                                         : ": shut");
    if (gate.options_needed > 0) {
      text += ", needs " + std::to_string(gate.options_needed) + " of its options";
    }
    print(text + "\n");
    for (const ConditionCheck& check : gate.checks) {
      print(check_text(check));
    }
  }
  if (why.next != why.reading.tier) {
    std::string lacking;
    for (const ConditionCheck& check : why.to_open) {
      lacking += (lacking.empty() ? "" : ", ") + std::string(name_of(check.condition.fact));
    }
    print("next: " + std::string(name_of(why.next)) + ", which still lacks " +
          (lacking.empty() ? "nothing but another encounter" : lacking) + "\n");
  }
}

void dimensions_text(const Explanation& why) {
  Table table(
      {{"dimension"}, {"points", true}, {"depth", true}, {"weight", true}, {"index", true}});
  for (const DimensionLine& line : why.dimensions) {
    table.row({std::string(name_of(line.dimension)),
               line.observable ? points(line.invested_16) : "not observable",
               line.observable ? share(line.depth_16) : "",
               line.observable ? share(line.weight_16) : "",
               line.observable ? decimal(line.index_milli, 3) : ""});
  }
  table.row({"together", "", share(why.reading.depth_16), "", decimal(why.reading.index_milli, 3)});
  print(table.text());
}

void evidence_text(const Explanation& why, const Model& model, std::uint64_t lines) {
  Table table({{"day"},
               {"evidence"},
               {"dimension"},
               {"then", true},
               {"now", true},
               {"good", true},
               {"bad", true},
               {"index", true}});
  std::int64_t older_milli = 0;
  const std::size_t first = why.evidence.size() > lines ? why.evidence.size() - lines : 0;
  for (std::size_t i = 0; i < why.evidence.size(); ++i) {
    const EvidenceLine& line = why.evidence[i];
    if (i < first) {
      older_milli += line.index_milli;
      continue;
    }
    table.row({day_text(line.day), model.rules[line.rule].name,
               std::string(name_of(line.dimension)), points(line.first_16), points(line.worth_16),
               line.good_16 == 0 ? "" : points(line.good_16),
               line.bad_16 == 0 ? "" : points(line.bad_16), decimal(line.index_milli, 3)});
  }
  print(table.text());
  if (first > 0) {
    print("and " + std::to_string(first) + " older lines, together " + decimal(older_milli, 3) +
          " of the index (--lines to see them)\n");
  }
}

void gate_json(JsonWriter& json, const GateCheck& gate) {
  json.begin_object()
      .field("tier", name_of(gate.tier))
      .field("observable", gate.observable)
      .field("enters", gate.enters)
      .field("keeps", gate.keeps)
      .field("options_needed", gate.options_needed);
  json.key("checks").begin_array();
  for (const ConditionCheck& check : gate.checks) {
    api::write_check(json, check);
  }
  json.end_array().end_object();
}

void explain_json(const Asked& asked, const Model& model) {
  const Explanation& why = asked.why;
  JsonWriter json;
  json.begin_object().field("id", asked.id).field("at", day_text(why.day));
  json.key("model").begin_object();
  api::model_name_fields(json, model);
  json.end_object();
  api::reading_fields(json, why.reading);
  json.key("trust_from");
  api::write_trust(json, why, model);
  json.key("dimensions");
  api::write_dimensions(json, why);
  json.key("evidence").begin_array();
  for (const EvidenceLine& line : why.evidence) {
    json.begin_object();
    api::evidence_fields(json, line, model);
    json.end_object();
  }
  json.end_array().key("gates").begin_array();
  for (const GateCheck& gate : why.gates) {
    gate_json(json, gate);
  }
  json.end_array().field("next", name_of(why.next)).key("to_open").begin_array();
  for (const ConditionCheck& check : why.to_open) {
    api::write_check(json, check);
  }
  json.end_array().key("postings").begin_array();
  for (const Posting& posting : why.postings) {
    json.begin_object();
    api::posting_fields(json, posting);
    json.end_object();
  }
  json.end_array().key("unobservable");
  api::write_unobservable_facts(json, model);
  json.end_object();
  print(json.text() + "\n");
}

}  // namespace

int run_person(const Common& common, const std::string& id, const std::string& at,
               std::uint64_t events) {
  auto asked = ask(common, id, at);
  if (!asked) {
    return report(asked.error(), common.json);
  }
  if (common.json) {
    person_json(*asked);
    return 0;
  }
  print(standing_text(*asked, asked->engine->currency()));
  if (!asked->why.postings.empty()) {
    print("changes of tier\n");
    for (const Posting& posting : asked->why.postings) {
      print("  " + posting_text(posting) + "\n");
    }
  }
  timeline_text(*asked, events);
  return 0;
}

int run_explain(const Common& common, const std::string& id, const std::string& at,
                std::uint64_t lines) {
  auto asked = ask(common, id, at);
  if (!asked) {
    return report(asked.error(), common.json);
  }
  const ReadAccess access = asked->engine->read();
  if (common.json) {
    explain_json(*asked, access.model());
    return 0;
  }
  print(standing_text(*asked, asked->engine->currency()) + "\n");
  dimensions_text(asked->why);
  print("\n");
  evidence_text(asked->why, access.model(), lines);
  print("\n");
  gates_text(asked->why);
  print("\nby model " + access.model().name + " " + access.model().version + "\n");
  return 0;
}

}  // namespace guanxi::app
