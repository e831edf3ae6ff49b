#include "api/access_handlers.hpp"
#include "api/parameters.hpp"

namespace guanxi::api {
namespace {

using access::AccessStore;
using access::AuditTrail;
using access::Permission;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr std::int64_t kSecondsOfDay = 86400;

// All codes of a person: one for each id they are known by.
std::vector<std::string> codes_of(const Context& context, AccessStore& store,
                                  const std::string& id) {
  const ExternalId asked = parse_external_id(id);
  std::vector<std::string> codes{store.audit().code_of(to_string(asked))};
  static_cast<void>(context.brand
                        ->read([&](const Brand::View& view) {
                          if (const auto person = view.image.find(asked)) {
                            for (const std::string& one : view.image.ids(*person)) {
                              codes.push_back(store.audit().code_of(one));
                            }
                          }
                        })
                        .has_value());
  return codes;
}

AuditTrail::Filter filter_asked(const Context& context, AccessStore& store,
                                Parameters& parameters) {
  AuditTrail::Filter filter;
  filter.user = parameters.text("user", 64).value_or("");
  filter.action = parameters.text("action", 100).value_or("");
  if (const auto person = parameters.text("person", 300); person && !person->empty()) {
    filter.subjects = codes_of(context, store, *person);
  }
  if (const auto from = parameters.day("from")) {
    filter.from = Instant{from->number * kSecondsOfDay};
  }
  if (const auto to = parameters.day("to")) {
    filter.to = Instant{(to->number + 1) * kSecondsOfDay};
  }
  filter.offset = parameters.number("offset", 0, UINT32_MAX, 0);
  filter.limit = parameters.number("limit", 1, 500, 50);
  return filter;
}

Response audit(const Context& context, AccessStore& store, const Request& request) {
  Parameters parameters(request, {"user", "action", "person", "from", "to", "offset", "limit"});
  const AuditTrail::Filter filter = filter_asked(context, store, parameters);
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<AuditTrail::Page> page = store.audit().page(filter);
  return answer_of<AuditTrail::Page>(page, [&](JsonWriter& json, const AuditTrail::Page& shown) {
    json.begin_object().field("total", shown.total).field("offset", filter.offset);
    json.field("limit", filter.limit).key("entries").begin_array();
    for (const access::AuditEntry& entry : shown.entries) {
      json.begin_object().field("seq", entry.seq);
      seen_field(json, "at", entry.at);
      json.field("user", entry.by.user).field("session", entry.by.session);
      json.field("peer", entry.by.peer).field("action", entry.action);
      json.field("subject", entry.subject).field("outcome", entry.outcome).end_object();
    }
    json.end_array().end_object();
  });
}

Response check(AccessStore& store, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const Result<AuditTrail::Head> head = store.audit().verify();
  if (!head && head.error().code != ErrorCode::corrupted) {
    return http::problem(head.error());
  }
  JsonWriter json;
  json.begin_object().field("ok", head.has_value());
  if (head) {
    json.field("entries", head->entries).field("chain", head->chain).field_null("problem");
  } else {
    json.field_null("entries").field_null("chain").field("problem", head.error().message);
  }
  return json_response(json.end_object().take());
}

}  // namespace

void add_audit_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  add.get("/api/v1/audit", "Who did what", Permission::audit, on_store(audit));
  add.get("/api/v1/audit/check", "Whether the trail is whole", Permission::audit, on_store(check),
          Lane::slow);
}

}  // namespace guanxi::api
