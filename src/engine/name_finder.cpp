#include "engine/name_finder.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace guanxi {
namespace {

constexpr std::size_t kHeadBytes = 4;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::uint32_t head_of(const char* bytes) {
  std::uint32_t head = 0;
  std::memcpy(&head, bytes, kHeadBytes);
  return head;
}

std::size_t pair_of(const char* bytes) {
  return static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8U |
         static_cast<unsigned char>(bytes[1]);
}

}  // namespace

NameFinder::NameFinder(std::vector<std::string> names) {
  for (std::string& name : names) {
    if (name.empty()) {
      continue;
    }
    first_.set(static_cast<unsigned char>(name[0]));
    if (name.size() < kHeadBytes) {
      short_[name.size()] = true;
    } else {
      pairs_.set(pair_of(name.data()));
      std::vector<std::size_t>& lengths = lengths_[head_of(name.data())];
      if (std::find(lengths.begin(), lengths.end(), name.size()) == lengths.end()) {
        lengths.push_back(name.size());
      }
    }
    names_.insert(std::move(name));
  }
  for (auto& [head, lengths] : lengths_) {
    std::sort(lengths.begin(), lengths.end(), std::greater<>());
  }
}

template <typename Test>
bool NameFinder::any_at(std::string_view text, std::size_t at, const Test& test) const {
  if (!first_[static_cast<unsigned char>(text[at])]) {
    return false;
  }
  const std::size_t room = text.size() - at;
  const auto named = [&](std::size_t length) {
    return length <= room && names_.contains(text.substr(at, length)) && test(length);
  };
  if (room >= kHeadBytes && pairs_[pair_of(text.data() + at)]) {
    const auto known = lengths_.find(head_of(text.data() + at));
    if (known != lengths_.end() && std::any_of(known->second.begin(), known->second.end(), named)) {
      return true;
    }
  }
  for (std::size_t length = kHeadBytes - 1; length > 0; --length) {
    if (short_[length] && named(length)) {
      return true;
    }
  }
  return false;
}

std::size_t NameFinder::longest_at(std::string_view text, std::size_t at) const {
  std::size_t found = 0;
  static_cast<void>(any_at(text, at, [&](std::size_t length) {
    found = length;
    return true;
  }));
  return found;
}

bool NameFinder::any_word(std::string_view text, std::size_t shortest) const {
  for (std::size_t at = 0; !names_.empty() && at < text.size(); ++at) {
    const bool begins = at == 0 || !is_word(text[at - 1]);
    if (begins && any_at(text, at, [&](std::size_t length) {
          return length >= shortest && (at + length == text.size() || !is_word(text[at + length]));
        })) {
      return true;
    }
  }
  return false;
}

bool NameFinder::any_quoted(std::string_view text) const {
  for (std::size_t at = 1; !names_.empty() && at < text.size(); ++at) {
    if (text[at - 1] == '"' && any_at(text, at, [&](std::size_t length) {
          return at + length < text.size() && text[at + length] == '"';
        })) {
      return true;
    }
  }
  return false;
}

}  // namespace guanxi
