#include <algorithm>

#include "access/account_book.hpp"
#include "access/account_rows.hpp"
#include "base/utf8.hpp"
#include "platform/entropy.hpp"

namespace guanxi::access {
namespace {

constexpr std::size_t kSecretBytes = 20;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kNameBytesMost = 80;

constexpr std::uint32_t bit(Permission permission) {
  return 1U << static_cast<unsigned>(permission);
}
/// A token is for programs: it never logs in, changes passwords or makes other tokens.
constexpr std::uint32_t kNeverByToken =
    bit(Permission::session) | bit(Permission::ingest) | bit(Permission::signed_);

Result<void> check_token_name(std::string_view name) {
  bool plain = !name.empty() && name.size() <= kNameBytesMost && is_utf8(name);
  for (const char c : name) {
    plain = plain && static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
  }
  return plain ? Result<void>()
               : Result<void>(fail(ErrorCode::invalid, "a token's name has 1 to 80 bytes of text"));
}

}  // namespace

Result<void> AccountBook::read_tokens(LogConnection& connection, Page& page) const {
  GUANXI_TRY(rows, connection.prepare("SELECT fingerprint, id, user, name, granted, created_at, "
                                      "valid_until, last_used_at FROM tokens"));
  for (;;) {
    GUANXI_TRY(more, rows.step());
    if (!more) {
      return {};
    }
    TokenEntry entry;
    entry.info.id = rows.text(1);
    entry.info.user = rows.text(2);
    entry.info.name = rows.text(3);
    entry.info.granted = static_cast<std::uint32_t>(rows.integer(4));
    entry.info.created_at = Instant{rows.integer(5)};
    entry.info.valid_until = Instant{rows.integer(6)};
    entry.used = used_of(page, entry.info.id, rows.integer(7));
    page.tokens.emplace(rows.text(0), std::move(entry));
  }
}

Result<AccountBook::NewToken> AccountBook::add_token(std::string_view user, const TokenDraft& draft,
                                                     const Actor& by) {
  GUANXI_TRY_VOID(check_token_name(draft.name));
  const std::optional<User> owner = this->user(user);
  if (!owner || owner->disabled) {
    return fail(ErrorCode::not_found, "there is no user of that name");
  }
  if (draft.granted == 0 || (draft.granted & kNeverByToken) != 0 ||
      (draft.granted & ~granted_to(owner->role)) != 0) {
    return fail(ErrorCode::invalid,
                "a token may do one thing at least, and nothing that its user may not");
  }
  if (draft.valid_seconds <= 0 || draft.valid_seconds > limits_.token_seconds_most) {
    return fail(ErrorCode::invalid, "a token is valid for one second to 366 days");
  }
  if (tokens(user).size() >= limits_.tokens_most) {
    return fail(ErrorCode::conflict, "a user has at most 50 tokens; revoke one first");
  }
  GUANXI_TRY(drawn, random_hex(kSecretBytes));
  GUANXI_TRY(id, random_hex(kIdBytes));
  NewToken made;
  made.secret = "gxp_" + drawn;
  const Instant now = file_.now();
  made.info = TokenInfo{id,         std::string(user),
                        draft.name, draft.granted,
                        now,        Instant{now.seconds + draft.valid_seconds},
                        Instant{}};
  const std::string fingerprint = file_.fingerprints().of(made.secret);
  const AccessFile::Work work = [&](LogConnection& connection) -> Result<void> {
    GUANXI_TRY(insert, connection.prepare("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, 0)"));
    insert.bind_blob(1, fingerprint).bind_text(2, id).bind_text(3, user);
    insert.bind_text(4, made.info.name).bind(5, std::int64_t{made.info.granted});
    return insert.bind(6, now.seconds).bind(7, made.info.valid_until.seconds).run();
  };
  GUANXI_TRY_VOID(change("token.add", std::string(user) + " " + id, by, work));
  return made;
}

Principal AccountBook::of_token(std::string_view secret) const {
  const std::string fingerprint = file_.fingerprints().of(secret);
  const std::shared_ptr<const Page> now = page();
  const auto found = now->tokens.find(fingerprint);
  const std::int64_t second = file_.now().seconds;
  if (found == now->tokens.end() || !same_secret(found->first, fingerprint) ||
      second >= found->second.info.valid_until.seconds) {
    return {};
  }
  Principal principal =
      caller(*now, found->second.info.user, Principal::By::token, found->second.info.id);
  if (principal.by == Principal::By::nobody) {
    return {};
  }
  found->second.used->at.store(second, std::memory_order_relaxed);
  principal.granted &= found->second.info.granted & ~kNeverByToken;
  return principal;
}

std::optional<TokenInfo> AccountBook::token(std::string_view id) const {
  for (const TokenInfo& info : tokens()) {
    if (info.id == id) {
      return info;
    }
  }
  return std::nullopt;
}

std::vector<TokenInfo> AccountBook::tokens(std::string_view user) const {
  std::vector<TokenInfo> out;
  for (const auto& [fingerprint, entry] : page()->tokens) {
    if (user.empty() || entry.info.user == user) {
      out.push_back(entry.info);
      out.back().last_used_at = Instant{entry.used->at.load(std::memory_order_relaxed)};
    }
  }
  std::sort(out.begin(), out.end(), [](const TokenInfo& a, const TokenInfo& b) {
    return a.created_at != b.created_at ? a.created_at > b.created_at : a.id < b.id;
  });
  return out;
}

Result<void> AccountBook::end_token(std::string_view id, const Actor& by) {
  const std::optional<TokenInfo> known = token(id);
  if (!known) {
    return fail(ErrorCode::not_found, "there is no token of that id");
  }
  return change("token.end", known->user + " " + std::string(id), by,
                [&](LogConnection& connection) {
                  return run_with(connection, "DELETE FROM tokens WHERE id = ?", {id});
                });
}

}  // namespace guanxi::access
