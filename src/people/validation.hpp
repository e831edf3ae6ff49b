#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "people/image.hpp"

namespace guanxi {

/// What the people of one tier did afterwards. Means are a person of the tier.
struct TierOutcome {
  Tier tier = Tier::none;
  std::uint64_t people = 0;
  std::uint64_t buyers = 0;         ///< who bought again within the horizon
  double repeat_rate = 0;           ///< buyers / people
  double mean_spend_minor = 0;      ///< bought within the horizon, returns not taken off
  double mean_refunds = 0;          ///< events that took something back
  double mean_refunded_minor = 0;   ///< what they took back, positive
  double mean_complaints = 0;       ///< complaints raised, promises broken
  double mean_referred_orders = 0;  ///< orders of people they brought
};

/// How well one figure known at `at` foretells what came afterwards.
struct Predictor {
  std::string name;                      ///< "index", "frequency", "recency", "rfm", "bg_nbd"
  std::optional<double> auc_buys_again;  ///< absent when all or none buy again
  std::optional<double> spearman_spend;  ///< rank correlation with future spend
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
  std::uint64_t people = 0;  ///< with at least one order day before `at`
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

/// Stands at the first moment of `at`, knowing only what came before (the model is calibrated on
/// that), then looks at the horizon_days from `at` on.
/// People   those with at least one order day before `at`. An order day is a day with a buying
///          event, whatever its amount, or with a fee (postage, a line written by hand).
/// Predictors  frequency: order days; recency: day of the last; rfm: rank sum of these two and of
///          the money spent; bg_nbd: expected purchases within the horizon, fitted on the same
///          people.
/// Errors   invalid when there is nobody, or the horizon is 0.
[[nodiscard]] Result<Validation> validate(const Image& image, const Model& model, Day at,
                                          std::uint32_t horizon_days, unsigned threads = 0);

}  // namespace guanxi
