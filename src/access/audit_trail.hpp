#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access_file.hpp"
#include "access/actor.hpp"

namespace guanxi::access {

/// One thing that somebody did, or was refused.
///
/// Invariants  No personal data of customers, no secret: a customer stands in it as the code of
///             AuditTrail::code_of().
struct AuditEntry {
  std::int64_t seq = 0;
  Instant at;
  Actor by;
  std::string action;   ///< "source.add", "login", "GET /api/v1/people/{id}" ...
  std::string subject;  ///< what it was done to
  std::string outcome = "done";
  std::string chain{};  ///< 32 bytes over this entry and the chain before it
};

/// Writes `entry` as the next one of the trail, in the transaction that `connection` is in.
[[nodiscard]] Result<void> append_audit(LogConnection& connection, AuditEntry entry);
[[nodiscard]] Result<void> append_audit(LogConnection& connection, const AccessFile& file,
                                        const Actor& by, std::string_view action,
                                        std::string_view subject);

/// Everything that was done with the data of a brand, in order, each entry chained to the one
/// before it.
///
/// Place       Part of AccessStore; books append to it inside their own transactions, the
///             gatekeeper writes and notes, the admin's page and `guanxi audit` read.
/// Invariants  Entries are only added, and cut off at the beginning by cut() alone: the file's own
///             triggers refuse the rest, and an entry that
///             was changed, cut out or put in by other means breaks the chain. Whoever can write
///             the file can make a whole new chain; a head that is kept elsewhere shows that.
/// Threads     Any.
class AuditTrail {
 public:
  explicit AuditTrail(AccessFile& file) : file_(file) {}

  /// On disk before it returns.
  [[nodiscard]] Result<void> write(const Actor& by, std::string_view action,
                                   std::string_view subject, std::string_view outcome = "done");
  /// On disk within a second; the same again within a minute is not noted again. False: so much is
  /// waiting for the disk that nothing more may be done without a trace.
  [[nodiscard]] bool note(const Actor& by, std::string_view action, std::string_view subject,
                          std::string_view outcome = "done");
  [[nodiscard]] Result<void> flush();

  /// How a customer's id stands in the trail: the same id has the same code for the life of the
  /// file, and nobody without the file can tell which id it is.
  [[nodiscard]] std::string code_of(std::string_view person_id) const;

  struct Filter {
    std::string user{};
    std::string action{};                 ///< its beginning
    std::vector<std::string> subjects{};  ///< any of them; empty: all
    std::optional<Instant> from{};
    std::optional<Instant> to{};  ///< before it
    std::uint64_t offset = 0;
    std::uint64_t limit = 50;
  };
  struct Page {
    std::uint64_t total = 0;
    std::vector<AuditEntry> entries;  ///< newest first
  };
  [[nodiscard]] Result<Page> page(const Filter& filter);

  /// Where the trail stands: how many entries, and the chain of the last one as hex.
  struct Head {
    std::int64_t entries = 0;
    std::string chain;
  };
  /// Cuts off the entries before `before` at the trail's beginning, the last one of all excepted,
  /// and adds one that says so; the chain goes on from where they ended. How many those were.
  [[nodiscard]] Result<std::uint64_t> cut(Instant before);

  /// Reads all of it. `known` is a head that was kept elsewhere. Errors: corrupted, naming the
  /// first entry that is not what was written; invalid when `known` is of entries that were cut.
  [[nodiscard]] Result<Head> verify(const std::optional<Head>& known = std::nullopt);

 private:
  static constexpr std::size_t kWaitingMost = 20'000;
  static constexpr std::size_t kRecentMost = 50'000;
  static constexpr std::int64_t kAgainAfterSeconds = 60;

  AccessFile& file_;
  std::mutex mutex_;
  std::vector<AuditEntry> waiting_;
  std::map<std::string, std::int64_t> recent_;
};

}  // namespace guanxi::access
