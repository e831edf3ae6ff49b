#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "people/need_model.hpp"
#include "statistics/measures.hpp"

namespace guanxi {

/// How well lists of products name what people buy next. Means over people.
struct ListScore {
  static constexpr std::array<std::size_t, 3> kSizes = {5, 10, 20};
  std::string name;
  std::array<double, 3> recall{};  ///< share of what they buy that is among the first 5, 10, 20
  double ndcg_10 = 0;              ///< the same with a discount for places, of what is possible
  double hit_10 = 0;               ///< share of people with one right among the first 10
};

/// How well a chance tells which of what people buy again comes within the horizon.
struct TimingScore {
  std::string name;
  std::optional<double> auc;
  double brier = 0;
  double log_loss = 0;
};

/// A model of needs judged by what happened after the day on which it stood.
struct NeedScore {
  Day at;
  std::uint32_t horizon_days = 0;
  std::uint64_t people = 0;          ///< who had bought, and bought again within the horizon
  std::uint64_t purchases = 0;       ///< products they bought
  std::vector<ListScore> all;        ///< "needs", "frequency", "recency", "popularity"
  std::uint64_t new_people = 0;      ///< who bought something that they had not bought before
  std::vector<ListScore> fresh;      ///< the same of what they had not bought before
  std::vector<CalibrationBin> bins;  ///< of all candidates of everyone who had bought
  double expected = 0;               ///< of these, the sum of chances
  double came = 0;
  std::uint64_t pairs = 0;          ///< people and what they had bought on two days or more
  double pairs_again = 0;           ///< share bought again within the horizon
  std::vector<TimingScore> timing;  ///< "chance", "gap", "interval rule", "constant"
  double within_80 = 0;  ///< of gaps that end within the horizon, inside the middle 80 % of theirs
  double wait_mae = 0;   ///< days between the expected and the real one, of these
  double wait_mae_rule = 0;       ///< expected: last and mean own gap
  double wait_mae_constant = 0;   ///< expected: the median wait of all
  std::uint64_t products = 0;     ///< one purchase or more was expected
  double demand_within_80 = 0;    ///< of these, purchases inside their interval
  double demand_error = 0;        ///< sum of errors by sum of purchases
  double demand_error_naive = 0;  ///< forecast: as in the horizon before
};

/// Stands at the first moment of `at`, knowing only what came before, then looks at the horizon.
/// Errors  invalid when nobody buys again; those of NeedModel::build().
[[nodiscard]] Result<NeedScore> score_needs(const Image& image, const Model& relations, Day at,
                                            const NeedOptions& options);

}  // namespace guanxi
