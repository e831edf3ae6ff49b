#include "statistics/mixture.hpp"

#define ARMA_DONT_USE_WRAPPER
#define ARMA_DONT_USE_BLAS
#define ARMA_DONT_USE_LAPACK
#define ARMA_DONT_USE_HDF5
#define ARMA_DONT_USE_OPENMP
#define ARMA_DONT_PRINT_ERRORS
#include <algorithm>
#include <armadillo>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>

#include "base/check.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kRowsOfAClass = 50;
constexpr arma::uword kMeansSteps = 30;
constexpr arma::uword kLikelihoodSteps = 60;
constexpr double kVarianceLeast = 1e-3;  // of numbers whose variance is 1: many rows may be equal

double log_density(const Mixture::Class& one, std::span<const double> row) {
  double sum = std::log(one.weight);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double z = (row[i] - one.mean[i]) / one.deviation[i];
    sum -= 0.5 * (z * z + std::log(2 * std::numbers::pi)) + std::log(one.deviation[i]);
  }
  return sum;
}

std::vector<Mixture::Class> classes_of(const arma::gmm_diag& fitted) {
  std::vector<Mixture::Class> classes(fitted.n_gaus());
  for (arma::uword c = 0; c < fitted.n_gaus(); ++c) {
    classes[c].weight = fitted.hefts(c);
    for (arma::uword i = 0; i < fitted.n_dims(); ++i) {
      classes[c].mean.push_back(fitted.means(i, c));
      classes[c].deviation.push_back(std::sqrt(fitted.dcovs(i, c)));
    }
  }
  std::stable_sort(classes.begin(), classes.end(),
                   [](const auto& a, const auto& b) { return a.weight > b.weight; });
  return classes;
}

}  // namespace

Result<Mixture> Mixture::fit(const Rows& rows, const MixtureBounds& bounds) {
  GUANXI_CHECK(rows.width > 0 && rows.numbers.size() % rows.width == 0 && bounds.least >= 1 &&
                   bounds.least <= bounds.most,
               "whole rows, and some number of classes");
  if (rows.count() < kRowsOfAClass * bounds.least) {
    return fail(ErrorCode::invalid, "classes need at least " +
                                        std::to_string(kRowsOfAClass * bounds.least) +
                                        " people, not " + std::to_string(rows.count()));
  }
  if (!std::all_of(rows.numbers.begin(), rows.numbers.end(),
                   [](double number) { return std::isfinite(number); })) {
    return fail(ErrorCode::invalid, "classes: a number is not finite");
  }
  const arma::mat columns(rows.numbers.data(), rows.width, rows.count());
  const auto count = static_cast<double>(rows.count());
  std::optional<Mixture> best;
  for (arma::uword classes = bounds.least;
       classes <= bounds.most && rows.count() >= kRowsOfAClass * classes; ++classes) {
    arma::gmm_diag fitted;
    arma::arma_rng::set_seed(1);  // it draws a row when a class has lost all of its own
    if (!fitted.learn(columns, classes, arma::eucl_dist, arma::static_spread, kMeansSteps,
                      kLikelihoodSteps, kVarianceLeast, false) ||
        fitted.hefts.min() < bounds.share_least) {
      continue;
    }
    const auto free = static_cast<double>(classes) * (2 * static_cast<double>(rows.width) + 1) - 1;
    const double criterion = free * std::log(count) - 2 * fitted.sum_log_p(columns);
    if (!best || criterion < best->criterion_) {
      best.emplace();
      best->classes_ = classes_of(fitted);
      best->criterion_ = criterion;
    }
  }
  if (!best) {
    return fail(ErrorCode::unavailable,
                "no number of classes from " + std::to_string(bounds.least) + " to " +
                    std::to_string(bounds.most) + " fits with every class large enough");
  }
  return *std::move(best);
}

std::uint32_t Mixture::class_of(std::span<const double> row) const {
  std::uint32_t best = 0;
  double most = -std::numeric_limits<double>::infinity();
  for (std::uint32_t c = 0; c < classes_.size(); ++c) {
    GUANXI_CHECK(row.size() == classes_[c].mean.size(), "as many numbers as were fitted");
    const double density = log_density(classes_[c], row);
    if (density > most) {
      most = density;
      best = c;
    }
  }
  return best;
}

std::vector<double> Mixture::shares_of(std::span<const double> row) const {
  std::vector<double> shares;
  for (const Class& one : classes_) {
    GUANXI_CHECK(row.size() == one.mean.size(), "as many numbers as were fitted");
    shares.push_back(log_density(one, row));
  }
  const double most = *std::max_element(shares.begin(), shares.end());
  double sum = 0;
  for (double& share : shares) {
    share = std::exp(share - most);
    sum += share;
  }
  for (double& share : shares) {
    share /= sum;
  }
  return shares;
}

}  // namespace guanxi
