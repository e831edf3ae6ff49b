#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace guanxi {

/// What a piece of evidence speaks about.
enum class Dimension : std::uint8_t {
  transaction,
  service,
  companionship,
  participation,
  advocacy,
  knowledge,
  values
};
inline constexpr int kDimensions = 7;

/// How deep the mutual trust is.
enum class Tier : std::uint8_t { none, micro, weak, strong, super_strong };
inline constexpr int kTiers = 5;

/// Where the relationship is going.
enum class Velocity : std::uint8_t { deepening, steady, drifting, at_risk, lost };
inline constexpr int kVelocities = 5;

/// A value about one person that a gate can ask for. Units stand in fact_table (facts.hpp).
enum class Fact : std::uint8_t {
  orders,            ///< completed orders that were not wholly returned
  order_days,        ///< days with an order
  repeat_occasions,  ///< most days on which one and the same product was bought
  reachable,         ///< 1 when there is a direct way to reach them
  trust,             ///< 0..1
  depth,             ///< 0..1
  index,             ///< 0..100
  transaction_depth,
  service_depth,
  companionship_depth,
  participation_depth,
  advocacy_depth,
  knowledge_depth,
  values_depth,     ///< 0..1 each, in the order of Dimension
  staff_bond,       ///< most days with one and the same named member of staff
  devoted_share,    ///< share of lines bought at full price or prepaid, 0..1
  early_buys,       ///< lines of products that had just come out
  referred_orders,  ///< unrefunded orders of people they brought
  silence_days,     ///< days since the last order
  silence_rhythms   ///< the same, in multiples of their own mean gap between order days
};
inline constexpr int kFacts = 20;

[[nodiscard]] std::string_view name_of(Dimension dimension);
[[nodiscard]] std::string_view name_of(
    Tier tier);  ///< "none" "micro" "weak" "strong" "super_strong"
[[nodiscard]] std::string_view name_of(Velocity velocity);
[[nodiscard]] std::string_view name_of(Fact fact);
[[nodiscard]] std::optional<Dimension> dimension_named(std::string_view name);
[[nodiscard]] std::optional<Tier> tier_named(std::string_view name);
[[nodiscard]] std::optional<Velocity> velocity_named(std::string_view name);
[[nodiscard]] std::optional<Fact> fact_named(std::string_view name);

}  // namespace guanxi
