#pragma once

#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <string_view>

#include "access/account_book.hpp"
#include "access/attempt_limits.hpp"
#include "access/audit_trail.hpp"

namespace guanxi::access {

/// Where names and passwords are shown.
///
/// A name and an address may each be tried ten times in fifteen minutes (AccessLimits). A browser
/// in which the user has logged in before is counted by itself instead, so that somebody who tries
/// the user's name all day does not lock the user out. An unknown name takes the time of a known
/// one.
///
/// Place       Part of AccessStore; the login route asks it.
/// Invariants  At most kAtOnce passwords are looked at together, for the memory that takes.
/// Threads     Any; waits for its turn and for the disk.
class LoginDesk {
 public:
  LoginDesk(AccessFile& file, AccountBook& accounts, AuditTrail& audit)
      : file_(file),
        accounts_(accounts),
        audit_(audit),
        limits_(accounts.limits().login_tries_most, accounts.limits().login_window_seconds) {}

  struct Asked {
    std::string_view name;
    std::string_view password;
    std::string_view device;  ///< secret of a browser that is known, or empty
    std::string peer;
  };
  struct Answer {
    enum class Kind { welcome, wrong, too_often } kind = Kind::wrong;
    std::int64_t wait_seconds = 0;
    std::string session;  ///< secret of the new session
    std::string device;   ///< secret of the browser when it is new
  };
  [[nodiscard]] Result<Answer> login(const Asked& asked);

  /// Whether `password` is the user's own, asked again before something grave. Counted alike.
  [[nodiscard]] Answer::Kind confirm(std::string_view name, std::string_view password,
                                     const Actor& by);

  /// Counts a secret that nobody has against its address. False: too many of them.
  [[nodiscard]] bool guess_allowed(const std::string& peer);
  /// How long whoever tried too often has to wait at most.
  [[nodiscard]] std::int64_t window_seconds() const { return limits_.window_seconds(); }

 private:
  static constexpr std::ptrdiff_t kAtOnce = 2;

  [[nodiscard]] bool matches(std::string_view name, std::string_view password);

  AccessFile& file_;
  AccountBook& accounts_;
  AuditTrail& audit_;
  AttemptLimits limits_;
  std::counting_semaphore<kAtOnce> turns_{kAtOnce};
  std::once_flag nobody_once_;
  std::string nobodys_password_;  ///< of no user, as dear to look at as a real one
};

/// What tries are counted by: an IPv4 address, or the half of an IPv6 one that is a household's.
[[nodiscard]] std::string network_of(std::string_view peer);

}  // namespace guanxi::access
