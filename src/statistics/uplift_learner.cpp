#include "statistics/uplift_learner.hpp"

#include <string>

#include "base/check.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kPeopleLeast = 50;

struct Group {
  Features features;
  std::vector<double> outcome;
};

Group group_of(const Features& features, std::span<const double> outcome,
               std::span<const std::uint8_t> treated, std::uint8_t which) {
  Group group;
  group.features.columns = features.columns;
  for (std::size_t i = 0; i < outcome.size(); ++i) {
    if (treated[i] == which) {
      const auto row = features.row(i);
      group.features.values.insert(group.features.values.end(), row.begin(), row.end());
      group.outcome.push_back(outcome[i]);
    }
  }
  return group;
}

/// What the treatment did to people of one group, the other group's mean standing for what was not
/// seen: sign 1 for the treated, -1 for the others.
Result<std::vector<double>> imputed(const Group& group, const Regression& other, double sign) {
  GUANXI_TRY(unseen, other.predict(group.features));
  for (std::size_t i = 0; i < unseen.size(); ++i) {
    unseen[i] = sign * (group.outcome[i] - unseen[i]);
  }
  return unseen;
}

}  // namespace

Result<UpliftLearner> UpliftLearner::fit(UpliftMethod method, RegressionBase base,
                                         const Features& features, std::span<const double> outcome,
                                         std::span<const std::uint8_t> treated) {
  GUANXI_CHECK(outcome.size() == treated.size() && outcome.size() == features.rows(),
               "one row a person");
  const Group with = group_of(features, outcome, treated, 1);
  const Group without = group_of(features, outcome, treated, 0);
  if (with.outcome.size() < kPeopleLeast || without.outcome.size() < kPeopleLeast) {
    return fail(ErrorCode::invalid, "each group needs " + std::to_string(kPeopleLeast) +
                                        " people; there are " +
                                        std::to_string(with.outcome.size()) + " treated and " +
                                        std::to_string(without.outcome.size()) + " untreated");
  }
  GUANXI_TRY(mean_with, Regression::fit(base, with.features, with.outcome));
  GUANXI_TRY(mean_without, Regression::fit(base, without.features, without.outcome));
  if (method == UpliftMethod::two_models) {
    return UpliftLearner(std::move(mean_with), std::move(mean_without), 1, -1);
  }
  GUANXI_TRY(effect_with, imputed(with, mean_without, 1));
  GUANXI_TRY(effect_without, imputed(without, mean_with, -1));
  GUANXI_TRY(learned_with, Regression::fit(base, with.features, effect_with));
  GUANXI_TRY(learned_without, Regression::fit(base, without.features, effect_without));
  const double share =
      static_cast<double>(with.outcome.size()) / static_cast<double>(outcome.size());
  return UpliftLearner(std::move(learned_with), std::move(learned_without), 1 - share, share);
}

Result<std::vector<double>> UpliftLearner::predict(const Features& features) const {
  GUANXI_TRY(treated, of_treated_.predict(features));
  GUANXI_TRY(untreated, of_untreated_.predict(features));
  for (std::size_t i = 0; i < treated.size(); ++i) {
    treated[i] = weight_treated_ * treated[i] + weight_untreated_ * untreated[i];
  }
  return treated;
}

}  // namespace guanxi
