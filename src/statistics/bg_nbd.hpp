#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"

namespace guanxi {

/// One customer's orders, as buying models see them. A day with several orders is one purchase.
struct PurchaseHistory {
  std::uint32_t repeat_purchases = 0;  ///< x: purchase days after the first
  double recency_days = 0;             ///< t_x: from the first to the last purchase; 0 when x = 0
  double age_days = 0;                 ///< T: from the first purchase to now
  friend bool operator==(const PurchaseHistory&, const PurchaseHistory&) = default;
};

/// BG/NBD: is a customer still a customer, and how often will they buy again?
///
/// Place     people/validation measures the index against it; later the value of a customer.
/// Assumes   A live customer buys as a Poisson process of rate lambda ~ Gamma(r, rate alpha) and,
///           after each repeat purchase, leaves for good with probability p ~ Beta(a, b). Rates and
///           p are independent of each other.
/// Units     alpha in days; r, a, b and every probability are pure numbers.
/// Errors    create() refuses a parameter that is not finite and positive (ErrorCode::invalid).
///           A history outside 0 <= recency <= age, or with recency but no repeat purchase, is the
///           caller's bug and aborts. a = 1 is a value like any other: nothing divides by a - 1.
/// Accuracy  1e-9 relative for every figure up to 10,000 purchases, held by bg_nbd_test.cpp. The
///           expectation is the exact series of positive terms, not the closed form with 2F1, whose
///           difference loses digits for long histories and is 0/0 at a = 1.
/// Source    Fader, Hardie & Lee (2005), Marketing Science 24(2), 275-284: likelihood eq. 6,
///           P(X(t) = n) eq. 8, E[X(t)] eq. 9, conditional expectation eq. 10. P(alive): Fader,
///           Hardie & Lee (2008), "Computing P(alive) using the BG/NBD model".
/// Threads   A value.
class BgNbd {
 public:
  struct Parameters {
    double r = 0;
    double alpha_days = 0;
    double a = 0;
    double b = 0;
  };
  [[nodiscard]] static Result<BgNbd> create(const Parameters& parameters);

  /// P(alive | history), in [0, 1]; exactly 1 without repeat purchases, since customers leave
  /// only after one. Computed in logarithms, so it cannot overflow into NaN.
  [[nodiscard]] double probability_alive(const PurchaseHistory& history) const;

  /// E[repeat purchases in the next horizon_days | history], horizon_days >= 0. Cost grows with the
  /// number of purchases that is thinkable in the horizon.
  [[nodiscard]] double expected_purchases(const PurchaseHistory& history,
                                          double horizon_days) const;

  /// E[repeat purchases of a new customer in their first `days`].
  [[nodiscard]] double expected_purchases_of_newcomer(double days) const;

  /// P(a new customer makes exactly `purchases` repeat purchases in their first `days`).
  [[nodiscard]] double probability_of(std::uint32_t purchases, double days) const;

  /// log of the likelihood of one history, for times in days; in units of u days it is larger by
  /// repeat_purchases * log(u).
  [[nodiscard]] double log_likelihood(const PurchaseHistory& history) const;

  [[nodiscard]] const Parameters& parameters() const { return parameters_; }

 private:
  explicit BgNbd(const Parameters& parameters) : parameters_(parameters) {}
  Parameters parameters_;
};

/// A BG/NBD model found in histories.
struct BgNbdFit {
  BgNbd model;
  double log_likelihood = 0;  ///< sum over all customers, times in days
  std::uint64_t customers = 0;
  std::uint64_t distinct = 0;     ///< rows left when equal histories are counted together
  std::uint32_t evaluations = 0;  ///< of the likelihood, over all starts
  double steepness = 0;           ///< largest slope of the mean log-likelihood left, per unit of
                                  ///< log parameter: how flat the top found is
};

/// The parameters under which the histories are most likely. Same bits for any order of histories.
/// Equal histories are collapsed first; four fixed starts, the best top wins.
/// Errors    invalid: fewer than 10 customers, or nobody bought twice. unavailable: no start led to
///           a flat top inside the bounds - the data do not determine the four numbers (for example
///           nobody seems ever to leave); the message says what was found. Never a silent
///           divergence.
[[nodiscard]] Result<BgNbdFit> fit_bg_nbd(std::span<const PurchaseHistory> histories);

}  // namespace guanxi
