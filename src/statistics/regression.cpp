#include "statistics/regression.hpp"

#include <xgboost/c_api.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.hpp"

namespace guanxi {
namespace {

constexpr int kTrees = 100;

struct FreeMatrix {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
struct FreeBooster {
  void operator()(void* handle) const { XGBoosterFree(handle); }
};
using Matrix = std::unique_ptr<void, FreeMatrix>;
using Booster = std::unique_ptr<void, FreeBooster>;

Result<void> done(int code) {
  if (code != 0) {
    return fail(ErrorCode::unavailable, std::string("XGBoost: ") + XGBGetLastError());
  }
  return {};
}

Result<Matrix> matrix_of(const Features& features) {
  DMatrixHandle handle = nullptr;
  GUANXI_TRY_VOID(
      done(XGDMatrixCreateFromMat(features.values.data(), features.rows(), features.columns,
                                  std::numeric_limits<float>::quiet_NaN(), &handle)));
  return Matrix(handle);
}

Result<Booster> boost(const Features& features, std::span<const double> target) {
  GUANXI_TRY(matrix, matrix_of(features));
  const std::vector<float> labels(target.begin(), target.end());
  GUANXI_TRY_VOID(done(XGDMatrixSetFloatInfo(matrix.get(), "label", labels.data(), labels.size())));
  DMatrixHandle handles[] = {matrix.get()};
  BoosterHandle made = nullptr;
  GUANXI_TRY_VOID(done(XGBoosterCreate(handles, 1, &made)));
  Booster booster(made);
  constexpr std::pair<const char*, const char*> kSettings[] = {{"objective", "reg:squarederror"},
                                                               {"tree_method", "hist"},
                                                               {"max_depth", "3"},
                                                               {"eta", "0.1"},
                                                               {"nthread", "1"},
                                                               {"seed", "1"},
                                                               {"verbosity", "0"}};
  for (const auto& [name, value] : kSettings) {
    GUANXI_TRY_VOID(done(XGBoosterSetParam(booster.get(), name, value)));
  }
  for (int round = 0; round < kTrees; ++round) {
    GUANXI_TRY_VOID(done(XGBoosterUpdateOneIter(booster.get(), round, matrix.get())));
  }
  return booster;
}

/// Intercept first.
Eigen::VectorXd least_squares(const Features& features, std::span<const double> target) {
  const auto columns = static_cast<Eigen::Index>(features.columns) + 1;
  Eigen::MatrixXd squares = Eigen::MatrixXd::Zero(columns, columns);
  Eigen::VectorXd products = Eigen::VectorXd::Zero(columns);
  Eigen::VectorXd row(columns);
  row[0] = 1;
  for (std::size_t i = 0; i < features.rows(); ++i) {
    const auto values = features.row(i);
    std::copy(values.begin(), values.end(), row.data() + 1);
    squares.noalias() += row * row.transpose();
    products += target[i] * row;
  }
  const double n = squares(0, 0);
  for (Eigen::Index c = 1; c < columns; ++c) {
    const double mean = squares(c, 0) / n;
    const double variance = squares(c, c) / n - mean * mean;
    squares(c, c) += n * (1e-6 * variance + 1e-12);
  }
  return squares.ldlt().solve(products);
}

}  // namespace

struct Regression::Fitted {
  std::size_t columns = 0;
  Eigen::VectorXd weights;  ///< linear: intercept first
  Booster booster;          ///< boosted trees
};

Regression::Regression(std::unique_ptr<Fitted> fitted) : fitted_(std::move(fitted)) {}
Regression::~Regression() = default;
Regression::Regression(Regression&&) noexcept = default;
Regression& Regression::operator=(Regression&&) noexcept = default;

Result<Regression> Regression::fit(RegressionBase base, const Features& features,
                                   std::span<const double> target) {
  if (features.rows() == 0 || features.rows() != target.size()) {
    return fail(ErrorCode::invalid, std::to_string(target.size()) + " targets for " +
                                        std::to_string(features.rows()) + " rows");
  }
  if (!std::ranges::all_of(target, [](double value) { return std::isfinite(value); })) {
    return fail(ErrorCode::invalid, "a target is not finite");
  }
  auto fitted = std::make_unique<Fitted>();
  fitted->columns = features.columns;
  if (base == RegressionBase::boosted_trees) {
    GUANXI_TRY(booster, boost(features, target));
    fitted->booster = std::move(booster);
    return Regression(std::move(fitted));
  }
  if (!std::ranges::all_of(features.values, [](float value) { return std::isfinite(value); })) {
    return fail(ErrorCode::invalid, "least squares needs every feature to be known");
  }
  fitted->weights = least_squares(features, target);
  return Regression(std::move(fitted));
}

Result<std::vector<double>> Regression::predict(const Features& features) const {
  GUANXI_CHECK(features.columns == fitted_->columns, "the columns it was fitted with");
  std::vector<double> predictions;
  predictions.reserve(features.rows());
  if (fitted_->booster == nullptr) {
    for (std::size_t i = 0; i < features.rows(); ++i) {
      double sum = fitted_->weights[0];
      const auto row = features.row(i);
      for (std::size_t c = 0; c < row.size(); ++c) {
        sum += fitted_->weights[static_cast<Eigen::Index>(c) + 1] * static_cast<double>(row[c]);
      }
      predictions.push_back(sum);
    }
    return predictions;
  }
  GUANXI_TRY(matrix, matrix_of(features));
  bst_ulong count = 0;
  const float* values = nullptr;
  GUANXI_TRY_VOID(
      done(XGBoosterPredict(fitted_->booster.get(), matrix.get(), 0, 0, 0, &count, &values)));
  predictions.assign(values, values + count);
  return predictions;
}

}  // namespace guanxi
