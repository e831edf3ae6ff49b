#include "statistics/likelihood.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "statistics/maximum.hpp"

namespace guanxi {
namespace {

/// A slope of the mean log-likelihood per unit of log parameter that counts as flat: moving a
/// parameter by one per cent then changes the mean by less than 1e-8.
constexpr double kFlat = 1e-6;
constexpr std::size_t kSampledCells = 4'000;     ///< climbed from all starts
constexpr std::size_t kCurvatureCells = 60'000;  ///< whose curvature stands for that of all
constexpr double kDifference = 1e-4;             ///< of logs, for curvature from slopes
constexpr double kStepMost = 0.5;
constexpr int kNewtonSteps = 12;

std::size_t stride_for(std::size_t cells, std::size_t wanted) {
  return std::max<std::size_t>(1, cells / wanted);
}

/// The problem's function at one stride, counting how often it was asked.
class Climb {
 public:
  Climb(const LikelihoodProblem& problem, std::uint32_t& evaluations)
      : problem_(problem), evaluations_(evaluations) {}

  [[nodiscard]] Result<Maximum> best_of(std::span<const std::vector<double>> starts,
                                        std::size_t stride) const {
    const SmoothFunction function = [&](std::span<const double> place, std::span<double> slope) {
      return problem_.mean(place, stride, slope);
    };
    std::optional<Maximum> best;
    std::string refusal;
    for (const std::vector<double>& start : starts) {
      Result<Maximum> top = maximize(function, start, problem_.lower, problem_.upper, kFlat);
      if (!top) {
        refusal = top.error().message;
        continue;
      }
      evaluations_ += top->evaluations;
      if (!best || top->value > best->value) {
        best = std::move(top).value();
      }
    }
    if (!best) {
      return fail(ErrorCode::unavailable, std::move(refusal));
    }
    return std::move(*best);
  }

  double at(std::span<const double> place, std::size_t stride, Eigen::VectorXd& slope) const {
    ++evaluations_;
    slope.resize(static_cast<Eigen::Index>(place.size()));
    return problem_.mean(place, stride, {slope.data(), place.size()});
  }

  /// Minus the second derivatives of the mean, from differences of slopes.
  [[nodiscard]] Eigen::MatrixXd curvature(const std::vector<double>& place,
                                          std::size_t stride) const {
    const auto count = static_cast<Eigen::Index>(place.size());
    Eigen::MatrixXd matrix(count, count);
    Eigen::VectorXd above;
    Eigen::VectorXd below;
    for (Eigen::Index i = 0; i < count; ++i) {
      std::vector<double> moved = place;
      moved[static_cast<std::size_t>(i)] += kDifference;
      at(moved, stride, above);
      moved[static_cast<std::size_t>(i)] -= 2 * kDifference;
      at(moved, stride, below);
      matrix.col(i) = (below - above) / (2 * kDifference);
    }
    return (matrix + matrix.transpose()) / 2;
  }

  /// Newton's steps on all cells with the sample's curvature. Absent when they do not lead up.
  [[nodiscard]] std::optional<Maximum> newton(std::vector<double> place,
                                              const Eigen::MatrixXd& curvature) const {
    const Eigen::LLT<Eigen::MatrixXd> factor(curvature);
    if (factor.info() != Eigen::Success) {
      return std::nullopt;
    }
    double steepness_before = std::numeric_limits<double>::infinity();
    Eigen::VectorXd slope;
    for (int step = 0; step < kNewtonSteps; ++step) {
      const double value = at(place, 1, slope);
      const double steepness = slope.cwiseAbs().maxCoeff();
      if (!std::isfinite(value) || !(steepness < steepness_before)) {
        return std::nullopt;
      }
      if (steepness <= kFlat) {
        return Maximum{.place = std::move(place), .value = value, .steepness = steepness};
      }
      steepness_before = steepness;
      const Eigen::VectorXd move = factor.solve(slope);
      for (std::size_t i = 0; i < place.size(); ++i) {
        place[i] += std::clamp(move[static_cast<Eigen::Index>(i)], -kStepMost, kStepMost);
      }
    }
    return std::nullopt;
  }

 private:
  const LikelihoodProblem& problem_;
  std::uint32_t& evaluations_;
};

bool inside(const LikelihoodProblem& problem, const std::vector<double>& place) {
  for (std::size_t i = 0; i < place.size(); ++i) {
    if (!(place[i] > problem.lower[i] && place[i] < problem.upper[i])) {
      return false;
    }
  }
  return true;
}

Result<Maximum> find_top(const LikelihoodProblem& problem, const Climb& climb) {
  const std::size_t stride = stride_for(problem.cells, kSampledCells);
  Result<Maximum> top = climb.best_of(problem.starts, stride);
  if (stride == 1) {
    return top;
  }
  if (!top) {
    return climb.best_of(problem.starts, 1);
  }
  // A sample of the sample's place to start from, and one large enough for the curvature.
  const std::size_t fine = stride_for(problem.cells, kCurvatureCells / 4);
  Result<Maximum> finer = climb.best_of(std::span(&top->place, 1), fine);
  const std::vector<double>& from = finer ? finer->place : top->place;
  auto found = climb.newton(from, climb.curvature(from, fine));
  if (found && inside(problem, found->place)) {
    return std::move(*found);
  }
  return climb.best_of(std::span(&from, 1), 1);
}

std::vector<double> covariance_of(const Climb& climb, const LikelihoodProblem& problem,
                                  const std::vector<double>& place) {
  const Eigen::MatrixXd information =
      climb.curvature(place, stride_for(problem.cells, kCurvatureCells)) * problem.customers;
  const Eigen::LLT<Eigen::MatrixXd> factor(information);
  if (factor.info() != Eigen::Success) {
    return {};
  }
  const auto count = information.rows();
  const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(count, count));
  return {inverse.data(), inverse.data() + inverse.size()};
}

}  // namespace

double FitReport::standard_error(std::size_t i) const {
  const auto count = static_cast<std::size_t>(std::lround(std::sqrt(covariance.size())));
  return i < count ? std::sqrt(covariance[i * count + i])
                   : std::numeric_limits<double>::quiet_NaN();
}

Result<LikelihoodTop> climb(const LikelihoodProblem& problem) {
  LikelihoodTop found;
  const Climb climb(problem, found.report.evaluations);
  Result<Maximum> top = find_top(problem, climb);
  if (!top) {
    return fail(ErrorCode::unavailable,
                problem.name + " is not determined by these " +
                    std::to_string(static_cast<std::uint64_t>(problem.customers)) +
                    " histories: " + top.error().message);
  }
  found.place = top->place;
  found.report.log_likelihood = top->value * problem.customers;
  found.report.customers = static_cast<std::uint64_t>(problem.customers);
  found.report.distinct = problem.cells;
  found.report.steepness = top->steepness;
  found.report.covariance = covariance_of(climb, problem, found.place);
  return found;
}

}  // namespace guanxi
