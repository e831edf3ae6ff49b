#include <cmath>

#include "api/handlers.hpp"
#include "api/period.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kVersion = GUANXI_VERSION;
constexpr std::int32_t kSeriesDays = 400;
constexpr std::size_t kSourceBytesMost = 512;

std::int64_t thousandths(double value) { return std::llround(value * 1000.0); }

void write_sources(JsonWriter& json, const LogFacts& facts, const Viewer& viewer) {
  json.begin_array();
  for (const SourceRecord& source : facts.sources) {
    json.begin_object().field("name", viewer.text(source.name));
    json.field("events", source.added).field("refused", source.refused);
    moment_field(json, "at",
                 source.finished_at.seconds == 0 ? std::nullopt
                                                 : std::optional<Instant>(source.finished_at));
    json.end_object();
  }
  json.end_array();
}

Day first_day_of(const Image& image) {
  Day first = kNoDay;
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for (const SmallDay small : image.columns(shard).first_day) {
      const Day day = day_of(small);
      if (day != kNoDay && (first == kNoDay || day < first)) {
        first = day;
      }
    }
  }
  return first;
}

void write_status(JsonWriter& json, const LogFacts& facts, const Brand::View& view,
                  const Viewer& viewer) {
  const Image& image = view.image;
  const MemoryUse memory = image.memory();
  const bool known = has_day(view);
  json.begin_object().field("version", kVersion).field("read_only", facts.read_only);
  json.key("model");
  write_model_name(json, view.model);
  json.key("currency");
  write_currency(json, view.currency);
  json.field("zone", std::string_view(view.model.zone.name()));
  day_field(json, "as_of", known ? image.as_of() : kNoDay);
  json.field("people", image.people()).field("events", image.events());
  json.field("unattributed_events", image.nobody_events()).field("refused", facts.refused);
  json.key("sources");
  write_sources(json, facts, viewer);
  day_field(json, "first_day", known ? first_day_of(image) : kNoDay);
  day_field(json, "last_day",
            known && image.people() > 0 ? view.model.zone.day_of(image.last_event_at()) : kNoDay);
  json.key("memory").begin_object();
  json.field("bytes_total", memory.event_bytes + memory.nobody_bytes + memory.person_bytes +
                                memory.subject_bytes + memory.cache_bytes);
  json.field("bytes_per_event_milli", thousandths(memory.bytes_per_event()));
  json.field("bytes_per_person_milli", thousandths(memory.bytes_per_person())).end_object();
  json.key("observed_kinds");
  write_kinds(json, view.model.calibration.observed_kinds);
  json.end_object();
}

Response status(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<LogFacts> facts = context.brand->log_facts();
  if (!facts) {
    return http::problem(facts.error());
  }
  return with_view(context, [&](const Brand::View& view) {
    JsonWriter json;
    write_status(json, *facts, view, Viewer(request, *context.masking));
    return json_response(json.take());
  });
}

void write_words(JsonWriter& json, std::string_view name, std::span<const Word> words) {
  json.key(name).begin_array();
  for (const Word& word : words) {
    write_word(json, word);
  }
  json.end_array();
}

Response words(const Context& /*context*/, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  JsonWriter json;
  json.begin_object();
  write_words(json, "tiers", tier_words());
  write_words(json, "velocities", velocity_words());
  write_words(json, "dimensions", dimension_words());
  write_words(json, "facts", fact_words());
  json.key("kinds").begin_array();
  for (int kind = 0; kind < kEventKinds; ++kind) {
    write_kind_word(json, static_cast<EventKind>(kind));
  }
  json.end_array();
  write_words(json, "causes", cause_words());
  write_words(json, "flags", flag_words());
  json.end_object();
  return json_response(json.take());
}

// Facts that a tier, or one below it, cannot do without and no source shows.
void write_missing(JsonWriter& json, std::size_t tier, const Model& model) {
  json.begin_array();
  if (!model.observable(static_cast<Tier>(tier))) {
    for (std::size_t gate = 1; gate <= tier; ++gate) {
      for (const Condition& condition : model.gates[gate].all) {
        if (!condition.where_observable && !model.observable(condition.fact)) {
          write_unobservable(json, condition.fact, model);
        }
      }
    }
  }
  json.end_array();
}

void write_tiers(JsonWriter& json, const Period& period, const Model& model) {
  const TierPeople before = period.people_from();
  const TierPeople after = period.people_to();
  std::uint64_t total = 0;
  for (const std::uint64_t people : after) {
    total += people;
  }
  json.begin_array();
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    json.begin_object().field("tier", guanxi::name_of(static_cast<Tier>(tier)));
    json.field("people_from", before[tier]).field("people_to", after[tier]);
    json.field("share_bp", total == 0 ? 0 : (after[tier] * 10000 + total / 2) / total);
    json.field("observable", model.observable(static_cast<Tier>(tier)));
    json.key("missing");
    write_missing(json, tier, model);
    json.end_object();
  }
  json.end_array();
}

void write_flows(JsonWriter& json, const Period& period) {
  json.begin_array();
  for (std::size_t from = 0; from < kTiers; ++from) {
    for (std::size_t to = 0; to < kTiers; ++to) {
      json.begin_object().field("from", guanxi::name_of(static_cast<Tier>(from)));
      json.field("to", guanxi::name_of(static_cast<Tier>(to)));
      json.field("people", period.flows[from][to]).end_object();
    }
  }
  json.end_array();
}

void write_series(JsonWriter& json, const Period& period) {
  json.begin_array();
  for (std::size_t i = 0; i < period.days.size(); ++i) {
    json.begin_object();
    day_field(json, "day", period.days[i]);
    for (std::size_t tier = 0; tier < kTiers; ++tier) {
      json.field(guanxi::name_of(static_cast<Tier>(tier)), period.series[i][tier]);
    }
    json.end_object();
  }
  json.end_array();
}

std::uint64_t sum_of(const TierPeople& people) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : people) {
    sum += count;
  }
  return sum;
}

void write_entered(JsonWriter& json, const Period& period, const Model& model) {
  json.field("entered", sum_of(period.entered_to));
  json.key("entered_to").begin_array();
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    json.begin_object().field("tier", guanxi::name_of(static_cast<Tier>(tier)));
    json.field("people", period.entered_to[tier]).end_object();
  }
  json.end_array();
  json.field("referred", period.referred).field("newcomers", period.newcomers);
  json.field("referred_newcomers", period.referred_newcomers);
  json.field("referral_observable", model.observable(Fact::referred_orders));
}

std::string hourglass_json(const Period& period, const Brand::View& view, bool known) {
  JsonWriter json;
  json.begin_object().key("model");
  write_model_name(json, view.model);
  json.key("currency");
  write_currency(json, view.currency);
  day_field(json, "from", known ? period.from : kNoDay);
  day_field(json, "to", known ? period.to : kNoDay);
  json.field("people_from", sum_of(period.people_from()));
  json.field("people_to", sum_of(period.people_to()));
  json.field("no_profiling", period.no_profiling);
  json.key("tiers");
  write_tiers(json, period, view.model);
  json.key("flows");
  write_flows(json, period);
  json.field("rises", period.rises()).field("falls", period.falls());
  json.field("stayed", sum_of(period.people_from()) - period.rises() - period.falls());
  write_entered(json, period, view.model);
  json.key("unobservable");
  write_unobservable_facts(json, view.model);
  json.field("step", known ? period.step : std::string_view("day")).key("series");
  write_series(json, period);
  json.end_object();
  return json.take();
}

Response hourglass(Context& context, const Request& request) {
  Parameters parameters(request, {"from", "to"});
  return with_view(context, [&](const Brand::View& view) {
    if (parameters.refusal()) {
      return *parameters.refusal();
    }
    if (!has_day(view)) {
      return json_response(hourglass_json(Period{}, view, false));
    }
    const FromTo asked = period_asked(parameters, view);
    if (parameters.refusal()) {
      return *parameters.refusal();
    }
    const std::uint64_t version = view.image.version();
    const std::string key = "hourglass " + to_string(asked.from) + ' ' + to_string(asked.to);
    if (const auto kept = context.cache.find(version, key)) {
      return json_response(*kept);
    }
    const Day first{std::max(first_day_of(view.image).number,
                             std::min(asked.from.number, asked.to.number - kSeriesDays))};
    std::string body =
        hourglass_json(period_of(view.image, asked.from, asked.to, first), view, true);
    context.cache.keep(version, key, body);
    return json_response(std::move(body));
  });
}

Response progress(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const WorkReport report = context.brand->work();
  JsonWriter json;
  json.begin_object().field("running", report.current.has_value());
  const Viewer viewer(request, *context.masking);
  write_work(json, "current", report.current, viewer);
  write_work(json, "last", report.last, viewer);
  json.end_object();
  return json_response(json.take());
}

Response dead_letters(const Context& context, const Request& request) {
  Parameters parameters(request, {"offset", "limit", "source"});
  const std::uint64_t offset = parameters.number("offset", 0, INT64_MAX, 0);
  const std::uint64_t limit = parameters.number("limit", 1, 500, 50);
  const std::string source = parameters.text("source", kSourceBytesMost).value_or("");
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<DeadLetterPage> page = context.brand->dead_letters(offset, limit, source);
  if (!page) {
    return http::problem(page.error());
  }
  const Viewer viewer(request, *context.masking);
  JsonWriter json;
  json.begin_object().field("total", page->total).field("offset", offset).field("limit", limit);
  json.key("letters").begin_array();
  for (const DeadLetter& letter : page->letters) {
    json.begin_object().field("id", letter.id).field("source", std::string_view(letter.source));
    json.field("line", letter.line).field("field", std::string_view(letter.field));
    json.field("reason", viewer.closed(letter.reason));
    json.field("original", viewer.closed(letter.original));
    moment_field(json, "at",
                 letter.received_at.seconds == 0 ? std::nullopt
                                                 : std::optional<Instant>(letter.received_at));
    moment_field(
        json, "resent_at",
        letter.resent_at.seconds == 0 ? std::nullopt : std::optional<Instant>(letter.resent_at));
    json.end_object();
  }
  json.end_array().end_object();
  return json_response(json.take());
}

}  // namespace

void add_brand_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  using http::Lane;
  const RouteAdder add(context, routes);
  const auto look = access::Permission::look;
  add.get("/api/v1/status", "What the server knows and on which model", look, status);
  add.get("/api/v1/words", "Every closed list in English and Chinese", look, words, Lane::instant);
  add.get("/api/v1/hourglass", "People per tier, flows, newcomers", look, hourglass, Lane::slow);
  add.get("/api/v1/progress", "What the engine is busy with", look, progress, Lane::instant);
  add.get("/api/v1/dead-letters", "Events that were refused", access::Permission::correct,
          dead_letters);
  add.get(
      "/openapi.json", "The description of this API", look,
      [](const Context& c, const Request&) { return json_response(c.files.openapi_json); },
      Lane::instant);
}

}  // namespace guanxi::api
