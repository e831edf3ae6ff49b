#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "api/handlers.hpp"
#include "api/json_body.hpp"
#include "api/shapes.hpp"
#include "api/truth_desk.hpp"
#include "api/truth_json.hpp"
#include "base/json_writer.hpp"
#include "relationship/stance.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::uint64_t kHorizonMost = 3650;
constexpr std::uint64_t kTenths = 10;

void write_run(JsonWriter& json, const TruthRun& run) {
  json.begin_object().field("number", run.number);
  day_field(json, "at", run.validation.at);
  json.field("horizon_days", run.validation.horizon_days);
  json.field("people", run.validation.people);
  moment_field(json, "finished_at", run.finished_at);
  json.end_object();
}

Response desk_answer(const TruthDesk& desk, const Viewer& viewer) {
  JsonWriter json;
  const auto doing = desk.doing();
  json.begin_object().field("running", doing && doing->running).key("asked");
  if (doing) {
    json.begin_object();
    day_field(json, "at", doing->ask.at);
    json.field("horizon_days", doing->ask.horizon_days).end_object();
  } else {
    json.null();
  }
  write_work(json, "work", doing ? std::optional<Work>(doing->work) : std::nullopt, viewer);
  json.key("runs").begin_array();
  for (const auto& run : desk.runs()) {
    write_run(json, *run);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response begun(TruthDesk& desk, const Context& context, const Request& request) {
  JsonBody body(request, {"at", "horizon_days"});
  const std::string day = body.text("at", 20);
  const std::uint64_t horizon = body.number("horizon_days", 1, kHorizonMost, 180);
  const Result<Day> at = parse_day(day);
  if (!at) {
    body.refuse("at", at.error().message);
  }
  if (body.refusal()) {
    return *body.refusal();
  }
  return with_view(context, [&](const Brand::View& view) {
    if (!has_day(view)) {
      return http::problem(Error{ErrorCode::conflict, "there are no events to look back on yet"});
    }
    const std::int32_t last = view.image.as_of().number;
    if (at->number + static_cast<std::int32_t>(horizon) - 1 > last) {
      body.refuse("at", "what came in the " + std::to_string(horizon) + " days from " + day +
                            " is not known yet: the last known day is " +
                            to_string(view.image.as_of()));
      return *body.refusal();
    }
    const Result<void> begun = desk.begin({*at, static_cast<std::uint32_t>(horizon)});
    return begun ? desk_answer(desk, Viewer(request, *context.masking))
                 : http::problem(begun.error());
  });
}

std::shared_ptr<const TruthRun> run_asked(const TruthDesk& desk, const Request& request) {
  const auto number = whole_number(request.path_argument("number"));
  return number ? desk.run(*number) : nullptr;
}

Response not_kept() {
  return http::problem(Error{ErrorCode::not_found, "this standing back is not kept any more"});
}

Response run_answer(const TruthDesk& desk, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const auto run = run_asked(desk, request);
  if (run == nullptr) {
    return not_kept();
  }
  JsonWriter json;
  json.begin_object().field("number", run->number).field("listed", run->listed);
  moment_field(json, "finished_at", run->finished_at);
  json.key("model").begin_object().field("name", run->model_name);
  json.field("version", run->model_version);
  json.field("hash", std::string_view(hex(run->model_hash))).end_object();
  json.key("currency");
  write_currency(json, run->currency);
  truth_fields(json, run->validation);
  json.end_object();
  return json_response(json.take());
}

/// Whom a click on the page asks for.
struct Wanted {
  Foreteller by = Foreteller::index;
  Foretold what = Foretold::rank;
  std::optional<std::uint8_t> part;
  bool above = false;  ///< the part and all higher ones
  std::optional<Tier> tier;
  std::optional<Day> week;
  std::uint64_t offset = 0;
  std::uint64_t limit = 50;
};

template <class Named>
std::vector<std::string_view> all_names(std::size_t count) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(guanxi::name_of(static_cast<Named>(i)));
  }
  return names;
}

Wanted wanted_of(Parameters& parameters) {
  Wanted wanted;
  const std::string by = parameters.choice("predictor", all_names<Foreteller>(kForetellers));
  const std::string what = parameters.choice("what", all_names<Foretold>(kForetold));
  wanted.by = foreteller_named(by).value_or(Foreteller::index);
  wanted.what = foretold_named(what).value_or(Foretold::rank);
  const std::uint64_t part = parameters.number("part", 0, kTenths - 1, kTenths);
  if (part < kTenths) {
    wanted.part = static_cast<std::uint8_t>(part);
  }
  wanted.above = parameters.yes_no("above").value_or(false);
  const std::vector<std::string_view> tiers = names_of(tier_words());
  const std::string tier = parameters.choice("tier", tiers);
  if (!tier.empty()) {
    wanted.tier = static_cast<Tier>(std::find(tiers.begin(), tiers.end(), tier) - tiers.begin());
  }
  wanted.week = parameters.day("week");
  wanted.offset = parameters.number("offset", 0, UINT32_MAX, 0);
  wanted.limit = parameters.number("limit", 1, 500, 50);
  return wanted;
}

/// Places in the testimony of those who are wanted, the highest forecast first; of ranks, who did
/// most.
std::vector<std::uint32_t> places_of(const TruthRun& run, const Wanted& wanted,
                                     const Brand::View& view) {
  const Judgement& judgement = run.validation.of(wanted.by);
  const auto& people = run.testimony.people;
  const auto& tenths = judgement.tenths[static_cast<std::size_t>(wanted.what)];
  const auto& said = judgement.said[static_cast<std::size_t>(wanted.what)];
  std::unordered_set<std::uint64_t> of_week;
  if (wanted.week) {
    for (const std::uint32_t number :
         buyers_of_week(view.image, view.model, run.validation.at, *wanted.week)) {
      of_week.insert(hash64(view.image.id_text(view.image.ref_of(number))));
    }
  }
  std::vector<std::uint32_t> places;
  for (std::uint32_t i = 0; i < people.size(); ++i) {
    const bool in_part =
        !wanted.part || (i < tenths.size() &&
                         (tenths[i] == *wanted.part || (wanted.above && tenths[i] > *wanted.part)));
    const bool in_tier = !wanted.tier || people[i].tier == *wanted.tier;
    const bool in_week = !wanted.week || of_week.count(people[i].id_hash) > 0;
    if (in_part && in_tier && in_week) {
      places.push_back(i);
    }
  }
  std::sort(places.begin(), places.end(), [&](std::uint32_t a, std::uint32_t b) {
    const float first = a < said.size() ? said[a] : 0;
    const float second = b < said.size() ? said[b] : 0;
    if (first != second) {
      return first > second;
    }
    if (people[a].next_days != people[b].next_days) {
      return people[a].next_days > people[b].next_days;
    }
    return people[a].index_milli != people[b].index_milli
               ? people[a].index_milli > people[b].index_milli
               : a < b;
  });
  return places;
}

/// Where the people of a page stand in the image now; nobody where one is known by that id no more,
/// or may not be listed any more.
std::map<std::uint32_t, PersonRef> refs_of(const TruthRun& run,
                                           std::span<const std::uint32_t> places,
                                           const Image& image) {
  std::map<std::uint32_t, PersonRef> refs;
  std::unordered_map<std::uint64_t, std::uint32_t> moved;
  const auto exists = [&](PersonRef ref) { return ref.index < image.people(ref.shard); };
  for (const std::uint32_t place : places) {
    const Witnessed& person = run.testimony.people[place];
    const PersonRef ref = image.ref_of(person.person);
    if (exists(ref) && hash64(image.id_text(ref)) == person.id_hash) {
      refs[place] = ref;
    } else {
      moved[person.id_hash] = place;
    }
  }
  for (std::uint32_t shard = 0; shard < image.shards() && !moved.empty(); ++shard) {
    for (std::uint32_t index = 0; index < image.people(shard); ++index) {
      const auto found = moved.find(hash64(image.id_text({shard, index})));
      if (found != moved.end()) {
        refs[found->second] = {shard, index};
      }
    }
  }
  std::erase_if(refs,
                [&](const auto& entry) { return (image.stance(entry.second) & kNotFolded) != 0; });
  return refs;
}

void said_field(JsonWriter& json, std::string_view name, const Judgement& judgement, Foretold what,
                std::uint32_t place) {
  const auto& said = judgement.said[static_cast<std::size_t>(what)];
  if (place < said.size()) {
    json.field(name, static_cast<double>(said[place]));
  } else {
    json.field_null(name);
  }
}

void write_person(JsonWriter& json, const TruthRun& run, const Judgement& judgement,
                  std::uint32_t place, std::string_view id) {
  const Witnessed& person = run.testimony.people[place];
  json.begin_object().field("id", id).field("tier", guanxi::name_of(person.tier));
  json.field("index_milli", person.index_milli);
  day_field(json, "first_day", person.bought.first);
  day_field(json, "last_day", person.bought.last);
  json.field("purchases_before", person.bought.days);
  json.field("spend_before_minor", within_json(person.bought.paid_minor));
  said_field(json, "purchases_said", judgement, Foretold::purchases, place);
  said_field(json, "spend_said_minor", judgement, Foretold::spend, place);
  said_field(json, "activity_said", judgement, Foretold::activity, place);
  json.field("purchases", person.next_days);
  json.field("spend_minor", within_json(person.next_paid_minor)).end_object();
}

Response people_answer(const TruthDesk& desk, const Context& context, const Request& request) {
  Parameters parameters(request,
                        {"predictor", "what", "part", "above", "tier", "week", "offset", "limit"});
  const Wanted wanted = wanted_of(parameters);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const auto run = run_asked(desk, request);
  if (run == nullptr || !run->listed) {
    return not_kept();
  }
  const Viewer viewer(request, *context.masking);
  return with_view(context, [&](const Brand::View& view) {
    const std::vector<std::uint32_t> places = places_of(*run, wanted, view);
    const auto first = std::min<std::uint64_t>(wanted.offset, places.size());
    const auto count = std::min<std::uint64_t>(wanted.limit, places.size() - first);
    const std::span<const std::uint32_t> page =
        std::span(places).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    const auto refs = refs_of(*run, page, view.image);
    JsonWriter json;
    json.begin_object().field("total", places.size()).field("gone", page.size() - refs.size());
    json.field("offset", wanted.offset).field("limit", wanted.limit).key("rows").begin_array();
    for (const std::uint32_t place : page) {
      const auto ref = refs.find(place);
      if (ref != refs.end()) {
        write_person(json, *run, run->validation.of(wanted.by), place,
                     viewer.id(view.image.id_text(ref->second)));
      }
    }
    json.end_array().end_object();
    return json_response(json.take());
  });
}

}  // namespace

void add_truth_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  using access::Permission;
  const RouteAdder add(context, routes);
  const auto desk = std::make_shared<TruthDesk>(context->brand);
  add.get("/api/v1/truth", "What was looked back on, and what runs", Permission::look,
          [desk](const Context& c, const Request& request) {
            const Parameters parameters(request, {});
            return parameters.refusal() ? *parameters.refusal()
                                        : desk_answer(*desk, Viewer(request, *c.masking));
          });
  add.post("/api/v1/truth", "Stands at an earlier day, in the background", Permission::decide,
           [desk](const Context& c, const Request& request) { return begun(*desk, c, request); });
  add.post("/api/v1/truth/stop", "Ends the one that runs", Permission::decide,
           [desk](const Context& c, const Request& request) {
             const JsonBody body(request, {});
             if (body.refusal()) {
               return *body.refusal();
             }
             desk->stop();
             return desk_answer(*desk, Viewer(request, *c.masking));
           });
  add.get("/api/v1/truth/{number}", "What every forecast said, beside what came", Permission::look,
          [desk](const Context&, const Request& request) { return run_answer(*desk, request); });
  add.get(
      "/api/v1/truth/{number}/people", "The people of one point of a picture", Permission::look,
      [desk](const Context& c, const Request& request) { return people_answer(*desk, c, request); },
      http::Lane::slow);
}

}  // namespace guanxi::api
