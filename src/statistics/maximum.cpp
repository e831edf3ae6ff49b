#include "statistics/maximum.hpp"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "base/check.hpp"

namespace guanxi {
namespace {

struct Climb {
  const SmoothFunction* function;
  std::vector<double> slope;
  std::uint32_t evaluations = 0;
};

double value_for_nlopt(unsigned count, const double* place, double* slope, void* data) {
  auto& climb = *static_cast<Climb*>(data);
  ++climb.evaluations;
  const double value = (*climb.function)({place, count}, climb.slope);
  if (slope != nullptr) {
    std::ranges::copy(climb.slope, slope);
  }
  return std::isfinite(value) ? value : -std::numeric_limits<double>::max();
}

struct Destroy {
  void operator()(nlopt_opt_s* optimizer) const { nlopt_destroy(optimizer); }
};

/// One climb from `place`, which it moves. NLopt's own verdict is not trusted: the caller looks at
/// the slope, since a line search that finds nothing better also "fails" on a perfect top.
void climb_with(nlopt_algorithm algorithm, Climb& climb, std::vector<double>& place,
                const std::vector<double>& lower, const std::vector<double>& upper) {
  const std::unique_ptr<nlopt_opt_s, Destroy> optimizer(
      nlopt_create(algorithm, static_cast<unsigned>(place.size())));
  GUANXI_CHECK(optimizer != nullptr, "NLopt has the algorithm");
  nlopt_set_max_objective(optimizer.get(), value_for_nlopt, &climb);
  nlopt_set_lower_bounds(optimizer.get(), lower.data());
  nlopt_set_upper_bounds(optimizer.get(), upper.data());
  nlopt_set_ftol_rel(optimizer.get(), 1e-15);
  nlopt_set_xtol_rel(optimizer.get(), 1e-12);
  nlopt_set_maxeval(optimizer.get(), 1000);
  std::vector<double> reached = place;
  double value = 0;
  (void)nlopt_optimize(optimizer.get(), reached.data(), &value);
  if (std::ranges::all_of(reached, [](double x) { return std::isfinite(x); })) {
    place = reached;
  }
}

}  // namespace

Result<Maximum> maximize(const SmoothFunction& function, const std::vector<double>& start,
                         const std::vector<double>& lower, const std::vector<double>& upper,
                         double flat_below) {
  GUANXI_CHECK(!start.empty() && lower.size() == start.size() && upper.size() == start.size(),
               "a box around the start");
  Climb climb{&function, std::vector<double>(start.size())};
  Maximum top;
  top.place = start;
  for (const nlopt_algorithm algorithm : {NLOPT_LD_LBFGS, NLOPT_LD_SLSQP}) {
    climb_with(algorithm, climb, top.place, lower, upper);
    top.value = function(top.place, climb.slope);
    top.steepness = 0;
    for (const double slope : climb.slope) {
      top.steepness = std::isfinite(slope) ? std::max(top.steepness, std::abs(slope))
                                           : std::numeric_limits<double>::infinity();
    }
    if (std::isfinite(top.value) && top.steepness <= flat_below) {
      break;
    }
  }
  top.evaluations = climb.evaluations;
  if (!std::isfinite(top.value) || !(top.steepness <= flat_below)) {
    return fail(ErrorCode::unavailable, "the climb did not end on a flat top: slope " +
                                            std::to_string(top.steepness) + " is left after " +
                                            std::to_string(top.evaluations) + " evaluations");
  }
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (top.place[i] <= lower[i] || top.place[i] >= upper[i]) {
      return fail(ErrorCode::unavailable,
                  "the function still rises at the edge of the box (number " +
                      std::to_string(i + 1) + " of " + std::to_string(start.size()) + ")");
    }
  }
  return top;
}

}  // namespace guanxi
