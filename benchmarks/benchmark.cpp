// Measures the fold, what-if and counting in memory, each beside DuckDB in the same run, and
// times DuckDB alone where `guanxi` itself is timed from outside (run.sh).
//
//   guanxi_benchmark memory EVENTS DAYS FILE.parquet   fold, what-if, count; FILE holds the same
//   guanxi_benchmark sort FILE.parquet                 DuckDB reads and sorts
//   guanxi_benchmark retail 'FILES'                    DuckDB reads Online Retail II: RFM
//
// Lines of the answer are rows of a markdown table.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analytics/duckdb.hpp"
#include "people/survey.hpp"
#include "people/validation.hpp"
#include "relationship/fold_memory.hpp"
#include "relationship/shipped_models.hpp"
#include "rivals.hpp"
#include "simulation/simulation.hpp"

namespace guanxi {
namespace {

constexpr int kRounds = 5;
constexpr unsigned kThreads = 2;
constexpr std::uint64_t kMemoryBytes = 14ULL << 30U;  // beside our own image in 24 GiB

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double median_s(int rounds, const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    times.push_back(seconds_of(work));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(result).value();
}
void must(const Result<void>& result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
}

void row(const std::string& what, const std::string& ours, const std::string& rival,
         const std::string& ratio) {
  std::printf("| %s | %s | %s | %s |\n", what.c_str(), ours.c_str(), rival.c_str(), ratio.c_str());
  std::fflush(stdout);
}

std::string figure(double value, int decimals, const char* unit) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, value, unit);
  return text.data();
}

/// DuckDB with so many threads, and the table of events in it.
///
/// Place       One a run.
/// Threads     One owner.
class Rival {
 public:
  Rival()
      : connection_(must(Connection::open(must(Database::open(
            {.threads = kThreads, .memory_bytes_most = kMemoryBytes, .files = true}))))) {}
  void run(const std::string& sql) { must(connection_->run(sql)); }
  void threads(unsigned count) { run("SET threads = " + std::to_string(count)); }

 private:
  std::unique_ptr<Connection> connection_;
};

void load(const std::string& parquet_events, std::uint32_t days, Image& image) {
  SimulationOptions options;
  options.events_most = std::strtoull(parquet_events.c_str(), nullptr, 10);
  options.days = days;
  options.threads = kThreads;
  auto source = must(Simulation::open(options));
  BulkLoader loader = image.begin_bulk();
  std::vector<Refusal> refused;
  std::uint32_t ordinal = 0;
  while (true) {
    EventBatch batch;
    if (!must(source->next(batch, refused))) {
      break;
    }
    for (const Event& event : batch.events) {
      const std::uint32_t subject =
          event.subject.empty() ? 0 : image.subjects().intern(event.subject);
      const CompactEvent compacted = compact(event, subject, ordinal++);
      if (event.person.value.empty()) {
        loader.push_nobody(compacted);
      } else {
        loader.push(image.find_or_add(event.person), compacted);
      }
    }
  }
  static_cast<void>(loader.finish(kThreads));
}

// Folds every timeline on this thread; the sum of what came out keeps the compiler honest.
std::uint64_t fold_all(const Image& image, const Model& model, Day day) {
  FoldMemory memory;
  std::uint64_t sum = 0;
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for (std::uint32_t i = 0; i < image.people(shard); ++i) {
      const State state = fold(image.timeline({shard, i}), model, day, memory);
      sum += static_cast<std::uint64_t>(state.tier) + state.orders;
    }
  }
  return sum;
}

void measure_fold(const Image& image, const Model& model, Day day, Rival& rival) {
  const double events = static_cast<double>(image.events() + image.derived_events());
  std::uint64_t sum = 0;
  const double ours = median_s(kRounds, [&] { sum += fold_all(image, model, day); });
  rival.threads(1);
  const std::string sql = rivals::tiers(day.number, static_cast<long>(model.typical_order_minor));
  const double theirs = median_s(3, [&] { rival.run(sql); });
  row("fold, one core" + std::string(sum == 0 ? " (nothing?)" : ""),
      figure(events / ours / 1e6, 1, "M events/s"), figure(events / theirs / 1e6, 1, "M events/s"),
      figure(theirs / ours, 1, "x"));
}

void measure_what_if(const Image& image, const Model& model, Day day, Rival& rival) {
  const Model draft = must(Model::parse(shipped_model("subscription"))).with(model.calibration);
  WhatIfOptions options;
  options.threads = kThreads;
  const double ours =
      median_s(kRounds, [&] { static_cast<void>(what_if(image, model, draft, day, options)); });
  rival.threads(kThreads);
  const double theirs = median_s(3, [&] { rival.run(rivals::rfm()); });
  row("what-if, 2 threads (rival: bare RFM)", figure(ours, 2, "s"), figure(theirs, 2, "s"),
      figure(theirs / ours, 2, "x"));
}

void measure_count(const Image& image, Day day, Rival& rival) {
  const Expression where = must(Expression::parse(
      "tier >= weak and index > 20 and silence_days < 120 and orders >= 3 and trust > 0.5"));
  std::uint64_t found = 0;
  const double ours = median_s(21, [&] { found += count(image, where, kThreads); });
  const double theirs = median_s(21, [&] { rival.run(rivals::five_conditions(day.number)); });
  row("count by five conditions, 2 threads" + std::string(found == 0 ? " (none?)" : ""),
      figure(ours * 1e3, 2, "ms"), figure(theirs * 1e3, 2, "ms"), figure(theirs / ours, 1, "x"));
}

void measure_memory(const std::string& events, std::uint32_t days, const std::string& parquet) {
  Image image;
  load(events, days, image);
  const Model stated = must(Model::parse(shipped_model("retail")));
  const Day day = stated.zone.day_of(image.last_event_at());
  const Model model = stated.with(calibration_at(image, stated, day));
  image.refold(model, day, kThreads);
  std::printf("| events %llu, people %u | | | |\n", static_cast<unsigned long long>(image.events()),
              image.people());
  const MemoryUse memory = image.memory();
  row("memory", figure(memory.bytes_per_event(), 1, "bytes an event"), "",
      figure(memory.bytes_per_person(), 1, "bytes a person"));
  Rival rival;
  rival.run(rivals::load(parquet));
  measure_fold(image, model, day, rival);
  measure_what_if(image, model, day, rival);
  rival.run(rivals::people());
  measure_count(image, day, rival);
}

}  // namespace
}  // namespace guanxi

int main(int count, char** values) {
  const std::vector<std::string> words(values + 1, values + count);
  using namespace guanxi;
  if (words.size() == 4 && words[0] == "memory") {
    measure_memory(words[1], static_cast<std::uint32_t>(std::atoi(words[2].c_str())), words[3]);
  } else if (words.size() == 2 && (words[0] == "sort" || words[0] == "retail")) {
    Rival rival;
    const std::string sql =
        words[0] == "sort" ? rivals::read_and_sort(words[1]) : rivals::online_retail(words[1]);
    std::printf("%.2f\n", seconds_of([&] { rival.run(sql); }));
  } else {
    std::fprintf(stderr, "see benchmarks/run.sh\n");
    return 2;
  }
  return 0;
}
