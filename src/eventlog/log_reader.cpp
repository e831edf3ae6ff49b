#include <algorithm>

#include "eventlog/event_log.hpp"

namespace guanxi {
namespace {

constexpr std::string_view kInfoColumns =
    "SELECT b.seq, b.kind, b.events, b.first_at, b.last_at, b.raw_bytes, length(b.payload), "
    "b.crc32, c.chain FROM batches b LEFT JOIN chains c ON c.seq = b.seq ";

BatchInfo info_of(const LogStatement& row) {
  const auto whole = [&](int column) { return static_cast<std::uint64_t>(row.integer(column)); };
  BatchInfo info;
  info.seq = whole(0);
  info.kind = static_cast<BatchKind>(row.integer(1));
  info.events = whole(2);
  info.first_at = Instant{row.integer(3)};
  info.last_at = Instant{row.integer(4)};
  info.raw_bytes = whole(5);
  info.stored_bytes = whole(6);
  info.crc32 = static_cast<std::uint32_t>(row.integer(7));
  info.chain = hash_from_bytes(row.bytes(8));
  return info;
}

DeadLetter letter_of(const LogStatement& row) {
  return DeadLetter{.id = static_cast<std::uint64_t>(row.integer(0)),
                    .received_at = Instant{row.integer(1)},
                    .source = row.text(2),
                    .line = static_cast<std::uint64_t>(row.integer(3)),
                    .field = row.text(4),
                    .reason = row.text(5),
                    .original = row.text(6),
                    .resent_at = Instant{row.integer(7)}};
}
constexpr std::string_view kLetterColumns =
    "SELECT id, received_at, source, line, field, reason, original, resent_at FROM dead_letters ";

// That source's own name, or that with a place in a queue after it.
constexpr std::string_view kOfSource =
    "(source = ?1 OR substr(source, 1, length(?1) + 1) = ?1 || ' ') ";

ModelStep step_of(const LogStatement& row) {
  return ModelStep{.id = static_cast<std::uint64_t>(row.integer(0)),
                   .activated_at = Instant{row.integer(1)},
                   .name = row.text(2),
                   .version = row.text(3),
                   .hash = row.text(4),
                   .toml = row.text(5),
                   .calibration = row.text(6),
                   .cause = row.text(7)};
}
constexpr std::string_view kModelColumns =
    "SELECT id, activated_at, name, version, hash, toml, calibration, cause FROM models ";

}  // namespace

Result<LogReader> LogReader::open(const std::string& database, const std::string& vfs) {
  GUANXI_TRY(connection, LogConnection::open(database, LogConnection::Mode::read_write, vfs));
  GUANXI_TRY_VOID(connection.execute("PRAGMA query_only=ON; PRAGMA cache_size=-8192"));
  return LogReader(std::move(connection));
}

Result<std::vector<BatchInfo>> LogReader::batches() {
  GUANXI_TRY(rows, connection_.prepare(std::string(kInfoColumns) + "ORDER BY b.seq"));
  std::vector<BatchInfo> infos;
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return infos;
    }
    infos.push_back(info_of(rows));
  }
}

Result<std::optional<BatchInfo>> LogReader::info(std::uint64_t seq) {
  GUANXI_TRY(row, connection_.prepare(std::string(kInfoColumns) + "WHERE b.seq = ?1"));
  row.bind(1, static_cast<std::int64_t>(seq));
  GUANXI_TRY(found, row.step());
  return found ? std::optional(info_of(row)) : std::nullopt;
}

Result<std::uint64_t> LogReader::epoch() {
  GUANXI_TRY(epoch, connection_.integer("SELECT value FROM meta WHERE key = 'epoch'"));
  return static_cast<std::uint64_t>(epoch);
}

Result<LogReader::Batch> LogReader::read(std::uint64_t seq) {
  GUANXI_TRY(head, connection_.prepare(std::string(kInfoColumns) + "WHERE b.seq = ?1"));
  head.bind(1, static_cast<std::int64_t>(seq));
  GUANXI_TRY(found, head.step());
  if (!found) {
    return fail(ErrorCode::not_found, "the event log has no batch " + std::to_string(seq));
  }
  Batch batch{info_of(head), {}};
  GUANXI_TRY(row, connection_.prepare("SELECT b.payload, (SELECT chain FROM chains WHERE seq = "
                                      "?1 - 1) FROM batches b WHERE b.seq = ?1"));
  row.bind(1, static_cast<std::int64_t>(seq));
  GUANXI_TRY(there, row.step());
  if (!there) {
    return fail(ErrorCode::not_found, "the event log has no batch " + std::to_string(seq));
  }
  const Hash128 before = hash_from_bytes(row.bytes(1));
  if (!(chain_of(before, batch.info) == batch.info.chain)) {
    return fail(ErrorCode::corrupted,
                "batch " + std::to_string(seq) +
                    " of the event log is not the one that was written there (its place in the "
                    "chain is wrong); restore a backup");
  }
  GUANXI_TRY(payload, unpack_payload(batch.info, row.bytes(0)));
  batch.payload = std::move(payload);
  return batch;
}

Result<void> LogReader::for_each(
    const std::function<Result<void>(const BatchInfo&, std::string_view)>& visit) {
  GUANXI_TRY(last, connection_.integer("SELECT max(seq) FROM batches"));
  for (std::int64_t seq = 1; seq <= last; ++seq) {
    GUANXI_TRY(batch, read(static_cast<std::uint64_t>(seq)));
    GUANXI_TRY_VOID(visit(batch.info, batch.payload));
  }
  return {};
}

Result<LogTotals> LogReader::totals() {
  GUANXI_TRY(row, connection_.prepare("SELECT count(*), coalesce(sum(events), 0), "
                                      "coalesce(sum(raw_bytes), 0), "
                                      "coalesce(sum(length(payload)), 0) FROM batches"));
  GUANXI_TRY(there, row.step());
  GUANXI_CHECK(there, "an aggregate gives a row");
  const auto whole = [&](int column) { return static_cast<std::uint64_t>(row.integer(column)); };
  return LogTotals{whole(0), whole(1), whole(2), whole(3)};
}

Result<std::optional<std::string>> LogReader::setting(std::string_view key) {
  GUANXI_TRY(row, connection_.prepare("SELECT value FROM settings WHERE key = ?1"));
  row.bind_text(1, key);
  GUANXI_TRY(there, row.step());
  return there ? std::optional<std::string>(row.text(0)) : std::nullopt;
}

Result<std::vector<DeadLetter>> LogReader::dead_letters(std::uint64_t offset, std::uint64_t limit,
                                                        std::string_view source) {
  const std::string of_source = source.empty() ? "" : "WHERE " + std::string(kOfSource);
  GUANXI_TRY(rows, connection_.prepare(std::string(kLetterColumns) + of_source +
                                       "ORDER BY id DESC LIMIT ?2 OFFSET ?3"));
  rows.bind(2, static_cast<std::int64_t>(std::min<std::uint64_t>(limit, 10'000)))
      .bind(3, static_cast<std::int64_t>(offset));
  if (!source.empty()) {
    rows.bind_text(1, source);
  }
  std::vector<DeadLetter> letters;
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return letters;
    }
    letters.push_back(letter_of(rows));
  }
}

Result<std::uint64_t> LogReader::dead_letters_kept(std::string_view source) {
  if (source.empty()) {
    GUANXI_TRY(count, connection_.integer("SELECT count(*) FROM dead_letters"));
    return static_cast<std::uint64_t>(count);
  }
  return count_letters(source, "");
}

Result<std::uint64_t> LogReader::dead_letters_open(std::string_view source) {
  return count_letters(source, "AND resent_at = 0");
}

Result<std::uint64_t> LogReader::count_letters(std::string_view source, std::string_view besides) {
  GUANXI_TRY(row, connection_.prepare("SELECT count(*) FROM dead_letters WHERE " +
                                      std::string(kOfSource) + std::string(besides)));
  row.bind_text(1, source);
  GUANXI_TRY_VOID(row.step());
  return static_cast<std::uint64_t>(row.integer(0));
}

Result<std::optional<DeadLetter>> LogReader::dead_letter(std::uint64_t id) {
  GUANXI_TRY(row, connection_.prepare(std::string(kLetterColumns) + "WHERE id = ?1"));
  row.bind(1, static_cast<std::int64_t>(id));
  GUANXI_TRY(there, row.step());
  return there ? std::optional<DeadLetter>(letter_of(row)) : std::nullopt;
}

Result<std::vector<SourceRecord>> LogReader::sources() {
  GUANXI_TRY(rows, connection_.prepare(
                       "SELECT name, key, rows_read, events, added, repeated, refused, "
                       "started_at, finished_at FROM sources ORDER BY started_at, name, key"));
  std::vector<SourceRecord> sources;
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return sources;
    }
    const auto whole = [&](int column) { return static_cast<std::uint64_t>(rows.integer(column)); };
    sources.push_back(SourceRecord{.name = rows.text(0),
                                   .key = rows.text(1),
                                   .rows = whole(2),
                                   .events = whole(3),
                                   .added = whole(4),
                                   .repeated = whole(5),
                                   .refused = whole(6),
                                   .started_at = Instant{rows.integer(7)},
                                   .finished_at = Instant{rows.integer(8)}});
  }
}

Result<std::uint64_t> LogReader::waiting_rows() {
  GUANXI_TRY(count, connection_.integer("SELECT count(*) FROM waiting"));
  return static_cast<std::uint64_t>(count);
}

Result<std::vector<WaitingEvents>> LogReader::waiting(std::uint64_t events_most) {
  GUANXI_TRY(rows,
             connection_.prepare("SELECT id, door, events, raw_bytes, crc32, payload FROM waiting "
                                 "ORDER BY id"));
  std::vector<WaitingEvents> found;
  std::uint64_t events = 0;
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more || (!found.empty() && events >= events_most)) {
      return found;
    }
    const auto whole = [&](int column) { return static_cast<std::uint64_t>(rows.integer(column)); };
    const std::string_view stored = rows.bytes(5);
    BatchInfo info;
    info.events = whole(2);
    info.raw_bytes = whole(3);
    info.stored_bytes = stored.size();
    info.crc32 = static_cast<std::uint32_t>(rows.integer(4));
    GUANXI_TRY(payload, unpack_payload(info, stored));
    found.push_back(WaitingEvents{whole(0), rows.text(1), info.events, std::move(payload)});
    events += info.events;
  }
}

Result<std::optional<ModelStep>> LogReader::active_model() {
  GUANXI_TRY(row, connection_.prepare(std::string(kModelColumns) + "ORDER BY id DESC LIMIT 1"));
  GUANXI_TRY(there, row.step());
  return there ? std::optional<ModelStep>(step_of(row)) : std::nullopt;
}

Result<std::vector<ModelStep>> LogReader::model_steps() {
  GUANXI_TRY(rows, connection_.prepare(std::string(kModelColumns) + "ORDER BY id"));
  std::vector<ModelStep> steps;
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return steps;
    }
    steps.push_back(step_of(rows));
  }
}

Result<std::vector<DecisionRecord>> LogReader::decisions() {
  std::vector<DecisionRecord> decisions;
  GUANXI_TRY(version, connection_.integer("PRAGMA user_version"));
  if (version < 3) {
    return decisions;
  }
  GUANXI_TRY(rows, connection_.prepare("SELECT number, decided_at, kind, first_id, second_id, "
                                       "actor, note FROM decisions ORDER BY number"));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return decisions;
    }
    decisions.push_back(DecisionRecord{.number = static_cast<std::uint64_t>(rows.integer(0)),
                                       .decided_at = Instant{rows.integer(1)},
                                       .kind = rows.text(2),
                                       .first_id = rows.text(3),
                                       .second_id = rows.text(4),
                                       .actor = rows.text(5),
                                       .note = rows.text(6)});
  }
}

Result<std::vector<FitRecord>> LogReader::fits() {
  std::vector<FitRecord> fits;
  GUANXI_TRY(version, connection_.integer("PRAGMA user_version"));
  if (version < 4) {
    return fits;
  }
  GUANXI_TRY(rows, connection_.prepare("SELECT number, fitted_at, as_of, used, cause, actor, "
                                       "data_hash, parameters FROM fits ORDER BY number"));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return fits;
    }
    fits.push_back(FitRecord{.number = static_cast<std::uint64_t>(rows.integer(0)),
                             .fitted_at = Instant{rows.integer(1)},
                             .as_of = Day{static_cast<std::int32_t>(rows.integer(2))},
                             .used = rows.integer(3) != 0,
                             .cause = rows.text(4),
                             .actor = rows.text(5),
                             .data_hash = rows.text(6),
                             .parameters = rows.text(7)});
  }
}

}  // namespace guanxi
