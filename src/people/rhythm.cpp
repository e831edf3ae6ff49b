#include "people/rhythm.hpp"

#include <algorithm>
#include <cmath>

#include "base/fixed.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

constexpr double kGaps = 3;  // the silence at which the shipped models begin to worry
constexpr double kDaysMost = 100'000;
constexpr double kPriorGapsMost = 1000;

std::uint32_t to_16(double value) {
  return static_cast<std::uint32_t>(std::lround(value * kOne16));
}

}  // namespace

Rhythm rhythm_of(const BetaGeometric& model) {
  const double k = model.kind().stages;
  const auto& [r, alpha_days, a, b] = model.parameters();
  const double as_rare = gamma_exceeded(k, std::exp(-kGaps)) / k;
  return {.prior_days = static_cast<std::uint32_t>(std::lround(std::min(alpha_days, kDaysMost))),
          .prior_gaps_16 = std::max(to_16(std::min(r / k, kPriorGapsMost)), 1U),
          .surprise_16 = to_16(as_rare / kGaps)};
}

}  // namespace guanxi
