// Needs and demand of the made-up brand, worked out beside everything else.
#include "engine/need_desk.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "relationship/shipped_models.hpp"
#include "simulation/simulation.hpp"

namespace guanxi {
namespace {

class NeedDeskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / "guanxi_need_desk";
    std::filesystem::remove_all(folder_);
    auto engine = Engine::open(
        {.folder = folder_.string(), .default_model_toml = std::string(shipped_model("retail"))});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::shared_ptr<Engine>(std::move(*engine));
  }
  void TearDown() override {
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }
  void live(std::uint32_t people) {
    SimulationOptions options;
    options.people = people;
    auto simulation = Simulation::open(options);
    ASSERT_TRUE(simulation);
    ASSERT_TRUE(engine_->import(**simulation, {.name = "brand", .key = "brand"}));
  }
  /// Until something has ended.
  static void wait(const NeedDesk& desk) {
    while (desk.current() || !desk.last()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  std::filesystem::path folder_;
  std::shared_ptr<Engine> engine_;
};

TEST_F(NeedDeskTest, WorksOutTheMadeUpBrandByItself) {
  live(600);
  NeedDesk desk(engine_, {});
  wait(desk);
  const auto report = desk.latest();
  ASSERT_NE(report, nullptr) << desk.last()->message;
  EXPECT_EQ(report->model->note(), "");
  EXPECT_EQ(report->model->day(), engine_->read().image().as_of());
  std::size_t titled = 0;
  for (std::uint32_t product = 0; product < report->titles.size(); ++product) {
    titled += report->titles[product].empty() ? 0U : 1U;
  }
  EXPECT_GT(titled, 20U);
  const ReadAccess access = engine_->read();
  ASSERT_NE(access.image().next_needs(), nullptr);
  EXPECT_EQ(&access.image().next_needs()->model(), report->model.get());
}

TEST_F(NeedDeskTest, WorksOnlyWhenAskedAndWithTheHorizonAskedFor) {
  live(100);
  NeedDesk desk(engine_, {.by_itself = false});
  EXPECT_EQ(desk.latest(), nullptr);
  EXPECT_FALSE(desk.cancel());
  EXPECT_FALSE(desk.rebuild(400).has_value());
  ASSERT_TRUE(desk.rebuild(14).has_value());
  wait(desk);
  ASSERT_NE(desk.latest(), nullptr);
  EXPECT_EQ(desk.latest()->model->horizon_days(), 14U);
}

TEST_F(NeedDeskTest, StopsWhenToldAndKeepsWhatItHad) {
  live(300);
  NeedDesk desk(engine_, {.by_itself = false});
  ASSERT_TRUE(desk.rebuild().has_value());
  wait(desk);
  const auto before = desk.latest();
  ASSERT_NE(before, nullptr);
  ASSERT_TRUE(desk.rebuild().has_value());
  EXPECT_FALSE(desk.rebuild().has_value()) << "one at a time";
  EXPECT_TRUE(desk.cancel());
  while (desk.current()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(desk.latest(), before);
  desk.stop();
}

TEST_F(NeedDeskTest, SaysWhyNothingCanBeKnown) {
  NeedDesk desk(engine_, {.by_itself = false});
  ASSERT_TRUE(desk.rebuild().has_value());
  wait(desk);
  EXPECT_FALSE(*desk.last()->ok);
  EXPECT_EQ(desk.latest(), nullptr);
}

}  // namespace
}  // namespace guanxi
