#include <mutex>

#include "access/account_book.hpp"
#include "access/account_rows.hpp"
#include "access/audit_trail.hpp"
#include "access/password_rules.hpp"
#include "platform/entropy.hpp"

namespace guanxi::access {
namespace {

constexpr std::size_t kNameBytesMost = 64;
constexpr std::size_t kSecretBytes = 24;

/// Names stand in addresses, logs and the trail, so they are plain: letters, digits, ". _ - @ +".
Result<void> check_user_name(std::string_view name) {
  bool plain = !name.empty() && name.size() <= kNameBytesMost;
  for (const char c : name) {
    plain = plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      std::string_view("._-@+").find(c) != std::string_view::npos);
  }
  if (!plain) {
    return fail(ErrorCode::invalid,
                "a user's name has 1 to 64 of the characters a-z 0-9 . _ - @ +");
  }
  return {};
}

Error unknown_user() { return Error{ErrorCode::not_found, "there is no user of that name"}; }

Result<void> need_user(LogConnection& connection, std::string_view name) {
  GUANXI_TRY(known, ask_with(connection, "SELECT 1 FROM users WHERE name = ?", {name}));
  return known == 0 ? Result<void>(Unexpected{unknown_user()}) : Result<void>();
}

}  // namespace

std::shared_ptr<const AccountBook::Page> AccountBook::page() const {
  const std::shared_lock lock(mutex_);
  return page_;
}

Result<void> AccountBook::load() {
  auto fresh = std::make_shared<Page>();
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY_VOID(read_users(connection, *fresh));
    GUANXI_TRY_VOID(read_sessions(connection, *fresh));
    GUANXI_TRY_VOID(read_tokens(connection, *fresh));
    return read_devices(connection, *fresh);
  };
  GUANXI_TRY_VOID(file_.read(work));
  const std::unique_lock lock(mutex_);
  page_ = std::move(fresh);
  return {};
}

Result<void> AccountBook::read_users(LogConnection& connection, Page& page) {
  GUANXI_TRY(rows, connection.prepare("SELECT name, role, disabled, password, created_at, "
                                      "last_login_at FROM users"));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return {};
    }
    Account account;
    account.user.name = rows.text(0);
    account.user.role = role_named(rows.bytes(1)).value_or(Role::viewer);
    account.user.disabled = rows.integer(2) != 0;
    account.password = rows.text(3);
    account.user.has_password = !account.password.empty();
    account.user.created_at = Instant{rows.integer(4)};
    account.user.last_login_at = Instant{rows.integer(5)};
    page.accounts.emplace(account.user.name, std::move(account));
  }
}

Result<void> AccountBook::change(std::string_view action, std::string_view subject, const Actor& by,
                                 const AccessFile::Work& work) {
  const AccessFile::Work audited = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY_VOID(work(connection));
    return append_audit(connection, file_, by, action, subject);
  };
  GUANXI_TRY_VOID(file_.change(audited));
  return load();
}

std::optional<User> AccountBook::user(std::string_view name) const {
  const std::shared_ptr<const Page> now = page();
  const auto found = now->accounts.find(name);
  return found == now->accounts.end() ? std::nullopt : std::optional<User>(found->second.user);
}

std::vector<User> AccountBook::users() const {
  std::vector<User> out;
  for (const auto& [name, account] : page()->accounts) {
    out.push_back(account.user);
  }
  return out;
}

std::string AccountBook::password_of(std::string_view name) const {
  const std::shared_ptr<const Page> now = page();
  const auto found = now->accounts.find(name);
  return found == now->accounts.end() || found->second.user.disabled ? std::string()
                                                                     : found->second.password;
}

Result<std::string> AccountBook::hashed(std::string_view name, std::string_view password) const {
  GUANXI_TRY_VOID(check_password(name, password));
  return hash_password(password,
                       PasswordCost{limits_.password_passes, limits_.password_memory_bytes});
}

Result<void> AccountBook::insert_user(LogConnection& connection, std::string_view name, Role role,
                                      std::string_view hash) const {
  GUANXI_TRY(taken, ask_with(connection, "SELECT 1 FROM users WHERE name = ?", {name}));
  if (taken != 0) {
    return fail(ErrorCode::conflict, "there is a user of that name already");
  }
  const std::string now = std::to_string(file_.now().seconds);
  return run_with(connection,
                  "INSERT INTO users(name, role, password, created_at, password_at) "
                  "VALUES (?1, ?2, ?3, CAST(?4 AS INTEGER), CAST(?4 AS INTEGER))",
                  {name, name_of(role), hash, now});
}

Result<std::string> AccountBook::invite(LogConnection& connection, std::string_view user) const {
  GUANXI_TRY(secret, random_hex(kSecretBytes));
  GUANXI_TRY_VOID(run_with(connection, "DELETE FROM invitations WHERE user = ?", {user}));
  const std::string fingerprint = file_.fingerprints().of(secret);
  GUANXI_TRY(insert, connection.prepare("INSERT INTO invitations VALUES (?, ?, ?)"));
  insert.bind_blob(1, fingerprint).bind_text(2, user);
  GUANXI_TRY_VOID(insert.bind(3, file_.now().seconds + limits_.invitation_seconds).run());
  return secret;
}

Result<std::string> AccountBook::invite_first() {
  std::string secret;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(users, connection.integer("SELECT count(*) FROM users"));
    if (users != 0) {
      return fail(ErrorCode::conflict, "there are users already; ask an admin");
    }
    GUANXI_TRY(made, invite(connection, ""));
    secret = made;
    return {};
  };
  GUANXI_TRY_VOID(change("user.invite_first", "", Actor{}, work));
  return secret;
}

Result<std::string> AccountBook::add(std::string_view name, Role role, const Actor& by) {
  GUANXI_TRY_VOID(check_user_name(name));
  std::string secret;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY_VOID(insert_user(connection, name, role, ""));
    GUANXI_TRY(made, invite(connection, name));
    secret = made;
    return {};
  };
  GUANXI_TRY_VOID(
      change("user.add", std::string(name) + " " + std::string(name_of(role)), by, work));
  return secret;
}

Result<void> AccountBook::add_with_password(std::string_view name, Role role,
                                            std::string_view password, const Actor& by) {
  GUANXI_TRY_VOID(check_user_name(name));
  GUANXI_TRY(hash, hashed(name, password));
  return change(
      "user.add", std::string(name) + " " + std::string(name_of(role)), by,
      [&](LogConnection& connection) { return insert_user(connection, name, role, hash); });
}

Result<std::string> AccountBook::invite_again(std::string_view name, const Actor& by) {
  std::string secret;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY_VOID(need_user(connection, name));
    GUANXI_TRY_VOID(shut_out(connection, name));
    GUANXI_TRY_VOID(run_with(connection, "UPDATE users SET password = '' WHERE name = ?", {name}));
    GUANXI_TRY(made, invite(connection, name));
    secret = made;
    return {};
  };
  GUANXI_TRY_VOID(change("user.invite", name, by, work));
  return secret;
}

Result<std::optional<std::string>> AccountBook::invited(std::string_view secret) const {
  const std::string fingerprint = file_.fingerprints().of(secret);
  std::optional<std::string> invited;
  const AccessFile::Work look = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(row, connection.prepare(
                        "SELECT user FROM invitations WHERE fingerprint = ? AND valid_until > ?"));
    GUANXI_TRY(found, row.bind_blob(1, fingerprint).bind(2, file_.now().seconds).step());
    invited = found ? std::optional<std::string>(row.text(0)) : std::nullopt;
    return {};
  };
  GUANXI_TRY_VOID(file_.read(look));
  return invited;
}

Result<std::string> AccountBook::accept(std::string_view secret, std::string_view name,
                                        std::string_view password, const Actor& by) {
  const Error refused{ErrorCode::not_found,
                      "this link has been used, or is too old; ask for a new one"};
  const std::string fingerprint = file_.fingerprints().of(secret);
  GUANXI_TRY(invited, this->invited(secret));
  if (!invited || (!invited->empty() && !name.empty() && name != *invited)) {
    return Unexpected{refused};
  }
  const std::string user = invited->empty() ? std::string(name) : *invited;
  GUANXI_TRY_VOID(check_user_name(user));
  GUANXI_TRY(hash, hashed(user, password));
  Actor actor = by;
  actor.user = user;
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(used, connection.prepare("DELETE FROM invitations WHERE fingerprint = ?"));
    GUANXI_TRY_VOID(used.bind_blob(1, fingerprint).run());
    GUANXI_TRY(ended, connection.integer("SELECT changes()"));
    GUANXI_TRY(users, connection.integer("SELECT count(*) FROM users"));
    if (ended != 1 || (invited->empty() && users != 0)) {
      return Unexpected{refused};
    }
    return invited->empty()
               ? insert_user(connection, user, Role::admin, hash)
               : run_with(connection,
                          "UPDATE users SET password = ?1, password_at = CAST(?2 AS INTEGER) "
                          "WHERE name = ?3",
                          {hash, std::to_string(file_.now().seconds), user});
  };
  GUANXI_TRY_VOID(change(invited->empty() ? "user.first" : "user.accept", user, actor, work));
  return user;
}

Result<void> AccountBook::set_role(std::string_view name, Role role, const Actor& by) {
  return change("user.role", std::string(name) + " " + std::string(name_of(role)), by,
                [&](LogConnection& connection) -> Result<void> {
                  GUANXI_TRY_VOID(need_user(connection, name));
                  GUANXI_TRY_VOID(run_with(connection, "UPDATE users SET role = ? WHERE name = ?",
                                           {name_of(role), name}));
                  return need_an_admin(connection);
                });
}

Result<void> AccountBook::set_user_disabled(std::string_view name, bool disabled, const Actor& by) {
  return change(
      disabled ? "user.disable" : "user.enable", name, by,
      [&](LogConnection& connection) -> Result<void> {
        GUANXI_TRY_VOID(need_user(connection, name));
        GUANXI_TRY_VOID(run_with(connection,
                                 disabled ? "UPDATE users SET disabled = 1 WHERE name = ?"
                                          : "UPDATE users SET disabled = 0 WHERE name = ?",
                                 {name}));
        if (!disabled) {
          return {};
        }
        GUANXI_TRY_VOID(shut_out(connection, name));
        return need_an_admin(connection);
      });
}

Result<void> AccountBook::set_password(std::string_view name, std::string_view password,
                                       std::string_view session_kept, const Actor& by) {
  GUANXI_TRY(hash, hashed(name, password));
  return change("user.password", name, by, [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY_VOID(need_user(connection, name));
    GUANXI_TRY_VOID(run_with(connection,
                             "UPDATE users SET password = ?1, password_at = CAST(?2 AS INTEGER) "
                             "WHERE name = ?3",
                             {hash, std::to_string(file_.now().seconds), name}));
    GUANXI_TRY_VOID(run_with(connection, "DELETE FROM devices WHERE user = ?", {name}));
    return run_with(connection, "DELETE FROM sessions WHERE user = ? AND id <> ?",
                    {name, session_kept});
  });
}

}  // namespace guanxi::access
