#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "statistics/likelihood.hpp"

namespace guanxi {

/// What one customer spent: only those who bought again tell anything.
struct SpendHistory {
  std::uint32_t purchases = 0;  ///< x; by the papers' convention the repeat purchases
  double mean_spend = 0;        ///< of these, above 0; 0 when there are none
};

/// Gamma-Gamma: how much a customer spends per purchase.
///
/// Place     The value of people, together with a buying model.
/// Assumes   A customer's spends are Gamma(p, nu) with nu ~ Gamma(q, rate v), independent of how
///           often they buy. Whether the last holds is for the caller to look at: see correlation
///           on the models page.
/// Units     v in the unit of spend; p, q pure numbers.
/// Errors    create() refuses a parameter that is not finite and positive (ErrorCode::invalid).
/// Accuracy  1e-12 relative.
/// Source    Colombo & Jiang (1999); Fader & Hardie (2013), "The Gamma-Gamma model of monetary
///           value", note 025.
/// Threads   A value.
class GammaGamma {
 public:
  struct Parameters {
    double p = 0;
    double q = 0;
    double v = 0;
  };
  [[nodiscard]] static Result<GammaGamma> create(const Parameters& parameters);

  /// E[mean spend per purchase | history]: their mean drawn towards everybody's, the less the more
  /// they bought. For q <= 1 everybody's mean does not exist: then a customer without purchases has
  /// no expected spend (infinite), which has_mean() tells.
  [[nodiscard]] double expected_spend(const SpendHistory& history) const;
  [[nodiscard]] bool has_mean() const { return parameters_.q > 1; }

  /// log of the likelihood of a mean over x > 0 purchases.
  [[nodiscard]] double log_likelihood(const SpendHistory& history) const;

  [[nodiscard]] const Parameters& parameters() const { return parameters_; }

 private:
  explicit GammaGamma(const Parameters& parameters) : parameters_(parameters) {}
  Parameters parameters_;
};

/// A model found in spends. Coordinates of the report: log p, log q, log v.
struct GammaGammaFit {
  GammaGamma model;
  FitReport report;
};

/// The parameters under which the spends are most likely; who has none, or a mean that is not above
/// 0, is left out. Same bits for any order.
/// Errors    invalid: fewer than 10 customers are left. unavailable: the data do not determine the
///           three numbers.
[[nodiscard]] Result<GammaGammaFit> fit_gamma_gamma(std::span<const SpendHistory> histories);

}  // namespace guanxi
