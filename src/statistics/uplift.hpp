#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace guanxi {

/// What a contact changed: differences between people who were treated and people who were not,
/// and how well a score finds those whom the treatment moves.
///
/// Place       Measuring of contacts; the truth page.
/// Assumes     Treatment was by chance (a holdout). Where it was not, these numbers say nothing.
/// Units       Outcomes as given; treated[i] is 1 or 0.
/// Errors      A measure that is not defined (nobody treated, nobody left alone, a score or outcome
///             without differences) is absent, never 0 or NaN. Spans of different lengths or values
///             that are not finite are the caller's bug.
/// Threads     Functions of their arguments.

/// A difference of means and its standard error (Neyman: variances of both groups, each over its
/// size).
struct GroupDifference {
  double difference = 0;
  double standard_error = 0;
  std::uint64_t treated = 0;
  std::uint64_t untreated = 0;
};
[[nodiscard]] std::optional<GroupDifference> difference_in_means(
    std::span<const double> outcome, std::span<const std::uint8_t> treated);

/// The same after taking off what a covariate known before explains.
///
/// Source  Deng, Xu, Kohavi & Walker (2013), "Improving the sensitivity of online controlled
///         experiments by utilizing pre-experiment data", WSDM, eq. 4: theta = cov(Y, X) / var(X)
///         over everybody.
struct CupedDifference {
  double theta = 0;
  GroupDifference adjusted;
  double variance_ratio = 1;  ///< squared standard error, adjusted over unadjusted
};
[[nodiscard]] std::optional<CupedDifference> cuped_difference(std::span<const double> outcome,
                                                              std::span<const std::uint8_t> treated,
                                                              std::span<const double> covariate);

/// A point of a curve: the first `people` by score, and what treating them brought.
struct UpliftPoint {
  double people = 0;
  double gain = 0;
};

/// Curves over people from the highest score down, one point where the score changes (ties stay
/// together), from (0, 0).
///   Qini    gain = treated outcomes - untreated outcomes * treated / untreated
///   uplift  gain = (mean of treated - mean of untreated) * people
/// each among the people so far; what has an empty group below it is 0.
/// Source  Radcliffe (2007), "Using control groups to target on predicted lift"; the uplift curve
///         with people counted together: Gutierrez & Gerardy (2016), PMLR 67, 1-13. Formulas as
///         scikit-uplift 0.5.1 has them, whose numbers the tests hold.
enum class UpliftCurve : std::uint8_t { qini, uplift };
[[nodiscard]] std::vector<UpliftPoint> uplift_curve(UpliftCurve kind,
                                                    std::span<const std::uint8_t> outcome,
                                                    std::span<const double> score,
                                                    std::span<const std::uint8_t> treated);

/// Area between a score's curve and the straight line of chance, over the same area of the best
/// order there could be. 1 is perfect, 0 is chance; below 0 is worse. Papers differ in what they
/// divide by: this is scikit-uplift's qini_auc_score (negative_effect=True) and uplift_auc_score.
[[nodiscard]] std::optional<double> uplift_coefficient(UpliftCurve kind,
                                                       std::span<const std::uint8_t> outcome,
                                                       std::span<const double> score,
                                                       std::span<const std::uint8_t> treated);

/// An interval for a difference of means that holds at all times at once: look as often as you
/// like and stop when you like, the chance that it ever misses the truth stays under `alpha`.
///
/// Assumes  Enough people in both groups for the normal approximation (the sequence is asymptotic);
///          `tuned_people`, the number of people at which it is to be narrowest, fixed beforehand.
/// Source   Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), "Time-uniform central limit
/// theory
///          and asymptotic confidence sequences", Annals of Statistics 52(6), eq. 10 with rho from
///          its appendix B.2.
struct AlwaysValidInterval {
  double least = 0;
  double most = 0;
};
[[nodiscard]] std::optional<AlwaysValidInterval> always_valid_interval(
    const GroupDifference& difference, double alpha, double tuned_people);

}  // namespace guanxi
