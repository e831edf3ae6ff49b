#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace guanxi {

/// Many names in the clear, found in a text in one pass, however many they are: where the first
/// bytes of a name stand, one look into a table for each length that a name with these has.
///
/// Place       Erasure, for names that any_name() does not find; the search for leftovers.
/// Invariants  Empty names are left out. What is found does not depend on the names' order.
/// Threads     Immutable after construction.
class NameFinder {
 public:
  explicit NameFinder(std::vector<std::string> names);
  [[nodiscard]] std::size_t size() const { return names_.size(); }

  /// Length of the longest name that begins at `at`; 0 without one. REQUIRES at < text.size().
  [[nodiscard]] std::size_t longest_at(std::string_view text, std::size_t at) const;
  /// Whether a name of at least `shortest` bytes stands in the text as a word of its own: with
  /// neither a letter, nor a digit, nor an underscore on either side.
  [[nodiscard]] bool any_word(std::string_view text, std::size_t shortest) const;
  /// Whether a name, and nothing else, stands in the text between two quotes.
  [[nodiscard]] bool any_quoted(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  /// Calls `test` with the length of each name that begins at `at`, until it says true.
  template <typename Test>
  bool any_at(std::string_view text, std::size_t at, const Test& test) const;

  std::unordered_set<std::string, Hash, std::equal_to<>> names_;
  std::bitset<256> first_;                    ///< bytes that a name begins with
  std::bitset<std::size_t{1} << 16U> pairs_;  ///< the first two, of names of kHeadBytes and more
  std::array<bool, 4> short_{};               ///< whether names of so many bytes are there
  std::unordered_map<std::uint32_t, std::vector<std::size_t>>
      lengths_;  ///< by the first four bytes
};

}  // namespace guanxi
