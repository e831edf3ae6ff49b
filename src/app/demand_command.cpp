#include <algorithm>
#include <cmath>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "engine/need_desk.hpp"
#include "people/demand.hpp"
#include "people/need_score.hpp"
#include "relationship/stance.hpp"

namespace guanxi::app {
namespace {

std::string fixed(double value, int digits) {
  const double scale = std::pow(10, digits);
  return decimal(std::llround(value * scale), static_cast<unsigned>(digits));
}
std::string share(double value) { return fixed(100 * value, 1) + " %"; }

NeedOptions options_of(const DemandArgs& args) {
  NeedOptions options;
  options.horizon_days = args.horizon_days;
  options.threads = args.threads;
  return options;
}

/// What every command here begins with: the model as of the last day, and names.
struct Worked {
  std::shared_ptr<const NeedModel> model;
  std::vector<std::string> titles;
  [[nodiscard]] std::string title(std::uint32_t product) const {
    return plain(titles[product].empty() ? model->products().name(product) : titles[product]);
  }
};

Result<Worked> work_out(const Engine& engine, const DemandArgs& args) {
  Worked worked;
  {
    const ReadAccess access = engine.read();
    GUANXI_TRY(model, NeedModel::build(shards_of(access.image(), access.model()),
                                       access.image().as_of(), options_of(args)));
    worked.model = model;
  }
  worked.titles = titles_of(engine, *worked.model);
  return worked;
}

void write_product(JsonWriter& json, const Worked& worked, std::uint32_t product) {
  json.field("product", worked.model->products().name(product));
  json.field("title", worked.titles[product]);
}

void print_row(JsonWriter& json, Table& table, const Worked& worked, const DemandRow& row) {
  json.begin_object();
  write_product(json, worked, row.product);
  json.field("units_mean", row.units.mean).field("units_least", row.units.least);
  json.field("units_most", row.units.most).field("order_units", std::ceil(row.order.quantity));
  json.field("due_people", row.due_people).field("entered", row.facts->entered);
  json.field("converted", row.facts->converted).field("converts", row.converts.mean);
  json.field("repeats", row.repeats.mean).field("look_buys", row.look_buys.mean);
  json.field("rating", row.rating.mean).field("wanting", row.wanting);
  json.field("ideas", row.facts->idea_people).end_object();
  table.row({plain(worked.model->products().name(row.product)), worked.title(row.product),
             fixed(row.units.mean, 1), fixed(row.units.least, 1), fixed(row.units.most, 1),
             grouped(static_cast<std::uint64_t>(std::ceil(row.order.quantity))),
             grouped(row.due_people),
             grouped(row.facts->converted) + "/" + grouped(row.facts->entered),
             share(row.repeats.mean), share(row.look_buys.mean),
             row.facts->ratings == 0 ? "-" : share(row.rating.mean), grouped(row.wanting)});
}

void print_check(const NeedModel& model) {
  const NeedCheck& check = model.check();
  print("as of the close of " + day_text(model.day()) + ", " +
        std::to_string(model.horizon_days()) + " days ahead; standing on " + day_text(check.stand) +
        ", " + fixed(check.expected, 0) + " repeat purchases were expected and " +
        grouped(check.came) + " came; " + share(check.within) + " of " + grouped(check.products) +
        " products fell into their 80 % interval\n");
  print(model.note().empty() ? "" : "missing: " + model.note() + "\n");
}

std::string needs_reason(const Worked& worked, const Need& need) {
  std::string why;
  if ((need.reasons & Need::kDue) != 0) {
    why += "due " + day_text(need.expected) + " (" + day_text(need.least) + " to " +
           day_text(need.most) + "), bought on " + std::to_string(need.record.bought_days) +
           " days, every " + fixed(need.typical_gap_days, 0) + " days";
  }
  if ((need.reasons & Need::kGoesWith) != 0) {
    why += (why.empty() ? "" : "; ") + ("goes with " + worked.title(need.because_of)) + " (" +
           grouped(need.together.together) + " have both, " + fixed(need.together.lift, 1) +
           " times chance)";
  }
  if ((need.reasons & Need::kLooked) != 0) {
    why += (why.empty() ? "" : "; ") + std::string(name_of(need.record.signal)) + " " +
           std::to_string(need.record.looks) + " times, last " + day_text(need.record.last_look);
  }
  return why;
}

}  // namespace

int run_demand_board(const Common& common, const DemandArgs& args) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    const auto names = demand_sorts();
    const auto sort = std::find(names.begin(), names.end(), args.sort);
    if (sort == names.end() || !(args.margin > 0) || !(args.loss > 0)) {
      return fail(ErrorCode::invalid, "--sort is a column, --margin and --loss are above 0");
    }
    GUANXI_TRY(worked, work_out(engine, args));
    const DemandBoard board(*worked.model, args.margin, args.loss);
    DemandBoard::Query query;
    query.sort = static_cast<DemandSort>(sort - names.begin());
    query.descending = query.sort != DemandSort::product;
    const std::vector<std::uint32_t> products = board.products(query, worked.titles);
    JsonWriter json;
    json.begin_object().field("as_of", day_text(worked.model->day()));
    json.field("horizon_days", args.horizon_days).field("total", products.size());
    json.key("rows").begin_array();
    Table table({{"product"},
                 {"name"},
                 {"units", true},
                 {"from", true},
                 {"to", true},
                 {"make", true},
                 {"due", true},
                 {"stayed", true},
                 {"again", true},
                 {"look>buy", true},
                 {"rating", true},
                 {"want", true}});
    for (std::size_t i = 0; i < std::min<std::size_t>(products.size(), args.limit); ++i) {
      print_row(json, table, worked, board.row(products[i]));
    }
    json.end_array().end_object();
    if (common.json) {
      print(json.text() + "\n");
    } else {
      print_check(*worked.model);
      print(table.text());
    }
    return 0;
  });
}

int run_demand_due(const Common& common, const DemandArgs& args) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(worked, work_out(engine, args));
    const ReadAccess access = engine.read();
    std::optional<std::uint32_t> product;
    if (!args.product.empty()) {
      product = worked.model->products().find(args.product);
      if (*product == ProductIndex::kNone) {
        return fail(ErrorCode::not_found, "no event names the product '" + args.product + "'");
      }
    }
    GUANXI_TRY(needs, NextNeeds::of(worked.model, shards_of(access.image(), access.model()),
                                    args.threads));
    const DueList list = due_list(access.image(), access.model(), *needs, args.days, product);
    JsonWriter json;
    json.begin_object().field("as_of", day_text(worked.model->day())).field("days", args.days);
    json.field("people", list.people).field("left_out", list.left_out);
    json.field("total", list.lines.size()).key("rows").begin_array();
    Table table({{"person"},
                 {"product"},
                 {"name"},
                 {"expected"},
                 {"chance", true},
                 {"bought", true},
                 {"every", true}});
    for (std::size_t i = 0; i < std::min<std::size_t>(list.lines.size(), args.limit); ++i) {
      const auto& [person, need] = list.lines[i];
      json.begin_object().field("person", access.image().id_text(person));
      write_product(json, worked, need.product);
      json.field("expected", day_text(need.expected)).field("chance", need.chance);
      json.field("bought_days", need.record.bought_days);
      json.field("typical_gap_days", need.typical_gap_days).end_object();
      table.row({access.image().id_text(person), plain(worked.model->products().name(need.product)),
                 worked.title(need.product), day_text(need.expected), share(need.chance),
                 std::to_string(need.record.bought_days), fixed(need.typical_gap_days, 0)});
    }
    json.end_array().end_object();
    print(common.json ? json.text() + "\n"
                      : table.text() + grouped(list.lines.size()) + " lines, " +
                            grouped(list.people) + " people; " + grouped(list.left_out) +
                            " who object to marketing are left out\n");
    return 0;
  });
}

int run_demand_needs(const Common& common, const DemandArgs& args) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(worked, work_out(engine, args));
    const ReadAccess access = engine.read();
    const Image& image = access.image();
    GUANXI_TRY(person, person_named(image, args.id));
    if ((image.stance(person) & kNotFolded) != 0) {
      return fail(ErrorCode::conflict, "this person objects to profiling");
    }
    PersonProducts products;
    products.read(image.timeline(person), access.model().zone, worked.model->day(),
                  [&](std::uint32_t subject) {
                    return worked.model->products().find(image.subjects().text(subject));
                  });
    JsonWriter json;
    json.begin_object().field("as_of", day_text(worked.model->day())).key("rows").begin_array();
    Table table({{"product"}, {"name"}, {"chance", true}, {"why"}});
    for (const Need& need : worked.model->needs(products, args.limit)) {
      json.begin_object();
      write_product(json, worked, need.product);
      json.field("chance", need.chance).field("why", needs_reason(worked, need)).end_object();
      table.row({plain(worked.model->products().name(need.product)), worked.title(need.product),
                 share(need.chance), needs_reason(worked, need)});
    }
    json.end_array().end_object();
    print(common.json ? json.text() + "\n" : table.text());
    return 0;
  });
}

namespace {

std::string timing_text(const NeedScore& score) {
  Table table({{"buys again"}, {"AUC", true}, {"Brier", true}, {"log loss", true}});
  for (const TimingScore& one : score.timing) {
    table.row({one.name, one.auc ? fixed(*one.auc, 4) : "-", fixed(one.brier, 4),
               fixed(one.log_loss, 4)});
  }
  return table.text();
}

std::string bins_text(const NeedScore& score) {
  Table table({{"tenth by chance", true}, {"lines", true}, {"said", true}, {"came", true}});
  for (std::size_t i = 0; i < score.bins.size(); ++i) {
    table.row({std::to_string(i + 1), grouped(score.bins[i].people),
               fixed(score.bins[i].score_mean, 4), fixed(score.bins[i].share_happened, 4)});
  }
  return table.text();
}

std::string lists_text(const std::string& title, const std::vector<ListScore>& lists) {
  Table table({{title},
               {"recall@5", true},
               {"recall@10", true},
               {"recall@20", true},
               {"NDCG@10", true},
               {"hit@10", true}});
  for (const ListScore& list : lists) {
    table.row({list.name, fixed(list.recall[0], 4), fixed(list.recall[1], 4),
               fixed(list.recall[2], 4), fixed(list.ndcg_10, 4), fixed(list.hit_10, 4)});
  }
  return table.text();
}

void score_text(const NeedScore& score) {
  print("standing at the opening of " + day_text(score.at) + ", " +
        std::to_string(score.horizon_days) + " days ahead: " + grouped(score.people) +
        " people who had bought bought again, " + grouped(score.purchases) + " products\n\n");
  print(lists_text("what they bought", score.all) + "\n");
  print(lists_text("what was new to them", score.fresh));
  print("(" + grouped(score.new_people) + " people)\n\n");
  print(bins_text(score));
  print("expected " + fixed(score.expected, 1) + ", came " + fixed(score.came, 0) + "\n\n");
  print(grouped(score.pairs) + " products bought on two days or more by somebody; " +
        share(score.pairs_again) + " bought again\n" + timing_text(score));
  print("of gaps that ended: " + share(score.within_80) + " in the middle 80 %; wait missed by " +
        fixed(score.wait_mae, 2) + " days (last + mean gap " + fixed(score.wait_mae_rule, 2) +
        ", a constant " + fixed(score.wait_mae_constant, 2) + ")\n\n");
  print("demand: " + share(score.demand_within_80) + " of " + grouped(score.products) +
        " products inside their 80 % interval; error " + fixed(score.demand_error, 4) +
        " of what was bought (as in the horizon before: " + fixed(score.demand_error_naive, 4) +
        ")\n");
}

void score_json(const NeedScore& score) {
  JsonWriter json;
  json.begin_object().field("at", day_text(score.at)).field("horizon_days", score.horizon_days);
  json.field("people", score.people).field("purchases", score.purchases);
  for (const auto* lists : {&score.all, &score.fresh}) {
    json.key(lists == &score.all ? "lists" : "fresh_lists").begin_array();
    for (const ListScore& list : *lists) {
      json.begin_object().field("name", list.name).field("recall_5", list.recall[0]);
      json.field("recall_10", list.recall[1]).field("recall_20", list.recall[2]);
      json.field("ndcg_10", list.ndcg_10).field("hit_10", list.hit_10).end_object();
    }
    json.end_array();
  }
  json.field("expected", score.expected).field("came", score.came);
  json.key("timing").begin_array();
  for (const TimingScore& one : score.timing) {
    json.begin_object().field("name", one.name).field("auc", one.auc.value_or(NAN));
    json.field("brier", one.brier).field("log_loss", one.log_loss).end_object();
  }
  json.end_array().field("within_80", score.within_80).field("wait_mae", score.wait_mae);
  json.field("wait_mae_rule", score.wait_mae_rule);
  json.field("wait_mae_constant", score.wait_mae_constant);
  json.field("products", score.products).field("demand_within_80", score.demand_within_80);
  json.field("demand_error", score.demand_error);
  json.field("demand_error_naive", score.demand_error_naive).end_object();
  print(json.text() + "\n");
}

}  // namespace

int run_demand_score(const Common& common, const DemandArgs& args) {
  return reading(common, [&](Engine& engine) -> Result<int> {
    GUANXI_TRY(day, parse_day(args.at));
    const ReadAccess access = engine.read();
    GUANXI_TRY(score, score_needs(access.image(), access.model(), day, options_of(args)));
    if (common.json) {
      score_json(score);
    } else {
      score_text(score);
    }
    return 0;
  });
}

}  // namespace guanxi::app
