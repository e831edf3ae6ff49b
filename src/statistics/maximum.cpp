#include "statistics/maximum.hpp"

#include <nlopt.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
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

double steepest(const std::vector<double>& slope) {
  double most = 0;
  for (const double one : slope) {
    most = std::isfinite(one) ? std::max(most, std::abs(one))
                              : std::numeric_limits<double>::infinity();
  }
  return most;
}

/// Where values no longer tell neighbours apart slopes still do: line searches stop on long flat
/// ridges a little before the top. Newton's steps, damped until each leaves less slope, go on.
class Polish {
 public:
  Polish(Climb& climb, const std::vector<double>& lower, const std::vector<double>& upper)
      : climb_(climb), lower_(lower), upper_(upper) {}

  void walk(Maximum& top, double flat_below) {
    double damping = 0;
    for (int step = 0; step < kSteps && !(top.steepness <= flat_below); ++step) {
      look(top.place);
      const Eigen::VectorXd slope = as_vector(climb_.slope);
      const Eigen::MatrixXd curved = curvature(top.place);
      bool better = false;
      for (int tries = 0; tries < kTries && !better; ++tries) {
        Eigen::MatrixXd damped = curved;
        damped.diagonal().array() += damping;
        const Eigen::LLT<Eigen::MatrixXd> factor(damped);
        better = factor.info() == Eigen::Success && take(top, factor.solve(slope));
        damping = better ? damping / 10 : std::max(damping * 10, kDampingLeast);
      }
      if (!better) {
        return;
      }
    }
  }

 private:
  static constexpr int kSteps = 30;
  static constexpr int kTries = 14;
  static constexpr double kDampingLeast = 1e-9;
  static constexpr double kDifference = 1e-4;
  static constexpr double kValueLost = 1e-12;  ///< relative: what rounding may take

  static Eigen::VectorXd as_vector(const std::vector<double>& values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(),
                                             static_cast<Eigen::Index>(values.size()));
  }
  double look(const std::vector<double>& place) {
    ++climb_.evaluations;
    return (*climb_.function)(place, climb_.slope);
  }
  Eigen::MatrixXd curvature(const std::vector<double>& place) {
    const auto count = static_cast<Eigen::Index>(place.size());
    Eigen::MatrixXd matrix(count, count);
    for (Eigen::Index i = 0; i < count; ++i) {
      std::vector<double> moved = place;
      moved[static_cast<std::size_t>(i)] += kDifference;
      look(moved);
      const Eigen::VectorXd above = as_vector(climb_.slope);
      moved[static_cast<std::size_t>(i)] -= 2 * kDifference;
      look(moved);
      matrix.col(i) = (as_vector(climb_.slope) - above) / (2 * kDifference);
    }
    return (matrix + matrix.transpose()) / 2;
  }
  bool take(Maximum& top, const Eigen::VectorXd& move) {
    std::vector<double> place = top.place;
    for (std::size_t i = 0; i < place.size(); ++i) {
      place[i] += move[static_cast<Eigen::Index>(i)];
      if (!(place[i] > lower_[i] && place[i] < upper_[i])) {
        return false;
      }
    }
    const double value = look(place);
    const double steepness = steepest(climb_.slope);
    if (!std::isfinite(value) || value < top.value - kValueLost * std::abs(top.value) ||
        !(steepness < top.steepness)) {
      return false;
    }
    top.place = std::move(place);
    top.value = value;
    top.steepness = steepness;
    return true;
  }

  Climb& climb_;
  const std::vector<double>& lower_;
  const std::vector<double>& upper_;
};

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
    top.steepness = steepest(climb.slope);
    if (std::isfinite(top.value) && top.steepness <= flat_below) {
      break;
    }
  }
  if (std::isfinite(top.value) && std::isfinite(top.steepness)) {
    Polish(climb, lower, upper).walk(top, flat_below);
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
