#include "access/password_rules.hpp"

#include <array>
#include <set>
#include <string>

#include "base/utf8.hpp"

namespace guanxi::access {
namespace {

// What stays of a password when these are taken out is what has to be guessed.
constexpr std::array<std::string_view, 52> kTriedFirst{
    "password",  "passwort",      "passw0rd",   "p@ssw0rd", "passwd",    "mima",     "woaini",
    "5201314",   "1314520",       "qwertyuiop", "qwerty",   "asdfghjkl", "asdfgh",   "zxcvbnm",
    "zxcvbn",    "1qaz",          "2wsx",       "3edc",     "qazwsx",    "q1w2e3",   "a1b2c3",
    "abc123",    "abcdef",        "abcd",       "letmein",  "welcome",   "iloveyou", "changeme",
    "secret",    "administrator", "admin",      "root",     "monkey",    "dragon",   "football",
    "baseball",  "princess",      "sunshine",   "superman", "batman",    "master",   "shadow",
    "trustno1",  "default",       "guest",      "test",     "user",      "login",    "guanxi",
    "woaiwojia", "147258369",     "qq"};
constexpr std::size_t kRestLeast = 6;
constexpr std::size_t kDifferentLeast = 5;

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return out;
}

void take_out(std::string& text, std::string_view part) {
  if (part.size() < 2) {
    return;
  }
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part)) {
    text.erase(at, part.size());
  }
}

// Runs up or down by one, or of the same: 123456, fedcba, aaaa. Each counts as one character.
std::string without_runs(std::string_view text) {
  std::string out;
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i + 1;
    const int step = end < text.size() ? text[end] - text[i] : 2;
    while (step >= -1 && step <= 1 && end < text.size() && text[end] - text[end - 1] == step) {
      ++end;
    }
    if (end - i >= 3) {
      out += text[i];
      i = end;
    } else {
      out += text[i];
      ++i;
    }
  }
  return out;
}

std::size_t characters_in(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  }
  return count;
}

}  // namespace

Result<void> check_password(std::string_view name, std::string_view password) {
  if (!is_utf8(password) || password.size() > kPasswordBytesMost) {
    return fail(ErrorCode::invalid, "a password is text of at most 512 bytes");
  }
  if (characters_in(password) < kPasswordCharactersLeast) {
    return fail(ErrorCode::invalid, "a password has at least 12 characters; several words do well");
  }
  std::string rest = lowered(password);
  take_out(rest, lowered(name));
  take_out(rest, lowered(name.substr(0, name.find('@'))));
  for (const std::string_view part : kTriedFirst) {
    take_out(rest, part);
  }
  rest = without_runs(rest);
  const std::set<char> different(rest.begin(), rest.end());
  if (rest.size() < kRestLeast || different.size() < kDifferentLeast) {
    return fail(ErrorCode::invalid,
                "this password would be among the first that somebody tries; take another");
  }
  return {};
}

}  // namespace guanxi::access
