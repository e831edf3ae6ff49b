#pragma once

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <vector>

namespace guanxi {

/// Numbers for the texts that events are about: products, members of staff, campaigns, referrers.
///
/// Place       One per Image; import and the live path intern, lists and explanations read back.
/// Invariants  Numbers run from 1 without gaps in order of first interning; 0 is the empty text.
///             They differ between two runs over the same data: never shown, never in a digest.
///             text(intern(t)) == t until forget().
/// Threads     Every function may be called from any thread.
/// Ownership   Views returned by text() stay valid as long as the dictionary lives.
class Dictionary {
 public:
  static constexpr std::uint32_t kMost = (1U << 26U) - 1;

  Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  /// The number of `text`, given now if it has none. 0 for the empty text, and for new texts once
  /// kMost are held: the event then counts without its subject.
  [[nodiscard]] std::uint32_t intern(std::string_view text);
  /// 0 when it has never been interned.
  [[nodiscard]] std::uint32_t find(std::string_view text) const;
  /// Empty for 0 and for what was forgotten. REQUIRES number <= size().
  [[nodiscard]] std::string_view text(std::uint32_t number) const;
  /// Wipes the text behind a number: it reads as empty from now on, and interning the same text
  /// again gives a new number. REQUIRES number <= size().
  void forget(std::uint32_t number);

  /// The length of what was forgotten, in fill().
  static constexpr std::uint32_t kForgotten = UINT32_MAX;
  /// Takes in all texts, one behind the other, by number from 1. False, and empty, when lengths and
  /// texts do not agree. REQUIRES it is empty.
  [[nodiscard]] bool fill(std::span<const std::uint32_t> lengths, std::string_view texts);

  /// Forgets every text. REQUIRES no view of one is held.
  void clear();

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t number = 0;  ///< 0: free
  };
  [[nodiscard]] std::string_view text_unlocked(std::uint32_t number) const;
  [[nodiscard]] std::size_t probe(std::string_view text, std::uint64_t hash) const;
  void rehash(std::size_t slots);  ///< leaves out what was forgotten

  mutable std::shared_mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<char*> places_;  ///< by number - 1: two bytes of length, then the text
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_used_ = 0;
  std::size_t block_bytes_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace guanxi
