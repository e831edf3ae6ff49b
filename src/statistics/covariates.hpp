#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "statistics/beta_geometric.hpp"
#include "statistics/pareto_nbd.hpp"

namespace guanxi {

/// What was known of a customer when they came, and stays: how they came, what they bought first.
/// One number for each name, for example 1 for "came by a friend" and 0 otherwise.
struct CustomerTraits {
  std::vector<std::string> names;
  std::vector<double> numbers;  ///< customer by customer, names.size() each
  [[nodiscard]] std::span<const double> of(std::size_t customer) const {
    return std::span(numbers).subspan(customer * names.size(), names.size());
  }
};

/// How traits move a buying model. All of 0: it is the model without them.
struct TraitEffects {
  std::vector<double> buying;   ///< the rate of buying is exp(sum of effect x trait) times as high
  std::vector<double> leaving;  ///< likewise the rate, or the odds, of leaving
  std::vector<double> buying_errors;  ///< standard errors; NaN when not known
  std::vector<double> leaving_errors;
};

/// A Pareto/NBD model whose rates depend on traits: alpha exp(-buying x), beta exp(-leaving x).
/// Source    Fader & Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and
///           BG/NBD models. Signs and names as there and in CLVTools.
struct ParetoNbdTraitFit {
  ParetoNbd base;  ///< of a customer whose traits are all 0
  TraitEffects effects;
  FitReport report;  ///< coordinates: the four of ParetoNbdFit, then buying, then leaving
  [[nodiscard]] ParetoNbd model_of(std::span<const double> traits) const;
};

/// A BG/NBD, MBG/NBD or CNBD-k model whose rates depend on traits: alpha exp(-buying x),
/// a exp(leaving x). Both act on rates as they do for Pareto/NBD; b is common to all.
struct BetaGeometricTraitFit {
  BetaGeometric base;
  TraitEffects effects;
  FitReport report;  ///< coordinates: the four of BetaGeometricFit, then buying, then leaving
  [[nodiscard]] BetaGeometric model_of(std::span<const double> traits) const;
};

/// Fits by maximum likelihood; customers with equal traits are collapsed together, so that a few
/// groups cost what a fit without traits costs. Same bits for any order of customers.
/// Errors    invalid: as without traits, a number that is not finite, or none of each trait's
/// names;
///           unavailable: the data do not determine the effects (for example a trait that all
///           share).
[[nodiscard]] Result<ParetoNbdTraitFit> fit_pareto_nbd(std::span<const PurchaseHistory> histories,
                                                       const CustomerTraits& traits);
[[nodiscard]] Result<BetaGeometricTraitFit> fit_beta_geometric(
    std::span<const PurchaseHistory> histories, const CustomerTraits& traits,
    BetaGeometricKind kind = {});

}  // namespace guanxi
