#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "people/image.hpp"

namespace guanxi {

/// What the people of one tier did afterwards.
struct TierOutcome {
  Tier tier = Tier::none;
  std::uint64_t people = 0;
  std::uint64_t buyers = 0;     ///< who bought again within the horizon
  double repeat_rate = 0;       ///< buyers / people
  double mean_spend_minor = 0;  ///< of everyone in the tier, returns taken off
  double mean_refunds = 0;      ///< orders, lines or payments taken back, a person
  double mean_referrals = 0;    ///< people they brought who accepted, a person
};

/// How well one figure known at `at` foretells what came afterwards.
struct Predictor {
  std::string name;  ///< "index", "frequency", "recency", "rfm", "bg_nbd"
  double auc_buys_again = 0;
  double spearman_spend = 0;  ///< rank correlation with future spend
};

/// A tenth of the people, by index.
struct Decile {
  std::uint64_t people = 0;
  double mean_index = 0;  ///< 0..100
  double repeat_rate = 0;
  double mean_spend_minor = 0;
};

/// A model judged by what happened afterwards (relationship.md 8).
struct Validation {
  Day at;
  std::uint32_t horizon_days = 0;
  std::uint64_t people = 0;  ///< with at least one order by `at`
  std::uint64_t buyers = 0;
  double repeat_rate = 0;
  std::vector<TierOutcome> tiers;  ///< none .. super_strong
  std::vector<Predictor> predictors;
  std::vector<Decile> deciles;     ///< lowest index first
  bool repeat_rate_rises = false;  ///< strictly, over tiers that have people
  std::string bg_nbd_note;         ///< why BG/NBD is missing; empty when it is there
};

/// The calibration that the events by the close of `at` (brand's zone) support.
[[nodiscard]] Calibration calibration_at(const Image& image, const Model& model, Day at,
                                         unsigned threads = 0);

/// Stands at the close of `at` knowing only what came by then (the model is calibrated on that),
/// then looks at (at, at + horizon_days]. People: those with at least one order by `at`; an order
/// is a day with a positive buying event. Errors: invalid when nobody has, or the horizon is 0.
[[nodiscard]] Result<Validation> validate(const Image& image, const Model& model, Day at,
                                          std::uint32_t horizon_days, unsigned threads = 0);

}  // namespace guanxi
