#include "simulation/simulation.hpp"

#include <algorithm>
#include <deque>
#include <future>

#include "simulation/life.hpp"
#include "simulation/render.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kRunEvents = 8192;
constexpr std::uint32_t kDaysMost = LatentPath::kMonthDays * (LatentPath::kMonthsMost - 1);

/// The lives of one block of people, cut into runs.
struct Block {
  std::vector<EventBatch> runs;
};

Block make_block(const SimulationOptions& options, std::uint32_t first, std::uint32_t people) {
  const BrandLife brand{options.seed, options.days};
  std::vector<Draft> drafts;
  drafts.reserve(std::size_t{people} * 24);
  for (std::uint32_t i = 0; i < people; ++i) {
    live(brand, first + i, drafts);
  }
  std::sort(drafts.begin(), drafts.end(), [](const Draft& a, const Draft& b) {
    if (a.at_s != b.at_s) {
      return a.at_s < b.at_s;
    }
    return a.person != b.person ? a.person < b.person : a.number < b.number;
  });
  const Renderer renderer(options.seed,
                          Instant{options.first_day.number * kSecondsPerDay - options.zone_s});
  Block block;
  for (std::size_t at = 0; at < drafts.size(); at += kRunEvents) {
    EventBatch& run = block.runs.emplace_back();
    const std::size_t end = std::min(at + kRunEvents, drafts.size());
    run.events.reserve(end - at);
    for (std::size_t i = at; i < end; ++i) {
      renderer.render(drafts[i], run);
    }
  }
  return block;
}

void append_copy(const EventBatch& from, EventBatch& to) {
  for (Event event : from.events) {
    for (std::string_view* text : {&event.message_id, &event.person.value,
                                   &event.also_known_as.value, &event.subject, &event.order_id}) {
      *text = to.keep(*text);
    }
    to.events.push_back(event);
  }
}

Result<void> check(const SimulationOptions& options) {
  if (options.people == 0 && options.events_most == 0) {
    return fail(ErrorCode::invalid, "say how many people, or how many events, to make up");
  }
  if (options.people > Simulation::kPeopleMost || options.events_most > Simulation::kEventsMost) {
    return fail(ErrorCode::invalid,
                "too many; valid: up to 100,000,000 people and 1,000,000,000 events");
  }
  if (options.days < 1 || options.days > kDaysMost) {
    return fail(ErrorCode::invalid, "a life of " + std::to_string(options.days) +
                                        " days; valid: 1 to " + std::to_string(kDaysMost));
  }
  if (options.first_day.number < 1 ||
      options.first_day.number + static_cast<std::int64_t>(options.days) > 49'000) {
    return fail(ErrorCode::invalid, "a first day of " + to_string(options.first_day) +
                                        "; valid: a life between 1970-01-02 and 2104-02-28");
  }
  return {};
}

}  // namespace

/// Makes blocks ahead, gives them in order.
///
/// Place       Simulation's inside.
/// Invariants  Block k holds the people from k * kBlockPeople on, whoever made it.
/// Threads     One owner; each block is made on a thread of its own.
class Simulation::Work {
 public:
  explicit Work(const SimulationOptions& options) : options_(options) {
    if (options_.people == 0) {
      options_.people = kPeopleMost;
    }
    if (options_.events_most == 0) {
      options_.events_most = kEventsMost;
    }
  }

  bool next(EventBatch& batch) {
    if (given_ >= options_.events_most || !advance()) {
      return false;
    }
    EventBatch& run = block_.runs[run_];
    const std::uint64_t room = options_.events_most - given_;
    if (run.events.size() > room) {
      run.events.resize(static_cast<std::size_t>(room));
    }
    given_ += run.size();
    if (batch.empty()) {
      batch = std::move(run);
    } else {
      append_copy(run, batch);
    }
    ++run_;
    return true;
  }

  [[nodiscard]] std::uint64_t given() const { return given_; }
  [[nodiscard]] std::uint64_t events_most() const {
    return options_.events_most == kEventsMost ? 0 : options_.events_most;
  }
  [[nodiscard]] std::uint32_t people() const { return people_given_; }

 private:
  // Sees to it that block_ has another run.
  bool advance() {
    while (run_ == block_.runs.size()) {
      while (ahead_.size() < std::max(options_.threads, 1U) && started_ < options_.people) {
        const std::uint32_t count = std::min(kBlockPeople, options_.people - started_);
        const auto policy = options_.threads > 1 ? std::launch::async : std::launch::deferred;
        ahead_.push_back({std::async(policy, make_block, options_, started_, count), count});
        started_ += count;
      }
      if (ahead_.empty()) {
        return false;
      }
      block_ = ahead_.front().block.get();
      people_given_ += ahead_.front().people;
      ahead_.pop_front();
      run_ = 0;
    }
    return true;
  }

  struct Ahead {
    std::future<Block> block;
    std::uint32_t people;
  };
  SimulationOptions options_;
  std::deque<Ahead> ahead_;
  Block block_;
  std::size_t run_ = 0;
  std::uint32_t started_ = 0;
  std::uint32_t people_given_ = 0;
  std::uint64_t given_ = 0;
};

Simulation::Simulation(std::unique_ptr<Work> work) : work_(std::move(work)) {}
Simulation::~Simulation() = default;

Result<std::unique_ptr<Simulation>> Simulation::open(const SimulationOptions& options) {
  GUANXI_TRY_VOID(check(options));
  return std::unique_ptr<Simulation>(new Simulation(std::make_unique<Work>(options)));
}

Result<bool> Simulation::next(EventBatch& batch, std::vector<Refusal>&) {
  return work_->next(batch);
}

SourceProgress Simulation::progress() const {
  SourceProgress progress;
  progress.part = "simulation";
  progress.rows = work_->given();
  progress.events = work_->given();
  progress.rows_total = work_->events_most();
  return progress;
}

std::uint32_t Simulation::people() const { return work_->people(); }

}  // namespace guanxi
