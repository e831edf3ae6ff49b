#include "eventlog/sqlite.hpp"

#include <utility>

#include "eventlog/checked_vfs.hpp"

namespace guanxi {
namespace {

ErrorCode code_of(int extended) {
  switch (extended & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corrupted;
    case SQLITE_FULL:
      return ErrorCode::overloaded;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::conflict;
    default:
      return ErrorCode::unavailable;
  }
}

}  // namespace

Unexpected sqlite_error(sqlite3* handle, int code, const std::string& doing) {
  std::string message = "the event log cannot " + doing + ": ";
  message += handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  message += " (SQLite " + std::to_string(code) + ")";
  if ((code & 0xFF) == SQLITE_FULL) {
    message += "; the disk is full: free some space and try again";
  }
  return fail(code_of(code), std::move(message));
}

LogStatement& LogStatement::bind(int place, std::int64_t value) {
  GUANXI_CHECK(sqlite3_bind_int64(handle_, place, value) == SQLITE_OK, "the place exists");
  return *this;
}

LogStatement& LogStatement::bind_text(int place, std::string_view text) {
  GUANXI_CHECK(sqlite3_bind_text64(handle_, place, text.data() == nullptr ? "" : text.data(),
                                   text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK,
               "the place exists");
  return *this;
}

LogStatement& LogStatement::bind_blob(int place, std::string_view bytes) {
  GUANXI_CHECK(sqlite3_bind_blob64(handle_, place, bytes.data() == nullptr ? "" : bytes.data(),
                                   bytes.size(), SQLITE_STATIC) == SQLITE_OK,
               "the place exists");
  return *this;
}

Result<bool> LogStatement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW || code == SQLITE_DONE) {
    return code == SQLITE_ROW;
  }
  sqlite3* connection = sqlite3_db_handle(handle_);
  return sqlite_error(connection, sqlite3_extended_errcode(connection),
                      sqlite3_stmt_readonly(handle_) != 0 ? "read" : "write");
}

Result<void> LogStatement::run() {
  for (;;) {
    auto more = step();
    if (!more) {
      reset();
      return Unexpected{more.error()};
    }
    if (!*more) {
      reset();
      return {};
    }
  }
}

void LogStatement::reset() { sqlite3_reset(handle_); }

std::int64_t LogStatement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string_view LogStatement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  const int length = sqlite3_column_bytes(handle_, column);
  return data == nullptr
             ? std::string_view()
             : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(length));
}

Result<LogConnection> LogConnection::open(const std::string& path, Mode mode,
                                          const std::string& vfs) {
  sqlite3* handle = nullptr;
  const int flags = mode == Mode::read_only    ? SQLITE_OPEN_READONLY
                    : mode == Mode::read_write ? SQLITE_OPEN_READWRITE
                                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX,
                                   vfs.empty() ? checked_vfs() : vfs.c_str());
  LogConnection connection(handle);
  if (code != SQLITE_OK) {
    return sqlite_error(handle, code, "open '" + path + "'");
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 10'000);
  return connection;
}

Result<void> LogConnection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Result<void>()
                           : sqlite_error(handle_, code, "run " + sql.substr(0, 40));
}

Result<LogStatement> LogConnection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) {
    return sqlite_error(handle_, code, "prepare " + std::string(sql.substr(0, 40)));
  }
  return LogStatement(statement);
}

Result<std::int64_t> LogConnection::integer(std::string_view sql) {
  GUANXI_TRY(statement, prepare(sql));
  GUANXI_TRY(row, statement.step());
  return row ? statement.integer(0) : std::int64_t{0};
}

Result<std::string> LogConnection::text(std::string_view sql) {
  GUANXI_TRY(statement, prepare(sql));
  GUANXI_TRY(row, statement.step());
  return row ? statement.text(0) : std::string();
}

}  // namespace guanxi
