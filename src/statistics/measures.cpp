#include "statistics/measures.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "base/check.hpp"

namespace guanxi {
namespace {

std::vector<std::size_t> order_by_value(std::span<const double> values) {
  GUANXI_CHECK(std::ranges::all_of(values, [](double v) { return std::isfinite(v); }),
               "measures are of finite values");
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  return order;
}

/// First position after `begin` whose value differs.
std::size_t end_of_tie(std::span<const double> values, std::span<const std::size_t> order,
                       std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < order.size() && values[order[end]] == values[order[begin]]) {
    ++end;
  }
  return end;
}

}  // namespace

std::vector<double> midranks(std::span<const double> values) {
  const std::vector<std::size_t> order = order_by_value(values);
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    const std::size_t end = end_of_tie(values, order, begin);
    const double rank = 0.5 * static_cast<double>(begin + end + 1);
    for (std::size_t i = begin; i < end; ++i) {
      ranks[order[i]] = rank;
    }
    begin = end;
  }
  return ranks;
}

std::optional<double> auc(std::span<const double> scores, std::span<const std::uint8_t> happened) {
  GUANXI_CHECK(scores.size() == happened.size(), "one outcome for each score");
  const std::vector<double> ranks = midranks(scores);
  double rank_sum = 0;
  double did = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (happened[i] != 0) {
      rank_sum += ranks[i];  // multiples of one half: exact below 2^52
      did += 1;
    }
  }
  const double did_not = static_cast<double>(ranks.size()) - did;
  if (did == 0 || did_not == 0) {
    return std::nullopt;
  }
  return (rank_sum - did * (did + 1) / 2) / (did * did_not);
}

std::optional<double> spearman(std::span<const double> a, std::span<const double> b) {
  GUANXI_CHECK(a.size() == b.size(), "pairs");
  const std::vector<double> ranks_a = midranks(a);
  const std::vector<double> ranks_b = midranks(b);
  const double mean = 0.5 * static_cast<double>(a.size() + 1);
  double both = 0;
  double spread_a = 0;
  double spread_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += (ranks_a[i] - mean) * (ranks_b[i] - mean);
    spread_a += (ranks_a[i] - mean) * (ranks_a[i] - mean);
    spread_b += (ranks_b[i] - mean) * (ranks_b[i] - mean);
  }
  if (spread_a == 0 || spread_b == 0) {
    return std::nullopt;
  }
  return both / (std::sqrt(spread_a) * std::sqrt(spread_b));
}

std::vector<double> rfm_rank_sums(std::span<const double> last_order_day,
                                  std::span<const double> orders, std::span<const double> money) {
  GUANXI_CHECK(last_order_day.size() == orders.size() && orders.size() == money.size(),
               "three figures of each person");
  std::vector<double> sums = midranks(last_order_day);
  for (const std::span<const double> part : {orders, money}) {
    const std::vector<double> ranks = midranks(part);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += ranks[i];
    }
  }
  return sums;
}

double quantile(std::span<const double> values, double share) {
  GUANXI_CHECK(!values.empty() && share >= 0 && share <= 1, "a quantile of something");
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(below);
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

std::vector<CalibrationBin> calibration_bins(std::span<const double> scores,
                                             std::span<const std::uint8_t> happened,
                                             std::uint32_t bins) {
  GUANXI_CHECK(scores.size() == happened.size() && bins > 0, "one outcome for each score");
  const std::vector<std::size_t> order = order_by_value(scores);
  const std::size_t n = order.size();
  std::vector<CalibrationBin> parts(bins);
  for (std::size_t begin = 0; begin < n;) {
    const std::size_t end = end_of_tie(scores, order, begin);
    // The tie goes where its midrank lies: floor(bins * (midrank - 1/2) / n), in integers.
    CalibrationBin& part = parts[bins * (begin + end) / (2 * n)];
    const double score = scores[order[begin]];
    part.score_least = part.people == 0 ? score : part.score_least;
    part.score_most = score;
    part.people += end - begin;
    part.score_mean += score * static_cast<double>(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      part.share_happened += happened[order[i]] != 0 ? 1 : 0;
    }
    begin = end;
  }
  std::erase_if(parts, [](const CalibrationBin& part) { return part.people == 0; });
  for (CalibrationBin& part : parts) {
    part.score_mean /= static_cast<double>(part.people);
    part.share_happened /= static_cast<double>(part.people);
  }
  return parts;
}

}  // namespace guanxi
