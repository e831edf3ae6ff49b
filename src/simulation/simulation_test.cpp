#include "simulation/simulation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "base/hash.hpp"
#include "events/decode.hpp"
#include "events/event_equal.hpp"
#include "events/event_json.hpp"
#include "events/kind_table.hpp"
#include "platform/disk.hpp"
#include "simulation/latent.hpp"

namespace guanxi {
namespace {

SimulationOptions brand(std::uint32_t people, std::uint64_t seed = 1) {
  SimulationOptions options;
  options.people = people;
  options.seed = seed;
  return options;
}

// Every event's JSON line, and the events of it by kind.
struct Told {
  std::string text;
  std::uint64_t events = 0;
  std::array<std::uint64_t, kEventKinds> kinds{};
};

Told tell(const SimulationOptions& options) {
  Told told;
  auto simulation = Simulation::open(options);
  EXPECT_TRUE(simulation) << simulation.error().message;
  std::vector<Refusal> refused;
  while (true) {
    EventBatch batch;
    const auto more = (*simulation)->next(batch, refused);
    EXPECT_TRUE(more);
    if (!more || !*more) {
      break;
    }
    for (const Event& event : batch.events) {
      told.text += event_json(event) + "\n";
      ++told.kinds.at(static_cast<std::size_t>(event.kind));
      ++told.events;
    }
  }
  EXPECT_TRUE(refused.empty());
  return told;
}

// A change of this number is a change of everybody's demo brand: say so in the commit.
TEST(Simulation, GivesTheSameBytesEverywhere) {
  const Told told = tell(brand(300));
  EXPECT_EQ(hash64(told.text), 1068795842380281076ULL) << told.events << " events; begins\n"
                                     << told.text.substr(0, 2000);
}

TEST(Simulation, AnyNumberOfThreadsGivesTheSame) {
  SimulationOptions options = brand(Simulation::kBlockPeople + 50);
  options.days = 120;
  const std::uint64_t one = hash64(tell(options).text);
  options.threads = 2;
  EXPECT_EQ(hash64(tell(options).text), one);
  options.seed = 2;
  EXPECT_NE(hash64(tell(options).text), one);
}

TEST(Simulation, MorePeopleLeaveTheFirstOnesAsTheyWere) {
  const std::string few = tell(brand(50)).text;
  const std::string many = tell(brand(400)).text;
  std::size_t begin = 0;
  std::size_t lines = 0;
  while (begin < few.size()) {
    const std::size_t end = few.find('\n', begin);
    ASSERT_NE(many.find(few.substr(begin, end - begin + 1)), std::string::npos);
    begin = end + 1;
    ++lines;
  }
  EXPECT_GT(lines, 300U);
}

TEST(Simulation, KnowsEveryKindThatCanComeFromOutside) {
  const Told told = tell(brand(4000));
  for (const KindEntry& entry : kind_table()) {
    const std::uint64_t count = told.kinds.at(static_cast<std::size_t>(entry.kind));
    if (entry.derived) {
      EXPECT_EQ(count, 0U) << entry.title;
    } else {
      EXPECT_GT(count, 0U) << entry.title;
    }
  }
  EXPECT_GT(told.events, 50'000U);
  EXPECT_LT(told.events, 250'000U);
}

TEST(Simulation, EveryEventIsAdmittedAndComesBackTheSame) {
  auto simulation = Simulation::open(brand(300, 7));
  ASSERT_TRUE(simulation);
  EventBatch made;
  std::vector<Refusal> refused;
  ASSERT_TRUE((*simulation)->next(made, refused));
  Decoder decoder;
  DecodeContext own;
  own.own_export = true;
  DecodeContext outside;
  outside.received_at = Instant{1'800'000'000};
  for (const Event& event : made.events) {
    EventBatch back;
    const std::string json = event_json(event);
    decoder.decode_json(json, own, back, refused);
    decoder.decode_json(json, outside, back, refused);
    ASSERT_TRUE(refused.empty()) << refused.front().reason << "\n" << json;
    ASSERT_EQ(back.size(), 2U) << json;
    EXPECT_EQ(first_difference(event, back.events[0]), "") << json;
    back.events[1].received_at = event.received_at;
    EXPECT_EQ(first_difference(event, back.events[1]), "") << json;
  }
}

TEST(Simulation, GivesNoMoreEventsThanAskedFor) {
  SimulationOptions options;
  options.events_most = 10'001;
  EXPECT_EQ(tell(options).events, 10'001U);
  options.people = 20;
  EXPECT_LT(tell(options).events, 10'001U);
}

TEST(Simulation, RefusesWhatCannotBe) {
  EXPECT_FALSE(Simulation::open(SimulationOptions{}));
  SimulationOptions options = brand(10);
  options.days = 0;
  EXPECT_FALSE(Simulation::open(options));
  options.days = 100'000;
  EXPECT_FALSE(Simulation::open(options));
}

TEST(Simulation, TakesPlaceWithinItsDays) {
  SimulationOptions options = brand(200);
  options.first_day = Day{19000};
  options.days = 90;
  auto simulation = Simulation::open(options);
  ASSERT_TRUE(simulation);
  EventBatch batch;
  std::vector<Refusal> refused;
  ASSERT_TRUE((*simulation)->next(batch, refused));
  const std::int64_t begin = 19000 * kSecondsPerDay - options.zone_s;
  for (const Event& event : batch.events) {
    EXPECT_GE(event.occurred_at.seconds, begin);
    EXPECT_LT(event.occurred_at.seconds, begin + 90 * kSecondsPerDay);
  }
}

TEST(WriteSimulation, WritesEventsAndTheTruthBesideThem) {
  const auto folder = std::filesystem::temp_directory_path() / "guanxi_write_simulation";
  std::filesystem::create_directories(folder);
  const std::string events = (folder / "brand.ndjson").string();
  const std::string truth = (folder / "truth.csv").string();
  const auto report = write_simulation(brand(100), events, truth);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->people, 100U);
  const auto text = read_file(real_disk(), events);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, tell(brand(100)).text);
  const auto told = read_file(real_disk(), truth);
  ASSERT_TRUE(told);
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(told->begin(), told->end(), '\n')),
            report->truth_rows + 1);
  const auto parquet = write_simulation(brand(100), (folder / "brand.parquet").string(),
                                        (folder / "truth.parquet").string());
  ASSERT_TRUE(parquet) << parquet.error().message;
  EXPECT_EQ(parquet->events, report->events);
  EXPECT_EQ(parquet->truth_rows, report->truth_rows);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace guanxi
