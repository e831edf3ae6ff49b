#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "people/image.hpp"

namespace guanxi::api {

/// People per tier.
using TierPeople = std::array<std::uint64_t, kTiers>;

/// What the hourglass shows of a period: everyone looked at once.
struct Period {
  Day from;
  Day to;
  std::array<TierPeople, kTiers> flows{};  ///< [from tier][to tier] of those known at `from`
  TierPeople entered_to{};                 ///< first event within (from, to], by their tier at `to`
  std::uint64_t referred = 0;              ///< of the entered, with a referral by `to`
  std::uint64_t newcomers = 0;             ///< first order within (from, to]
  std::uint64_t referred_newcomers = 0;
  std::uint64_t no_profiling = 0;  ///< they object to scores and tiers now: in none of the counts
  std::string_view step;           ///< "day", "week" or "month"
  std::vector<Day> days;           ///< ascending, the last is `to`; at most 60
  std::vector<TierPeople> series;  ///< of each of `days`

  [[nodiscard]] TierPeople people_from() const;
  [[nodiscard]] TierPeople people_to() const;
  [[nodiscard]] std::uint64_t rises() const;
  [[nodiscard]] std::uint64_t falls() const;
};

/// Days of a picture over time that ends on `to` and begins no earlier than `first`: days for up to
/// 60 days, else weeks, else months of 30 days, else as many days apart as 60 points need.
[[nodiscard]] std::vector<Day> series_days(Day first, Day to, std::string_view& step);

/// In one parallel pass over everyone under the image's own model: who has not changed tier since
/// the first day asked for is not folded again. REQUIRES a folded image, from <= to <= as_of.
[[nodiscard]] Period period_of(const Image& image, Day from, Day to, Day first);

}  // namespace guanxi::api
