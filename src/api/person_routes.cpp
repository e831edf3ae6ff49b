#include <algorithm>
#include <map>

#include "api/handlers.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "events/event_json.hpp"
#include "people/survey.hpp"
#include "relationship/explain.hpp"
#include "relationship/facts.hpp"

namespace guanxi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::int32_t kPointsMost = 400;

/// One person on one day, explained: what all views of a person start from.
struct Subject {
  PersonRef person;
  std::string id;  ///< as the viewer may see it
  Explanation explanation;
  Viewer viewer;
};

using AnswerSubject = std::function<Response(const Brand::View&, const Subject&)>;

// Finds the person of the path and explains them on the day asked for; 404 when nobody is known.
Response with_person(const Context& context, const Request& request, Parameters& parameters,
                     const AnswerSubject& answer) {
  return with_view(context, [&](const Brand::View& view) {
    if (parameters.refusal()) {
      return *parameters.refusal();
    }
    const std::string& asked = request.path_argument("id");
    const Viewer viewer(request, *context.masking);
    const std::optional<PersonRef> person =
        has_day(view) ? viewer.find(view.image, asked) : std::nullopt;
    if (!person) {
      return http::problem(Error{ErrorCode::not_found, "nobody is known by this id"}, "id");
    }
    if (view.image.only_stored(*person)) {
      if (context.access != nullptr) {
        const access::Actor by{request.principal.user, request.principal.session, request.peer};
        static_cast<void>(context.access->audit().note(
            by, "people.restricted", context.access->audit().code_of(view.image.id_text(*person)),
            "refused"));
      }
      return http::problem(Error{ErrorCode::conflict,
                                 "the use of this person's data is restricted: they are stored and "
                                 "nothing else"},
                           "id");
    }
    const Day at = day_asked(parameters, view);
    if (parameters.refusal()) {
      return *parameters.refusal();
    }
    FoldMemory memory;
    return answer(view,
                  Subject{*person, viewer.id(view.image.id_text(*person)),
                          explain(view.image.timeline(*person), view.model, at, memory), viewer});
  });
}

void write_state(JsonWriter& json, const State& state, Day at) {
  json.begin_object().field("events", state.events);
  day_field(json, "first_day", state.first_day);
  day_field(json, "first_order_day", state.first_order_day);
  day_field(json, "last_order_day", state.last_order_day);
  if (state.last_order_day == kNoDay) {
    json.field_null("silence_days");
  } else {
    json.field("silence_days", at.number - state.last_order_day.number);
  }
  json.field("orders", state.orders).field("orders_returned", state.orders_returned);
  json.field("order_days", state.order_days);
  if (state.order_days < 2) {
    json.field_null("mean_gap_days_milli");
  } else {
    json.field("mean_gap_days_milli",
               std::int64_t{state.last_order_day.number - state.first_order_day.number} * 1000 /
                   (std::int64_t{state.order_days} - 1));
  }
  json.field("repeat_occasions", state.repeat_occasions).field("lines", state.lines);
  json.field("spent_minor", state.spent_minor).field("returned_minor", state.returned_minor);
  json.field("referred_orders", std::int64_t{state.referred_orders} - state.referred_refunds);
  day_field(json, "tier_since", state.tier_since);
  day_field(json, "breach_day", state.breach_day);
  json.field("reachable", state.reachable != 0).end_object();
}

void write_facts(JsonWriter& json, const Explanation& explanation, const Model& model) {
  const Standing standing = standing_on(explanation.state, model, explanation.day);
  json.begin_array();
  for (std::size_t i = 0; i < kFacts; ++i) {
    const auto fact = static_cast<Fact>(i);
    const std::int64_t value =
        fact_value(fact, explanation.state, standing, model, explanation.day);
    json.begin_object().field("fact", guanxi::name_of(fact));
    json.field("observable", model.observable(fact)).field("value", within_json(value));
    json.field("text", fact_text(fact, value));
    json.field("en", fact_words()[i].en).field("zh", fact_words()[i].zh).end_object();
  }
  json.end_array();
}

// The fields that every view of a person begins with.
void subject_fields(JsonWriter& json, const Brand::View& view, const Subject& subject) {
  json.field("id", subject.id);
  day_field(json, "at", subject.explanation.day);
  json.key("model");
  write_model_name(json, view.model);
  json.key("currency");
  write_currency(json, view.currency);
  json.key("reading").begin_object();
  reading_fields(json, subject.explanation.reading);
  json.end_object().key("trust");
  write_trust(json, subject.explanation, view.model);
  json.key("dimensions");
  write_dimensions(json, subject.explanation);
}

Response person(const Context& context, const Request& request) {
  Parameters parameters(request, {"at"});
  return with_person(
      context, request, parameters, [](const Brand::View& view, const Subject& subject) {
        JsonWriter json;
        json.begin_object();
        subject_fields(json, view, subject);
        json.key("ids").begin_array();
        for (const std::string& id : view.image.ids(subject.person)) {
          json.string(subject.viewer.id(id));
        }
        json.end_array().key("state");
        write_state(json, subject.explanation.state, subject.explanation.day);
        json.key("facts");
        write_facts(json, subject.explanation, view.model);
        const std::optional<PersonRef> referrer = view.image.referrer_of(subject.person);
        text_field(json, "brought_by",
                   referrer ? subject.viewer.id(view.image.id_text(*referrer)) : std::string());
        json.end_object();
        return json_response(json.take());
      });
}

/// What the log says of an event beyond its compact form.
struct Original {
  std::string name;
  std::string title;
  std::string order_id;
};

// Of derived events there is none: their ordinal is that of the event that caused them.
std::vector<Original> originals_of(const Context& context, std::span<const CompactEvent> events,
                                   const Viewer& viewer) {
  std::vector<Original> out(events.size());
  std::vector<std::uint32_t> ordinals;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!events[i].has(kDerived)) {
      ordinals.push_back(events[i].ordinal());
      places.push_back(i);
    }
  }
  const auto keep = [&](std::size_t place, const Event& event) {
    Original& original = out[places[place]];
    original = {viewer.text(event.name), viewer.title(event.kind, event.title),
                viewer.text(event.order_id)};
  };
  // Without the log's help a timeline still has its kinds, days and amounts.
  static_cast<void>(context.brand->originals(ordinals, keep).has_value());
  return out;
}

// What a compact event says by itself.
void compact_fields(JsonWriter& json, const CompactEvent& event) {
  json.field("ordinal", event.ordinal()).field("kind", guanxi::name_of(event.kind()));
  json.field("at", to_string(event.occurred_at()));
  json.field("derived", event.has(kDerived));
  if (event.amount_minor() == 0) {
    json.field_null("amount_minor");
  } else {
    json.field("amount_minor", event.amount_minor());
  }
  if (event.quantity() == 0) {
    json.field_null("quantity");
  } else {
    json.field("quantity", event.quantity());
  }
}

using LinesByEvent = std::multimap<std::uint64_t, const EvidenceLine*>;

/// A list of events as far as the image knows them. What the log adds is fetched when the image has
/// been let go, so that nobody waits for the disk with the writer behind them.
struct EventList {
  std::string head;  ///< the answer's JSON up to the list
  std::vector<CompactEvent> events;
  std::vector<std::string> known;   ///< of each event: its object without the closing brace
  std::vector<std::string> titles;  ///< of each event: what to show when the log has no title
  std::string tail;                 ///< the answer's JSON after the list
};

std::string timeline_event(const Brand::View& view, const CompactEvent& event,
                           const LinesByEvent& lines, const Viewer& viewer) {
  JsonWriter json;
  json.begin_object();
  compact_fields(json, event);
  day_field(json, "day", view.model.zone.day_of(event.occurred_at()));
  text_field(json, "subject",
             viewer.subject(event.kind(), view.image.subjects().text(event.subject())));
  json.key("flags");
  write_flags(json, event.flags());
  json.key("evidence").begin_array();
  const auto [first, last] = lines.equal_range(event.id_hash());
  for (auto line = first; line != last; ++line) {
    json.begin_object();
    evidence_fields(json, *line->second, view.model);
    json.end_object();
  }
  json.end_array();
  return json.take();
}

struct TimelineAsked {
  std::uint64_t offset;
  std::uint64_t limit;
  bool newest_first;
};

EventList timeline_page(const Brand::View& view, const Subject& subject,
                        const TimelineAsked& asked) {
  std::vector<CompactEvent> events;
  for (const CompactEvent& event : view.image.timeline(subject.person)) {
    if (view.model.zone.day_of(event.occurred_at()) <= subject.explanation.day) {
      events.push_back(event);
    }
  }
  if (asked.newest_first) {
    std::reverse(events.begin(), events.end());
  }
  JsonWriter json;
  json.begin_object().field("id", subject.id);
  day_field(json, "at", subject.explanation.day);
  json.key("currency");
  write_currency(json, view.currency);
  json.field("total", events.size()).field("offset", asked.offset).field("limit", asked.limit);
  json.key("events");
  EventList page;
  page.head = json.take();
  page.tail = "}";
  const std::size_t first = std::min<std::size_t>(asked.offset, events.size());
  const std::size_t count = std::min<std::size_t>(asked.limit, events.size() - first);
  page.events.assign(events.begin() + static_cast<std::ptrdiff_t>(first),
                     events.begin() + static_cast<std::ptrdiff_t>(first + count));
  LinesByEvent lines;
  for (const EvidenceLine& line : subject.explanation.evidence) {
    lines.emplace(line.event.id_hash(), &line);
  }
  for (const CompactEvent& event : page.events) {
    page.known.push_back(timeline_event(view, event, lines, subject.viewer));
    page.titles.emplace_back();
  }
  return page;
}

/// The events of more than kTitlesMost places are not looked up in the log.
constexpr std::size_t kTitlesMost = 500;

std::string with_originals(const Context& context, const EventList& list, const Viewer& viewer) {
  const std::size_t count = std::min(list.events.size(), kTitlesMost);
  std::vector<Original> originals =
      originals_of(context, std::span(list.events).first(count), viewer);
  originals.resize(list.events.size());
  std::string out = list.head + '[';
  for (std::size_t i = 0; i < list.known.size(); ++i) {
    const Original& original = originals[i];
    JsonWriter added;
    added.begin_object();
    text_field(added, "name", original.name);
    text_field(added, "title", original.title.empty() ? list.titles[i] : original.title);
    text_field(added, "order_id", original.order_id);
    added.end_object();
    out += i == 0 ? "" : ",";
    out.append(list.known[i]).append(",").append(added.text(), 1);
  }
  return out + "]" + list.tail;
}

Response timeline(const Context& context, const Request& request) {
  Parameters parameters(request, {"at", "offset", "limit", "desc"});
  TimelineAsked asked{};
  asked.offset = parameters.number("offset", 0, UINT32_MAX, 0);
  asked.limit = parameters.number("limit", 1, 500, 50);
  asked.newest_first = parameters.yes_no("desc").value_or(true);
  EventList page;
  Response found = with_person(context, request, parameters,
                               [&](const Brand::View& view, const Subject& subject) {
                                 page = timeline_page(view, subject, asked);
                                 return Response{};
                               });
  if (found.status != 200) {
    return found;
  }
  return json_response(with_originals(context, page, Viewer(request, *context.masking)));
}

void write_postings(JsonWriter& json, const std::vector<Posting>& postings) {
  json.begin_array();
  for (const Posting& posting : postings) {
    json.begin_object();
    posting_fields(json, posting);
    json.end_object();
  }
  json.end_array();
}

Response history_of_person(const Context& context, const Request& request) {
  Parameters parameters(request, {"at", "days"});
  const auto days = static_cast<std::int32_t>(parameters.number("days", 1, 36500, 36500));
  return with_person(
      context, request, parameters, [&](const Brand::View& view, const Subject& subject) {
        const Explanation& explanation = subject.explanation;
        const Day to = explanation.day;
        const Day known =
            explanation.state.first_day == kNoDay ? to : std::min(explanation.state.first_day, to);
        const Day from{std::max(known.number, to.number - days)};
        const std::int32_t step = (to.number - from.number) / kPointsMost + 1;
        JsonWriter json;
        json.begin_object().field("id", subject.id);
        day_field(json, "from", from);
        day_field(json, "to", to);
        json.field("step_days", step).key("points").begin_array();
        for (const HistoryPoint& point : history(view.image, subject.person, view.model, from, to,
                                                 static_cast<std::uint32_t>(step))) {
          json.begin_object();
          day_field(json, "day", point.day);
          json.field("tier", guanxi::name_of(point.reading.tier));
          json.field("index_milli", point.reading.index_milli);
          json.field("trust_bp", bp(point.reading.trust_16));
          json.field("uncertainty_bp", bp(point.reading.uncertainty_16));
          json.field("depth_bp", bp(point.reading.depth_16)).end_object();
        }
        json.end_array().key("postings");
        write_postings(json, explanation.postings);
        json.end_object();
        return json_response(json.take());
      });
}

// The weightiest first; what follows decides between equals, so that the order is always the same.
bool weightier(const EvidenceLine* a, const EvidenceLine* b) {
  const auto weight = [](const EvidenceLine& line) {
    return std::make_tuple(-std::abs(line.index_milli), -std::abs(line.worth_16),
                           -std::int64_t{line.event.occurred_s()}, line.event.id_hash(), line.rule);
  };
  return weight(*a) < weight(*b);
}

std::string evidence_line(const Brand::View& view, const EvidenceLine& line) {
  JsonWriter json;
  json.begin_object();
  evidence_fields(json, line, view.model);
  compact_fields(json, line.event);
  return json.take();
}

// Lists the weightiest lines, and sums the rest into `tail`.
void list_evidence(const Brand::View& view, const Subject& subject, std::size_t limit,
                   EventList& list, JsonWriter& tail) {
  const Explanation& explanation = subject.explanation;
  std::vector<const EvidenceLine*> lines;
  for (const EvidenceLine& line : explanation.evidence) {
    lines.push_back(&line);
  }
  std::sort(lines.begin(), lines.end(), weightier);
  const std::size_t shown = std::min(limit, lines.size());
  EvidenceLine rest;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < shown) {
      list.events.push_back(lines[i]->event);
      list.known.push_back(evidence_line(view, *lines[i]));
      list.titles.push_back(subject.viewer.subject(
          lines[i]->event.kind(), view.image.subjects().text(lines[i]->event.subject())));
    } else {
      rest.index_milli += lines[i]->index_milli;
      rest.good_16 += lines[i]->good_16;
      rest.bad_16 += lines[i]->bad_16;
    }
  }
  tail.field("evidence_total", lines.size()).key("rest").begin_object();
  tail.field("lines", lines.size() - shown).field("index_milli", rest.index_milli);
  tail.field("good_16", rest.good_16).field("bad_16", rest.bad_16).end_object();
}

void write_checks(JsonWriter& json, const std::vector<ConditionCheck>& checks) {
  json.begin_array();
  for (const ConditionCheck& check : checks) {
    write_check(json, check);
  }
  json.end_array();
}

void write_gates(JsonWriter& json, const Explanation& explanation) {
  json.begin_array();
  for (const GateCheck& gate : explanation.gates) {
    json.begin_object().field("tier", guanxi::name_of(gate.tier));
    json.field("observable", gate.observable).field("enters", gate.enters);
    json.field("keeps", gate.keeps).field("options_needed", gate.options_needed);
    json.key("checks");
    write_checks(json, gate.checks);
    json.end_object();
  }
  json.end_array();
}

EventList explanation_list(const Brand::View& view, const Subject& subject, std::size_t limit) {
  const Explanation& explanation = subject.explanation;
  EventList list;
  JsonWriter head;
  head.begin_object();
  subject_fields(head, view, subject);
  head.key("evidence");
  list.head = head.take();
  JsonWriter tail;
  tail.begin_object();
  list_evidence(view, subject, limit, list, tail);
  tail.key("gates");
  write_gates(tail, explanation);
  if (explanation.next == explanation.reading.tier) {
    tail.field_null("next");
  } else {
    tail.field("next", guanxi::name_of(explanation.next));
  }
  tail.key("to_open");
  write_checks(tail, explanation.to_open);
  tail.key("postings");
  write_postings(tail, explanation.postings);
  tail.key("unobservable").begin_array();
  for (const Fact fact : explanation.unobservable) {
    write_unobservable(tail, fact, view.model);
  }
  tail.end_array().end_object();
  list.tail = "," + tail.take().substr(1);
  return list;
}

Response explanation_of_person(const Context& context, const Request& request) {
  Parameters parameters(request, {"at", "limit"});
  const std::uint64_t limit = parameters.number("limit", 1, 5000, 500);
  EventList list;
  Response found = with_person(context, request, parameters,
                               [&](const Brand::View& view, const Subject& subject) {
                                 list = explanation_list(view, subject, limit);
                                 return Response{};
                               });
  if (found.status != 200) {
    return found;
  }
  return json_response(with_originals(context, list, Viewer(request, *context.masking)));
}

Response event_original(const Context& context, const Request& request) {
  Parameters parameters(request, {});
  const std::optional<std::uint64_t> ordinal = whole_number(request.path_argument("ordinal"));
  if (!ordinal || *ordinal > UINT32_MAX) {
    parameters.refuse("ordinal", "an ordinal is a whole number from 0 to 4294967295");
  }
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const auto asked = static_cast<std::uint32_t>(*ordinal);
  const Viewer viewer(request, *context.masking);
  JsonWriter json;
  bool found = false;
  const Result<void> read = context.brand->originals(
      std::span(&asked, 1), [&](std::size_t /*place*/, const Event& event) {
        found = true;
        json.begin_object().field("ordinal", asked);
        json.field("kind", guanxi::name_of(event.kind));
        EventBatch keeper;
        const Masking* masking = viewer.masking();
        json.field_raw(
            "event",
            event_json(masking == nullptr ? event : masked_event(event, *masking, keeper)));
        json.end_object();
      });
  if (!read) {
    return http::problem(read.error(), read.error().code == ErrorCode::not_found ? "ordinal" : "");
  }
  if (!found) {
    return http::problem(Error{ErrorCode::not_found, "the log has no such event"}, "ordinal");
  }
  return json_response(json.take());
}

}  // namespace

void add_person_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  const auto look = access::Permission::look;
  add.get("/api/v1/people/{id}", "One person on one day", look, person);
  add.get("/api/v1/people/{id}/timeline", "Their events and the evidence each fed", look, timeline);
  add.get("/api/v1/people/{id}/history", "Index, trust and depth over time", look,
          history_of_person);
  add.get("/api/v1/people/{id}/explanation", "Why they stand where they stand", look,
          explanation_of_person);
  add.get("/api/v1/events/{ordinal}", "One original event from the log", look, event_original);
}

}  // namespace guanxi::api
