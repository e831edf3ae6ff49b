#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// The mean log-likelihood of every `stride`-th cell at the logarithms of the parameters (other
/// coordinates where a model says so), and its slope there.
using StridedLikelihood = std::function<double(std::span<const double> place, std::size_t stride,
                                               std::span<double> slope)>;

/// What is to be fitted.
struct LikelihoodProblem {
  std::string name;  ///< "BG/NBD", for messages
  StridedLikelihood mean;
  std::size_t cells = 0;
  double customers = 0;
  std::vector<std::vector<double>> starts;
  std::vector<double> lower;
  std::vector<double> upper;
};

/// How a fit went: honest about where it ended.
struct FitReport {
  double log_likelihood = 0;  ///< over all customers
  std::uint64_t customers = 0;
  std::uint64_t distinct = 0;     ///< cells left when equal histories are counted together
  std::uint32_t evaluations = 0;  ///< of the likelihood, those of samples included
  double steepness = 0;           ///< largest slope of the mean log-likelihood left, per unit of
                                  ///< log parameter: how flat the top found is
  /// Covariance of the coordinates (logs of parameters), row by row: the inverse of the observed
  /// information. Empty when the likelihood is too flat in some direction to tell.
  std::vector<double> covariance;
  /// Standard error of coordinate i; NaN when not known. Of a parameter p in logs: p times that.
  [[nodiscard]] double standard_error(std::size_t i) const;
};

/// A top and how it was found.
struct LikelihoodTop {
  std::vector<double> place;
  FitReport report;
};

/// The place where a likelihood is highest. Same bits for the same cells.
///
/// Many cells are first climbed on a sample of them (every n-th), from all starts; the full
/// likelihood then needs a few Newton steps, whose curvature the sample gives well enough, since
/// only the slope decides where it ends. Whatever that misses is climbed in full.
/// Errors    unavailable: no start led to a flat top inside the box; the message says what was
///           found. Never a silent divergence.
[[nodiscard]] Result<LikelihoodTop> climb(const LikelihoodProblem& problem);

}  // namespace guanxi
