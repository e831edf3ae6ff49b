#include "access/audit_trail.hpp"

namespace guanxi::access {
namespace {

/// Every field with its length before it, so that no two entries are written the same.
std::string canonical(const AuditEntry& entry) {
  std::string out = std::to_string(entry.seq) + "|" + std::to_string(entry.at.seconds);
  for (const std::string* field : {&entry.by.user, &entry.by.session, &entry.by.peer, &entry.action,
                                   &entry.subject, &entry.outcome}) {
    out += "|" + std::to_string(field->size()) + ":" + *field;
  }
  return out;
}

}  // namespace

Result<void> append_audit(LogConnection& connection, const AccessFile& file, const Actor& by,
                          std::string_view action, std::string_view subject,
                          std::string_view outcome) {
  AuditEntry entry;
  entry.at = file.now();
  entry.by = by;
  entry.action = action;
  entry.subject = subject;
  entry.outcome = outcome;
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
  return insert.bind_blob(9, entry.chain).run();
}

}  // namespace guanxi::access
