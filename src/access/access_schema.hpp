#pragma once

#include <string_view>

namespace guanxi::access {

/// The tables of guanxi.access (docs/formats/access.md). `user_version` counts changes of this
/// text.
inline constexpr int kAccessVersion = 1;
inline constexpr std::string_view kAccessSchema = R"sql(
CREATE TABLE settings(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE sources(
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  settings TEXT NOT NULL,
  secret TEXT NOT NULL DEFAULT '',
  secret_before TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE write_keys(
  fingerprint BLOB PRIMARY KEY,
  source TEXT NOT NULL REFERENCES sources(id),
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  valid_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE users(
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  password_at INTEGER NOT NULL DEFAULT 0,
  last_login_at INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE invitations(
  fingerprint BLOB PRIMARY KEY,
  user TEXT NOT NULL UNIQUE,
  valid_until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sessions(
  fingerprint BLOB PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user TEXT NOT NULL REFERENCES users(name),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE devices(
  fingerprint BLOB PRIMARY KEY,
  user TEXT NOT NULL REFERENCES users(name),
  last_used_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tokens(
  fingerprint BLOB PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user TEXT NOT NULL REFERENCES users(name),
  name TEXT NOT NULL,
  granted INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE audit(
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  user TEXT NOT NULL,
  session TEXT NOT NULL,
  peer TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL,
  chain BLOB NOT NULL
);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
PRAGMA application_id = 1196775489;
PRAGMA user_version = 1;
)sql";

/// As above, for whoever took it away to cut the trail's beginning off.
inline constexpr std::string_view kAuditCutTrigger =
    "CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END";

}  // namespace guanxi::access
