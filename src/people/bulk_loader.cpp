#include <algorithm>
#include <mutex>

#include "base/check.hpp"
#include "people/image.hpp"
#include "relationship/encounter.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kBlock = TimelineStore::kPeoplePerSlab;
constexpr std::size_t kChunkEvents = 1024;
constexpr std::size_t kFewEvents = 8;  // compared one with another instead of through a table

/// A run of events of one block of people, staged in the order in which they came.
struct Chunk {
  std::span<std::uint16_t> rows;  // each event's person, by index within the block
  std::span<CompactEvent> events;
  std::size_t size = 0;
};

/// Memory for chunks, given back chunk by chunk, so that what is staged goes as what is placed
/// comes.
class ChunkStore {
 public:
  Chunk take() {
    if (used_ == kChunksPerRun) {
      runs_.emplace_back(kChunksPerRun * kChunkBytes, false);
      used_ = 0;
    }
    std::byte* place = runs_.back().bytes().data() + used_++ * kChunkBytes;
    void* events = place;
    void* rows = place + kChunkEvents * sizeof(CompactEvent);
    return Chunk{{static_cast<std::uint16_t*>(rows), kChunkEvents},
                 {static_cast<CompactEvent*>(events), kChunkEvents}};
  }
  void give_back(const Chunk& chunk) const {
    const std::byte* place = std::as_bytes(chunk.events).data();
    for (const Pages& run : runs_) {
      const std::byte* first = run.bytes().data();
      if (place >= first && place < first + run.bytes().size()) {
        run.forget(static_cast<std::size_t>(place - first), kChunkBytes);
      }
    }
  }

 private:
  static constexpr std::size_t kChunkBytes = 9 * Pages::kPageBytes;
  static_assert(kChunkBytes >= kChunkEvents * (sizeof(CompactEvent) + sizeof(std::uint16_t)));
  static constexpr std::size_t kChunksPerRun = 512;
  std::vector<Pages> runs_;
  std::size_t used_ = kChunksPerRun;
};

struct Counts {
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
};

// Canonical order; of the events of one identity and moment the first to arrive stands first.
bool arrives_before(const CompactEvent& a, const CompactEvent& b) {
  if (before(a, b) || before(b, a)) {
    return before(a, b);
  }
  return a.ordinal() < b.ordinal();
}

// Finds events of one identity in a timeline and keeps the first to arrive of each.
class RepeatFinder {
 public:
  // Moves what stays to the front and returns how many that are. What goes is added to `dropped`.
  std::size_t drop_repeats(std::span<CompactEvent> events, Counts& counts,
                           std::vector<CompactEvent>* dropped) {
    gone_.assign(events.size(), 0);
    const bool any = events.size() <= kFewEvents ? compare_all(events, counts)
                                                 : compare_by_table(events, counts);
    if (!any) {
      return events.size();
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (gone_[i] == 0) {
        events[kept++] = events[i];
      } else if (dropped != nullptr) {
        dropped->push_back(events[i]);
      }
    }
    return kept;
  }

 private:
  // Returns the one that stays.
  std::size_t settle(std::span<CompactEvent> events, std::size_t a, std::size_t b, Counts& counts) {
    const std::size_t loser = events[b].ordinal() < events[a].ordinal() ? a : b;
    gone_[loser] = 1;
    ++(same_message(events[a], events[b]) ? counts.duplicates : counts.conflicts);
    return loser == a ? b : a;
  }

  bool compare_all(std::span<CompactEvent> events, Counts& counts) {
    bool any = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
      for (std::size_t j = i + 1; j < events.size() && gone_[i] == 0; ++j) {
        if (gone_[j] == 0 && events[i].id_hash() == events[j].id_hash()) {
          settle(events, i, j, counts);
          any = true;
        }
      }
    }
    return any;
  }

  bool compare_by_table(std::span<CompactEvent> events, Counts& counts) {
    std::size_t size = 32;
    while (size < events.size() * 2) {
      size *= 2;
    }
    table_.assign(size, 0);
    bool any = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
      std::size_t slot = events[i].id_hash() & (size - 1);
      while (table_[slot] != 0 && events[table_[slot] - 1].id_hash() != events[i].id_hash()) {
        slot = (slot + 1) & (size - 1);
      }
      std::size_t stays = i;
      if (table_[slot] != 0) {
        stays = settle(events, table_[slot] - 1, i, counts);
        any = true;
      }
      table_[slot] = static_cast<std::uint32_t>(stays + 1);
    }
    return any;
  }

  std::vector<std::uint8_t> gone_;
  std::vector<std::uint32_t> table_;
};

// One worker's scratch: the events of one block of people, grouped by person.
struct Bench {
  EventMemory events;
  std::size_t capacity = 0;
  std::vector<std::uint32_t> begin;
  std::vector<std::uint32_t> fill;
  RepeatFinder repeats;
  std::vector<CompactEvent> dropped;  // of people with several ids
  Counts counts;

  void reserve(std::size_t wanted) {
    if (capacity < wanted) {
      capacity = wanted + wanted / 4;
      events = EventMemory(capacity);
    }
  }
};

}  // namespace

struct BulkLoader::Stage {
  Image* image = nullptr;
  ChunkStore chunks;
  std::vector<std::vector<Chunk>> blocks;  // by block of people
  std::vector<std::vector<CompactEvent>> nobody;
  std::vector<Image::Referral> referrals;
  std::uint64_t pushed = 0;
  std::uint64_t nobody_pushed = 0;
  std::uint32_t last_s = 0;
  std::mutex store;
  bool finished = false;

  // Blocks are numbered so that each is the home of one slab of one shard.
  [[nodiscard]] std::size_t block_of(PersonRef person) const {
    return std::size_t{person.index / kBlock} * image->shards() + person.shard;
  }
  void gather(std::size_t block, Bench& bench) const;
  void order(std::size_t block, Bench& bench) const;
  void place(std::size_t block, Bench& bench);
  [[nodiscard]] std::span<Timeline> timelines(std::size_t block) const;
  void settle_nobody(std::size_t part, Counts& counts) const;
};

BulkLoader::BulkLoader(Image& image) : stage_(std::make_unique<Stage>()) { stage_->image = &image; }
BulkLoader::~BulkLoader() = default;
BulkLoader::BulkLoader(BulkLoader&&) noexcept = default;

BulkLoader Image::begin_bulk() { return BulkLoader(*this); }

void BulkLoader::push(PersonRef person, const CompactEvent& event) {
  Stage& stage = *stage_;
  const std::size_t block = stage.block_of(person);
  if (block >= stage.blocks.size()) {
    stage.blocks.resize(block + 1);
  }
  auto& chunks = stage.blocks[block];
  if (chunks.empty() || chunks.back().size == kChunkEvents) {
    chunks.push_back(stage.chunks.take());
  }
  Chunk& chunk = chunks.back();
  chunk.rows[chunk.size] = static_cast<std::uint16_t>(person.index % kBlock);
  chunk.events[chunk.size++] = event;
  ++stage.pushed;
  stage.last_s = std::max(stage.last_s, event.occurred_s());
  if (is_referral(event)) {
    stage.referrals.push_back(Image::Referral{event.subject(), stage.image->number_of(person)});
  }
}

void BulkLoader::push_nobody(const CompactEvent& event) {
  stage_->nobody.resize(Image::kNobodyParts);
  stage_->nobody[event.id_hash() >> 54U].push_back(event);
  ++stage_->pushed;
  ++stage_->nobody_pushed;
}

std::uint64_t BulkLoader::pushed() const { return stage_->pushed; }

std::span<Timeline> BulkLoader::Stage::timelines(std::size_t block) const {
  std::vector<Timeline>& all = image->shards_[block % image->shards()].timelines;
  const std::size_t first = std::min(all.size(), block / image->shards() * kBlock);
  return std::span(all).subspan(first, std::min<std::size_t>(kBlock, all.size() - first));
}

// Counting sort by person: what stands there already first, then what came, in order of coming.
void BulkLoader::Stage::gather(std::size_t block, Bench& bench) const {
  const std::span<Timeline> people = timelines(block);
  bench.begin.assign(people.size() + 1, 0);
  for (std::size_t row = 0; row < people.size(); ++row) {
    bench.begin[row + 1] = people[row].size;
  }
  for (const Chunk& chunk : blocks[block]) {
    for (std::size_t i = 0; i < chunk.size; ++i) {
      ++bench.begin[chunk.rows[i] + 1U];
    }
  }
  for (std::size_t row = 0; row < people.size(); ++row) {
    bench.begin[row + 1] += bench.begin[row];
  }
  bench.reserve(bench.begin.back());
  bench.fill.assign(bench.begin.begin(), bench.begin.end() - 1);
  for (std::size_t row = 0; row < people.size(); ++row) {
    const std::span<const CompactEvent> there = people[row].events();
    std::copy(there.begin(), there.end(), bench.events.get() + bench.fill[row]);
    bench.fill[row] += people[row].size;
  }
  for (const Chunk& chunk : blocks[block]) {
    for (std::size_t i = 0; i < chunk.size; ++i) {
      bench.events.get()[bench.fill[chunk.rows[i]]++] = chunk.events[i];
    }
  }
}

// Each person's run into canonical order without repeats; fill[row] becomes its length.
void BulkLoader::Stage::order(std::size_t block, Bench& bench) const {
  const auto shard = static_cast<std::uint32_t>(block % image->shards());
  const auto first = static_cast<std::uint32_t>(block / image->shards() * kBlock);
  for (std::size_t row = 0; row + 1 < bench.begin.size(); ++row) {
    const std::span<CompactEvent> run(bench.events.get() + bench.begin[row],
                                      bench.begin[row + 1] - bench.begin[row]);
    if (!std::is_sorted(run.begin(), run.end(), arrives_before)) {
      std::stable_sort(run.begin(), run.end(), arrives_before);
    }
    const std::uint32_t person =
        image->number_of(PersonRef{shard, first + static_cast<std::uint32_t>(row)});
    const bool several = image->identity_.has_several_ids(person);
    bench.fill[row] = static_cast<std::uint32_t>(
        bench.repeats.drop_repeats(run, bench.counts, several ? &bench.dropped : nullptr));
  }
}

void BulkLoader::Stage::place(std::size_t block, Bench& bench) {
  const std::span<Timeline> people = timelines(block);
  std::size_t total = 0;
  for (std::size_t row = 0; row < people.size(); ++row) {
    total += bench.fill[row];
  }
  EventMemory slab(total);
  CompactEvent* at = slab.get();
  std::vector<Timeline> placed(people.size());
  for (std::size_t row = 0; row < people.size(); ++row) {
    placed[row] = Timeline{at, bench.fill[row], 0};
    at = std::copy_n(bench.events.get() + bench.begin[row], bench.fill[row], at);
  }
  for (const Chunk& chunk : blocks[block]) {
    chunks.give_back(chunk);
  }
  blocks[block].clear();
  blocks[block].shrink_to_fit();
  const std::lock_guard lock(store);
  TimelineStore& home = image->shards_[block % image->shards()].store;
  for (std::size_t row = 0; row < people.size(); ++row) {
    home.release(people[row]);
    people[row] = placed[row];
  }
  home.set_slab(static_cast<std::uint32_t>(block / image->shards()), std::move(slab), total);
}

void BulkLoader::Stage::settle_nobody(std::size_t part, Counts& counts) const {
  std::vector<CompactEvent>& there = image->nobody_[part];
  const std::vector<CompactEvent>& come = nobody[part];
  if (come.empty()) {
    return;
  }
  there.reserve(there.size() + come.size());
  there.insert(there.end(), come.begin(), come.end());
  std::stable_sort(there.begin(), there.end(), [](const CompactEvent& a, const CompactEvent& b) {
    return a.id_hash() != b.id_hash() ? a.id_hash() < b.id_hash() : a.ordinal() < b.ordinal();
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (kept > 0 && there[kept - 1].id_hash() == there[i].id_hash()) {
      ++(same_message(there[kept - 1], there[i]) ? counts.duplicates : counts.conflicts);
    } else {
      there[kept++] = there[i];
    }
  }
  there.resize(kept);
  there.shrink_to_fit();
}

BulkOutcome BulkLoader::finish(unsigned threads, const Progress& progress) {
  Stage& stage = *stage_;
  GUANXI_CHECK(!stage.finished, "a bulk load is finished once");
  stage.finished = true;
  const unsigned workers = threads == 0 ? default_threads() : threads;
  std::vector<Bench> benches(workers);
  for_each_item(
      stage.blocks.size(), workers,
      [&](unsigned worker, std::size_t block) {
        if (!stage.blocks[block].empty()) {
          stage.gather(block, benches[worker]);
          stage.order(block, benches[worker]);
          stage.place(block, benches[worker]);
        }
      },
      progress);
  for_each_item(stage.nobody_pushed == 0 ? 0 : Image::kNobodyParts, workers,
                [&](unsigned worker, std::size_t part) {
                  stage.settle_nobody(part, benches[worker].counts);
                });
  BulkOutcome outcome;
  outcome.offered = stage.pushed;
  for (const Bench& bench : benches) {
    outcome.duplicates += bench.counts.duplicates;
    outcome.conflicts += bench.counts.conflicts;
    for (const CompactEvent& event : bench.dropped) {
      stage.image->repeats_.emplace(event.id_hash(), event);
    }
  }
  outcome.added = outcome.offered - outcome.duplicates - outcome.conflicts;
  stage.image->loaded(std::move(stage.referrals), stage.last_s);
  return outcome;
}

}  // namespace guanxi
