#include "doors/webhooks.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "doors/flat_xml.hpp"
#include "doors/signature.hpp"
#include "doors/wecom_cipher.hpp"
#include "http/problem.hpp"

namespace guanxi::doors {
namespace {

using access::SourceKind;

constexpr std::size_t kBodyMost = 4UL << 20U;
constexpr std::string_view kSuccess = R"({"success":true})";

http::Response success(bool bare) {
  http::Response response;
  if (bare) {
    response.content_type = "text/plain";
  } else {
    response.body = kSuccess;
  }
  return response;
}

http::Response come_again(const Error& error) {
  http::Response response = http::problem(error);
  const bool overloaded = error.code == ErrorCode::overloaded;
  response.status = overloaded ? 429 : 503;
  response.headers.emplace_back("Retry-After", overloaded ? "1" : "3");
  return response;
}

http::Response not_signed() {
  http::Response response =
      http::problem(Error{ErrorCode::invalid, "the signature is missing, wrong or too old"});
  response.status = 401;
  return response;
}

http::Response no_such_address() {
  return http::problem(Error{ErrorCode::not_found, "no source has this address"});
}

bool is_called(SourceKind kind) { return info_of(kind).has_address; }

// WooCommerce asks whether anybody is there before it signs: exactly "webhook_id=7".
bool is_woocommerce_ping(const http::Request& request) {
  constexpr std::string_view kName = "webhook_id=";
  const std::string_view body = request.body;
  return body.starts_with(kName) && body.size() > kName.size() && body.size() < 40 &&
         body.find_first_not_of("0123456789", kName.size()) == std::string_view::npos;
}

const SignatureRule& rule_of(const SourceSettings& settings) {
  static const SignatureRule kOwn = [] {
    SignatureRule rule;
    rule.headers = {"x-guanxi-signature", "x-signature"};
    rule.encoding = SignatureRule::Encoding::hex;
    rule.prefix = "sha256=";
    return rule;
  }();
  const PayloadMapping* mapping = settings.mapping();
  return mapping != nullptr && mapping->signature ? *mapping->signature : kOwn;
}

std::string query_of(const http::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.target.query) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

// Base64 in a query, where a plus that nobody escaped reads as a blank.
std::string base64_of_query(const http::Request& request, std::string_view name) {
  std::string text = query_of(request, name);
  std::replace(text.begin(), text.end(), ' ', '+');
  return text;
}

// What one of the source's secrets has signed and encrypted. Errors: invalid.
Result<std::string> open_wecom(const http::Request& request, const access::Source& source,
                               const SourceSettings& settings, std::string_view cipher_text) {
  const std::string signature = query_of(request, "msg_signature");
  const std::string timestamp = query_of(request, "timestamp");
  const std::string nonce = query_of(request, "nonce");
  for (const std::string& secret : source.secrets) {
    const auto cipher = WecomCipher::create(secret, settings.value("corp_id"));
    if (cipher && cipher->signed_by(signature, timestamp, nonce, cipher_text)) {
      return cipher->open(cipher_text);
    }
  }
  return fail(ErrorCode::invalid, "no secret of this source has signed this");
}

std::string json_of(const FlatXml& elements) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, text] : elements) {
    json.field(name, text);
  }
  json.end_object();
  return json.take();
}

std::string_view element(const FlatXml& elements, std::string_view name) {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [&](const auto& one) { return one.first == name; });
  return found == elements.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

/// One message of a sender that is trusted.
struct WebhookDoor::Message {
  std::string body;
  const access::Source& source;
  Settings settings;
  PayloadMapping::Variables headers;
  bool bare = false;  ///< the answer has no body
};

WebhookDoor::WebhookDoor(SourceOfId source_of_id, NoteUse note_use, Clock& clock)
    : source_of_id_(std::move(source_of_id)), note_use_(std::move(note_use)), clock_(clock) {}

void WebhookDoor::open(std::shared_ptr<Engine> engine) {
  const std::lock_guard lock(mutex_);
  engine_ = std::move(engine);
}

WebhookCounts WebhookDoor::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void WebhookDoor::count(std::uint64_t WebhookCounts::*what, std::uint64_t by) {
  const std::lock_guard lock(mutex_);
  counts_.*what += by;
}

Result<WebhookDoor::Settings> WebhookDoor::settings_of(const access::Source& source) {
  const std::lock_guard lock(mutex_);
  Known& known = known_[source.id];
  if (known.settings == nullptr || known.settings_json != source.settings_json) {
    GUANXI_TRY(read, SourceSettings::read(source.kind, source.settings_json));
    known.settings_json = source.settings_json;
    known.settings = std::make_shared<const SourceSettings>(std::move(read));
  }
  return known.settings;
}

bool WebhookDoor::is_signed(const http::Request& request, const access::Source& source,
                            const SourceSettings& settings) const {
  return settings.truth("unsigned") || check_signature(rule_of(settings), request, source.secrets,
                                                       clock_.now()) == SignatureVerdict::good;
}

void WebhookDoor::take(http::Request request, const http::Reply& reply) {
  count(&WebhookCounts::requests);
  const auto source = source_of_id_(request.path_argument("source_id"));
  if (source == nullptr || source->disabled || !is_called(source->kind)) {
    reply(no_such_address());
    return;
  }
  const auto settings = settings_of(*source);
  if (!settings) {
    reply(come_again(Error{ErrorCode::unavailable, "the settings of this source are not valid"}));
    return;
  }
  if (source->kind == SourceKind::wecom) {
    take_wecom(request, *source, *settings, reply);
    return;
  }
  if (source->kind == SourceKind::woocommerce && is_woocommerce_ping(request)) {
    reply(success(false));
    return;
  }
  if (!is_signed(request, *source, **settings)) {
    count(&WebhookCounts::unsigned_);
    reply(not_signed());
    return;
  }
  note_use_(source->id);
  const bool says_nothing = request.body.find_first_not_of(" \t\r\n") == std::string::npos;
  if (says_nothing) {
    count(&WebhookCounts::nothing);
    reply(success(false));
    return;
  }
  const PayloadMapping::Variables headers =
      [&request](std::string_view name) -> std::optional<std::string> {
    constexpr std::string_view kHeader = "header.";
    return name.starts_with(kHeader)
               ? std::optional(std::string(request.header(name.substr(kHeader.size()))))
               : std::nullopt;
  };
  take_signed({request.body, *source, *settings, headers, false}, reply);
}

void WebhookDoor::take_signed(const Message& message, const http::Reply& reply) {
  std::shared_ptr<Engine> engine;
  {
    const std::lock_guard lock(mutex_);
    engine = engine_;
  }
  if (engine == nullptr) {
    reply(come_again(Error{ErrorCode::unavailable, "the log is still being opened"}));
    return;
  }
  Admission admission;
  const bool told = decode_message({message.body, message.source, *message.settings,
                                    message.headers, clock_.now(), engine->currency()},
                                   admission.batch, admission.refused);
  if (!told) {
    count(&WebhookCounts::nothing);
    reply(success(message.bare));
    return;
  }
  count(&WebhookCounts::events, admission.batch.size());
  count(&WebhookCounts::refused, admission.refused.size());
  submit(std::move(admission), message.source, reply, message.bare);
}

void WebhookDoor::submit(Admission admission, const access::Source& source,
                         const http::Reply& reply, bool bare) {
  std::shared_ptr<Engine> engine;
  {
    const std::lock_guard lock(mutex_);
    engine = engine_;
  }
  admission.door = access::door_name(source);
  admission.done = [reply, bare](const Result<Admitted>& admitted) {
    reply(admitted ? success(bare) : come_again(admitted.error()));
  };
  if (const auto taken = engine->submit(std::move(admission)); !taken) {
    reply(come_again(taken.error()));
  }
}

void WebhookDoor::take_wecom(const http::Request& request, const access::Source& source,
                             const Settings& settings, const http::Reply& reply) {
  const auto envelope = read_flat_xml(request.body);
  const auto opened = envelope
                          ? open_wecom(request, source, *settings, element(*envelope, "Encrypt"))
                          : Result<std::string>(Unexpected{envelope.error()});
  if (!opened) {
    count(&WebhookCounts::unsigned_);
    reply(not_signed());
    return;
  }
  note_use_(source.id);
  const auto elements = read_flat_xml(*opened);
  const PayloadMapping::Variables no_headers = [](std::string_view) {
    return std::optional<std::string>();
  };
  // What is no XML becomes a dead letter as it is.
  take_signed({elements ? json_of(*elements) : *opened, source, settings, no_headers, true}, reply);
}

http::Response WebhookDoor::check(const http::Request& request) {
  const auto source = source_of_id_(request.path_argument("source_id"));
  if (source == nullptr || source->disabled || source->kind != SourceKind::wecom) {
    return no_such_address();
  }
  const auto settings = settings_of(*source);
  if (!settings) {
    return come_again(Error{ErrorCode::unavailable, "the settings of this source are not valid"});
  }
  auto echo = open_wecom(request, *source, **settings, base64_of_query(request, "echostr"));
  if (!echo) {
    count(&WebhookCounts::unsigned_);
    return not_signed();
  }
  http::Response response;
  response.content_type = "text/plain";
  response.body = std::move(*echo);
  return response;
}

std::vector<http::Route> webhook_routes(const std::shared_ptr<WebhookDoor>& door) {
  http::Route take;
  take.method = http::Method::post;
  take.pattern = "/hooks/{source_id}";
  take.description = "a webhook: signed, answered once its events are durable";
  take.body_types = {http::kAnyType};
  take.permission = access::Permission::signed_;
  take.body_bytes_most = kBodyMost;
  take.deferred = [door](http::Request request, const http::Reply& reply) {
    door->take(std::move(request), reply);
  };
  http::Route check;
  check.pattern = "/hooks/{source_id}";
  check.description = "WeCom makes sure of its address";
  check.permission = access::Permission::signed_;
  check.lane = http::Lane::instant;
  check.handler = [door](const http::Request& request) { return door->check(request); };
  return {std::move(take), std::move(check)};
}

}  // namespace guanxi::doors
