#include "statistics/chance.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "base/check.hpp"
#include "statistics/special.hpp"

namespace guanxi {
namespace {

constexpr int kStepsMost = 50;
constexpr double kRidge = 1;
constexpr double kSettled = 1e-9;

/// Rows as they are fitted: centred, of deviation 1, behind a 1.
struct Scaled {
  std::span<const double> rows;
  std::size_t columns;
  std::span<const std::uint8_t> happened;
  Eigen::VectorXd mean;
  Eigen::VectorXd scale;  ///< 1 / deviation; 0 where a column is the same everywhere

  Scaled(std::span<const double> given, std::size_t width, std::span<const std::uint8_t> outcomes)
      : rows(given),
        columns(width),
        happened(outcomes),
        mean(Eigen::VectorXd::Zero(static_cast<Eigen::Index>(width))),
        scale(mean) {
    const auto count = static_cast<double>(outcomes.size());
    Eigen::VectorXd squares = mean;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      mean += raw(i);
    }
    mean /= count;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      squares.array() += (raw(i) - mean).array().square();
    }
    for (Eigen::Index c = 0; c < squares.size(); ++c) {
      const double deviation = std::sqrt(squares[c] / count);
      scale[c] = deviation > 1e-12 ? 1 / deviation : 0;
    }
  }
  [[nodiscard]] Eigen::Map<const Eigen::VectorXd> raw(std::size_t i) const {
    return {rows.data() + i * columns, static_cast<Eigen::Index>(columns)};
  }
  void row(std::size_t i, Eigen::VectorXd& out) const {
    out[0] = 1;
    out.tail(static_cast<Eigen::Index>(columns)) = (raw(i) - mean).cwiseProduct(scale);
  }
};

double likelihood(const Scaled& data, const Eigen::VectorXd& weights) {
  Eigen::VectorXd row(weights.size());
  double sum = -kRidge / 2 * weights.tail(weights.size() - 1).squaredNorm();
  for (std::size_t i = 0; i < data.happened.size(); ++i) {
    data.row(i, row);
    const double odds = row.dot(weights);
    sum -= data.happened[i] != 0 ? softplus(-odds) : softplus(odds);
  }
  return sum;
}

Eigen::VectorXd newton_step(const Scaled& data, const Eigen::VectorXd& weights) {
  const Eigen::Index size = weights.size();
  Eigen::VectorXd gradient = -kRidge * weights;
  gradient[0] = 0;
  Eigen::MatrixXd bend = kRidge * Eigen::MatrixXd::Identity(size, size);
  bend(0, 0) = 1e-12;
  Eigen::VectorXd row(size);
  for (std::size_t i = 0; i < data.happened.size(); ++i) {
    data.row(i, row);
    const double chance = logistic(row.dot(weights));
    gradient += ((data.happened[i] != 0 ? 1.0 : 0.0) - chance) * row;
    bend += (chance * (1 - chance) * row) * row.transpose();
  }
  return bend.selfadjointView<Eigen::Lower>().ldlt().solve(gradient);
}

}  // namespace

Result<ChanceModel> ChanceModel::fit(std::span<const double> rows, std::size_t columns,
                                     std::span<const std::uint8_t> happened) {
  GUANXI_CHECK(columns > 0 && rows.size() == columns * happened.size(), "a row for each outcome");
  const auto times = std::ranges::count_if(happened, [](std::uint8_t one) { return one != 0; });
  if (times == 0 || static_cast<std::size_t>(times) == happened.size()) {
    return fail(ErrorCode::invalid, "it happened to nobody, or to everybody");
  }
  if (!std::ranges::all_of(rows, [](double value) { return std::isfinite(value); })) {
    return fail(ErrorCode::invalid, "a feature is not a finite number");
  }
  const Scaled data(rows, columns, happened);
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(columns) + 1);
  const double share = static_cast<double>(times) / static_cast<double>(happened.size());
  weights[0] = std::log(share / (1 - share));
  double now = likelihood(data, weights);
  for (int step = 0; step < kStepsMost; ++step) {
    Eigen::VectorXd move = newton_step(data, weights);
    double next = likelihood(data, weights + move);
    for (int half = 0; half < 30 && !(next >= now); ++half) {
      move /= 2;
      next = likelihood(data, weights + move);
    }
    weights += move;
    const double gained = next - now;
    now = next;
    if (gained < kSettled * (1 + std::abs(now))) {
      ChanceModel model;
      model.constant_ = weights[0];
      for (std::size_t c = 0; c < columns; ++c) {
        const auto at = static_cast<Eigen::Index>(c);
        model.weights_.push_back(weights[at + 1] * data.scale[at]);
        model.constant_ -= model.weights_.back() * data.mean[at];
      }
      return model;
    }
  }
  return fail(ErrorCode::invalid, "the likelihood still rises after 50 steps");
}

double ChanceModel::chance(std::span<const double> row) const {
  GUANXI_CHECK(row.size() == weights_.size(), "the columns that were fitted");
  double odds = constant_;
  for (std::size_t c = 0; c < row.size(); ++c) {
    odds += weights_[c] * row[c];
  }
  return logistic(odds);
}

CountForecast count_forecast(double mean, double variance, double within) {
  GUANXI_CHECK(mean >= 0 && variance >= 0 && within > 0 && within < 1, "a mean and its spread");
  CountForecast forecast{.mean = mean, .variance = variance, .least = mean, .most = mean};
  if (mean > 0 && variance > 1e-12 * mean * mean) {
    const double shape = mean * mean / variance;
    const auto at = [&](double share) {
      return boost::math::gamma_p_inv(shape, share) * variance / mean;
    };
    forecast.least = at((1 - within) / 2);
    forecast.most = at((1 + within) / 2);
  }
  return forecast;
}

CountForecast next_weeks(std::span<const double> weeks, double weeks_ahead,
                         double half_life_weeks) {
  GUANXI_CHECK(weeks_ahead >= 0 && half_life_weeks > 0, "weeks to come");
  double all = 0;
  double squares = 0;
  double sum = 0;
  const auto weight = [&](std::size_t i) {
    return std::exp2(-static_cast<double>(weeks.size() - 1 - i) / half_life_weeks);
  };
  for (std::size_t i = 0; i < weeks.size(); ++i) {
    all += weight(i);
    squares += weight(i) * weight(i);
    sum += weight(i) * weeks[i];
  }
  if (weeks.empty()) {
    return {};
  }
  const double mean = sum / all;
  double away = 0;
  for (std::size_t i = 0; i < weeks.size(); ++i) {
    away += weight(i) * (weeks[i] - mean) * (weeks[i] - mean);
  }
  const double freedom = all - squares / all;
  const double spread = std::max(mean, freedom > 1e-9 ? away / freedom : mean);
  const double seen = all * all / squares;
  return count_forecast(mean * weeks_ahead,
                        spread * weeks_ahead + spread * weeks_ahead * weeks_ahead / seen);
}

}  // namespace guanxi
