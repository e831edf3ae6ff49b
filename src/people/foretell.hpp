#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "people/validation.hpp"

namespace guanxi {

/// What one foreteller says of everybody, by place in Testimony::people. Empty: nothing.
struct Forecast {
  std::vector<double> rank;
  std::vector<double> purchases;
  std::vector<double> spend_minor;
  std::vector<double> activity;
  std::vector<double> newcomer;  ///< E[purchases within t days of the first], t = 0 ..
  std::optional<FittedParameters> fitted;
  std::string missing;  ///< why it says nothing at all
  std::string note;     ///< what it leaves open
};

/// The forecasts of everybody under every foreteller, one after the other.
///
/// Place       judge().
/// Invariants  Nothing it says depends on what came afterwards.
/// Threads     One owner; it uses work.threads for its own.
class Foresight {
 public:
  /// REQUIRES that both outlive this.
  Foresight(const Testimony& testimony, const ValidationWork& work);

  [[nodiscard]] Forecast of(Foreteller by) const;
  [[nodiscard]] const std::optional<FittedParameters>& spend_fit() const { return spend_fit_; }
  [[nodiscard]] const std::string& spend_note() const { return spend_note_; }
  [[nodiscard]] std::optional<double> spend_purchase_correlation() const { return correlation_; }

 private:
  void fit_spend();
  [[nodiscard]] Forecast naive() const;
  [[nodiscard]] Forecast rfm() const;
  [[nodiscard]] Forecast beta_geometric(const Result<BetaGeometricFit>& fit) const;
  [[nodiscard]] Forecast pareto_nbd() const;
  template <class Model>
  [[nodiscard]] Forecast forecast_by(const Model& model) const;

  const Testimony& testimony_;
  const ValidationWork& work_;
  std::vector<PurchaseHistory> histories_;  ///< one each
  std::vector<std::uint32_t> cell_of_;      ///< place in cells_, of each
  std::vector<PurchaseHistory> cells_;      ///< those that differ
  CollapsedHistories collapsed_;
  std::vector<double> spend_each_;  ///< expected spend of one purchase; empty without a fit
  std::optional<FittedParameters> spend_fit_;
  std::string spend_note_;
  std::optional<double> correlation_;
};

}  // namespace guanxi
