#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "people/image.hpp"

namespace guanxi {

/// Something that speaks for two people being one.
struct DuplicateSign {
  enum class Kind : std::uint8_t {
    refused_link,       ///< an event named ids of both, and a rule refused to join them
    same_email,         ///< addresses alike but for capitals and what follows a plus sign
    same_phone,         ///< numbers with the same last nine digits
    same_card,          ///< card numbers alike but for blanks and dashes
    same_text,          ///< one text as an id of two kinds
    same_name_address,  ///< traits with one name and one postal address
    same_name_birthday  ///< traits with one name and one date of birth
  };
  Kind kind = Kind::refused_link;
  std::string a;  ///< ids, as text: of the first person, of the second; of traits, the shown ones
  std::string b;
  std::uint64_t times = 0;  ///< of a refused link: events that say so
  Instant first_at{};       ///< of a refused link
};
[[nodiscard]] std::string_view name_of(DuplicateSign::Kind kind);

/// What the traits of one person are known by (duplicate_traits.hpp).
struct TraitSight {
  std::uint64_t key = 0;  ///< equal for equal traits
  DuplicateSign::Kind kind = DuplicateSign::Kind::same_name_address;
  std::string person;  ///< an id
};

/// Two people who may be one, and why.
struct Duplicate {
  std::string a;  ///< shown ids, the smaller first
  std::string b;
  std::uint32_t points = 0;  ///< 1 to 99: the sum of what the signs weigh
  std::vector<DuplicateSign> signs;
};

struct Duplicates {
  std::uint64_t found = 0;       ///< pairs in all, up to kPairsMost
  std::vector<Duplicate> pairs;  ///< the likeliest first
  static constexpr std::uint64_t kPairsMost = 100'000;
};

/// Pairs of people whose ids or traits speak for their being one, but for those decided to be kept
/// apart, and those whose data is only stored. What more than five people share speaks for nothing.
/// Suggests only: nobody is joined. Cost: one look at every id, and a sorting.
[[nodiscard]] Duplicates find_duplicates(const Image& image, std::size_t most,
                                         std::span<const TraitSight> traits = {});

/// What two ids must have in common to be called alike: "" when nothing makes sense to compare.
[[nodiscard]] std::string comparable_email(std::string_view text);
[[nodiscard]] std::string comparable_phone(std::string_view text);
[[nodiscard]] std::string comparable_card(std::string_view text);

}  // namespace guanxi
