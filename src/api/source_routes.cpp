#include <algorithm>

#include "api/access_handlers.hpp"
#include "api/parameters.hpp"
#include "doors/source_kinds.hpp"

namespace guanxi::api {
namespace {

using access::AccessStore;
using access::Permission;
using access::Source;
using http::Request;
using http::Response;

constexpr std::size_t kNameBytesMost = 80;
constexpr std::size_t kKindBytesMost = 30;
constexpr std::size_t kSecretBytesMost = 1024;
constexpr std::uint64_t kHoursMost = 24 * 90;
constexpr std::int64_t kSecondsOfHour = 3600;

// How far a queue was read, and why no further.
void write_queue(JsonWriter& json, const doors::KafkaStatus& queue) {
  json.begin_object().field("trouble", queue.trouble).field("messages", queue.messages);
  json.field("gone", queue.gone).key("partitions").begin_array();
  for (const doors::KafkaProgress& part : queue.partitions) {
    json.begin_object().field("topic", part.topic);
    json.field("partition", static_cast<std::int64_t>(part.partition)).field("next", part.next);
    json.field("lag", part.lag()).end_object();
  }
  json.end_array().end_object();
}

// What its door brought; nothing while the log is being read.
void write_door(JsonWriter& json, const Context& context, const Source& source) {
  const std::string name = access::door_name(source);
  json.field("door", name).key("traffic");
  const auto doors = context.brand->doors({name});
  const auto found = doors ? doors->find(name) : decltype(doors->end())();
  if (doors && found != doors->end()) {
    const Admitted& today = found->second.today;
    json.begin_object().field("added", today.added).field("repeated", today.repeated);
    json.field("conflicting", today.conflicting).field("erased", today.erased);
    json.field("refused", today.refused).field("dead_letters", found->second.dead_letters);
    json.end_object();
  } else {
    json.null();
  }
  json.key("queue");
  const auto queues = context.queues ? context.queues() : std::vector<doors::KafkaStatus>();
  const auto queue = std::find_if(queues.begin(), queues.end(),
                                  [&](const auto& one) { return one.source_id == source.id; });
  if (queue != queues.end()) {
    write_queue(json, *queue);
  } else {
    json.null();
  }
}

Result<void> write_source(JsonWriter& json, const Context& context, AccessStore& store,
                          const Source& source) {
  GUANXI_TRY(keys, store.keys_of(source.id));
  json.begin_object().field("id", source.id).field("name", source.name);
  json.field("kind", access::name_of(source.kind)).field("disabled", source.disabled);
  json.field("has_write_key", access::has_write_key(source.kind));
  json.field("secrets", source.secrets.size()).field_raw("settings", source.settings_json);
  json.key("keys").begin_array();
  for (const access::KeyInfo& key : keys) {
    json.begin_object().field("hint", key.hint);
    seen_field(json, "created_at", key.created_at);
    seen_field(json, "valid_until", key.valid_until.value_or(Instant{}));
    json.end_object();
  }
  json.end_array();
  seen_field(json, "created_at", source.created_at);
  seen_field(json, "last_used_at", source.last_used_at);
  write_door(json, context, source);
  json.end_object();
  return {};
}

Response source_response(const Context& context, AccessStore& store, std::string_view id) {
  for (const auto& source : store.sources()) {
    if (source->id == id) {
      JsonWriter json;
      const Result<void> written = write_source(json, context, store, *source);
      return written ? json_response(json.take()) : http::problem(written.error());
    }
  }
  return http::problem(Error{ErrorCode::not_found, "there is no source of that id"}, "id");
}

Response sources(const Context& context, AccessStore& store, const Request& request) {
  const Parameters parameters(request, {});
  if (parameters.refusal()) {
    return *parameters.refusal();
  }
  JsonWriter json;
  json.begin_object().key("sources").begin_array();
  for (const auto& source : store.sources()) {
    if (const Result<void> written = write_source(json, context, store, *source); !written) {
      return http::problem(written.error());
    }
  }
  json.end_array().end_object();
  return json_response(json.take());
}

Response kinds(const Context& /*context*/, const Request& request) {
  const Parameters parameters(request, {});
  return parameters.refusal() ? *parameters.refusal() : json_response(doors::source_kinds_json());
}

// "brokers: is missing" is the reason "is missing" at the field "brokers".
Response not_usable(const Error& error) {
  const std::size_t colon = error.message.find(": ");
  if (error.code != ErrorCode::invalid || colon == std::string::npos) {
    return http::problem(error, "settings");
  }
  const std::string field = error.message.substr(0, colon);
  return http::problem(Error{error.code, error.message.substr(colon + 2)},
                       field == "secret" ? field : "settings." + field);
}

Response add_source(const Context& context, AccessStore& store, const Request& request) {
  JsonBody body(request, {"name", "kind", "settings", "secret"});
  access::SourceDraft draft;
  draft.name = body.text("name", kNameBytesMost);
  const auto kind = access::source_kind_named(body.text("kind", kKindBytesMost));
  if (!kind) {
    body.refuse("kind",
                "one of sdk, shopify, woocommerce, chatwoot, zendesk, stripe, custom_webhook, "
                "wecom, kafka");
  }
  if (body.has("settings")) {
    draft.settings_json = body.object("settings");
  }
  if (body.has("secret")) {
    draft.secrets.push_back(body.text("secret", kSecretBytesMost));
  }
  if (body.refusal()) {
    return *body.refusal();
  }
  draft.kind = *kind;
  const auto usable = doors::check_source(draft.kind, draft.settings_json, draft.secrets);
  if (!usable) {
    return not_usable(usable.error());
  }
  const Result<access::NewSource> made = store.add_source(draft, actor_of(request));
  if (!made) {
    return http::problem(made.error(), "name");
  }
  JsonWriter json;
  json.begin_object().key("source");
  if (const Result<void> written = write_source(json, context, store, made->source); !written) {
    return http::problem(written.error());
  }
  if (made->write_key.empty()) {
    json.field_null("write_key");
  } else {
    json.field("write_key", made->write_key);
  }
  return json_response(json.end_object().take());
}

Response change_source(const Context& context, AccessStore& store, const Request& request) {
  JsonBody body(request, {"disabled", "settings"});
  const std::string& id = request.path_argument("id");
  const std::optional<bool> disabled = body.yes_no("disabled");
  const std::string settings = body.object("settings");
  if (body.refusal()) {
    return *body.refusal();
  }
  const auto source = store.source(id);
  if (source != nullptr && !settings.empty()) {
    const auto usable = doors::check_source(source->kind, settings, source->secrets);
    if (!usable) {
      return not_usable(usable.error());
    }
  }
  const access::Actor actor = actor_of(request);
  Result<void> changed = disabled ? store.set_disabled(id, *disabled, actor) : Result<void>();
  if (changed && !settings.empty()) {
    changed = store.set_settings(id, settings, actor);
  }
  return changed ? source_response(context, store, id) : http::problem(changed.error());
}

Response rotate_key(AccessStore& store, const Request& request) {
  JsonBody body(request, {"old_valid_hours"});
  const std::uint64_t hours = body.number("old_valid_hours", 0, kHoursMost, 24);
  if (body.refusal()) {
    return *body.refusal();
  }
  const Result<std::string> key =
      store.rotate_key(request.path_argument("id"),
                       static_cast<std::int64_t>(hours) * kSecondsOfHour, actor_of(request));
  return answer_of<std::string>(key, [](JsonWriter& json, const std::string& write_key) {
    json.begin_object().field("write_key", write_key).end_object();
  });
}

Response set_secret(const Context& context, AccessStore& store, const Request& request) {
  JsonBody body(request, {"secret", "keep_before"});
  const std::string secret = body.text("secret", kSecretBytesMost);
  const bool keep_before = body.yes_no("keep_before").value_or(true);
  if (body.refusal()) {
    return *body.refusal();
  }
  const std::string& id = request.path_argument("id");
  const auto source = store.source(id);
  if (source != nullptr) {
    const auto usable = doors::check_source(source->kind, source->settings_json, {secret});
    if (!usable) {
      return not_usable(usable.error());
    }
  }
  const Result<void> changed = store.set_secret(id, secret, keep_before, actor_of(request));
  return changed ? source_response(context, store, id) : http::problem(changed.error());
}

}  // namespace

void add_source_routes(const SharedContext& context, std::vector<http::Route>& routes) {
  const RouteAdder add(context, routes);
  const auto may = Permission::manage;
  add.get("/api/v1/sources", "Who may send events", may, on_store(sources), http::Lane::slow);
  add.get("/api/v1/sources/kinds", "What each kind of source has to be told", may, kinds);
  add.post("/api/v1/sources", "Adds a source; shows its write key once", may, on_store(add_source));
  add.post("/api/v1/sources/{id}", "Disables, enables, changes settings", may,
           on_store(change_source));
  add.post("/api/v1/sources/{id}/key", "A new write key, shown once", may, on_store(rotate_key));
  add.post("/api/v1/sources/{id}/secret", "The secret that a source signs with", may,
           on_store(set_secret));
}

}  // namespace guanxi::api
