#include "relationship/words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace guanxi {
namespace {

constexpr std::array<std::string_view, kDimensions> kDimensionNames = {
    "transaction", "service", "companionship", "participation", "advocacy", "knowledge", "values"};

constexpr std::array<std::string_view, kTiers> kTierNames = {"none", "micro", "weak", "strong",
                                                             "super_strong"};

constexpr std::array<std::string_view, kVelocities> kVelocityNames = {
    "deepening", "steady", "drifting", "at_risk", "lost"};

constexpr std::array<std::string_view, kFacts> kFactNames = {"orders",
                                                             "order_days",
                                                             "repeat_occasions",
                                                             "reachable",
                                                             "trust",
                                                             "depth",
                                                             "index",
                                                             "transaction_depth",
                                                             "service_depth",
                                                             "companionship_depth",
                                                             "participation_depth",
                                                             "advocacy_depth",
                                                             "knowledge_depth",
                                                             "values_depth",
                                                             "staff_bond",
                                                             "devoted_share",
                                                             "early_buys",
                                                             "referred_orders",
                                                             "silence_days",
                                                             "silence_rhythms"};

template <typename Word, std::size_t kCount>
std::optional<Word> named(const std::array<std::string_view, kCount>& names,
                          std::string_view name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return std::nullopt;
  }
  return static_cast<Word>(found - names.begin());
}

}  // namespace

std::string_view name_of(Dimension dimension) {
  return kDimensionNames.at(static_cast<std::size_t>(dimension));
}
std::string_view name_of(Tier tier) { return kTierNames.at(static_cast<std::size_t>(tier)); }
std::string_view name_of(Velocity velocity) {
  return kVelocityNames.at(static_cast<std::size_t>(velocity));
}
std::string_view name_of(Fact fact) { return kFactNames.at(static_cast<std::size_t>(fact)); }

std::optional<Dimension> dimension_named(std::string_view name) {
  return named<Dimension>(kDimensionNames, name);
}
std::optional<Tier> tier_named(std::string_view name) { return named<Tier>(kTierNames, name); }
std::optional<Velocity> velocity_named(std::string_view name) {
  return named<Velocity>(kVelocityNames, name);
}
std::optional<Fact> fact_named(std::string_view name) { return named<Fact>(kFactNames, name); }

}  // namespace guanxi
