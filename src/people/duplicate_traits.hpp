#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "people/duplicates.hpp"

namespace guanxi {

/// Events whose traits are looked at, the latest of the log's: no more than so many, and no further
/// back than so many events, so that a question takes seconds in a log of any size.
inline constexpr std::size_t kTraitPlacesMost = 20'000;
inline constexpr std::uint32_t kTraitEventsBack = 4'000'000;

/// Where in the log people last told of themselves, by rising ordinal: their latest identified
/// events. Without those who object to profiling.
[[nodiscard]] std::vector<std::uint32_t> trait_ordinals(const Image& image);

/// What the traits of `event` say of its person, added to `sights`: name with postal address, name
/// with date of birth. A name alone says nothing, nor does an address that a household shares.
void look_at_traits(const Event& event, std::vector<TraitSight>& sights);

/// What two names, addresses, dates must have in common to be called alike; "": nothing to compare.
/// Words in any order, without capitals and signs: "Byron, Augusta" is "augusta byron".
[[nodiscard]] std::string comparable_name(std::string_view text);
/// The same, with "street", "road", "avenue" and the like cut short; it holds a number.
[[nodiscard]] std::string comparable_address(std::string_view text);
/// Eight digits of a date that is written year first.
[[nodiscard]] std::string comparable_date(std::string_view text);

}  // namespace guanxi
