#include "statistics/uplift.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "base/check.hpp"

namespace guanxi {
namespace {

/// Mean and variance (over n - 1) of one group, by Welford's sums.
struct Group {
  std::uint64_t count = 0;
  double mean = 0;
  double squares = 0;
  void add(double value) {
    ++count;
    const double before = value - mean;
    mean += before / static_cast<double>(count);
    squares += before * (value - mean);
  }
  [[nodiscard]] double variance_of_mean() const {
    const auto n = static_cast<double>(count);
    return squares / (n - 1) / n;
  }
};

void check_spans(std::size_t outcomes, std::size_t others, std::span<const std::uint8_t> treated) {
  GUANXI_CHECK(outcomes == others && outcomes == treated.size(), "spans of one length");
  GUANXI_CHECK(std::ranges::all_of(treated, [](std::uint8_t t) { return t <= 1; }),
               "treated is 0 or 1");
}

/// Sums over the people so far.
struct Running {
  double people[2] = {0, 0};
  double outcomes[2] = {0, 0};
  [[nodiscard]] double gain(UpliftCurve kind) const {
    if (kind == UpliftCurve::qini) {
      return outcomes[1] - (people[0] == 0 ? 0 : outcomes[0] * people[1] / people[0]);
    }
    const double mean_treated = people[1] == 0 ? 0 : outcomes[1] / people[1];
    const double mean_untreated = people[0] == 0 ? 0 : outcomes[0] / people[0];
    return (mean_treated - mean_untreated) * (people[0] + people[1]);
  }
};

double area(const std::vector<UpliftPoint>& curve) {
  double sum = 0;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    sum += (curve[i].people - curve[i - 1].people) * (curve[i].gain + curve[i - 1].gain) / 2;
  }
  return sum;
}

/// The scores of the best order there could be.
std::vector<double> perfect_scores(UpliftCurve kind, std::span<const std::uint8_t> outcome,
                                   std::span<const std::uint8_t> treated) {
  double untreated_who_did = 0;
  double treated_who_did_not = 0;
  for (std::size_t i = 0; i < outcome.size(); ++i) {
    untreated_who_did += outcome[i] == 1 && treated[i] == 0 ? 1 : 0;
    treated_who_did_not += outcome[i] == 0 && treated[i] == 1 ? 1 : 0;
  }
  std::vector<double> scores;
  scores.reserve(outcome.size());
  for (std::size_t i = 0; i < outcome.size(); ++i) {
    if (kind == UpliftCurve::qini) {
      scores.push_back(outcome[i] == 0 ? 0 : (treated[i] == 1 ? 1 : -1));
    } else {
      const std::uint8_t second = untreated_who_did > treated_who_did_not ? outcome[i] : treated[i];
      scores.push_back(2.0 * (outcome[i] == treated[i] ? 1 : 0) + second);
    }
  }
  return scores;
}

}  // namespace

std::optional<GroupDifference> difference_in_means(std::span<const double> outcome,
                                                   std::span<const std::uint8_t> treated) {
  check_spans(outcome.size(), outcome.size(), treated);
  Group groups[2];
  for (std::size_t i = 0; i < outcome.size(); ++i) {
    GUANXI_CHECK(std::isfinite(outcome[i]), "outcomes are finite");
    groups[treated[i]].add(outcome[i]);
  }
  if (groups[0].count < 2 || groups[1].count < 2) {
    return std::nullopt;
  }
  return GroupDifference{
      .difference = groups[1].mean - groups[0].mean,
      .standard_error = std::sqrt(groups[0].variance_of_mean() + groups[1].variance_of_mean()),
      .treated = groups[1].count,
      .untreated = groups[0].count};
}

std::optional<CupedDifference> cuped_difference(std::span<const double> outcome,
                                                std::span<const std::uint8_t> treated,
                                                std::span<const double> covariate) {
  check_spans(outcome.size(), covariate.size(), treated);
  const auto plain = difference_in_means(outcome, treated);
  if (!plain) {
    return std::nullopt;
  }
  const auto n = static_cast<double>(outcome.size());
  const double mean_outcome = std::accumulate(outcome.begin(), outcome.end(), 0.0) / n;
  const double mean_covariate = std::accumulate(covariate.begin(), covariate.end(), 0.0) / n;
  double together = 0;
  double squares = 0;
  for (std::size_t i = 0; i < outcome.size(); ++i) {
    GUANXI_CHECK(std::isfinite(covariate[i]), "covariates are finite");
    const double away = covariate[i] - mean_covariate;
    together += (outcome[i] - mean_outcome) * away;
    squares += away * away;
  }
  if (squares == 0) {
    return std::nullopt;
  }
  CupedDifference result{.theta = together / squares, .adjusted = {}, .variance_ratio = 1};
  std::vector<double> adjusted;
  adjusted.reserve(outcome.size());
  for (std::size_t i = 0; i < outcome.size(); ++i) {
    adjusted.push_back(outcome[i] - result.theta * (covariate[i] - mean_covariate));
  }
  result.adjusted = *difference_in_means(adjusted, treated);
  if (plain->standard_error > 0) {
    const double ratio = result.adjusted.standard_error / plain->standard_error;
    result.variance_ratio = ratio * ratio;
  }
  return result;
}

std::vector<UpliftPoint> uplift_curve(UpliftCurve kind, std::span<const std::uint8_t> outcome,
                                      std::span<const double> score,
                                      std::span<const std::uint8_t> treated) {
  check_spans(outcome.size(), score.size(), treated);
  GUANXI_CHECK(std::ranges::all_of(score, [](double s) { return std::isfinite(s); }),
               "scores are finite");
  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return score[a] != score[b] ? score[a] > score[b] : a < b;
  });
  std::vector<UpliftPoint> curve{{0, 0}};
  Running sums;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t person = order[i];
    sums.people[treated[person]] += 1;
    sums.outcomes[treated[person]] += outcome[person];
    if (i + 1 == order.size() || score[order[i + 1]] != score[person]) {
      curve.push_back({static_cast<double>(i + 1), sums.gain(kind)});
    }
  }
  return curve;
}

std::optional<double> uplift_coefficient(UpliftCurve kind, std::span<const std::uint8_t> outcome,
                                         std::span<const double> score,
                                         std::span<const std::uint8_t> treated) {
  const auto curve = uplift_curve(kind, outcome, score, treated);
  const auto best = uplift_curve(kind, outcome, perfect_scores(kind, outcome, treated), treated);
  const UpliftPoint end = best.back();
  const double chance = end.people * end.gain / 2;
  const double most = area(best) - chance;
  const auto ones = std::ranges::count(treated, 1);
  if (ones == 0 || static_cast<std::size_t>(ones) == treated.size() || !(most > 0)) {
    return std::nullopt;
  }
  return (area(curve) - chance) / most;
}

std::optional<AlwaysValidInterval> always_valid_interval(const GroupDifference& difference,
                                                         double alpha, double tuned_people) {
  GUANXI_CHECK(alpha > 0 && alpha < 1 && tuned_people >= 1, "0 < alpha < 1, people >= 1");
  const auto people = static_cast<double>(difference.treated + difference.untreated);
  if (difference.treated < 2 || difference.untreated < 2) {
    return std::nullopt;
  }
  // rho at which the width at tuned_people is least, by Lambert's W expanded.
  const double log_alpha = -2 * std::log(alpha);
  const double rho_squared = (log_alpha + std::log1p(log_alpha)) / tuned_people;
  const double spread = people * rho_squared + 1;
  const double per_person = difference.standard_error * std::sqrt(people);
  const double width = per_person * std::sqrt(2 * spread / (people * people * rho_squared) *
                                              std::log(std::sqrt(spread) / alpha));
  return AlwaysValidInterval{difference.difference - width, difference.difference + width};
}

}  // namespace guanxi
