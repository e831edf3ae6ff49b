#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "events/event_source.hpp"

namespace guanxi {

/// The size and the chance of a made-up brand.
struct SimulationOptions {
  std::uint32_t people = 0;       ///< 0: as many as `events_most` asks for
  std::uint64_t events_most = 0;  ///< 0: no bound; else the first so many are given
  std::uint64_t seed = 1;
  Day first_day{19089};            ///< 2022-04-07
  std::uint32_t days = 1000;       ///< so the last one is 2024-12-31
  std::int32_t zone_s = 8 * 3600;  ///< the brand's clocks stand so much east of Greenwich
  unsigned threads = 1;            ///< that make lives ahead of the reader
};

/// A made-up brand's whole life: a house of tea, its people, and everything between them. People
/// have a latent trust (latent.hpp) that the events reflect.
///
/// Place       The command `simulate`, the demo brand, tests and benchmarks.
/// Invariants  Integers only and no chance but the seed: the same bytes on every machine and with
///             any number of threads. A person's life depends on (seed, days, number) alone; so
///             more people leave the lives of the first ones as they were.
///             Blocks of 16,384 people follow each other; within a block events are in order of
///             time. Everything that kind.hpp knows occurs, but for what Guanxi makes itself.
/// Threads     One owner; `threads` of its own behind it.
class Simulation final : public EventSource {
 public:
  static constexpr std::uint32_t kBlockPeople = 16'384;
  static constexpr std::uint32_t kPeopleMost = 100'000'000;
  static constexpr std::uint64_t kEventsMost = 1'000'000'000;

  /// Errors: invalid, naming the option and what is valid.
  [[nodiscard]] static Result<std::unique_ptr<Simulation>> open(const SimulationOptions& options);
  ~Simulation() override;

  [[nodiscard]] Result<bool> next(EventBatch& batch, std::vector<Refusal>& refused) override;
  [[nodiscard]] SourceProgress progress() const override;
  /// People whose lives have been given so far, the last ones maybe in part.
  [[nodiscard]] std::uint32_t people() const;

 private:
  class Work;
  explicit Simulation(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

/// What was written.
struct SimulationReport {
  std::uint64_t people = 0;
  std::uint64_t events = 0;
  std::uint64_t truth_rows = 0;
};

/// Writes the events to `path` (.ndjson: canonical JSON lines; .parquet:
/// docs/formats/events-parquet.md) and, when `truth_path` is not empty, what nobody can see beside
/// it (.ndjson, .csv or .parquet): person, day, latent_trust (0 to 1), latent_stage (0 to 4) and
/// orders_a_month, month by month of each life.
/// `progress` is called now and then with the events written.
/// Errors: invalid options or endings; unavailable when the disk refuses.
[[nodiscard]] Result<SimulationReport> write_simulation(
    const SimulationOptions& options, const std::string& path, const std::string& truth_path = "",
    const std::function<void(std::uint64_t events)>& progress = {});

}  // namespace guanxi
