#include <algorithm>

#include "access/account_book.hpp"
#include "access/account_rows.hpp"
#include "access/audit_trail.hpp"
#include "platform/entropy.hpp"

namespace guanxi::access {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kIdBytes = 8;
constexpr std::int64_t kKeepUseAfterSeconds = 60;

}  // namespace

std::shared_ptr<AccountBook::Used> AccountBook::used_of(Page& page, const std::string& id,
                                                        std::int64_t stored_at) const {
  const std::shared_ptr<const Page> before = this->page();
  const auto known = before->used.find(id);
  std::shared_ptr<Used> used = known != before->used.end() ? known->second : nullptr;
  if (used == nullptr) {
    used = std::make_shared<Used>();
    used->at = stored_at;
    used->kept = stored_at;
  }
  page.used.emplace(id, used);
  return used;
}

Result<void> AccountBook::read_sessions(LogConnection& connection, Page& page) const {
  GUANXI_TRY(rows, connection.prepare(
                       "SELECT fingerprint, id, user, created_at, last_used_at FROM sessions"));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return {};
    }
    SessionEntry entry;
    entry.info =
        SessionInfo{rows.text(1), rows.text(2), Instant{rows.integer(3)}, Instant{rows.integer(4)}};
    entry.used = used_of(page, entry.info.id, rows.integer(4));
    page.sessions.emplace(rows.text(0), std::move(entry));
  }
}

Result<void> AccountBook::read_devices(LogConnection& connection, Page& page) {
  GUANXI_TRY(rows, connection.prepare("SELECT fingerprint, user, last_used_at FROM devices"));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return {};
    }
    page.devices.emplace(rows.text(0), Device{rows.text(1), rows.integer(2)});
  }
}

bool AccountBook::over(const SessionEntry& entry, std::int64_t now) const {
  return now >= entry.info.created_at.seconds + limits_.session_seconds ||
         now >= entry.used->at.load(std::memory_order_relaxed) + limits_.session_idle_seconds;
}

Result<std::string> AccountBook::begin_session(std::string_view user, const Actor& by) {
  GUANXI_TRY(secret, random_hex(kSecretBytes));
  GUANXI_TRY(id, random_hex(kIdBytes));
  Actor actor = by;
  actor.user = user;
  actor.session = id;
  const std::string fingerprint = file_.fingerprints().of(secret);
  const std::int64_t now = file_.now().seconds;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(insert, connection.prepare("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)"));
    insert.bind_blob(1, fingerprint).bind_text(2, id).bind_text(3, user);
    GUANXI_TRY_VOID(insert.bind(4, now).bind(5, now).run());
    GUANXI_TRY(login, connection.prepare("UPDATE users SET last_login_at = ? WHERE name = ?"));
    GUANXI_TRY_VOID(login.bind(1, now).bind_text(2, user).run());
    GUANXI_TRY(cut, connection.prepare(
                        "DELETE FROM sessions WHERE user = ?1 AND id NOT IN (SELECT id FROM "
                        "sessions WHERE user = ?1 ORDER BY id = ?2 DESC, last_used_at DESC, "
                        "created_at DESC LIMIT ?3)"));
    cut.bind_text(1, user).bind_text(2, id);
    return cut.bind(3, static_cast<std::int64_t>(limits_.sessions_most)).run();
  };
  GUANXI_TRY_VOID(change("login", user, actor, work));
  return secret;
}

Principal AccountBook::caller(const Page& page, std::string_view user, Principal::By by,
                              const std::string& id) {
  const auto account = page.accounts.find(user);
  if (account == page.accounts.end() || account->second.user.disabled) {
    return {};
  }
  Principal principal;
  principal.by = by;
  principal.user = account->first;
  principal.session = id;
  principal.role = account->second.user.role;
  principal.granted = granted_to(principal.role);
  return principal;
}

Principal AccountBook::of_session(std::string_view secret) const {
  const std::string fingerprint = file_.fingerprints().of(secret);
  const std::shared_ptr<const Page> now = page();
  const auto found = now->sessions.find(fingerprint);
  const std::int64_t second = file_.now().seconds;
  if (found == now->sessions.end() || !same_secret(found->first, fingerprint) ||
      over(found->second, second)) {
    return {};
  }
  const Principal principal =
      caller(*now, found->second.info.user, Principal::By::session, found->second.info.id);
  if (principal.by == Principal::By::nobody) {
    return {};
  }
  found->second.used->at.store(second, std::memory_order_relaxed);
  return principal;
}

Result<void> AccountBook::end_session(std::string_view id, const Actor& by) {
  return change("logout", by.user, by, [&](LogConnection& connection) {
    return run_with(connection, "DELETE FROM sessions WHERE id = ?", {id});
  });
}

std::vector<SessionInfo> AccountBook::sessions_of(std::string_view user) const {
  std::vector<SessionInfo> out;
  const std::int64_t second = file_.now().seconds;
  for (const auto& [fingerprint, entry] : page()->sessions) {
    if (entry.info.user == user && !over(entry, second)) {
      out.push_back(entry.info);
      out.back().last_used_at = Instant{entry.used->at.load(std::memory_order_relaxed)};
    }
  }
  std::sort(out.begin(), out.end(), [](const SessionInfo& a, const SessionInfo& b) {
    return a.created_at != b.created_at ? a.created_at > b.created_at : a.id < b.id;
  });
  return out;
}

Result<std::string> AccountBook::remember_device(std::string_view user) {
  GUANXI_TRY(secret, random_hex(kSecretBytes));
  const std::string fingerprint = file_.fingerprints().of(secret);
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(insert, connection.prepare("INSERT INTO devices VALUES (?, ?, ?)"));
    insert.bind_blob(1, fingerprint).bind_text(2, user);
    GUANXI_TRY_VOID(insert.bind(3, file_.now().seconds).run());
    GUANXI_TRY(cut, connection.prepare("DELETE FROM devices WHERE user = ?1 AND fingerprint NOT IN "
                                       "(SELECT fingerprint FROM devices WHERE user = ?1 ORDER BY "
                                       "last_used_at DESC, fingerprint = ?2 DESC LIMIT ?3)"));
    cut.bind_text(1, user).bind_blob(2, fingerprint);
    return cut.bind(3, static_cast<std::int64_t>(limits_.devices_most)).run();
  };
  GUANXI_TRY_VOID(file_.change(work));
  GUANXI_TRY_VOID(load());
  return secret;
}

bool AccountBook::knows_device(std::string_view user, std::string_view secret) const {
  const std::shared_ptr<const Page> now = page();
  const auto found = now->devices.find(file_.fingerprints().of(secret));
  return found != now->devices.end() && found->second.user == user &&
         file_.now().seconds < found->second.last_used_at + limits_.device_seconds;
}

Result<void> AccountBook::keep_use() {
  const std::shared_ptr<const Page> now = page();
  const std::int64_t second = file_.now().seconds;
  std::vector<std::pair<std::string, std::shared_ptr<Used>>> due;
  for (const auto& [id, used] : now->used) {
    if (used->at.load(std::memory_order_relaxed) >= used->kept.load() + kKeepUseAfterSeconds) {
      due.emplace_back(id, used);
    }
  }
  const bool some_over = std::any_of(now->sessions.begin(), now->sessions.end(),
                                     [&](const auto& entry) { return over(entry.second, second); });
  if (due.empty() && !some_over) {
    return {};
  }
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(session, connection.prepare("UPDATE sessions SET last_used_at = ? WHERE id = ?"));
    GUANXI_TRY(token, connection.prepare("UPDATE tokens SET last_used_at = ? WHERE id = ?"));
    for (const auto& [id, used] : due) {
      const std::int64_t at = used->at.load(std::memory_order_relaxed);
      GUANXI_TRY_VOID(session.bind(1, at).bind_text(2, id).run());
      GUANXI_TRY_VOID(token.bind(1, at).bind_text(2, id).run());
      used->kept = at;
    }
    GUANXI_TRY(
        cut, connection.prepare("DELETE FROM sessions WHERE created_at <= ? OR last_used_at <= ?"));
    return cut.bind(1, second - limits_.session_seconds)
        .bind(2, second - limits_.session_idle_seconds - kKeepUseAfterSeconds)
        .run();
  };
  GUANXI_TRY_VOID(file_.change(work));
  return load();
}

}  // namespace guanxi::access
