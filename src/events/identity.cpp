#include "events/identity.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "base/utf8.hpp"
#include "events/batch_format.hpp"

namespace guanxi {
namespace {

constexpr std::uint64_t kMessageSeed = 0x6d657373616765;  // "message"
constexpr std::uint64_t kContentSeed = 0x636f6e74656e74;  // "content"

std::uint64_t never_zero(std::uint64_t hash) { return hash == 0 ? 1 : hash; }

std::uint64_t with_line(std::uint64_t hash, std::uint32_t line) {
  return never_zero(line == 0 ? hash : mix64(hash ^ mix64(line)));
}

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_word(std::string_view text, std::string_view word) {
  return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(),
                                                  [](char a, char b) { return folded(a) == b; });
}

// What client libraries send when they know nobody; the list of PostHog's merge rule, and more.
constexpr auto kNobody =
    std::to_array<std::string_view>({"null",      "undefined",   "guest",      "0",
                                     "anonymous", "none",        "nan",        "[object object]",
                                     "nil",       "true",        "false",      "id",
                                     "email",     "distinct_id", "distinctid", "not_authenticated",
                                     "unknown",   "n/a",         "-1",         "(null)",
                                     "{}",        "[]"});

}  // namespace

std::uint64_t identity_of_message(std::string_view source_key, std::string_view message_id,
                                  std::uint32_t line) {
  const std::uint64_t seed = source_key.empty() ? kMessageSeed : hash64(source_key, kMessageSeed);
  return with_line(hash64(message_id, seed), line);
}

std::uint64_t id_hash_of_content(std::uint64_t content_hash, std::uint32_t k) {
  return mix64(content_hash ^ (std::uint64_t{k} << 32U));
}

std::uint64_t content_hash(const Event& event) {
  std::uint64_t hash = kContentSeed;
  batch_format::for_each_number_column([&](auto column) {
    using Column = decltype(column);
    constexpr bool kSaid = Column::kName != batch_format::ReceivedAt::kName &&
                           Column::kName != batch_format::OriginalAt::kName &&
                           Column::kName != batch_format::SentAt::kName;
    if constexpr (Column::kName == batch_format::OccurredAt::kName) {
      const Instant said = event.original_at.seconds != 0 ? event.original_at : event.occurred_at;
      hash = mix64(hash ^ mix64(batch_format::bits_of(said.seconds)));
    } else if constexpr (kSaid) {
      hash = mix64(hash ^ mix64(Column::get(event)));
    }
  });
  batch_format::for_each_text_column([&](auto column) {
    using Column = decltype(column);
    if (Column::kName != batch_format::MessageId::kName) {
      hash = hash64(batch_format::text_of<Column>(event), hash);
    }
  });
  return hash;
}

std::uint64_t identity_of_content(std::string_view source_key, std::uint64_t content,
                                  std::uint32_t occurrence, std::uint32_t line) {
  const std::uint64_t seed = source_key.empty() ? 0 : hash64(source_key, kContentSeed);
  return with_line(mix64(content ^ mix64(seed ^ occurrence)), line);
}

std::string_view trouble_with_id(std::string_view id) {
  if (id.size() > 255) {
    return "is longer than 255 bytes; valid: 1 to 255 bytes of UTF-8";
  }
  if (id.find('\0') != std::string_view::npos) {
    return "holds a NUL; valid: 1 to 255 bytes of UTF-8 without NUL";
  }
  if (!is_utf8(id)) {
    return "is not UTF-8; valid: 1 to 255 bytes of UTF-8";
  }
  if (id.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return "is empty; leave it out, or give 1 to 255 bytes of UTF-8";
  }
  const bool nobody = std::any_of(kNobody.begin(), kNobody.end(),
                                  [&](std::string_view word) { return same_word(id, word); });
  return nobody ? "names nobody: programs write it when they know no id; leave it out, or give the "
                  "id of one person"
                : "";
}

std::string normalised_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size() ||
      text.find('@', at + 1) != std::string_view::npos ||
      text.find_first_of(" \t\r\n") != std::string_view::npos) {
    return {};
  }
  std::string address(text);
  std::transform(address.begin() + static_cast<std::ptrdiff_t>(at), address.end(),
                 address.begin() + static_cast<std::ptrdiff_t>(at), folded);
  return address;
}

}  // namespace guanxi
