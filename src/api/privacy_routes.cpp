#include <simdjson.h>

#include "api/consents.hpp"
#include "api/handlers.hpp"
#include "api/person_file.hpp"
#include "api/receipt.hpp"
#include "api/shapes.hpp"
#include "base/json_writer.hpp"
#include "platform/clock.hpp"

namespace guanxi::api {
namespace {

using access::Permission;
using http::Request;
using http::Response;

constexpr std::size_t kWordBytesMost = 100;
constexpr std::size_t kProofBytesMost = 1000;

Response nobody() {
  return http::problem(Error{ErrorCode::not_found, "nobody is known by this id"}, "id");
}

/// The person of the path, as far as the image is needed.
struct Found {
  bool known = false;
  std::string id;  ///< primary
  std::uint8_t stance = 0;
  std::vector<std::uint32_t> consents;
};

Result<Found> find_person(const Context& context, const Request& request) {
  const Viewer viewer(request, *context.masking);
  Found found;
  GUANXI_TRY_VOID(context.brand->read([&](const Brand::View& view) {
    const auto person =
        has_day(view) ? viewer.find(view.image, request.path_argument("id")) : std::nullopt;
    if (person) {
      found.known = true;
      found.id = view.image.id_text(*person);
      found.stance = view.image.stance(*person);
      found.consents = consent_ordinals(view.image, *person);
    }
  }));
  return found;
}

void write_consent(JsonWriter& json, const Consent& consent, const Viewer& viewer) {
  json.begin_object().field("purpose", viewer.text(consent.purpose));
  text_field(json, "channel", viewer.text(consent.channel));
  json.field("given", consent.given).field("at", to_string(consent.at));
  json.field("ordinal", consent.ordinal);
  text_field(json, "text_version", viewer.text(consent.text_version));
  text_field(json, "proof", viewer.closed(consent.proof));
  text_field(json, "stated_by", viewer.closed(consent.stated_by));
  text_field(json, "name", viewer.text(consent.name));
  json.end_object();
}

Response privacy(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  const auto found = find_person(context, request);
  if (!found) {
    return http::problem(found.error());
  }
  if (!found->known) {
    return nobody();
  }
  const auto consents = consents_of(*context.brand, found->consents);
  if (!consents) {
    return http::problem(consents.error());
  }
  const Viewer viewer(request, *context.masking);
  JsonWriter json;
  json.begin_object().field("id", viewer.id(found->id)).key("stance");
  write_stance(json, found->stance);
  json.key("consents").begin_array();
  for (const Consent& consent : *consents) {
    write_consent(json, consent, viewer);
  }
  json.end_array().end_object();
  return json_response(json.take());
}

// Reads {"purpose", "channel"?, "given", "text_version"?, "proof"?}; other members are refused.
std::optional<Response> read_statement(const std::string& body, ConsentStatement& statement) {
  const auto refuse = [](std::string_view field, const char* why) {
    return http::problem(Error{ErrorCode::invalid, why}, field);
  };
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(body).get(members) != simdjson::SUCCESS) {
    return refuse("",
                  "the body is no JSON object; send {\"purpose\": \"marketing\", \"given\": "
                  "false}");
  }
  bool said = false;
  for (const auto member : members) {
    std::string_view text;
    const bool is_text = member.value.get(text) == simdjson::SUCCESS;
    std::string* const target = member.key == "purpose"        ? &statement.purpose
                                : member.key == "channel"      ? &statement.channel
                                : member.key == "text_version" ? &statement.text_version
                                : member.key == "proof"        ? &statement.proof
                                                               : nullptr;
    if (member.key == "given" && member.value.get(statement.given) == simdjson::SUCCESS) {
      said = true;
    } else if (target == nullptr || !is_text ||
               text.size() > (member.key == "proof" ? kProofBytesMost : kWordBytesMost)) {
      return refuse(member.key,
                    "known are purpose, channel, text_version (100 bytes), proof (1000 bytes) and "
                    "given (true or false)");
    } else {
      *target = std::string(text);
    }
  }
  if (!said || statement.purpose.empty()) {
    return refuse(said ? "purpose" : "given", "it is needed");
  }
  return std::nullopt;
}

Response consent(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  ConsentStatement statement;
  if (auto refusal = read_statement(request.body, statement)) {
    return *refusal;
  }
  if (purpose_named(statement.purpose) == Purpose::processing &&
      !request.principal.may(Permission::erase)) {
    return http::problem(http::Fault::forbidden,
                         "restricting a person, and lifting it, needs the permission erase");
  }
  const auto found = find_person(context, request);
  if (!found || !found->known) {
    return found ? nobody() : http::problem(found.error());
  }
  statement.person = found->id;
  statement.stated_by = request.principal.user;
  const auto admitted =
      state_consent(*context.brand, statement, found->consents, system_clock().now());
  return admitted ? json_response("{\"ok\":true}") : http::problem(admitted.error());
}

Response erase(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  if (context.access == nullptr) {
    return http::problem(Error{ErrorCode::unavailable, "this server keeps no audit trail"});
  }
  const auto found = find_person(context, request);
  if (!found || !found->known) {
    return found ? nobody() : http::problem(found.error());
  }
  const auto report = context.brand->erase(found->id);
  if (!report) {
    return http::problem(report.error());
  }
  const access::Actor by{request.principal.user, request.principal.session, request.peer};
  auto receipt = erase_receipt(*context.access, by, *report);
  return receipt ? json_response(std::move(*receipt)) : http::problem(receipt.error());
}

Response person_export(const Context& context, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  if (!request.principal.sees_personal()) {
    return http::problem(http::Fault::forbidden,
                         "only who may see personal data can take a person's data out");
  }
  const auto found = find_person(context, request);
  if (!found || !found->known) {
    return found ? nobody() : http::problem(found.error());
  }
  auto text = person_file(*context.brand, found->id, system_clock().now());
  if (!text) {
    return http::problem(text.error());
  }
  Response response;
  response.content_type = "application/x-ndjson";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"person.ndjson\"");
  response.body = std::move(*text);
  return response;
}

}  // namespace

void add_privacy_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  using http::Lane;
  using http::Method;
  const auto add = [&](Method method, std::string_view pattern, std::string_view description,
                       Permission permission, auto handler) {
    http::Route route{
        method,      pattern,
        description, method == Method::get ? Lane::quick : Lane::slow,
        {},          [context, handler](const Request& r) { return handler(*context, r); }};
    route.permission = permission;
    if (method == Method::post) {
      route.body_types = {"application/json"};
    }
    routes.push_back(std::move(route));
  };
  add(Method::get, "/api/v1/people/{id}/privacy", "What they allow, and what they object to",
      Permission::look, privacy);
  add(Method::post, "/api/v1/people/{id}/consent", "States what they allow or take back",
      Permission::speak, consent);
  add(Method::get, "/api/v1/people/{id}/export", "All that is kept about them, to take along",
      Permission::export_, person_export);
  add(Method::post, "/api/v1/people/{id}/erase", "Takes them out for good, with a receipt",
      Permission::erase, erase);
}

}  // namespace guanxi::api
