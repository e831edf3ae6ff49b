#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace guanxi {

/// How far into the future a value looks, and how it is discounted.
struct ValueHorizon {
  std::uint32_t periods = 12;
  double period_days = 365.25 / 12;
  double rate_per_period = 0.01;  ///< what comes at the end of period i counts (1 + rate)^-i
};

/// Purchases to come, each period's at its end, discounted: sum of (E(i) - E(i-1)) / (1+rate)^i,
/// where `expected(days)` is E[purchases in the next `days`]. Times an expected spend it is the
/// value a customer still has. Source  Fader, Hardie & Lee (2005), Journal of Marketing Research
/// 42(4), 415-430, in the discrete
///         form that the packages use.
template <class Expected>
[[nodiscard]] double discounted_purchases(const Expected& expected, const ValueHorizon& horizon) {
  double sum = 0;
  double before = 0;
  for (std::uint32_t period = 1; period <= horizon.periods; ++period) {
    const double until = expected(period * horizon.period_days);
    sum += (until - before) * std::pow(1 + horizon.rate_per_period, -static_cast<double>(period));
    before = until;
  }
  return sum;
}

/// The share of all value that the richest share of people hold: the Lorenz curve read from above.
struct Concentration {
  std::vector<double> value_share;  ///< of the top i/n of people, i = 0..n, evenly spaced
  double gini = 0;                  ///< 0 all alike .. 1 one has all
};
/// `points` + 1 places of the curve. Values below 0 count as 0. Nobody, or no value at
/// all, gives a straight line.
[[nodiscard]] Concentration concentration(std::span<const double> values,
                                          std::uint32_t points = 100);

/// How many to make for one period: the newsvendor's quantity.
/// Source  Arrow, Harris & Marschak (1951), Econometrica 19(3), 250-272.
struct Newsvendor {
  double critical_ratio = 0;  ///< margin / (margin + loss of one left over)
  double quantity = 0;
};
/// Demand is normal with this mean and deviation, cut off at 0. REQUIRES margin > 0, loss > 0,
/// mean >= 0, deviation >= 0.
[[nodiscard]] Newsvendor newsvendor(double mean, double deviation, double margin, double loss);

/// A share seen in `successes` of `trials`, with a belief Beta(a, b) before.
struct SharePosterior {
  double mean = 0;
  double least = 0;  ///< of the equal-tailed interval
  double most = 0;
};
[[nodiscard]] SharePosterior share_posterior(double successes, double trials, double a, double b,
                                             double within = 0.95);

}  // namespace guanxi
