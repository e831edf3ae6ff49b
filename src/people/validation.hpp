#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "people/image.hpp"
#include "people/purchase_histories.hpp"
#include "statistics/beta_geometric.hpp"
#include "statistics/forecasts.hpp"
#include "statistics/pareto_nbd.hpp"

namespace guanxi {

/// Which rule or model foretells. The order is that in which they are shown.
enum class Foreteller : std::uint8_t {
  index,      ///< the relationship's index: a ranking
  frequency,  ///< purchase days so far: a ranking
  recency,    ///< day of the last purchase: a ranking
  naive,      ///< goes on at their own pace and spend so far
  rfm,        ///< what people of the same fifths by recency, frequency and money did before
  bg_nbd,     ///< the purchase models, with Gamma-Gamma for spend
  mbg_nbd,
  mbg_cnbd_k,  ///< k chosen by likelihood
  pareto_nbd
};
inline constexpr std::size_t kForetellers = 9;
[[nodiscard]] std::string_view name_of(Foreteller foreteller);
[[nodiscard]] std::optional<Foreteller> foreteller_named(std::string_view name);

/// What is foretold.
enum class Foretold : std::uint8_t {
  rank,       ///< who before whom: what every foreteller says
  purchases,  ///< purchase days within the horizon
  spend,      ///< money within it
  activity    ///< the chance of any purchase within it
};
inline constexpr std::size_t kForetold = 4;
[[nodiscard]] std::string_view name_of(Foretold foretold);
[[nodiscard]] std::optional<Foretold> foretold_named(std::string_view name);

/// One person as was known when a day opened, and what they did from it on.
struct Witnessed {
  std::uint64_t id_hash = 0;  ///< of their primary id; the image finds them again by it
  std::uint32_t person = 0;   ///< Image::number_of(), when it was gathered
  std::uint32_t index_milli = 0;
  Tier tier = Tier::none;
  PersonPurchases bought;  ///< by then; at least one day
  // One horizon earlier, and between then and `at`: what RFM learns from.
  Day earlier_last;
  std::uint32_t earlier_days = 0;
  std::int64_t earlier_paid_minor = 0;
  std::uint32_t lately_days = 0;
  std::int64_t lately_paid_minor = 0;
  // Afterwards, within the horizon.
  std::uint32_t next_days = 0;       ///< purchase days
  std::int64_t next_paid_minor = 0;  ///< returns taken off
  std::int64_t next_refunded_minor = 0;
  std::uint32_t next_refunds = 0;
  std::uint32_t next_complaints = 0;  ///< complaints raised, promises broken
  std::uint32_t next_referred_orders = 0;
};

/// Everybody as was known at the first moment of `at`, and what came: all that judging needs,
/// without the image.
struct Testimony {
  Day at;
  std::uint32_t horizon_days = 0;
  std::vector<Witnessed> people;  ///< by their number
  /// Repeat purchase days of these people by weeks that begin on `at`'s day of the week, from
  /// first_week on; the week `at` begins is week 0.
  std::int32_t first_week = 0;
  std::vector<std::uint64_t> weekly;
};

/// What the people of one tier did afterwards. Means are a person of the tier.
struct TierOutcome {
  Tier tier = Tier::none;
  std::uint64_t people = 0;
  std::uint64_t buyers = 0;         ///< who bought again within the horizon
  double repeat_rate = 0;           ///< buyers / people
  double mean_purchases = 0;        ///< purchase days
  double mean_spend_minor = 0;      ///< paid within the horizon, returns taken off
  double mean_refunds = 0;          ///< events that took something back
  double mean_refunded_minor = 0;   ///< what they took back, positive
  double mean_complaints = 0;       ///< complaints raised, promises broken
  double mean_referred_orders = 0;  ///< orders of people they brought
};

/// How a fitted model was found.
struct FittedParameters {
  std::string model;  ///< "MBG/CNBD-2"
  double log_likelihood = 0;
  struct Parameter {
    std::string name;  ///< as in the papers; times are days, money is minor units
    double value = 0;
    std::optional<double> standard_error;
  };
  std::vector<Parameter> parameters;
};

/// What one foreteller said of one thing, beside what came.
struct Judged {
  ForecastErrors errors;               ///< of amounts
  std::optional<ChanceErrors> chance;  ///< of chances
  std::vector<ForecastPart> parts;     ///< tenths by what was foretold, lowest first
  std::array<ForecastErrors, kTiers> by_tier{};
};

/// How well one figure known at `at` foretells what came afterwards.
struct Judgement {
  Foreteller by = Foreteller::index;
  std::string missing;                   ///< why it is not there; empty when it is
  std::string note;                      ///< what it could not foretell, and why
  std::optional<Bounded> auc;            ///< of buying again; absent when all or none do
  std::optional<double> spearman_spend;  ///< rank correlation with future spend
  std::vector<Catch> buyers_caught;      ///< lift, by tenths of the score
  std::vector<Catch> spend_caught;
  /// Absent of what this one does not foretell, and of ranks, which are judged above.
  std::array<std::optional<Judged>, kForetold> judged{};
  std::optional<FittedParameters> fitted;
  /// The tenth of every person, 0 the lowest, by place in Testimony::people, of each thing
  /// foretold. Empty where there is none.
  std::array<std::vector<std::uint8_t>, kForetold> tenths;
  /// What was said of each, by place as above; never of ranks.
  std::array<std::vector<float>, kForetold> said;
};

/// Repeat purchases of one week by the people known at `at`.
struct TrackedWeek {
  Day from;  ///< the first of seven days
  std::uint64_t purchases = 0;
  std::array<double, kForetellers> expected{};  ///< by models that are there; others 0
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
  std::uint64_t people = 0;  ///< who had bought before `at`
  std::uint64_t buyers = 0;
  double repeat_rate = 0;
  std::uint64_t purchases = 0;  ///< purchase days within the horizon
  std::int64_t spend_minor = 0;
  std::vector<TierOutcome> tiers;             ///< none .. super_strong
  std::vector<Judgement> judgements;          ///< in the order of Foreteller, all of them
  std::vector<Decile> deciles;                ///< lowest index first
  std::vector<TrackedWeek> weeks;             ///< oldest first
  bool repeat_rate_rises = false;             ///< strictly, over tiers that have people
  std::optional<FittedParameters> spend_fit;  ///< Gamma-Gamma
  std::string spend_note;                     ///< why there is none
  /// Of repeat purchases with their mean spend, over those who have any: Gamma-Gamma supposes 0.
  std::optional<double> spend_purchase_correlation;

  [[nodiscard]] const Judgement& of(Foreteller by) const {
    return judgements[static_cast<std::size_t>(by)];
  }
};

/// How long work is watched and ended.
struct ValidationWork {
  unsigned threads = 0;  ///< 0: as many as there are processors
  /// Called on the caller's thread. Phases: "fold" (people), "judge" (models).
  std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t total)> progress{};
  /// Any thread; once true, the work ends soon with ErrorCode::conflict.
  std::function<bool()> stopped{};
};

/// The calibration that the events by the close of `at` (brand's zone) support.
[[nodiscard]] Calibration calibration_at(const Image& image, const Model& model, Day at,
                                         unsigned threads = 0);

/// Stands at the first moment of `at`, knowing only what came before (the model is calibrated on
/// that), then looks at the horizon_days from `at` on.
/// People   those who had bought by then (purchase_histories.hpp says what a purchase is), but for
///          those who object to profiling, or whose data are restricted, today.
/// Errors   invalid when there is nobody, or the horizon is not 1 to 36500 days; conflict when it
///          was stopped.
[[nodiscard]] Result<Testimony> bear_witness(const Image& image, const Model& model, Day at,
                                             std::uint32_t horizon_days,
                                             const ValidationWork& work = {});

/// Fits every model on what was known, and sets what each foretold beside what came. Needs no
/// image, so that nobody waits for it.
/// Errors   conflict when it was stopped.
[[nodiscard]] Result<Validation> judge(const Testimony& testimony, const ValidationWork& work = {});

/// Both, one after the other.
[[nodiscard]] Result<Validation> validate(const Image& image, const Model& model, Day at,
                                          std::uint32_t horizon_days, unsigned threads = 0);

/// Whose purchases of one week stand in Validation::weeks: numbers of people who had bought before
/// `at` and bought again within the seven days from `from`.
[[nodiscard]] std::vector<std::uint32_t> buyers_of_week(const Image& image, const Model& model,
                                                        Day at, Day from, unsigned threads = 0);

}  // namespace guanxi
