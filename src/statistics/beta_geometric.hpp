#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "statistics/likelihood.hpp"
#include "statistics/purchase_history.hpp"

namespace guanxi {

/// When a customer may leave for good.
enum class Dropout : std::uint8_t {
  after_repeat,  ///< after each repeat purchase: BG; nobody leaves after their first
  after_every    ///< after every purchase, the first included: MBG
};

/// Which of the family: BG/NBD, MBG/NBD, BG/CNBD-k, MBG/CNBD-k.
struct BetaGeometricKind {
  Dropout dropout = Dropout::after_repeat;
  std::uint32_t stages = 1;  ///< k: 1 buys at random, more is more regular; 1 .. kStagesMost
  /// How often they could have left after x repeat purchases.
  [[nodiscard]] std::uint64_t draws_after(std::uint32_t repeat_purchases) const {
    return std::uint64_t{repeat_purchases} + (dropout == Dropout::after_every ? 1U : 0U);
  }
  friend bool operator==(const BetaGeometricKind&, const BetaGeometricKind&) = default;
};
/// "BG/NBD", "MBG/CNBD-2".
[[nodiscard]] std::string name_of(const BetaGeometricKind& kind);

/// Is a customer still a customer, and how often will they buy again?
///
/// Place     The value of people, the models page; people/validation measures the index against it.
/// Assumes   While alive, a customer buys with independent intervals Erlang(k, lambda), lambda ~
///           Gamma(r, rate alpha), and leaves for good with probability p ~ Beta(a, b) when Dropout
///           says. Rates and p are independent of each other. No seasons, amounts or returns, and
///           nobody comes back.
/// Units     alpha in days per stage; r, a, b and every probability are pure numbers.
/// Errors    create() refuses a parameter that is not finite and positive, or k outside its range
///           (ErrorCode::invalid). A history that cannot be is the caller's bug and aborts. a = 1
///           is a value like any other: nothing divides by a - 1.
/// Accuracy  1e-9 relative for every figure up to 10,000 purchases, held by
/// beta_geometric_test.cpp.
///           Expectations are exact series of positive terms for every k, not the closed form with
///           2F1 (whose difference loses digits for long histories and is 0/0 at a = 1), nor the
///           approximation for k > 1 of Platzer & Reutterer's package.
/// Source    Fader, Hardie & Lee (2005), Marketing Science 24(2), 275-284: likelihood eq. 6, P(X(t)
///           = n) eq. 8, E[X(t)] eq. 9, conditional expectation eq. 10. MBG: Batislam, Denizel &
///           Filiztekin (2007), IJRM 24(3), 201-209. CNBD-k: Platzer & Reutterer (2016), Marketing
///           Science 35(5), 779-799; the series for k > 1 is ours (docs/models/purchases.md).
/// Threads   A value.
class BetaGeometric {
 public:
  static constexpr std::uint32_t kStagesMost = 12;
  struct Parameters {
    double r = 0;
    double alpha_days = 0;
    double a = 0;
    double b = 0;
  };
  [[nodiscard]] static Result<BetaGeometric> create(const Parameters& parameters,
                                                    BetaGeometricKind kind = {});

  /// P(alive | history), in [0, 1]. BG: exactly 1 without repeat purchases, since customers leave
  /// only after one. Computed in logarithms, so it cannot overflow into NaN.
  [[nodiscard]] double probability_alive(const PurchaseHistory& history) const;

  /// E[repeat purchases in the next horizon_days | history], horizon_days >= 0. Cost grows with the
  /// number of purchases that is thinkable in the horizon. A newcomer has the history {}: their
  /// first purchase has just been made.
  [[nodiscard]] double expected_purchases(const PurchaseHistory& history,
                                          double horizon_days) const;

  /// P(exactly `purchases` in the next horizon_days | history); of a newcomer as above.
  [[nodiscard]] double probability_of(const PurchaseHistory& history, std::uint32_t purchases,
                                      double horizon_days) const;

  /// log of the likelihood of one history, for times in days; in units of u days it is larger by
  /// repeat_purchases * log(u). For k > 1 it needs the history's log_interval_sum.
  [[nodiscard]] double log_likelihood(const PurchaseHistory& history) const;

  [[nodiscard]] const Parameters& parameters() const { return parameters_; }
  [[nodiscard]] const BetaGeometricKind& kind() const { return kind_; }

 private:
  BetaGeometric(const Parameters& parameters, BetaGeometricKind kind)
      : parameters_(parameters), kind_(kind) {}
  struct Standing;
  [[nodiscard]] Standing standing_of(const PurchaseHistory& history) const;

  Parameters parameters_;
  BetaGeometricKind kind_;
};

/// A model found in histories. Coordinates of the report: log r, log alpha_days, log a, log b.
struct BetaGeometricFit {
  BetaGeometric model;
  FitReport report;
};

/// The parameters under which the histories are most likely. Same bits for any order of histories.
/// Equal histories are collapsed first; four fixed starts, the best top wins.
/// Errors    invalid: fewer than 10 customers, or nobody bought twice. unavailable: the data do not
///           determine the four numbers (for example nobody seems ever to leave); the message says
///           what was found.
[[nodiscard]] Result<BetaGeometricFit> fit_beta_geometric(const CollapsedHistories& histories,
                                                          BetaGeometricKind kind = {});
[[nodiscard]] Result<BetaGeometricFit> fit_beta_geometric(
    std::span<const PurchaseHistory> histories, BetaGeometricKind kind = {});

/// What fit_beta_geometric() climbs; the histories must outlive it.
[[nodiscard]] LikelihoodProblem problem_of(const CollapsedHistories& histories,
                                           BetaGeometricKind kind);

/// The same with k chosen by likelihood: k rises as long as the likelihood does. Histories need
/// their log_interval_sum.
[[nodiscard]] Result<BetaGeometricFit> fit_regular_beta_geometric(
    const CollapsedHistories& histories, Dropout dropout);

}  // namespace guanxi
