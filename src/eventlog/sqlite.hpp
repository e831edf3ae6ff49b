#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace guanxi {

/// A prepared statement with its bindings, for use inside eventlog/ and access/.
///
/// Place       Made by LogConnection::prepare(); reset and bound again between uses.
/// Invariants  Bound text and blobs must live until the next reset() or step to the end.
/// Threads     That of its connection.
class LogStatement {
 public:
  explicit LogStatement(sqlite3_stmt* handle) : handle_(handle) {}
  LogStatement(LogStatement&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  LogStatement& operator=(LogStatement&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  LogStatement(const LogStatement&) = delete;
  LogStatement& operator=(const LogStatement&) = delete;
  ~LogStatement() { sqlite3_finalize(handle_); }

  LogStatement& bind(int place, std::int64_t value);
  LogStatement& bind_text(int place, std::string_view text);
  LogStatement& bind_blob(int place, std::string_view bytes);
  /// True: a row is there; false: at the end.
  [[nodiscard]] Result<bool> step();
  /// Runs to the end and resets. REQUIRES a statement that gives no rows of interest.
  [[nodiscard]] Result<void> run();
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  /// Valid until the next step() or reset().
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] int columns() const { return sqlite3_column_count(handle_); }
  [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }

 private:
  sqlite3_stmt* handle_;
};

/// One connection to the log's database.
///
/// Place       The writer has one; every reader its own.
/// Errors      SQLite's codes become corrupted, overloaded (disk full), unavailable or conflict
///             (busy); the message carries SQLite's own text.
/// Threads     One at a time.
class LogConnection {
 public:
  enum class Mode { read_only, read_write, create };
  [[nodiscard]] static Result<LogConnection> open(const std::string& path, Mode mode,
                                                  const std::string& vfs);
  LogConnection(LogConnection&& other) noexcept : handle_(other.handle_) {
    other.handle_ = nullptr;
  }
  LogConnection& operator=(LogConnection&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  LogConnection(const LogConnection&) = delete;
  LogConnection& operator=(const LogConnection&) = delete;
  ~LogConnection() { sqlite3_close_v2(handle_); }

  [[nodiscard]] Result<void> execute(const std::string& sql);
  [[nodiscard]] Result<LogStatement> prepare(std::string_view sql);
  [[nodiscard]] Result<std::int64_t> integer(std::string_view sql);
  [[nodiscard]] Result<std::string> text(std::string_view sql);
  [[nodiscard]] sqlite3* handle() const { return handle_; }

 private:
  explicit LogConnection(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
};

/// The Error for SQLite's code `code` on `handle`.
[[nodiscard]] Unexpected sqlite_error(sqlite3* handle, int code, const std::string& doing);

}  // namespace guanxi
