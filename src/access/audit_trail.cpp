#include "access/audit_trail.hpp"

#include <algorithm>
#include <charconv>

#include "access/access_schema.hpp"
#include "access/account_rows.hpp"

namespace guanxi::access {
namespace {

constexpr std::size_t kCodeBytes = 16;
constexpr std::string_view kColumns =
    "seq, at, user, session, peer, action, subject, outcome, chain";

/// Every field with its length before it, so that no two entries are written the same.
std::string canonical(const AuditEntry& entry) {
  std::string out = std::to_string(entry.seq) + "|" + std::to_string(entry.at.seconds);
  for (const std::string* field : {&entry.by.user, &entry.by.session, &entry.by.peer, &entry.action,
                                   &entry.subject, &entry.outcome}) {
    out += "|" + std::to_string(field->size()) + ":" + *field;
  }
  return out;
}

AuditEntry entry_of(const LogStatement& row) {
  AuditEntry entry;
  entry.seq = row.integer(0);
  entry.at = Instant{row.integer(1)};
  entry.by = Actor{row.text(2), row.text(3), row.text(4)};
  entry.action = row.text(5);
  entry.subject = row.text(6);
  entry.outcome = row.text(7);
  entry.chain = row.text(8);
  return entry;
}

std::string head_text(const AuditTrail::Head& head) {
  return std::to_string(head.entries) + ":" + head.chain;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    unsigned byte = 0;
    if (std::from_chars(hex.data(), hex.data() + 2, byte, 16).ptr != hex.data() + 2) {
      return {};
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

/// What stands before the first entry: nothing, or the last one that was cut off.
struct Start {
  std::int64_t entries = 0;
  std::string chain;
};
constexpr std::string_view kStartName = "audit start";

Result<Start> start_of(LogConnection& connection) {
  GUANXI_TRY(rows, connection.prepare("SELECT value FROM settings WHERE name = ?"));
  rows.bind_text(1, kStartName);
  GUANXI_TRY(there, rows.step());
  Start start;
  if (!there) {
    return start;
  }
  const std::string text = rows.text(0);
  const std::size_t colon = text.find(':');
  const auto read = std::from_chars(text.data(), text.data() + text.size(), start.entries);
  start.chain = colon == std::string::npos ? std::string()
                                           : bytes_of_hex(std::string_view(text).substr(colon + 1));
  if (read.ec != std::errc() || start.chain.empty()) {
    return fail(ErrorCode::corrupted, "guanxi.access has lost where its audit trail begins");
  }
  return start;
}

/// The last entry of those at the beginning that are older, one at the end excepted; 0: none.
Result<std::int64_t> last_older(LogConnection& connection, Instant before) {
  GUANXI_TRY(first, ask_with(connection, "SELECT ifnull(min(seq), 0) FROM audit", {}));
  GUANXI_TRY(last, ask_with(connection, "SELECT ifnull(max(seq), 0) FROM audit", {}));
  GUANXI_TRY(young, ask_with(connection,
                             "SELECT ifnull(min(seq), 0) FROM audit WHERE at >= CAST(? AS INTEGER)",
                             {std::to_string(before.seconds)}));
  const std::int64_t old = std::min(young == 0 ? last : young - 1, last - 1);
  return old >= first ? old : 0;
}

/// The condition of a filter, with the texts of its places in order.
struct Condition {
  std::string sql = "1";
  std::vector<std::string> texts;
  void add(const std::string& part, std::string text) {
    sql += " AND " + part;
    texts.push_back(std::move(text));
  }
};

Condition condition_of(const AuditTrail::Filter& filter) {
  Condition condition;
  if (!filter.user.empty()) {
    condition.add("user = ?", filter.user);
  }
  if (!filter.action.empty()) {
    condition.add("substr(action, 1, length(?)) = ?", filter.action);
    condition.texts.push_back(filter.action);
  }
  if (filter.from) {
    condition.add("at >= CAST(? AS INTEGER)", std::to_string(filter.from->seconds));
  }
  if (filter.to) {
    condition.add("at < CAST(? AS INTEGER)", std::to_string(filter.to->seconds));
  }
  if (!filter.subjects.empty()) {
    std::string places;
    for (const std::string& subject : filter.subjects) {
      places += places.empty() ? "?" : ", ?";
      condition.texts.push_back(subject);
    }
    condition.sql += " AND subject IN (" + places + ")";
  }
  return condition;
}

Unexpected broken(std::int64_t seq, const std::string& what) {
  return fail(ErrorCode::corrupted,
              "the audit trail is broken at entry " + std::to_string(seq) + ": " + what);
}

}  // namespace

Result<void> append_audit(LogConnection& connection, AuditEntry entry) {
  std::string before;
  {
    GUANXI_TRY(last, connection.prepare("SELECT seq, chain FROM audit ORDER BY seq DESC LIMIT 1"));
    GUANXI_TRY(row, last.step());
    entry.seq = row ? last.integer(0) + 1 : 1;
    before = row ? last.text(1) : std::string();
  }
  entry.chain = digest_of(before + canonical(entry));
  GUANXI_TRY(insert, connection.prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  insert.bind(1, entry.seq).bind(2, entry.at.seconds).bind_text(3, entry.by.user);
  insert.bind_text(4, entry.by.session).bind_text(5, entry.by.peer);
  insert.bind_text(6, entry.action).bind_text(7, entry.subject).bind_text(8, entry.outcome);
  GUANXI_TRY_VOID(insert.bind_blob(9, entry.chain).run());
  return run_with(connection,
                  "INSERT INTO settings VALUES ('audit head', ?) "
                  "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                  {head_text({entry.seq, to_hex(entry.chain)})});
}

Result<void> append_audit(LogConnection& connection, const AccessFile& file, const Actor& by,
                          std::string_view action, std::string_view subject) {
  AuditEntry entry;
  entry.at = file.now();
  entry.by = by;
  entry.action = action;
  entry.subject = subject;
  return append_audit(connection, std::move(entry));
}

Result<void> AuditTrail::write(const Actor& by, std::string_view action, std::string_view subject,
                               std::string_view outcome) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(
        {0, file_.now(), by, std::string(action), std::string(subject), std::string(outcome), {}});
  }
  return flush();
}

bool AuditTrail::note(const Actor& by, std::string_view action, std::string_view subject,
                      std::string_view outcome) {
  const std::int64_t now = file_.now().seconds;
  std::string key = by.user + '\n' + by.session + '\n' + std::string(action) + '\n';
  key += std::string(subject) + '\n' + std::string(outcome);
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kWaitingMost) {
    return false;
  }
  const auto known = recent_.find(key);
  if (known != recent_.end() && now < known->second + kAgainAfterSeconds) {
    return true;
  }
  if (recent_.size() >= kRecentMost) {
    recent_.clear();
  }
  recent_[std::move(key)] = now;
  waiting_.push_back(
      {0, Instant{now}, by, std::string(action), std::string(subject), std::string(outcome), {}});
  return true;
}

Result<void> AuditTrail::flush() {
  std::vector<AuditEntry> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(waiting_);
  }
  if (taken.empty()) {
    return {};
  }
  const Result<void> done = file_.change([&taken](LogConnection& connection) -> Result<void> {
    for (const AuditEntry& entry : taken) {
      GUANXI_TRY_VOID(append_audit(connection, entry));
    }
    return {};
  });
  if (!done) {
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.begin(), taken.begin(), taken.end());
  }
  return done;
}

std::string AuditTrail::code_of(std::string_view person_id) const {
  const std::string print = file_.fingerprints().of("person " + std::string(person_id));
  return "person:" + to_hex(print).substr(0, 2 * kCodeBytes);
}

Result<AuditTrail::Page> AuditTrail::page(const Filter& filter) {
  GUANXI_TRY_VOID(flush());
  const Condition condition = condition_of(filter);
  Page page;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    const auto bound = [&](LogStatement& statement) {
      int place = 0;
      for (const std::string& text : condition.texts) {
        statement.bind_text(++place, text);
      }
      return place;
    };
    GUANXI_TRY(count, connection.prepare("SELECT count(*) FROM audit WHERE " + condition.sql));
    bound(count);
    GUANXI_TRY(counted, count.step());
    page.total = counted ? static_cast<std::uint64_t>(count.integer(0)) : 0;
    GUANXI_TRY(rows, connection.prepare("SELECT " + std::string(kColumns) + " FROM audit WHERE " +
                                        condition.sql + " ORDER BY seq DESC LIMIT ? OFFSET ?"));
    const int place = bound(rows);
    rows.bind(place + 1, static_cast<std::int64_t>(filter.limit));
    rows.bind(place + 2, static_cast<std::int64_t>(filter.offset));
    for (;;) {
      GUANXI_TRY(more, rows.step());
      if (!more) {
        return {};
      }
      page.entries.push_back(entry_of(rows));
    }
  };
  GUANXI_TRY_VOID(file_.read(work));
  return page;
}

Result<AuditTrail::Head> AuditTrail::verify(const std::optional<Head>& known) {
  GUANXI_TRY_VOID(flush());
  Head head;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(rows,
               connection.prepare("SELECT " + std::string(kColumns) + " FROM audit ORDER BY seq"));
    GUANXI_TRY(start, start_of(connection));
    if (known && known->entries < start.entries) {
      return fail(ErrorCode::invalid,
                  "the entries up to " + std::to_string(start.entries) +
                      " were cut off; the head that was kept is of one of them");
    }
    std::string chain = start.chain;
    head = Head{start.entries, to_hex(chain)};
    if (known && known->entries == start.entries && known->chain != head.chain) {
      return broken(start.entries, "its chain is not the one that was kept elsewhere");
    }
    for (;;) {
      GUANXI_TRY(more, rows.step());
      if (!more) {
        break;
      }
      const AuditEntry entry = entry_of(rows);
      if (entry.seq != head.entries + 1) {
        return broken(head.entries + 1, "it is not there");
      }
      chain = digest_of(chain + canonical(entry));
      if (chain != entry.chain) {
        return broken(entry.seq, "it, or one before it, was changed");
      }
      head = Head{entry.seq, to_hex(chain)};
      if (known && known->entries == entry.seq && known->chain != head.chain) {
        return broken(entry.seq, "its chain is not the one that was kept elsewhere");
      }
    }
    if (known && known->entries > head.entries) {
      return broken(known->entries, "it is not there, though it was kept elsewhere");
    }
    GUANXI_TRY(kept, connection.text("SELECT value FROM settings WHERE name = 'audit head'"));
    if (!kept.empty() && kept != head_text(head)) {
      return broken(head.entries + 1, "entries are missing at the end");
    }
    return {};
  };
  GUANXI_TRY_VOID(file_.read(work));
  return head;
}

Result<std::uint64_t> AuditTrail::cut(Instant before) {
  GUANXI_TRY_VOID(flush());
  std::uint64_t gone = 0;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(last, last_older(connection, before));
    if (last == 0) {
      return {};
    }
    GUANXI_TRY(start, start_of(connection));
    GUANXI_TRY(chain, connection.text("SELECT lower(hex(chain)) FROM audit WHERE seq = " +
                                      std::to_string(last)));
    GUANXI_TRY_VOID(run_with(connection,
                             "INSERT INTO settings VALUES (?, ?) "
                             "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                             {std::string(kStartName), head_text({last, chain})}));
    GUANXI_TRY_VOID(connection.execute("DROP TRIGGER audit_is_not_cut"));
    GUANXI_TRY_VOID(connection.execute("DELETE FROM audit WHERE seq <= " + std::to_string(last)));
    GUANXI_TRY_VOID(connection.execute(std::string(kAuditCutTrigger)));
    gone = static_cast<std::uint64_t>(last - start.entries);
    return append_audit(connection, file_, {}, "audit.cut",
                        "entries up to " + std::to_string(last));
  };
  GUANXI_TRY_VOID(file_.change(work));
  return gone;
}

}  // namespace guanxi::access
