#include "statistics/forecasts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/check.hpp"
#include "statistics/measures.hpp"

namespace guanxi {
namespace {

constexpr double kWithin95 = 1.959963984540054;
constexpr double kChanceLeast = 1e-12;

/// Sample variance of some values.
class Spread {
 public:
  void add(double value) {
    ++count_;
    const double step = value - mean_;
    mean_ += step / static_cast<double>(count_);
    squares_ += step * (value - mean_);
  }
  [[nodiscard]] double variance() const {
    return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1);
  }

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

double clamped_share(double value) { return std::clamp(value, 0.0, 1.0); }

}  // namespace

std::optional<Bounded> bounded_auc(std::span<const double> scores,
                                   std::span<const std::uint8_t> happened) {
  const std::optional<double> value = auc(scores, happened);
  if (!value) {
    return std::nullopt;
  }
  std::vector<double> did;
  std::vector<double> did_not;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    (happened[i] != 0 ? did : did_not).push_back(scores[i]);
  }
  const std::vector<double> among_all = midranks(scores);
  const std::vector<double> among_did = midranks(did);
  const std::vector<double> among_did_not = midranks(did_not);
  // How many of the other class each stands above: their spreads give the variance.
  Spread above_did_not;
  Spread below_did;
  std::size_t one = 0;
  std::size_t other = 0;
  const auto m = static_cast<double>(did.size());
  const auto n = static_cast<double>(did_not.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (happened[i] != 0) {
      above_did_not.add((among_all[i] - among_did[one++]) / n);
    } else {
      below_did.add(1 - (among_all[i] - among_did_not[other++]) / m);
    }
  }
  const double error = std::sqrt(above_did_not.variance() / m + below_did.variance() / n);
  if (*value <= 0 || *value >= 1) {
    const double room = std::min(1.0, 3 / std::min(m, n));
    return Bounded{*value, clamped_share(*value - room), clamped_share(*value + room)};
  }
  const double logit = std::log(*value / (1 - *value));
  const double reach = kWithin95 * error / (*value * (1 - *value));
  return Bounded{*value, 1 / (1 + std::exp(reach - logit)), 1 / (1 + std::exp(-reach - logit))};
}

Bounded bounded_share(double happened, double of) {
  if (!(of > 0)) {
    return {0, 0, 1};
  }
  const double share = happened / of;
  const double z2 = kWithin95 * kWithin95;
  const double centre = (share + z2 / (2 * of)) / (1 + z2 / of);
  const double reach =
      kWithin95 / (1 + z2 / of) * std::sqrt(share * (1 - share) / of + z2 / (4 * of * of));
  return {share, std::min(share, clamped_share(centre - reach)),
          std::max(share, clamped_share(centre + reach))};
}

ForecastErrors forecast_errors(std::span<const double> forecast, std::span<const double> actual) {
  GUANXI_CHECK(forecast.size() == actual.size(), "one forecast for each outcome");
  ForecastErrors errors;
  if (forecast.empty()) {
    return errors;
  }
  const auto n = static_cast<double>(forecast.size());
  double squares = 0;
  for (std::size_t i = 0; i < forecast.size(); ++i) {
    const double miss = forecast[i] - actual[i];
    errors.forecast_sum += forecast[i];
    errors.actual_sum += actual[i];
    errors.mean_absolute += std::abs(miss) / n;
    squares += miss * miss / n;
  }
  GUANXI_CHECK(std::isfinite(squares), "forecasts are finite");
  errors.root_mean_square = std::sqrt(squares);
  errors.bias = (errors.forecast_sum - errors.actual_sum) / n;
  double both = 0;
  double of_forecast = 0;
  double of_actual = 0;
  for (std::size_t i = 0; i < forecast.size(); ++i) {
    const double a = forecast[i] - errors.forecast_sum / n;
    const double b = actual[i] - errors.actual_sum / n;
    both += a * b;
    of_forecast += a * a;
    of_actual += b * b;
  }
  if (of_forecast > 0 && of_actual > 0) {
    errors.correlation = both / (std::sqrt(of_forecast) * std::sqrt(of_actual));
  }
  return errors;
}

ChanceErrors chance_errors(std::span<const double> chances,
                           std::span<const std::uint8_t> happened) {
  GUANXI_CHECK(chances.size() == happened.size(), "one chance for each outcome");
  ChanceErrors errors;
  for (std::size_t i = 0; i < chances.size(); ++i) {
    GUANXI_CHECK(std::isfinite(chances[i]), "chances are finite");
    const double outcome = happened[i] != 0 ? 1 : 0;
    const double given = happened[i] != 0 ? chances[i] : 1 - chances[i];
    errors.brier += (chances[i] - outcome) * (chances[i] - outcome);
    errors.log_loss -= std::log(std::clamp(given, kChanceLeast, 1 - kChanceLeast));
  }
  const double n = chances.empty() ? 1 : static_cast<double>(chances.size());
  return {errors.brier / n, errors.log_loss / n};
}

std::vector<std::uint8_t> parts_by_score(std::span<const double> scores, std::uint32_t parts) {
  GUANXI_CHECK(parts > 0 && parts <= UINT8_MAX, "a number of parts");
  const std::vector<double> ranks = midranks(scores);
  std::vector<std::uint8_t> part(scores.size());
  const auto n = static_cast<double>(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto place = static_cast<std::uint32_t>((ranks[i] - 0.5) * parts / n);
    part[i] = static_cast<std::uint8_t>(std::min(place, parts - 1));
  }
  return part;
}

std::vector<ForecastPart> forecast_parts(std::span<const std::uint8_t> parts,
                                         std::span<const double> forecast,
                                         std::span<const double> actual) {
  GUANXI_CHECK(parts.size() == forecast.size() && parts.size() == actual.size(), "of one length");
  std::vector<ForecastPart> sums(std::size_t{UINT8_MAX} + 1);
  std::vector<Spread> spreads(sums.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ForecastPart& sum = sums[parts[i]];
    sum.part = parts[i];
    ++sum.people;
    sum.forecast += forecast[i];
    sum.actual.value += actual[i];
    spreads[parts[i]].add(actual[i]);
  }
  std::erase_if(sums, [](const ForecastPart& sum) { return sum.people == 0; });
  for (ForecastPart& sum : sums) {
    const auto n = static_cast<double>(sum.people);
    sum.forecast /= n;
    sum.actual.value /= n;
    const double reach = kWithin95 * std::sqrt(spreads[sum.part].variance() / n);
    sum.actual.least = std::max(0.0, sum.actual.value - reach);
    sum.actual.most = sum.actual.value + reach;
  }
  return sums;
}

std::vector<ForecastPart> chance_parts(std::span<const std::uint8_t> parts,
                                       std::span<const double> chances,
                                       std::span<const std::uint8_t> happened) {
  const std::vector<double> outcomes(happened.begin(), happened.end());
  std::vector<ForecastPart> found = forecast_parts(parts, chances, outcomes);
  for (ForecastPart& part : found) {
    const auto n = static_cast<double>(part.people);
    part.actual = bounded_share(std::round(part.actual.value * n), n);
  }
  return found;
}

std::vector<Catch> catches(std::span<const std::uint8_t> parts, std::span<const double> amounts) {
  GUANXI_CHECK(parts.size() == amounts.size(), "one amount for each");
  std::array<std::uint64_t, std::size_t{UINT8_MAX} + 1> people{};
  std::array<double, std::size_t{UINT8_MAX} + 1> sums{};
  double whole = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ++people[parts[i]];
    sums[parts[i]] += amounts[i];
    whole += amounts[i];
  }
  std::vector<Catch> found;
  if (!(whole > 0)) {
    return found;
  }
  double seen = 0;
  double caught = 0;
  for (std::size_t part = people.size(); part-- > 0;) {
    if (people[part] > 0) {
      seen += static_cast<double>(people[part]);
      caught += sums[part];
      found.push_back({static_cast<std::uint8_t>(part), seen / static_cast<double>(parts.size()),
                       caught / whole});
    }
  }
  return found;
}

}  // namespace guanxi
