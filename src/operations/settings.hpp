#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace guanxi::operations {

/// Everything that can be set of a server: the content of guanxi.toml. What each one means, its
/// unit, its range and its name in the file stand once, in settings_table().
struct Settings {
  std::string data_folder = "data";
  std::uint64_t data_shards = 16;
  std::uint64_t data_threads = 0;
  std::uint64_t data_snapshot_every_events = 2'000'000;
  std::uint64_t data_snapshot_at_stop_events = 100'000;
  bool data_fit_daily = true;

  std::string server_listen = "127.0.0.1:8300";
  std::vector<std::string> server_public_names;
  std::vector<std::string> server_trusted_proxies;
  std::string server_web;
  std::uint64_t server_connections_most = 10'000;
  std::uint64_t server_header_timeout_seconds = 10;
  std::uint64_t server_body_timeout_seconds = 30;
  std::uint64_t server_idle_timeout_seconds = 60;
  std::uint64_t server_write_timeout_seconds = 30;
  std::uint64_t server_stop_grace_seconds = 5;
  std::uint64_t server_quick_threads = 2;
  std::uint64_t server_slow_threads = 2;

  std::string tls_certificate;
  std::string tls_key;

  std::string log_level = "info";
  std::string log_file;

  std::string metrics_access = "local";
  std::string backup_folder;

  std::uint64_t access_session_idle_minutes = 120;
  std::uint64_t access_session_hours = 12;
  std::uint64_t access_sessions_most = 20;
  std::uint64_t access_invitation_hours = 24;
  std::uint64_t access_login_tries_most = 10;
  std::uint64_t access_login_window_minutes = 15;

  std::uint64_t retention_dead_letter_days = 0;
  std::uint64_t retention_audit_days = 0;
};

/// One setting, as data: the file is read, shown and documented by it.
struct Setting {
  using Field = std::variant<std::string Settings::*, std::uint64_t Settings::*, bool Settings::*,
                             std::vector<std::string> Settings::*>;
  std::string_view table;
  std::string_view name;
  Field field;
  std::string_view unit;  ///< empty: none
  std::string_view meaning;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::vector<std::string_view> words{};  ///< the only values, when not empty
};
[[nodiscard]] std::span<const Setting> settings_table();

/// Reads a settings file strictly over the defaults. Errors: invalid, with line and column, for a
/// key that does not exist, a value of the wrong kind or out of range, or settings that contradict
/// each other.
[[nodiscard]] Result<Settings> read_settings(std::string_view toml);

/// A complete settings file that holds these values, each with what it means.
[[nodiscard]] std::string settings_file(const Settings& settings);

/// The rows of docs/operations.md: name, default, unit, meaning.
[[nodiscard]] std::string settings_page();

/// "host:port", "[::1]:port" or ":port", taken apart. Errors: invalid.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};
[[nodiscard]] Result<ListenAddress> parse_listen(std::string_view text);

}  // namespace guanxi::operations
