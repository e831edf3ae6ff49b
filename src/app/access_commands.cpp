#include <filesystem>
#include <iostream>
#include <map>

#include "access/store.hpp"
#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "doors/source_kinds.hpp"
#include "events/event.hpp"
#include "events/json_tree.hpp"
#include "platform/clock.hpp"
#include "platform/disk.hpp"

namespace guanxi::app {
namespace {

using access::AccessStore;

constexpr std::int64_t kSecondsOfHour = 3600;
constexpr std::int64_t kSecondsOfDay = 86400;

// The store of the folder, for one command. A server that runs on the folder hears of changes
// within a second.
Result<std::unique_ptr<AccessStore>> open_store(const Common& common) {
  std::error_code failed;
  std::filesystem::create_directories(common.data, failed);
  if (failed) {
    return fail(ErrorCode::unavailable,
                "cannot make the folder '" + common.data + "': " + failed.message());
  }
  return AccessStore::open(common.data, system_clock(), {false, {}});
}

int with_store(const Common& common, const std::function<Result<void>(AccessStore&)>& use) {
  auto store = open_store(common);
  if (!store) {
    return report(store.error(), common.json);
  }
  const Result<void> done = use(**store);
  return done ? 0 : report(done.error(), common.json);
}

}  // namespace

Engine::KeyOfDoor key_of_door(const Common& common) {
  return [common](std::string_view door) {
    // A folder without sources has no door, and none is made for asking.
    const bool any = real_disk().exists(access::access_path(common.data));
    const auto store = any ? open_store(common) : Result<std::unique_ptr<AccessStore>>(nullptr);
    const auto source =
        store && *store ? access::source_of_door((*store)->sources(), door) : nullptr;
    return source == nullptr ? std::string() : source->id;
  };
}

namespace {

std::string moment_text(Instant at) { return at.seconds == 0 ? "-" : to_string(at); }

void say(const Common& common, const JsonWriter& json, const std::string& text) {
  print(common.json ? json.text() + "\n" : text);
}

Result<access::Role> role_of(const std::string& name) {
  const auto role = access::role_named(name);
  return role ? Result<access::Role>(*role)
              : Result<access::Role>(
                    fail(ErrorCode::invalid,
                         "one of viewer, service, operator, analyst, admin, not " + name));
}

std::string read_line() {
  std::string line;
  std::getline(std::cin, line);
  return line;
}

Result<void> list_users(const Common& common, AccessStore& store) {
  Table table({{"name"}, {"role"}, {"state"}, {"last login"}});
  JsonWriter json;
  json.begin_object().key("users").begin_array();
  for (const access::User& user : store.accounts().users()) {
    const std::string state = user.disabled ? "disabled" : user.has_password ? "active" : "invited";
    table.row({user.name, std::string(access::name_of(user.role)), state,
               moment_text(user.last_login_at)});
    json.begin_object().field("name", user.name).field("role", access::name_of(user.role));
    json.field("state", state).field("last_login_at", moment_text(user.last_login_at)).end_object();
  }
  json.end_array().end_object();
  say(common, json, table.empty() ? "no user yet\n" : table.text());
  return {};
}

void say_link(const Common& common, const UsersArgs& args, const std::string& secret) {
  JsonWriter json;
  const std::string link = args.url + "/welcome#" + secret;
  json.begin_object().field("user", args.name).field("link", link).end_object();
  say(common, json, "hand this over; it works once, within a day\n  " + link + "\n");
}

void say_done(const Common& common, const std::string& text) {
  JsonWriter json;
  json.begin_object().field("ok", true).field("message", text).end_object();
  say(common, json, text + "\n");
}

Result<void> add_user(const Common& common, const UsersArgs& args, AccessStore& store) {
  GUANXI_TRY(role, role_of(args.role));
  if (args.password_stdin) {
    GUANXI_TRY_VOID(store.accounts().add_with_password(args.name, role, read_line(), {}));
    say_done(common, "added " + args.name);
    return {};
  }
  GUANXI_TRY(secret, store.accounts().add(args.name, role, {}));
  say_link(common, args, secret);
  return {};
}

/// The source of an id or a name. Errors: not_found.
Result<access::Source> source_named(const AccessStore& store, const std::string& name) {
  for (const auto& source : store.sources()) {
    if (source->id == name || source->name == name) {
      return *source;
    }
  }
  return fail(ErrorCode::not_found, "there is no source '" + name + "'");
}

void say_key(const Common& common, const access::Source& source, const std::string& key) {
  JsonWriter json;
  json.begin_object().field("id", source.id).field("name", source.name);
  if (key.empty()) {
    json.field_null("write_key").end_object();
    const bool called = doors::info_of(source.kind).has_address;
    say(common, json,
        "added " + source.name +
            (called ? "; its webhook address ends in /hooks/" + source.id : "") + "\n");
    return;
  }
  json.field("write_key", key).end_object();
  say(common, json, "the write key of " + source.name + ", shown this once\n  " + key + "\n");
}

Result<void> list_keys(const Common& common, AccessStore& store) {
  Table table({{"name"}, {"kind"}, {"id"}, {"state"}, {"keys"}, {"last used"}});
  JsonWriter json;
  json.begin_object().key("sources").begin_array();
  for (const auto& source : store.sources()) {
    GUANXI_TRY(keys, store.keys_of(source->id));
    std::string hints;
    for (const access::KeyInfo& key : keys) {
      hints += (hints.empty() ? "..." : ", ...") + key.hint;
    }
    table.row({source->name, std::string(access::name_of(source->kind)), source->id,
               source->disabled ? "disabled" : "active", hints.empty() ? "-" : hints,
               moment_text(source->last_used_at)});
    json.begin_object().field("id", source->id).field("name", source->name);
    json.field("kind", access::name_of(source->kind)).field("disabled", source->disabled);
    json.field("last_used_at", moment_text(source->last_used_at)).end_object();
  }
  json.end_array().end_object();
  say(common, json, table.empty() ? "no source yet\n" : table.text());
  return {};
}

void list_kinds(const Common& common) {
  Table table({{"kind"}, {"setting"}, {"valid"}, {"meaning"}});
  for (const doors::SourceKindInfo& info : doors::source_kinds()) {
    const std::string kind(access::name_of(info.kind));
    table.row({kind, "", "", info.title});
    if (info.has_secret) {
      table.row({"", "--secret-stdin", info.secret_required ? "needed" : "", info.secret_title});
    }
    for (const doors::SettingField& field : info.fields) {
      std::string valid = field.required ? "needed" : "";
      for (const std::string& choice : field.choices) {
        valid += (valid.empty() ? "" : ", ") + choice;
      }
      table.row({"", field.name, valid, field.title});
    }
  }
  print(common.json ? doors::source_kinds_json() + "\n" : table.text());
}

// The settings there are with those of the command line put over them; NAME= takes one away.
Result<std::string> with_settings(const std::string& settings_json,
                                  const std::vector<std::string>& set) {
  JsonTree tree;
  GUANXI_TRY_VOID(tree.parse(settings_json));
  std::map<std::string, std::string> settings;
  for (const JsonNode& member : tree.root()) {
    const std::string truth = member.truth ? "true" : "false";
    settings[std::string(member.key)] =
        member.type == JsonType::truth ? truth : std::string(member.text);
  }
  for (const std::string& one : set) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::invalid, "--set " + one + ": written as NAME=VALUE or NAME=@FILE");
    }
    std::string value = one.substr(equals + 1);
    if (value.starts_with('@')) {
      GUANXI_TRY(text, read_file(value.substr(1)));
      value = std::move(text);
    }
    settings[one.substr(0, equals)] = std::move(value);
  }
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : settings) {
    if (!value.empty()) {
      json.field(name, value);
    }
  }
  return json.end_object().take();
}

Result<void> change_settings(const Common& common, const KeysArgs& args, AccessStore& store,
                             const access::Source& source) {
  if (args.set.empty()) {
    print(source.settings_json + "\n");
    return {};
  }
  GUANXI_TRY(settings, with_settings(source.settings_json, args.set));
  GUANXI_TRY_VOID(doors::check_source(source.kind, settings, source.secrets));
  GUANXI_TRY_VOID(store.set_settings(source.id, settings));
  say_done(common, "changed " + source.name);
  return {};
}

Result<void> add_key(const Common& common, const KeysArgs& args, AccessStore& store) {
  const auto kind = access::source_kind_named(args.kind);
  if (!kind) {
    return fail(ErrorCode::invalid, "no kind of source is called " + args.kind);
  }
  access::SourceDraft draft{args.name, *kind};
  if (args.secret_stdin) {
    draft.secrets.push_back(read_line());
  }
  GUANXI_TRY(settings, with_settings(draft.settings_json, args.set));
  draft.settings_json = settings;
  GUANXI_TRY_VOID(doors::check_source(*kind, draft.settings_json, draft.secrets));
  GUANXI_TRY(made, store.add_source(draft));
  say_key(common, made.source, made.write_key);
  return {};
}

Result<void> list_tokens(const Common& common, AccessStore& store) {
  Table table({{"id"}, {"user"}, {"name"}, {"valid until"}, {"last used"}});
  JsonWriter json;
  json.begin_object().key("tokens").begin_array();
  for (const access::TokenInfo& token : store.accounts().tokens()) {
    table.row({token.id, token.user, plain(token.name), moment_text(token.valid_until),
               moment_text(token.last_used_at)});
    json.begin_object().field("id", token.id).field("user", token.user);
    json.field("name", token.name).field("valid_until", moment_text(token.valid_until));
    json.end_object();
  }
  json.end_array().end_object();
  say(common, json, table.empty() ? "no token yet\n" : table.text());
  return {};
}

Result<void> add_token(const Common& common, const TokensArgs& args, AccessStore& store) {
  access::AccountBook::TokenDraft draft;
  draft.name = args.name;
  draft.valid_seconds = static_cast<std::int64_t>(args.days) * kSecondsOfDay;
  for (const std::string& name : args.may) {
    const auto permission = access::permission_named(name);
    if (!permission) {
      return fail(ErrorCode::invalid, "no permission is called " + name);
    }
    draft.granted |= 1U << static_cast<unsigned>(*permission);
  }
  GUANXI_TRY(made, store.accounts().add_token(args.user, draft, {}));
  JsonWriter json;
  json.begin_object().field("id", made.info.id).field("secret", made.secret).end_object();
  say(common, json, "a token of " + args.user + ", shown this once\n  " + made.secret + "\n");
  return {};
}

Result<access::AuditTrail::Filter> filter_of(const AuditArgs& args, AccessStore& store) {
  access::AuditTrail::Filter filter;
  filter.user = args.user;
  filter.action = args.action;
  filter.limit = args.limit;
  if (!args.person.empty()) {
    filter.subjects = {store.audit().code_of(to_string(parse_external_id(args.person)))};
  }
  if (!args.from.empty()) {
    GUANXI_TRY(from, parse_day(args.from));
    filter.from = Instant{from.number * kSecondsOfDay};
  }
  if (!args.to.empty()) {
    GUANXI_TRY(to, parse_day(args.to));
    filter.to = Instant{(to.number + 1) * kSecondsOfDay};
  }
  return filter;
}

Result<void> show_audit(const Common& common, const AuditArgs& args, AccessStore& store) {
  GUANXI_TRY(filter, filter_of(args, store));
  GUANXI_TRY(page, store.audit().page(filter));
  Table table({{"nr", true}, {"at"}, {"user"}, {"from"}, {"action"}, {"subject"}, {"outcome"}});
  JsonWriter json;
  json.begin_object().field("total", page.total).key("entries").begin_array();
  for (const access::AuditEntry& entry : page.entries) {
    table.row({std::to_string(entry.seq), to_string(entry.at), entry.by.user, entry.by.peer,
               entry.action, plain(entry.subject), entry.outcome});
    json.begin_object().field("seq", entry.seq).field("at", to_string(entry.at));
    json.field("user", entry.by.user).field("session", entry.by.session);
    json.field("peer", entry.by.peer).field("action", entry.action);
    json.field("subject", entry.subject).field("outcome", entry.outcome).end_object();
  }
  json.end_array().end_object();
  say(common, json, table.text());
  return {};
}

Result<std::optional<access::AuditTrail::Head>> head_of(const std::string& text) {
  if (text.empty()) {
    return std::optional<access::AuditTrail::Head>();
  }
  const std::size_t colon = text.find(':');
  const std::string number = text.substr(0, colon);
  if (colon == std::string::npos || number.empty() || number.size() > 15 ||
      number.find_first_not_of("0123456789") != std::string::npos) {
    return fail(ErrorCode::invalid, "a head is written as NUMBER:CHAIN");
  }
  return std::optional<access::AuditTrail::Head>({std::stoll(number), text.substr(colon + 1)});
}

}  // namespace

int run_users(const Common& common, const UsersArgs& args) {
  return with_store(common, [&](AccessStore& store) -> Result<void> {
    access::AccountBook& accounts = store.accounts();
    switch (args.what) {
      case UsersArgs::What::list:
        return list_users(common, store);
      case UsersArgs::What::add:
        return add_user(common, args, store);
      case UsersArgs::What::invite: {
        GUANXI_TRY(secret, accounts.invite_again(args.name, {}));
        say_link(common, args, secret);
        return {};
      }
      case UsersArgs::What::role: {
        GUANXI_TRY(role, role_of(args.role));
        GUANXI_TRY_VOID(accounts.set_role(args.name, role, {}));
        break;
      }
      case UsersArgs::What::disable:
      case UsersArgs::What::enable:
        GUANXI_TRY_VOID(
            accounts.set_user_disabled(args.name, args.what == UsersArgs::What::disable, {}));
        break;
    }
    say_done(common, "changed " + args.name);
    return {};
  });
}

int run_keys(const Common& common, const KeysArgs& args) {
  if (args.what == KeysArgs::What::kinds) {
    list_kinds(common);
    return 0;
  }
  return with_store(common, [&](AccessStore& store) -> Result<void> {
    if (args.what == KeysArgs::What::list) {
      return list_keys(common, store);
    }
    if (args.what == KeysArgs::What::add) {
      return add_key(common, args, store);
    }
    GUANXI_TRY(source, source_named(store, args.name));
    if (args.what == KeysArgs::What::settings) {
      return change_settings(common, args, store, source);
    }
    if (args.what == KeysArgs::What::rotate) {
      GUANXI_TRY(key, store.rotate_key(source.id, static_cast<std::int64_t>(args.old_valid_hours) *
                                                      kSecondsOfHour));
      say_key(common, source, key);
      return {};
    }
    if (args.what == KeysArgs::What::secret) {
      const std::string secret = read_line();
      GUANXI_TRY_VOID(doors::check_source(source.kind, source.settings_json, {secret}));
      GUANXI_TRY_VOID(store.set_secret(source.id, secret, !args.forget_before));
    } else {
      GUANXI_TRY_VOID(store.set_disabled(source.id, args.what == KeysArgs::What::disable));
    }
    say_done(common, "changed " + source.name);
    return {};
  });
}

int run_tokens(const Common& common, const TokensArgs& args) {
  return with_store(common, [&](AccessStore& store) -> Result<void> {
    switch (args.what) {
      case TokensArgs::What::list:
        return list_tokens(common, store);
      case TokensArgs::What::add:
        return add_token(common, args, store);
      case TokensArgs::What::end:
        break;
    }
    GUANXI_TRY_VOID(store.accounts().end_token(args.id, {}));
    say_done(common, "ended " + args.id);
    return {};
  });
}

int run_audit(const Common& common, const AuditArgs& args) {
  return with_store(common, [&](AccessStore& store) { return show_audit(common, args, store); });
}

int run_audit_verify(const Common& common, const std::string& known) {
  return with_store(common, [&](AccessStore& store) -> Result<void> {
    GUANXI_TRY(kept, head_of(known));
    GUANXI_TRY(head, store.audit().verify(kept));
    JsonWriter json;
    const std::string text = std::to_string(head.entries) + ":" + head.chain;
    json.begin_object().field("ok", true).field("entries", head.entries).field("head", text);
    json.end_object();
    say(common, json,
        "whole: " + grouped(static_cast<std::uint64_t>(head.entries)) +
            " entries; keep this head elsewhere\n  " + text + "\n");
    return {};
  });
}

}  // namespace guanxi::app
