#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/access_file.hpp"
#include "access/actor.hpp"
#include "access/principal.hpp"
#include "access/users.hpp"

namespace guanxi::access {

/// Users, where they are logged in, and their tokens, as the file has them, in memory.
///
/// Place       Part of AccessStore; LoginDesk checks passwords with it, the gatekeeper asks it who
///             is calling.
/// Invariants  At least one enabled admin with a password stays, once there was one. Sessions end
///             when idle or old, when the user is disabled or invited again, and all others when
///             the user changes the password. A role that is changed holds for the next request.
///             Of sessions, tokens, devices and invitations only fingerprints are kept.
/// Threads     Any. Asking who calls waits for nothing but memory.
class AccountBook {
 public:
  AccountBook(AccessFile& file, const AccessLimits& limits) : file_(file), limits_(limits) {}
  [[nodiscard]] Result<void> load();
  /// Writes down what was used since the last time, forgets what is over.
  [[nodiscard]] Result<void> keep_use();
  [[nodiscard]] const AccessLimits& limits() const { return limits_; }

  [[nodiscard]] bool nobody_yet() const { return page()->accounts.empty(); }
  [[nodiscard]] std::optional<User> user(std::string_view name) const;
  [[nodiscard]] std::vector<User> users() const;
  /// argon2id text; empty for a user who is unknown, disabled or has none yet.
  [[nodiscard]] std::string password_of(std::string_view name) const;

  /// The one-time secret by which the first admin comes in; those made before it end. Errors:
  /// conflict when there is a user.
  [[nodiscard]] Result<std::string> invite_first();
  /// A new user and the one-time secret by which they set their password.
  [[nodiscard]] Result<std::string> add(std::string_view name, Role role, const Actor& by);
  [[nodiscard]] Result<void> add_with_password(std::string_view name, Role role,
                                               std::string_view password, const Actor& by);
  /// A new one-time secret; the password, sessions and tokens of the user end at once.
  [[nodiscard]] Result<std::string> invite_again(std::string_view name, const Actor& by);
  /// Whom a one-time secret was made for: empty for the first admin, nothing when it is worthless.
  [[nodiscard]] Result<std::optional<std::string>> invited(std::string_view secret) const;
  /// Sets the password of whoever the secret was made for and gives their name. `name` names the
  /// first admin, and must be empty or the same for others.
  [[nodiscard]] Result<std::string> accept(std::string_view secret, std::string_view name,
                                           std::string_view password, const Actor& by);
  [[nodiscard]] Result<void> set_role(std::string_view name, Role role, const Actor& by);
  [[nodiscard]] Result<void> set_user_disabled(std::string_view name, bool disabled,
                                               const Actor& by);
  /// Ends all sessions of the user but the one named.
  [[nodiscard]] Result<void> set_password(std::string_view name, std::string_view password,
                                          std::string_view session_kept, const Actor& by);

  /// A new session; the secret is shown once, as a cookie.
  [[nodiscard]] Result<std::string> begin_session(std::string_view user, const Actor& by);
  [[nodiscard]] Principal of_session(std::string_view secret) const;
  [[nodiscard]] Result<void> end_session(std::string_view id, const Actor& by);
  [[nodiscard]] std::vector<SessionInfo> sessions_of(std::string_view user) const;

  /// A new token and its secret. Errors: invalid when `granted` has more than the user's role, a
  /// bad name or time.
  struct NewToken {
    TokenInfo info;
    std::string secret;
  };
  struct TokenDraft {
    std::string name;
    std::uint32_t granted = 0;
    std::int64_t valid_seconds = 0;
  };
  [[nodiscard]] Result<NewToken> add_token(std::string_view user, const TokenDraft& draft,
                                           const Actor& by);
  [[nodiscard]] Principal of_token(std::string_view secret) const;
  [[nodiscard]] std::optional<TokenInfo> token(std::string_view id) const;
  /// All of one user, or of everybody.
  [[nodiscard]] std::vector<TokenInfo> tokens(std::string_view user = {}) const;
  [[nodiscard]] Result<void> end_token(std::string_view id, const Actor& by);

  /// A browser in which the user has logged in before is known by a secret of its own.
  [[nodiscard]] Result<std::string> remember_device(std::string_view user);
  [[nodiscard]] bool knows_device(std::string_view user, std::string_view secret) const;

 private:
  struct Used {
    std::atomic<std::int64_t> at{0};
    std::atomic<std::int64_t> kept{0};
  };
  struct Account {
    User user;
    std::string password;
  };
  struct SessionEntry {
    SessionInfo info;
    std::shared_ptr<Used> used;
  };
  struct TokenEntry {
    TokenInfo info;
    std::shared_ptr<Used> used;
  };
  struct Device {
    std::string user;
    std::int64_t last_used_at = 0;
  };
  struct Page {
    std::map<std::string, Account, std::less<>> accounts;
    std::unordered_map<std::string, SessionEntry> sessions;  ///< by fingerprint
    std::unordered_map<std::string, TokenEntry> tokens;
    std::unordered_map<std::string, Device> devices;
    std::unordered_map<std::string, std::shared_ptr<Used>> used;  ///< by id of session or token
  };

  [[nodiscard]] std::shared_ptr<const Page> page() const;
  /// Who calls with a session or token of `user`, with all that their role grants; nobody when the
  /// account is gone or disabled.
  [[nodiscard]] static Principal caller(const Page& page, std::string_view user, Principal::By by,
                                        const std::string& id);
  [[nodiscard]] static Result<void> read_users(LogConnection& connection, Page& page);
  [[nodiscard]] Result<void> read_sessions(LogConnection& connection, Page& page) const;
  [[nodiscard]] Result<void> read_tokens(LogConnection& connection, Page& page) const;
  [[nodiscard]] static Result<void> read_devices(LogConnection& connection, Page& page);
  [[nodiscard]] std::shared_ptr<Used> used_of(Page& page, const std::string& id,
                                              std::int64_t stored_at) const;
  /// Runs `work` and its line of the trail in one transaction, then loads again.
  [[nodiscard]] Result<void> change(std::string_view action, std::string_view subject,
                                    const Actor& by, const AccessFile::Work& work);
  [[nodiscard]] Result<void> insert_user(LogConnection& connection, std::string_view name,
                                         Role role, std::string_view hash) const;
  [[nodiscard]] Result<std::string> invite(LogConnection& connection, std::string_view user) const;
  [[nodiscard]] bool over(const SessionEntry& entry, std::int64_t now) const;
  [[nodiscard]] Result<std::string> hashed(std::string_view name, std::string_view password) const;

  AccessFile& file_;
  AccessLimits limits_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const Page> page_ = std::make_shared<const Page>();
};

}  // namespace guanxi::access
