#pragma once

#include <array>
#include <cstdint>

#include "base/random.hpp"

namespace guanxi {

/// Whose stream of chance: each part of a life has its own, so that a change in one part leaves
/// the others as they are.
enum class Stream : std::uint64_t { latent = 1, life = 2, referrer = 3, block = 4 };
[[nodiscard]] constexpr Random stream_of(std::uint64_t seed, std::uint64_t person, Stream stream) {
  return Random(mix64(mix64(seed) ^ mix64(person * 8 + static_cast<std::uint64_t>(stream))));
}

/// What happened between brand and person in one month that moved their trust at once.
enum class Shock : std::uint8_t { nothing, bad, good, breach };

/// What nobody sees and the events show: how much one person trusts the brand, month by month.
///
/// Place       life.cpp draws events from it; write_simulation() writes it down as the truth.
/// Invariants  A function of (seed, person, days) alone. A month is 30 days from the person's own
///             first day. Trust is 0..65535, meaning 0 to 1.
/// Threads     A value.
struct LatentPath {
  static constexpr std::uint32_t kMonthDays = 30;
  static constexpr std::uint32_t kMonthsMost = 128;

  std::uint32_t first_day = 0;  ///< days after the brand's first
  std::uint32_t months = 0;     ///< begun before the brand's last day is over
  bool befriended = false;      ///< came because a friend spoke of the brand
  std::uint8_t rhythm = 2;      ///< 0 slow .. 4 quick: how often they need such things at all
  std::array<std::uint16_t, kMonthsMost> trust{};
  std::array<Shock, kMonthsMost> shock{};

  /// REQUIRES day >= first_day, within the brand's life.
  [[nodiscard]] std::uint16_t trust_on(std::uint32_t day) const {
    return trust[(day - first_day) / kMonthDays];
  }
};

/// REQUIRES 1 <= days <= kMonthDays * (kMonthsMost - 1).
[[nodiscard]] LatentPath latent_path(std::uint64_t seed, std::uint32_t person, std::uint32_t days);

/// 0 none .. 4 super-strong: what the latent trust would be called.
[[nodiscard]] std::uint8_t latent_stage(std::uint16_t trust);

/// Orders a month that a person of this trust places on average, in 1/65536.
[[nodiscard]] std::uint32_t orders_a_month_16(std::uint16_t trust, std::uint8_t rhythm);

}  // namespace guanxi
