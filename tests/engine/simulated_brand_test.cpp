// The made-up brand, taken in by the engine under the default model: it looks like a living one,
// and what nobody can see shows in what the fold computes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "relationship/shipped_models.hpp"
#include "simulation/latent.hpp"
#include "simulation/simulation.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kPeople = 4000;

// Places in ascending order, equals sharing their mean (times two, to stay whole).
std::vector<std::int64_t> ranks(const std::vector<std::int64_t>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<std::int64_t> rank(values.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && values[order[to]] == values[order[from]]) {
      ++to;
    }
    for (std::size_t i = from; i < to; ++i) {
      rank[order[i]] = static_cast<std::int64_t>(from + to - 1);
    }
    from = to;
  }
  return rank;
}

double spearman(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  const auto x = ranks(a);
  const auto y = ranks(b);
  const double mean = static_cast<double>(a.size() - 1);
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = static_cast<double>(x[i]) - mean;
    const double dy = static_cast<double>(y[i]) - mean;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / std::sqrt(xx * yy);
}

TEST(SimulatedBrand, LivesUnderTheDefaultModel) {
  const auto folder = std::filesystem::temp_directory_path() / "guanxi_simulated_brand";
  std::filesystem::remove_all(folder);
  auto engine = Engine::open(
      {.folder = folder.string(), .default_model_toml = std::string(shipped_model("retail"))});
  ASSERT_TRUE(engine) << engine.error().message;
  SimulationOptions options;
  options.people = kPeople;
  auto simulation = Simulation::open(options);
  ASSERT_TRUE(simulation);
  const auto report = (*engine)->import(**simulation, {.name = "brand", .key = "brand"});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->events, report->added);
  EXPECT_EQ(report->refused + report->conflicting + report->repeated, 0U);

  const ReadAccess access = (*engine)->read();
  const Image& image = access.image();
  ASSERT_EQ(image.people(), kPeople);
  for (int dimension = 0; dimension < kDimensions; ++dimension) {
    EXPECT_TRUE(access.model().observable(static_cast<Dimension>(dimension))) << dimension;
  }
  std::vector<std::int64_t> trust;
  std::vector<std::int64_t> index;
  std::array<int, kTiers> tiers{};
  for (std::uint32_t person = 0; person < kPeople; ++person) {
    const auto ref = image.find({IdNamespace::user, "u" + std::to_string(person + 1)});
    ASSERT_TRUE(ref);
    const LatentPath path = latent_path(options.seed, person, options.days);
    trust.push_back(path.trust[path.months - 1]);
    const Columns& columns = image.columns(ref->shard);
    index.push_back(columns.index_milli[ref->index]);
    ++tiers.at(columns.tier[ref->index]);
  }
  EXPECT_GT(spearman(trust, index), 0.4);
  EXPECT_GT(image.derived_events(), 100U) << "referrals show";
  for (int tier = 0; tier < kTiers; ++tier) {
    RecordProperty("tier" + std::to_string(tier), tiers.at(static_cast<std::size_t>(tier)));
    EXPECT_GE(tiers.at(static_cast<std::size_t>(tier)), 5) << tier;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace guanxi
