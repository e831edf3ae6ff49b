#include "doors/source_kinds.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "doors/wecom_cipher.hpp"
#include "events/json_tree.hpp"

namespace guanxi::doors {
namespace {

using access::SourceKind;
using Type = SettingField::Type;

std::string_view name_of(Type type) {
  switch (type) {
    case Type::text:
      return "text";
    case Type::choice:
      return "choice";
    case Type::truth:
      return "truth";
    case Type::code:
      return "code";
  }
  return "text";
}

constexpr std::size_t kSettingMost = 64UL * 1024;

SettingField field(std::string_view name, Type type, std::string_view title,
                   std::string_view title_zh, std::string_view help = {},
                   std::string_view help_zh = {}) {
  SettingField made;
  made.name = name;
  made.type = type;
  made.title = title;
  made.title_zh = title_zh;
  made.help = help;
  made.help_zh = help_zh;
  return made;
}

SettingField mapping_field() {
  return field("mapping", Type::code, "Mapping (TOML)", "映射（TOML）",
               "How a message becomes events: docs/formats/webhooks.md. Empty: messages are event "
               "JSON already.",
               "消息如何变为事件，见 docs/formats/webhooks.md；留空表示消息本身就是事件 JSON。");
}

SourceKindInfo sdk_kind() {
  SourceKindInfo info;
  info.kind = SourceKind::sdk;
  info.title = "SDK (Segment, RudderStack, Jitsu, PostHog)";
  info.title_zh = "SDK（Segment、RudderStack、Jitsu、PostHog）";
  return info;
}

SourceKindInfo webhook_kind(SourceKind kind) {
  const PayloadMapping* mapping = ready_payload_mapping(access::name_of(kind));
  GUANXI_CHECK(mapping != nullptr, "each kind of webhook has its mapping");
  SourceKindInfo info;
  info.kind = kind;
  info.title = mapping->title;
  info.title_zh = mapping->title_zh;
  info.has_secret = true;
  info.secret_required = kind != SourceKind::chatwoot;
  info.secret_title = kind == SourceKind::wecom ? "Token:EncodingAESKey" : "Signing secret";
  info.secret_title_zh = kind == SourceKind::wecom ? "Token:EncodingAESKey" : "签名密钥";
  info.has_address = true;
  info.fields = mapping->settings;
  return info;
}

SourceKindInfo custom_kind() {
  SourceKindInfo info;
  info.kind = SourceKind::custom_webhook;
  info.title = "Webhook of your own";
  info.title_zh = "自定义 Webhook";
  info.has_secret = true;
  info.secret_title = "Signing secret";
  info.secret_title_zh = "签名密钥";
  info.has_address = true;
  info.fields = {
      mapping_field(),
      field("unsigned", Type::truth, "Accept messages without a signature", "接受无签名的消息",
            "Whoever knows the address can then send.", "此时任何知道地址的人都能发送。")};
  info.fields.back().fallback = "false";
  return info;
}

SourceKindInfo kafka_kind() {
  SourceKindInfo info;
  info.kind = SourceKind::kafka;
  info.title = "Apache Kafka";
  info.title_zh = "Apache Kafka";
  info.has_secret = true;
  info.secret_title = "Password (SASL)";
  info.secret_title_zh = "密码（SASL）";
  info.fields = {field("brokers", Type::text, "Brokers", "Broker 地址", "host:9092, other:9092",
                       "host:9092, other:9092"),
                 field("topics", Type::text, "Topics", "主题", "Names, separated by commas.",
                       "主题名，以逗号分隔。"),
                 field("from", Type::choice, "A partition seen for the first time is read from",
                       "首次读取的分区从何处开始"),
                 field("security", Type::choice, "Security", "安全协议"),
                 field("sasl_mechanism", Type::choice, "SASL mechanism", "SASL 机制"),
                 field("username", Type::text, "User (SASL)", "用户名（SASL）"),
                 field("ca_file", Type::text, "File of trusted certificates", "受信任证书文件",
                       "On the server; empty: the system's.", "位于服务器上；留空则用系统证书。"),
                 mapping_field()};
  info.fields[0].required = true;
  info.fields[1].required = true;
  info.fields[2].choices = {"beginning", "end"};
  info.fields[2].fallback = "beginning";
  info.fields[3].choices = {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"};
  info.fields[3].fallback = "plaintext";
  info.fields[4].choices = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};
  info.fields[4].fallback = "SCRAM-SHA-512";
  return info;
}

Result<std::map<std::string, std::string, std::less<>>> texts_of(std::string_view settings_json) {
  std::map<std::string, std::string, std::less<>> values;
  JsonTree tree;
  GUANXI_TRY_VOID(tree.parse(settings_json));
  if (tree.root().type != JsonType::object) {
    return fail(ErrorCode::invalid, "settings are a JSON object");
  }
  for (const JsonNode& member : tree.root()) {
    if (member.type == JsonType::truth) {
      values[std::string(member.key)] = member.truth ? "true" : "false";
    } else if (member.type == JsonType::string || member.type == JsonType::number) {
      values[std::string(member.key)] = std::string(member.text);
    } else if (member.type != JsonType::null) {
      return fail(ErrorCode::invalid, std::string(member.key) + ": is " +
                                          std::string(name_of(member.type)) +
                                          "; valid: a text, true or false");
    }
  }
  return values;
}

Result<void> check_value(const SettingField& wanted, const std::string& value) {
  if (value.size() > kSettingMost) {
    return fail(ErrorCode::invalid, wanted.name + ": is longer than 64 KiB");
  }
  const bool choice = wanted.type == Type::choice && !value.empty();
  if (choice &&
      std::find(wanted.choices.begin(), wanted.choices.end(), value) == wanted.choices.end()) {
    std::string valid;
    for (const std::string& one : wanted.choices) {
      valid += (valid.empty() ? "" : ", ") + one;
    }
    return fail(ErrorCode::invalid, wanted.name + ": valid are " + valid);
  }
  if (wanted.type == Type::truth && value != "true" && value != "false") {
    return fail(ErrorCode::invalid, wanted.name + ": is neither true nor false");
  }
  if (wanted.required && value.empty() && wanted.fallback.empty()) {
    return fail(ErrorCode::invalid, wanted.name + ": is missing");
  }
  return {};
}

Result<void> check_known(const SourceKindInfo& info, const std::string& name) {
  std::string known;
  for (const SettingField& one : info.fields) {
    if (one.name == name) {
      return {};
    }
    known += (known.empty() ? "" : ", ") + one.name;
  }
  return fail(ErrorCode::invalid, name + ": no setting of this kind of source; " +
                                      (known.empty() ? "it has none" : "valid are " + known));
}

}  // namespace

const std::vector<SourceKindInfo>& source_kinds() {
  static const std::vector<SourceKindInfo> kKinds = {sdk_kind(),
                                                     webhook_kind(SourceKind::shopify),
                                                     webhook_kind(SourceKind::woocommerce),
                                                     webhook_kind(SourceKind::chatwoot),
                                                     webhook_kind(SourceKind::zendesk),
                                                     webhook_kind(SourceKind::stripe),
                                                     custom_kind(),
                                                     webhook_kind(SourceKind::wecom),
                                                     kafka_kind()};
  return kKinds;
}

std::string source_kinds_json() {
  JsonWriter json;
  json.begin_object().key("kinds").begin_array();
  for (const SourceKindInfo& info : source_kinds()) {
    json.begin_object().field("kind", access::name_of(info.kind)).field("title", info.title);
    json.field("title_zh", info.title_zh).field("has_address", info.has_address).key("secret");
    if (info.has_secret) {
      json.begin_object().field("required", info.secret_required);
      json.field("title", info.secret_title).field("title_zh", info.secret_title_zh).end_object();
    } else {
      json.null();
    }
    json.key("fields").begin_array();
    for (const SettingField& one : info.fields) {
      json.begin_object().field("name", one.name).field("type", name_of(one.type));
      json.field("title", one.title).field("title_zh", one.title_zh).field("help", one.help);
      json.field("help_zh", one.help_zh).field("required", one.required);
      json.field("fallback", one.fallback).key("choices").begin_array();
      for (const std::string& choice : one.choices) {
        json.string(choice);
      }
      json.end_array().end_object();
    }
    json.end_array().end_object();
  }
  return json.end_array().end_object().take();
}

const SourceKindInfo& info_of(SourceKind kind) {
  return source_kinds().at(static_cast<std::size_t>(kind));
}

Result<SourceSettings> SourceSettings::read(SourceKind kind, std::string_view settings_json) {
  SourceSettings settings;
  GUANXI_TRY(values, texts_of(settings_json));
  settings.values_ = std::move(values);
  for (const SettingField& wanted : info_of(kind).fields) {
    std::string& value = settings.values_[wanted.name];
    value = value.empty() ? wanted.fallback : value;
    GUANXI_TRY_VOID(check_value(wanted, value));
  }
  if (const std::string& own = settings.value("mapping"); !own.empty()) {
    GUANXI_TRY(mapping, PayloadMapping::parse(own, "mapping"));
    settings.mapping_ = std::make_shared<const PayloadMapping>(std::move(mapping));
  } else if (const PayloadMapping* ready = ready_payload_mapping(access::name_of(kind))) {
    settings.mapping_ = std::shared_ptr<const PayloadMapping>(ready, [](const auto*) {});
  }
  return settings;
}

const std::string& SourceSettings::value(std::string_view name) const {
  static const std::string kNone;
  const auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second;
}

Result<void> check_source(SourceKind kind, std::string_view settings_json,
                          const std::vector<std::string>& secrets) {
  const SourceKindInfo& info = info_of(kind);
  GUANXI_TRY(given, texts_of(settings_json));
  for (const auto& [name, value] : given) {
    GUANXI_TRY_VOID(check_known(info, name));
  }
  GUANXI_TRY(settings, SourceSettings::read(kind, settings_json));
  for (const std::string& secret : secrets) {
    if (secret.empty()) {
      return fail(ErrorCode::invalid, "secret: is empty");
    }
    if (kind == SourceKind::wecom) {
      GUANXI_TRY_VOID(WecomCipher::create(secret, settings.value("corp_id")));
    }
  }
  return {};
}

}  // namespace guanxi::doors
