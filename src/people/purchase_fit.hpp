#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "people/purchase_histories.hpp"
#include "statistics/beta_geometric.hpp"
#include "statistics/customer_value.hpp"
#include "statistics/gamma_gamma.hpp"

namespace guanxi {

/// Which buying model is wanted: the likeliest, or one by name.
enum class PurchaseChoice : std::uint8_t { likeliest, bg_nbd, mbg_nbd, bg_cnbd, mbg_cnbd };
/// "likeliest", "bg_nbd", "mbg_nbd", "bg_cnbd_k", "mbg_cnbd_k".
[[nodiscard]] std::string_view name_of(PurchaseChoice choice);
[[nodiscard]] std::optional<PurchaseChoice> purchase_choice_named(std::string_view name);

/// What fitting the models of buying and spending to everyone's histories came to: the content of
/// the event `Parameters Fitted`. Sums and parameters, nothing of one person.
///
/// Place       fit_purchases() makes it, the engine logs it, values are computed from it.
/// Invariants  used(): a flat top was found. What could not be fitted says why.
/// Threads     A value.
struct PurchaseFit {
  /// One member of the family that was tried.
  struct Candidate {
    std::string name;                      ///< "MBG/CNBD-2"
    std::optional<double> log_likelihood;  ///< absent when it was refused
    std::string refused;                   ///< why
  };
  /// Purchases expected of all customers at the day of the fit.
  struct Totals {
    double next_90 = 0;
    double next_365 = 0;
  };

  Day as_of;
  PurchaseChoice choice = PurchaseChoice::likeliest;
  std::string data_hash;        ///< 32 hex digits over the collapsed histories and spends
  std::uint64_t customers = 0;  ///< who had bought
  std::uint64_t repeaters = 0;  ///< who had bought on two days
  std::uint64_t purchases = 0;  ///< repeat purchase days
  std::uint64_t spenders = 0;   ///< whose spend could be used
  std::vector<Candidate> candidates;
  std::optional<BetaGeometricFit> buying;
  std::string buying_refused;
  std::optional<GammaGammaFit> spending;  ///< in minor units; only with a finite mean
  std::string spending_refused;
  /// Rank correlation of how often and how much, among repeaters: the models assume none.
  std::optional<double> spend_correlation;
  std::optional<Totals> totals;         ///< by this fit
  std::optional<Totals> totals_before;  ///< by the last used fit, on the same histories

  [[nodiscard]] bool used() const { return buying.has_value(); }
  /// Both models. REQUIRES buying and spending.
  [[nodiscard]] ValueModels models() const;
};

struct PurchaseFitOptions {
  PurchaseChoice choice = PurchaseChoice::likeliest;
  const PurchaseFit* before = nullptr;  ///< the last used fit, to compare with; may be null
  unsigned threads = 0;
  /// Told which step begins, of how many; false stops the work.
  std::function<bool(std::string_view step, std::uint64_t done, std::uint64_t total)> go_on{};
};
/// Fits to what was bought through the close of `through`. A model that cannot be fitted is said in
/// the result, no error. Same bits for any order of people and any number of threads.
/// Errors    conflict: it was stopped.
[[nodiscard]] Result<PurchaseFit> fit_purchases(std::span<const PersonPurchases> people,
                                                Day through, const PurchaseFitOptions& options);

/// One line of JSON, for the log; and back, bit for bit. Errors: corrupted.
[[nodiscard]] std::string to_json(const PurchaseFit& fit);
[[nodiscard]] Result<PurchaseFit> purchase_fit_from_json(std::string_view json);

/// By how much a parameter moved between two fits of one kind.
struct ParameterDrift {
  std::string name;  ///< "r", "alpha_days", ...
  double before = 0;
  double now = 0;
  std::optional<double> standard_errors;  ///< of the difference; absent where one is not known
};
/// Of the buying model, then of the spending one; none where the kinds differ.
[[nodiscard]] std::vector<ParameterDrift> drift_of(const PurchaseFit& before,
                                                   const PurchaseFit& now);

/// A parameter with its standard error: of p in logs, p times that of the log.
struct KnownParameter {
  std::string name;
  double value = 0;
  std::optional<double> standard_error;
};
[[nodiscard]] std::vector<KnownParameter> parameters_of(const BetaGeometricFit& fit);
[[nodiscard]] std::vector<KnownParameter> parameters_of(const GammaGammaFit& fit);

}  // namespace guanxi
