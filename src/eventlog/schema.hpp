#pragma once

namespace guanxi {

/// The log's tables (docs/formats/log.md). `user_version` counts changes of this text.
inline constexpr int kLogSchemaVersion = 4;
inline constexpr int kLogApplicationId = 0x4755584C;  // "GUXL"
inline constexpr const char* kLogSchema = R"sql(
CREATE TABLE meta(
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE batches(
  seq INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  events INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  crc32 INTEGER NOT NULL,
  payload BLOB NOT NULL
);
CREATE TABLE chains(
  seq INTEGER PRIMARY KEY,
  chain BLOB NOT NULL
);
CREATE TABLE dead_letters(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identity INTEGER NOT NULL UNIQUE,
  received_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  line INTEGER NOT NULL,
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  original TEXT NOT NULL,
  resent_at INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE settings(
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE sources(
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  events INTEGER NOT NULL,
  added INTEGER NOT NULL,
  repeated INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE models(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  activated_at INTEGER NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  hash TEXT NOT NULL,
  toml TEXT NOT NULL,
  calibration TEXT NOT NULL,
  cause TEXT NOT NULL
);
CREATE TABLE waiting(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  door TEXT NOT NULL,
  events INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  crc32 INTEGER NOT NULL,
  payload BLOB NOT NULL
);
INSERT INTO meta VALUES('commits', 0), ('epoch', 0);
)sql";

/// What brings a log of format 1 to format 2.
inline constexpr const char* kLogSchemaFrom1 = R"sql(
CREATE TABLE waiting(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  door TEXT NOT NULL,
  events INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  crc32 INTEGER NOT NULL,
  payload BLOB NOT NULL
);
)sql";

/// What brings a log of format 2 to format 3: decisions about who is who. A new log has it too.
inline constexpr const char* kLogSchemaFrom2 = R"sql(
CREATE TABLE decisions(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  decided_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  first_id TEXT NOT NULL,
  second_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  note TEXT NOT NULL
);
)sql";

/// What brings a log of format 3 to format 4: fits of the models that predict. A new log has it
/// too.
inline constexpr const char* kLogSchemaFrom3 = R"sql(
CREATE TABLE fits(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  fitted_at INTEGER NOT NULL,
  as_of INTEGER NOT NULL,
  used INTEGER NOT NULL,
  cause TEXT NOT NULL,
  actor TEXT NOT NULL,
  data_hash TEXT NOT NULL,
  parameters TEXT NOT NULL
);
)sql";

}  // namespace guanxi
