#include <cmath>

#include "api/truth_json.hpp"
#include "api/words.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "people/survey.hpp"
#include "people/validation.hpp"
#include "platform/time_zone.hpp"
#include "relationship/explain.hpp"

namespace guanxi::app {
namespace {

std::string tier_title(Tier tier) {
  const api::Word& word = api::tier_words()[static_cast<std::size_t>(tier)];
  return std::string(word.en) + " " + std::string(word.zh);
}

constexpr std::array<Tier, kTiers> kFromTop = {Tier::super_strong, Tier::strong, Tier::weak,
                                               Tier::micro, Tier::none};

void write_model(JsonWriter& json, const Model& model) {
  json.key("model").begin_object();
  json.field("name", model.name).field("version", model.version).end_object();
}

void write_matrix(JsonWriter& json, const TierMatrix& matrix) {
  json.key("flows").begin_array();
  for (int from = 0; from < kTiers; ++from) {
    for (int to = 0; to < kTiers; ++to) {
      const std::uint64_t people =
          matrix[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
      if (people > 0) {
        json.begin_object()
            .field("from", name_of(static_cast<Tier>(from)))
            .field("to", name_of(static_cast<Tier>(to)))
            .field("people", people)
            .end_object();
      }
    }
  }
  json.end_array();
}

std::string matrix_text(const TierMatrix& matrix, const std::string& corner) {
  std::vector<Table::Column> columns = {{corner}};
  for (int to = 0; to < kTiers; ++to) {
    columns.push_back({std::string(name_of(static_cast<Tier>(to))), true});
  }
  Table table(columns);
  for (std::size_t from = 0; from < kTiers; ++from) {
    std::vector<std::string> cells = {tier_title(static_cast<Tier>(from))};
    for (const std::uint64_t people : matrix[from]) {
      cells.push_back(people == 0 ? "." : grouped(people));
    }
    table.row(cells);
  }
  return table.text();
}

void status_json(const Engine& engine, const ReadAccess& access, std::uint64_t refused,
                 const std::vector<SourceRecord>& sources) {
  const Image& image = access.image();
  const MemoryUse memory = image.memory();
  JsonWriter json;
  json.begin_object();
  write_model(json, access.model());
  json.field("as_of", day_text(image.as_of()))
      .field("people", image.people())
      .field("events", image.events() + image.nobody_events())
      .field("events_of_people", image.events())
      .field("events_of_nobody", image.nobody_events())
      .field("derived_events", image.derived_events())
      .field("refused", refused)
      .field("currency", engine.currency().text())
      .field("bytes_per_event", memory.bytes_per_event())
      .field("bytes_per_person", memory.bytes_per_person());
  json.key("observed_kinds").begin_array();
  for (int kind = 0; kind < kEventKinds; ++kind) {
    if ((access.model().calibration.observed_kinds >> static_cast<unsigned>(kind) & 1U) != 0) {
      json.value(name_of(static_cast<EventKind>(kind)));
    }
  }
  json.end_array().key("sources").begin_array();
  for (const SourceRecord& source : sources) {
    json.value(source.name);
  }
  json.end_array().end_object();
  print(json.text() + "\n");
}

void status_text(const Engine& engine, const ReadAccess& access, std::uint64_t refused) {
  const Image& image = access.image();
  const MemoryUse memory = image.memory();
  const Model& model = access.model();
  print("model       " + model.name + " " + model.version + ", day closes in " + model.zone.name() +
        "\n");
  print("as of       close of " + day_text(image.as_of()) + "\n");
  print("people      " + grouped(image.people()) + "\n");
  print("events      " + grouped(image.events() + image.nobody_events()) + " (" +
        grouped(image.nobody_events()) + " of nobody, " + grouped(image.derived_events()) +
        " more derived)\n");
  print("refused     " + grouped(refused) + " rows or events\n");
  print("currency    " +
        (engine.currency().named() ? std::string(engine.currency().text()) : "not named") + "\n");
  print("calibrated  typical order " + money(model.typical_order_minor, engine.currency()) +
        ", typical gap " + std::to_string(model.typical_gap_days) + " days\n");
  print("memory      " + decimal(static_cast<std::int64_t>(memory.bytes_per_event() * 10), 1) +
        " bytes an event, " +
        decimal(static_cast<std::int64_t>(memory.bytes_per_person() * 10), 1) +
        " bytes a person\n");
  std::string hidden;
  for (int fact = 0; fact < kFacts; ++fact) {
    if (!model.observable(static_cast<Fact>(fact))) {
      hidden += (hidden.empty() ? "" : ", ") + std::string(name_of(static_cast<Fact>(fact)));
    }
  }
  if (!hidden.empty()) {
    print("not observable yet: " + hidden + "\n");
  }
}

}  // namespace

int run_status(const Common& common) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(refused, engine.refused_total());
    GUANXI_TRY(log, engine.log());
    GUANXI_TRY(sources, log.sources());
    const ReadAccess access = engine.read();
    if (common.json) {
      status_json(engine, access, refused, sources);
    } else {
      status_text(engine, access, refused);
    }
    return 0;
  });
}

int run_tiers(const Common& common, const std::string& at) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    const ReadAccess access = engine.read();
    GUANXI_TRY(day, day_or_latest(at, access.image()));
    const Model& model = access.model();
    const TierCounts counts = tiers_at(access.image(), model, day);
    JsonWriter json;
    json.begin_object().field("at", day_text(day)).field("people", counts.total);
    write_model(json, model);
    json.key("tiers").begin_array();
    Table table({{"tier"}, {"people", true}, {"share", true}, {""}});
    for (const Tier tier : kFromTop) {
      const std::uint64_t people = counts.people[static_cast<std::size_t>(tier)];
      const bool shown = model.observable(tier);
      json.begin_object()
          .field("tier", name_of(tier))
          .field("people", people)
          .field("observable", shown)
          .end_object();
      table.row({tier_title(tier), shown ? grouped(people) : "-",
                 shown ? percent(people, counts.total) : "-",
                 shown ? "" : "not observable yet: no source shows what it asks for"});
    }
    json.end_array().end_object();
    print(common.json ? json.text() + "\n"
                      : "at the close of " + day_text(day) + ", " + grouped(counts.total) +
                            " people\n" + table.text());
    return 0;
  });
}

namespace {

Result<Selection> selection_of(const PeopleArgs& args) {
  GUANXI_TRY(where, Expression::parse(args.where));
  Selection selection;
  selection.where = where;
  selection.sort_column = args.sort.empty() ? -1 : column_named(args.sort);
  if (!args.sort.empty() && selection.sort_column < 0) {
    std::string names;
    for (const ColumnInfo& column : people_columns()) {
      names += (names.empty() ? "" : ", ") + std::string(column.name);
    }
    return fail(ErrorCode::invalid, "no column '" + args.sort + "' to sort by; valid: " + names);
  }
  selection.descending = args.descending;
  selection.offset = args.offset;
  selection.limit = args.limit;
  return selection;
}

void write_person(JsonWriter& json, const Image& image, PersonRef person) {
  json.begin_object();
  int number = 0;
  for (const ColumnInfo& column : people_columns()) {
    const std::string text = column_text(image, number, person);
    if (column.type == ColumnType::money) {
      json.field(std::string(column.name) + "_minor", column_value(image, number, person));
    } else if (text.empty()) {
      json.key(column.name).null();
    } else if (column.type == ColumnType::number) {
      json.key(column.name).raw(text);
    } else {
      json.field(column.name, text);
    }
    ++number;
  }
  json.end_object();
}

std::string people_text(const Image& image, const std::vector<PersonRef>& people) {
  std::vector<Table::Column> titles;
  for (const ColumnInfo& column : people_columns()) {
    titles.push_back({std::string(column.name),
                      column.type == ColumnType::number || column.type == ColumnType::money});
  }
  Table table(titles);
  for (const PersonRef person : people) {
    std::vector<std::string> cells;
    for (std::size_t c = 0; c < titles.size(); ++c) {
      cells.push_back(column_text(image, static_cast<int>(c), person));
    }
    table.row(cells);
  }
  return table.text();
}

}  // namespace

int run_people(const Common& common, const PeopleArgs& args) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(selection, selection_of(args));
    const ReadAccess access = engine.read();
    const Page page = select(access.image(), selection);
    if (!common.json) {
      print(people_text(access.image(), page.people) + grouped(page.people.size()) + " of " +
            grouped(page.total) + " people\n");
      return 0;
    }
    JsonWriter json;
    json.begin_object().field("as_of", day_text(access.image().as_of())).field("total", page.total);
    json.key("people").begin_array();
    for (const PersonRef person : page.people) {
      write_person(json, access.image(), person);
    }
    json.end_array().end_object();
    print(json.text() + "\n");
    return 0;
  });
}

int run_changes(const Common& common, const std::string& from, const std::string& to,
                std::uint64_t limit) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    const ReadAccess access = engine.read();
    GUANXI_TRY(last, day_or_latest(to, access.image()));
    GUANXI_TRY(first, from.empty() ? Result<Day>(Day{last.number - 30}) : parse_day(from));
    // "--from DAY" includes that day.
    const Day before{from.empty() ? first.number : first.number - 1};
    if (before > last) {
      return fail(ErrorCode::invalid, "--from is after --to");
    }
    const ChangePage page =
        changes(access.image(), access.model(), ChangeQuery{before, last, 0, limit});
    JsonWriter json;
    json.begin_object()
        .field("from", day_text(Day{before.number + 1}))
        .field("to", day_text(last))
        .field("total", page.total);
    json.key("changes").begin_array();
    Table table({{"day"}, {"person"}, {"from"}, {"to"}, {"by"}, {"what tipped it"}});
    for (const Change& change : page.changes) {
      const Posting& posting = change.posting;
      json.begin_object()
          .field("day", day_text(posting.day))
          .field("person", change.id)
          .field("from", name_of(posting.from))
          .field("to", name_of(posting.to))
          .field("cause", api::name_of(posting.cause))
          .field("fact", name_of(posting.fact))
          .field("value", fact_text(posting.fact, posting.value))
          .field("bar", fact_text(posting.fact, posting.bar))
          .end_object();
      table.row({day_text(posting.day), change.id, std::string(name_of(posting.from)),
                 std::string(name_of(posting.to)), std::string(api::name_of(posting.cause)),
                 std::string(name_of(posting.fact)) + " " + fact_text(posting.fact, posting.value) +
                     ", bar " + fact_text(posting.fact, posting.bar)});
    }
    json.end_array().end_object();
    print(common.json ? json.text() + "\n"
                      : table.text() + grouped(page.changes.size()) + " of " + grouped(page.total) +
                            " changes\n");
    return 0;
  });
}

int run_what_if(const Common& common, const std::string& model_file, const std::string& at) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(text, read_file(model_file));
    GUANXI_TRY(draft, Model::parse(text, &load_zone));
    const ReadAccess access = engine.read();
    GUANXI_TRY(day, day_or_latest(at, access.image()));
    Calibration calibration = access.model().calibration;
    if (draft.rhythm_fitted) {
      calibration.rhythm = engine.fits().rhythm();
    }
    const Model active_draft = draft.with(calibration);
    const WhatIf result = what_if(access.image(), access.model(), active_draft, day);
    if (common.json) {
      JsonWriter json;
      json.begin_object().field("at", day_text(day));
      json.field("rises", result.rises).field("falls", result.falls);
      write_matrix(json, result.people);
      for (const auto* movers : {&result.risers, &result.fallers}) {
        json.key(movers == &result.risers ? "risers" : "fallers").begin_array();
        for (const Mover& mover : *movers) {
          json.begin_object()
              .field("person", mover.id)
              .field("before", name_of(mover.before))
              .field("after", name_of(mover.after))
              .end_object();
        }
        json.end_array();
      }
      json.end_object();
      print(json.text() + "\n");
      return 0;
    }
    print("under " + access.model().name + " " + access.model().version + " (rows) and under " +
          active_draft.name + " " + active_draft.version + " (columns), at the close of " +
          day_text(day) + "; nothing was changed\n");
    print(matrix_text(result.people, "active \\ draft"));
    print(grouped(result.rises) + " would rise, " + grouped(result.falls) + " would fall\n");
    Table table({{"for example"}, {"now"}, {"then"}});
    for (const auto* movers : {&result.risers, &result.fallers}) {
      for (const Mover& mover : *movers) {
        table.row(
            {mover.id, std::string(name_of(mover.before)), std::string(name_of(mover.after))});
      }
    }
    print(table.empty() ? "" : table.text());
    return 0;
  });
}

namespace {

std::string fixed(double value, unsigned digits) {
  double scale = 1;
  for (unsigned i = 0; i < digits; ++i) {
    scale *= 10;
  }
  return decimal(static_cast<std::int64_t>(value * scale + (value < 0 ? -0.5 : 0.5)), digits);
}

void print_rankings(const Validation& result) {
  Table table({{"predictor"},
               {"AUC buys again", true},
               {"95 % from", true},
               {"to", true},
               {"best tenth catches", true},
               {"Spearman spend", true}});
  for (const Judgement& judgement : result.judgements) {
    const auto& auc = judgement.auc;
    const std::string caught =
        judgement.buyers_caught.empty()
            ? "-"
            : fixed(100 * judgement.buyers_caught.front().caught_share, 1) + " % in " +
                  fixed(100 * judgement.buyers_caught.front().people_share, 1) + " %";
    table.row({std::string(name_of(judgement.by)), auc ? fixed(auc->value, 4) : "-",
               auc ? fixed(auc->least, 4) : "-", auc ? fixed(auc->most, 4) : "-", caught,
               judgement.spearman_spend ? fixed(*judgement.spearman_spend, 4) : "-"});
  }
  print(table.text() + "\n");
}

/// One thing foretold by everybody who does. Money is in units, not in hundredths of them.
void print_forecasts(const Validation& result, Foretold what, const std::string& title,
                     Currency currency) {
  Table table({{title},
               {"foretold in sum", true},
               {"came", true},
               {"off by", true},
               {"MAE", true},
               {"RMSE", true},
               {"bias", true},
               {"correlation", true},
               {"log loss", true}});
  const double unit =
      what == Foretold::spend ? std::pow(10.0, static_cast<double>(currency.minor_digits())) : 1;
  for (const Judgement& judgement : result.judgements) {
    const auto& judged = judgement.judged[static_cast<std::size_t>(what)];
    if (judged) {
      const ForecastErrors& errors = judged->errors;
      const double off =
          errors.actual_sum > 0 ? 100 * (errors.forecast_sum / errors.actual_sum - 1) : 0;
      table.row(
          {std::string(name_of(judgement.by)), fixed(errors.forecast_sum / unit, 1),
           fixed(errors.actual_sum / unit, 1), errors.actual_sum > 0 ? fixed(off, 1) + " %" : "-",
           fixed(errors.mean_absolute / unit, 4), fixed(errors.root_mean_square / unit, 4),
           fixed(errors.bias / unit, 4), errors.correlation ? fixed(*errors.correlation, 4) : "-",
           judged->chance ? fixed(judged->chance->log_loss, 4) : "-"});
    }
  }
  print(table.text() + "\n");
}

void print_notes(const Validation& result) {
  for (const Judgement& judgement : result.judgements) {
    const std::string name(name_of(judgement.by));
    if (judgement.fitted) {
      print(name + " is " + judgement.fitted->model + ": ");
      for (const FittedParameters::Parameter& parameter : judgement.fitted->parameters) {
        print(parameter.name + " " + fixed(parameter.value, 4) + "  ");
      }
      print("log-likelihood " + fixed(judgement.fitted->log_likelihood, 2) + "\n");
    }
    if (!judgement.missing.empty()) {
      print(name + " is missing: " + judgement.missing + "\n");
    }
    if (!judgement.note.empty()) {
      print(name + ": " + judgement.note + "\n");
    }
  }
  if (!result.spend_note.empty()) {
    print("spend: " + result.spend_note + "\n");
  }
  print("\n");
}

void validation_text(const Validation& result, Currency currency) {
  print("standing at the opening of " + day_text(result.at) + ", looking " +
        std::to_string(result.horizon_days) + " days ahead: " + grouped(result.people) +
        " people who had bought, " + percent(result.buyers, result.people) + " buy again\n\n");
  Table tiers({{"tier"},
               {"people", true},
               {"buy again", true},
               {"mean spend", true},
               {"mean refunded", true},
               {"mean complaints", true},
               {"referred orders", true}});
  for (const TierOutcome& tier : result.tiers) {
    tiers.row({tier_title(tier.tier), grouped(tier.people), percent(tier.buyers, tier.people),
               money(static_cast<std::int64_t>(tier.mean_spend_minor), currency),
               money(static_cast<std::int64_t>(tier.mean_refunded_minor), currency),
               fixed(tier.mean_complaints, 3), fixed(tier.mean_referred_orders, 3)});
  }
  print(tiers.text());
  print(result.repeat_rate_rises ? "the repeat rate rises strictly with the tier\n\n"
                                 : "THE REPEAT RATE DOES NOT RISE STRICTLY WITH THE TIER\n\n");
  print_rankings(result);
  print_forecasts(result, Foretold::purchases, "purchases", currency);
  print_forecasts(result, Foretold::spend, "spend", currency);
  print_forecasts(result, Foretold::activity, "buys again at all", currency);
  print_notes(result);
  Table deciles({{"tenth by index", true},
                 {"people", true},
                 {"mean index", true},
                 {"buy again", true},
                 {"mean spend", true}});
  for (std::size_t i = 0; i < result.deciles.size(); ++i) {
    const Decile& decile = result.deciles[i];
    deciles.row({std::to_string(i + 1), grouped(decile.people), fixed(decile.mean_index, 1),
                 fixed(decile.repeat_rate * 100, 1) + " %",
                 money(static_cast<std::int64_t>(decile.mean_spend_minor), currency)});
  }
  print(deciles.text());
}

}  // namespace

int run_validate(const Common& common, const std::string& at, std::uint32_t horizon_days) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(day, parse_day(at));
    const ReadAccess access = engine.read();
    GUANXI_TRY(result, validate(access.image(), access.model(), day, horizon_days));
    if (common.json) {
      JsonWriter json;
      json.begin_object();
      api::truth_fields(json, result);
      json.end_object();
      print(json.text() + "\n");
    } else {
      validation_text(result, engine.currency());
    }
    return 0;
  });
}

int run_digest(const Common& common, const std::string& at, unsigned threads) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    const ReadAccess access = engine.read();
    GUANXI_TRY(day, day_or_latest(at, access.image()));
    const Digest result = digest(access.image(), access.model(), day, threads);
    if (common.json) {
      JsonWriter json;
      json.begin_object()
          .field("at", day_text(day))
          .field("people", result.people)
          .field("digest", to_string(result))
          .end_object();
      print(json.text() + "\n");
    } else {
      print(to_string(result) + "\n");
    }
    return 0;
  });
}

}  // namespace guanxi::app
