#include "simulation/latent.hpp"

#include <algorithm>

namespace guanxi {
namespace {

// How many of a hundred are of which kind, and between which bounds their trust is at home.
struct Character {
  std::uint32_t share;
  std::uint32_t low;
  std::uint32_t high;
};
constexpr std::array<Character, 4> kCharacters = {{
    {60, 1500, 13000},   // curious once: most of those who buy at all buy once (CDNOW 51 %)
    {25, 11000, 30000},  // for convenience and price
    {10, 27000, 48000},  // at home here
    {5, 47000, 64000},   // friends of the brand
}};

constexpr std::int64_t kFull = 65535;

std::int64_t home_of(std::uint32_t lot, Random& chance) {
  for (const Character& character : kCharacters) {
    if (lot < character.share) {
      return std::int64_t{character.low} +
             static_cast<std::int64_t>(chance.below(character.high - character.low));
    }
    lot -= character.share;
  }
  return kFull / 2;
}

// In 1/65536 a month.
constexpr std::uint32_t kBreach = 100;
constexpr std::uint32_t kBad = 1500;
constexpr std::uint32_t kGood = 2000;
constexpr std::uint32_t kDrift = 3300;  // of those who trust nothing; nobody at full trust

Shock shock_of(std::uint32_t lot) {
  if (lot < kBreach) {
    return Shock::breach;
  }
  if (lot < kBreach + kBad) {
    return Shock::bad;
  }
  return lot < kBreach + kBad + kGood ? Shock::good : Shock::nothing;
}

struct Walk {
  std::int64_t trust = 0;
  std::int64_t home = 0;  ///< where it goes back to

  void meet(Shock shock) {
    switch (shock) {
      case Shock::breach:
        trust /= 10;
        home /= 4;
        break;
      case Shock::bad:
        trust = trust * 6 / 10;
        home = home * 3 / 4;
        break;
      case Shock::good:
        trust += (kFull - trust) / 4;
        home += (kFull - home) / 6;
        break;
      case Shock::nothing:
        break;
    }
  }

  void step(std::uint64_t lots, std::uint64_t drift) {
    const auto a = static_cast<std::int64_t>(lots >> 16U & 0xFFFFU);
    const auto b = static_cast<std::int64_t>(lots >> 32U & 0xFFFFU);
    trust += (home - trust) / 4 + (a + b - kFull) / 20;
    trust = std::clamp(trust, std::int64_t{0}, kFull);
    if (drift * static_cast<std::uint64_t>(kFull) <
        std::uint64_t{kDrift} * static_cast<std::uint64_t>(kFull - trust)) {
      home /= 6;  // they drift away
    }
  }
};

}  // namespace

LatentPath latent_path(std::uint64_t seed, std::uint32_t person, std::uint32_t days) {
  Random chance = stream_of(seed, person, Stream::latent);
  LatentPath path;
  // Nobody comes in the last sixteenth: a life needs some time to show.
  path.first_day = static_cast<std::uint32_t>(chance.below(std::max(days - days / 16, 1U)));
  path.months = (days - path.first_day + LatentPath::kMonthDays - 1) / LatentPath::kMonthDays;
  path.befriended = chance.chance(9830);  // 15 %
  path.rhythm = static_cast<std::uint8_t>(chance.below(5));
  const auto lot = static_cast<std::uint32_t>(chance.below(100));
  Walk walk;
  walk.home = home_of(path.befriended ? lot / 2 + 50 : lot, chance);
  walk.trust = walk.home;
  for (std::uint32_t month = 0; month < path.months; ++month) {
    const std::uint64_t lots = chance.next();
    const Shock shock = month == 0 ? Shock::nothing : shock_of(lots & 0xFFFFU);
    walk.meet(shock);
    path.shock[month] = shock;
    path.trust[month] = static_cast<std::uint16_t>(walk.trust);
    walk.step(lots, lots >> 48U);
  }
  return path;
}

std::uint8_t latent_stage(std::uint16_t trust) {
  constexpr std::array<std::uint16_t, 4> kBars = {6554, 16384, 36045, 52429};  // .10 .25 .55 .80
  return static_cast<std::uint8_t>(std::count_if(
      kBars.begin(), kBars.end(), [trust](std::uint16_t bar) { return trust >= bar; }));
}

std::uint32_t orders_a_month_16(std::uint16_t trust, std::uint8_t rhythm) {
  // 1.4 a month at full trust, by its square: 30 days between the orders of friends, as half of
  // the gaps of Online Retail II (31) and CDNOW (34) are.
  constexpr std::array<std::uint32_t, 5> kTenths = {6, 9, 13, 18, 26};
  const std::uint32_t squared = std::uint32_t{trust} * trust >> 16U;
  return squared * kTenths[rhythm] / 10;
}

}  // namespace guanxi
