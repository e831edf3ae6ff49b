#include "statistics/covariates.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "base/check.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kBase = 4;   // coordinates of a model without traits
constexpr double kEffectMost = 8;  // a trait that multiplies a rate by 3,000 is not determined
constexpr double kApart = 1e-9;

/// Which coordinate of the model a block of effects moves, and which way.
struct Moved {
  std::size_t coordinate = 0;
  double sign = 1;
};
using Moves = std::array<Moved, 2>;  // buying, leaving

/// Customers with the same traits.
struct Group {
  std::vector<double> traits;
  CollapsedHistories histories;
  LikelihoodProblem problem;  ///< without traits; looks at `histories`
};

using Groups = std::deque<Group>;  // problems look at their neighbours, which must not move
using ProblemOf = std::function<LikelihoodProblem(const CollapsedHistories&)>;

Groups groups_of(std::span<const PurchaseHistory> histories, const CustomerTraits& traits,
                 const ProblemOf& problem_of_histories) {
  std::map<std::vector<double>, std::vector<PurchaseHistory>> by_traits;
  for (std::size_t i = 0; i < histories.size(); ++i) {
    const std::span<const double> own = traits.of(i);
    by_traits[{own.begin(), own.end()}].push_back(histories[i]);
  }
  Groups groups;
  for (const auto& [own, theirs] : by_traits) {
    groups.push_back({own, collapse(theirs), {}});
    groups.back().problem = problem_of_histories(groups.back().histories);
  }
  return groups;
}

std::vector<double> moved_place(std::span<const double> place, std::span<const double> traits,
                                const Moves& moves) {
  std::vector<double> own(place.begin(), place.begin() + kBase);
  for (std::size_t block = 0; block < moves.size(); ++block) {
    for (std::size_t i = 0; i < traits.size(); ++i) {
      own[moves[block].coordinate] +=
          moves[block].sign * place[kBase + block * traits.size() + i] * traits[i];
    }
  }
  return own;
}

// The mean over all groups; a coordinate that traits move passes its slope on to their effects.
StridedLikelihood mean_of(const Groups& groups, const Moves& moves, double customers) {
  return [&groups, moves, customers](std::span<const double> place, std::size_t stride,
                                     std::span<double> slope) {
    std::fill(slope.begin(), slope.end(), 0.0);
    double value = 0;
    for (const Group& group : groups) {
      std::array<double, kBase> own{};
      const std::vector<double> at = moved_place(place, group.traits, moves);
      const double share = group.histories.customers / customers;
      value += share * group.problem.mean(at, stride, own);
      for (std::size_t i = 0; i < kBase; ++i) {
        slope[i] += share * own[i];
      }
      for (std::size_t block = 0; block < moves.size(); ++block) {
        for (std::size_t i = 0; i < group.traits.size(); ++i) {
          slope[kBase + block * group.traits.size() + i] +=
              share * own[moves[block].coordinate] * moves[block].sign * group.traits[i];
        }
      }
    }
    return value;
  };
}

Result<void> traits_fit(std::span<const PurchaseHistory> histories, const CustomerTraits& traits) {
  if (traits.names.empty() || traits.numbers.size() != histories.size() * traits.names.size()) {
    return fail(ErrorCode::invalid, "traits: " + std::to_string(traits.numbers.size()) +
                                        " numbers for " + std::to_string(histories.size()) +
                                        " customers and " + std::to_string(traits.names.size()) +
                                        " names");
  }
  for (std::size_t t = 0; t < traits.names.size(); ++t) {
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < histories.size(); ++i) {
      const double number = traits.of(i)[t];
      if (!std::isfinite(number)) {
        return fail(ErrorCode::invalid, "traits: " + traits.names[t] + " of customer " +
                                            std::to_string(i) + " is not finite");
      }
      least = std::min(least, number);
      most = std::max(most, number);
    }
    if (!(most - least > kApart)) {
      return fail(ErrorCode::unavailable, "traits: all customers have the same " + traits.names[t] +
                                              ", which tells nothing");
    }
  }
  return {};
}

struct Found {
  LikelihoodTop top;
  TraitEffects effects;
};

Result<Found> climb_with(const Groups& groups, const LikelihoodProblem& without, std::size_t traits,
                         const Moves& moves) {
  LikelihoodProblem problem = without;
  problem.name += " with traits";
  problem.mean = mean_of(groups, moves, without.customers);
  problem.cells = 0;
  for (const Group& group : groups) {
    problem.cells += group.problem.cells;
  }
  for (std::vector<double>& start : problem.starts) {
    start.resize(kBase + moves.size() * traits, 0.0);
  }
  problem.lower.resize(kBase + moves.size() * traits, -kEffectMost);
  problem.upper.resize(kBase + moves.size() * traits, kEffectMost);
  Found found;
  GUANXI_TRY(top, climb(problem));
  found.top = std::move(top);
  for (std::size_t i = 0; i < traits; ++i) {
    found.effects.buying.push_back(found.top.place[kBase + i]);
    found.effects.leaving.push_back(found.top.place[kBase + traits + i]);
    found.effects.buying_errors.push_back(found.top.report.standard_error(kBase + i));
    found.effects.leaving_errors.push_back(found.top.report.standard_error(kBase + traits + i));
  }
  return found;
}

double factor(std::span<const double> effects, std::span<const double> traits) {
  GUANXI_CHECK(effects.size() == traits.size(), "as many traits as were fitted");
  double sum = 0;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    sum += effects[i] * traits[i];
  }
  return std::exp(sum);
}

constexpr Moves kParetoMoves{{{1, -1}, {3, -1}}};    // alpha, beta: times are divided
constexpr Moves kGeometricMoves{{{1, -1}, {2, 1}}};  // alpha, a

}  // namespace

ParetoNbd ParetoNbdTraitFit::model_of(std::span<const double> traits) const {
  ParetoNbd::Parameters own = base.parameters();
  own.alpha_days /= factor(effects.buying, traits);
  own.beta_days /= factor(effects.leaving, traits);
  return ParetoNbd::create(own).value();
}

BetaGeometric BetaGeometricTraitFit::model_of(std::span<const double> traits) const {
  BetaGeometric::Parameters own = base.parameters();
  own.alpha_days /= factor(effects.buying, traits);
  own.a *= factor(effects.leaving, traits);
  return BetaGeometric::create(own, base.kind()).value();
}

Result<ParetoNbdTraitFit> fit_pareto_nbd(std::span<const PurchaseHistory> histories,
                                         const CustomerTraits& traits) {
  GUANXI_TRY_VOID(traits_fit(histories, traits));
  const CollapsedHistories all = collapse(histories);
  GUANXI_TRY_VOID(enough_to_fit(all, "Pareto/NBD"));
  const Groups groups = groups_of(
      histories, traits, [](const CollapsedHistories& theirs) { return problem_of(theirs); });
  GUANXI_TRY(found, climb_with(groups, problem_of(all), traits.names.size(), kParetoMoves));
  const std::vector<double>& place = found.top.place;
  GUANXI_TRY(base, ParetoNbd::create({std::exp(place[0]), std::exp(place[1]), std::exp(place[2]),
                                      std::exp(place[3])}));
  return ParetoNbdTraitFit{base, std::move(found.effects), std::move(found.top.report)};
}

Result<BetaGeometricTraitFit> fit_beta_geometric(std::span<const PurchaseHistory> histories,
                                                 const CustomerTraits& traits,
                                                 BetaGeometricKind kind) {
  GUANXI_TRY_VOID(traits_fit(histories, traits));
  const CollapsedHistories all = collapse(histories);
  GUANXI_TRY_VOID(enough_to_fit(all, name_of(kind)));
  const Groups groups = groups_of(histories, traits, [kind](const CollapsedHistories& theirs) {
    return problem_of(theirs, kind);
  });
  GUANXI_TRY(found,
             climb_with(groups, problem_of(all, kind), traits.names.size(), kGeometricMoves));
  const std::vector<double>& place = found.top.place;
  GUANXI_TRY(base, BetaGeometric::create({std::exp(place[0]), std::exp(place[1]),
                                          std::exp(place[2]), std::exp(place[3])},
                                         kind));
  const double k = kind.stages;
  found.top.report.log_likelihood +=
      (k - 1) * all.log_interval_sum - all.purchases * std::lgamma(k);
  return BetaGeometricTraitFit{base, std::move(found.effects), std::move(found.top.report)};
}

}  // namespace guanxi
