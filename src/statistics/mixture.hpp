#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// Rows of numbers, one behind the other: rows.size() is a multiple of width.
struct Rows {
  std::span<const double> numbers;
  std::size_t width = 0;
  [[nodiscard]] std::size_t count() const { return width == 0 ? 0 : numbers.size() / width; }
  [[nodiscard]] std::span<const double> at(std::size_t row) const {
    return numbers.subspan(row * width, width);
  }
};

/// How many classes fit() tries, and which it does not take.
struct MixtureBounds {
  std::uint32_t least = 2;
  std::uint32_t most = 8;
  double share_least = 0.02;  ///< no class smaller than this
};

/// Rows fall into classes; within each, every number is normal and independent of the others.
///
/// Place       Fitted to a sample, asked for everyone.
/// Invariants  Classes stand by weight, the heaviest first; weights sum to 1; deviations exceed 0.
/// Threads     Immutable.
class Mixture {
 public:
  struct Class {
    double weight = 0;
    std::vector<double> mean;
    std::vector<double> deviation;
  };

  /// Fits by k-means, then expectation and maximisation, with each number of classes the bounds
  /// allow, and keeps the one with the least Bayesian information criterion. Numbers are expected
  /// on like scales (mean 0, deviation 1). Same bits for same rows: no chance, no clock.
  /// Errors    invalid: fewer than 50 rows for a class, or a number that is not finite;
  ///           unavailable: no number of classes converged with every class large enough.
  /// Source    McLachlan & Peel, Finite Mixture Models (2000), 2.8 and 6.9; Schwarz (1978).
  ///           Armadillo's gmm_diag (Sanderson & Curtin 2017); mixture.cpp alone calls it.
  [[nodiscard]] static Result<Mixture> fit(const Rows& rows, const MixtureBounds& bounds = {});

  [[nodiscard]] const std::vector<Class>& classes() const { return classes_; }
  /// Lower is better; what least and most of the bounds were compared by.
  [[nodiscard]] double information_criterion() const { return criterion_; }
  /// The class that most likely made the row. REQUIRES as many numbers as were fitted.
  [[nodiscard]] std::uint32_t class_of(std::span<const double> row) const;
  /// The probability of each class, summing to 1.
  [[nodiscard]] std::vector<double> shares_of(std::span<const double> row) const;

 private:
  std::vector<Class> classes_;
  double criterion_ = 0;
};

}  // namespace guanxi
