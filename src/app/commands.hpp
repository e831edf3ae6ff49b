#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/session.hpp"
#include "operations/settings.hpp"

namespace guanxi::app {

// One function per command of the command line; each returns the exit code (output.hpp). Figures
// go to stdout, as text or with common.json as one JSON object; progress and complaints to stderr.

struct ImportArgs {
  std::vector<std::string> files;
  std::string mapping;
  std::string model;
  bool yes = false;      ///< do not ask
  bool dry_run = false;  ///< show what was understood, write nothing
  std::uint64_t refused_shown = 20;
};
[[nodiscard]] int run_import(const Common& common, const ImportArgs& args);

[[nodiscard]] int run_status(const Common& common);
[[nodiscard]] int run_tiers(const Common& common, const std::string& at);
struct PeopleArgs {
  std::string where;
  std::string sort;
  bool descending = false;
  std::uint64_t limit = 20;
  std::uint64_t offset = 0;
};
[[nodiscard]] int run_people(const Common& common, const PeopleArgs& args);
[[nodiscard]] int run_changes(const Common& common, const std::string& from, const std::string& to,
                              std::uint64_t limit);
[[nodiscard]] int run_what_if(const Common& common, const std::string& model_file,
                              const std::string& at);
[[nodiscard]] int run_validate(const Common& common, const std::string& at,
                               std::uint32_t horizon_days);
[[nodiscard]] int run_digest(const Common& common, const std::string& at, unsigned threads);

[[nodiscard]] int run_person(const Common& common, const std::string& id, const std::string& at,
                             std::uint64_t events);
[[nodiscard]] int run_explain(const Common& common, const std::string& id, const std::string& at,
                              std::uint64_t lines);

struct PrivacyArgs {
  std::vector<std::string> ids;
  std::string from_file;  ///< more of them, one a line
  bool yes = false;       ///< do not ask
};
[[nodiscard]] int run_erase(const Common& common, const PrivacyArgs& args);
/// Looks for everyone who was erased in every byte of the folder.
[[nodiscard]] int run_check_erased(const Common& common, const PrivacyArgs& args);
/// What they allow, and what they object to.
[[nodiscard]] int run_privacy_show(const Common& common, const std::string& id);
/// All that is kept about one person, to take along; "-": to stdout.
[[nodiscard]] int run_privacy_export(const Common& common, const std::string& id,
                                     const std::string& file);
struct ConsentArgs {
  std::string id;
  std::string purpose;
  bool given = false;
  bool withdrawn = false;
  std::string channel;
  std::string text_version;
  std::string proof;
};
/// States what they allow or take back; purpose "processing" restricts them, or lifts that.
[[nodiscard]] int run_privacy_consent(const Common& common, const ConsentArgs& args);
[[nodiscard]] int run_check(const Common& common);
/// Writes the image down beside the log, and says how long that took.
[[nodiscard]] int run_snapshot(const Common& common);
struct CopyArgs {
  std::string file;    ///< of the log; empty: not the log
  std::string access;  ///< of users, keys and audit trail; empty: not those
  bool yes = false;    ///< do not ask
};
[[nodiscard]] int run_backup(const Common& common, const CopyArgs& args);
[[nodiscard]] int run_restore(const Common& common, const CopyArgs& args);
[[nodiscard]] int run_dead_letters(const Common& common, std::uint64_t limit, std::uint64_t offset);
struct ResendArgs {
  std::vector<std::uint64_t> ids;
  bool all = false;
  std::string with_file;  ///< the corrected event, for one id
};
[[nodiscard]] int run_resend(const Common& common, const ResendArgs& args);

struct DemandArgs {
  std::uint32_t horizon_days = 28;
  unsigned threads = 0;
  std::uint64_t limit = 20;
  std::string sort = "forecast";
  double margin = 1;
  double loss = 1;
  std::uint32_t days = 14;
  std::string product;
  std::string id;
  std::string at;
};
/// What products will be asked for; who is due for what; what one person needs; and how well such
/// models knew it before.
[[nodiscard]] int run_demand_board(const Common& common, const DemandArgs& args);
[[nodiscard]] int run_demand_due(const Common& common, const DemandArgs& args);
[[nodiscard]] int run_demand_needs(const Common& common, const DemandArgs& args);
[[nodiscard]] int run_demand_score(const Common& common, const DemandArgs& args);

/// People who may be one.
[[nodiscard]] int run_identities(const Common& common, std::uint64_t limit);
[[nodiscard]] int run_identity_show(const Common& common, const std::string& id);
[[nodiscard]] int run_identity_decisions(const Common& common);
[[nodiscard]] int run_identity_decide(const Common& common, const DecisionRequest& request);

/// Fits the models that predict, and says what was found; the fits there are.
[[nodiscard]] int run_fit(const Common& common, const std::string& model);
[[nodiscard]] int run_fit_list(const Common& common, std::uint64_t limit);

[[nodiscard]] int run_model_show(const Common& common, const std::string& name);
[[nodiscard]] int run_model_check(const Common& common, const std::string& file);
[[nodiscard]] int run_model_use(const Common& common, const std::string& file);

struct SqlArgs {
  std::string query;
  std::uint64_t limit = 1000;
  std::string format = "table";  ///< table, csv, json
};
[[nodiscard]] int run_sql(const Common& common, const SqlArgs& args);
struct ExportArgs {
  std::string what = "people";  ///< a table of SQL, or "log": every event, to be imported again
  std::string file;
  std::string format;  ///< empty: by the file's name
};
[[nodiscard]] int run_export(const Common& common, const ExportArgs& args);
struct SimulateArgs {
  std::uint32_t people = 4000;
  bool people_given = false;
  std::uint64_t events = 0;
  std::uint64_t seed = 1;
  std::string out;
  std::string truth;
  std::string from;
  std::uint32_t days = 0;
};
[[nodiscard]] int run_simulate(const Common& common, const SimulateArgs& args);

struct UsersArgs {
  enum class What : std::uint8_t { list, add, invite, role, disable, enable } what = What::list;
  std::string name;
  std::string role = "viewer";
  std::string url = "http://localhost:8300";
  bool password_stdin = false;
};
[[nodiscard]] int run_users(const Common& common, const UsersArgs& args);
struct KeysArgs {
  enum class What : std::uint8_t {
    list,
    kinds,
    add,
    settings,
    rotate,
    secret,
    disable,
    enable
  } what = What::list;
  std::string name;
  std::string kind = "sdk";
  std::vector<std::string> set;  ///< NAME=VALUE, or NAME=@FILE
  std::uint64_t old_valid_hours = 24;
  bool secret_stdin = false;
  bool forget_before = false;
};
[[nodiscard]] int run_keys(const Common& common, const KeysArgs& args);
struct TokensArgs {
  enum class What : std::uint8_t { list, add, end } what = What::list;
  std::string user;
  std::string name;
  std::string id;
  std::vector<std::string> may;
  std::uint64_t days = 90;
};
[[nodiscard]] int run_tokens(const Common& common, const TokensArgs& args);
struct AuditArgs {
  std::string user, action, person, from, to;
  std::uint64_t limit = 50;
};
[[nodiscard]] int run_audit(const Common& common, const AuditArgs& args);
[[nodiscard]] int run_audit_verify(const Common& common, const std::string& known);

/// Speed on this machine, over so many made-up events in memory.
[[nodiscard]] int run_bench(const Common& common, std::uint64_t events);

struct ServeArgs {
  std::string config;            ///< a settings file; empty: the defaults
  std::optional<unsigned> port;  ///< instead of the file's
  std::string web;               ///< instead of the file's
  bool supervised = true;
};
[[nodiscard]] int run_serve(const Common& common, const ServeArgs& args);

/// Replaces the worker of the server on this folder and waits until the new one is ready.
[[nodiscard]] int run_restart(const Common& common, const ServeArgs& args);

/// The settings of a server: the defaults, over them the file, over it the command line.
[[nodiscard]] Result<operations::Settings> settings_of(const Common& common, const ServeArgs& args);
[[nodiscard]] int run_config_show(const Common& common, const ServeArgs& args);
[[nodiscard]] int run_config_check(const Common& common, const ServeArgs& args);
/// The table of docs/operations.md.
[[nodiscard]] int run_config_page();

}  // namespace guanxi::app
