#include "access/account_rows.hpp"

namespace guanxi::access {

Result<void> run_with(LogConnection& connection, std::string_view sql,
                      std::initializer_list<std::string_view> texts) {
  GUANXI_TRY(statement, connection.prepare(sql));
  int place = 0;
  for (const std::string_view text : texts) {
    statement.bind_text(++place, text);
  }
  return statement.run();
}

Result<std::int64_t> ask_with(LogConnection& connection, std::string_view sql,
                              std::initializer_list<std::string_view> texts) {
  GUANXI_TRY(statement, connection.prepare(sql));
  int place = 0;
  for (const std::string_view text : texts) {
    statement.bind_text(++place, text);
  }
  GUANXI_TRY(row, statement.step());
  return row ? statement.integer(0) : std::int64_t{0};
}

Result<void> shut_out(LogConnection& connection, std::string_view user) {
  for (const std::string_view table : {"sessions", "devices", "invitations", "tokens"}) {
    GUANXI_TRY_VOID(
        run_with(connection, "DELETE FROM " + std::string(table) + " WHERE user = ?", {user}));
  }
  return {};
}

Result<void> need_an_admin(LogConnection& connection) {
  GUANXI_TRY(admins, connection.integer("SELECT count(*) FROM users WHERE role = 'admin' AND "
                                        "disabled = 0 AND password <> ''"));
  if (admins == 0) {
    return fail(ErrorCode::conflict, "one admin has to stay; make another one first");
  }
  return {};
}

}  // namespace guanxi::access
