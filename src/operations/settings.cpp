#include "operations/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/json_writer.hpp"
#include "toml/toml_reader.hpp"

namespace guanxi::operations {
namespace {

using S = Settings;

const std::array kTable{
    Setting{"data", "folder", &S::data_folder, "",
            "The data folder; made when missing. `--data` on the command line wins"},
    Setting{"data", "shards", &S::data_shards, "",
            "Parts that people are divided into, each folded by one thread", 1, 256},
    Setting{"data", "threads", &S::data_threads, "threads",
            "For reading the log and folding; 0: as many as there are processors", 0, 256},
    Setting{"data", "snapshot_every_events", &S::data_snapshot_every_events, "events",
            "While serving, `guanxi.image` is written when so many are new, and an eighth of all; "
            "0: never",
            0, 4'000'000'000},
    Setting{"data", "snapshot_at_stop_events", &S::data_snapshot_at_stop_events, "events",
            "At a stop or restart it is written when so many are new; 0: never", 0, 4'000'000'000},
    Setting{"data", "fit_daily", &S::data_fit_daily, "",
            "While serving, the models that predict are fitted when a day has closed"},
    Setting{"server", "listen", &S::server_listen, "host:port",
            "Where the server listens; `:8300` is every address of the machine"},
    Setting{"server", "public_names", &S::server_public_names, "",
            "Host names under which it may be asked, beside localhost"},
    Setting{"server", "trusted_proxies", &S::server_trusted_proxies, "address or network",
            "Proxies whose X-Forwarded-For, -Proto and -Host are believed"},
    Setting{"server", "web", &S::server_web, "", "Folder of the built page; empty: as shipped"},
    Setting{"server", "connections_most", &S::server_connections_most, "connections",
            "Held at once; beyond, the one silent longest is closed", 16, 1'000'000},
    Setting{"server", "header_timeout_seconds", &S::server_header_timeout_seconds, "s",
            "From the first byte of a request to the end of its header", 1, 3600},
    Setting{"server", "body_timeout_seconds", &S::server_body_timeout_seconds, "s",
            "From the end of the header to the last byte of the body", 1, 3600},
    Setting{"server", "idle_timeout_seconds", &S::server_idle_timeout_seconds, "s",
            "Between two requests of a connection", 1, 86'400},
    Setting{"server", "write_timeout_seconds", &S::server_write_timeout_seconds, "s",
            "For each piece of an answer that a slow reader takes", 1, 3600},
    Setting{"server", "stop_grace_seconds", &S::server_stop_grace_seconds, "s",
            "How long a stop or restart waits for answers that are under way", 1, 600},
    Setting{"server", "quick_threads", &S::server_quick_threads, "threads",
            "For questions about one person or a page of a list", 1, 64},
    Setting{"server", "slow_threads", &S::server_slow_threads, "threads",
            "For questions that look at everyone", 1, 64},
    Setting{"tls", "certificate", &S::tls_certificate, "",
            "File with the certificate chain (PEM); with `key` the server speaks TLS 1.2 and 1.3. "
            "Read again when it changes"},
    Setting{"tls", "key", &S::tls_key, "", "File with its private key (PEM)"},
    Setting{"log",
            "level",
            &S::log_level,
            "",
            "The least that is written",
            0,
            0,
            {"debug", "info", "warning", "error", "off"}},
    Setting{"log", "file", &S::log_file, "",
            "File that lines are appended to; empty: stderr. Opened anew at a restart"},
    Setting{"metrics",
            "access",
            &S::metrics_access,
            "",
            "Who may read /metrics: `local` (this machine), `admin` (by token) or `open`",
            0,
            0,
            {"local", "admin", "open"}},
    Setting{"backup", "folder", &S::backup_folder, "",
            "Where backups asked of the server are put; empty: `backups` in the data folder"},
    Setting{"access", "session_idle_minutes", &S::access_session_idle_minutes, "min",
            "After so long without a request a login ends", 1, 10'080},
    Setting{"access", "session_hours", &S::access_session_hours, "h",
            "A login ends after so long in any case", 1, 720},
    Setting{"access", "sessions_most", &S::access_sessions_most, "logins",
            "Of one user at once; beyond, the one unused longest ends", 1, 1000},
    Setting{"access", "invitation_hours", &S::access_invitation_hours, "h",
            "How long a link that sets a password works; one of the command line: 24 h", 1, 720},
    Setting{"access", "login_tries_most", &S::access_login_tries_most, "tries",
            "Wrong passwords of one name or from one address in a window", 3, 1000},
    Setting{"access", "login_window_minutes", &S::access_login_window_minutes, "min",
            "The window in which they are counted", 1, 1440},
    Setting{"retention", "dead_letter_days", &S::retention_dead_letter_days, "days",
            "Dead letters older than this are removed, every hour; 0: kept for ever", 0, 36'500},
    Setting{"retention", "audit_days", &S::retention_audit_days, "days",
            "Entries of the audit trail, looks at people among them, older than this are cut off; "
            "0: kept for ever",
            0, 36'500}};

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string value_text(const Setting& setting, const Settings& settings) {
  if (const auto* text = std::get_if<std::string S::*>(&setting.field)) {
    return quoted(settings.**text);
  }
  if (const auto* whole = std::get_if<std::uint64_t S::*>(&setting.field)) {
    return std::to_string(settings.**whole);
  }
  if (const auto* truth = std::get_if<bool S::*>(&setting.field)) {
    return settings.**truth ? "true" : "false";
  }
  std::string list;
  for (const std::string& word : settings.*std::get<std::vector<std::string> S::*>(setting.field)) {
    list += (list.empty() ? "" : ", ") + quoted(word);
  }
  return "[" + list + "]";
}

void read_one(const Setting& setting, TomlReader& table, Settings& settings) {
  if (const auto* text = std::get_if<std::string S::*>(&setting.field)) {
    std::string& value = settings.**text;
    value = table.text(setting.name, value);
    const auto& words = setting.words;
    if (!words.empty() && std::find(words.begin(), words.end(), value) == words.end()) {
      table.complain(setting.name, "must be one of: " + joined({words.begin(), words.end()}));
    }
  } else if (const auto* whole = std::get_if<std::uint64_t S::*>(&setting.field)) {
    std::uint64_t& value = settings.**whole;
    value = static_cast<std::uint64_t>(
        table.integer(setting.name, static_cast<std::int64_t>(setting.least),
                      static_cast<std::int64_t>(setting.most), static_cast<std::int64_t>(value)));
  } else if (const auto* truth = std::get_if<bool S::*>(&setting.field)) {
    settings.** truth = table.boolean(setting.name, settings.**truth);
  } else {
    auto& list = settings.*std::get<std::vector<std::string> S::*>(setting.field);
    auto words = table.texts(setting.name, false);
    list = table.has(setting.name) ? std::move(words) : list;
  }
}

void check_together(TomlReader& root, Settings& settings) {
  TomlReader server = root.table("server", false);
  if (auto parsed = parse_listen(settings.server_listen); !parsed) {
    server.complain("listen", parsed.error().message);
  }
  TomlReader tls = root.table("tls", false);
  if (settings.tls_certificate.empty() != settings.tls_key.empty()) {
    tls.complain(settings.tls_key.empty() ? "key" : "certificate",
                 "is missing: TLS needs both certificate and key");
  }
}

}  // namespace

std::span<const Setting> settings_table() { return kTable; }

Result<Settings> read_settings(std::string_view toml) {
  GUANXI_TRY(parsed, parse_toml(toml));
  Settings settings;
  std::optional<TomlReader::Problem> problem;
  TomlReader root(&parsed, "", problem);
  std::string_view at;
  std::optional<TomlReader> table;
  for (const Setting& setting : kTable) {
    if (setting.table != at) {
      if (table) {
        table->finish();
      }
      at = setting.table;
      table.emplace(root.table(at, false));
    }
    read_one(setting, *table, settings);
  }
  table->finish();
  root.finish();
  check_together(root, settings);
  if (problem) {
    return fail(ErrorCode::invalid, problem->message);
  }
  return settings;
}

std::string settings_file(const Settings& settings) {
  std::string text;
  std::string_view at;
  for (const Setting& setting : kTable) {
    if (setting.table != at) {
      at = setting.table;
      text += (text.empty() ? "[" : "\n[") + std::string(at) + "]\n";
    }
    text += "# " + std::string(setting.meaning) + ".";
    text += setting.unit.empty() ? "\n" : " Unit: " + std::string(setting.unit) + ".\n";
    text += std::string(setting.name) + " = " + value_text(setting, settings) + "\n";
  }
  return text;
}

std::string settings_page() {
  const Settings defaults;
  std::string text = "| setting | default | unit | meaning |\n|---|---|---|---|\n";
  for (const Setting& setting : kTable) {
    text += "| `" + std::string(setting.table) + "." + std::string(setting.name) + "` | `" +
            value_text(setting, defaults) + "` | " + std::string(setting.unit) + " | " +
            std::string(setting.meaning);
    if (setting.most > 0) {
      text += " (" + std::to_string(setting.least) + " to " + std::to_string(setting.most) + ")";
    }
    text += " |\n";
  }
  return text;
}

Result<ListenAddress> parse_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  ListenAddress address;
  if (colon != std::string_view::npos) {
    address.host = std::string(text.substr(0, colon));
    const std::string_view digits = text.substr(colon + 1);
    const char* const end = digits.data() + digits.size();
    const auto [stop, problem] = std::from_chars(digits.data(), end, address.port);
    if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
      address.host = address.host.substr(1, address.host.size() - 2);
    } else if (address.host.find(':') != std::string::npos) {
      address.host.clear();
      return fail(ErrorCode::invalid, "an IPv6 address stands in brackets: [::1]:8300");
    }
    if (!digits.empty() && problem == std::errc() && stop == end) {
      return address;
    }
  }
  return fail(ErrorCode::invalid, "'" + std::string(text) + "' is not host:port");
}

}  // namespace guanxi::operations
