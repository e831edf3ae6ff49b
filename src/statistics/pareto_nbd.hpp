#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "statistics/likelihood.hpp"
#include "statistics/purchase_history.hpp"

namespace guanxi {

/// Pareto/NBD: a customer may leave at any moment, not only after a purchase.
///
/// Place     The value of people, the models page.
/// Assumes   While alive, a customer buys as a Poisson process of rate lambda ~ Gamma(r, rate
///           alpha); they live an exponential time of rate mu ~ Gamma(s, rate beta). Rates are
///           independent of each other. Nobody comes back.
/// Units     alpha and beta in days; r, s and every probability are pure numbers.
/// Errors    create() refuses a parameter that is not finite and positive (ErrorCode::invalid). A
///           history that cannot be is the caller's bug and aborts. s = 1 and alpha = beta are
///           values like any other.
/// Accuracy  1e-9 relative, held by pareto_nbd_test.cpp. The chance of having left is an integral
///           over the moment of leaving, taken by Gauss-Legendre in the logarithm of time: terms
///           are positive, so nothing cancels, and nothing overflows for hundreds of purchases,
///           where differences of 2F1 give NaN.
/// Source    Schmittlein, Morrison & Colombo (1987), Management Science 33(1), 1-24; Fader & Hardie
///           (2005), "A note on deriving the Pareto/NBD model"; DERT: Fader, Hardie & Lee (2005),
///           Journal of Marketing Research 42(4), 415-430.
/// Threads   A value.
class ParetoNbd {
 public:
  struct Parameters {
    double r = 0;
    double alpha_days = 0;
    double s = 0;
    double beta_days = 0;
  };
  [[nodiscard]] static Result<ParetoNbd> create(const Parameters& parameters);

  /// P(alive | history), in [0, 1].
  [[nodiscard]] double probability_alive(const PurchaseHistory& history) const;

  /// E[purchases in the next horizon_days | history]; of a newcomer with the history {}.
  [[nodiscard]] double expected_purchases(const PurchaseHistory& history,
                                          double horizon_days) const;

  /// P(exactly `purchases` in the next horizon_days | history).
  [[nodiscard]] double probability_of(const PurchaseHistory& history, std::uint32_t purchases,
                                      double horizon_days) const;

  /// DERT: expected purchases in all the future, those after t days counted exp(-rate t). REQUIRES
  /// rate_per_day > 0.
  [[nodiscard]] double discounted_purchases(const PurchaseHistory& history,
                                            double rate_per_day) const;

  /// log of the likelihood of one history, for times in days; in units of u days it is larger by
  /// repeat_purchases * log(u).
  [[nodiscard]] double log_likelihood(const PurchaseHistory& history) const;

  [[nodiscard]] const Parameters& parameters() const { return parameters_; }

 private:
  explicit ParetoNbd(const Parameters& parameters) : parameters_(parameters) {}
  [[nodiscard]] double log_odds_left(const PurchaseHistory& history) const;
  Parameters parameters_;
};

/// A model found in histories. Coordinates of the report: log r, log alpha_days, log s, log
/// beta_days.
struct ParetoNbdFit {
  ParetoNbd model;
  FitReport report;
};

/// What fit_pareto_nbd() climbs; the histories must outlive it.
[[nodiscard]] LikelihoodProblem problem_of(const CollapsedHistories& histories);

/// The parameters under which the histories are most likely. Same bits for any order of histories.
/// Errors    As those of fit_beta_geometric().
[[nodiscard]] Result<ParetoNbdFit> fit_pareto_nbd(const CollapsedHistories& histories);
[[nodiscard]] Result<ParetoNbdFit> fit_pareto_nbd(std::span<const PurchaseHistory> histories);

}  // namespace guanxi
