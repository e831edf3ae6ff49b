#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// Numbers known of people, row by row.
struct Features {
  std::size_t columns = 0;
  std::vector<float> values;  ///< rows * columns; NaN is "not known" (boosted trees only)
  [[nodiscard]] std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    return std::span(values).subspan(i * columns, columns);
  }
};

enum class RegressionBase : std::uint8_t {
  linear,        ///< least squares with an intercept, ridge 1e-6 of each column's variance
  boosted_trees  ///< 100 trees of depth 3, rate 0.1, histograms: XGBoost
};

/// A mean as a function of features.
///
/// Place       The bases of uplift learners, chances of a next purchase.
/// Invariants  Same rows in the same order: same predictions on the same machine. One thread.
/// Errors      create: invalid when there are no rows, lengths differ or a target is not finite;
///             unavailable with the library's words when it fails.
/// Source      Chen & Guestrin (2016), "XGBoost", KDD. The only file that calls XGBoost, or solves
///             least squares, is regression.cpp.
/// Threads     One owner.
class Regression {
 public:
  [[nodiscard]] static Result<Regression> fit(RegressionBase base, const Features& features,
                                              std::span<const double> target);
  ~Regression();
  Regression(Regression&&) noexcept;
  Regression& operator=(Regression&&) noexcept;

  /// One number a row. REQUIRES as many columns as fitted with.
  [[nodiscard]] Result<std::vector<double>> predict(const Features& features) const;

 private:
  struct Fitted;
  explicit Regression(std::unique_ptr<Fitted> fitted);
  std::unique_ptr<Fitted> fitted_;
};

}  // namespace guanxi
