#include "access/source_book.hpp"

#include <mutex>

#include "access/audit_trail.hpp"
#include "base/utf8.hpp"
#include "events/json_tree.hpp"
#include "platform/entropy.hpp"

namespace guanxi::access {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kKeyBytes = 20;
constexpr std::size_t kHintCharacters = 4;
constexpr std::size_t kNameBytesMost = 80;
constexpr std::size_t kSettingsBytesMost = 64U << 10U;
constexpr std::size_t kSecretBytesMost = 1024;
constexpr std::int64_t kKeepUseAfterSeconds = 60;

std::string table_key(std::string_view fingerprint) {
  return std::string(fingerprint.substr(0, 16));
}

Result<void> check_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMost || !is_utf8(name)) {
    return fail(ErrorCode::invalid, "a source's name has 1 to 80 bytes of UTF-8");
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return fail(ErrorCode::invalid, "a source's name has no control characters");
    }
  }
  if (name.front() == ' ' || name.back() == ' ') {
    return fail(ErrorCode::invalid, "a source's name neither begins nor ends with a space");
  }
  return {};
}

Result<void> check_settings(std::string_view json) {
  JsonTree tree;
  if (json.size() > kSettingsBytesMost || !tree.parse(json) ||
      tree.root().type != JsonType::object) {
    return fail(ErrorCode::invalid,
                "the settings of a source are one JSON object of at most 64 kB");
  }
  return {};
}

Result<void> check_secret(std::string_view secret) {
  if (secret.size() > kSecretBytesMost) {
    return fail(ErrorCode::invalid, "a source's secret has at most 1024 bytes");
  }
  return {};
}

/// Makes a key, keeps its fingerprint, gives the key.
Result<std::string> issue_key(LogConnection& connection, const AccessFile& file,
                              std::string_view source) {
  GUANXI_TRY(drawn, random_hex(kKeyBytes));
  const std::string key = "gxw_" + drawn;
  const std::string fingerprint = file.fingerprints().of(key);
  const std::string hint = key.substr(key.size() - kHintCharacters);
  GUANXI_TRY(insert, connection.prepare("INSERT INTO write_keys VALUES (?, ?, ?, ?, 0)"));
  insert.bind_blob(1, fingerprint).bind_text(2, source).bind_text(3, hint);
  GUANXI_TRY_VOID(insert.bind(4, file.now().seconds).run());
  return key;
}

Result<void> insert_source(LogConnection& connection, const Source& source) {
  GUANXI_TRY(known, connection.prepare("SELECT 1 FROM sources WHERE name = ?"));
  GUANXI_TRY(taken, known.bind_text(1, source.name).step());
  if (taken) {
    return fail(ErrorCode::conflict, "there is a source of that name already");
  }
  GUANXI_TRY(insert, connection.prepare("INSERT INTO sources(id, name, kind, settings, secret, "
                                        "secret_before, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  insert.bind_text(1, source.id).bind_text(2, source.name).bind_text(3, name_of(source.kind));
  insert.bind_text(4, source.settings_json);
  insert.bind_text(5, source.secrets.empty() ? std::string_view() : source.secrets[0]);
  insert.bind_text(6, source.secrets.size() < 2 ? std::string_view() : source.secrets[1]);
  return insert.bind(7, source.created_at.seconds).run();
}

Source source_of(const LogStatement& row) {
  Source source;
  source.id = row.text(0);
  source.name = row.text(1);
  source.kind = source_kind_named(row.bytes(2)).value_or(SourceKind::custom_webhook);
  source.disabled = row.integer(3) != 0;
  source.settings_json = row.text(4);
  for (const int column : {5, 6}) {
    if (!row.bytes(column).empty()) {
      source.secrets.push_back(row.text(column));
    }
  }
  source.created_at = Instant{row.integer(7)};
  source.last_used_at = Instant{row.integer(8)};
  return source;
}

Error unknown_source() { return Error{ErrorCode::not_found, "there is no source of that id"}; }

}  // namespace

std::shared_ptr<const SourceBook::Page> SourceBook::page() const {
  const std::shared_lock lock(mutex_);
  return page_;
}

Result<void> SourceBook::load() {
  auto fresh = std::make_shared<Page>();
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY_VOID(read_sources(connection, *fresh));
    return read_keys(connection, *fresh);
  };
  GUANXI_TRY_VOID(file_.read(work));
  const std::unique_lock lock(mutex_);
  page_ = std::move(fresh);
  return {};
}

Result<void> SourceBook::read_sources(LogConnection& connection, Page& page) const {
  const std::shared_ptr<const Page> before = this->page();
  GUANXI_TRY(rows,
             connection.prepare("SELECT id, name, kind, disabled, settings, secret, secret_before, "
                                "created_at, last_used_at FROM sources ORDER BY created_at, name"));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return {};
    }
    Entry entry;
    entry.source = std::make_shared<const Source>(source_of(rows));
    const auto known = before->by_id.find(entry.source->id);
    if (known != before->by_id.end()) {
      entry.used = known->second.used;
    } else {
      entry.used = std::make_shared<Used>();
      entry.used->at = entry.source->last_used_at.seconds;
    }
    page.by_id.emplace(entry.source->id, entry);
    page.entries.push_back(std::move(entry));
  }
}

Result<void> SourceBook::read_keys(LogConnection& connection, Page& page) {
  GUANXI_TRY(rows, connection.prepare("SELECT fingerprint, source, valid_until FROM write_keys"));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return {};
    }
    const auto owner = page.by_id.find(rows.text(1));
    if (owner != page.by_id.end()) {
      page.by_key.emplace(table_key(rows.bytes(0)),
                          Key{rows.text(0), rows.integer(2), owner->second});
    }
  }
}

std::shared_ptr<const Source> SourceBook::of_key(std::string_view write_key) const {
  const std::string fingerprint = file_.fingerprints().of(write_key);
  const std::shared_ptr<const Page> now = page();
  const auto found = now->by_key.find(table_key(fingerprint));
  if (found == now->by_key.end() || !same_secret(found->second.fingerprint, fingerprint)) {
    return nullptr;
  }
  const std::int64_t second = file_.now().seconds;
  if (found->second.valid_until != 0 && second >= found->second.valid_until) {
    return nullptr;
  }
  found->second.entry.used->at.store(second, std::memory_order_relaxed);
  return found->second.entry.source;
}

std::shared_ptr<const Source> SourceBook::find(std::string_view id) const {
  const std::shared_ptr<const Page> now = page();
  const auto found = now->by_id.find(std::string(id));
  return found == now->by_id.end() ? nullptr : found->second.source;
}

std::vector<std::shared_ptr<const Source>> SourceBook::all() const {
  std::vector<std::shared_ptr<const Source>> out;
  for (const Entry& entry : page()->entries) {
    auto source = std::make_shared<Source>(*entry.source);
    source->last_used_at = Instant{entry.used->at.load(std::memory_order_relaxed)};
    out.push_back(std::move(source));
  }
  return out;
}

Result<std::vector<KeyInfo>> SourceBook::keys_of(std::string_view id) {
  std::vector<KeyInfo> keys;
  const std::int64_t now = file_.now().seconds;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(rows, connection.prepare("SELECT hint, created_at, valid_until FROM write_keys "
                                        "WHERE source = ? AND (valid_until = 0 OR valid_until > ?) "
                                        "ORDER BY valid_until <> 0, created_at DESC"));
    rows.bind_text(1, id).bind(2, now);
    for (;;) {
      GUANXI_TRY(more, rows.step());
      if (!more) {
        return {};
      }
      KeyInfo key{rows.text(0), Instant{rows.integer(1)}, std::nullopt};
      if (rows.integer(2) != 0) {
        key.valid_until = Instant{rows.integer(2)};
      }
      keys.push_back(std::move(key));
    }
  };
  GUANXI_TRY_VOID(file_.read(work));
  return keys;
}

void SourceBook::mark_used(std::string_view id) const {
  const std::shared_ptr<const Page> now = page();
  const auto found = now->by_id.find(std::string(id));
  if (found != now->by_id.end()) {
    found->second.used->at.store(file_.now().seconds, std::memory_order_relaxed);
  }
}

Result<void> SourceBook::keep_use() {
  std::vector<std::pair<const Entry*, std::int64_t>> due;
  const std::shared_ptr<const Page> now = page();
  for (const Entry& entry : now->entries) {
    const std::int64_t at = entry.used->at.load(std::memory_order_relaxed);
    if (at >= entry.used->kept + kKeepUseAfterSeconds) {
      due.emplace_back(&entry, at);
    }
  }
  if (due.empty()) {
    return {};
  }
  return file_.change([&due](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(update, connection.prepare("UPDATE sources SET last_used_at = ? WHERE id = ?"));
    for (const auto& [entry, at] : due) {
      GUANXI_TRY_VOID(update.bind(1, at).bind_text(2, entry->source->id).run());
      entry->used->kept = at;
    }
    return {};
  });
}

Result<NewSource> SourceBook::add(const SourceDraft& draft, const Actor& by) {
  GUANXI_TRY_VOID(check_name(draft.name));
  GUANXI_TRY_VOID(check_settings(draft.settings_json));
  for (const std::string& secret : draft.secrets) {
    GUANXI_TRY_VOID(check_secret(secret));
  }
  GUANXI_TRY(id, random_hex(kIdBytes));
  NewSource made;
  made.source =
      Source{id,          draft.name, draft.kind, false, draft.settings_json, draft.secrets,
             file_.now(), Instant{}};
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY_VOID(insert_source(connection, made.source));
    if (has_write_key(draft.kind)) {
      GUANXI_TRY(key, issue_key(connection, file_, id));
      made.write_key = key;
    }
    return append_audit(connection, file_, by, "source.add", door_name(made.source));
  };
  GUANXI_TRY_VOID(file_.change(work));
  GUANXI_TRY_VOID(load());
  return made;
}

Result<void> SourceBook::change_one(std::string_view id, std::string_view action, const Actor& by,
                                    const AccessFile::Work& work) {
  const std::shared_ptr<const Source> source = find(id);
  if (source == nullptr) {
    return Unexpected{unknown_source()};
  }
  const AccessFile::Work audited = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY_VOID(work(connection));
    return append_audit(connection, file_, by, action, door_name(*source));
  };
  GUANXI_TRY_VOID(file_.change(audited));
  return load();
}

Result<std::string> SourceBook::rotate_key(std::string_view id, std::int64_t old_valid_seconds,
                                           const Actor& by) {
  const std::shared_ptr<const Source> source = find(id);
  if (source != nullptr && !has_write_key(source->kind)) {
    return fail(ErrorCode::invalid, "sources of this kind have no write key");
  }
  if (old_valid_seconds < 0) {
    return fail(ErrorCode::invalid, "an old key is valid for no time or for some");
  }
  std::string key;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    const std::int64_t now = file_.now().seconds;
    GUANXI_TRY(drop, connection.prepare("DELETE FROM write_keys WHERE source = ? AND "
                                        "valid_until <> 0 AND valid_until <= ?"));
    GUANXI_TRY_VOID(drop.bind_text(1, id).bind(2, now).run());
    GUANXI_TRY(end, connection.prepare("UPDATE write_keys SET valid_until = ?1 WHERE source = ?2 "
                                       "AND (valid_until = 0 OR valid_until > ?1)"));
    GUANXI_TRY_VOID(end.bind(1, now + old_valid_seconds).bind_text(2, id).run());
    GUANXI_TRY(issued, issue_key(connection, file_, id));
    key = issued;
    return {};
  };
  GUANXI_TRY_VOID(change_one(id, "source.rotate", by, work));
  return key;
}

Result<void> SourceBook::set_disabled(std::string_view id, bool disabled, const Actor& by) {
  return change_one(
      id, disabled ? "source.disable" : "source.enable", by,
      [&](LogConnection& connection) -> Result<void> {
        GUANXI_TRY(update, connection.prepare("UPDATE sources SET disabled = ? WHERE id = ?"));
        return update.bind(1, disabled ? 1 : 0).bind_text(2, id).run();
      });
}

Result<void> SourceBook::set_secret(std::string_view id, std::string_view secret, bool keep_before,
                                    const Actor& by) {
  GUANXI_TRY_VOID(check_secret(secret));
  return change_one(id, "source.secret", by, [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(update, connection.prepare("UPDATE sources SET secret = ?1, secret_before = CASE "
                                          "WHEN ?2 THEN secret ELSE '' END WHERE id = ?3"));
    return update.bind_text(1, secret).bind(2, keep_before ? 1 : 0).bind_text(3, id).run();
  });
}

Result<void> SourceBook::set_settings(std::string_view id, std::string_view settings_json,
                                      const Actor& by) {
  GUANXI_TRY_VOID(check_settings(settings_json));
  return change_one(id, "source.settings", by, [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(update, connection.prepare("UPDATE sources SET settings = ? WHERE id = ?"));
    return update.bind_text(1, settings_json).bind_text(2, id).run();
  });
}

}  // namespace guanxi::access
