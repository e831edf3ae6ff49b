#include <simdjson.h>

#include "api/handlers.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "people/duplicate_traits.hpp"

namespace guanxi::api {
namespace {

using access::Permission;
using http::Request;
using http::Response;

constexpr std::uint64_t kLinksMost = 500;
constexpr std::size_t kIdBytesMost = 300;

std::optional<Instant> seen_at(std::uint64_t times, Instant at) {
  return times == 0 ? std::nullopt : std::optional<Instant>(at);
}

void write_ids(JsonWriter& json, const std::vector<std::string>& ids, const Viewer& viewer) {
  json.begin_array();
  for (const std::string& id : ids) {
    json.string(viewer.id(id));
  }
  json.end_array();
}

void write_link(JsonWriter& json, const Image& image, std::uint32_t person, const KnownLink& link,
                const Viewer& viewer) {
  json.begin_object().field("a", viewer.id(to_string(link.a)));
  json.field("b", viewer.id(to_string(link.b)));
  json.field("verdict", guanxi::name_of(link.verdict));
  json.field("times", link.evidence.times).field("alias", link.evidence.alias);
  moment_field(json, "first_at",
               seen_at(link.evidence.times, Instant{std::int64_t{link.evidence.occurred_s}}));
  if (link.decision == 0) {
    json.field_null("decision");
  } else {
    json.field("decision", link.decision);
  }
  text_field(json, "decided", link.decided_same ? "same" : link.decided_apart ? "apart" : "");
  std::string other;
  for (const ExternalId& end : {link.a, link.b}) {
    const std::uint32_t owner = image.identity().find(end);
    if (owner != person && owner != Identity::kNobody) {
      other = viewer.id(image.id_text(image.ref_of(owner)));
    }
  }
  text_field(json, "other", other);
  json.end_object();
}

Response identity_of(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  return with_view(context, [&](const Brand::View& view) {
    const Viewer viewer(request, *context.masking);
    const auto person = viewer.find(view.image, request.path_argument("id"));
    if (!person) {
      return http::problem(Error{ErrorCode::not_found, "nobody is known by this id"}, "id");
    }
    const std::uint32_t number = view.image.number_of(*person);
    JsonWriter json;
    json.begin_object().field("id", viewer.id(view.image.id_text(*person)));
    json.key("ids");
    write_ids(json, view.image.ids(*person), viewer);
    json.field("contested", view.image.identity().is_contested(number));
    json.key("links").begin_array();
    std::uint64_t links = 0;
    view.image.identity().for_each_link(number, [&](const KnownLink& link) {
      if (++links <= kLinksMost) {
        write_link(json, view.image, number, link, viewer);
      }
    });
    json.end_array().field("links_more", links > kLinksMost ? links - kLinksMost : 0);
    json.end_object();
    return json_response(json.take());
  });
}

// What people tell of themselves, as far as it is looked at; read from the log without the image
// being held.
Result<std::vector<TraitSight>> traits_told(const Brand& brand) {
  std::vector<std::uint32_t> ordinals;
  GUANXI_TRY_VOID(brand.read([&](const Brand::View& view) {
    if (has_day(view)) {
      ordinals = trait_ordinals(view.image);
    }
  }));
  std::vector<TraitSight> sights;
  const auto told = brand.originals(
      ordinals, [&](std::size_t /*place*/, const Event& event) { look_at_traits(event, sights); });
  // Not found: somebody was erased meanwhile, and the log is shorter.
  return told || told.error().code == ErrorCode::not_found
             ? Result<std::vector<TraitSight>>(std::move(sights))
             : Result<std::vector<TraitSight>>(Unexpected{told.error()});
}

Response duplicates(Context& context, const Request& request) {
  Parameters parameters(request, {"limit"});
  const std::uint64_t limit = parameters.number("limit", 1, 500, 50);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Viewer asking(request, *context.masking);
  const std::string key = "duplicates" + std::string(asking.key()) + std::to_string(limit);
  std::shared_ptr<const std::string> known;
  const auto looked = context.brand->read(
      [&](const Brand::View& view) { known = context.cache.find(view.image.version(), key); });
  if (looked && known) {
    return json_response(*known);
  }
  const auto traits = traits_told(*context.brand);
  if (!traits) {
    return http::problem(traits.error());
  }
  return with_view(context, [&](const Brand::View& view) {
    const Viewer viewer(request, *context.masking);
    const Duplicates found = find_duplicates(view.image, limit, *traits);
    JsonWriter json;
    json.begin_object().field("found", found.found).key("pairs").begin_array();
    for (const Duplicate& pair : found.pairs) {
      json.begin_object().field("a", viewer.id(pair.a)).field("b", viewer.id(pair.b));
      json.field("points", pair.points).key("signs").begin_array();
      for (const DuplicateSign& sign : pair.signs) {
        json.begin_object().field("kind", guanxi::name_of(sign.kind));
        json.field("a", viewer.id(sign.a)).field("b", viewer.id(sign.b));
        json.field("times", sign.times);
        moment_field(json, "first_at", seen_at(sign.times, sign.first_at));
        json.end_object();
      }
      json.end_array().end_object();
    }
    json.end_array().end_object();
    std::string body = json.take();
    context.cache.keep(view.image.version(), key, body);
    return json_response(std::move(body));
  });
}

Response decisions(const Context& context, const Request& request) {
  Parameters parameters(request, {"limit"});
  const std::uint64_t limit = parameters.number("limit", 1, 500, 50);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const auto all = context.brand->decisions();
  if (!all) {
    return http::problem(all.error());
  }
  const Viewer viewer(request, *context.masking);
  JsonWriter json;
  json.begin_object().field("total", all->size()).key("decisions").begin_array();
  std::uint64_t shown = 0;
  for (auto record = all->rbegin(); record != all->rend() && shown < limit; ++record, ++shown) {
    json.begin_object().field("number", record->number);
    moment_field(json, "decided_at", record->decided_at);
    json.field("kind", std::string_view(record->kind));
    json.field("first_id", viewer.id(record->first_id));
    text_field(json, "second_id", viewer.id(record->second_id));
    json.field("actor", std::string_view(record->actor));
    json.field("note", viewer.closed(record->note)).end_object();
  }
  json.end_array().end_object();
  return json_response(json.take());
}

std::optional<IdDecision::Kind> kind_named(std::string_view word) {
  using Kind = IdDecision::Kind;
  for (const Kind kind : {Kind::same, Kind::apart, Kind::open, Kind::distrust, Kind::trust}) {
    if (guanxi::name_of(kind) == word) {
      return kind;
    }
  }
  return std::nullopt;
}

// Reads {"kind", "first_id", "second_id", "note"}; every other member is refused with its name.
std::optional<Response> read_request(const std::string& body, DecisionRequest& asked) {
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(body).get(members) != simdjson::SUCCESS) {
    return http::problem(Error{ErrorCode::invalid, "the body is no JSON object"});
  }
  bool has_kind = false;
  for (const auto member : members) {
    std::string_view text;
    if (member.value.get(text) != simdjson::SUCCESS) {
      return http::problem(Error{ErrorCode::invalid, "is no text"}, member.key);
    }
    if (member.key == "kind") {
      const auto kind = kind_named(text);
      if (!kind) {
        return http::problem(
            Error{ErrorCode::invalid, "valid kinds: same, apart, open, distrust, trust"}, "kind");
      }
      asked.kind = *kind;
      has_kind = true;
    } else if (member.key == "note") {
      asked.note = std::string(text);
    } else if ((member.key == "first_id" || member.key == "second_id") &&
               text.size() <= kIdBytesMost) {
      (member.key == "first_id" ? asked.first_id : asked.second_id) = std::string(text);
    } else {
      return http::problem(
          Error{ErrorCode::invalid, "known are kind, first_id, second_id and note"}, member.key);
    }
  }
  if (!has_kind || asked.first_id.empty()) {
    return http::problem(Error{ErrorCode::invalid, "a decision has a kind and a first_id"},
                         has_kind ? "first_id" : "kind");
  }
  return std::nullopt;
}

void write_people(JsonWriter& json, std::string_view name,
                  const std::vector<std::vector<std::string>>& people, const Viewer& viewer) {
  json.key(name).begin_array();
  for (const std::vector<std::string>& ids : people) {
    write_ids(json, ids, viewer);
  }
  json.end_array();
}

Response decide(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  DecisionRequest asked;
  if (auto refusal = read_request(request.body, asked)) {
    return *refusal;
  }
  asked.actor = request.principal.user;
  const auto report = context.brand->decide(asked);
  if (!report) {
    return http::problem(report.error());
  }
  const Viewer viewer(request, *context.masking);
  JsonWriter json;
  json.begin_object().field("number", report->number);
  write_people(json, "before", report->before, viewer);
  write_people(json, "after", report->after, viewer);
  json.end_object();
  return json_response(json.take());
}

}  // namespace

void add_identity_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  add.get("/api/v1/people/{id}/identity", "Which ids are theirs, and why", Permission::look,
          identity_of);
  add.get("/api/v1/identities/duplicates", "People who may be one, likeliest first",
          Permission::correct, duplicates, http::Lane::slow);
  add.get("/api/v1/identities/decisions", "What was decided about who is who", Permission::correct,
          decisions);
  add.post("/api/v1/identities/decisions", "Decides who is who", Permission::correct, decide);
}

}  // namespace guanxi::api
