#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "events/batch_codec.hpp"
#include "events/event.hpp"
#include "people/dictionary.hpp"
#include "people/image.hpp"

namespace guanxi {

/// How many events with money came in each currency.
using CurrencyCounts = std::map<std::array<char, 3>, std::uint64_t>;
/// Adds these events' currencies.
void count_currencies(std::span<const Event> events, CurrencyCounts& counts);
/// The one that most have (the first by its letters when equal); unnamed when none is named.
[[nodiscard]] Currency main_currency(const CurrencyCounts& counts);

/// Turns full events into the compact ones of the image.
///
/// Place       One per thread of an import or a replay.
/// Invariants  Amounts in another currency than the brand's are flagged, so that nobody sums them.
/// Threads     One owner; the dictionary is shared.
class Compactor {
 public:
  Compactor(Dictionary& subjects, Currency brand);

  /// Appends to `out` the compact form of each event; ordinals run on from `first_ordinal`.
  /// `subjects`, when not null, saves a look-up per event.
  void compact_all(std::span<const Event> events, std::uint32_t first_ordinal,
                   const BatchSubjects* subjects, std::vector<CompactEvent>& out);
  void set_brand(Currency brand) { brand_ = brand; }
  [[nodiscard]] Currency brand() const { return brand_; }

 private:
  struct Known {
    std::string_view text;
    std::uint32_t number = 0;
  };
  static constexpr std::size_t kKnown = 8192;

  [[nodiscard]] std::uint32_t number_of(std::string_view subject);
  [[nodiscard]] CompactEvent compact_one(const Event& event, std::uint32_t subject,
                                         std::uint32_t ordinal) const;

  Dictionary& subjects_;
  Currency brand_;
  std::vector<Known> known_;            ///< by hash: recently met subjects
  std::vector<std::uint32_t> numbers_;  ///< of one batch's distinct subjects
};

/// Who each event is about. Nobody's events have kNobodyRef.
///
/// Place       One per import or replay, one at the live door.
/// Invariants  People are added, and ids linked, in the order of the events. What links mean for
///             others is seen by Image::settle_people(), which changes PersonRefs.
/// Threads     One owner, who may write the image.
class PeopleFinder {
 public:
  static constexpr PersonRef kNobodyRef{UINT32_MAX, UINT32_MAX};

  /// refs()[i] belongs to events[i]; valid until the next call.
  std::span<const PersonRef> people_of(Image& image, std::span<const Event> events);
  /// The same, adding and linking nobody: unknown people have kNobodyRef too.
  std::span<const PersonRef> known_people_of(const Image& image, std::span<const Event> events);

 private:
  void look_up(Image& image);

  std::vector<PersonRef> refs_;
  std::vector<ExternalId> ids_;  ///< distinct neighbours, waiting to be looked up
  std::vector<PersonRef> found_;
  std::vector<std::uint32_t> numbers_;
  std::vector<std::uint32_t> run_of_;    ///< by event waiting: which of ids_
  std::vector<std::uint32_t> place_of_;  ///< by event waiting: its place in refs_
};

}  // namespace guanxi
