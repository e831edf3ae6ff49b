#pragma once

#include <functional>
#include <string_view>

namespace guanxi {

/// Names shorter than this stand in texts by chance and are not looked for there.
inline constexpr std::size_t kShortestName = 6;

/// Whether `test` is true of anything in a text that could be somebody's name: what stands between
/// word ends ("ada@example.org" in "<ada@example.org>:", "u-12345" in "/u/u-12345"), a whole text
/// in quotes, an address as web addresses write it, letters in lower case too.
///
/// Place       ErasedIds, for texts of other people and of letters; the search for leftovers.
[[nodiscard]] bool any_name(std::string_view text,
                            const std::function<bool(std::string_view name)>& test);

}  // namespace guanxi
