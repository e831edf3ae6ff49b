#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// A smooth function of a few numbers: its value at `place`, and its slope in each direction.
using SmoothFunction =
    std::function<double(std::span<const double> place, std::span<double> slope)>;

/// The top of a smooth function inside a box.
struct Maximum {
  std::vector<double> place;
  double value = 0;
  double steepness = 0;  ///< largest slope left
  std::uint32_t evaluations = 0;
};

/// Climbs from `start`, within lower <= place <= upper, to a place where no slope exceeds
/// `flat_below`. Same bits for same arguments: no chance, no clock.
/// Errors    unavailable when the climb ends elsewhere: on the edge of the box, on a slope, or
/// where
///           the function is not finite.
/// Source    NLopt (Johnson 2007): limited-memory BFGS (Nocedal 1980; Luksan's code), then SLSQP
///           (Kraft 1994) from where it ended, then Newton's steps (Levenberg 1944), since values
///           that rounding makes equal still have slopes. The only file that calls NLopt is
///           maximum.cpp.
[[nodiscard]] Result<Maximum> maximize(const SmoothFunction& function,
                                       const std::vector<double>& start,
                                       const std::vector<double>& lower,
                                       const std::vector<double>& upper, double flat_below);

}  // namespace guanxi
