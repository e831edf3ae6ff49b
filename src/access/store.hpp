#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "access/access_file.hpp"
#include "access/account_book.hpp"
#include "access/actor.hpp"
#include "access/audit_trail.hpp"
#include "access/login_desk.hpp"
#include "access/source_book.hpp"
#include "access/sources.hpp"

namespace guanxi::access {

struct AccessOptions {
  /// Whether a thread calls tick() each second. Tests with a clock of their own call it themselves.
  bool ticks = true;
  AccessLimits limits{};
};

/// Who may send events and who may look at them: one per data folder.
///
/// Place       Opened by app/ for as long as it serves, or for one command; doors and api ask it.
/// Invariants  A change is on disk and in the audit trail before the call returns, and holds from
///             the next question on. Another process's change holds within a second.
/// Errors      Of changes: invalid, conflict, not_found; otherwise as AccessFile.
/// Threads     Any. Questions wait for nothing but memory, changes for the disk.
class AccessStore {
 public:
  [[nodiscard]] static Result<std::unique_ptr<AccessStore>> open(const std::string& folder,
                                                                 Clock& clock,
                                                                 AccessOptions options = {});
  AccessStore(const AccessStore&) = delete;
  AccessStore& operator=(const AccessStore&) = delete;
  ~AccessStore();

  /// The source that shows this write key. Null: unknown, or no longer valid. The caller looks at
  /// `disabled`. Notes that the source was used.
  [[nodiscard]] std::shared_ptr<const Source> source_of_key(std::string_view write_key) const {
    return sources_.of_key(write_key);
  }
  /// Null: unknown.
  [[nodiscard]] std::shared_ptr<const Source> source(std::string_view id) const {
    return sources_.find(id);
  }
  /// The oldest first.
  [[nodiscard]] std::vector<std::shared_ptr<const Source>> sources() const {
    return sources_.all();
  }
  /// Notes that a source without a write key was used.
  void mark_used(std::string_view id) const { sources_.mark_used(id); }
  /// The keys of a source that are valid, the one that stays first.
  [[nodiscard]] Result<std::vector<KeyInfo>> keys_of(std::string_view id) {
    return sources_.keys_of(id);
  }
  [[nodiscard]] Result<NewSource> add_source(const SourceDraft& draft, const Actor& by = {}) {
    return sources_.add(draft, by);
  }
  /// A new write key; those before it stay valid for `old_valid_seconds` at most.
  [[nodiscard]] Result<std::string> rotate_key(std::string_view id, std::int64_t old_valid_seconds,
                                               const Actor& by = {}) {
    return sources_.rotate_key(id, old_valid_seconds, by);
  }
  [[nodiscard]] Result<void> set_disabled(std::string_view id, bool disabled,
                                          const Actor& by = {}) {
    return sources_.set_disabled(id, disabled, by);
  }
  /// The secret that a source signs with; the one before may be accepted too.
  [[nodiscard]] Result<void> set_secret(std::string_view id, std::string_view secret,
                                        bool keep_before, const Actor& by = {}) {
    return sources_.set_secret(id, secret, keep_before, by);
  }
  [[nodiscard]] Result<void> set_settings(std::string_view id, std::string_view settings_json,
                                          const Actor& by = {}) {
    return sources_.set_settings(id, settings_json, by);
  }

  [[nodiscard]] AccountBook& accounts() { return accounts_; }
  [[nodiscard]] const AccountBook& accounts() const { return accounts_; }
  [[nodiscard]] AuditTrail& audit() { return audit_; }
  [[nodiscard]] LoginDesk& desk() { return desk_; }
  [[nodiscard]] Instant now() const { return file_->now(); }

  /// What has to be done once a second: sees changes of other processes, writes down what was used
  /// and noted.
  [[nodiscard]] Result<void> tick();

 private:
  AccessStore(std::unique_ptr<AccessFile> file, const AccessLimits& limits);
  [[nodiscard]] Result<void> load();
  void keep_ticking();

  std::unique_ptr<AccessFile> file_;
  AuditTrail audit_;
  SourceBook sources_;
  AccountBook accounts_;
  LoginDesk desk_;
  std::int64_t seen_version_ = 0;
  std::mutex stop_mutex_;
  std::condition_variable stop_asked_;
  bool stopping_ = false;
  std::thread ticker_;
};

}  // namespace guanxi::access
